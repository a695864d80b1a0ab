"""Calls over HTTP as docs/protocol.md §1 has them: one POST with JSON, one answer, then the connection ends."""

import dataclasses
import http.client
import json

from . import deadline


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes    # as it came

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """(code, reason, field) of a refusal."""
        error = self.json.get("error")
        return error and (error["code"], error["reason"], error.get("field", ""))


def post(server, path, body=None, token=None, headers=None, source=None):
    """`body`: an object, or bytes sent as they are. `token` goes as bearer. `source`: the address that the call comes from."""
    data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    where = dict(host="127.0.0.1", port=server.port, timeout=deadline.SECONDS, source_address=(source, 0) if source else None)
    connection = http.client.HTTPSConnection(context=server.tls, **where) if server.tls else http.client.HTTPConnection(**where)
    try:
        connection.request("POST", path, data, {"Content-Type": "application/json", "Accept-Language": "en",
                                                **({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()

"""Every reason that a call over HTTP is refused with has a row: what is sent, and the answer."""

import asyncio
import concurrent.futures
import dataclasses
import http.client
import socket
import unittest
from typing import Optional

from support import auth, deadline
from support.calls import Answer, post
from support.cases import COUNCILLOR, UNLIMITED
from support.members import ADMINISTRATOR
from support.raw import RawSocket
from support.server import Server
from support.wire import Client

BODY_BYTES = 1024
KNOCK = {"name": "ei.ketaan", "password": "arvattu salasana 1"}


@dataclasses.dataclass
class Row:
    name: str
    status: int
    code: str
    reason: str
    field: str = ""
    path: str = "/auth/sign-in"
    body: object = None       # nothing: KNOCK
    headers: Optional[dict] = None


ROWS = [
    Row("no JSON", 400, "invalid", "body_malformed", body=b"{"),
    Row("no object", 400, "invalid", "body_malformed", body=b"[]"),
    Row("deep", 400, "invalid", "body_malformed", body=b'{"a":' * 10 + b"1" + b"}" * 10),
    Row("not UTF-8", 400, "invalid", "body_malformed", body=b'{"name":"\xff","password":"x"}'),
    Row("no name", 400, "invalid", "field_missing", "name", body={"password": "x"}),
    Row("no password", 400, "invalid", "field_missing", "password", body={"name": "x", "password": None}),
    Row("name that is no text", 400, "invalid", "field_not_text", "name", body={"name": 1, "password": "x"}),
    Row("device over the limit", 400, "invalid", "device_too_long", "device", body={**KNOCK, "device": "x" * 101}),
    Row("wrong credentials", 401, "unauthenticated", "credentials_invalid"),
    Row("no sign-in", 401, "unauthenticated", "token_invalid", path="/auth/sign-out"),
    Row("invitation that is not there", 404, "not_found", "invitation_not_found", "invitation", path="/auth/invitation",
        body={"invitation": "x"}),
    Row("nothing there", 404, "not_found", "path_not_found", path="/auth/nothing"),
    Row("another type of body", 415, "invalid", "content_type_not_json", headers={"Content-Type": "text/plain"}),
    Row("wants to be asked", 417, "invalid", "expectation_not_met", headers={"Expect": "100-continue"}),
    Row("too large", 413, "limited", "body_too_large", body=b" " * (BODY_BYTES + 1)),
    Row("foreign origin", 403, "forbidden", "origin_not_allowed", headers={"Origin": "https://evil.example"}),
    Row("sent by another site", 403, "forbidden", "origin_not_allowed", headers={"Sec-Fetch-Site": "cross-site"}),
    Row("cookie without an origin", 403, "forbidden", "origin_not_allowed", headers={"Cookie": "a=b"}),
    Row("client that a proxy garbles", 400, "malformed", "forwarded_malformed", headers={"Forwarded": "for=\"127"}),
]


def raw_call(server, text):
    """The answer to bytes that http.client would not send."""
    with socket.create_connection(("127.0.0.1", server.port), deadline.SECONDS) as connection:
        connection.sendall(text.encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Answer(response.status, dict(response.getheaders()), response.read())


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server({**UNLIMITED, **auth.UNHURRIED, "http.body_bytes": BODY_BYTES, "http.trusted_proxies": ["127.0.0.1"]})
        cls.addClassCleanup(cls.server.dispose)
        cls.server.start()

    def member(self, handle):
        async def come():
            async with Client(self.server.url, self.server.token(ADMINISTRATOR)) as sanna:
                return await auth.member(self.server, sanna, handle)

        return asyncio.run(come())

    def test_EveryRowOfTheTable(self):
        for row in ROWS:
            with self.subTest(row.name):
                answer = post(self.server, row.path, KNOCK if row.body is None else row.body, headers=row.headers)
                self.assertEqual((answer.status, answer.error), (row.status, (row.code, row.reason, row.field)))
                self.assertEqual(answer.headers["content-type"], "application/json")
                self.assertEqual(answer.headers["cache-control"], "no-store")
                self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
                self.assertEqual(answer.headers["connection"], "close")

    def test_OnlyPostsAreAnswered(self):
        for method in ("GET", "PUT", "DELETE"):
            answer = raw_call(self.server, f"{method} /auth/sign-in HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual((answer.status, answer.error), (405, ("invalid", "method_not_allowed", "")), method)

    def test_TwoHostsAreNoHttp(self):
        answer = raw_call(self.server, "POST /auth/sign-in HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Type: application/json\r\n\r\n")
        self.assertEqual((answer.status, answer.error), (400, ("malformed", "http_malformed", "")))

    def test_ChunkedBodyIsTheSame(self):
        body = b'{"name":"x"}'
        chunks = f"{len(body[:5]):x}\r\n{body[:5].decode()}\r\n{len(body[5:]):x}\r\n{body[5:].decode()}\r\n0\r\n\r\n"
        answer = raw_call(self.server, "POST /auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                       f"Transfer-Encoding: chunked\r\n\r\n{chunks}")
        self.assertEqual(answer.error, ("invalid", "field_missing", "password"))

    def test_TextsComeInTheLanguageThatIsWanted(self):
        texts = {language: post(self.server, "/auth/sign-in", KNOCK, headers={"Accept-Language": language}).json["error"]["text"]
                 for language in ("fi", "sv", "en")}
        self.assertEqual(len(set(texts.values())), 3, texts)
        self.assertEqual(post(self.server, "/auth/sign-in", KNOCK, headers={"Accept-Language": "de"}).json["error"]["text"], texts["fi"])

    def test_WrongCodeOfANewSecondFactorSetsNothing(self):
        member = self.member("koodi.kielo")
        made = post(self.server, "/auth/totp", {"password": member.password}, member.token).json
        self.assertTrue(made["uri"].startswith("otpauth://totp/Foorumi:koodi.kielo?secret=" + made["secret"]), made["uri"])
        wrong = post(self.server, "/auth/totp/confirm", {"password": member.password, "sealed": made["sealed"], "code": "12345"},
                     member.token)
        self.assertEqual((wrong.status, wrong.error), (400, ("invalid", "code_invalid", "code")))
        self.assertEqual(auth.sign_in(self.server, member.handle, member.password).json["second_factor"], "done")


class Crowded(unittest.TestCase):
    def test_MorePasswordsThanMayWaitAreRefusedForAMomentAndTheTryIsGivenBack(self):
        with Server({**UNLIMITED, "passwords.queue": 1, "passwords.passes": 16, "sign_in.address_tries": 10000,
                     "sign_in.account_tries": 1}) as server:
            names = [f"arvaus.{n}" for n in range(20)]
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                answers = list(pool.map(lambda name: auth.sign_in(server, name, "arvattu salasana"), names))
            busy = [n for n, answer in enumerate(answers) if answer.status == 503]
            self.assertTrue(busy, "they come at once")
            self.assertEqual({answers[n].error for n in busy}, {("unavailable", "sign_in_busy", "")})
            self.assertTrue(all(answers[n].json["error"]["retry_after_ms"] > 0 for n in busy))
            again = auth.sign_in(server, names[busy[0]], "arvattu salasana")
            self.assertEqual(again.status, 401, "a try that was not looked at does not count")

    def test_ConnectionOverTheLimitIsToldWhenToComeAgain(self):
        with Server({**UNLIMITED, "network.connections_per_address": 2}) as server:
            with RawSocket(server.port) as first, RawSocket(server.port) as second:
                for raw in (first, second):
                    raw.open(server.token(COUNCILLOR))
                answer = post(server, "/auth/sign-in", KNOCK)
                self.assertEqual((answer.status, answer.error[:2]), (503, ("unavailable", "too_many_connections")))
                self.assertGreater(int(answer.headers["retry-after"]), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

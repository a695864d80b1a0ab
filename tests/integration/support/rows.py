"""A table of what is refused: what is sent, the typed answer, and whether the connection stays."""

import contextlib
import dataclasses
from typing import Callable, Optional

from . import deadline
from .cases import COUNCILLOR, RawCase, World
from .raw import RawSocket, hello
from .server import Server
from .wire import pb

RETRIED = ("UNAVAILABLE", "OUTCOME_UNKNOWN")
CUT = 0  # the connection ends without a close frame


@dataclasses.dataclass
class Row:
    name: str
    send: Callable[[World], object]  # bytes of a frame (of the connection, unless connected), a pb.Request, a function of the raw socket
    code: str = ""
    reason: str = ""
    field: str = ""
    close: Optional[int] = None      # None: the connection stays
    connected: bool = True           # with the WebSocket's handshake; without it there is no connection that could stay
    signed_in: bool = True           # with Hello
    request_id: int = 7
    answer: Optional[Callable] = None  # of the test, the row and the raw socket: checks what comes where it is no Error
    options: Optional[dict] = None   # on a server of its own, with these


def nothing_else(test, row, raw):
    """Nothing is said but the close code."""


class RowCase(RawCase):
    def check_rows(self, rows, world):
        bystander = self.raw(self.token)
        for row in rows:
            with self.subTest(row.name):
                self.check(row, world)
                self.assert_works(bystander)

    def check(self, row, world):
        with self.server_for(row) as server, RawSocket(server.port) as raw:
            raw.server, raw.token = server, server.token(COUNCILLOR)
            self.prepare(raw)
            if row.connected:
                raw.open(raw.token if row.signed_in else None)
            self.send(row, raw, row.send(world))
            (row.answer or RowCase.typed_errors)(self, row, raw)
            self.assert_fate(row, raw)

    def prepare(self, raw):
        """For what a table's rows need beside the bytes."""

    def server_for(self, row):
        return contextlib.nullcontext(self.server) if row.options is None else Server({**self.OPTIONS, **row.options})

    def send(self, row, raw, sent):
        if callable(sent):
            sent(raw)
        elif isinstance(sent, bytes) and row.connected:
            raw.send_frame(sent)
        elif isinstance(sent, bytes):
            with contextlib.suppress(OSError):  # refused before its end
                raw.write(sent)
        elif sent is not None:
            raw.send(sent)

    def typed_errors(self, row, raw):
        """A connection that stays answers the request; where it ends, a notice says why. A refused Hello has both."""
        refused_hello = row.reason in ("token_invalid", "protocol_unsupported")
        errors = [self.error(raw, row.request_id)] if refused_hello or not row.close else []
        errors += [self.closing(raw)] if row.close else []
        for error in errors:
            self.assertEqual((pb.Error.Code.Name(error.code), error.reason, error.field), ("CODE_" + row.code, row.reason, row.field))
            self.assertTrue(error.text and error.text != row.reason, "there is a text for people")
            self.assertEqual(error.retry_after_ms > 0, row.code in RETRIED or row.reason in ("rate_limited", "slow_mode"), "a delay where it helps")

    def assert_fate(self, row, raw):
        if not row.connected:
            return
        if row.close is not None:
            self.assert_ended(raw, row.close or None)
        elif row.signed_in:
            deadline.until(lambda: self.works(raw), "the connection works")  # at once, but for the rate
        else:
            raw.send(pb.Request(id=50, hello=hello(raw.token)))
            self.assertTrue(raw.response(50).HasField("welcome"))

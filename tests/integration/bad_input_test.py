"""Every kind of bad input: what is sent, the typed answer, and whether the connection stays. And each limit at, under and over."""

import asyncio
import dataclasses
import socket
import struct
import time
import unittest
from typing import Callable, Optional

from support import deadline
from support.raw import BINARY, CLOSE, PING, PONG, TEXT, RawSocket, frame_header, hello
from support.seeds import seed
from support.server import Server
from support.wire import Client, code, new_change_id, pb

seed()
MEMBER, OTHER = "aino.metsala", "pekka.rautio"
OFFICE_HOLDER = "riitta.salmi"
ROOM, PEER_ROOM = "kuntastrategia-arjessa", "valtuustoryhmien-yhteistyo"
FRAME, TEXT_BYTES, TITLE, REQUESTS, BAD, SUBSCRIPTIONS, PAGE = 2048, 600, 80, 3, 5, 3, 10
UNLIMITED = {"session.requests_per_second": 100000, "session.request_burst": 100000,
             "session.member_requests_per_second": 100000, "session.member_request_burst": 100000}
SMALL = {**UNLIMITED, "network.frame_bytes": FRAME, "content.text_bytes": TEXT_BYTES, "content.title_bytes": TITLE,
         "session.requests_per_frame": REQUESTS, "session.bad_requests": BAD, "session.subscriptions": SUBSCRIPTIONS,
         "reading.page": PAGE, "reading.page_default": 5, "content.mentions": 2, "content.reactions": 2,
         "network.outbox_bytes": 65536, "network.close_timeout_ms": 300, "session.hello_timeout_ms": 60000}


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def raw_request(body, request_id=7):
    """A ClientFrame with one request of these bytes behind its id."""
    return field(1, b"\x08" + varint(request_id) + body)


@dataclasses.dataclass
class World:
    """What the rows need to know of the server: visible and hidden room, a thread of the sender and a foreign message."""
    room: int
    hidden: int
    thread: int
    foreign: int
    version: int
    change_id: bytes


@dataclasses.dataclass
class Row:
    name: str
    send: Callable[[World], object]  # bytes of a frame, a pb.Request, or a function of the raw socket
    code: str
    reason: str
    field: str = ""
    close: Optional[int] = None      # None: the connection stays
    signed_in: bool = True
    token: Optional[str] = None
    request_id: int = 7


def request(change=None, **command):
    if change is None:
        return pb.Request(id=7, **command)
    return pb.Request(id=7, change_id=new_change_id() if change is True else change, **command)


def post(world, **values):
    return pb.PostMessage(**{"room": world.room, "thread": world.thread, "text": "teksti", **values})


ROWS = [
    # --- frames
    Row("text frame", lambda w: lambda raw: raw.send_frame(b"hei", TEXT), "MALFORMED", "text_frame", close=1003),
    Row("truncated frame", lambda w: raw_request(b"\x5a\x00")[:-1], "MALFORMED", "frame_malformed", close=1007),
    Row("garbage", lambda w: b"\xff" * 40, "MALFORMED", "frame_malformed", close=1007),
    Row("garbage before Hello", lambda w: b"\x07\x80\x80", "MALFORMED", "frame_malformed", close=1007, signed_in=False),
    Row("request announced longer than the frame", lambda w: b"\x0a\x7f\x08\x01", "MALFORMED", "frame_malformed", close=1007),
    Row("length that overflows", lambda w: b"\x0a" + b"\xff" * 9 + b"\x01", "MALFORMED", "frame_malformed", close=1007),
    Row("oversized frame, only announced", lambda w: lambda raw: raw.write(frame_header(1 << 40)), "LIMITED", "frame_too_big",
        close=1009),
    Row("oversized message in small fragments", lambda w: send_fragments, "LIMITED", "frame_too_big", close=1009),
    # --- requests
    Row("garbage in a good frame", lambda w: raw_request(b"\xff\xff"), "MALFORMED", "request_malformed"),
    Row("garbage as Hello", lambda w: raw_request(b"\x52\x02\xff\xff"), "MALFORMED", "request_malformed", signed_in=False),
    Row("command with a wrong wire type", lambda w: raw_request(field(31, b"\x08")), "MALFORMED", "request_malformed"),
    Row("unknown command", lambda w: raw_request(field(999, b"\x08\x01")), "UNKNOWN_REQUEST", "request_unknown"),
    Row("no command", lambda w: raw_request(b""), "UNKNOWN_REQUEST", "request_unknown"),
    Row("invalid UTF-8 in a text", lambda w: raw_request(field(2, new_change_id()) + field(31, field(3, b"\xff\xfe"))), "INVALID",
        "text_not_utf8", "text"),
    Row("invalid UTF-8 in a slug", lambda w: raw_request(field(12, field(2, b"\xc3"))), "INVALID", "text_not_utf8", "forum_slug"),
    Row("no request id", lambda w: pb.Request(id=0, list_forums=pb.ListForums()), "INVALID", "request_id_missing", "id", request_id=0),
    # --- signing in
    Row("request before Hello", lambda w: request(list_forums=pb.ListForums()), "UNAUTHENTICATED", "hello_required",
        signed_in=False),
    Row("change before Hello", lambda w: request(True, post_message=post(w)), "UNAUTHENTICATED", "hello_required", signed_in=False),
    Row("wrong token", lambda w: request(hello=hello("A" * 43)), "UNAUTHENTICATED", "token_invalid", "token", close=1008,
        signed_in=False),
    Row("empty token", lambda w: request(hello=hello("")), "UNAUTHENTICATED", "token_invalid", "token", close=1008,
        signed_in=False),
    Row("second Hello", lambda w: lambda raw: raw.send(request(hello=hello(raw.token))), "INVALID", "hello_twice"),
    Row("protocol of the future", lambda w: request(hello=pb.Hello(protocol_min=2, protocol_max=9, token="x")), "INVALID",
        "protocol_unsupported", "protocol_max", close=1008, signed_in=False),
    # --- change ids
    Row("no change id", lambda w: request(post_message=post(w)), "INVALID", "change_id_missing", "change_id"),
    Row("change id of 15 bytes", lambda w: request(b"x" * 15, post_message=post(w)), "INVALID", "change_id_length", "change_id"),
    Row("change id of 17 bytes", lambda w: request(b"x" * 17, post_message=post(w)), "INVALID", "change_id_length", "change_id"),
    Row("change id reused with another content", lambda w: request(w.change_id, post_message=post(w, text="toinen")), "CONFLICT",
        "change_id_reused", "change_id"),
    Row("change id reused with another command", lambda w: request(w.change_id, react=pb.React(
        room=w.room, message=w.thread, emoji="👍")), "CONFLICT", "change_id_reused", "change_id"),
    Row("made in the future", lambda w: pb.Request(id=7, change_id=new_change_id(), post_message=post(w),
        made_at_ms=int(time.time() * 1000) + 48 * 3600 * 1000), "INVALID", "made_at_in_future", "made_at_ms"),
    # --- content
    Row("empty text", lambda w: request(True, post_message=post(w, text="")), "INVALID", "text_empty", "text"),
    Row("only white space", lambda w: request(True, post_message=post(w, text=" \n\t ")), "INVALID", "text_empty", "text"),
    Row("NUL in a text", lambda w: request(True, post_message=post(w, text="a\0b")), "INVALID", "text_control_character", "text"),
    Row("escape in a text", lambda w: request(True, post_message=post(w, text="a\x1b[2Jb")), "INVALID", "text_control_character",
        "text"),
    Row("empty title", lambda w: request(True, start_thread=pb.StartThread(room=w.room, text="a")), "INVALID", "text_empty", "title"),
    Row("title of two lines", lambda w: request(True, start_thread=pb.StartThread(room=w.room, title="a\nb", text="a")), "INVALID",
        "title_line_break", "title"),
    Row("white space in a reaction", lambda w: request(True, react=pb.React(room=w.room, message=w.thread, emoji="a b")), "INVALID",
        "emoji_invalid", "emoji"),
    Row("no emoji", lambda w: request(True, react=pb.React(room=w.room, message=w.thread)), "INVALID", "emoji_empty", "emoji"),
    Row("unknown watch level", lambda w: request(True, set_watch=pb.SetWatch(room=w.room, thread=w.thread, level=9)), "INVALID",
        "level_unknown", "level"),
    # --- what is not there, or not for the sender
    Row("room that does not exist", lambda w: request(list_threads=pb.ListThreads(room=999999)), "NOT_FOUND", "room_not_found", "room"),
    Row("room that is not visible", lambda w: request(list_threads=pb.ListThreads(room=w.hidden)), "NOT_FOUND", "room_not_found",
        "room"),
    Row("post to a room that is not visible", lambda w: request(True, post_message=post(w, room=w.hidden)), "NOT_FOUND",
        "room_not_found", "room"),
    Row("thread that does not exist", lambda w: request(True, post_message=post(w, thread=999999)), "NOT_FOUND", "thread_not_found",
        "thread"),
    Row("history of a thread that does not exist", lambda w: request(read_history=pb.ReadHistory(room=w.room, thread=999999)),
        "NOT_FOUND", "thread_not_found", "thread"),
    Row("message that does not exist", lambda w: request(True, edit_message=pb.EditMessage(room=w.room, message=999999, text="a")),
        "NOT_FOUND", "message_not_found", "message"),
    Row("reply to a message that does not exist", lambda w: request(True, post_message=post(w, reply_to=999999)), "NOT_FOUND",
        "message_not_found", "reply_to"),
    Row("inbox entry that does not exist", lambda w: request(True, mark_inbox_seen=pb.MarkInboxSeen(room=w.room, message=w.thread)),
        "NOT_FOUND", "inbox_entry_not_found", "message"),
    Row("forum that does not exist", lambda w: request(list_rooms=pb.ListRooms(forum_slug="olematon")), "NOT_FOUND",
        "forum_not_found", "forum"),
    Row("foreign message edited", lambda w: request(True, edit_message=pb.EditMessage(room=w.room, message=w.foreign, text="a")),
        "FORBIDDEN", "not_author", "message"),
    Row("foreign message deleted", lambda w: request(True, delete_message=pb.DeleteMessage(room=w.room, message=w.foreign)),
        "FORBIDDEN", "not_author", "message"),
    # --- reading
    Row("before and after at once", lambda w: request(read_history=pb.ReadHistory(room=w.room, thread=w.thread, before=9, after=1)),
        "INVALID", "before_and_after", "after"),
    Row("read mark from the future", lambda w: request(True, mark_read=pb.MarkRead(room=w.room, thread=w.thread, to=10**12)),
        "INVALID", "read_mark_in_future", "to"),
]


def send_fragments(raw):
    """Each fragment is small, the message is not."""
    raw.send_frame(b"\x0a" * 1000, final=False)
    raw.send_frame(b"\x0a" * 1000, opcode=0, final=False)
    raw.send_frame(b"\x0a" * 1000, opcode=0, final=True)


class Case(unittest.TestCase):
    OPTIONS = SMALL

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.OPTIONS).__enter__()
        cls.token = cls.server.token(MEMBER)

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def raw(self, token=None, **how):
        raw = RawSocket(self.server.port, **how)
        self.addCleanup(raw.__exit__)
        return raw.open(token)

    def assert_works(self, raw):
        """The connection stays: a request is answered."""
        raw.send(pb.Request(id=99, list_forums=pb.ListForums()))
        self.assertTrue(raw.response(99).HasField("forums"))

    def assert_ended(self, raw, close_code):
        while raw.next_item() is not None:
            pass
        self.assertEqual(raw.closed_with, close_code)

    def error(self, raw, request_id=7):
        response = raw.response(request_id)
        self.assertEqual(response.WhichOneof("result"), "error", response)
        return response.error

    def closing(self, raw):
        """The error of the closing notice, the last item."""
        item = raw.next_item()
        while item is not None and not item.notice.HasField("closing"):
            item = raw.next_item()
        self.assertIsNotNone(item, "the connection ended without a closing notice")
        return item.notice.closing.error

    def world(self):
        async def build():
            async with Client(self.server.url, self.server.token(MEMBER)) as aino, \
                    Client(self.server.url, self.server.token(OTHER)) as pekka:
                async with Client(self.server.url, self.server.token(OFFICE_HOLDER)) as riitta:
                    hidden = (await riitta.room("kunnanjohtajan-poyta")).id
                room = (await aino.room(ROOM)).id
                thread = await aino.start_thread(room)
                foreign = await pekka.post(room, thread, "pekan")
                change_id = new_change_id()
                version = (await aino.change(change_id, post_message=pb.PostMessage(room=room, thread=thread, text="oma"))).version
                return World(room, hidden, thread, foreign, version, change_id)

        return asyncio.run(build())


class BadInput(Case):
    def test_EveryRowOfTheTable(self):
        world = self.world()
        bystander = self.raw(self.token)
        for row in ROWS:
            with self.subTest(row.name):
                self.check(row, world)
        self.assert_works(bystander)

    def check(self, row, world):
        raw = RawSocket(self.server.port)
        try:
            raw.token = self.token
            raw.open(self.token if row.signed_in else None)
            sent = row.send(world)
            if callable(sent):
                sent(raw)
            elif isinstance(sent, bytes):
                raw.send_frame(sent)
            else:
                raw.send(sent)
            # A connection that stays answers the request; where it ends, a notice says why. A refused Hello has both.
            refused_hello = row.reason in ("token_invalid", "protocol_unsupported")
            errors = [self.error(raw, row.request_id)] if refused_hello or not row.close else []
            errors += [self.closing(raw)] if row.close else []
            for error in errors:
                self.assertEqual((pb.Error.Code.Name(error.code), error.reason, error.field),
                                 ("CODE_" + row.code, row.reason, row.field))
                self.assertTrue(error.text and error.text != row.reason, "there is a text for people")
            if row.close:
                self.assert_ended(raw, row.close)
            elif row.signed_in:
                self.assert_works(raw)
            else:
                raw.send(pb.Request(id=50, hello=hello(self.token)))
                self.assertTrue(raw.response(50).HasField("welcome"))
        finally:
            raw.__exit__()

    def test_WrongSubprotocolIsRefusedWith400(self):
        for protocol in (None, "foorumi.v9", "FOORUMI.V1x"):
            with RawSocket(self.server.port) as raw:
                self.assertEqual(raw.handshake(protocol), 400, protocol)
        with RawSocket(self.server.port) as raw:
            self.assertEqual(raw.handshake("chat, foorumi.v1"), 101)

    def test_WhatIsNotHttpEndsOnlyItsOwnConnection(self):
        bystander = self.raw(self.token)
        for garbage in (b"\x16\x03\x01\x02\x00" + b"\xff" * 200, b"GET\r\n\r\n", b"\x00" * 100_000):
            with RawSocket(self.server.port) as raw:
                try:
                    raw.write(garbage + b"\r\n\r\n")
                except OSError:
                    pass
                self.assertNotIn(b" 101 ", raw.read_to_end())
        self.assert_works(bystander)

    def test_UnmaskedAndReservedFramesAreProtocolErrors(self):
        for data in (b"\x82\x02\x08\x01", b"\xf2\x80\x12\x34\x56\x78", b"\x83\x80\x12\x34\x56\x78"):
            raw = self.raw(self.token)
            raw.write(data)
            raw.await_end()
            self.assertIn(raw.closed_with, (1002, None), data)

    def test_PingIsAnsweredAndCloseIsReturned(self):
        raw = self.raw(self.token)
        raw.send_frame(b"elossa", PING)
        self.assertEqual(raw.read_message(), (PONG, b"elossa"))
        raw.send_frame(struct.pack(">H", 1000), CLOSE)
        self.assert_ended(raw, 1000)

    def test_MalformedRequestsEndTheConnectionAfterTheirNumber(self):
        raw = self.raw(self.token)
        for n in range(1, BAD):
            raw.send_frame(raw_request(b"\xff\xff", n))
            self.assertEqual(self.error(raw, n).reason, "request_malformed")
        self.assert_works(raw)
        raw.send_frame(raw_request(b"\xff\xff", 77))
        error = self.closing(raw)
        self.assertEqual((error.code, error.reason), (code("LIMITED"), "too_many_bad_requests"))
        self.assert_ended(raw, 1008)

    def test_GoodRequestsBesideABadOneInTheSameFrameAreDone(self):
        raw = self.raw(self.token)
        good = pb.ClientFrame(requests=[pb.Request(id=8, list_forums=pb.ListForums())]).SerializeToString()
        raw.send_frame(raw_request(b"\xff\xff") + good)
        self.assertEqual(self.error(raw).reason, "request_malformed")
        self.assertTrue(raw.response(8).HasField("forums"))

    def test_UnknownFieldsAreIgnored(self):
        raw = self.raw(self.token)
        raw.send_frame(field(200, b"later") + raw_request(field(11, b"\x98\x06\x05") + field(300, b"later")))
        self.assertTrue(raw.response(7).HasField("forums"))

    def test_SubscribeFromTheFutureIsAResetWithASnapshot(self):
        world = self.world()
        raw = self.raw(self.token)
        raw.send(pb.Request(id=3, subscribe=pb.Subscribe(cursors=[
            pb.Subscribe.Cursor(channel=f"room:{world.room}", since=10**9, generation=4)])))
        synced = raw.next_item().synced
        self.assertEqual((synced.reset, synced.generation, synced.request), (True, 4, 3))
        self.assertLessEqual(world.version, synced.version)
        self.assertLess(synced.version, 10**9)
        self.assertGreater(len(synced.threads.threads), 0)
        self.assertTrue(raw.response(3).HasField("done"))

    def test_SubscribeToWhatIsNotThereLeavesTheOthersAlone(self):
        world = self.world()
        raw = self.raw(self.token)
        raw.send(pb.Request(id=3, subscribe=pb.Subscribe(cursors=[
            pb.Subscribe.Cursor(channel=channel) for channel in ("room:999999", f"room:{world.room}", f"room:{world.hidden}")])))
        synced = {}
        while len(synced) < 3:
            item = raw.next_item()
            if item.HasField("synced"):
                synced[item.synced.channel] = item.synced
        for absent in ("room:999999", f"room:{world.hidden}"):
            self.assertEqual((synced[absent].error.code, synced[absent].error.reason), (code("NOT_FOUND"), "channel_not_found"))
        self.assertFalse(synced[f"room:{world.room}"].HasField("error"))

    def test_TheSameChannelTwiceInOneSubscribeIsAnsweredOnceEachAndLive(self):
        world = self.world()
        raw = self.raw(self.token)
        cursor = pb.Subscribe.Cursor(channel=f"room:{world.room}")
        raw.send(pb.Request(id=3, subscribe=pb.Subscribe(cursors=[cursor, cursor])))
        kinds = []
        while "response" not in kinds:
            kinds.append(raw.next_item().WhichOneof("item"))
        self.assertIn("synced", kinds)
        raw.send(request(True, post_message=post(world, text="perillä")))
        changes = []
        while (item := raw.next_item()).WhichOneof("item") != "response":
            changes += [item.change] if item.HasField("change") else []
        self.assertEqual([e.message.text for change in changes for e in change.entities], ["perillä"])


class ContentLimits(Case):
    """Each limit: under and at it is accepted, over it is refused."""

    def setUp(self):
        self.w = self.world()
        self.conn = self.raw(self.token)

    def answer(self, message):
        message.id = 7
        self.conn.send(message)
        return self.conn.response(7)

    def assert_limit(self, build, at, reason, name, code_name="INVALID"):
        for size in (1, at - 1, at):
            self.assertNotEqual(self.answer(build(size)).WhichOneof("result"), "error", f"{name} of {size}")
        error = self.answer(build(at + 1)).error
        self.assertEqual((pb.Error.Code.Name(error.code), error.reason, error.field), ("CODE_" + code_name, reason, name))

    def test_Text(self):
        self.assert_limit(lambda n: request(True, post_message=post(self.w, text="a" * n)), TEXT_BYTES, "text_too_long", "text")

    def test_TextIsMeasuredInBytes(self):
        error = self.answer(request(True, post_message=post(self.w, text="ä" * (TEXT_BYTES // 2) + "a"))).error
        self.assertEqual(error.reason, "text_too_long")
        ok = self.answer(request(True, post_message=post(self.w, text="ä" * (TEXT_BYTES // 2))))
        self.assertTrue(ok.HasField("committed"))

    def test_Title(self):
        self.assert_limit(lambda n: request(True, start_thread=pb.StartThread(room=self.w.room, title="a" * n, text="a")), TITLE,
                          "text_too_long", "title")

    def test_Page(self):
        # Enough messages that the page is what bounds the answer.
        for n in range(PAGE + 2):
            self.answer(request(True, post_message=post(self.w, text=str(n))))
        for limit, count in ((0, 5), (1, 1), (PAGE - 1, PAGE - 1), (PAGE, PAGE)):
            history = self.answer(request(read_history=pb.ReadHistory(room=self.w.room, thread=self.w.thread, limit=limit))).history
            self.assertEqual((len(history.messages), history.more), (count, True), f"limit {limit}")
        error = self.answer(request(read_history=pb.ReadHistory(room=self.w.room, thread=self.w.thread, limit=PAGE + 1))).error
        self.assertEqual((error.code, error.reason, error.field), (code("LIMITED"), "page_too_large", "limit"))

    def test_Mentions(self):
        def text(n):
            return " ".join(["@mats.sjoholm", "@tuula.vainio", "@elle.aikio"][:n])

        for n in (1, 2):
            self.assertTrue(self.answer(request(True, post_message=post(self.w, text=text(n)))).HasField("committed"))
        error = self.answer(request(True, post_message=post(self.w, text=text(3)))).error
        self.assertEqual((error.code, error.reason, error.field), (code("LIMITED"), "too_many_mentions", "text"))

    def test_Reactions(self):
        def react(emoji):
            return self.answer(request(True, react=pb.React(room=self.w.room, message=self.w.thread, emoji=emoji)))

        for emoji in ("👍", "👏"):
            self.assertTrue(react(emoji).HasField("committed"))
        error = react("💡").error
        self.assertEqual((error.code, error.reason, error.field), (code("LIMITED"), "too_many_reactions", "emoji"))
        self.assertTrue(react("👍").HasField("committed"), "the same again changes nothing")

    def test_RequestsInAFrame(self):
        for count in (1, REQUESTS - 1, REQUESTS):
            self.conn.send(*[pb.Request(id=n + 1, list_forums=pb.ListForums()) for n in range(count)])
            answered = {self.conn.next_item().response.id for _ in range(count)}
            self.assertEqual(answered, set(range(1, count + 1)))
        change_ids = [new_change_id() for _ in range(REQUESTS + 1)]
        self.conn.send(*[pb.Request(id=n + 1, change_id=c, post_message=post(self.w, text="ei tehdä"))
                         for n, c in enumerate(change_ids)])
        error = self.error(self.conn, 0)
        self.assertEqual((error.code, error.reason), (code("LIMITED"), "too_many_requests"))
        history = self.answer(request(read_history=pb.ReadHistory(room=self.w.room, thread=self.w.thread, limit=PAGE))).history
        self.assertNotIn("ei tehdä", [m.message.text for m in history.messages])

    def test_FrameBytes(self):
        def frame(size):
            """A frame of exactly this size: the rest is a field that nobody knows."""
            body = pb.ClientFrame(requests=[pb.Request(id=7, list_forums=pb.ListForums())]).SerializeToString()
            filler = size - len(body) - 3 - 1  # tag of two bytes (field 200), length of two bytes
            return body + varint(200 << 3 | 2) + varint(filler) + b"x" * filler

        for size in (FRAME - 1, FRAME):
            data = frame(size)
            self.assertEqual(len(data), size)
            self.conn.send_frame(data)
            self.assertTrue(self.conn.response(7).HasField("forums"))
        self.conn.send_frame(frame(FRAME + 1))
        error = self.closing(self.conn)
        self.assertEqual((error.code, error.reason), (code("LIMITED"), "frame_too_big"))
        self.assert_ended(self.conn, 1009)

    def test_Subscriptions(self):
        self.conn.send(pb.Request(id=5, list_rooms=pb.ListRooms()))
        channels = [f"room:{room.id}" for room in self.conn.response(5).rooms.rooms][:SUBSCRIPTIONS + 1]

        def subscribe(*names):
            self.conn.send(pb.Request(id=6, subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=c) for c in names])))
            errors = {}
            while True:
                item = self.conn.next_item()
                if item.HasField("synced"):
                    errors[item.synced.channel] = item.synced.error.reason
                elif item.HasField("response"):
                    return errors, item.response.error.reason

        for channel in channels[:SUBSCRIPTIONS]:
            self.assertEqual(subscribe(channel), ({channel: ""}, ""))
        self.assertEqual(subscribe(channels[0])[0], {channels[0]: ""}, "again the same is no further one")
        errors, refused = subscribe(channels[-1])
        self.assertIn("too_many_subscriptions", (refused, errors.get(channels[-1])))
        self.conn.send(pb.Request(id=8, unsubscribe=pb.Unsubscribe(channels=[channels[0]])))
        self.conn.response(8)
        self.assertEqual(subscribe(channels[-1]), ({channels[-1]: ""}, ""))


class SlowReader(Case):
    def test_IsDisconnectedAndOthersGoOn(self):
        world = self.world()
        slow = RawSocket(self.server.port, receive_buffer=4096)
        self.addCleanup(slow.__exit__)
        slow.open(self.token)
        slow.send(pb.Request(id=3, subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=f"room:{world.room}")])))
        slow.response(3)

        async def flood():
            async with Client(self.server.url, self.server.token(OTHER)) as pekka:
                # It never reads: kernel buffers and then the outbox fill up.
                for _ in range(400):
                    futures = []
                    for _ in range(16):
                        futures += await pekka.send(*[
                            pb.Request(change_id=new_change_id(), post_message=post(world, text="x" * TEXT_BYTES))
                            for _ in range(REQUESTS)])
                    answers = await asyncio.wait_for(asyncio.gather(*futures), deadline.SECONDS)
                    self.assertTrue(all(answer.HasField("committed") for answer in answers))
                    if "reads too slowly" in self.server.log():
                        return True
            return False

        self.assertTrue(asyncio.run(flood()), "the slow reader was never disconnected")
        reasons = []
        while (item := slow.next_item()) is not None:
            if item.notice.HasField("closing"):
                reasons.append(item.notice.closing.error.reason)
        # Without the peer's help the end is bounded: what it did not read may include the notice itself.
        self.assertIn(reasons, ([], ["slow_reader"]))
        self.assert_works(self.raw(self.token))


class RateLimits(Case):
    BURST = 12
    OPTIONS = {**SMALL, "session.requests_per_second": 1, "session.request_burst": BURST,
               "session.member_requests_per_second": 1, "session.member_request_burst": BURST + 6}

    def until_limited(self, raw):
        for n in range(1, 100):
            raw.send(pb.Request(id=n, list_forums=pb.ListForums()))
            response = raw.response(n)
            if response.HasField("error"):
                return n - 1, response.error
        self.fail("the rate is never limited")

    def test_ASessionAndAMemberAreLimitedAndTheConnectionStays(self):
        raw = self.raw(self.token)
        begin = time.monotonic()
        done, error = self.until_limited(raw)
        refilled = int(time.monotonic() - begin) + 1  # a slow machine earns more meanwhile
        self.assertGreaterEqual(done, self.BURST - 1)
        self.assertLessEqual(done, self.BURST - 1 + refilled)
        self.assertEqual((error.code, error.reason), (code("LIMITED"), "rate_limited"))
        self.assertGreater(error.retry_after_ms, 0)
        self.assertLessEqual(error.retry_after_ms, 1000)

        def allowed_again():
            raw.send(pb.Request(id=500, list_forums=pb.ListForums()))
            return raw.response(500).HasField("forums")

        deadline.until(allowed_again, "the request is accepted after the delay")
        # A second session of the member has a fresh session limit but the member's is nearly used up.
        done, error = self.until_limited(self.raw(self.token))
        self.assertLess(done, self.BURST - 1)
        self.assertEqual(error.reason, "rate_limited")
        # Another member is not concerned.
        other, _ = self.until_limited(self.raw(self.server.token(OTHER)))
        self.assertGreaterEqual(other, self.BURST - 1)


class Connections(Case):
    ALL, PER_ADDRESS = 6, 4
    OPTIONS = {**SMALL, "network.connections": ALL, "network.connections_per_address": PER_ADDRESS}

    def try_open(self, source):
        raw = RawSocket(self.server.port, source=source)
        self.addCleanup(raw.__exit__)
        try:
            return raw if raw.handshake() == 101 else None
        except OSError:
            return None

    def test_PerAddressAndInAll(self):
        first = [self.try_open("127.0.0.1") for _ in range(self.PER_ADDRESS)]
        self.assertNotIn(None, first)
        self.assertIsNone(self.try_open("127.0.0.1"), "one over the limit of the address")
        others = [self.try_open("127.0.0.2") for _ in range(self.ALL - self.PER_ADDRESS)]
        self.assertNotIn(None, others)
        self.assertIsNone(self.try_open("127.0.0.3"), "one over the limit of all")
        for raw in others:
            raw.send(pb.Request(id=1, hello=hello(self.token)))
            self.assertTrue(raw.response(1).HasField("welcome"))
        first[0].__exit__()
        deadline.until(lambda: self.try_open("127.0.0.1") is not None, "a place is free again")


class Timeouts(Case):
    OPTIONS = {**SMALL, "network.handshake_timeout_ms": 400, "session.hello_timeout_ms": 400, "network.ping_interval_ms": 300,
               "network.idle_timeout_ms": 900}

    def test_NoHandshakeInTimeIsEnded(self):
        with RawSocket(self.server.port) as raw:
            raw.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
            self.assertLess(raw.await_end(), 10)

    def test_NoHelloInTimeIsEndedWithAReason(self):
        raw = self.raw()
        error = self.closing(raw)
        self.assertEqual((error.code, error.reason), (code("UNAUTHENTICATED"), "hello_required"))
        self.assert_ended(raw, 1008)

    def test_HalfOpenConnectionIsEndedAndOneThatAnswersPingsIsNot(self):
        silent, alive = self.raw(self.token), self.raw(self.token)
        alive._socket.settimeout(0.1)
        begin = time.monotonic()
        pings = 0
        while time.monotonic() - begin < 2.5:  # several idle timeouts of the silent one
            try:
                message = alive.read_message()
            except socket.timeout:
                continue
            self.assertIsNotNone(message, "the connection that answers was ended")
            if message[0] == PING:
                pings += 1
                alive.send_frame(message[1], PONG)
        self.assertGreaterEqual(pings, 3)
        alive._socket.settimeout(deadline.SECONDS)
        self.assert_works(alive)
        silent.await_end()
        self.assertEqual(silent.items, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

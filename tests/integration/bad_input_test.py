"""Every kind of bad input: what is sent, the typed answer, and whether the connection stays."""

import struct
import time
import unittest

from support import deadline
from support.cases import BAD, REQUESTS, SMALL, post, request
from support.raw import CLOSE, PING, PONG, TEXT, RawSocket, field, frame_header, hello, raw_request
from support.rows import CUT, Row, RowCase, nothing_else
from support.wire import change, code, new_change_id, now_ms, pb

FUTURE = 10**9
SLOW = {"network.close_timeout_ms": 20000}  # long enough to be told why
SILENT = {"network.ping_interval_ms": 300, "network.idle_timeout_ms": 900}


def cursors(*channels):
    return pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=channel, since=since, generation=4) for channel, since in channels])


# --- what is sent

def send_fragments(raw):
    """Each fragment is small, the message is not."""
    raw.send_frame(b"\x0a" * 1000, final=False)
    raw.send_frame(b"\x0a" * 1000, opcode=0, final=False)
    raw.send_frame(b"\x0a" * 1000, opcode=0, final=True)


def over_the_rate(raw, count):
    for n in range(1, count + 1):
        raw.send(pb.Request(id=n, list_forums=pb.ListForums()))


def never_read(raw):
    """Asks on and reads no answer, until the server has had enough. By time, not by count: the kernel takes many small frames."""
    end = time.monotonic() + 2 * deadline.SECONDS
    while time.monotonic() < end:
        try:
            raw.send(*[request(list_rooms=pb.ListRooms())] * REQUESTS)
        except OSError:
            return  # it has ended the connection
        if "reads too slowly" in raw.server.log():
            return
    raise AssertionError("a client that does not read is never ended")


# --- answers that are no Error

def refused_with_400(protocol):
    return lambda test, row, raw: test.assertEqual(raw.handshake(protocol), 400)


def no_handshake(test, row, raw):
    test.assertNotIn(b" 101 ", raw.read_to_end())


def silence(test, row, raw):
    """Reads, and sends nothing, not even a pong."""
    frames = raw.read_to_end()
    test.assertEqual(set(frames), set(b"\x89\x00"), "nothing but empty pings came")


def synced_items(raw, count):
    """By channel, up to the answer to the Subscribe."""
    items = [raw.next_item().synced for _ in range(count)]
    assert raw.response(7).HasField("done")
    return {item.channel: item for item in items}


def reset_with_a_snapshot(test, row, raw):
    synced, = synced_items(raw, 1).values()
    test.assertEqual((synced.reset, synced.generation, synced.request, synced.since), (True, 4, 7, FUTURE))
    test.assertGreater(synced.version, 0)
    test.assertLess(synced.version, FUTURE)
    test.assertGreater(len(synced.threads.threads), 0)


def only_one_is_there(test, row, raw):
    synced = synced_items(raw, 3)
    errors = sorted((item.error.code, item.error.reason, item.error.field) for item in synced.values())
    test.assertEqual(errors, [(0, "", "")] + [(code("NOT_FOUND"), "channel_not_found", "channel")] * 2)


ROWS = [
    # --- handshake
    Row("wrong subprotocol", lambda w: None, connected=False, answer=refused_with_400("foorumi.v9")),
    Row("no subprotocol", lambda w: None, connected=False, answer=refused_with_400(None)),
    Row("TLS where none is", lambda w: b"\x16\x03\x01\x02\x00" + b"\xff" * 200 + b"\r\n\r\n", connected=False, answer=no_handshake),
    Row("half an HTTP request", lambda w: b"GET\r\n\r\n", connected=False, answer=no_handshake),
    Row("a long row of NULs", lambda w: b"\x00" * 100_000 + b"\r\n\r\n", connected=False, answer=no_handshake),
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
    Row("unmasked frame", lambda w: lambda raw: raw.write(b"\x82\x02\x08\x01"), answer=nothing_else, close=1002),
    Row("reserved bit", lambda w: lambda raw: raw.write(b"\xf2\x80\x12\x34\x56\x78"), answer=nothing_else, close=1002),
    Row("reserved kind of frame", lambda w: lambda raw: raw.write(b"\x83\x80\x12\x34\x56\x78"), answer=nothing_else, close=1002),
    # --- requests
    Row("too many requests in a frame", lambda w: lambda raw: raw.send(*[request(list_forums=pb.ListForums())] * (REQUESTS + 1)),
        "LIMITED", "too_many_requests", "requests", request_id=0),
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
    Row("made in the future", lambda w: change(id=7, post_message=post(w), made_at_ms=now_ms() + 48 * 3600 * 1000),
        "INVALID", "made_at_in_future", "made_at_ms"),
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
    Row("the same channel twice", lambda w: request(subscribe=pb.Subscribe(cursors=[
        pb.Subscribe.Cursor(channel=channel) for channel in (f"room:{w.room}", "room:999999", f"room:{w.room}")])), "INVALID",
        "channel_twice", "cursors"),
    Row("read mark from the future", lambda w: request(True, mark_read=pb.MarkRead(room=w.room, thread=w.thread, to=10**12)),
        "INVALID", "read_mark_in_future", "to"),
    Row("version from the future", lambda w: request(subscribe=cursors((f"room:{w.room}", FUTURE))),
        answer=reset_with_a_snapshot),
    Row("channels that are not there, or not visible, beside one that is", lambda w: request(subscribe=cursors(
        ("room:999999", 0), (f"room:{w.room}", 0), (f"room:{w.hidden}", 0))), answer=only_one_is_there),
    # --- what does not come, or too much of it; each on a server of its own
    Row("no Hello in time", lambda w: None, "UNAUTHENTICATED", "hello_required", close=1008, signed_in=False,
        options={"session.hello_timeout_ms": 400}),
    Row("over the rate", lambda w: lambda raw: over_the_rate(raw, 20), "LIMITED", "rate_limited", request_id=20,
        options={"session.requests_per_second": 1, "session.request_burst": 5}),
    Row("over the rate all the same", lambda w: lambda raw: over_the_rate(raw, 40), "LIMITED", "rate_limited", close=1008,
        options={"session.requests_per_second": 1, "session.request_burst": 5, "session.limited_requests": 10}),
    Row("slow reader", lambda w: never_read, "LIMITED", "slow_reader", close=1008, options=SLOW),
    Row("half-open connection", lambda w: None, answer=silence, close=CUT, options=SILENT),
]


class BadInput(RowCase):
    OPTIONS = SMALL

    def test_EveryRowOfTheTable(self):
        self.check_rows(ROWS, self.world())

    def test_ARightSubprotocolAmongOthersIsChosen(self):
        with RawSocket(self.server.port) as raw:
            self.assertEqual(raw.handshake("chat, foorumi.v1"), 101)

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


if __name__ == "__main__":
    unittest.main(verbosity=2)

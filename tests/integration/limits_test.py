"""Each limit of the configuration: under it and at it all is well, over it there is a typed answer or a told end."""

import asyncio
import time
import unittest

from support import deadline
from support.cases import (FRAME, OTHER_COUNCILLOR, PAGE, REQUESTS, SMALL, SUBSCRIPTIONS, TEXT_BYTES, TITLE, RawCase, post, request)
from support.raw import RawSocket, hello, varint
from support.wire import Client, change, code, pb


class ContentLimits(RawCase):
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
        self.conn.send(*[change(id=n + 1, post_message=post(self.w, text="ei tehdä"))
                         for n in range(REQUESTS + 1)])
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


class SlowReader(RawCase):
    TEXT = 32768  # some two hundred of them fill the kernel's buffers and the outbox
    OPTIONS = {**SMALL, "network.frame_bytes": 2 * TEXT, "content.text_bytes": TEXT}

    def test_IsDisconnectedAndOthersGoOn(self):
        world = self.world()
        slow = RawSocket(self.server.port, receive_buffer=4096)
        self.addCleanup(slow.__exit__)
        slow.open(self.token)
        slow.send(pb.Request(id=3, subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=f"room:{world.room}")])))
        slow.response(3)

        async def flood():
            async with Client(self.server.url, self.server.token(OTHER_COUNCILLOR)) as pekka:
                # It never reads: kernel buffers and then the outbox fill up.
                for _ in range(100):
                    futures = []
                    for _ in range(16):
                        futures += await pekka.send(change(post_message=post(world, text="x" * self.TEXT)))
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


class RateLimits(RawCase):
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
        other, _ = self.until_limited(self.raw(self.server.token(OTHER_COUNCILLOR)))
        self.assertGreaterEqual(other, self.BURST - 1)


class RateInARow(RawCase):
    IN_A_ROW = 20
    OPTIONS = {**SMALL, "session.requests_per_second": 1, "session.request_burst": 5, "session.limited_requests": IN_A_ROW}

    def test_WhoGoesOnAllTheSameIsDisconnected(self):
        raw = self.raw(self.token)
        for _ in range(5 + self.IN_A_ROW + 10):  # the clock may allow some of them
            raw.send(pb.Request(id=7, list_forums=pb.ListForums()))
        reasons = []
        while (item := raw.next_item()) is not None:
            if item.HasField("response"):
                reasons.append(item.response.error.reason)
            else:
                reasons.append(("closing", item.notice.closing.error.reason))
        self.assertEqual(reasons[-1], ("closing", "rate_limited"))
        self.assertGreaterEqual(reasons.count("rate_limited"), self.IN_A_ROW - 1)
        self.assertEqual(raw.closed_with, 1008)


class InFlight(RawCase):
    AT = 4
    OPTIONS = {**SMALL, "session.in_flight": AT}

    def test_MoreThanMayBeUnderWayWaitAndAllAreAnswered(self):
        world = self.world()
        raw = self.raw(self.token)
        for count in (self.AT - 1, self.AT, self.AT + 1, 60):
            for n in range(1, count + 1):
                raw.send(change(id=n, post_message=post(world, text=str(n))))
            versions = [raw.response(n).committed.version for n in range(1, count + 1)]
            self.assertEqual(versions, sorted(versions))
            self.assertGreater(versions[0], 0)


class Connections(RawCase):
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


class ConnectionsOfAMember(RawCase):
    AT = 3
    OPTIONS = {**SMALL, "network.connections_per_member": AT}

    def greet(self, token):
        raw = self.raw(None)
        raw.send(pb.Request(id=1, hello=hello(token)))
        return raw, raw.response(1)

    def test_OneOverTheLimitIsRefusedAndOthersAreNotConcerned(self):
        greeted = [self.greet(self.token) for _ in range(self.AT)]
        self.assertEqual([answer.WhichOneof("result") for _, answer in greeted], ["welcome"] * self.AT)
        over, answer = self.greet(self.token)
        self.assertEqual((answer.error.code, answer.error.reason), (code("LIMITED"), "too_many_own_connections"))
        self.assertGreater(answer.error.retry_after_ms, 0)
        self.assertEqual(self.closing(over).reason, "too_many_own_connections")
        self.assert_ended(over, 1008)
        self.assertTrue(self.greet(self.server.token(OTHER_COUNCILLOR))[1].HasField("welcome"), "another member")
        for raw, _ in greeted:
            self.assert_works(raw)

    def test_APlaceIsFreeAgainWhenAConnectionHasEnded(self):
        member = self.server.token("elle.aikio")
        greeted = [self.greet(member)[0] for _ in range(self.AT)]
        self.assertEqual(self.greet(member)[1].error.reason, "too_many_own_connections")
        greeted[0].__exit__()
        deadline.until(lambda: self.greet(member)[1].HasField("welcome"), "a place is free again")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What happens in time and what does not: handshake, Hello, signs of life, "is typing"."""

import socket
import time
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, SMALL, ConfiguredCase, RawCase, request
from support.raw import PING, PONG, RawSocket, hello
from support.wire import code, pb


class SignsOfLife(RawCase):
    OPTIONS = {**SMALL, "network.handshake_timeout_ms": 400, "network.ping_interval_ms": 300, "network.idle_timeout_ms": 900}

    def test_NoHandshakeInTimeIsEnded(self):
        with RawSocket(self.server.port) as raw:
            raw.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
            self.assertLess(raw.await_end(), 10)

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


class Pings(RawCase):
    SECONDS, COUNT = 0.5, 4
    OPTIONS = {**SMALL, "network.ping_interval_ms": int(SECONDS * 1000), "network.idle_timeout_ms": 60000}

    def test_ComeAfterEveryIntervalOfSilence(self):
        raw = self.raw(self.token)
        raw._socket.settimeout(5 * self.SECONDS)  # well before the idle timeout
        for _ in range(self.COUNT):
            opcode, payload = raw.read_message()
            self.assertEqual(opcode, PING)
            raw.send_frame(payload, PONG)


class HelloInTime(RawCase):
    SECONDS = 3.0
    OPTIONS = {**SMALL, "session.hello_timeout_ms": int(SECONDS * 1000), "network.ping_interval_ms": 1000,
               "network.idle_timeout_ms": 2000}

    def await_pings(self, raw, count):
        """The server's pings tell the time: the first comes one interval after the handshake."""
        while count > 0:
            opcode, payload = raw.read_message()
            self.assertEqual(opcode, PING)
            raw.send_frame(payload, PONG)
            count -= 1

    def test_IsAcceptedAtTheLastMoment(self):
        raw = self.raw()
        self.await_pings(raw, 2)
        raw.send(request(hello=hello(self.token)))
        self.assertTrue(raw.response(7).HasField("welcome"))
        # The end of the time is no event for who has said Hello.
        self.await_pings(raw, 2)
        self.assert_works(raw)

    def test_EndsTheConnectionWhenItIsOver(self):
        begin = time.monotonic()
        raw = self.raw()
        error = self.closing(raw)
        self.assertGreaterEqual(time.monotonic() - begin, self.SECONDS)
        self.assertEqual((error.code, error.reason), (code("UNAUTHENTICATED"), "hello_required"))
        self.assert_ended(raw, 1008)


class TypingInterval(ConfiguredCase):
    SECONDS = 0.8
    OPTIONS = {"session.typing_interval_ms": int(SECONDS * 1000)}

    async def test_WhatComesSoonerIsDroppedWithoutAnError(self):
        aino, second, pekka = [await self.connected(handle) for handle in (COUNCILLOR, COUNCILLOR, OTHER_COUNCILLOR)]
        room = (await aino.room(ROOM)).id
        channel = f"room:{room}"
        await pekka.subscribe(channel)

        def typing():
            return [e for e in pekka.of_kind("ephemeral") if e.channel == channel and e.HasField("is_typing")]

        async def type_until(device, count):
            """Returns how often it was said until so many have arrived."""
            begin, said = time.monotonic(), 0
            while len(typing()) < count:
                self.assertLess(time.monotonic() - begin, deadline.SECONDS, "it is never passed on")
                self.assertTrue((await device.request(typing=pb.Typing(room=room))).HasField("done"))
                said += 1
            return said

        begin = time.monotonic()  # before the first is sent: between the two lies an interval, however slow the machine
        await type_until(aino, 1)
        self.assertGreater(await type_until(aino, 2), 2)
        self.assertGreater(time.monotonic() - begin, self.SECONDS)
        # The interval is a session's: another device of the member is not held up, said once is passed on.
        self.assertTrue((await second.request(typing=pb.Typing(room=room))).HasField("done"))
        await pekka.until(lambda: len(typing()) == 3, "it is passed on")


if __name__ == "__main__":
    unittest.main(verbosity=2)

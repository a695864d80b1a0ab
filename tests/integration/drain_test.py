"""SIGTERM: clients are told to reconnect, what is under way is answered, and then the connections are closed."""

import asyncio
import contextlib
import signal
import unittest

from support import deadline, processes
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.raw import RawSocket
from support.server import Server
from support.wire import Client, change, pb

DRAIN_MS = 4000


class Drain(unittest.TestCase):
    def setUp(self):
        self.server = Server({**UNLIMITED, "shutdown.drain_ms": DRAIN_MS, "store.change_deadline_ms": 20000})
        self.addCleanup(self.server.dispose)
        self.server.start()

    def raw(self, handle):
        raw = RawSocket(self.server.port)
        self.addCleanup(raw.__exit__)
        return raw.open(self.server.token(handle))

    def thread(self):
        async def start():
            async with Client(self.server.url, self.server.token(COUNCILLOR)) as aino:
                room = (await aino.room(ROOM)).id
                return room, await aino.start_thread(room)

        return asyncio.run(start())

    def stop(self):
        self.server.process.send_signal(signal.SIGTERM)

    def assert_draining(self, raw):
        """Returns what came before the notice."""
        before = []
        while not (item := raw.next_item()).HasField("notice"):
            before.append(item)
        self.assertEqual(item.notice.draining.within_ms, DRAIN_MS)
        return before

    def assert_closed(self, raw):
        """Returns what came before the end."""
        items = []
        while (item := raw.next_item()) is not None:
            items.append(item)
        self.assertEqual(raw.closed_with, 1001)
        return items

    def assert_stopped(self):
        self.assertEqual(self.server.process.wait(timeout=deadline.SECONDS), 0)

    def test_EveryClientIsToldAndThenClosedWith1001(self):
        aino, pekka, unknown = self.raw(COUNCILLOR), self.raw(OTHER_COUNCILLOR), RawSocket(self.server.port).open()
        self.addCleanup(unknown.__exit__)
        self.stop()
        for raw in (aino, pekka, unknown):
            self.assertEqual(self.assert_draining(raw), [])
        for raw in (aino, pekka, unknown):
            self.assertEqual(self.assert_closed(raw), [])
            raw.__exit__()
        self.assert_stopped()

    def test_WhatIsUnansweredIsAnsweredFirst(self):
        room, thread = self.thread()
        raw = self.raw(COUNCILLOR)
        with contextlib.ExitStack() as still:
            still.enter_context(processes.redis_standing_still(self.server.data))
            for n in range(1, 6):
                raw.send(change(id=n, post_message=pb.PostMessage(room=room, thread=thread, text=str(n))))
            self.stop()
            self.assertEqual(self.assert_draining(raw), [], "told while the changes are under way")
            # And what is asked behind the notice is done, too.
            raw.send(change(id=6, post_message=pb.PostMessage(room=room, thread=thread, text="6")))
            still.close()
        answers = [item.response for item in self.assert_closed(raw)]
        self.assertEqual([answer.id for answer in answers], [1, 2, 3, 4, 5, 6])
        self.assertTrue(all(answer.HasField("committed") for answer in answers))
        raw.__exit__()
        self.assert_stopped()

    def test_NobodyIsLetInAnyMore(self):
        waiting = self.raw(COUNCILLOR)
        self.stop()
        self.assert_draining(waiting)

        def refused():
            try:
                with RawSocket(self.server.port) as raw:
                    return raw.handshake() != 101
            except OSError:
                return True

        deadline.until(refused, "no new connection")
        waiting.__exit__()
        self.assert_stopped()

    def test_AClientThatLeavesDoesNotLetTheServerWait(self):
        raw = self.raw(COUNCILLOR)
        self.stop()
        self.assert_draining(raw)
        raw.__exit__()
        self.assert_stopped()


if __name__ == "__main__":
    unittest.main(verbosity=2)

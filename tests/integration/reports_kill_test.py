"""Whatever is killed in between: a report is in the queue once, it is closed with its record or not at all, and its reporter is told once."""

import collections
import contextlib
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built
from support import deadline
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import RedisServer
from support.queue import SPAM, Queue, number_of
from support.server import Server
from support.wire import Client, Refused, entities, new_change_id, pb

POINTS = ("change_decided", "commands_written", "reply_read", "commit_released", "author_answered", "effects_begun", "effect_applied")
PASSES = 15  # or until one is not come to
STEPS = 3
OPTIONS = {**UNLIMITED, "content.reports_per_day": 1000, "content.reports_open": 1000}


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(OPTIONS, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(OTHER_COUNCILLOR) as pekka:
            found = await pekka.room(ROOM)
            self.room, self.forum = found.id, found.forum
            self.thread = await pekka.start_thread(self.room)

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    def report_of(self, message):
        target = pb.FileReport.Message(room=self.room, message=message)
        return pb.FileReport(message=target, category=SPAM, words="Katsokaa")

    async def number(self, marja, message, closed):
        found = [number_of(e) for e in await Queue(marja, self.forum).listed(closed) if e.report.message == message]
        self.assertLessEqual(len(found), 1, "a report is in the queue once")
        return found[0] if found else None

    async def steps(self, message, filed, resolved):
        """What was answered, of what is asked for with these change ids."""
        async with self.client(COUNCILLOR) as aino:
            await aino.change(filed, file_report=self.report_of(message))
        yield "filed"
        async with self.client(MODERATOR) as marja:
            number = await self.number(marja, message, False)
            await Queue(marja, self.forum).resolve(number, change_id=resolved, words="Kiitos")
        yield "resolved"
        async with self.client(COUNCILLOR) as aino:
            while not await self.outcomes(aino, message):
                pass
        yield "told"

    async def outcomes(self, aino, message):
        """What the reporter's inbox says about the message."""
        inbox = (await aino.request(read_inbox=pb.ReadInbox())).inbox
        return [e for e in inbox.entries if e.inbox_entry.kind == entities.InboxEntry.KIND_REPORT_RESOLVED
                and e.inbox_entry.message == message]

    async def until_killed(self, point, message, filed, resolved):
        answered = []
        self.assertEqual(self.server.interrupt(), 0)  # so that the next start has as much to do as the one before
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            self.server.await_ready()
            async for step in self.steps(message, filed, resolved):
                answered.append(step)
        if len(answered) < STEPS:
            deadline.until(lambda: self.server.process.poll() is not None, f"{point} is come to")
        killed = self.server.process.poll() is not None
        if killed:
            self.assertEqual(self.server.process.returncode, -signal.SIGKILL)
        else:
            self.server.kill()
        self.server.port = 0
        self.server.start()
        return answered, killed

    async def check(self, message, answered, filed, resolved):
        async with self.client(COUNCILLOR) as aino, self.client(MODERATOR) as marja, self.client(ADMINISTRATOR) as sanna:
            async def closings():
                return [r.act for r in await records_of(self, sanna) if r.act == "resolve_report" and r.message == message]

            closed = await self.number(marja, message, True)
            opened = await self.number(marja, message, False)
            self.assertFalse(opened and closed)
            self.assertEqual(len(await closings()), int(closed is not None), "closed with its record, or neither")
            if "resolved" in answered:
                self.assertIsNotNone(closed)
            elif "filed" in answered:
                self.assertIsNotNone(opened or closed)
            # As who has had no answer: the same changes again.
            await aino.change(filed, file_report=self.report_of(message))
            number = closed or await self.number(marja, message, False)
            self.assertIsNotNone(number)
            with contextlib.suppress(Refused):  # of one who had not asked for it before
                await Queue(marja, self.forum).resolve(number, change_id=resolved, words="Kiitos")
            self.assertEqual(len(await closings()), 1)
            told = []
            while not told:
                told = await self.outcomes(aino, message)
            self.assertEqual(len(told), 1, "the reporter is told once")

    async def test_NothingIsHalfDoneOrDoneTwice(self):
        killed = collections.Counter()
        for name in POINTS:
            for n in range(1, PASSES + 1):
                with self.subTest(name, n=n):
                    async with self.client(OTHER_COUNCILLOR) as pekka:
                        message = await pekka.post(self.room, self.thread, "Asiatonta")
                    filed, resolved = new_change_id(), new_change_id()
                    answered, at_point = await self.until_killed(f"{name}:{n}", message, filed, resolved)
                    await self.check(message, answered, filed, resolved)
                if not at_point:
                    break
                killed[name, len(answered)] += 1
        print(f"killed at each point behind so many answers: {dict(killed)}", flush=True)
        self.assertEqual({name for name, _ in killed}, set(POINTS))
        self.assertEqual({answers for _, answers in killed}, set(range(STEPS)), "before each of the answers")


if __name__ == "__main__":
    unittest.main(verbosity=2)

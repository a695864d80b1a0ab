"""Whatever is killed in between: what was acknowledged as held waits once, and what was approved is posted once, with its record."""

import collections
import contextlib
import os
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built
from support import deadline, filtering
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import RedisServer
from support.server import Server
from support.wire import Client, Refused, entities, new_change_id, pb

POINTS = ("change_decided", "commands_written", "reply_read", "commit_released", "author_answered", "effects_begun", "effect_applied",
          "held_set_aside", "held_posted")
PASSES = int(os.environ.get("FOORUMI_PASSES", "4"))  # of each point, or until one is not come to; the last ones are behind the approval
STEPS = 3
OPTIONS = {**UNLIMITED, "filters.held_per_member": 100}


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(OPTIONS, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(MODERATOR) as marja:
            found = await marja.room(ROOM)
            self.room, self.forum = found.id, found.forum
            self.thread = await marja.start_thread(self.room)
            await filtering.set_filter(marja, "mainos", filtering.HOLD, self.forum)

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    def post(self, text):
        return filtering.post_of(self.room, self.thread, text)

    async def number(self, marja, text):
        found = [n for n, held in (await filtering.waiting(marja, self.forum)).items() if held.text == text]
        self.assertLessEqual(len(found), 1, "it waits once")
        return found[0] if found else None

    async def posted(self, client, text):
        messages = (await client.history(self.room, self.thread, limit=100)).messages
        found = [e for e in messages if e.message.text == text]
        self.assertLessEqual(len(found), 1, "it is posted once")
        return found

    async def told(self, client, number):
        entries = (await client.request(read_inbox=pb.ReadInbox())).inbox.entries
        return [e for e in entries if e.inbox_entry.kind == entities.InboxEntry.KIND_HELD_APPROVED and e.inbox_entry.held == number]

    async def steps(self, text, sent, approved):
        async with self.client(COUNCILLOR) as aino:
            answer = await filtering.held(aino, sent, **self.post(text))
        yield "held"
        async with self.client(MODERATOR) as marja:
            await filtering.approve(marja, self.forum, answer.held, approved)
        yield "approved"
        async with self.client(COUNCILLOR) as aino:
            while not await self.told(aino, answer.held):
                pass
        yield "told"

    async def until_killed(self, point, text, sent, approved):
        answered = []
        self.assertEqual(self.server.interrupt(), 0)
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            self.server.await_ready()
            async for step in self.steps(text, sent, approved):
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

    async def check(self, text, answered, sent, approved):
        async with self.client(COUNCILLOR) as aino, self.client(MODERATOR) as marja, self.client(OTHER_COUNCILLOR) as pekka, \
                self.client(ADMINISTRATOR) as sanna:
            if "held" in answered and "approved" not in answered:
                self.assertTrue(await self.number(marja, text) or await self.is_approved(sanna, aino, sent, text))
            # As who has had no answer: the same changes again.
            answer = await filtering.held(aino, sent, **self.post(text))
            with contextlib.suppress(Refused):  # of one who had not asked for it before
                await filtering.approve(marja, self.forum, answer.held, approved)
            while not await self.posted(pekka, text):
                pass
            while not (told := await self.told(aino, answer.held)):
                pass
            self.assertEqual(len(told), 1, "its author is told once")
            self.assertIsNone(await self.number(marja, text))
            self.assertEqual(len(await self.posted(pekka, text)), 1)
            self.assertEqual(await self.records(sanna, answer.held), 1, "approved with its record")

    async def records(self, sanna, number):
        return len([r for r in await records_of(self, sanna) if r.act == "approve_held" and r.held == number])

    async def is_approved(self, sanna, aino, sent, text):
        return await self.records(sanna, (await filtering.held(aino, sent, **self.post(text))).held) == 1

    async def test_NothingIsHalfDoneOrDoneTwice(self):
        killed = collections.Counter()
        for name in POINTS:
            for n in range(1, PASSES + 1):
                text = f"mainos {name} {n}"
                with self.subTest(name, n=n):
                    sent, approved = new_change_id(), new_change_id()
                    answered, at_point = await self.until_killed(f"{name}:{n}", text, sent, approved)
                    await self.check(text, answered, sent, approved)
                if not at_point:
                    break
                killed[name, len(answered)] += 1
        print(f"killed at each point behind so many answers: {dict(killed)}", flush=True)
        self.assertEqual({name for name, _ in killed}, set(POINTS))
        self.assertEqual({answers for _, answers in killed}, set(range(STEPS)), "before each of the answers")


if __name__ == "__main__":
    unittest.main(verbosity=2)

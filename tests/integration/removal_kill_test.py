"""Whatever is killed in between: no act on a message without its record, no record without its act, and no purge that is half done."""

import collections
import contextlib
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built
from support import deadline
from support.cases import MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation, everything
from support.nodes import RedisServer
from support.redis import Redis
from support.server import Server
from support.wire import Client, new_change_id

SECRET = "Salamoiva sarvikuono"
POINTS = ("change_decided", "commands_written", "reply_read", "commit_released", "author_answered", "effects_begun", "effect_applied")
PASSES = 40  # or until one is not come to


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(UNLIMITED, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(OTHER_COUNCILLOR) as pekka:
            self.room = (await pekka.room(ROOM)).id
            self.thread = await pekka.start_thread(self.room)

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    async def until_killed(self, point, *steps):
        """What the steps of a moderator were answered, and whether the point was come to."""
        answered = []
        self.assertEqual(self.server.interrupt(), 0)  # so that the next start has as much to do as the one before
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            self.server.await_ready()
            async with self.client(MODERATOR) as marja:
                for name, step in steps:
                    await step(Moderation(marja, self.room))
                    answered.append(name)
        if len(answered) < len(steps):
            deadline.until(lambda: self.server.process.poll() is not None, f"{point} is come to")
        killed = self.server.process.poll() is not None
        if killed:
            self.assertEqual(self.server.process.returncode, -signal.SIGKILL)
        else:
            self.server.kill()
        self.server.port = 0
        self.server.start()
        return answered, killed

    async def check(self, message, answered, change_id):
        """True: the read stands in the log, and was not answered."""
        async with self.client(MODERATOR) as marja, self.client(ADMINISTRATOR) as sanna:
            async def acts():
                return [r.act for r in await records_of(self, sanna) if r.message == message and r.room == self.room]

            history = await marja.history(self.room, self.thread)
            left = next(e.message for e in history.messages if e.key == f"message:{message}")
            recorded = await acts()
            self.assertEqual(recorded.count("remove_message"), int(left.removed_ms != 0))
            self.assertLessEqual(set(answered), set(recorded))
            act = Moderation(marja, self.room)
            await act.remove(message, change_id=change_id)  # as who has had no answer
            text, = (await act.until_earlier(message, 1)).texts
            self.assertEqual(text.earlier_text.text, SECRET)
            self.assertEqual((await acts()).count("remove_message"), 1)
            return "read_earlier_texts" in set(recorded) - set(answered)

    async def test_NoActIsWithoutItsRecordAndNoRecordWithoutItsAct(self):
        killed, unanswered = collections.Counter(), 0
        for name in POINTS:
            for n in range(1, PASSES + 1):
                with self.subTest(name, n=n):
                    async with self.client(OTHER_COUNCILLOR) as pekka:
                        message = await pekka.post(self.room, self.thread, SECRET)
                    change_id = new_change_id()
                    answered, at_point = await self.until_killed(
                        f"{name}:{n}", ("remove_message", lambda act, m=message, i=change_id: act.remove(m, change_id=i)),
                        ("read_earlier_texts", lambda act, m=message: act.until_earlier(m, 1)))
                    unanswered += await self.check(message, answered, change_id)
                if not at_point:
                    break
                killed[len(answered)] += 1
        print(f"killed behind so many answers: {dict(killed)}; reads that were recorded and not answered: {unanswered}", flush=True)
        self.assertTrue(killed[0] and killed[1], "before the removal is answered, and before the read is")
        self.assertTrue(unanswered, "a read is answered when it is recorded, and not before")

    async def test_PurgeIsDoneWhateverIsKilledAndRecordedOnce(self):
        redis = Redis(self.redis.home)
        self.addCleanup(redis.close)
        for name in ("reply_read", "effects_begun", "effect_applied"):
            for n in range(1, PASSES):
                text, change_id = f"Ensimmainen ajatelma {name} {n}x", new_change_id()
                with self.subTest(name, n=n):
                    async with self.client(OTHER_COUNCILLOR) as pekka, self.client(MODERATOR) as marja:
                        message = await pekka.post(self.room, self.thread, text)
                        await Moderation(marja, self.room).remove(message)
                    self.assertIn(text.encode(), everything(redis))
                    _, at_point = await self.until_killed(f"{name}:{n}", ("", lambda act, m=message, i=change_id: act.purge(m, change_id=i)))
                    async with self.client(MODERATOR) as marja, self.client(ADMINISTRATOR) as sanna:
                        await Moderation(marja, self.room).purge(message, change_id=change_id)  # as who has had no answer
                        acts = [r.act for r in await records_of(self, sanna) if r.message == message and r.room == self.room]
                        self.assertEqual(acts, ["remove_message", "purge_message"])
                        deadline.until(lambda t=text: t.encode() not in everything(redis), "it is gone")
                if not at_point:
                    break


if __name__ == "__main__":
    unittest.main(verbosity=2)

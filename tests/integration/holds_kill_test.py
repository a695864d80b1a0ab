"""Whatever is killed in between: a hold stands with its record or not at all, and what a retention deletes is deleted once and nothing else."""

import collections
import contextlib
import os
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built
from support import deadline
from support.cases import MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.nodes import RedisServer
from support.redis import Redis
from support.server import Server
from support.wire import Client, Refused, entities, new_change_id, pb

POINTS = ("change_decided", "commands_written", "reply_read", "entries_read", "commit_released", "author_answered", "fence_kept")
PASSES = int(os.environ.get("FOORUMI_PASSES", "3"))  # of each point, or until one is not come to
DAY_MS = 24 * 3600 * 1000
OPTIONS = {**UNLIMITED, "content.expiry_interval_s": 1, "content.expired_batch": 2, "store.cache_entities": 0}


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(OPTIONS, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(OTHER_COUNCILLOR) as pekka:
            self.room = (await pekka.room(ROOM)).id
        self.keys = Redis(self.redis.home)
        self.addCleanup(self.keys.close)
        self.channel = f"room:{self.room}"

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    async def until_killed(self, point, step):
        """(whether the step was answered, whether the point was come to)"""
        answered = False
        self.assertEqual(self.server.interrupt(), 0)
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            self.server.await_ready()
            await step()
            answered = True
        if not answered:
            deadline.until(lambda: self.server.process.poll() is not None, f"{point} is come to")
        killed = self.server.process.poll() is not None
        if killed:
            self.assertEqual(self.server.process.returncode, -signal.SIGKILL)
        else:
            self.server.kill()
        self.server.port = 0
        self.server.start()
        return answered, killed

    async def test_AHoldStandsWithItsRecordOrNotAtAll(self):
        killed = collections.Counter()
        for name in POINTS:
            for n in range(1, PASSES + 1):
                with self.subTest(name, n=n):
                    async with self.client(OTHER_COUNCILLOR) as pekka, self.client(MODERATOR) as marja:
                        thread = await pekka.start_thread(self.room)
                        message = await pekka.post(self.room, thread, "todiste")
                        await Moderation(marja, self.room).remove(message)
                    change_id = new_change_id()
                    hold = pb.SetHold(room=self.room, thread=thread, held=True, reason="tutkinta")

                    async def step(i=change_id, h=hold):
                        async with self.client(ADMINISTRATOR) as sanna:
                            await sanna.change(i, set_hold=h)

                    answered, at_point = await self.until_killed(f"{name}:{n}", step)
                    async with self.client(ADMINISTRATOR) as sanna, self.client(MODERATOR) as marja:
                        async def standing():
                            holds = (await sanna.request(list_holds=pb.ListHolds())).holds.holds
                            return [h for h in holds if (h.room, h.thread) == (self.room, thread)]

                        async def recorded():
                            return [r for r in await records_of(self, sanna) if r.act == "set_hold" and r.thread == thread]

                        self.assertEqual(len(await standing()), len(await recorded()))
                        if answered:
                            self.assertEqual(len(await standing()), 1)
                        await sanna.change(change_id, set_hold=hold)  # as who has had no answer
                        self.assertEqual((len(await standing()), len(await recorded())), (1, 1))
                        with self.assertRaises(Refused) as caught:
                            await Moderation(marja, self.room).purge(message)
                        self.assertEqual(caught.exception.error.reason, "place_held")
                        await sanna.change(set_hold=pb.SetHold(room=self.room, thread=thread, held=False, reason="ohi"))
                killed[answered] += at_point
                if not at_point:
                    break
        print(f"killed before and behind the answer: {dict(killed)}", flush=True)
        self.assertTrue(killed[False])

    def stored(self, key):
        return entities.Entity.FromString(self.keys.entity(self.channel, key))

    async def test_ARetentionIsResumedAndDeletesWhatIsOldOnce(self):
        async with self.client(MODERATOR) as marja:
            await marja.change(set_retention=pb.SetRetention(room=self.room, days=30))
        killed = 0
        for n in range(1, 2 * PASSES):
            with self.subTest(n=n):
                async with self.client(OTHER_COUNCILLOR) as pekka:
                    thread = await pekka.start_thread(self.room, f"Kierros {n}")
                    old = [thread, *[await pekka.post(self.room, thread, f"vanha {m}") for m in range(6)]]
                    young = await pekka.post(self.room, thread, "nuori")
                self.assertEqual(self.server.interrupt(), 0)
                for message in old:
                    entity = self.stored(f"message:{message}")
                    entity.message.created_ms -= 40 * DAY_MS
                    self.keys.replace_entity(self.channel, f"message:{message}", entity.SerializeToString())
                self.server.port = 0
                self.server.environment[VARIABLE] = f"retention_step_done:{n}"
                self.server.launch()
                del self.server.environment[VARIABLE]
                deadline.until(lambda: self.server.process.poll() is not None or
                               all(self.stored(f"message:{m}").message.expired_days for m in old), "it is killed, or done")
                if self.server.process.poll() is None:
                    self.server.kill()
                else:
                    killed += 1
                self.server.port = 0
                self.server.start()
                await deadline.eventually(lambda o=old: all(self.stored(f"message:{m}").message.expired_days for m in o), "the old ones go")
                async with self.client(OTHER_COUNCILLOR) as pekka:
                    history = await pekka.history(self.room, thread)
                    self.assertEqual([(e.key, e.message.text) for e in history.messages],
                                     [*((f"message:{m}", "") for m in old), (f"message:{young}", "nuori")])
                    await pekka.post(self.room, thread, "vielä")
        print(f"killed between steps: {killed}", flush=True)
        self.assertTrue(killed)


if __name__ == "__main__":
    unittest.main(verbosity=2)

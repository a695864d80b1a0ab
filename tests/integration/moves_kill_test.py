"""A move between rooms of different partitions, splits and merges, while node and Redis are killed at every step that has a name:
in the end everything is in one place, once, and what was known by old numbers leads to it.

    moves_kill_test.py                      a few runs (ctest)
    FOORUMI_MOVES=200 moves_kill_test.py    as many as that; FOORUMI_SEED repeats them, FOORUMI_KINDS="move" leaves splits and merges out"""

import asyncio
import collections
import contextlib
import os
import random
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built, names
from support import deadline, seeds
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, PEER_ROOM, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.moving import id_of, locate, until_moved, whole
from support.nodes import RedisServer
from support.redis import Redis
from support.server import Server
from support.wire import Client, Refused, new_change_id, pb

RUNS = int(os.environ.get("FOORUMI_MOVES", "12"))
OF_MOVES = "move_"
KINDS = os.environ.get("FOORUMI_KINDS", "move move split merge").split()
EVERY = ("move_found", "move_step_decided", "move_thread_released", "move_marks_followed", "move_all_followed", "move_ended",
         "change_decided", "reply_read", "commit_released", "effects_begun", "effect_applied")
AWAY = ("move_message_copied", "move_texts_brought", "move_thread_shown", "move_messages_redirected")
WITHIN = ("move_messages_hung",)
# Of what each move comes to more often than once; of what every change comes to, 12.
PASSES = {"move_step_decided": 10, "move_message_copied": 3, "move_messages_redirected": 2, "move_messages_hung": 2}
OPTIONS = {**UNLIMITED, "content.move_batch": 2}  # several steps of each kind


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(OPTIONS, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(OTHER_COUNCILLOR) as pekka:
            rooms = (await pekka.request(list_rooms=pb.ListRooms())).rooms.rooms
        forums = {room.forum: room for room in rooms if room.slug in (ROOM, PEER_ROOM)}  # those that MODERATOR moderates
        here = next(room for room in forums.values() if room.slug == ROOM)
        redis = Redis(self.redis.home)
        self.addCleanup(redis.close)

        def partition(room):
            return redis.command("KEYS", f"*:v:room:{room.id}")[0].split(b":")[0]
        there = [room for room in rooms if room.forum in forums and room.forum != here.forum and partition(room) != partition(here)]
        self.room, self.peers = here.id, there[0].id  # of another forum, in another partition

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    def test_EveryStepOfAMoveIsAmongThem(self):
        mine = [name for name in EVERY + AWAY + WITHIN if name.startswith(OF_MOVES)]
        self.assertEqual(sorted(mine), sorted(name for name in names() if name.startswith(OF_MOVES)))
        self.assertLess(set(EVERY + AWAY + WITHIN), set(names()))

    async def prepare(self, pick):
        """A thread that was talked in, and what is to be found again of it."""
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka, self.client(MODERATOR) as marja:
            self.thread = await aino.start_thread(self.room, "Siirtyvä", f"@{OTHER_COUNCILLOR} alku")
            self.into = await aino.start_thread(self.room, "Toinen", "toinen alku")
            texts, ids = [f"@{OTHER_COUNCILLOR} alku"], [self.thread]
            for n in range(pick.randint(1, 7)):
                author = pick.choice((aino, pekka))
                ids.append(await author.post(self.room, self.thread, f"viesti {n}", pick.choice([0] + ids)))
                texts.append(f"viesti {n}")
            self.reacted, self.removed = pick.choice(ids), None
            await pekka.change(react=pb.React(room=self.room, message=self.reacted, emoji="👍"))
            if len(ids) > 2:
                self.removed = pick.choice([m for m in ids if m != self.reacted])
                await Moderation(marja, self.room).remove(self.removed)
            self.read = pick.choice(ids)
            await pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.read))
            before, _ = await whole(marja, self.room, self.thread)
            self.before = {id_of(m): m.message for m in before}
            self.texts = dict(zip(ids, texts))

    def command(self, kind, pick):
        if kind == "move":
            return dict(move_thread=pb.MoveThread(room=self.room, thread=self.thread, to_room=self.peers))
        if kind == "merge":
            return dict(merge_threads=pb.MergeThreads(room=self.room, thread=self.thread, into=self.into))
        rest = sorted(self.before)[1:]
        self.chosen = sorted(pick.sample(rest, pick.randint(1, len(rest))))
        return dict(split_thread=pb.SplitThread(room=self.room, thread=self.thread, messages=self.chosen, title="Uusi"))

    async def try_it(self, change_id, command):
        """As a client does that has no answer yet."""
        async with self.client(MODERATOR) as marja:
            await marja.change(change_id, **command)

    async def until_killed(self, point, change_id, command, redis_too, pick):
        """Whether the point was come to. redis_too: Redis, too, is killed there; or, while the node lives, at some time."""
        self.assertEqual(self.server.interrupt(), 0)
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        with contextlib.suppress(OSError, AssertionError, WebSocketException, Refused):
            self.server.await_ready()
            if redis_too == "meanwhile":
                asyncio.get_running_loop().call_later(pick.random() * 0.4, self.restart_redis)
            await self.try_it(change_id, command)
        if redis_too == "meanwhile":
            await deadline.eventually(lambda: self.redis_was_killed, "Redis was killed")
        with contextlib.suppress(AssertionError):  # the point is not always come to
            await deadline.eventually(lambda: self.server.process.poll() is not None or self.is_over(), "it is over", 3)
        killed = self.server.process.poll() is not None
        if killed:
            self.assertEqual(self.server.process.returncode, -signal.SIGKILL, self.server.log()[-3000:])
        else:
            self.server.kill()
        if redis_too == "at the point":
            self.restart_redis()
        return killed

    def restart_redis(self):
        self.redis.kill()
        self.redis.launch()
        self.redis_was_killed = True

    def is_over(self):
        """It has ended, so the point will not be come to."""
        return "a move is done" in self.server.log()[self.logged:]

    async def check(self, kind, change_id, command):
        async with self.client(MODERATOR) as marja, self.client(OTHER_COUNCILLOR) as pekka, self.client(ADMINISTRATOR) as sanna:
            try:
                await marja.change(change_id, **command)  # as who has had no answer
            except Refused as refused:
                raise AssertionError(f"the first result was lost: {refused}") from None
            named = self.chosen[0] if kind == "split" else 0
            place = await until_moved(marja, self.room, self.thread, named)
            await self.check_places(kind, place, marja)
            await self.check_own(kind, place, pekka)
            acts = [r.act for r in await records_of(self, sanna) if r.room == self.room and r.thread == self.thread]
            self.assertEqual(acts.count(next(iter(command))), 1)
            return place

    async def check_places(self, kind, place, marja):
        gone = {m: self.before[m] for m in (self.chosen if kind == "split" else sorted(self.before))}
        messages, reactions = await whole(marja, place.room, place.thread)
        if kind == "merge":
            messages = [m for m in messages if id_of(m) != self.into]
        self.assertEqual([m.message.created_ms for m in messages], [m.created_ms for m in gone.values()], "once each, in order")
        for (old, was), found in zip(gone.items(), messages):
            at = await locate(marja, self.room, message=old)
            self.assertEqual((at.room, at.thread, at.message), (place.room, place.thread, id_of(found)))
            self.assertEqual((found.message.text, found.message.author, found.message.removed_ms), (was.text, was.author, was.removed_ms))
            if was.reply_to:
                replied = await locate(marja, self.room, message=was.reply_to)
                self.assertEqual(found.message.reply_to, replied.message, "replies lead to the same message")
            self.assertEqual(id_of(found) in reactions, old == self.reacted and not was.removed_ms)
        summaries = collections.Counter(s.thread.key for s in (await marja.threads(place.room)).threads)
        self.assertEqual(summaries[f"thread:{place.thread}"], 1)
        if kind == "split":
            rest, _ = await whole(marja, self.room, self.thread)
            self.assertEqual([id_of(m) for m in rest], [m for m in sorted(self.before) if m not in gone])
        else:
            here = [s.thread.key for s in (await marja.threads(self.room)).threads]
            self.assertNotIn(f"thread:{self.thread}", here)
        if self.removed in gone:
            at = await locate(marja, self.room, message=self.removed)
            act = Moderation(marja, place.room)
            text, = (await act.until_earlier(at.message, 1)).texts
            self.assertEqual(text.earlier_text.text, self.texts[self.removed])
            await act.restore(at.message)

    async def check_own(self, kind, place, pekka):
        if kind == "merge":
            return  # the other thread was not read
        own = f"member:{pekka.welcome.self.id}"
        await pekka.subscribe(own)
        key = f"read:{place.room}:{place.thread}"
        await pekka.until(lambda: pekka.entity(own, key), "the read mark follows")
        expected = self.read if kind == "split" else (await locate(pekka, self.room, message=self.read)).message
        self.assertEqual(pekka.entity(own, key).read_mark.to, expected)
        self.assertEqual(pekka.entity(own, f"read:{self.room}:{self.thread}") is None, kind == "move")

    async def run_once(self, pick, kind, point, redis_too):
        self.redis_was_killed = False
        await self.prepare(pick)
        self.logged = len(self.server.log())
        change_id, command = new_change_id(), self.command(kind, pick)
        killed = await self.until_killed(point, change_id, command, redis_too, pick)
        self.server.port = 0
        self.server.start()
        await self.check(kind, change_id, command)
        return killed

    async def test_ExactlyOneHomeWhateverIsKilled(self):
        pick = random.Random(seeds.seed())
        killed = collections.Counter()
        for n in range(RUNS):
            kind = KINDS[n % len(KINDS)]
            points = EVERY + (AWAY if kind == "move" else WITHIN)
            name = points[n // len(KINDS) % len(points)] if RUNS >= len(KINDS) * len(points) else pick.choice(points)
            point = f"{name}:{pick.randint(1, PASSES.get(name, 1 if name.startswith(OF_MOVES) else 12))}"
            redis_too = pick.choice(("", "at the point", "meanwhile"))
            with self.subTest(kind, n=n, point=point, redis=redis_too):
                at_point = await self.run_once(pick, kind, point, redis_too)
                killed[name if at_point else "none"] += 1
        print(f"{RUNS} runs; the node was killed at: {dict(killed)}", flush=True)
        self.assertTrue(sum(killed.values()) == RUNS)
        self.assertLess(killed["none"], RUNS, "no point was come to")


if __name__ == "__main__":
    unittest.main(verbosity=2)

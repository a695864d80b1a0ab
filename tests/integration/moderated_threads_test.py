"""Threads under moderation, over two nodes: nothing lands in a locked thread, slow mode holds however many connections one has, what is
done stands in the audit log, and pinned threads are in a room's snapshot.

Rounds and seed: moderated_threads_test.py [rounds [seed]]."""

import asyncio
import hashlib
import random
import sys
import unittest

from audit_test import records_of
from support import auth, deadline, seeds
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import Nodes
from support.wire import Client, code, entities, new_change_id, now_ms, pb

ROUNDS, SEED = 25, None
SNAPSHOT_THREADS = 3
SLOW_S = 1


class Writer:
    """A member's connection that adds to a thread, one thing after the other, until it is refused."""

    def __init__(self, client, room, thread, chance):
        self.client, self.room, self.thread, self.chance = client, room, thread, chance
        self.done = []      # versions of what was acknowledged
        self.refusal = None

    def next_command(self, own):
        kind = self.chance.choice(["post", "post", "edit", "react"])
        if kind == "edit" and own:
            return {"edit_message": pb.EditMessage(room=self.room, message=self.chance.choice(own), text=f"muutos {len(self.done)}")}
        if kind == "react" and own:
            return {"react": pb.React(room=self.room, message=self.chance.choice(own), emoji=self.chance.choice("👍👏🎉"))}
        return {"post_message": pb.PostMessage(room=self.room, thread=self.thread, text=f"viesti {len(self.done)}")}

    async def run(self):
        own = []
        while self.refusal is None:
            command = self.next_command(own)
            answer = await self.answer(command)
            if answer.HasField("error"):
                self.refusal = answer.error
            else:
                self.done.append(answer.committed.version)
                if "post_message" in command:
                    own.append(answer.committed.version)

    async def answer(self, command):
        future, = await self.client.send(pb.Request(change_id=new_change_id(), **command))
        return await deadline.within(future, "a change is answered")


class ModeratedThreads(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, "reading.snapshot_threads": SNAPSHOT_THREADS})
        self.addCleanup(nodes.dispose)
        self.nodes = list(nodes)
        self.chance = random.Random(seeds.seed(SEED))
        self.clients = {}
        for handle in (COUNCILLOR, OTHER_COUNCILLOR, MODERATOR, ADMINISTRATOR):
            token = self.nodes[0].token(handle)
            for n, node in enumerate(self.nodes):
                client = self.clients[handle, n] = await Client(node.url, token).connect()
                self.addAsyncCleanup(client.close)
        self.room = (await self.of(COUNCILLOR).room(ROOM)).id
        self.channel = f"room:{self.room}"

    def of(self, handle, node=0):
        return self.clients[handle, node]

    async def moderate(self, kind, thread, node=0, handle=MODERATOR, **values):
        """`kind`: the command's name, such as lock_thread. Its Committed."""
        message = getattr(pb, "".join(word.capitalize() for word in kind.split("_")))
        return await self.of(handle, node).change(**{kind: message(room=self.room, thread=thread, **values)})

    # --- locks

    async def race(self, number):
        thread = await self.of(COUNCILLOR, number % 2).start_thread(self.room, f"Kierros {number}")
        writers = [Writer(self.of(handle, node), self.room, thread, random.Random(self.chance.random()))
                   for handle in (COUNCILLOR, OTHER_COUNCILLOR) for node in (0, 1)]
        running = [asyncio.ensure_future(writer.run()) for writer in writers]
        landed = self.chance.randrange(12)
        await deadline.eventually(lambda: sum(len(writer.done) for writer in writers) >= landed, "some changes land")
        lock = (await self.moderate("lock_thread", thread, self.chance.randrange(2), locked=True, reason="riittää")).version
        await deadline.within(asyncio.gather(*running), "all writers are refused")
        return thread, lock, writers

    async def check_race(self, thread, lock, writers):
        for writer in writers:
            self.assertEqual((writer.refusal.code, writer.refusal.reason), (code("FORBIDDEN"), "thread_locked"))
            self.assertTrue(all(version < lock for version in writer.done), (lock, writer.done))
        for node in (0, 1):
            history = await self.of(OTHER_COUNCILLOR, node).history(self.room, thread, limit=100)
            for entity in [*history.messages, *history.reactions]:
                self.assertLess(entity.version, lock, entity.key)
            kept = {int(entity.key.split(":")[1]) for entity in history.messages}
            if not history.more:
                posted = {version for writer in writers for version in writer.done}
                self.assertLessEqual(kept - {thread}, posted, "what was refused is not there")

    async def test_NothingLandsBehindALockOfAnyNode(self):
        landed = 0
        for number in range(ROUNDS):
            with self.subTest(round=number):
                thread, lock, writers = await self.race(number)
                await self.check_race(thread, lock, writers)
                landed += sum(len(writer.done) for writer in writers)
                if number % 5 == 0:
                    unlock = (await self.moderate("lock_thread", thread, number % 2)).version
                    self.assertGreater(await self.of(COUNCILLOR, 1).post(self.room, thread, "taas auki"), unlock)
        print(f"{ROUNDS} rounds, {landed} changes landed before their lock", flush=True)
        self.assertGreater(landed, 0, "there was a race")

    async def test_SubscribersSeeTheLockAndNothingBehindIt(self):
        watcher = self.of(OTHER_COUNCILLOR, 1)
        await watcher.subscribe(self.channel)
        thread, lock, _ = await self.race(0)
        await watcher.until(lambda: watcher.mirrors[self.channel].version >= lock, "the lock arrives")
        seen = watcher.entity(self.channel, f"thread:{thread}")
        self.assertEqual((seen.thread.locked, seen.thread.lock.reason, seen.version), (True, "riittää", lock))
        marja = self.of(MODERATOR).welcome.self.id
        self.assertEqual(seen.thread.lock.by, marja)
        self.assertLess(abs(seen.thread.lock.at_ms - now_ms()), 60000)

    # --- slow mode

    async def burst(self, thread, client_of):
        """One member's posts over both nodes at the same time. The answers."""
        futures = []
        for _ in range(3):
            for node in (0, 1):
                futures += await client_of(node).send(pb.Request(change_id=new_change_id(), post_message=pb.PostMessage(
                    room=self.room, thread=thread, text="kiire")))
        return await deadline.within(asyncio.gather(*futures), "a burst is answered")

    async def test_SlowModeHoldsOverBothNodes(self):
        for number in range(max(2, ROUNDS // 10)):
            with self.subTest(round=number):
                thread = await self.of(OTHER_COUNCILLOR).start_thread(self.room, f"Hidas {number}")
                await self.moderate("restrict_thread", thread, number % 2, slow_mode_s=SLOW_S)
                landed = []
                for _ in range(4):
                    for answer in await self.burst(thread, lambda node: self.of(COUNCILLOR, node)):
                        if answer.HasField("committed"):
                            landed.append(answer.committed.version)
                            continue
                        self.assertEqual((answer.error.code, answer.error.reason), (code("LIMITED"), "slow_mode"))
                        self.assertTrue(0 < answer.error.retry_after_ms <= SLOW_S * 1000, answer.error)
                    later = now_ms() + self.chance.uniform(0, SLOW_S * 700)
                    await deadline.eventually(lambda end=later: now_ms() >= end, "some of the time is over")
                history = await self.of(COUNCILLOR, 1).history(self.room, thread, limit=100)
                times = [e.message.created_ms for e in history.messages if int(e.key.split(":")[1]) in landed]
                self.assertEqual(len(times), len(landed))
                self.assertTrue(landed, "the first post lands")
                for before, after in zip(times, times[1:]):
                    self.assertGreaterEqual(after - before, SLOW_S * 1000)
                for _ in range(2):  # they moderate
                    await self.of(MODERATOR, 1).post(self.room, thread, "valvojan viesti")

    async def test_WhoHasWaitedPosts(self):
        thread = await self.of(OTHER_COUNCILLOR).start_thread(self.room, "Hidas")
        await self.moderate("restrict_thread", thread, slow_mode_s=SLOW_S)
        change_id, aino = new_change_id(), self.of(COUNCILLOR)
        await aino.post(self.room, thread, "yksi")
        again = {"post_message": pb.PostMessage(room=self.room, thread=thread, text="kaksi")}
        refusal = await aino.refused(change_id, **again)
        free = now_ms() + refusal.retry_after_ms
        await deadline.eventually(lambda: now_ms() >= free, "one may post again")
        await aino.change(change_id, **again)  # the same change: nothing was done before

    # --- the audit log

    async def test_WhatModeratorsDoIsInTheAuditLog(self):
        aino, pekka = (self.of(handle).welcome.self.id for handle in (COUNCILLOR, OTHER_COUNCILLOR))
        marja, sanna = (self.of(handle).welcome.self.id for handle in (MODERATOR, ADMINISTRATOR))
        thread = await self.of(COUNCILLOR).start_thread(self.room)
        forum = (await self.of(COUNCILLOR).room(ROOM)).forum
        reason = "Asia on käsitelty @pekka.rautio."
        until = now_ms() + 3600_000
        await self.moderate("lock_thread", thread, locked=True, reason=reason)
        await self.moderate("lock_thread", thread, 1, locked=True, reason=reason)  # it is so already
        await self.moderate("pin_thread", thread, 1, handle=ADMINISTRATOR, until_ms=until)
        await self.moderate("restrict_thread", thread, slow_mode_s=60, write=[entities.ROLE_COUNCILLOR])
        await self.moderate("lock_thread", thread)
        for kind, values in (("set_thread_state", {"state": entities.THREAD_STATE_SOLVED}), ("tag_thread", {"tags": ["sote"]}),
                             ("rename_thread", {"title": "Oma"})):
            await self.moderate(kind, thread, handle=COUNCILLOR, **values)  # their own
            error = await self.of(OTHER_COUNCILLOR).refused(new_change_id(), **{kind: getattr(pb, "".join(
                word.capitalize() for word in kind.split("_")))(room=self.room, thread=thread, **values)})
            self.assertEqual(error.reason, "moderators_only")
        await self.moderate("set_thread_state", thread, 1, state=entities.THREAD_STATE_PRACTICE)
        records = [r for r in await records_of(self, self.of(ADMINISTRATOR)) if r.thread == thread and r.room == self.room]
        self.assertEqual([(r.act, r.actor) for r in records], [
            ("lock_thread", marja), ("pin_thread", sanna), ("restrict_thread", marja), ("unlock_thread", marja),
            ("set_thread_state", marja)])
        self.assertEqual(records[1].until_ms, until)
        self.assertEqual((records[2].slow_mode_s, list(records[2].write)), (60, [entities.ROLE_COUNCILLOR]))
        self.assertEqual(records[4].state, entities.THREAD_STATE_PRACTICE)
        for record in records:
            self.assertEqual((record.forum, record.member), (forum, aino))
            self.assertLess(abs(record.at_ms - now_ms()), 60000)
        self.assertEqual([r.reason_digest for r in records], [hashlib.sha256(reason.encode()).digest()] + [b""] * 4)
        self.assertNotIn(pekka, [r.actor for r in records])

    # --- pins

    async def snapshot(self, node):
        async with Client(self.nodes[node].url, self.nodes[0].token(COUNCILLOR)) as fresh:
            synced = (await fresh.subscribe(self.channel))[self.channel]
        return ([summary.thread.key for summary in synced.threads.threads], {entity.key: entity for entity in synced.entities})

    async def test_PinnedThreadsAreInTheSnapshotHoweverOldTheyAre(self):
        old, brief, plain = [await self.of(COUNCILLOR).start_thread(self.room, title) for title in ("Ohjeet", "Hetki", "Vanha")]
        end = now_ms() + 3000
        await self.moderate("pin_thread", old, announcement=True)
        await self.moderate("pin_thread", brief, 1, until_ms=end)
        newer = [await self.of(COUNCILLOR).start_thread(self.room) for _ in range(SNAPSHOT_THREADS)]
        await self.moderate("pin_thread", newer[0])
        for node in (0, 1):
            listed, beside = await self.snapshot(node)
            self.assertEqual(set(listed), {f"thread:{thread}" for thread in newer})
            keys = {"pins", f"thread:{old}"} | ({f"thread:{brief}"} if now_ms() < end - 500 else beside.keys() & {f"thread:{brief}"})
            self.assertEqual(set(beside), keys, f"not {plain}, and not {newer[0]} twice")
            self.assertTrue(beside[f"thread:{old}"].thread.pin.announcement)
            self.assertEqual([p.thread for p in beside["pins"].pins.pinned if p.thread != brief], [old, newer[0]])
        await deadline.eventually(lambda: now_ms() >= end + 200, "the pin is over")
        _, beside = await self.snapshot(1)
        self.assertEqual(set(beside), {"pins", f"thread:{old}"}, "one is over")
        for thread in (old, newer[0]):
            await self.moderate("pin_thread", thread, unpin=True)
        _, beside = await self.snapshot(0)
        self.assertEqual(beside, {}, "nothing is pinned any more")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

"""Moderators purge over two nodes while an administrator puts a hold on the place: from the act's fence on, no purge lands, by what the
feeds themselves have. (A node that hears of nothing purges nothing: it could not look the message up.)

Rounds and seed: holds_race_test.py [rounds [seed]]."""

import asyncio
import random
import sys
import unittest

from support import auth, deadline, seeds
from support.cases import MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.nodes import Nodes
from support.redis import Redis
from support.wire import Client, code, entities, new_change_id, now_ms, pb

ROUNDS, SEED = 12, None
MESSAGES = 12


class Races(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED})
        self.addCleanup(self.nodes.dispose)
        self.redis = Redis(self.nodes.redis.home)
        self.addCleanup(self.redis.close)
        self.chance = random.Random(seeds.seed(SEED))
        self.clients = {}
        for handle in (OTHER_COUNCILLOR, MODERATOR, ADMINISTRATOR):
            token = self.nodes.servers[0].token(handle)
            for n, node in enumerate(self.nodes):
                client = self.clients[handle, n] = await Client(node.url, token).connect()
                self.addAsyncCleanup(client.close)
        self.room = (await self.of(MODERATOR).room(ROOM)).id

    def of(self, handle, node=0):
        return self.clients[handle, node]

    def feeds(self):
        return {key: int(self.redis.command("HGET", key.replace(b":feed", b":meta"), "n"))
                for key in self.redis.command("KEYS", "{p*}:feed")}

    def purged_behind_the_fence(self, begins, version):
        """Messages of the room that were purged behind each partition's fence for this version of the directory."""
        found = []
        for feed, begin in begins.items():
            fenced = False
            for _, fields in self.redis.command("XRANGE", feed, f"({begin}-0", "+"):
                names = dict(zip(fields[::2], fields[1::2]))
                fenced = fenced or int(names.get(b"f", 0)) >= version
                if not fenced or names.get(b"c", b"").decode() != f"room:{self.room}":
                    continue
                keys = [fields[n + 1].decode() for n in range(0, len(fields), 2) if fields[n] == b"k"]
                values = [fields[n + 1] for n in range(0, len(fields), 2) if fields[n] == b"d"]
                found += [key for key, value in zip(keys, values) if entities.Entity.FromString(value).message.purged_ms]
            self.assertTrue(fenced, f"{feed} has the fence")
        return found

    async def removed(self):
        """A thread with messages that moderators have removed."""
        pekka = self.of(OTHER_COUNCILLOR)
        thread = await pekka.start_thread(self.room, "Kierros")
        messages = [await pekka.post(self.room, thread, f"todiste {n}") for n in range(MESSAGES)]
        for message in messages:
            await Moderation(self.of(MODERATOR), self.room).remove(message)
        return thread, messages

    async def purge(self, node, message, reason="pois"):
        """The reason of a refusal, or nothing."""
        change_id, made = new_change_id(), now_ms()
        command = pb.PurgeMessage(room=self.room, message=message, reason=reason)
        while True:
            future, = await self.of(MODERATOR, node).send(pb.Request(change_id=change_id, made_at_ms=made, purge_message=command))
            answer = await deadline.within(future, "a purge is answered")
            if answer.error.code not in (code("UNAVAILABLE"), code("OUTCOME_UNKNOWN")):
                return answer.error.reason

    async def set_hold(self, node, thread, held):
        return (await self.of(ADMINISTRATOR, node).change(
            set_hold=pb.SetHold(room=self.room, thread=thread, held=held, reason="tutkinta"))).version

    async def race(self, messages, thread):
        """Purges on both nodes, some of which are under way when the hold is set, and some of which come behind its acknowledgement.
        (the hold's version, how many landed)"""
        self.chance.shuffle(messages)
        early = self.chance.randrange(2, len(messages) - 1)
        running = [asyncio.ensure_future(self.purge(n % 2, message)) for n, message in enumerate(messages[:early])]
        if self.chance.random() < 0.7:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        version = await self.set_hold(self.chance.randrange(2), thread, True)
        late = await asyncio.gather(*(self.purge(n % 2, message) for n, message in enumerate(messages[early:])))
        self.assertEqual(set(late), {"place_held"}, "acknowledged: each later one is refused, on both nodes")
        answers = await asyncio.gather(*running)
        self.assertLessEqual(set(answers), {"", "place_held"})
        return version, answers.count("")

    async def test_NoPurgeLandsBehindAHoldOnAnyNode(self):
        count = 0
        for number in range(ROUNDS):
            with self.subTest(round=number):
                thread, (spared, *rest) = await self.removed()
                begins, place = self.feeds(), self.thread_or_room(thread)
                version, landed = await self.race(rest, place)
                count += landed
                self.assertEqual(self.purged_behind_the_fence(begins, version), [])
                left = await Moderation(self.of(MODERATOR), self.room).until_earlier(spared, 1)
                self.assertEqual(left.texts[0].earlier_text.text, "todiste 0")
                await self.set_hold(self.chance.randrange(2), place, False)
                self.assertEqual(await self.purge(self.chance.randrange(2), spared), "", "it is lifted")
        print(f"{ROUNDS} rounds, {count} purges landed before their hold", flush=True)
        self.assertGreater(count, 0)

    def thread_or_room(self, thread):
        return thread if self.chance.random() < 0.5 else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

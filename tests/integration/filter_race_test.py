"""Posts race filters over two nodes: none with a filtered word lands behind the act that sets it, and what is held behind it never does.

Behind the act is behind its fence in the feed of the room's partition, as in sanction_race_test.py. Rounds and seed:
filter_race_test.py [rounds [seed]]."""

import asyncio
import contextlib
import random
import sys
import unittest

from support import auth, deadline, filtering, sanctions, seeds
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.filtering import HOLD, REFUSE, post_of
from support.nodes import Nodes
from support.redis import Redis
from support.wire import Client, Refused, entities, new_change_id

ROUNDS, SEED = 20, None
ADMINISTRATOR = "sanna.heino"
LATE_POSTS = 3  # of another one, behind the act


class Writer:
    """Posts the word until it is refused or held."""

    def __init__(self, client, room, thread, word):
        self.client, self.room, self.thread, self.word = client, room, thread, word
        self.versions, self.why, self.held = [], "", 0
        self.task = asyncio.ensure_future(self._write())

    async def _write(self):
        while True:
            try:
                answer = await self.client.request(change_id=new_change_id(),
                                                   **post_of(self.room, self.thread, f"{self.word} {len(self.versions)}"))
            except Refused as refused:
                self.why = refused.error.reason
                return
            if answer.WhichOneof("result") == "held":
                self.held = answer.held.held
                return
            self.versions.append(answer.committed.version)


class Races(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, "filters.held_per_member": 100, "filters.held_per_forum": 5000}, late=True)
        self.addCleanup(nodes.dispose)
        self.nodes, self.way = list(nodes), nodes.feed
        token = self.nodes[0].token
        self.admins = [await self.connected(server, token(ADMINISTRATOR)) for server in self.nodes]
        self.moderators = [await self.connected(server, token(MODERATOR)) for server in self.nodes]
        self.writers = [await self.connected(server, token(COUNCILLOR)) for server in self.nodes]
        self.others = [await self.connected(server, token(OTHER_COUNCILLOR)) for server in self.nodes]
        found = await self.moderators[0].room(ROOM)
        self.room, self.forum = found.id, found.forum
        redis = Redis(nodes.redis.home)
        self.addCleanup(redis.close)
        self.redis, self.feed = redis, sanctions.Feed(redis, self.room)
        self.dice = random.Random(seeds.seed(SEED))
        self.landed = self.held = 0

    async def connected(self, server, token):
        client = await Client(server.url, token).connect()
        self.addAsyncCleanup(client.close)
        return client

    def texts(self, position, fence):
        """Texts of the room's commits behind that position: before the fence of this version, and behind it."""
        before, behind, found = [], [], False
        for _, fields in self.redis.command("XRANGE", f"{self.feed.partition}:feed", f"({position}-0", "+"):
            named = list(zip(fields[::2], fields[1::2]))
            first = dict(reversed(named))
            if b"f" in first:
                found = found or int(first[b"f"]) >= fence
            elif first[b"c"].decode() == self.feed.channel:
                values = [entities.Entity.FromString(value) for name, value in named if name == b"d"]
                (behind if found else before).extend((int(first[b"v"]), v.message.text) for v in values if v.HasField("message"))
        self.assertTrue(found, f"a fence of {fence} behind {position}")
        return before, behind

    async def race(self, n, action, everywhere):
        word = f"sana{n}q"
        thread = await self.dice.choice(self.moderators).start_thread(self.room, "Kilpa", "alku")
        begin = self.feed.position()
        writers = [Writer(client, self.room, thread, word) for client in self.writers for _ in range(2)]
        goal = self.dice.randrange(1, 10)
        await deadline.eventually(lambda: sum(len(w.versions) for w in writers) >= goal, "posts are under way")
        forum, late_node = 0 if everywhere else self.forum, self.dice.random() < 0.5
        with self.way.held() if late_node else contextlib.nullcontext():
            actors = self.admins if everywhere else self.moderators
            actor = actors[0] if late_node else self.dice.choice(actors)
            act = await filtering.set_filter(actor, word, action, forum)
            too_late = [Writer(client, self.room, thread, word) for client in self.writers for _ in range(2)]
            other = self.others[0] if late_node else self.dice.choice(self.others)
            for k in range(LATE_POSTS):
                await other.post(self.room, thread, f"jälkeen {k}")
        await deadline.within(asyncio.gather(*(w.task for w in writers + too_late)), "the writers are stopped")
        before, behind = self.texts(begin, act.version)
        self.assertEqual([text for _, text in behind if word in text], [], "nothing lands behind the act")
        self.assertEqual([w.versions for w in too_late if w.versions], [], "nor is anything that was sent then acknowledged")
        landed = {version for version, text in before if word in text}
        self.assertLessEqual({v for w in writers for v in w.versions}, landed, "what was acknowledged is there")
        self.landed += len(landed)
        await filtering.lift(self.dice.choice(actors), await filtering.number_of(actors[0], word, forum), forum)
        return writers + too_late

    async def test_NoFilteredWordLandsBehindTheAct(self):
        for n in range(ROUNDS):
            action, everywhere = self.dice.choice((REFUSE, HOLD)), self.dice.random() < 0.4
            with self.subTest(round=n, action=action, everywhere=everywhere):
                writers = await self.race(n, action, everywhere)
                if action == REFUSE:
                    self.assertEqual({w.why for w in writers}, {"text_filtered"})
                    continue
                held = {w.held for w in writers}
                self.assertEqual(len(held), len(writers))
                self.assertEqual(set(await filtering.waiting(self.moderators[0], self.forum)), held)
                for number in held:
                    await filtering.reject(self.dice.choice(self.moderators), self.forum, number)
                self.held += len(held)
        print(f"filters: {ROUNDS} rounds, {self.landed} posts landed before, {self.held} were held behind, none landed", flush=True)
        self.assertGreater(self.landed, ROUNDS)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

"""Posts race sanctions over two nodes: none lands behind the act, and who is shut out gets nothing that was committed behind it.

Behind the act is behind its fence in the feed of the room's partition, which is the order that all nodes have. Each round acts at a
random moment, over a random node, while the member posts over both; in half of them the second node hears of nothing until the act is
acknowledged and others have posted behind it. Rounds and seed: sanction_race_test.py [rounds [seed]]."""

import asyncio
import contextlib
import random
import sys
import unittest

from support import auth, deadline, sanctions, seeds
from support.cases import MODERATOR, ROOM, UNLIMITED
from support.nodes import Nodes
from support.redis import Redis
from support.revocation import Victim
from support.wire import ENDED, Client, Refused, now_ms, pb

ROUNDS, SEED = 30, None
ADMINISTRATOR = "sanna.heino"
WRITERS = 2       # of the member, on each node
LATE_POSTS = 3    # of another one, behind the act
HOUR_MS = 3600 * 1000


class Writer:
    """Posts until that is refused."""

    def __init__(self, client, room, thread):
        self.client, self.room, self.thread = client, room, thread
        self.versions, self.why = [], ""
        self.task = asyncio.ensure_future(self._write())

    async def _write(self):
        while True:
            try:
                self.versions.append(await self.client.post(self.room, self.thread, f"kirjoitus {len(self.versions)}"))
            except Refused as refused:
                self.why = refused.error.reason
                return
            except (*ENDED, asyncio.CancelledError):
                self.why = "connection"
                return


class Races(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED}, late=True)
        self.addCleanup(nodes.dispose)
        self.nodes, self.way = list(nodes), nodes.feed
        first = self.nodes[0]
        self.admins = [await self.connected(server, first.token(ADMINISTRATOR)) for server in self.nodes]
        self.moderators = [await self.connected(server, first.token(MODERATOR)) for server in self.nodes]
        self.member = await auth.member(first, self.admins[0], "uhri.uuttu")
        found = await self.moderators[0].room(ROOM)
        self.room, self.forum = found.id, found.forum
        self.channel = f"room:{self.room}"
        for moderator in self.moderators:
            await moderator.subscribe(self.channel)
        redis = Redis(nodes.redis.home)
        self.addCleanup(redis.close)
        self.feed = sanctions.Feed(redis, self.room)
        self.dice = random.Random(seeds.seed(SEED))
        self.clients = []
        self.addAsyncCleanup(self.leave)
        self.landed = self.imposed = self.lifted = 0

    async def connected(self, server, token):
        client = await Client(server.url, token).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def come(self):
        """The member signs in on both nodes."""
        for server in self.nodes:
            token = await asyncio.to_thread(auth.signed_in, server, self.member)
            self.clients.append(await Client(server.url, token).connect())

    async def leave(self):
        for client in self.clients:
            await client.close()
        self.clients = []

    async def lift(self):
        """Over any node: what was acknowledged is there, and may be lifted."""
        if self.lifted < self.imposed:
            self.lifted = self.imposed
            await sanctions.lift(self.dice.choice(self.admins), self.member.id, self.lifted)

    def on(self, clients, held):
        """One of them, by whose node an act can be acknowledged."""
        return clients[0] if held else self.dice.choice(clients)

    async def race(self, kind, everywhere):
        """Returns (writers, the room's commits before the act, those behind it)."""
        thread = await self.dice.choice(self.moderators).start_thread(self.room, "Kilpa", "alku")
        begin = self.feed.position()
        writers = [Writer(client, self.room, thread) for client in self.clients for _ in range(WRITERS)]
        goal = self.dice.randrange(1, 10)
        await deadline.eventually(lambda: sum(len(w.versions) for w in writers) >= goal, "the member posts")
        until, held = now_ms() + HOUR_MS if kind == sanctions.SUSPEND else 0, self.dice.random() < 0.5
        with self.way.held() if held else contextlib.nullcontext():
            actor = self.on(self.admins if everywhere else self.dice.choice((self.admins, self.moderators)), held)
            act = await sanctions.impose(actor, self.member.id, kind, 0 if everywhere else self.forum, until)
            self.imposed += 1
            too_late = [Writer(client, self.room, thread) for client in self.clients for _ in range(WRITERS)]
            late = [await self.on(self.moderators, held).post(self.room, thread, f"jälkeen {n}") for n in range(LATE_POSTS)]
        await deadline.within(asyncio.gather(*(w.task for w in writers + too_late)), "the writers are refused")
        before, behind = self.feed.around(begin, act.version)
        self.assertEqual([version for version, authors in behind if self.member.id in authors], [], "nothing lands behind the act")
        self.assertEqual([w.versions for w in too_late if w.versions], [], "nor is anything that was sent then acknowledged")
        self.assertLessEqual(set(late), {version for version, _ in behind}, "what others sent then is behind its fence")
        landed = {version for version, authors in before if self.member.id in authors}
        self.assertLessEqual({version for w in writers for version in w.versions}, landed, "what was acknowledged is there")
        self.landed += len(landed)
        return writers + too_late, late, behind

    async def test_NoPostLandsBehindAMute(self):
        await self.come()
        for n in range(ROUNDS):
            everywhere = self.dice.random() < 0.5
            with self.subTest(round=n, everywhere=everywhere):
                writers, _, _ = await self.race(sanctions.MUTE, everywhere)
                self.assertEqual({w.why for w in writers}, {"muted"})
            await self.lift()
        print(f"mute: {ROUNDS} rounds, {self.landed} posts landed before it, none behind", flush=True)
        self.assertGreater(self.landed, ROUNDS)

    async def test_NothingLandsBehindABanOrSuspensionAndNothingIsDelivered(self):
        await self.come()
        delivered = 0
        for n in range(ROUNDS):
            kind, everywhere = self.dice.choice((sanctions.SUSPEND, sanctions.BAN)), self.dice.random() < 0.25
            with self.subTest(round=n, kind=kind, everywhere=everywhere):
                readers = []
                for client in self.clients:
                    await self.follow(client)
                    reader = Victim(None, "", self.room, 0)
                    reader.items = client.items
                    readers.append(reader)
                writers, late, behind = await self.race(kind, everywhere)
                self.assertLessEqual({w.why for w in writers}, {"connection", "token_invalid"} if everywhere else {"room_not_found"})
                for moderator in self.moderators:
                    await moderator.until(lambda m=moderator: m.mirrors[self.channel].version >= max(late), "each node has the last post")
                await self.noticed(everywhere)
                first = min(version for version, _ in behind)
                for reader in readers:
                    self.assertEqual([v for v in reader.versions() if v >= first], [])
                    delivered += len(set(reader.versions()))
            await self.lift()
            if everywhere:
                await self.leave()
                await self.come()
        print(f"ban and suspension: {ROUNDS} rounds, {self.landed} posts landed and {delivered} versions were delivered before, "
              "none behind", flush=True)
        self.assertGreater(self.landed, ROUNDS)
        self.assertGreater(delivered, ROUNDS)

    async def follow(self, client):
        """Reading comes back to a node a moment after writing, which waits for its directory."""
        while True:
            client.items.clear()
            client.mirrors.clear()
            if not (await client.subscribe(self.channel))[self.channel].HasField("error"):
                return

    async def noticed(self, everywhere):
        """Nothing is behind what the session was told last."""
        for client in self.clients:
            if everywhere:
                await client.ended()
                continue
            await client.until(lambda c=client: [n for n in c.of_kind("notice") if n.access_changed.channel == self.channel],
                               "the subscription ends")
            await client.request(list_forums=pb.ListForums())


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

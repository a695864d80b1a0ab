"""A server on a Redis Cluster: partitions live on different primaries, fail over, and move from one to the other while members post."""

import asyncio
import unittest

from support import deadline
from support.server import Server
from support.topologies import Cluster
from support.topology_case import PARTITIONS, TopologyCase, blocking, partition_of
from support.wire import Client, pb

AINO, PEKKA = "aino.metsala", "pekka.rautio"


class OnACluster(TopologyCase):
    def setUp(self):
        self.redis = self.enter(Cluster())

    def slot(self, partition):
        return self.redis.slot(f"{{p{partition:02}}}:meta")

    async def work(self, server):
        async with self.posting(server) as run:
            await run.further()
        await self.assert_once_each(run, ordered=True)

    def test_WorksAndKeepsTheDataOverARestart(self):
        server = self.server(self.redis.url)
        asyncio.run(self.work(server))
        owners = {self.redis.owner(self.slot(p)).name for p in range(PARTITIONS)}
        self.assertEqual(len(owners), 3, "the partitions are on all primaries")
        server.restart()
        asyncio.run(self.work(server))

    def test_FollowsFailoversWhilePosting(self):
        server = self.server(self.redis.url)

        async def episode():
            async with self.posting(server) as run:
                await run.further()
                owner = self.redis.owner(self.slot(partition_of(run.room)))
                # In order: the replica takes over when it has all, so nothing is lost.
                new = await blocking(self.redis.failover, owner)
                await run.further()
                await self.assert_acknowledged_is_there(run)
                new.kill()
                await blocking(self.redis.await_primary, new)
                await run.further()
                new.restart()
            await self.assert_once_each(run, ordered=False)
        asyncio.run(episode())

    def test_LearnsOfNodesThatTheUrlDoesNotName(self):
        named = self.redis.primaries()[0]
        server = self.server(f"redis+cluster://127.0.0.1:{named.port}")
        asyncio.run(self.work(server))
        named.kill()
        self.redis.await_primary(named)
        asyncio.run(self.work(server))

    def test_NothingAcknowledgedIsLostWhereReplicasAreWaitedFor(self):
        server = self.server(self.redis.url, {"redis.replicas": 1})

        async def episode():
            async with self.posting(server) as run:
                await run.further()
                owner = self.redis.owner(self.slot(partition_of(run.room)))
                owner.kill()
                await blocking(self.redis.await_primary, owner)
                owner.restart()  # without it the new primary has no replica, and nothing is acknowledged
                await run.further()
                await self.assert_acknowledged_is_there(run)
            await self.assert_once_each(run, ordered=True)
        asyncio.run(episode())

    def test_FollowsASlotThatMovesWhilePosting(self):
        self.follow_moves({})

    def test_FollowsASlotThatMovesWhereReplicasAreWaitedFor(self):
        self.follow_moves({"redis.replicas": 1})

    def follow_moves(self, options):
        """There, back, and there again: a primary that was left is no stale one."""
        server = self.server(self.redis.url, options)

        async def episode():
            async with self.posting(server) as run:
                await run.further()
                slot = self.slot(partition_of(run.room))
                for _ in range(3):
                    await blocking(self.move, slot, server)
                    await run.further()
            self.assertEqual({reason for poster in run.posters for reason in poster.unsure}, set())
            await self.assert_once_each(run, ordered=True)
        asyncio.run(episode())

    def move(self, slot, server):
        """In its midst, some keys being here and some there, nothing can be done; that is waited for."""
        source = self.redis.owner(slot)
        target = next(p for p in self.redis.primaries() if p is not source)
        before = self.refusals(server)
        self.redis.begin_move(slot, target)
        self.redis.move_keys(slot, source, target, 3)
        deadline.until(lambda: self.refusals(server) > before, "a commit meets the slot on its way")
        while self.redis.move_keys(slot, source, target):
            pass
        self.redis.end_move(slot, source, target)
        self.assertIs(self.redis.owner(slot), target)

    def refusals(self, server):
        log = server.log()
        return log.count("redis answered ASK") + log.count("redis answered TRYAGAIN") + log.count("HMGET refused: ASK")

    def test_TwoNodesSeeEachOthersPostsAndTyping(self):
        first = self.server(self.redis.url)
        second = self.second_node(first, self.redis.url)
        second_token = first.token(PEKKA)

        async def both(room):
            # New sessions each time: one may not say again so soon that somebody types.
            async with Client(first.url, first.token(AINO)) as aino, Client(second.url, second_token) as pekka:
                channel = f"room:{room}"
                await aino.subscribe(channel)
                await pekka.subscribe(channel)
                thread = await aino.start_thread(room)
                await pekka.until(lambda: pekka.entity(channel, f"thread:{thread}"), "the thread arrives")
                posted = await pekka.post(room, thread, "Näkyykö?")
                await aino.until(lambda: aino.entity(channel, f"message:{posted}"), "the message arrives")
                await aino.request(typing=pb.Typing(room=room, thread=thread))
                await pekka.until(lambda: self.typing(pekka, channel), "typing arrives")
                await pekka.until(lambda: self.present(pekka, channel), "both are present")

        async def all_rooms():
            async with Client(first.url, first.token(AINO)) as aino:
                listed = (await aino.request(list_rooms=pb.ListRooms())).rooms.rooms
                rooms = [room for room in listed if room.may_write][:4]
            owners = {self.redis.owner(self.slot(partition_of(room.id))).name for room in rooms}
            self.assertGreater(len(owners), 1)
            for room in rooms:
                await both(room.id)
        asyncio.run(all_rooms())

    def typing(self, client, channel):
        return [e for e in client.of_kind("ephemeral") if e.channel == channel and e.HasField("is_typing")]

    def present(self, client, channel):
        members = set()
        for event in client.of_kind("ephemeral"):
            if event.channel == channel and event.HasField("presence"):
                members = set() if event.presence.full else members
                members = (members | set(event.presence.joined)) - set(event.presence.left)
        return len(members) == 2

    def refusal(self, url, *arguments):
        server = Server(arguments=["--redis", url, *arguments])
        self.addCleanup(server.dispose)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        return server.log()

    def test_EveryPrimaryIsLookedAtAtTheStart(self):
        node = self.redis.primaries()[-1]
        node.ask("CONFIG", "SET", "appendfsync", "everysec")
        log = self.refusal(self.redis.url)
        self.assertIn(f"redis://127.0.0.1:{node.port}", log)
        self.assertIn("CONFIG SET appendfsync always", log)

    def test_UrlOfOneNodeAloneIsAClearError(self):
        log = self.refusal(f"redis://127.0.0.1:{self.redis.primaries()[0].port}")
        self.assertIn("redis+cluster://", log)

    def test_PartitionOfAnotherInstallationIsRefused(self):
        server = self.server(self.redis.url)
        self.assertEqual(server.interrupt(), 0)
        owner = self.redis.owner(self.slot(7))
        owner.ask("HSET", "{p07}:installation", "id", "another")
        self.assertIn("partition 7 holds the installation another", self.refusal(self.redis.url))


if __name__ == "__main__":
    unittest.main(verbosity=2)

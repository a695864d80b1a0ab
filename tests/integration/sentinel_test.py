"""A server on a Redis that sentinels watch: it finds the primary, follows a failover, and never uses what is none."""

import asyncio
import unittest

from support import deadline
from support.fake_sentinel import FakeSentinel
from support.server import Server
from support.topologies import Sentinel
from support.topology_case import TopologyCase, blocking


class OnSentinels(TopologyCase):
    def setUp(self):
        self.redis = self.enter(Sentinel())

    async def work(self, server):
        async with self.posting(server) as run:
            await run.further()
        await self.assert_once_each(run, ordered=True)

    def test_WorksAndKeepsTheDataOverARestart(self):
        server = self.server(self.redis.url)
        asyncio.run(self.work(server))
        server.restart()
        asyncio.run(self.work(server))

    def test_FindsThePrimaryWhereTheFirstSentinelsAreAway(self):
        dead, silent, _ = self.redis.sentinels
        dead.kill()
        silent.stop()
        asyncio.run(self.work(self.server(self.redis.url)))

    def test_LearnsOfSentinelsThatTheUrlDoesNotName(self):
        first = self.redis.sentinels[0]
        server = self.server(f"redis+sentinel://127.0.0.1:{first.port}/{self.redis.MASTER}")
        asyncio.run(self.work(server))
        first.kill()
        self.redis.failover()
        asyncio.run(self.work(server))

    def test_FollowsAFailoverWhilePosting(self):
        server = self.server(self.redis.url)

        async def episode():
            async with self.posting(server) as run:
                await run.further()
                old = self.redis.primary()
                new = await blocking(self.redis.failover)
                self.assertIsNot(new, old)
                await run.further()
                await blocking(self.redis.await_replicas)
                new.kill()
                await blocking(self.redis.await_primary, new)
                await run.further()
            await self.assert_once_each(run, ordered=False)
        asyncio.run(episode())

    def test_NothingAcknowledgedIsLostWhereReplicasAreWaitedFor(self):
        server = self.server(self.redis.url, {"redis.replicas": 2})

        async def episode():
            async with self.posting(server) as run:
                for _ in range(2):
                    await run.further()
                    old = self.redis.primary()
                    old.kill()
                    await blocking(self.redis.await_primary, old)
                    old.restart()  # without it only one replica has what is written, and nothing is acknowledged
                    await run.further()
                    await self.assert_acknowledged_is_there(run)
            await self.assert_once_each(run, ordered=True)
        asyncio.run(episode())

    # Where replicas are not waited for, what the old primary alone has taken is lost, which nothing here promises otherwise.
    def test_LeavesAPrimaryThatStandsStillAndDoesNotComeBackToIt(self):
        server = self.server(self.redis.url)

        async def episode():
            async with self.posting(server) as run:
                await run.further()
                await blocking(self.redis.await_replicas)  # a busy machine may have seen a failover, and one be filled
                old = self.redis.primary()
                old.stop()
                new = await blocking(self.redis.await_primary, old)
                await run.further()
                old.cont()  # for a while it takes itself for the primary
                await run.further()
                await deadline.eventually(old.is_replica, "the old primary is a replica")
                await run.further()
                self.assertEqual(self.redis.primary(), new)
            await self.assert_once_each(run, ordered=False)
        asyncio.run(episode())

    def test_ReplicaThatASentinelNamesIsNotUsed(self):
        replica = self.redis.replicas()[0]
        primary = self.redis.primary()
        with FakeSentinel(replica.port) as sentinel:
            server = Server(arguments=["--redis", sentinel.url, "--workers", "2"])
            self.addCleanup(server.dispose)
            server.launch()
            deadline.until(lambda: sentinel.asked > 2, "the server asks again")
            self.assertIsNone(server.process.poll())
            sentinel.named = primary.port
            server.await_ready()
            asyncio.run(self.work(server))
            sentinel.named = replica.port
            primary.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            deadline.until(lambda: "is no primary, though the sentinels name it" in server.log(), "it is refused")
            sentinel.named = primary.port
            asyncio.run(self.work(server))

    def test_SentinelThatTellsWhatWasIsNotTheOnlyOneAsked(self):
        old = self.redis.primary()
        with FakeSentinel(old.port) as sentinel:
            others = self.redis.url.split("://")[1]
            server = self.server(sentinel.url.replace("/foorumi", "," + others))
            asyncio.run(self.work(server))
            self.assertGreater(sentinel.asked, 0)
            self.redis.failover()
            deadline.until(old.is_replica, "the old primary is a replica")
            asyncio.run(self.work(server))
            server.restart()
            asyncio.run(self.work(server))

    def refusal(self, url):
        server = Server(arguments=["--redis", url])
        self.addCleanup(server.dispose)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        return server.log()

    def test_UrlOfTheWrongKindIsAClearError(self):
        address = self.redis.url.split("//")[1].split(",")[0]
        self.assertIn("TLS to Redis", self.refusal(f"rediss://{address}"))
        primary = self.redis.primaries()[0]
        self.assertIn("redis://", self.refusal(f"redis+cluster://127.0.0.1:{primary.port}"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

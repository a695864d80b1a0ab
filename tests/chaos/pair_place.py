"""A primary and its replica behind one address that an operator moves, as with a virtual IP: nodes reach Redis through proxies, and so
does the replica its primary. No watcher decides, so a promotion can happen at any moment, and the old primary can live on beside its
successor."""

import asyncio
import os

import pace
import places
import redis_process
from node import Node
from places import Place
from proxy import FaultProxy
from redis_process import RedisError, RedisProcess
from support import ports
from support.server import FOORUMID

FOLLOWS_S = 30 * pace.SLOWNESS


def waits_for_replicas():
    """Whether the server knows how to (redis.replicas)."""
    with open(FOORUMID, "rb") as file:
        return b"replica_wait_ms" in file.read()


class Pair(Place):
    name = "pair"
    node_count = redis_way_count = 2
    provides = frozenset({"redis_ways", "failover", "replicas", "replication_link", "old_primary"})
    settable = frozenset({"clocks"})

    def __init__(self, disk, clocks=False, options=None):
        super().__init__(disk, clocks, {"redis.replicas": 1, **(options or {})})
        self.redises = []
        self.primary = None
        self.link = None     # to the primary, for replicas

    @classmethod
    def missing(cls):
        return "" if waits_for_replicas() else "this server does not wait for replicas"

    @property
    def replica(self):
        return next(redis for redis in self.redises if redis is not self.primary)

    async def start_redis(self):
        self.link = await FaultProxy(None).start()
        for number in range(2):
            files = os.path.join(self.disk.path, f"redis-{number}")
            os.mkdir(files)
            redis = RedisProcess(self.home, files, number, port=str(ports.reserve_one()), bind="127.0.0.1", repl_diskless_sync_delay="0",
                                 repl_timeout="5", repl_ping_replica_period="1")
            self.redises.append(redis)
            await redis.start()
        await self._promote(self.redises[0])
        await self._follow(self.redises[1])

    async def make_node(self, number):
        proxy = await FaultProxy(self.primary.address, os.path.join(self.home, f"way-{number}.sock")).start()
        key = {} if number == 0 else {"second_factor.key_file": os.path.join(self.nodes[0].server.data, "second-factor.key")}
        self.redis_ways.append(proxy)
        return Node({**self.options, **key}, ["--redis", f"unix:{proxy.path}"], None, number == 0)

    async def _promote(self, redis):
        """New connections of nodes and replicas go there. Those that are open stay where they are."""
        await redis_process.command(redis.address, "REPLICAOF", "NO", "ONE")
        self.primary = redis
        self.link.target = ("127.0.0.1", int(redis.settings["port"]))
        for way in self.redis_ways:
            way.target = redis.address

    async def _follow(self, replica):
        """The primary's data, and every later change of it."""
        self.link.reset()
        await redis_process.command(replica.address, "REPLICAOF", "127.0.0.1", self.link.port)
        for way in self.redis_ways:
            way.reset(replica.address)  # whoever was still with it
        await self._linked()

    async def _linked(self):
        end = asyncio.get_running_loop().time() + FOLLOWS_S
        while b"master_link_status:up" not in await redis_process.command(self.replica.address, "INFO", "replication"):
            if asyncio.get_running_loop().time() > end:
                raise RedisError("the replica does not follow")
            await pace.last(pace.POLL_S)

    async def failover(self, lives_on=0.0):
        """The replica takes over. The old primary goes on for so long, with the connections that it has, then follows."""
        old = self.primary
        await self._promote(self.replica)
        self.link.heal()  # whoever was held there follows nobody any more
        self.promotions += 1
        await pace.last(lives_on)
        await self._follow(old)

    async def redis(self, *words):
        for redis in self.redises:
            if redis.pids:
                await redis_process.command(redis.address, *words)

    async def redis_pids(self, dice):
        return self.primary.pids

    async def kill_redis(self, dice):
        """Now and then for good: then the other one takes over."""
        self.primary.kill()
        if dice is not None and dice.random() < 0.5 and self.replica.pids:
            await self._promote(self.replica)
            self.promotions += 1

    async def kill_all_redis(self):
        for redis in self.redises:
            redis.kill()

    async def stop_redis(self, dice):
        await self.primary.stop()

    async def kill_replica(self, dice):
        self.replica.kill()

    async def replica_pids(self, dice):
        return self.replica.pids

    async def revive_redis(self):
        for redis in self.redises:
            if not redis.pids:
                await redis.start()
        await redis_process.command(self.primary.address, "REPLICAOF", "NO", "ONE")
        await redis_process.command(self.replica.address, "REPLICAOF", "127.0.0.1", self.link.port)
        await self._linked()

    async def dispose_redis(self):
        for redis in self.redises:
            redis.resume()
            redis.kill()
        if self.link:
            await self.link.stop()

    def keep_redis_logs(self, directory):
        for redis in self.redises:
            redis.keep_log(directory)


places.PLACES[Pair.name] = Pair

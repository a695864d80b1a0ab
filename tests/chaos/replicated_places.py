"""Places whose Redis has replicas: watched by sentinels, and a cluster. Everybody learns its addresses from itself, so each redis-server
announces the address of a proxy before it: a fault there cuts it off from nodes, sentinels and replicas alike. Only the cluster's own
bus goes past it."""

import asyncio
import contextlib
import os
import shutil
import signal

import pace
import places
import redis_process
from pair_place import waits_for_replicas
from node import Node
from places import Place
from proxy import FaultProxy
from redis_process import RedisError
from support import ports, topologies
from support.server import FOORUMID

BETWEEN_KEYS_S = (0.0, 0.05)


async def until_answering(process):
    """The other fault of a burst may kill it meanwhile: then it is launched again. Raises Ended where it ends by itself."""
    while True:
        try:
            return await asyncio.to_thread(process.await_answers)
        except topologies.Ended as ended:
            if ended.status != -signal.SIGKILL:
                raise
            if not process.alive:
                process.launch()


class Proxied:
    """Of a topology: its processes listen elsewhere, and a proxy where it thinks that they do."""

    def place_in(self, home, ways):
        """Called on the loop's thread, before it is entered on another one. The proxies are added to `ways`."""
        shutil.rmtree(self.home)
        self.home = home
        os.mkdir(home)
        self._ways, self._loop = ways, asyncio.get_running_loop()

    def _add(self, name, port, settings, sentinel=False):
        if sentinel:
            return super()._add(name, port, settings, sentinel)
        inner, = ports.reserve(1)
        starting = FaultProxy(("127.0.0.1", inner), port=port).start()
        self._ways.append(asyncio.run_coroutine_threadsafe(starting, self._loop).result())
        return super()._add(name, port, [*settings, ("port", inner), *[(directive, port) for directive in self.announcing]])


class ProxiedSentinel(Proxied, topologies.Sentinel):
    announcing = ("replica-announce-port",)


class ProxiedCluster(Proxied, topologies.Cluster):
    announcing = ("cluster-announce-port",)


class Replicated(Place):
    node_count = 2
    promotions_are_safe = waits_for_replicas()  # else a promotion loses what was acknowledged (docs/operations.md)
    provides = frozenset({"redis_ways", "failover", "replicas"})
    scheme = ""
    partitions = 8
    replicas = 0    # of each primary

    def __init__(self, disk, clocks=False, options=None):
        waited_for = {"redis.replicas": self.replicas} if self.promotions_are_safe else {}
        super().__init__(disk, clocks, {"redis.partitions": self.partitions, **waited_for, **(options or {})})
        self.topology = None
        self._primaries = set()   # names, as of the last look

    @classmethod
    def missing(cls):
        with open(FOORUMID, "rb") as file:
            return "" if cls.scheme in file.read() else "this server does not know its URL"

    def make_topology(self):
        raise NotImplementedError

    async def start_redis(self):
        self.topology = self.make_topology()
        self.topology.place_in(os.path.join(self.disk.path, "redis"), self.redis_ways)
        await asyncio.to_thread(self.topology.__enter__)
        await self.count_promotions()

    async def make_node(self, number):
        key = {} if number == 0 else {"second_factor.key_file": os.path.join(self.nodes[0].server.data, "second-factor.key")}
        return Node({**self.options, **key}, ["--redis", self.topology.url], None, number == 0)

    async def redis(self, *words):
        """To every one that is there."""
        for way, process in zip(self.redis_ways, self.topology.redises):
            if process.answering:
                with contextlib.suppress(RedisError):
                    await redis_process.command(way.target, *words)

    async def some_primary(self, dice):
        return dice.choice(await asyncio.to_thread(self.topology.primaries))

    async def redis_pids(self, dice):
        return [(await self.some_primary(dice)).pid]

    async def kill_redis(self, dice):
        (await self.some_primary(dice)).kill()

    async def kill_all_redis(self):
        for process in self.topology.processes.values():
            if process.alive:
                process.kill()

    async def stop_redis(self, dice):
        (await self.some_primary(dice)).kill()  # an operator who restarts a primary in order fails over first

    async def revive_redis(self):
        """All are there again, agree on who is a primary, and follow it."""
        for process in self.topology.processes.values():
            if not process.alive:
                process.launch()
        for process in self.topology.processes.values():
            await until_answering(process)
        await asyncio.to_thread(self.topology._await, self.whole, "the replicas follow")  # pylint: disable=protected-access
        await self.count_promotions()

    async def settled(self):
        await self.revive_redis()

    def whole(self):
        raise NotImplementedError

    async def count_promotions(self):
        now = {process.name for process in await asyncio.to_thread(self.topology.primaries)}
        self.promotions += len(now - self._primaries) if self._primaries else 0
        self._primaries = now

    async def failover(self):
        """Redis gives it up without a word where the replica has lost its primary meanwhile, as just after another one; and what is asked for it
        may be killed meanwhile."""
        with contextlib.suppress(AssertionError, OSError):
            await asyncio.to_thread(self.topology.failover)
        await self.revive_redis()

    async def some_replicas(self, dice):
        """One, or none where they are all away. The way to one that is asked may be broken by the other fault of a burst."""
        replicas, = await asyncio.to_thread(self.topology._await,  # pylint: disable=protected-access
                                            lambda: [self.topology.replicas()], "they tell of the replicas")
        return [dice.choice(replicas)] if replicas else []

    async def kill_replica(self, dice):
        for replica in await self.some_replicas(dice):
            replica.kill()

    async def replica_pids(self, dice):
        return [replica.pid for replica in await self.some_replicas(dice)]

    async def dispose_redis(self):
        if self.topology is not None:
            for process in self.topology.processes.values():
                if process.alive:
                    process.kill()

    def keep_redis_logs(self, directory):
        for process in self.topology.processes.values():
            with contextlib.suppress(OSError):
                shutil.copy(process.log_path, os.path.join(directory, f"{process.name}.log"))


class Sentinels(Replicated):
    """A primary with two replicas, and three sentinels."""

    name = "sentinel"
    provides = Replicated.provides | {"sentinels"}
    scheme = b"redis+sentinel"
    replicas = 2
    redis_way_count = 3

    def make_topology(self):
        return ProxiedSentinel(replicas=self.replicas)

    def whole(self):
        primary = self.topology.primary()
        if primary is None:
            return False
        self.topology.hurry()
        return all(process.info("master_link_status") == "up" and process.info("master_port") == str(primary.port)
                   for process in self.topology.redises if process is not primary)

    async def kill_sentinel(self, dice):
        dice.choice(self.topology.sentinels).kill()

    def sentinel_pids(self, dice):
        return [dice.choice(self.topology.sentinels).pid]


class Cluster(Replicated):
    """Three primaries with a replica each."""

    name = "cluster"
    provides = Replicated.provides | {"slots"}
    scheme = b"redis+cluster"
    replicas = 1
    redis_way_count = 6

    def make_topology(self):
        return ProxiedCluster(replicas_each=self.replicas)

    def whole(self):
        return self.topology.whole()

    async def move_slot(self, dice):
        """As an operator does who spreads the load: keys go one by one, with members at work."""
        cluster = self.topology
        slot = await asyncio.to_thread(cluster.slot, f"{{p{dice.randrange(self.partitions):02}}}")
        source = await asyncio.to_thread(cluster.owner, slot)
        target = dice.choice([one for one in await asyncio.to_thread(cluster.primaries) if one is not source])
        await asyncio.to_thread(cluster.begin_move, slot, target)
        while await asyncio.to_thread(cluster.move_keys, slot, source, target):
            await pace.last(dice.uniform(*BETWEEN_KEYS_S))
        await asyncio.to_thread(cluster.end_move, slot, source, target)


places.PLACES.update({place.name: place for place in (Sentinels, Cluster)})

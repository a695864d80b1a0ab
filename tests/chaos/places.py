"""Where an episode takes place: nodes, their Redis, and the proxies between all of them. One small class for each topology."""

import collections
import contextlib
import os
import shutil
import signal
import tempfile

import crash_points
import pace
import redis_process
from clocks import Clock
from node import START_S, Node
from proxy import FaultProxy
from redis_process import RedisProcess
from support import processes


class Place:
    """start() to stop(). Subclasses say what `nodes` and the Redis are."""

    name = ""
    node_count = 1
    redis_way_count = 0         # of the proxies in redis_ways
    promotions_are_safe = True  # or there are none
    provides = frozenset()   # names of what faults may need here
    settable = frozenset({"clocks"})  # and of the clocks that can be set

    def __init__(self, disk, clocks=False, options=None):
        """`clocks`: those of the processes can be set."""
        self.home = tempfile.mkdtemp(prefix="fic-", dir="/tmp")
        self.disk = disk(self.home)
        self.options = options or {}
        self.nodes = []
        self.redis_ways = []  # proxies between nodes and Redis
        self.clocks = clocks
        self.redis_clock = None
        self.promotions = 0   # of replicas, which were seen
        self.crashes = collections.Counter()  # of nodes, by the crash point that they came to
        self.provided = self.provides | self.disk.provides | (self.settable if clocks else set()) | self.of_the_build()

    @classmethod
    def missing(cls):
        return ""

    async def start(self):
        await self.disk.mount()
        await self.start_redis()
        for number in range(self.node_count):
            node = await self.make_node(number)
            self.nodes.append(node)
            if self.clocks:
                node.have(self.clock(f"clock-{number}"))
            await node.proxy.start()
            await node.start()
        if "power_loss" in self.disk.provides:
            self.disk.sync()  # as it is long after an installation

    @staticmethod
    def of_the_build():
        return set() if crash_points.missing() else {"crash_points"}

    def clock(self, name):
        return Clock(os.path.join(self.home, name))

    async def start_redis(self):
        raise NotImplementedError

    async def make_node(self, number):
        raise NotImplementedError

    @property
    def redis_address(self):
        """Past all proxies."""
        raise NotImplementedError

    async def redis(self, *words):
        return await redis_process.command(self.redis_address, *words)

    async def redis_pids(self, dice):
        """Of the one that serves, or one of them."""
        raise NotImplementedError

    async def kill_redis(self, dice):
        raise NotImplementedError

    async def kill_all_redis(self):
        await self.kill_redis(None)

    async def stop_redis(self, dice):
        raise NotImplementedError

    async def revive_redis(self):
        """After any of these, where nobody else does it."""

    async def settled(self):
        """Until a fault on a way to Redis has no consequences any more that are not the server's."""

    def token(self, handle):
        return self.nodes[0].server.token(handle)

    async def crash(self):
        """Every process is killed, and started again."""
        for node in self.nodes:
            node.kill()
        await self.kill_all_redis()
        await self.disk.restart()
        await self.revive_redis()
        for node in self.nodes:
            await node.start()

    async def stop(self, keep=None):
        """Ends everything. With `keep` the logs go to that directory. Returns complaints."""
        complaints = []
        for node in self.nodes:
            for pid in node.pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            try:
                await node.stop()
            except AssertionError as error:
                complaints.append(str(error))
                node.kill()
            await node.proxy.stop()
            if node.complaint():
                complaints.append(node.complaint())
        await self.dispose_redis()
        for way in self.redis_ways:
            await way.stop()
        if keep:
            self.keep_logs(keep)
        await self.disk.unmount()
        for node in self.nodes:
            shutil.rmtree(node.server.home, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
        return complaints

    async def dispose_redis(self):
        raise NotImplementedError

    def keep_logs(self, directory):
        for number, node in enumerate(self.nodes):
            with contextlib.suppress(OSError):
                shutil.copy(node.server.log_path, os.path.join(directory, f"node-{number}.log"))
        self.keep_redis_logs(directory)

    def keep_redis_logs(self, directory):
        raise NotImplementedError


class Embedded(Place):
    """One node with its private Redis."""

    name = "embedded"
    provides = frozenset({"supervised_redis"})

    @property
    def data(self):
        return os.path.join(self.disk.path, "data")

    async def start_redis(self):
        pass

    async def make_node(self, number):
        return Node(self.options, [], self.data, True)

    @property
    def redis_address(self):
        return os.path.join(self.data, "redis.sock")

    def keep_redis_logs(self, directory):
        with contextlib.suppress(OSError):
            shutil.copy(os.path.join(self.data, "redis.log"), directory)

    async def redis_pids(self, dice):
        return processes.redis_children(self.data)

    async def kill_redis(self, dice):
        for pid in processes.kill_redis(self.data):
            await pace.until(lambda p=pid: not processes.alive(p), START_S)

    async def stop_redis(self, dice):
        for pid in processes.redis_children(self.data):
            os.kill(pid, signal.SIGTERM)

    async def dispose_redis(self):
        for pid in processes.redis_children(self.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        await self.kill_redis(None)


class Standalone(Place):
    """Some nodes on one Redis, each through a proxy."""

    name = "standalone"
    node_count = redis_way_count = 2
    provides = frozenset({"redis_ways"})
    settable = frozenset({"clocks", "redis_clock"})

    def __init__(self, disk, clocks=False, options=None):
        super().__init__(disk, clocks, options)
        self.redis_server = None

    async def start_redis(self):
        files = os.path.join(self.disk.path, "redis")
        os.mkdir(files)
        self.redis_server = RedisProcess(self.home, files)
        if self.clocks:
            self.redis_clock = self.clock("clock-redis")
            self.redis_server.environment.update(self.redis_clock.environment)
        await self.redis_server.start()

    async def make_node(self, number):
        proxy = await FaultProxy(self.redis_server.address, os.path.join(self.home, f"way-{number}.sock")).start()
        key = {} if number == 0 else {"second_factor.key_file": os.path.join(self.nodes[0].server.data, "second-factor.key")}
        self.redis_ways.append(proxy)
        return Node({**self.options, **key}, ["--redis", f"unix:{proxy.path}"], None, number == 0)

    @property
    def redis_address(self):
        return self.redis_server.address

    def keep_redis_logs(self, directory):
        self.redis_server.keep_log(directory)

    async def redis_pids(self, dice):
        return self.redis_server.pids

    async def kill_redis(self, dice):
        self.redis_server.kill()

    async def stop_redis(self, dice):
        await self.redis_server.stop()

    async def revive_redis(self):
        if not self.redis_server.pids:
            await self.redis_server.start()

    async def dispose_redis(self):
        if self.redis_server:
            self.redis_server.resume()
            self.redis_server.kill()


PLACES = {place.name: place for place in (Embedded, Standalone)}

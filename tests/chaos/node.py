"""A node with the proxy that its clients come through."""

import asyncio
import os
import signal

import crash_points
import pace
from proxy import FaultProxy
from support.cases import UNLIMITED
from support.server import SANITIZERS, Server

# Shorter than the defaults, so that what is unknown is told within an episode.
OPTIONS = {**UNLIMITED, "network.connections_per_member": 10000, "network.ping_interval_ms": 2000, "network.idle_timeout_ms": 8000,
           "network.close_timeout_ms": 500, "store.change_deadline_ms": 3000, "store.read_deadline_ms": 2000,
           "shutdown.drain_ms": 200, "shutdown.deadline_ms": 8000, "content.reactions": 1000, "redis.partitions": 4,
           "log.level": "debug"}
START_S = 60 * pace.SLOWNESS


class Node:
    """A foorumid with the proxy that clients come through. `up`: it is meant to run, so its end would be a fault of its own."""

    def __init__(self, options, arguments, data, demo):
        self.server = Server({**OPTIONS, **options}, [*arguments, "--workers", "2"], data=data, demo=demo)
        self.proxy = FaultProxy(None)
        self.clock = None
        self.up = False

    def have(self, clock):
        self.clock = clock
        self.server.environment.update(clock.environment)

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.proxy.port}"

    @property
    def pids(self):
        return [self.server.process.pid] if self.server.process is not None and self.server.process.poll() is None else []

    async def start(self):
        """Until it serves. Raises AssertionError."""
        self.server.port = 0
        self.server.launch()
        await self._ready()
        self.up = True

    async def start_to_crash(self, point, number):
        """Until it serves, or has ended itself at that pass of that crash point."""
        self.server.port = 0
        self.server.environment[crash_points.VARIABLE] = f"{point}:{number}"
        try:
            self.server.launch()
        finally:
            del self.server.environment[crash_points.VARIABLE]
        try:
            await self._ready()
        except AssertionError:
            if self.server.process.poll() != -signal.SIGKILL:
                raise

    async def _ready(self):
        end = asyncio.get_running_loop().time() + START_S
        while not await asyncio.to_thread(self.server._ready):  # pylint: disable=protected-access
            if asyncio.get_running_loop().time() > end:
                raise AssertionError("a node does not get ready")
            await pace.last(pace.POLL_S)
        self.proxy.target = ("127.0.0.1", self.server.port)

    def kill(self):
        self.up = False
        if self.pids:
            self.server.kill()

    async def stop(self):
        """In order. Raises AssertionError unless that goes well."""
        self.up = False
        if not self.pids:
            return
        self.server.process.send_signal(signal.SIGTERM)
        status = await pace.until(lambda: self.server.process.poll() is not None, START_S) and self.server.process.returncode
        if status != 0:
            raise AssertionError(f"a node that was told to stop ended with {status}")

    def died(self):
        """What is wrong with it, or nothing."""
        if self.up and self.server.process.poll() is not None:
            self.up = False
            return f"a node ended by itself with {self.server.process.returncode}"
        return None

    def complaint(self):
        if not os.path.exists(self.server.log_path):
            return None
        return next((f"a node's log says {word}" for word in SANITIZERS if word in self.server.log()), None)

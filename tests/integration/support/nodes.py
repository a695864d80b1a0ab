"""Several servers on one Redis, as an installation of several nodes has it."""

import os
import shutil
import socket
import subprocess

from . import deadline, ports
from .feed import FeedProxy
from .server import Server, temporary_directory

# What Foorumi asks of a Redis; no snapshots, so that a test tells whether the append-only file alone is enough.
GOOD = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}


class RedisServer:
    """A redis-server of the test's own, on a unix socket and, if asked, a loopback port."""

    def __init__(self, tcp=False, prepare=None, **settings):
        """prepare(home): puts files there before it starts."""
        self.home = temporary_directory()
        if prepare:
            prepare(self.home)
        self.socket = os.path.join(self.home, "redis.sock")
        self.port = ports.reserve_one() if tcp else 0
        words = ["redis-server", "--dir", self.home, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.socket]
        for name, value in {**GOOD, **settings}.items():
            words += ["--" + name.replace("_", "-"), *([value] if isinstance(value, str) else value)]
        self._words = words
        self.launch()

    def launch(self):
        self.process = subprocess.Popen(self._words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline.until(self.answers, "redis-server answers")

    def kill(self):
        """Its files stay, and launch() goes on with them."""
        self.process.kill()
        self.process.wait()

    def files(self, name="appendonlydir"):
        return os.path.join(self.home, name)

    def replace(self, target, source, meanwhile=lambda: None):
        """The one of its files by the other, such as a backup, while it is away."""
        self.kill()
        meanwhile()
        shutil.rmtree(self.files(target), ignore_errors=True)
        shutil.copytree(self.files(source), self.files(target))
        self.launch()

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"redis-server ended with {self.process.returncode}")
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.socket)
                connection.sendall(b"PING\r\n")
                return connection.recv(100)
        except OSError:
            return False

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix:{self.socket}"

    def stop(self):
        self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


class Nodes:
    """Two servers; the first one brings the demo content and the key that seals second factors, with
    `late` the second one is behind a FeedProxy, `feed`."""

    def __init__(self, options, late=False):
        self.redis = RedisServer()
        self.feed = FeedProxy(self.redis.socket) if late else None
        self.servers = []
        try:
            first = self._start(options, True, self.redis.url)
            key = os.path.join(first.data, "second-factor.key")
            self._start({**options, "second_factor.key_file": key}, False, self.feed.url if late else self.redis.url)
        except BaseException:
            self.dispose()
            raise

    def _start(self, options, demo, redis):
        server = Server(options, ["--redis", redis, "--workers", "2"], demo=demo)
        self.servers.append(server)
        return server.start()

    def __iter__(self):
        return iter(self.servers)

    def dispose(self):
        try:
            for server in reversed(self.servers):
                server.dispose()
        finally:
            if self.feed:
                self.feed.stop()
            self.redis.stop()

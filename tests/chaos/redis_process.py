"""A redis-server of an episode's own, and commands past the server to any Redis."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess

import pace
from support.nodes import GOOD

START_S = 30 * pace.SLOWNESS


class RedisError(Exception):
    """An error reply, or no reply."""


async def command(address, *words, seconds=10):
    """One command over a connection of its own. `address`: a unix socket's path or (host, port). Returns the reply."""
    async def talk():
        opening = asyncio.open_unix_connection(address) if isinstance(address, str) else asyncio.open_connection(*address)
        reader, writer = await opening
        try:
            encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
            writer.write(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in encoded))
            return await _reply(reader)
        finally:
            writer.transport.abort()

    try:
        return await asyncio.wait_for(talk(), seconds)
    except (OSError, EOFError, asyncio.TimeoutError) as error:
        raise RedisError(f"{words[0]}: {error!r}") from error


async def _reply(reader):
    line = await reader.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    if kind == b"$":
        return None if rest == b"-1" else (await reader.readexactly(int(rest) + 2))[:-2]
    if kind == b"*":
        return [await _reply(reader) for _ in range(int(rest))]
    if kind == b"-":
        raise RedisError(rest.decode())
    return rest.decode()


class RedisProcess:
    """Restartable, on a unix socket, with its files in `files`."""

    def __init__(self, home, files, number=0, **settings):
        """`home`: for its socket and its log. `number`: which of those there."""
        self.address = os.path.join(home, f"redis-{number}.sock")
        self.log = os.path.join(home, f"redis-{number}.log")
        self.files = files
        self.settings = {**GOOD, "port": "0", **settings}
        self.environment = {}
        self.process = None

    def launch(self):
        words = ["redis-server", "--dir", self.files, "--unixsocket", self.address, "--logfile", self.log]
        for name, value in self.settings.items():
            words += ["--" + name.replace("_", "-"), *([value] if isinstance(value, str) else value)]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **self.environment})

    async def start(self):
        """Until it has loaded its files and takes commands."""
        self.launch()
        end = asyncio.get_running_loop().time() + START_S
        while True:
            try:
                if await command(self.address, "PING", seconds=2) == "PONG":
                    return
            except RedisError as error:
                if self.process.poll() is not None or asyncio.get_running_loop().time() > end:
                    raise RedisError(f"redis-server does not start ({self.process.poll()}): {error}") from error
            await pace.last(pace.POLL_S)

    @property
    def pids(self):
        return [self.process.pid] if self.process is not None and self.process.poll() is None else []

    def resume(self):
        """Where it stands still, it goes on."""
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)

    def keep_log(self, directory):
        with contextlib.suppress(OSError):
            shutil.copy(self.log, directory)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    async def stop(self):
        """In order, as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        if await pace.until(lambda: self.process.poll() is not None, START_S) is None:
            raise RedisError("redis-server does not stop")

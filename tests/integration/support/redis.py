"""A server's embedded Redis, past the server: what another node, or a hand on the data, would do."""

import os
import socket

from . import deadline


class Redis:
    """A few commands to the server's embedded Redis, past the server."""

    def __init__(self, data):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(deadline.SECONDS)
        self._socket.connect(os.path.join(data, "redis.sock"))
        self._file = self._socket.makefile("rb")

    def close(self):
        self._file.close()
        self._socket.close()

    def command(self, *words):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self._reply()

    def put_entity(self, channel, key, value):
        """As another node's commit would change it, but for the feed: nobody is told, so subscribers would see a gap."""
        partition = self._partition(channel)
        version = self.command("INCR", f"{partition}:v:{channel}")
        self.command("HSET", f"{partition}:e:{channel}", key, value)
        self.command("ZADD", f"{partition}:x:{channel}", version, key)

    def replace_entity(self, channel, key, value):
        """In the place of what is there, at the same version."""
        self.command("HSET", f"{self._partition(channel)}:e:{channel}", key, value)

    def skip_feed_entry(self, channel):
        """As when a node was away for so long that the feed of the channel's partition was trimmed past its place."""
        partition = self._partition(channel)
        position = int(self.command("HGET", f"{partition}:meta", "n")) + 2
        self.command("HSET", f"{partition}:meta", "n", position)
        self.command("XADD", f"{partition}:feed", f"{position}-0", "f", 0)

    def entity(self, channel, key):
        return self.command("HGET", f"{self._partition(channel)}:e:{channel}", key)

    def _partition(self, channel):
        return self.command("KEYS", "{p*}:v:" + channel)[0].decode().split(":")[0]

    def _reply(self):
        line = self._file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        assert kind in (b"+", b":"), line
        return rest

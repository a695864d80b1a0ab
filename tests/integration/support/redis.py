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

    def _reply(self):
        line = self._file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        assert kind in (b"+", b":"), line
        return rest

"""Commands to a Redis, or a sentinel, over TCP, as a hand on it would type them."""

import socket

from . import deadline


class RedisError(Exception):
    """What Redis answered instead: the text begins with a word in capitals, such as MOVED."""


class Resp:
    """One connection. Context: closed on exit."""

    def __init__(self, port, seconds=None):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=seconds or deadline.SECONDS)
        self._file = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def command(self, *words):
        """Texts are bytes; nil is None."""
        words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        return self._reply()

    def _reply(self):
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode(errors="replace"))
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._reply() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest


def ask(port, *words, seconds=None):
    """The answer to one command on a connection of its own."""
    with Resp(port, seconds) as redis:
        return redis.command(*words)

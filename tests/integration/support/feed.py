"""A way to Redis on which what the feed brings can be held back, while all else passes."""

import contextlib
import os
import shutil
import socket
import threading

from .server import temporary_directory


class FeedProxy:
    """Listens on a unix socket before the one of a Redis. A connection that asks for the feed is one of the feed."""

    def __init__(self, target):
        self.target = target
        self.home = temporary_directory()
        self.path = os.path.join(self.home, "proxy.sock")
        self.flows = threading.Event()
        self.flows.set()
        self._asked = bytearray()  # by all connections but those of the feed
        self._lock = threading.Lock()
        self._sockets = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        self._start(self._accept)

    @property
    def url(self):
        return f"unix:{self.path}"

    @contextlib.contextmanager
    def held(self):
        self.flows.clear()
        try:
            yield
        finally:
            self.flows.set()

    def asked(self, text):
        """Whether the server has asked Redis for something with this text in it."""
        with self._lock:
            return text.encode() in self._asked

    def stop(self):
        self.flows.set()
        with self._lock:
            for one in [self._listener, *self._sockets]:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
        shutil.rmtree(self.home, ignore_errors=True)

    @staticmethod
    def _start(function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                redis = socket.socket(socket.AF_UNIX)
                redis.connect(self.target)
                with self._lock:
                    self._sockets += [client, redis]
                is_feed = threading.Event()
                self._start(self._to_redis, client, redis, is_feed)
                self._start(self._to_client, redis, client, is_feed)

    def _to_redis(self, client, redis, is_feed):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b"XREAD" in data:
                    is_feed.set()
                if not is_feed.is_set():
                    with self._lock:
                        self._asked += data
                redis.sendall(data)
            redis.shutdown(socket.SHUT_RDWR)

    def _to_client(self, redis, client, is_feed):
        with contextlib.suppress(OSError):
            while data := redis.recv(65536):
                if is_feed.is_set():
                    self.flows.wait()
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

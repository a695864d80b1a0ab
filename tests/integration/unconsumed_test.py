"""What follows from a commit that nobody had seen to when all nodes died: whoever starts next does, however early it meets it."""

import contextlib
import os
import socket
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.feed import FeedProxy
from support.nodes import RedisServer
from support.redis import Redis
from support.server import Server
from support.wire import Client

MENTIONS = 5
HASTE_S = 1.5


class LateDirectory(FeedProxy):
    """Holds what Redis answers on a connection that asks for the directory, while the feeds flow."""

    def _to_redis(self, client, redis, is_directory):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if b":directory" in data:
                    is_directory.set()
                with self._lock:
                    self._asked += data
                redis.sendall(data)
            redis.shutdown(socket.SHUT_RDWR)

    def forget_asked(self):
        with self._lock:
            self._asked.clear()


class Unconsumed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        store = RedisServer()
        self.addCleanup(store.stop)
        self.redis = Redis(os.path.dirname(store.socket))
        self.addCleanup(self.redis.close)
        self.way = LateDirectory(store.socket)
        self.addCleanup(self.way.stop)
        self.server = Server({**UNLIMITED, "redis.partitions": 64}, ["--redis", self.way.url, "--workers", "2"])
        self.addCleanup(self.server.dispose)
        self.server.start()

    async def inbox(self, messages):
        """Until all these messages are in it."""
        async with Client(self.server.url, self.server.token(COUNCILLOR)) as aino:
            channel = f"member:{aino.welcome.self.id}"
            await aino.subscribe(channel)
            await aino.until(lambda: all(aino.entity(channel, f"inbox:{self.room}:{m}") for m in messages), "the mentions arrive")
            return channel

    def forget_consumption(self, channel, messages):
        """As if nobody had got to it: the entries are not in the inbox, and the feed of the room is not consumed."""
        inbox, = self.redis.command("KEYS", "{p*}:v:" + channel)
        room, = self.redis.command("KEYS", f"{{p*}}:v:room:{self.room}")
        tag, source = inbox.decode().split(":")[0], room.decode().split(":")[0]
        for message in messages:
            key = f"inbox:{self.room}:{message}"
            self.redis.command("HDEL", f"{tag}:e:{channel}", key)
            self.redis.command("ZREM", f"{tag}:x:{channel}", key)
            self.redis.command("ZREM", f"{tag}:i:{channel}:inbox", key)
        for ids in self.redis.command("KEYS", f"{tag}:d:*"):
            self.redis.command("DEL", ids)
        self.redis.command("HSET", f"{source}:meta", "done", 0)

    async def test_MentionsReachTheInboxOfWhomTheNextStartKnows(self):
        async with Client(self.server.url, self.server.token(OTHER_COUNCILLOR)) as pekka:
            self.room = (await pekka.room(ROOM)).id
            thread = await pekka.start_thread(self.room)
            messages = [await pekka.post(self.room, thread, f"@{COUNCILLOR} {n}") for n in range(MENTIONS)]
        channel = await self.inbox(messages)
        self.server.kill()
        self.forget_consumption(channel, messages)
        self.way.forget_asked()
        with self.way.held():
            self.server.launch()
            deadline.until(lambda: self.way.asked("XREAD"), "the feeds are read")
            # A server that decides without the directory does so at once. One that waits for it does nothing that could be waited for.
            with contextlib.suppress(AssertionError):
                deadline.until(lambda: self.way.asked(f"inbox:{self.room}:"), "somebody looks for the inbox", HASTE_S)
        deadline.until(self.server._ready, "foorumid is ready")
        await self.inbox(messages)


if __name__ == "__main__":
    unittest.main(verbosity=2)

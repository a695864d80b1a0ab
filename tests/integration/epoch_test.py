"""Redis comes back with a backup, and has grown past what was lost before a node that knew of it looks: who holds a version of what is
gone is told so, on any node."""

import os
import shutil
import signal
import unittest

from support import deadline, processes
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.nodes import RedisServer
from support.server import Server
from support.wire import Client

KEPT, LOST, NEW = 3, 4, 9


class Epochs(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = self.node()

    def node(self, options=None):
        server = Server({**UNLIMITED, **(options or {})}, ["--redis", self.redis.url, "--workers", "2"], demo=not options)
        self.addCleanup(server.dispose)
        return server.start()

    def client(self, server, handle, mirrors=None):
        return Client(server.url, self.server.token(handle), mirrors)

    def files(self, name="appendonlydir"):
        return os.path.join(self.redis.home, name)

    def replace(self, target, source):
        """The one by the other, while Redis stands still."""
        self.redis.kill()
        shutil.rmtree(self.files(target), ignore_errors=True)
        shutil.copytree(self.files(source), self.files(target))
        self.redis.launch()

    async def post(self, server, room, thread, texts):
        async with self.client(server, COUNCILLOR) as author:
            return [await author.post(room, thread, text) for text in texts]

    async def messages(self, reader, room, thread):
        return {entity.key: entity.message.text for entity in (await reader.history(room, thread)).messages}

    async def test_VersionThatIsSomethingElseNowIsReset(self):
        async with self.client(self.server, COUNCILLOR) as author:
            room = (await author.room(ROOM)).id
            thread = await author.start_thread(room)
        channel = f"room:{room}"
        await self.post(self.server, room, thread, [f"jää {n}" for n in range(KEPT)])
        self.replace("backup", "appendonlydir")

        async with self.client(self.server, OTHER_COUNCILLOR) as reader:
            await reader.subscribe(channel)
            self.assertEqual(reader.mirrors[channel].epoch, 0)
            lost = await self.post(self.server, room, thread, [f"katoaa {n}" for n in range(LOST)])
            await reader.until(lambda: reader.mirrors[channel].version == lost[-1], "all is shown")
            os.kill(self.server.process.pid, signal.SIGSTOP)
            self.addCleanup(os.kill, self.server.process.pid, signal.SIGCONT)
            deadline.until(lambda: processes.state(self.server.process.pid) == "T", "the node stands still")
            self.replace("appendonlydir", "backup")
            other = self.node({"second_factor.key_file": os.path.join(self.server.data, "second-factor.key")})
            new = await self.post(other, room, thread, [f"uusi {n}" for n in range(NEW)])
            self.assertEqual(new[:LOST], lost, "the same versions, and more")
            os.kill(self.server.process.pid, signal.SIGCONT)
            await reader.ended()
            self.assertEqual(reader.of_kind("notice")[-1].closing.error.reason, "changes_missed")
            mirrors = reader.mirrors

        for server in (other, self.server):
            async with self.client(server, OTHER_COUNCILLOR, {channel: mirrors[channel]}) as again:
                synced = (await again.subscribe(channel))[channel]
                self.assertEqual((synced.reset, synced.version), (server is other, new[-1]))
                self.assertGreater(synced.epoch, 0)
                told = await self.messages(again, room, thread)
                self.assertEqual([told[f"message:{version}"] for version in new], [f"uusi {n}" for n in range(NEW)])
                self.assertFalse([text for text in told.values() if text.startswith("katoaa")])

        after, = await self.post(self.server, room, thread, ["jälkeen"])
        self.assertEqual(after, new[-1] + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Replicas that must have every change: while one is missing nothing can be written, reading goes on, and it mends itself."""

import os
import re
import signal
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM
from support.nodes import RedisServer
from support.server import Server
from support.wire import Client, change, code, new_change_id, pb

OTHER_ROOM = "valtuustoryhmien-yhteistyo"
NAMED = re.compile(r"not all of 1 replicas have what was committed")


class MissingReplica(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        primary = RedisServer(tcp=True, repl_diskless_sync_delay="0")
        self.addCleanup(primary.stop)
        self.replica = RedisServer(tcp=True, replicaof=["127.0.0.1", str(primary.port)])
        self.addCleanup(self.replica.stop)
        self.server = Server({"redis.replicas": 1, "redis.replica_wait_ms": 100, "store.read_deadline_ms": 60000}, ["--redis", primary.url])
        self.addCleanup(self.server.dispose)
        self.server.start()

    async def connected(self, handle):
        client = await Client(self.server.url, self.server.token(handle)).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def test_WritingIsRefusedReadingGoesOnAndAllComesBack(self):
        aino, pekka = [await self.connected(handle) for handle in (COUNCILLOR, OTHER_COUNCILLOR)]
        room = (await aino.room(ROOM)).id
        await pekka.subscribe(f"room:{room}")
        thread = await aino.start_thread(room, "Kahdessa paikassa", "yksi")
        await pekka.until(lambda: self.texts(pekka) == ["yksi"], "the first message arrives")

        os.kill(self.replica.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.replica.process.pid, signal.SIGCONT)
        waiting, = await aino.send(change(post_message=pb.PostMessage(room=room, thread=thread, text="kaksi")))
        deadline.until(lambda: NAMED.search(self.server.log()), "the log says that the replica is missing")
        error = await aino.refused(new_change_id(), post_message=pb.PostMessage(room=room, thread=thread, text="kolme"))
        self.assertEqual((error.code, error.reason), (code("UNAVAILABLE"), "replicas_missing"))
        self.assertGreater(error.retry_after_ms, 0)
        self.assertEqual(self.texts(pekka), ["yksi"], "nobody sees what the replica has not")

        # Who comes now is let in, and reads what nothing waits in.
        tuula = await self.connected("tuula.vainio")
        other = (await tuula.room(OTHER_ROOM)).id
        listed = await tuula.request(list_threads=pb.ListThreads(room=other))
        self.assertTrue(listed.HasField("threads"), listed)

        os.kill(self.replica.process.pid, signal.SIGCONT)
        self.assertTrue((await deadline.within(waiting, "the change that waited is answered")).HasField("committed"))
        await aino.post(room, thread, "neljä")
        await pekka.until(lambda: self.texts(pekka) == ["yksi", "kaksi", "neljä"], "all that was acknowledged arrives, in order")

    @staticmethod
    def texts(client):
        return [e.message.text for c in client.of_kind("change") for e in c.entities if e.HasField("message") and e.message.text]


class FewerThanPromised(unittest.TestCase):
    def test_ServerThatStartsItsOwnRedisHasNone(self):
        server = Server({"redis.replicas": 1})
        self.addCleanup(server.dispose)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        for word in ("redis.replicas", "redis.url"):
            self.assertIn(word, server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)

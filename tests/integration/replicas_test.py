"""Replicas that must have every change: while one is missing nothing can be written, reading goes on, and it mends itself."""

import asyncio
import os
import re
import signal
import subprocess
import time
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM
from support.nodes import RedisServer
from support.server import FOORUMI, Server
from support.wire import Client, change, code, pb

OTHER_ROOM = "valtuustoryhmien-yhteistyo"
NAMED = re.compile(r"not all of 1 replicas have what was committed")


class MissingReplica(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        primary = RedisServer(tcp=True, repl_diskless_sync_delay="0")
        self.addCleanup(primary.stop)
        self.replica = RedisServer(tcp=True, replicaof=["127.0.0.1", str(primary.port)])
        self.addCleanup(self.replica.stop)
        self.server = Server({"redis.replicas": 1, "redis.replica_wait_ms": 1000, "store.read_deadline_ms": 60000}, ["--redis", primary.url])
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

        chat = await self.chat()
        os.kill(self.replica.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.replica.process.pid, signal.SIGCONT)
        error = await self.until_refused(aino, room, thread)
        self.assertEqual((error.code, error.reason), (code("UNAVAILABLE"), "replicas_missing"))
        self.assertGreater(error.retry_after_ms, 0)
        self.assertRegex(self.server.log(), NAMED)
        self.assertEqual(self.texts(pekka), ["yksi"], "nobody sees what the replica has not")

        # Everybody is told, once, and so is who comes now, who is let in and reads what nothing waits in.
        tuula = await self.connected("tuula.vainio")
        for client in (aino, pekka, tuula):
            await client.until(lambda client=client: client.of_kind("notice"), "the notice that nothing can be changed")
            told, = client.of_kind("notice")
            self.assertEqual((told.reads_only.error.code, told.reads_only.error.reason), (error.code, error.reason))
            self.assertEqual(told.reads_only.error.text, error.text)
        other = (await tuula.room(OTHER_ROOM)).id
        listed = await tuula.request(list_threads=pb.ListThreads(room=other))
        self.assertTrue(listed.HasField("threads"), listed)
        late = await Client(self.server.url, self.server.token("liisa.honkanen"), language="sv").connect()
        self.addAsyncCleanup(late.close)
        await late.until(lambda: late.of_kind("notice"), "the notice in another language")
        self.assertIn("sparas", late.of_kind("notice")[0].reads_only.error.text)

        os.kill(self.replica.process.pid, signal.SIGCONT)
        for text, answer in self.waiting:
            answer = await deadline.within(answer, "a change that waited is answered")
            self.assertTrue(answer.HasField("committed"), answer)
        await aino.post(room, thread, "viimeinen")
        expected = ["yksi", *(text for text, _ in self.waiting), "viimeinen"]
        await pekka.until(lambda: self.texts(pekka) == expected, "all that was acknowledged arrives, in order")
        for client in (aino, pekka, tuula, late):
            await client.until(lambda client=client: len(client.of_kind("notice")) == 2, "the notice that it is over")
            over = client.of_kind("notice")[1]
            self.assertTrue(over.HasField("reads_only") and not over.reads_only.HasField("error"), over)
        told = await deadline.within(chat, "the terminal client tells both")
        self.assertLess(told.index("Mitään ei voi juuri nyt tallentaa"), told.index("Muutokset tallentuvat taas"))
        calm = await self.connected("riitta.salmi")
        await calm.room(ROOM)
        self.assertEqual(calm.of_kind("notice"), [])

    async def chat(self):
        """A future of what `foorumi chat` prints until it says that changes are saved again. Returns when that is connected."""
        process = subprocess.Popen([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file("marja.virtanen"), "--lang", "fi",
                                    "chat", OTHER_ROOM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        await deadline.within(asyncio.to_thread(process.stdout.readline), "the terminal client is connected")

        def read():
            told = ""
            while "tallentuvat taas" not in told and (line := process.stdout.readline()):
                told += line
            return told

        return asyncio.ensure_future(asyncio.to_thread(read))

    async def until_refused(self, client, room, thread):
        """Posts until that is refused. What comes before the replica is found to be missing waits; all that comes behind it is refused."""
        sent = []
        end = time.monotonic() + deadline.SECONDS
        while time.monotonic() < end:
            text = f"odottaa {len(sent)}"
            answer, = await client.send(change(post_message=pb.PostMessage(room=room, thread=thread, text=text)))
            sent.append((text, answer))
            await asyncio.wait([answer for _, answer in sent], timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            first = next((n for n, (_, answer) in enumerate(sent) if answer.done()), None)
            if first is not None:
                errors = [(await deadline.within(answer, "it is refused, too")).error for _, answer in sent[first:]]
                self.assertEqual({error.reason for error in errors}, {errors[0].reason})
                self.waiting = sent[:first]
                return errors[0]
        raise AssertionError("nothing is refused")

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

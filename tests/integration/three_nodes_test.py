"""Three nodes on one Redis behind HAProxy with the configuration of deploy/haproxy: restarted one after the other, and nobody notices.

three_nodes_test.py [RESTARTS]   (default 3)

Residents write all the while through the proxy. A node that stops tells its residents, who finish what is under way, come back over the
proxy and resume; every change has to be committed, nothing has to be repeated by hand, and nobody moves more than once for a restart."""

import asyncio
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
import sys
import unittest

from support import deadline, ports
from support.cases import ROOM, UNLIMITED
from support.nodes import GOOD, RedisServer
from support.seeds import seed
from support.server import BIN_DIR, Server, temporary_directory
from support.wire import Client, pb

HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "haproxy", "haproxy.cfg")
HANDLES = ["aino.metsala", "pekka.rautio", "tuula.vainio", "liisa.honkanen", "riitta.salmi", "marja.virtanen"]
DRAIN_MS = 3000
PAUSE = 0.1  # seconds between two posts of a resident
RESTARTS = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 3


class Proxy:
    """HAProxy with the shipped file, in which only places are others."""

    def __init__(self, nodes):
        self.home = temporary_directory()
        self.certificate = os.path.join(self.home, "cert.pem")
        key = os.path.join(self.home, "key.pem")
        subprocess.run([os.path.join(BIN_DIR, "foorumi_make_certificate"), self.certificate, key, "proxy"], check=True)
        both = os.path.join(self.home, "both.pem")
        with open(both, "w", encoding="ascii") as out:
            for path in (self.certificate, key):
                with open(path, encoding="ascii") as file:
                    out.write(file.read())
        self.port = ports.reserve_one()
        self.control = os.path.join(self.home, "control")
        with open(SHIPPED, encoding="utf-8") as file:
            text = file.read()
        text = self.replaced(text, r"bind :443 ssl crt \S+", f"bind 127.0.0.1:{self.port} ssl crt {both}")
        text = self.replaced(text, r"\nglobal\n", f"\nglobal\n    stats socket {self.control} level admin\n")
        for number, port in enumerate(nodes, 1):
            text = self.replaced(text, rf"server node{number} \S+", f"server node{number} 127.0.0.1:{port}")
        path = os.path.join(self.home, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.log = open(os.path.join(self.home, "log"), "wb")
        self.process = subprocess.Popen([HAPROXY, "-db", "-f", path], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    @staticmethod
    def replaced(text, pattern, by):
        text, count = re.subn(pattern, lambda _: by, text)
        assert count == 1, f"{pattern} stands {count} times in the shipped file"
        return text

    def up(self):
        """How many nodes it finds well; 0 where it does not run yet."""
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(self.control)
                control.sendall(b"show stat\n")
                answer = b""
                while data := control.recv(65536):
                    answer += data
        except OSError:
            assert self.process.poll() is None, f"haproxy has ended: {self.said()}"
            return 0
        rows = [line.split(",") for line in answer.decode().splitlines()]
        return sum(row[0] == "nodes" and row[1].startswith("node") and row[17] == "UP" for row in rows if len(row) > 17)

    def said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def url(self):
        return f"wss://127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


class Resident:
    """Writes all the while, and moves when told to."""

    def __init__(self, number, url, token, trusted, chooser):
        self.name, self.url, self.token, self.trusted, self.chooser = f"r{number}", url, token, trusted, chooser
        self.client = None
        self.mirrors = {}
        self.sent = []
        self.moves = 0

    async def come(self):
        self.client = await Client(self.url, self.token, self.mirrors, tls=self.trusted).connect()
        self.mirrors = self.client.mirrors

    async def live(self, room, thread, ended):
        """Until `ended`. Everything that is refused or lost is an exception here: it would be shown."""
        channel = f"room:{room}"
        await self.client.subscribe(channel)
        while not ended.is_set():
            if self.told_to_move():
                await self.wait(self.chooser.uniform(0, DRAIN_MS / 2000))  # as the notice asks for
                await self.client.close()
                await self.come()
                await self.client.subscribe(channel)
                self.moves += 1
            text = f"{self.name} {len(self.sent)}"
            message = await self.client.post(room, thread, text)
            self.sent.append(text)
            await self.client.until(lambda: f"message:{message}" in self.mirrors[channel].entities, "the own post is shown")
            await self.wait(self.chooser.uniform(0, 2 * PAUSE))

    @staticmethod
    async def wait(seconds):
        """What a person does between two posts."""
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        loop.call_later(seconds, over.set_result, None)
        await over

    def told_to_move(self):
        return any(item.HasField("notice") and item.notice.HasField("draining") for item in self.client.items)


@unittest.skipUnless(HAPROXY, "haproxy is not installed")
class ThreeNodes(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.number = seed()
        self.redis = RedisServer(**{name.replace("-", "_"): value for name, value in GOOD.items()})
        self.addCleanup(self.redis.stop)
        self.nodes = []
        options = {**UNLIMITED, "shutdown.drain_ms": DRAIN_MS, "http.trusted_proxies": ["127.0.0.1"]}
        for n in range(3):
            if n == 1:
                options["second_factor.key_file"] = os.path.join(self.nodes[0].data, "second-factor.key")
            node = Server(options, ["--redis", self.redis.url], demo=n == 0)
            self.addCleanup(node.dispose)
            self.nodes.append(node.start())
        self.proxy = Proxy([node.port for node in self.nodes])
        self.addCleanup(self.proxy.stop)
        deadline.until(lambda: self.proxy.up() == 3, "the proxy finds all nodes")
        self.trusted = ssl.create_default_context(cafile=self.proxy.certificate)

    async def test_RestartedOneAfterTheOtherAndNobodyNotices(self):
        chooser = random.Random(self.number)
        residents = [Resident(n, self.proxy.url, self.nodes[0].token(HANDLES[n % len(HANDLES)]), self.trusted, chooser) for n in range(12)]
        for resident in residents:
            await resident.come()
        room = (await residents[0].client.room(ROOM)).id
        thread = await residents[0].client.start_thread(room, "Vuoron perään", "alku")
        ended = asyncio.Event()
        lives = [asyncio.ensure_future(resident.live(room, thread, ended)) for resident in residents]
        for n in range(RESTARTS):
            before = [resident.moves for resident in residents]
            await asyncio.get_running_loop().run_in_executor(None, self.restart, self.nodes[n % 3])
            self.assertFalse([life for life in lives if life.done()], "a resident has met an error")
            self.assertLessEqual(max(r.moves - b for r, b in zip(residents, before)), 1, "nobody moves twice for one restart")
        ended.set()
        await deadline.within(asyncio.gather(*lives), "the residents come to an end", 2 * deadline.SECONDS)
        self.assertGreater(sum(resident.moves for resident in residents), 0)
        await self.assert_all_are_there(residents, room, thread)
        print(f"{RESTARTS} restarts, {sum(len(r.sent) for r in residents)} posts, {sum(r.moves for r in residents)} moves, no error")

    def restart(self, node):
        node.restart()
        deadline.until(lambda: self.proxy.up() == 3, "the proxy finds it again")

    async def assert_all_are_there(self, residents, room, thread):
        expected = sorted(text for resident in residents for text in resident.sent)
        found, last, more = [], 1, True
        while more:
            page = (await residents[0].client.request(read_history=pb.ReadHistory(room=room, thread=thread, after=last))).history
            found += [entity.message.text for entity in page.messages]
            last, more = int(page.messages[-1].key.split(":")[1]), page.more
        found.remove("alku")
        self.assertEqual(sorted(found), expected, "each post is there, once")
        for resident in residents:
            await resident.client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The server as the Redis users of deploy/redis/: they may all that it does and nothing else, on one Redis, on sentinels and on a cluster."""

import asyncio
import os
import tempfile
import unittest

from support import deadline
from support.life import Life, erased
from support.members import ADMINISTRATOR, OPTIONS
from support.nodes import RedisServer
from support.resp import RedisError, Resp, ask
from support.server import Server
from support.topologies import Cluster, Sentinel
from support.topology_case import TopologyCase
from support.wire import Client, pb

DEPLOY = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "redis")
PASSWORD = "salainen-vain-kokeessa"


class AsTheUsersOfDeploy(TopologyCase):
    def acl(self, name):
        """The file as an operator would install it. Its path."""
        with open(os.path.join(DEPLOY, name + ".acl"), encoding="ascii") as file:
            text = file.read()
        self.assertIn("REPLACE-THIS-PASSWORD", text)
        path = os.path.join(self.home.name, name + ".acl")
        with open(path, "w", encoding="ascii") as file:
            file.write(text.replace("REPLACE-THIS-PASSWORD", PASSWORD))
        return path

    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="fi-", dir="/tmp")
        self.addCleanup(self.home.cleanup)

    async def live(self, server):
        async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
            life = Life(server)
            await life.live(sanna)
            await sanna.threads(life.room)
            await sanna.request(typing=pb.Typing(room=life.room, thread=life.thread))
            await sanna.change(erase_member=pb.EraseMember(member=life.account.id, content=pb.ERASED_CONTENT_REMOVED))
        await erased([server], life.account.id)

    def work(self, url, ports, replicas=0):
        """A life, and an erasure, which wants the feeds purged and the files rewritten. Nothing of it was denied."""
        server = self.server(url, {**OPTIONS, "erasure.grace_days": 0, "redis.replicas": replicas})
        asyncio.run(self.live(server))
        server.restart()
        self.assertNotIn("NOPERM", server.log())
        self.assertNotIn("WRONGPASS", server.log())
        self.assertNotIn(PASSWORD, server.log())
        for port in ports:
            self.assertEqual(ask(port, "ACL", "LOG"), [])

    def as_user(self, url):
        return url.replace("://", f"://foorumi:{PASSWORD}@")

    def test_OneRedis(self):
        redis = RedisServer(tcp=True, aclfile=self.acl("foorumi"))
        self.addCleanup(redis.stop)
        self.work(self.as_user(redis.url), [redis.port])
        self.assert_little_is_permitted(redis.port)
        # Those are for another database, for sentinels, for a cluster and for replicas.
        self.assertLessEqual(self.granted() - self.used(redis.port), {"select", "role", "cluster|slots", "cluster|info", "wait"})

    def granted(self):
        with open(os.path.join(DEPLOY, "foorumi.acl"), encoding="ascii") as file:
            return {word[1:] for word in file.read().split() if word.startswith("+")}

    def used(self, port):
        stats = ask(port, "INFO", "commandstats").decode()
        return {line[len("cmdstat_"):].split(":")[0] for line in stats.splitlines() if line.startswith("cmdstat_")}

    def assert_little_is_permitted(self, port):
        with Resp(port) as foorumi:
            foorumi.command("AUTH", "foorumi", PASSWORD)
            for words in (("GET", "another"), ("SET", "{p00}", 1), ("PUBLISH", "another", 1), ("KEYS", "*"), ("FLUSHALL",),
                          ("CONFIG", "SET", "appendonly", "no"), ("SHUTDOWN",), ("DEL", "{p00}:meta"), ("ACL", "LIST"),
                          ("EVAL", "return redis.call('GET', 'another')", 0)):
                with self.subTest(words), self.assertRaises(RedisError) as refused:
                    foorumi.command(*words)
                self.assertRegex(str(refused.exception), "no permission|has no permissions|can't access")

    def test_Sentinels(self):
        redis = self.enter(Sentinel(settings={"aclfile": self.acl("foorumi")},
                                    sentinel_settings=[("aclfile", self.acl("sentinel"))]))
        # Nobody else gets in there.
        url = redis.url_as(f"foorumi:{PASSWORD}", f"?sentinel_user=foorumi&sentinel_password={PASSWORD}")
        self.work(url, [process.port for process in redis.processes.values()], replicas=2)
        for process in redis.sentinels:
            with Resp(process.port) as foorumi:
                foorumi.command("AUTH", "foorumi", PASSWORD)
                with self.assertRaises(RedisError):
                    foorumi.command("SENTINEL", "FAILOVER", redis.MASTER)

    def test_Cluster(self):
        redis = self.enter(Cluster(settings={"aclfile": self.acl("foorumi")}))
        before = self.rewrites(redis)
        self.work(redis.url_as(f"foorumi:{PASSWORD}"), [process.port for process in redis.processes.values()])
        after = self.rewrites(redis)
        for name, count in before.items():
            self.assertGreater(after[name], count, f"the file of {name} was written anew")

    def rewrites(self, redis):
        return {process.name: int(process.info("aof_rewrites")) for process in redis.primaries()}

    def test_WrongPasswordAtTheSentinelsIsAClearError(self):
        redis = self.enter(Sentinel(replicas=1, sentinel_settings=[("aclfile", self.acl("sentinel"))]))
        server = self.server_that_waits(redis.url_as("", "?sentinel_user=foorumi&sentinel_password=wrong-one"))
        deadline.until(lambda: any(self.denied(p) for p in redis.sentinels), "the sentinels deny it")
        self.assertIsNone(server.process.poll(), "it may be mended until the deadline")
        self.assertNotIn("wrong-one", server.log())

    def denied(self, process):
        return any(b"auth" in entry for entry in process.ask("ACL", "LOG"))

    def server_that_waits(self, url):
        server = Server(arguments=["--redis", url])
        self.addCleanup(server.dispose)
        self.addCleanup(server.kill)
        return server.launch()


if __name__ == "__main__":
    unittest.main(verbosity=2)

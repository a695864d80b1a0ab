"""A Redis that somebody else runs: with the right settings the server works on it, with others it refuses and says why."""

import unittest

from support import deadline, lines
from support.nodes import RedisServer
from support.server import Server, run_client

MEMBER, ROOM = "aino.metsala", "kuntastrategia-arjessa"


class ExternalRedis(unittest.TestCase):
    def redis(self, **settings):
        redis = RedisServer(**settings)
        self.addCleanup(redis.stop)
        return redis

    def server(self, url, *arguments):
        server = Server(arguments=["--redis", url, *arguments])
        self.addCleanup(server.dispose)
        return server

    def assert_works(self, server):
        started = run_client(server, MEMBER, "start", ROOM, "Ulkoinen", "Redis")
        self.assertEqual(started.returncode, 0, started.stderr)
        thread = lines.answer(started.stdout)["version"]
        read = run_client(server, MEMBER, "history", ROOM, thread)
        self.assertEqual([m["message"]["text"] for m in lines.answer(read.stdout)["messages"]], ["Redis"])

    def test_WorksOverAUnixSocketAndKeepsTheDataOverARestart(self):
        server = self.server(self.redis().url).start()
        self.assert_works(server)
        server.restart()
        self.assert_works(server)

    def test_WorksOverTcp(self):
        self.assert_works(self.server(self.redis(tcp=True).url).start())

    def test_WorksWithUserAndPassword(self):
        redis = self.redis(tcp=True, user=["foorumi", "on", ">salainen", "~*", "&*", "+@all"])
        url = redis.url.replace("redis://", "redis://foorumi:salainen@")
        server = self.server(url).start()
        self.assert_works(server)
        self.assertNotIn("salainen", server.log(), "no password in the log")

    def refusal(self, url):
        server = self.server(url)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        return server.log()

    def test_RefusesWhatWouldBreakAPromiseAndSaysHowToMendIt(self):
        for settings, words in (({"appendonly": "no"}, ("appendonly", "yes")),
                                ({"appendfsync": "everysec"}, ("appendfsync", "always")),
                                ({"appendfsync": "no"}, ("appendfsync", "always")),
                                ({"maxmemory_policy": "allkeys-lru"}, ("maxmemory-policy", "noeviction"))):
            with self.subTest(**settings):
                log = self.refusal(self.redis(**settings).url)
                for word in words:
                    self.assertIn(word, log)

    def test_RefusesAnotherNumberOfPartitions(self):
        redis = self.redis()
        first = self.server(redis.url).start()
        self.assertEqual(first.interrupt(), 0)
        server = Server({"redis.partitions": 8}, ["--redis", redis.url])
        self.addCleanup(server.dispose)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        for word in ("partitions", "16", "8"):
            self.assertIn(word, server.log())

    def test_WrongUrlIsAClearError(self):
        log = self.refusal("http://example.invalid")
        for word in ("URL", "unix:", "redis://"):
            self.assertIn(word, log)


if __name__ == "__main__":
    unittest.main(verbosity=2)

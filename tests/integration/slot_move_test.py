"""The scripts in a slot of a Redis Cluster that is being moved: each is refused before it runs, or all it touches is there. Never is
one broken off midway, since what it wrote before that would stay."""

import os
import unittest

from support.resp import RedisError, Resp
from support.topologies import Cluster

SCRIPTS = os.path.join(os.path.dirname(__file__), "..", "..", "server", "store")
META, FEED, CHANGE_IDS = "{p03}:meta", "{p03}:feed", "{p03}:d:"
CHANNEL = ["{p03}:v:room:1", "{p03}:e:room:1", "{p03}:x:room:1"]
INDEXES = "{p03}:i:room:1:"
AUDIT = "{p03}:audit"
FIRST_ENTRY, SECOND_ENTRY = (0, "", "1" * 32, "one"), (1, "1" * 32, "2" * 32, "two")
WAITED_OUT = ("ASK ", "TRYAGAIN ")


def script(name):
    with open(os.path.join(SCRIPTS, name + ".lua"), encoding="utf-8") as file:
        return file.read()


class SlotOnTheMove(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis = Cluster(primaries=2, replicas_each=0).__enter__()
        cls.addClassCleanup(cls.redis.__exit__, None, None, None)
        cls.slot = cls.redis.slot(META)

    def setUp(self):
        self.source = self.redis.owner(self.slot)
        self.target = next(p for p in self.redis.primaries() if p is not self.source)
        for node in (self.source, self.target):
            node.ask("FLUSHALL")
        for change in range(1, 4):
            self.assertEqual(self.commit(change)[0], b"ok")

    def run_script(self, name, keys, *arguments, body=None):
        return self.source.ask("EVAL", body or script(name), len(keys), *keys, *arguments)

    def commit(self, change, channel_keys=None, audit=()):
        """One entity, one index, and an entry of the audit log where `audit` has its arguments, as scripts.cpp asks for it."""
        keys = [META, FEED, CHANGE_IDS, *(channel_keys or CHANNEL), INDEXES, *([AUDIT] if audit else [])]
        return self.run_script("commit", keys, "commit", "room:1", f"change-{change}", "print", 0, 86400000, 3600000, 0, 8192, 65536,
                               "", 1, *audit, 0, 1, 0, f"message:{change}", "text", "", 1, "threads", f"{change}", 0, 0)

    def state(self):
        """All that there is, on both."""
        found = {}
        for node in (self.source, self.target):
            with Resp(node.port) as redis:
                for key in redis.command("KEYS", "*"):
                    redis.command("ASKING")  # the target has the slot only for those who say so
                    found[key] = redis.command("DUMP", key)
        return found

    def assert_refused_as_a_whole(self, call, *arguments):
        before = self.state()
        with self.assertRaises(RedisError) as refused:
            call(*arguments)
        self.assertTrue(str(refused.exception).startswith(WAITED_OUT), refused.exception)
        self.assertEqual(self.state(), before)

    def begin(self, keys):
        self.redis.begin_move(self.slot, self.target)
        self.redis.move_keys(self.slot, self.source, self.target, keys)

    def tearDown(self):
        for node in (self.source, self.target):
            node.ask("CLUSTER", "SETSLOT", self.slot, "STABLE")

    def test_CommitIsRefusedWhateverIsLeft(self):
        keys = self.source.ask("CLUSTER", "COUNTKEYSINSLOT", self.slot)
        self.assertGreater(keys, 5)
        self.redis.begin_move(self.slot, self.target)
        for _ in range(keys + 1):
            with self.subTest(moved=self.target.ask("DBSIZE")):
                self.assert_refused_as_a_whole(self.commit, 4)
                self.assert_refused_as_a_whole(self.commit, 1)  # that is known
                self.assert_refused_as_a_whole(self.commit, 5, [key.replace("room:1", "room:2") for key in CHANNEL])
            self.redis.move_keys(self.slot, self.source, self.target)

    def test_CommitWithAnEntryOfTheAuditLogIsRefusedWhateverIsLeft(self):
        self.assertEqual(self.commit(4, audit=FIRST_ENTRY)[0], b"ok")
        self.assertEqual(self.source.ask("HGET", AUDIT, "n"), b"1")
        keys = self.source.ask("CLUSTER", "COUNTKEYSINSLOT", self.slot)
        self.redis.begin_move(self.slot, self.target)
        for _ in range(keys + 1):
            with self.subTest(moved=self.target.ask("DBSIZE")):
                self.assert_refused_as_a_whole(lambda: self.commit(5, audit=SECOND_ENTRY))
            self.redis.move_keys(self.slot, self.source, self.target)

    def test_PurgeIsRefusedThoughItsKeysAreThere(self):
        self.run_script("commit", [META, FEED], "consumed", 3, 3)
        self.begin(0)
        self.assert_refused_as_a_whole(self.run_script, "purge", [META, FEED, CHANGE_IDS], 0, 1024)

    def test_PurgeWithoutTheThirdKeyWouldLoseTheFeed(self):
        """Why it has that."""
        self.run_script("commit", [META, FEED], "consumed", 3, 3)
        self.begin(0)
        with self.assertRaises(RedisError):
            self.run_script("purge", [META, FEED], 0, 1024)
        self.assertEqual(self.source.ask("EXISTS", META), 1)
        self.assertNotIn(FEED.encode(), self.state())

    def test_FenceAndConsumedAreDoneOrRefused(self):
        keys = self.source.ask("CLUSTER", "COUNTKEYSINSLOT", self.slot)
        self.redis.begin_move(self.slot, self.target)
        done = 0
        for fence in range(1, keys + 2):
            for arguments in (("fence", fence), ("consumed", 1, 3)):
                before = self.state()
                try:
                    self.assertEqual(self.run_script("commit", [META, FEED], *arguments)[0], b"ok")
                    done += 1
                except RedisError as refused:
                    self.assertTrue(str(refused).startswith(WAITED_OUT), refused)
                    self.assertEqual(self.state(), before)
            self.redis.move_keys(self.slot, self.source, self.target)
        self.assertGreater(done, 0)

    def test_ReadsAreAnsweredOrRefused(self):
        page = ["index", "-inf", "+inf", 0, 10, 1, 0, "message:"]
        calls = [([*CHANNEL], ("sync", 0, 10, 0)), ([*CHANNEL], ("entities", "message:1")),
                 ([*CHANNEL, INDEXES + "threads", INDEXES + "t:"], page),
                 ([*CHANNEL, INDEXES + "threads"], ("count", "+inf", 10, 0, "-inf"))]
        whole = [self.run_script("read", [META, *keys], *words) for keys, words in calls]
        keys = self.source.ask("CLUSTER", "COUNTKEYSINSLOT", self.slot)
        self.redis.begin_move(self.slot, self.target)
        answered = 0
        for _ in range(keys + 1):
            for (declared, words), expected in zip(calls, whole):
                try:
                    self.assertEqual(self.run_script("read", [META, *declared], *words), expected)
                    answered += 1
                except RedisError as refused:
                    self.assertTrue(str(refused).startswith(WAITED_OUT), refused)
            self.redis.move_keys(self.slot, self.source, self.target)
        self.assertGreater(answered, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

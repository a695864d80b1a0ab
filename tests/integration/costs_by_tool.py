"""The costs of a post and of a delivery as valgrind and strace count them: instructions (callgrind) and system calls (strace -c).

No test: it needs both tools, and a build for release. From the root of the tree, after ./dev bench and ./dev test:

    FOORUMI_BIN_DIR=build/release/bin FOORUMI_PROTO_DIR=build/test/tests/integration/python /usr/bin/python3 tests/integration/costs_by_tool.py

Both are counted for few and for many subscribers, as in costs_test: the difference is a delivery, the rest a post."""

import glob
import os
import re
import signal
import subprocess
import sys
import unittest

from costs_test import FEW, MANY, OPTIONS, Costs as CostsTest
from support import deadline
from support.nodes import RedisServer
from support.server import FOORUMID, Server

POSTS = 200
LEFT_OUT = {"restart_syscall"}


class UnderCallgrind(Server):
    def launch(self):
        self.out = os.path.join(self.home, "callgrind.out")
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={self.out}", FOORUMID,
                   "--data", self.data, "--port", "0", *self.arguments]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def count(self, what):
        """Instructions while what() runs, and the costliest functions' file."""
        self.dump()
        what()
        with open(self.dump(), encoding="utf-8", errors="replace") as file:
            return {"instructions": int(re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M).group(1))}

    def dump(self):
        before = set(glob.glob(self.out + ".*"))
        subprocess.run(["callgrind_control", "--dump", str(self.process.pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline.until(lambda: set(glob.glob(self.out + ".*")) - before, "callgrind has dumped")
        return (set(glob.glob(self.out + ".*")) - before).pop()


class UnderStrace(Server):
    def count(self, what):
        summary = os.path.join(self.home, "strace")
        with subprocess.Popen(["strace", "-f", "-c", "-o", summary, "-p", str(self.process.pid)], stderr=subprocess.PIPE, text=True) as tracer:
            tracer.stderr.readline()  # attached
            what()
            tracer.send_signal(signal.SIGINT)
            tracer.wait(deadline.SECONDS)
        calls = {}
        with open(summary, encoding="utf-8") as file:
            for line in file:
                words = line.split()
                if len(words) >= 5 and words[0][0].isdigit() and words[-1] not in LEFT_OUT | {"total"}:
                    calls[words[-1]] = int(words[3])
        return calls


class CostsByTool(CostsTest):
    kind, posts_at_once = Server, 1

    @classmethod
    def setUpClass(cls):
        cls.redis = RedisServer()
        cls.server = cls.kind({**OPTIONS, "redis.url": cls.redis.url}).__enter__()

    @classmethod
    def tearDownClass(cls):
        try:
            super().tearDownClass()
        finally:
            cls.redis.stop()

    def count_for(self, subscribers, at_once):
        self.subscribe_up_to(subscribers)
        self.post(at_once * 5)
        return self.server.count(lambda: [self.post(at_once) for _ in range(POSTS // at_once)])

    def show(self, at_once):
        few, many = self.count_for(FEW, at_once), self.count_for(MANY, at_once)
        print(f"\n{at_once} in flight, {self.kind.__name__}:")
        for name in sorted(many, key=many.get, reverse=True):
            delivery = (many[name] - few.get(name, 0)) / POSTS / (MANY - FEW)
            post = few.get(name, 0) / POSTS - FEW * delivery
            if max(abs(post), abs(delivery)) >= 0.01:
                print(f"  {name:16} {post:12.2f} a post {delivery:10.3f} a delivery")

    def test_OneAtATime(self):
        self.show(1)

    def test_ManyAtOnce(self):
        self.show(10)


def of(server):
    return type(f"By{server.__name__}", (CostsByTool,), {"kind": server})


if __name__ == "__main__":
    tests = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(of(server)) for server in (UnderCallgrind, UnderStrace))
    sys.exit(not unittest.TextTestRunner().run(tests).wasSuccessful())

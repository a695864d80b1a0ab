"""Benchmarks as tests: with small numbers, for what they find wrong. Their times are not looked at."""

import os
import subprocess
import sys
import unittest

BENCHES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench")


class BenchCase(unittest.TestCase):
    def assert_good(self, name, line, *arguments):
        """It ends well and prints this. Returns all that it prints."""
        done = subprocess.run([sys.executable, "-B", os.path.join(BENCHES, name), *map(str, arguments)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(line, done.stdout)
        return done.stdout

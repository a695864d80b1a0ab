"""A node is killed, its sessions resume on the others, and nobody misses anything: the benchmark with few of them."""

import unittest

from support.benches import BenchCase


class NodeHerd(BenchCase):
    def test_NobodyMissesAnythingWhereANodeIsKilled(self):
        out = self.assert_good("node_herd.py", "50 of them on the killed one, 50 came back", "--sessions", 150, "--seconds", 1,
                               "--posts-per-second", 20, "--room-posts-per-second", 20)
        self.assertEqual(out.count(": 0 faults"), 3, out)


if __name__ == "__main__":
    unittest.main(verbosity=2)

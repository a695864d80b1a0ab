"""Sessions that never read are ended, and what waits for them stays within its bound: the benchmark with few of them."""

import unittest

from support.benches import BenchCase


class SlowReaders(BenchCase):
    FEW = ("--sessions", 50, "--outbox-bytes", 262144, "--seconds", 1)

    def test_OfPosts(self):
        self.assert_good("slow_readers.py", "all 50 were ended as slow readers", "--fill", "posts", *self.FEW)

    def test_OfAnswers(self):
        self.assert_good("slow_readers.py", "all 50 were ended as slow readers", "--fill", "answers", *self.FEW)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""How long signing in takes tells nothing of whether there is such an account.

Tries come in pairs, one of each kind right behind the other in random order, so that what else the machine does falls on both alike.
What is judged is the median of the differences within pairs, by order statistics: it differs when its confidence interval of 99.9 % lies
beyond CLEAR_MS."""

import asyncio
import math
import random
import statistics
import time
import unittest

from support import auth, seeds
from support.calls import post
from support.cases import COUNCILLOR, UNLIMITED
from support.server import Server
from support.wire import Client

PAIRS = 60
CLEAR_MS = 4.0
MISTAKE = 0.001
NAMES = 4  # of each kind, so that no account has too many tries


def interval(differences):
    """Bounds of the median, wrong with at most the probability MISTAKE, whatever the distribution is."""
    ordered, n = sorted(differences), len(differences)
    beyond = rank = 0
    while beyond + math.comb(n, rank) / 2**n <= MISTAKE / 2:
        beyond += math.comb(n, rank) / 2**n
        rank += 1
    return ordered[max(rank - 1, 0)], ordered[n - max(rank, 1)]


def differs(differences):
    low, high = interval(differences)
    return low > CLEAR_MS or high < -CLEAR_MS


class Judgement(unittest.TestCase):
    def noise(self, shift):
        random.seed(1)
        return [random.gauss(shift, 3) + (random.random() < 0.1) * random.uniform(-200, 200) for _ in range(PAIRS)]

    def test_SeesAClearDifferenceThroughNoiseAndNoneWhereThereIsNone(self):
        self.assertTrue(differs(self.noise(10)))
        self.assertTrue(differs(self.noise(-10)))
        self.assertFalse(differs(self.noise(0)))


class SignInTimes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server({**UNLIMITED, **auth.UNHURRIED}).__enter__()
        cls.addClassCleanup(cls.server.dispose)

        async def come():
            async with Client(cls.server.url, cls.server.token("sanna.heino")) as sanna:
                return [await auth.member(cls.server, sanna, f"tuttu.{word}") for word in ("aamu", "iltapuhde", "keskiyo", "paiva")]

        cls.members = asyncio.run(come())
        auth.set_up_second_factor(cls.server, cls.members[-1])
        cls.random = random.Random(seeds.seed())

    def took_ms(self, name):
        begin = time.perf_counter()
        answer = auth.sign_in(self.server, name, "arvattu salasana 1")
        took = (time.perf_counter() - begin) * 1000
        self.assertEqual(answer.status, 401)
        return took

    def differences(self, what, first, second):
        """`first` and `second`: (n) -> milliseconds."""
        pairs = []
        for n in range(PAIRS):
            if self.random.random() < 0.5:
                a = first(n)
                pairs.append((a, second(n)))
            else:
                b = second(n)
                pairs.append((first(n), b))
        found = [a - b for a, b in pairs]
        low, high = interval(found)
        print(f"{what}: medians {statistics.median(a for a, _ in pairs):.1f} and {statistics.median(b for _, b in pairs):.1f} ms, "
              f"difference {statistics.median(found):+.2f} ms, between {low:+.2f} and {high:+.2f}", flush=True)
        return found

    def known(self, n):
        return self.took_ms(self.members[n % NAMES].handle)

    def assert_alike(self, what, first, second):
        self.assertFalse(differs(self.differences(what, first, second)), what)

    def test_KnownAndUnknownHandlesTakeAsLong(self):
        self.assert_alike("known and unknown handle", self.known, lambda n: self.took_ms(f"tuntematon.{n % NAMES}"))

    def test_KnownAndUnknownEmailsTakeAsLong(self):
        self.assert_alike("known and unknown e-mail", lambda n: self.took_ms(self.members[n % NAMES].email),
                          lambda n: self.took_ms(f"tuntematon.{n % NAMES}@kunta.example"))

    def test_MemberWithoutAPasswordTakesAsLong(self):
        self.assert_alike("with and without a password", self.known, lambda n: self.took_ms(COUNCILLOR))

    def test_ACallThatChecksNoPasswordIsToldApart(self):
        """So that the comparison is known to see what it is there for."""
        def without_password(n):
            begin = time.perf_counter()
            self.assertEqual(post(self.server, "/auth/sign-in", {"name": f"tuntematon.{n % NAMES}"}).status, 400)
            return (time.perf_counter() - begin) * 1000

        self.assertTrue(differs(self.differences("with and without a look at the password", self.known, without_password)))


if __name__ == "__main__":
    unittest.main(verbosity=2)

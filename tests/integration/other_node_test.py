"""A sign-in that another node has just made: it counts here as soon as it is made, though the feed is late."""

import asyncio
import concurrent.futures
import unittest

from support import auth, deadline
from support.calls import post
from support.members import ADMINISTRATOR, OPTIONS
from support.nodes import Nodes
from support.raw import RawSocket, hello
from support.wire import Client, code, pb

# Longer than any test holds the feed, also on a loaded machine.
PATIENT = {**OPTIONS, "store.read_deadline_ms": 20_000}


class SignInOfAnotherNode(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nodes = Nodes(PATIENT, late=True)
        cls.first, cls.second = cls.nodes

        async def come():
            async with Client(cls.first.url, cls.first.token(ADMINISTRATOR)) as sanna:
                return await auth.member(cls.first, sanna, "tuisku.tuuli")

        cls.member = asyncio.run(come())

    @classmethod
    def tearDownClass(cls):
        cls.nodes.dispose()

    def greeting(self, token):
        raw = RawSocket(self.second.port)
        self.addCleanup(raw.__exit__)
        self.assertEqual(raw.handshake(), 101)
        raw.send(pb.Request(id=1, hello=hello(token)), pb.Request(id=2, list_terms=pb.ListTerms()))
        return raw

    def until_looked_for(self, token):
        deadline.until(lambda: self.nodes.feed.asked("token:" + auth.token_hash(token)), "the second node looks for the sign-in")

    def test_HelloIsWelcomeAndWhatCameBehindItIsAnswered(self):
        with self.nodes.feed.held():
            token = auth.signed_in(self.first, self.member)
            raw = self.greeting(token)
            self.until_looked_for(token)
        self.assertTrue(raw.response(1).HasField("welcome"))
        self.assertTrue(raw.response(2).HasField("terms"))

    def test_ManyAtOnceAreWelcome(self):
        with self.nodes.feed.held():
            tokens = [auth.signed_in(self.first, self.member) for _ in range(5)]
            greeted = [self.greeting(token) for token in tokens]
            self.until_looked_for(tokens[-1])
        for raw in greeted:
            self.assertTrue(raw.response(1).HasField("welcome"))

    def test_CallsOverHttpKnowItToo(self):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            with self.nodes.feed.held():
                token = auth.signed_in(self.first, self.member)
                answer = pool.submit(post, self.second, "/auth/sign-out", {}, token)
                self.until_looked_for(token)
            self.assertEqual(answer.result().status, 200)

    def test_OneThatHasEndedMeanwhileIsRefusedAsAnyToken(self):
        with self.nodes.feed.held():
            token = auth.signed_in(self.first, self.member)
            self.assertEqual(post(self.first, "/auth/sign-out", {}, token).status, 200)
            ended, unknown = self.greeting(token), self.greeting(auth.new_token())
            self.until_looked_for(token)
        refused = [raw.response(1) for raw in (ended, unknown)]
        self.assertEqual(refused[0].error.reason, "token_invalid")
        self.assertEqual(refused[0], refused[1])

    def test_WithoutAnyHoldEverySignInIsKnownAtOnce(self):
        for _ in range(30):
            token = auth.signed_in(self.first, self.member)
            self.assertTrue(self.greeting(token).response(1).HasField("welcome"))


class LateFeed(unittest.TestCase):
    def test_ThatIsTooLateIsToldAndTriedAgain(self):
        nodes = Nodes({**OPTIONS, "store.read_deadline_ms": 1000}, late=True)
        self.addCleanup(nodes.dispose)
        first, second = nodes

        async def come():
            async with Client(first.url, first.token(ADMINISTRATOR)) as sanna:
                return await auth.member(first, sanna, "tuisku.tuuli")

        member = asyncio.run(come())
        with nodes.feed.held():
            token = auth.signed_in(first, member)
            with RawSocket(second.port) as raw:
                self.assertEqual(raw.handshake(), 101)
                raw.send(pb.Request(id=1, hello=hello(token)))
                error = raw.response(1).error
                self.assertEqual((error.code, error.reason), (code("UNAVAILABLE"), "store_unavailable"))
                self.assertGreater(error.retry_after_ms, 0)
                while raw.next_item() is not None:
                    pass
                self.assertEqual(raw.closed_with, 1013)
            called = post(second, "/auth/sign-out", {}, token)
            self.assertEqual((called.status, called.error[:2]), (503, ("unavailable", "store_unavailable")))
        with RawSocket(second.port) as raw:
            raw.open(token)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What ends leaves nothing behind in Redis, and no node keeps it because it was not told."""

import asyncio
import concurrent.futures
import unittest

from support import auth, deadline
from support.calls import post
from support.cases import UNLIMITED
from support.members import ADMINISTRATOR, NO_INVITATION
from support.nodes import Nodes
from support.processes import standing_still
from support.redis import Redis
from support.wire import Client, Refused, pb

SIGN_INS = 8
ROUNDS = 6


class Forgetting(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED})
        cls.addClassCleanup(cls.nodes.dispose)
        cls.first, cls.second = cls.nodes
        cls.redis = Redis(cls.nodes.redis.home)
        cls.addClassCleanup(cls.redis.close)
        cls.partition = cls.redis.command("KEYS", "{p*}:v:directory")[0].decode().split(":")[0]

    def administrator(self):
        return Client(self.first.url, self.first.token(ADMINISTRATOR))

    async def member(self, handle):
        async with self.administrator() as sanna:
            return await auth.member(self.first, sanna, handle)

    def size(self):
        """Of what the directory has, with the versions of it."""
        return (int(self.redis.command("HLEN", f"{self.partition}:e:directory")),
                int(self.redis.command("ZCARD", f"{self.partition}:x:directory")))

    def sign_out(self, server, *tokens):
        for token in tokens:
            self.assertEqual(post(server, "/auth/sign-out", {}, token).status, 200)

    async def opens(self, server, token):
        try:
            async with Client(server.url, token):
                return True
        except Refused as refused:
            self.assertEqual(refused.error.reason, "token_invalid")
            return False

    async def test_SignInsThatAreOverLeaveNothing(self):
        member = await self.member("mennyt.meri")
        auth.set_up_second_factor(self.first, member)
        self.sign_out(self.first, auth.signed_in(self.first, member))
        while not await self.opens(self.second, member.token):
            pass  # it hears of the member's new epoch
        before = self.size()
        for n in range(SIGN_INS):
            server = (self.first, self.second)[n % 2]
            pending = auth.sign_in(server, member.handle, member.password).json["token"]
            if n < 3:  # codes are few
                whole = auth.second_factor(server, pending, recovery=member.recovery[n]).json["token"]
                self.assertEqual(self.size(), tuple(count + 1 for count in before), "the pending one has gone")
                self.sign_out(server, whole)
            else:
                self.sign_out(server, pending)
        self.assertEqual(self.size(), before)
        async with self.administrator() as sanna:
            hash_of = auth.token_hash(auth.new_token())
            await sanna.change(invite=pb.Invite(invitation=hash_of, **auth.person("peruttu.puro")))
            self.assertEqual(self.size(), tuple(count + 1 for count in before))
            await sanna.change(withdraw_invitation=pb.WithdrawInvitation(invitation=hash_of[:16]))
        self.assertEqual(self.size(), before)

    async def test_NodeThatMissedSignOutsHasNoneOfThem(self):
        member = await self.member("katko.kallio")
        gone = [auth.signed_in(self.first, member) for _ in range(4)]
        feed = f"{self.partition}:feed"
        for token in gone:
            self.assertTrue(await self.opens(self.second, token))
        with standing_still([self.second.process.pid]):
            self.sign_out(self.first, *gone)
            last = self.redis.command("XREVRANGE", feed, "+", "-", "COUNT", 1)[0][0]
            self.redis.command("XTRIM", feed, "MINID", last)
        for token in gone:
            deadline_passed = asyncio.get_running_loop().time() + deadline.SECONDS
            while await self.opens(self.second, token):
                self.assertLess(asyncio.get_running_loop().time(), deadline_passed, "the second node keeps a sign-in")
        self.assertIn("was trimmed up to", self.second.log())
        self.assertTrue(await self.opens(self.second, member.token), "the others are still there")
        async with Client(self.second.url, member.token) as own:
            sessions = (await own.request(list_sessions=pb.ListSessions())).sessions.sessions
            self.assertEqual([session.id for session in sessions], [auth.session_id(member.token)])

    async def test_InvitationIsRedeemedOnceOverWhateverNodes(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for n in range(ROUNDS):
                handle = f"kerran.{'abcdef'[n]}ksi"
                async with self.administrator() as sanna:
                    invitation = await auth.invitation_for(sanna, handle)
                password = auth.new_password()
                answers = list(pool.map(lambda s, i=invitation, p=password: auth.accept(s, i, p), [self.first, self.second] * 2))
                self.assertEqual(sorted(answer.status for answer in answers), [200, 404, 404, 404])
                for server in self.nodes:
                    self.assertEqual(auth.accept(server, invitation, password).error, NO_INVITATION)
                stored = self.redis.command("HEXISTS", f"{self.partition}:e:directory",
                                            "invitation:" + auth.token_hash(invitation))
                self.assertEqual(int(stored), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

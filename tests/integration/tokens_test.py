"""What opens nothing: tokens of others, of before, and parts of them; tries that must wait."""

import asyncio
import unittest

from support import auth
from support.auth import second_factor, sign_in
from support.calls import post
from support.cases import UNLIMITED
from support.members import ADMINISTRATOR, CREDENTIALS_INVALID, TOKEN_INVALID, SignInCase
from support.server import Server
from support.wire import Client, new_change_id, pb


class Tokens(SignInCase):
    async def test_StolenPartsOldAndForeignTokensOpenNothing(self):
        thief, member = await self.member("varas.varpu"), await self.member("uhri.uitti")
        auth.set_up_second_factor(self.server, member)
        old, revoked = auth.signed_in(self.server, member), auth.signed_in(self.server, member)
        pending = sign_in(self.server, member.handle, member.password).json["token"]
        self.assertEqual(post(self.server, "/auth/sign-out", {}, old).status, 200)
        async with self.client(member.token) as own:
            await own.change(revoke_sessions=pb.RevokeSessions(sessions=[auth.session_id(revoked)]))
        good = member.token
        table = {"signed out": old, "revoked": revoked, "pending": pending, "truncated": good[:-1], "longer": good + "A",
                 "other case": good.swapcase(), "lower case": good.lower(), "upper case": good.upper(),
                 "its hash": auth.token_hash(good), "its id": auth.session_id(good), "empty": "", "space": " " + good,
                 "somebody else's with its end": thief.token[:30] + good[30:], "random": auth.new_token()}
        for name, token in table.items():
            with self.subTest(name):
                await self.assert_opens_nothing(token)
                # As a bearer: where only a whole sign-in counts. White space around one is no part of it.
                if name != "space":
                    answer = post(self.server, "/auth/password", {"password": member.password,
                                                                  "new_password": auth.new_password()}, token)
                    self.assertEqual((answer.status, answer.error), (401, TOKEN_INVALID))
        await self.assert_opens(good)
        # A foreign token is its owner's only.
        stolen = post(self.server, "/auth/password", {"password": member.password, "new_password": auth.new_password()}, thief.token)
        self.assertEqual(stolen.error, ("unauthenticated", "credentials_invalid", "password"))
        async with self.client(thief.token) as own:
            for foreign in (auth.session_id(good), "", "0" * 16):
                error = await own.refused(new_change_id(), revoke_sessions=pb.RevokeSessions(sessions=[foreign]))
                self.assertEqual(error.reason, "session_not_found")
            self.assertEqual(own.welcome.self.handle, thief.handle)

    async def test_TokenOfOneMemberIsNoneOfAnothersSecondFactor(self):
        thief, member = await self.member("hiipi.hiiri"), await self.member("lukko.lepikko")
        for account in (thief, member):
            auth.set_up_second_factor(self.server, account)
        pending = sign_in(self.server, thief.handle, thief.password).json["token"]
        self.assertEqual(second_factor(self.server, pending, code=member.app.code()).error, CREDENTIALS_INVALID)
        self.assertEqual(second_factor(self.server, pending, recovery=member.recovery[0]).error, CREDENTIALS_INVALID)
        # A sealed seed of another member does not become one's own.
        made = post(self.server, "/auth/totp", {"password": member.password}, member.token).json
        code = auth.Authenticator(made["secret"]).code()
        taken = post(self.server, "/auth/totp/confirm", {"password": thief.password, "sealed": made["sealed"], "code": code,
                                                        "current": thief.recovery[0]}, thief.token)
        self.assertEqual(taken.error, ("invalid", "seed_invalid", "sealed"))

    async def test_SignInsOverTheLimitEndTheLeastRecentlyUsed(self):
        member = await self.member("monta.marja")
        tokens = [member.token] + [auth.signed_in(self.server, member) for _ in range(20)]
        await self.assert_opens_nothing(tokens[0])
        for token in tokens[1:]:
            await self.assert_opens(token)


class Waiting(unittest.TestCase):
    """Tries that must wait. What a wait is for is told by the account's password: right ones wait, too."""

    OPTIONS = {**UNLIMITED, "sign_in.account_tries": 3, "sign_in.address_tries": 6, "sign_in.delay_ms": 60000,
               "sign_in.longest_delay_ms": 120000}
    HOME, ATTACKER, ELSEWHERE = "127.0.0.1", "127.0.0.2", "127.0.0.3"

    def setUp(self):
        self.server = Server(self.OPTIONS)
        self.addCleanup(self.server.dispose)
        self.server.start()

    def members(self, *handles):
        async def come():
            async with Client(self.server.url, self.server.token(ADMINISTRATOR)) as sanna:
                return [await auth.member(self.server, sanna, handle) for handle in handles]

        return asyncio.run(come())

    def attempt(self, account, source, password=None):
        return sign_in(self.server, account.handle, password or account.password, source=source)

    def test_WaitNamesItsLengthAndHitsNeitherOtherAccountsNorAKnownAddress(self):
        victim, neighbour = self.members("piiri.paju", "naapuri.nurmi")
        self.assertEqual(self.attempt(victim, self.HOME).status, 200)
        for _ in range(3):
            self.assertEqual(self.attempt(victim, self.ATTACKER, "arvattu salasana 1").status, 401)
        limited = self.attempt(victim, self.ATTACKER, "arvattu salasana 2")
        self.assertEqual((limited.status, limited.error[:2]), (429, ("limited", "sign_in_limited")))
        wait = limited.json["error"]["retry_after_ms"]
        self.assertTrue(50_000 < wait <= 60_000, wait)
        self.assertAlmostEqual(int(limited.headers["retry-after"]), wait / 1000, delta=1)
        self.assertEqual(self.attempt(victim, self.ATTACKER).status, 429, "the right password waits, too")
        self.assertEqual(self.attempt(victim, self.ELSEWHERE).status, 429, "from an address that is not known, too")
        self.assertEqual(self.attempt(victim, self.HOME).status, 200, "the owner's known address does not wait")
        self.assertEqual(self.attempt(neighbour, self.ATTACKER).status, 200, "another account does not wait")

    def test_WhetherThereIsTheAccountPlaysNoPart(self):
        member, = self.members("varpu.vesa")
        for name in (member.handle, "ei.ketaan"):
            statuses = [sign_in(self.server, name, "arvattu salasana 1", source=f"127.0.1.{n}").status for n in range(5)]
            self.assertEqual(statuses, [401, 401, 401, 429, 429], name)

    def test_AddressWaitsForTriesOfManyAccountsAndOthersDoNot(self):
        statuses = [sign_in(self.server, f"arvaus.{n}", "arvattu salasana", source=self.ATTACKER).status for n in range(8)]
        self.assertEqual(statuses, [401] * 6 + [429] * 2)
        member, = self.members("lehto.loimu")
        self.assertEqual(self.attempt(member, self.ELSEWHERE).status, 200)

    def test_CodesAreCountedForTheMember(self):
        member, = self.members("siemen.suo")
        auth.set_up_second_factor(self.server, member)
        pending = self.attempt(member, self.HOME).json["token"]
        answers = [second_factor(self.server, pending, code=f"{n:06}", source=f"127.0.2.{n + 1}") for n in range(5)]
        self.assertEqual([a.status for a in answers], [401, 401, 401, 429, 429])


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""A second factor stands between a known password and everything else: also where it is set up, replaced, taken away or lost."""

import asyncio
import unittest

from support import auth
from support.auth import accept, second_factor, sign_in
from support.calls import post
from support.cases import UNLIMITED
from support.members import ADMINISTRATOR, CREDENTIALS_INVALID, NO_INVITATION, SignInCase
from support.server import Server
from support.wire import Client, pb

CURRENT_WRONG = ("unauthenticated", "credentials_invalid", "current")


class SecondFactor(SignInCase):
    async def paired(self, handle, **values):
        member = await self.member(handle, **values)
        auth.set_up_second_factor(self.server, member)
        return member

    def seed(self, member):
        return post(self.server, "/auth/totp", {"password": member.password}, member.token).json

    def confirm(self, member, made, app, **shown):
        return post(self.server, "/auth/totp/confirm", {"password": member.password, "sealed": made["sealed"], "code": app.code(),
                                                        **shown}, member.token)

    def remove(self, member, **shown):
        return post(self.server, "/auth/totp/remove", {"password": member.password, **shown}, member.token)

    def further(self, member):
        return sign_in(self.server, member.handle, member.password).json["second_factor"]

    async def test_SettingItUpEndsTheOtherSignInsAndAPendingTokenNeverOpensMore(self):
        member = await self.member("ruusu.rantala")
        other = auth.signed_in(self.server, member)
        async with self.client(other) as before:
            auth.set_up_second_factor(self.server, member)
            await self.told_to_sign_in_again(before)
        await self.assert_opens_nothing(other)
        await self.assert_opens(member.token)

        invitation = await self.invitation("yllapito.ylanen", standing=auth.standing("administrator"))
        chief = auth.Account("yllapito.ylanen", "", auth.new_password())
        pending = accept(self.server, invitation, chief.password).json["token"]
        auth.set_up_second_factor(self.server, chief, pending)
        self.assertNotEqual(chief.token, pending)
        await self.assert_opens(chief.token)
        await self.assert_opens_nothing(pending)

    async def test_IsTakenAwayOnlyByWhoHasIt(self):
        member = await self.paired("sini.sinilatva")
        for shown in ({}, {"current": ""}, {"current": "000000"}, {"current": "k3v9-m2xq-7trd-80wz"}):
            self.assertEqual(self.remove(member, **shown).error, CURRENT_WRONG, shown)
        self.assertEqual(self.further(member), "code")
        self.assertEqual(self.remove(member, current=member.recovery[0]).status, 200)
        self.assertEqual(self.further(member), "done")
        await self.assert_opens(member.token)

    async def test_IsReplacedOnlyByWhoHasItAndTheOldOneIsGone(self):
        member = await self.paired("vaalea.vuorela")
        made = self.seed(member)
        app = auth.Authenticator(made["secret"])
        for shown in ({}, {"current": "000000"}):
            self.assertEqual(self.confirm(member, made, auth.Authenticator(made["secret"]), **shown).error, CURRENT_WRONG, shown)
        replaced = self.confirm(member, made, app, current=member.recovery[0])
        self.assertEqual(replaced.status, 200, replaced.body)
        pending = sign_in(self.server, member.handle, member.password).json["token"]
        self.assertEqual(second_factor(self.server, pending, code=member.app.code()).error, CREDENTIALS_INVALID)
        self.assertEqual(second_factor(self.server, pending, recovery=member.recovery[1]).error, CREDENTIALS_INVALID)
        await self.assert_opens(second_factor(self.server, pending, recovery=replaced.json["recovery"][0]).json["token"])

    async def test_ResetKeepsItUnlessTheAdministratorClearsIt(self):
        member = await self.paired("kadonnut.kivela")
        for clears, further in ((False, "code"), (True, "done")):
            link = auth.new_token()
            await self.change_by_administrator(issue_reset=pb.IssueReset(
                invitation=auth.token_hash(link), member=member.id, clears_second_factor=clears))
            member.password = auth.new_password()
            self.assertEqual(accept(self.server, link, member.password).status, 200)
            self.assertEqual(self.further(member), further)

    async def test_ResetLinkIsOverWithTheNextPasswordAndOneThatClearsTheFactorWithTheEndOfAllSignIns(self):
        member = await self.member("linkki.lahdesmaki")
        for ends in ("sessions", "password"):
            link = auth.new_token()
            await self.change_by_administrator(issue_reset=pb.IssueReset(invitation=auth.token_hash(link), member=member.id,
                                                                         clears_second_factor=ends == "sessions"))
            if ends == "sessions":
                await self.change_by_administrator(end_sessions=pb.EndSessions(member=member.id))
                member.token = auth.signed_in(self.server, member)
            else:
                new = auth.new_password()
                changed = post(self.server, "/auth/password", {"password": member.password, "new_password": new}, member.token)
                self.assertEqual(changed.status, 200)
                member.password = new
            self.assertEqual(accept(self.server, link, auth.new_password()).error, NO_INVITATION, ends)
            self.assertEqual(self.further(member), "done")

    async def test_InvitationEndsWithTheAuthorityOfWhoMadeIt(self):
        contact = await self.member("kutsuja.kallio", standing=auth.standing("councillor", municipality="837", contact_for="837"))
        async with self.client(contact.token) as own:
            invitations = [await auth.invitation_for(own, f"kutsuttu.{name}", standing=auth.standing("councillor", municipality="837"))
                           for name in ("kanto", "kuusisto")]
        self.assertEqual(accept(self.server, invitations[0], auth.new_password()).status, 200)
        await self.change_by_administrator(set_standing=pb.SetStanding(
            member=contact.id, standing=auth.standing("councillor", municipality="837")))
        self.assertEqual(accept(self.server, invitations[1], auth.new_password()).error, NO_INVITATION)


class PasswordAlone(unittest.TestCase):
    """Who has the password alone goes on being slowed down, and ends no whole sign-in by signing in again and again."""

    def members(self, server):
        async def come():
            async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
                return await auth.member(server, sanna, "pelkka.peltola")

        member = asyncio.run(come())
        auth.set_up_second_factor(server, member)
        return member

    def test_RightPasswordsWithoutTheFactorAreCounted(self):
        with Server({**UNLIMITED, "sign_in.account_tries": 4, "sign_in.delay_ms": 60000}) as server:
            member = self.members(server)
            answers = [sign_in(server, member.handle, member.password, source=f"127.0.3.{n + 1}") for n in range(6)]
            self.assertEqual([a.status for a in answers], [200] * 4 + [429] * 2)

    def test_ManyPendingSignInsEndNoWholeOne(self):
        with Server({**UNLIMITED, **auth.UNHURRIED, "sessions.per_member": 3}) as server:
            member = self.members(server)
            for _ in range(5):
                self.assertEqual(sign_in(server, member.handle, member.password).json["second_factor"], "code")

            async def opens():
                async with Client(server.url, member.token) as own:
                    return (await own.request(list_sessions=pb.ListSessions())).sessions.sessions

            self.assertEqual([s.id for s in asyncio.run(opens())], [auth.session_id(member.token)])


if __name__ == "__main__":
    unittest.main(verbosity=2)

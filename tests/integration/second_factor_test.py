"""A second factor stands between a known password and everything else: also where it is set up, replaced, taken away or lost."""

import asyncio
import os
import tempfile
import unittest

from support import auth, deadline
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


class LostKey(unittest.TestCase):
    """As docs/operations.md tells it."""

    def lose_key(self, server):
        self.assertEqual(server.interrupt(), 0)
        os.rename(os.path.join(server.data, "second-factor.key"), os.path.join(server.home, "found.key"))
        server.start()

    def test_CodesFailAndRecoveryCodesAndClearingLinksLetMembersIn(self):
        with Server({**UNLIMITED, **auth.UNHURRIED}) as server:
            chief = auth.administrator(server)

            async def come():
                async with Client(server.url, chief.token) as client:
                    return [await auth.member(server, client, handle) for handle in ("avain.aalto", "kadonnut.korpi")]

            keeps_codes, has_none = asyncio.run(come())
            for member in (keeps_codes, has_none):
                auth.set_up_second_factor(server, member)
            self.lose_key(server)
            pending = sign_in(server, keeps_codes.handle, keeps_codes.password).json["token"]
            self.assertEqual(second_factor(server, pending, code=keeps_codes.app.code()).error, CREDENTIALS_INVALID)
            self.assertIn(f"the second factor of member {keeps_codes.id} cannot be opened", server.log())
            recovered = second_factor(server, pending, recovery=keeps_codes.recovery[0])
            self.assertEqual(recovered.status, 200)
            self.pair_anew(server, keeps_codes, recovered.json["token"])
            auth.signed_in(server, keeps_codes)
            # Nobody who administers has a code left: another one comes in from outside.
            rescuer = auth.administrator(server, "pelastava.pajari", "Pelastava Pajari")
            for member, further in ((has_none, "done"), (chief, "setup")):
                self.clear(server, rescuer, member)
                self.assertEqual(sign_in(server, member.handle, member.password).json["second_factor"], further)

    def pair_anew(self, server, member, token):
        made = post(server, "/auth/totp", {"password": member.password}, token).json
        member.app = auth.Authenticator(made["secret"])
        confirmed = post(server, "/auth/totp/confirm", {"password": member.password, "sealed": made["sealed"],
                                                        "code": member.app.code(), "current": member.recovery[1]}, token)
        self.assertEqual(confirmed.status, 200, confirmed)

    def clear(self, server, administrator, member):
        async def issue():
            async with Client(server.url, administrator.token) as client:
                found = (await client.request(list_members=pb.ListMembers(limit=100))).member_records.records
                member_id, = [r.member.id for r in found if r.member.handle == member.handle]
                link = auth.new_token()
                await client.change(issue_reset=pb.IssueReset(invitation=auth.token_hash(link), member=member_id,
                                                              clears_second_factor=True))
                return link

        member.password = auth.new_password()
        self.assertEqual(accept(server, asyncio.run(issue()), member.password).status, 200)

    def test_KeyThatTurnsUpMakesTheCodesRightAgain(self):
        with Server({**UNLIMITED, **auth.UNHURRIED}) as server:
            chief = auth.administrator(server)
            self.lose_key(server)
            pending = sign_in(server, chief.handle, chief.password).json["token"]
            self.assertEqual(second_factor(server, pending, code=chief.app.code()).error, CREDENTIALS_INVALID)
            self.assertEqual(server.interrupt(), 0)
            os.replace(os.path.join(server.home, "found.key"), os.path.join(server.data, "second-factor.key"))
            server.start()
            auth.signed_in(server, chief)

    def test_NamedKeyThatIsMissingStopsTheStart(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            key = os.path.join(elsewhere, "missing.key")
            server = Server({"second_factor.key_file": key})
            self.addCleanup(server.dispose)
            server.launch()
            self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
            self.assertIn(key, server.log())


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

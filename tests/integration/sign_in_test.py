"""Coming in, staying in and going out: invitations accepted, passwords, second factors."""

import asyncio
import concurrent.futures
import unittest

from support import auth
from support.auth import accept, second_factor, sign_in
from support.calls import post
from support.cases import COUNCILLOR, ROOM
from support.members import CREDENTIALS_INVALID, NO_INVITATION, TOKEN_INVALID, SignInCase
from support.wire import pb


class ComingIn(SignInCase):
    async def test_InvitedAcceptsIsWelcomeAndSignsOut(self):
        token = await self.invitation("tuuli.tammi", standing=auth.standing("councillor", municipality="837"))
        looked = post(self.server, "/auth/invitation", {"invitation": token})
        self.assertEqual((looked.status, looked.json["name"], looked.json["handle"], looked.json["resets"]),
                         (200, "Tuuli Tammi", "tuuli.tammi", False))
        accepted = accept(self.server, token, auth.new_password())
        self.assertEqual((accepted.status, accepted.json["second_factor"]), (200, "done"))
        self.assertEqual(accepted.headers["cache-control"], "no-store")
        self.assertNotIn("set-cookie", accepted.headers)
        async with self.client(accepted.json["token"]) as tuuli:
            own = tuuli.welcome.self
            self.assertEqual((own.handle, own.municipality, list(own.roles)), ("tuuli.tammi", "837", [1]))
            session, = (await tuuli.request(list_sessions=pb.ListSessions())).sessions.sessions
            self.assertEqual((session.device, session.current, session.second_factor), (auth.DEVICE, True, False))
            self.assertEqual(session.expires_ms, accepted.json["expires_ms"])
            self.assertEqual(post(self.server, "/auth/sign-out", {}, accepted.json["token"]).status, 200)
            await self.told_to_sign_in_again(tuuli)
        await self.assert_opens_nothing(accepted.json["token"])
        self.assertEqual(post(self.server, "/auth/sign-out", {}, accepted.json["token"]).error, TOKEN_INVALID)

    async def test_SignsInByHandleByEmailAndInAnyCase(self):
        member = await self.member("kaisla.kuusi")
        for name in (member.handle, member.email, "@" + member.handle, " KAISLA.Kuusi ", member.email.upper()):
            answer = sign_in(self.server, name, member.password)
            self.assertEqual((answer.status, answer.json.get("second_factor")), (200, "done"), name)
            await self.assert_opens(answer.json["token"])

    async def test_WrongPasswordUnknownNameAndUnknownEmailAnswerTheSameBytes(self):
        member = await self.member("havu.honka")
        answers = [sign_in(self.server, name, password) for name, password in (
            (member.handle, auth.new_password()), (member.email, member.password + "x"), ("ei.ketaan", member.password),
            ("ei.ketaan@kunta.example", member.password), (COUNCILLOR, member.password), ("", member.password),
            ("x" * 3000, member.password), (member.handle, ""), (member.handle, "x" * 3000))]
        self.assertEqual({(a.status, a.body) for a in answers}, {(401, answers[0].body)})
        self.assertEqual(answers[0].error, CREDENTIALS_INVALID)
        heads = [{name: value for name, value in a.headers.items() if name != "date"} for a in answers]
        self.assertTrue(all(head == heads[0] for head in heads), heads)

    async def test_SecondFactorByCodeAndByRecoveryCodeEachOnce(self):
        member = await self.member("sade.saarni")
        auth.set_up_second_factor(self.server, member)
        pending = [sign_in(self.server, member.handle, member.password).json for _ in range(4)]
        self.assertEqual({p["second_factor"] for p in pending}, {"code"})
        tokens = [p["token"] for p in pending]
        self.assertEqual(second_factor(self.server, tokens[0], code="000000").error, CREDENTIALS_INVALID)
        code = member.app.code()
        whole = second_factor(self.server, tokens[0], code=code)
        self.assertEqual((whole.status, whole.json["second_factor"]), (200, "done"))
        await self.assert_opens(whole.json["token"])
        self.assertEqual(second_factor(self.server, tokens[1], code=code).error, CREDENTIALS_INVALID, "a code is good once")
        recovery = member.recovery[0].upper().replace("-", " ")
        await self.assert_opens(second_factor(self.server, tokens[1], recovery=recovery).json["token"])
        self.assertEqual(second_factor(self.server, tokens[2], recovery=member.recovery[0]).error, CREDENTIALS_INVALID)
        await self.assert_opens(second_factor(self.server, tokens[2], recovery=member.recovery[1]).json["token"])
        self.assertEqual(second_factor(self.server, tokens[0], code=member.app.code()).error, TOKEN_INVALID,
                         "a pending token that was replaced is gone")

    async def test_OneCodeAtTheSameTimeOpensOneSignInOnly(self):
        member = await self.member("pouta.pihlaja")
        auth.set_up_second_factor(self.server, member)
        for shown in ({"code": member.app.code()}, {"recovery": member.recovery[0]}):
            tokens = [sign_in(self.server, member.handle, member.password).json["token"] for _ in range(8)]
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                statuses = list(pool.map(lambda token: second_factor(self.server, token, **shown).status, tokens))
            self.assertEqual(sorted(statuses), [200] + [401] * 7, shown.keys())

    async def test_PendingTokenOpensNothingElse(self):
        member = await self.member("myrsky.mant")
        auth.set_up_second_factor(self.server, member)
        pending = sign_in(self.server, member.handle, member.password).json["token"]
        await self.assert_opens_nothing(pending)
        own = {"password": member.password}
        for path, body in (("/auth/password", {**own, "new_password": auth.new_password()}), ("/auth/totp/remove", {**own, "current": "123456"}),
                           ("/auth/totp", own), ("/auth/totp/confirm", {**own, "sealed": "x", "code": "123456"}),
                           ("/auth/erase", {**own, "current": "123456"})):
            self.assertEqual(post(self.server, path, body, pending).error, TOKEN_INVALID, path)
        async with self.client(member.token) as whole:
            listed = (await whole.request(list_sessions=pb.ListSessions())).sessions.sessions
            self.assertEqual([s.id for s in listed], [auth.session_id(member.token)])
        self.assertEqual(post(self.server, "/auth/second-factor", {"code": member.app.code()}, member.token).error[1],
                         "second_factor_done")
        self.assertEqual(post(self.server, "/auth/sign-out", {}, pending).status, 200)
        self.assertEqual(second_factor(self.server, pending, code=member.app.code()).error, TOKEN_INVALID)

    async def test_ModeratorsAndAdministratorsSetASecondFactorUpFirst(self):
        async with self.administrator() as sanna:
            forum = (await sanna.request(list_forums=pb.ListForums())).forums.forums[0].id
        for handle, granted in (("rinne.raita", auth.standing("administrator")), ("laakso.leppa", auth.standing("moderator")),
                                ("niitty.niini", auth.standing("councillor", moderates=[forum]))):
            invitation = await self.invitation(handle, standing=granted)
            member = auth.Account(handle, "", auth.new_password())
            entered = accept(self.server, invitation, member.password).json
            self.assertEqual(entered["second_factor"], "setup", handle)
            await self.assert_opens_nothing(entered["token"])
            again = sign_in(self.server, handle, member.password).json
            self.assertEqual(again["second_factor"], "setup", handle)
            auth.set_up_second_factor(self.server, member, again["token"])
            await self.assert_opens(member.token)
            removed = post(self.server, "/auth/totp/remove", {"password": member.password, "current": member.app.code()}, member.token)
            self.assertEqual(removed.error[:2], ("forbidden", "second_factor_required"))
            await self.assert_opens_nothing(entered["token"])

    async def test_MemberWhoBecomesModeratorSignsInAgainAndSetsItUp(self):
        member = await self.member("kivi.kataja")
        async with self.client(member.token) as kivi:
            await self.change_by_administrator(set_standing=pb.SetStanding(
                member=member.id, standing=auth.standing("councillor", "moderator")))
            await self.told_to_sign_in_again(kivi)
        await self.assert_opens_nothing(member.token)
        self.assertEqual(sign_in(self.server, member.handle, member.password).json["second_factor"], "setup")

    def test_OperatorsAdministratorComesInBesideTheRunningServer(self):
        account = auth.administrator(self.server)
        asyncio.run(self.assert_opens(account.token))
        again = auth.create_administrator(self.server, account.name, account.handle, account.email)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("tunnus", again.stderr.lower())


class Passwords(SignInCase):
    async def test_RulesHoldForAcceptingAndForChanging(self):
        member = await self.member("lumi.lehmus")
        invitation = await self.invitation("routa.raita")
        for password, reason in (("liian lyhyt", "password_too_short"), ("x1" * 65, "password_too_long"),
                                 ("password" * 2, "password_common"), ("", "password_too_short")):
            accepted = accept(self.server, invitation, password)
            self.assertEqual((accepted.status, accepted.error), (400, ("invalid", reason, "password")))
            changed = post(self.server, "/auth/password", {"password": member.password, "new_password": password}, member.token)
            self.assertEqual((changed.status, changed.error), (400, ("invalid", reason, "new_password")))
        self.assertEqual(accept(self.server, invitation, "öljyä laineilla " + auth.new_password()).status, 200)

    async def test_ChangeEndsTheOtherSignInsAndNotOnesOwn(self):
        member = await self.member("usva.vaahtera")
        others = [auth.signed_in(self.server, member) for _ in range(2)]
        new = auth.new_password()
        async with self.client(others[0]) as other, self.client(member.token) as own:
            wrong = post(self.server, "/auth/password", {"password": new, "new_password": new}, member.token)
            self.assertEqual(wrong.error, ("unauthenticated", "credentials_invalid", "password"))
            changed = post(self.server, "/auth/password", {"password": member.password, "new_password": new}, member.token)
            self.assertEqual(changed.status, 200)
            await self.told_to_sign_in_again(other)
            self.assertTrue(await own.room(ROOM))
            self.assertFalse(own.of_kind("notice"))
        await self.assert_opens(member.token)
        for token in others:
            await self.assert_opens_nothing(token)
        self.assertEqual(sign_in(self.server, member.handle, member.password).error, CREDENTIALS_INVALID)
        self.assertEqual(sign_in(self.server, member.handle, new).status, 200)

    async def test_SignInsWithTheOldPasswordThatAreUnderWayOpenNothingAfterTheChange(self):
        member = await self.member("kilpa.kurjenmiekka")
        for _ in range(5):
            new = auth.new_password()
            with concurrent.futures.ThreadPoolExecutor(10) as pool:
                racing = [pool.submit(sign_in, self.server, member.handle, member.password) for _ in range(10)]
                changed = await asyncio.to_thread(post, self.server, "/auth/password", {
                    "password": member.password, "new_password": new}, member.token)
                answers = [answer.result() for answer in racing]
            self.assertEqual(changed.status, 200, changed.body)
            member.password = new
            for answer in answers:
                if answer.status == 200:
                    await self.assert_opens_nothing(answer.json["token"])
                else:
                    self.assertEqual(answer.error, CREDENTIALS_INVALID)
        await self.assert_opens(member.token)

    async def test_ResetLinkGivesANewPasswordOnceAndEndsEverySignIn(self):
        member = await self.member("aalto.haapa")
        auth.set_up_second_factor(self.server, member)
        link, new = auth.new_token(), auth.new_password()
        async with self.client(member.token) as before:
            await self.change_by_administrator(issue_reset=pb.IssueReset(invitation=auth.token_hash(link), member=member.id))
            looked = post(self.server, "/auth/invitation", {"invitation": link}).json
            self.assertEqual((looked["handle"], looked["resets"]), (member.handle, True))
            await self.assert_opens(member.token)
            done = accept(self.server, link, new)
            self.assertEqual((done.status, done.json), (200, {}), "after a reset one signs in")
            await self.told_to_sign_in_again(before)
        self.assertEqual(accept(self.server, link, new).error, NO_INVITATION)
        self.assertEqual(sign_in(self.server, member.handle, member.password).error, CREDENTIALS_INVALID)
        self.assertEqual(sign_in(self.server, member.handle, new).json["second_factor"], "code", "the second factor stays")


if __name__ == "__main__":
    unittest.main(verbosity=2)

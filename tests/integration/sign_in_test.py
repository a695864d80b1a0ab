"""Coming in, staying in and going out: invitations, passwords, second factors, tokens."""

import asyncio
import concurrent.futures
import unittest

from support import auth
from support.auth import accept, second_factor, sign_in
from support.calls import post
from support.cases import COUNCILLOR, ROOM, UNLIMITED
from support.nodes import Nodes
from support.raw import varint
from support.redis import Redis
from support.server import Server
from support.wire import Client, Refused, new_change_id, now_ms, pb

OPTIONS = {**UNLIMITED, **auth.UNHURRIED}
ADMINISTRATOR = "sanna.heino"  # of the demo content
TOKEN_INVALID = ("unauthenticated", "token_invalid", "")
CREDENTIALS_INVALID = ("unauthenticated", "credentials_invalid", "")
NO_INVITATION = ("not_found", "invitation_not_found", "invitation")


class SignInCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(OPTIONS).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def client(self, token):
        return Client(self.server.url, token)

    def administrator(self):
        return self.client(self.server.token(ADMINISTRATOR))

    async def member(self, handle, **values):
        async with self.administrator() as sanna:
            return await auth.member(self.server, sanna, handle, **values)

    async def invitation(self, handle, **values):
        async with self.administrator() as sanna:
            return await auth.invitation_for(sanna, handle, **values)

    async def change_by_administrator(self, **command):
        async with self.administrator() as sanna:
            return await sanna.change(**command)

    async def assert_opens(self, token):
        async with self.client(token) as client:
            await client.room(ROOM)

    async def assert_opens_nothing(self, token, server=None):
        with self.assertRaises(Refused) as refused:
            await Client((server or self.server).url, token).connect()
        self.assertEqual((refused.exception.error.reason, refused.exception.error.field), ("token_invalid", "token"))

    async def told_to_sign_in_again(self, client):
        await client.until(lambda: any(n.HasField("sign_in_again") for n in client.of_kind("notice")), "sign_in_again")


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
        for path, body in (("/auth/password", {**own, "new_password": auth.new_password()}), ("/auth/totp/remove", own),
                           ("/auth/totp", own), ("/auth/totp/confirm", {**own, "sealed": "x", "code": "123456"})):
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
            await self.assert_opens(again["token"])
            removed = post(self.server, "/auth/totp/remove", {"password": member.password}, again["token"])
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


class Invitations(SignInCase):
    async def test_UnknownExpiredWithdrawnRedeemedAndGarbageAnswerTheSameBytes(self):
        redeemed, withdrawn = await self.invitation("halla.halava"), await self.invitation("kaste.kanerva")
        self.assertEqual(accept(self.server, redeemed, auth.new_password()).status, 200)
        await self.change_by_administrator(withdraw_invitation=pb.WithdrawInvitation(invitation=auth.session_id(withdrawn)))
        for path, more in (("/auth/invitation", {}), ("/auth/accept", {"password": auth.new_password(), "device": "x"})):
            answers = [post(self.server, path, {"invitation": token, **more}) for token in (
                redeemed, withdrawn, auth.new_token(), "", "x", redeemed[:-1], redeemed.swapcase(), "ä" * 43, "x" * 5000)]
            self.assertEqual({(a.status, a.body) for a in answers}, {(404, answers[0].body)}, path)
            self.assertEqual(answers[0].error, NO_INVITATION)

    async def test_NameHandleAndEmailAreTakenOnlyByWhoHasAccepted(self):
        first, second = await self.invitation("sumu.salava"), await self.invitation("sumu.salava")
        self.assertEqual(accept(self.server, first, auth.new_password()).status, 200)
        self.assertEqual(accept(self.server, second, auth.new_password()).error, ("conflict", "handle_taken", "handle"))

    async def test_OneInvitationIsRedeemedOnceWhoeverElseTriesAtTheSameTime(self):
        nodes = Nodes(OPTIONS)
        self.addCleanup(nodes.dispose)
        first, second = nodes
        async with Client(first.url, first.token(ADMINISTRATOR)) as sanna:
            invitation = await auth.invitation_for(sanna, "tyven.tuomi")
            passwords = [auth.new_password() for _ in range(20)]
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                answers = list(pool.map(lambda n: accept((first, second)[n % 2], invitation, passwords[n]), range(20)))
            won = [n for n, answer in enumerate(answers) if answer.status == 200]
            self.assertEqual(len(won), 1, [answer.body for answer in answers])
            self.assertEqual({a.error for a in answers if a.status != 200}, {NO_INVITATION})
            records = (await sanna.request(list_members=pb.ListMembers(limit=100))).member_records
            self.assertFalse(records.more)
            self.assertEqual([r.member.handle for r in records.records].count("tyven.tuomi"), 1)
            for server in nodes:
                statuses = [sign_in(server, "tyven.tuomi", password).status for password in passwords]
                self.assertEqual([n for n, status in enumerate(statuses) if status == 200], won, statuses)


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
        taken = post(self.server, "/auth/totp/confirm", {"password": thief.password, "sealed": made["sealed"], "code": code}, thief.token)
        self.assertEqual(taken.error, ("invalid", "seed_invalid", "sealed"))

    async def test_SignInsOverTheLimitEndTheLeastRecentlyUsed(self):
        member = await self.member("monta.marja")
        tokens = [member.token] + [auth.signed_in(self.server, member) for _ in range(20)]
        await self.assert_opens_nothing(tokens[0])
        for token in tokens[1:]:
            await self.assert_opens(token)

    def test_EverythingOfACallThatIsWrongIsNamed(self):
        for body, error in ((b"{", ("invalid", "body_malformed", "")), (b"[]", ("invalid", "body_malformed", "")),
                            (b'{"name":1,"password":"x"}', ("invalid", "field_not_text", "name")),
                            (b'{"name":"x"}', ("invalid", "field_missing", "password")),
                            (b'{"password":"x"}', ("invalid", "field_missing", "name")),
                            (b'{"name":"x","password":null}', ("invalid", "field_missing", "password")),
                            (b"[" * 5000, ("invalid", "body_malformed", ""))):
            self.assertEqual(post(self.server, "/auth/sign-in", body).error, error, body[:40])
        self.assertEqual(post(self.server, "/auth/nothing").error[:2], ("not_found", "path_not_found"))
        self.assertEqual(post(self.server, "/auth/second-factor", {"code": "1"}).error, TOKEN_INVALID)


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


class ExpiredInvitation(unittest.IsolatedAsyncioTestCase):
    def expire(self, server, token, expires):
        """The stored invitation with another time in the place of its own; the server reads it at its start."""
        redis = Redis(server.data)
        self.addCleanup(redis.close)
        key = "invitation:" + auth.token_hash(token)
        stored = redis.entity("directory", key)
        ended = stored.replace(varint(expires), varint(now_ms() - 1000))
        self.assertNotEqual(ended, stored)
        redis.replace_entity("directory", key, ended)
        server.restart()

    async def test_ExpiredAnswersLikeUnknown(self):
        with Server(OPTIONS) as server:
            async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
                token, other = [await auth.invitation_for(sanna, handle, valid_hours=1) for handle in ("vanha.vaara", "uusi.utu")]
                invitations = (await sanna.request(list_invitations=pb.ListInvitations())).invitations.invitations
            expires, = [i.expires_ms for i in invitations if i.id == auth.session_id(token)]
            self.assertLess(abs(expires - now_ms() - 3600 * 1000), 60_000)
            self.expire(server, token, expires)
            for path, more in (("/auth/invitation", {}), ("/auth/accept", {"password": auth.new_password()})):
                unknown, expired = [post(server, path, {"invitation": t, **more}) for t in (auth.new_token(), token)]
                self.assertEqual((expired.status, expired.body), (404, unknown.body))
            self.assertEqual(accept(server, other, auth.new_password()).status, 200, "the one beside it is good")


if __name__ == "__main__":
    unittest.main(verbosity=2)

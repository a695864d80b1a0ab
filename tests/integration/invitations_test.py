"""Invitations that are good once, for whom they were made, as long as they were made for."""

import concurrent.futures
import unittest

from support import auth
from support.auth import accept, sign_in
from support.calls import post
from support.members import ADMINISTRATOR, NO_INVITATION, OPTIONS, SignInCase
from support.nodes import Nodes
from support.raw import varint
from support.redis import Redis
from support.server import Server
from support.wire import Client, now_ms, pb


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

    async def listed(self, token):
        async with self.client(token) as client:
            got = (await client.request(list_invitations=pb.ListInvitations(limit=100))).invitations
            return {one.id: one for one in got.invitations}

    async def test_WhoMayListThemSeesWhomTheyAreFor(self):
        contact = await self.member("yhdys.ylanne", standing=auth.standing("councillor", municipality="837", contact_for="837"))
        async with self.client(contact.token) as client:
            own = auth.session_id(await auth.invitation_for(client, "oma.ollila", standing=auth.standing("councillor", municipality="837")))
        others = auth.session_id(await self.invitation("toisen.tolvanen"))
        link = auth.new_token()
        await self.change_by_administrator(issue_reset=pb.IssueReset(invitation=auth.token_hash(link), member=contact.id))
        of_contact = await self.listed(contact.token)
        self.assertEqual(set(of_contact), {own})
        of_all = await self.listed(self.server.token(ADMINISTRATOR))
        self.assertLessEqual({own, others, auth.session_id(link)}, set(of_all))
        self.assertEqual(of_all[own], of_contact[own])
        told = {i: (of_all[i].name, of_all[i].handle, of_all[i].email, of_all[i].resets) for i in (own, others, auth.session_id(link))}
        self.assertEqual(told, {own: ("Oma Ollila", "oma.ollila", "oma.ollila@kunta.example", 0),
                                others: ("Toisen Tolvanen", "toisen.tolvanen", "toisen.tolvanen@kunta.example", 0),
                                auth.session_id(link): ("Yhdys Ylanne", "yhdys.ylanne", "", contact.id)})

    async def test_TheyAreListedPageByPage(self):
        made = [auth.session_id(await self.invitation(f"sivu.{name}")) for name in ("aava", "beeta", "ceeta")]
        seen, after = [], ""
        async with self.administrator() as sanna:
            while True:
                page = (await sanna.request(list_invitations=pb.ListInvitations(after=after, limit=2))).invitations
                self.assertLessEqual(len(page.invitations), 2)
                seen += [one.id for one in page.invitations]
                if not page.more:
                    break
                after = seen[-1]
        self.assertEqual(seen, sorted(set(seen)))
        self.assertLessEqual(set(made), set(seen))

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

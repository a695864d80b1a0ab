"""Warned, muted, suspended, banned: what it keeps a member from on every node, what they are told, and how it ends."""

import asyncio
import json
import unittest

from audit_test import records_of
from support import auth, deadline, sanctions
from support.calls import post
from support.cases import MODERATOR, PEER_ROOM, ROOM, UNLIMITED
from support.nodes import Nodes
from support.sanctions import APPEAL, BAN, EVERYWHERE, MUTE, REASON, SUSPEND, WARN
from support.wire import Client, entities, new_change_id, now_ms, pb

ADMINISTRATOR = "sanna.heino"
HOUR_MS, ABSENT = 3600 * 1000, 987654
DEFAULT_APPEAL = "Valitukset: hallitus@yhdistys.example"


class SanctionCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, "sanctions.appeal": DEFAULT_APPEAL})
        self.addCleanup(self.nodes.dispose)
        self.servers = list(self.nodes)
        self.admin = await self.connected(self.servers[0], self.servers[0].token(ADMINISTRATOR))
        self.moderator = await self.connected(self.servers[1], self.servers[0].token(MODERATOR))
        self.account = await auth.member(self.servers[0], self.admin, "seppo.seuraamus")
        self.member = self.account.id
        room = await self.moderator.room(ROOM)
        self.room, self.forum = room.id, room.forum
        self.thread = await self.moderator.start_thread(self.room)

    async def connected(self, server, token):
        client = await Client(server.url, token).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def own(self):
        """The member on each node."""
        return [await self.connected(server, self.account.token) for server in self.servers]

    async def inbox(self, client):
        return (await client.request(read_inbox=pb.ReadInbox())).inbox.entries

    async def until_in_inbox(self, client, key):
        async def found():
            return next((e for e in await self.inbox(client) if e.key == key), None)
        while (entry := await found()) is None:
            await deadline.before_retry(10)
        return entry.inbox_entry

    def refusal(self, error):
        return pb.Error.Code.Name(error.code)[5:], error.reason, error.field


class Muted(SanctionCase):
    async def test_ReadsAndDoesNotWriteOnAnyNode(self):
        here, there = await self.own()
        own = await here.post(self.room, self.thread, "oma")
        await self.moderator.subscribe(f"room:{self.room}")
        await sanctions.impose(self.moderator, self.member, MUTE, self.forum)
        at = dict(room=self.room, thread=self.thread)
        of_own = dict(room=self.room, message=own)
        for client in (here, there):
            await client.subscribe(f"room:{self.room}")
            for command in (dict(post_message=pb.PostMessage(text="ei", **at)),
                            dict(start_thread=pb.StartThread(room=self.room, title="ei", text="ei")),
                            dict(edit_message=pb.EditMessage(text="ei", **of_own)), dict(delete_message=pb.DeleteMessage(**of_own)),
                            dict(react=pb.React(emoji="👍", **of_own)), dict(save_draft=pb.SaveDraft(text="ei", **at)),
                            dict(typing=pb.Typing(**at))):
                change_id = b"" if "typing" in command else new_change_id()
                error = await client.refused(change_id, **command)
                self.assertEqual(self.refusal(error), ("FORBIDDEN", "muted", "room"), command)
            self.assertFalse((await client.room(ROOM)).may_write)
            self.assertTrue((await client.room(PEER_ROOM)).may_write, "another forum")
            await client.change(mark_read=pb.MarkRead(to=own, **at))
        late = await self.moderator.post(self.room, self.thread, "muut jatkavat")
        for client in (here, there):
            await client.until(lambda c=client: c.entity(f"room:{self.room}", f"message:{late}"), "reads on")
        self.assertFalse([e for e in self.moderator.of_kind("ephemeral") if e.is_typing.member == self.member])
        await sanctions.lift(self.moderator, self.member, 1)
        for client in (here, there):
            await client.post(self.room, self.thread, "taas")

    async def test_EverywhereAndThroughARestart(self):
        here, there = await self.own()
        elsewhere = (await here.room(PEER_ROOM)).id
        await sanctions.impose(self.admin, self.member, MUTE)
        for server in self.servers:
            server.restart()
        for client in await self.own():
            for room in (self.room, elsewhere):
                error = await client.refused(new_change_id(), start_thread=pb.StartThread(room=room, title="ei", text="ei"))
                self.assertEqual(error.reason, "muted")

    async def test_ModeratorWhoIsMutedHasNoPowers(self):
        leader = self.moderator.welcome.self.id
        await sanctions.impose(self.admin, leader, MUTE, self.forum)
        lock = dict(lock_thread=pb.LockThread(room=self.room, thread=self.thread, locked=True, reason="ei"))
        self.assertEqual((await self.moderator.refused(new_change_id(), **lock)).reason, "moderators_only")
        error = await self.moderator.refused(new_change_id(), sanction=pb.Sanction(member=self.member, kind=WARN, forum=self.forum,
                                                                                    reason="ei"))
        self.assertEqual(error.reason, "moderators_only")
        await sanctions.lift(self.admin, leader, 1)
        await self.moderator.change(**lock)


class ShutOutOfAForum(SanctionCase):
    async def test_FindsNothingThereAndLearnsWhyAndUntilWhen(self):
        own = await self.own()
        for client in own:
            await client.subscribe(f"room:{self.room}")
        until = now_ms() + HOUR_MS
        await sanctions.impose(self.moderator, self.member, SUSPEND, self.forum, until)
        for client in own:
            await client.until(lambda c=client: [n for n in c.of_kind("notice") if n.access_changed.channel == f"room:{self.room}"],
                               "access_changed")
            for make in (lambda room: dict(list_threads=pb.ListThreads(room=room)),
                         lambda room: dict(read_history=pb.ReadHistory(room=room, thread=self.thread))):
                hidden, absent = [await client.refused(**make(room)) for room in (self.room, ABSENT)]
                self.assertEqual(hidden.SerializeToString(), absent.SerializeToString())
            error = await client.refused(new_change_id(), post_message=pb.PostMessage(room=self.room, thread=self.thread, text="ei"))
            self.assertEqual(error.reason, "room_not_found")
            self.assertEqual((await client.subscribe(f"room:{self.room}"))[f"room:{self.room}"].error.reason, "channel_not_found")
            forums = (await client.request(list_forums=pb.ListForums())).forums.forums
            self.assertNotIn(self.forum, [f.id for f in forums])
            self.assertIsNone(await client.room(ROOM))
            self.assertIsNotNone(await client.room(PEER_ROOM), "another forum")
            record, = await sanctions.listed(client)
            self.assertEqual((record.number, record.kind, record.forum, record.until_ms), (1, SUSPEND, self.forum, until))
            self.assertEqual((record.reason, record.appeal, record.by, record.in_force), (REASON, APPEAL, 0, True))
        entry = await self.until_in_inbox(own[0], "inbox:0:1:1")
        self.assertEqual((entry.kind, entry.author, entry.room, entry.thread, entry.message),
                         (entities.InboxEntry.KIND_SANCTIONED, 0, 0, 0, 0))
        told = entry.sanction
        self.assertEqual((told.number, told.kind, told.forum, told.until_ms, told.appeal, entry.reason),
                         (1, SUSPEND, self.forum, until, APPEAL, REASON))
        await own[0].change(mark_inbox_seen=pb.MarkInboxSeen(room=0, message=1, act=1))
        self.assertTrue((await self.until_in_inbox(own[0], "inbox:0:1:1")).seen)

    async def test_NothingOfItComesToTheInbox(self):
        here, _ = await self.own()
        await sanctions.impose(self.moderator, self.member, BAN, self.forum)
        during = await self.moderator.post(self.room, self.thread, f"hei @{self.account.handle}")
        message = next(m for m in (await self.moderator.history(self.room, self.thread)).messages if m.key == f"message:{during}")
        self.assertNotIn(self.member, message.message.mentions)
        await sanctions.lift(self.moderator, self.member, 1, "sovittu")
        after = await self.moderator.post(self.room, self.thread, f"hei @{self.account.handle}")
        await self.until_in_inbox(here, f"inbox:{self.room}:{after}")
        keys = [e.key for e in await self.inbox(here)]
        self.assertNotIn(f"inbox:{self.room}:{during}", keys)
        lifted = await self.until_in_inbox(here, "inbox:0:1:2")
        self.assertEqual((lifted.kind, lifted.reason), (entities.InboxEntry.KIND_SANCTION_LIFTED, "sovittu"))

    async def test_ComesBackByItselfWhenTheTimeIsOver(self):
        here, there = await self.own()
        await here.subscribe(f"room:{self.room}")
        await sanctions.impose(self.moderator, self.member, SUSPEND, self.forum, now_ms() + 1500)
        self.assertIsNone(await there.room(ROOM))
        for client in (here, there):
            while await client.room(ROOM) is None:
                await deadline.before_retry(10)
        await here.subscribe(f"room:{self.room}")
        version = await there.post(self.room, self.thread, "taas")
        await here.until(lambda: here.entity(f"room:{self.room}", f"message:{version}"), "a new subscription is live")
        record, = await sanctions.listed(here)
        self.assertFalse(record.in_force or record.ended_ms)


class ShutOutOfEverything(SanctionCase):
    def sign_in(self, password):
        return [auth.sign_in(server, self.account.handle, password) for server in self.servers]

    async def test_SessionsEndAndWhoHasThePasswordLearnsWhy(self):
        own = await self.own()
        until = now_ms() + HOUR_MS
        await sanctions.impose(self.admin, self.member, SUSPEND, EVERYWHERE, until, appeal="")
        for client in own:
            await client.until(lambda c=client: [n for n in c.of_kind("notice") if n.HasField("sign_in_again")], "sign_in_again")
            await client.ended()
        for answer in self.sign_in(self.account.password):
            self.assertEqual(answer.status, 403)
            error = answer.json["error"]
            self.assertEqual((error["code"], error["reason"]), ("forbidden", "member_suspended"))
            self.assertEqual(error["sanction"], {"number": 1, "kind": "suspend", "until_ms": until, "reason": REASON,
                                                 "appeal": DEFAULT_APPEAL})
        wrong, = {json.dumps(a.json, sort_keys=True) for a in self.sign_in("väärä-salasana-77")}
        nobody = auth.sign_in(self.servers[0], "ei.ketaan", "väärä-salasana-77")
        self.assertEqual(json.loads(wrong), nobody.json)
        self.assertNotIn("sanction", wrong)
        for server in self.servers:
            with self.assertRaises(Exception) as refused:
                await Client(server.url, self.account.token).connect()
            self.assertEqual(refused.exception.error.reason, "token_invalid")
        await sanctions.impose(self.admin, self.member, BAN)
        self.assertEqual({a.json["error"]["reason"] for a in self.sign_in(self.account.password)}, {"member_banned"})
        await sanctions.lift(self.admin, self.member, 2)
        for answer in self.sign_in(self.account.password):
            self.assertEqual(answer.status, 200)
            await (await Client(self.servers[0].url, answer.json["token"]).connect()).close()

    async def test_SuspensionEndsByItself(self):
        await sanctions.impose(self.admin, self.member, SUSPEND, EVERYWHERE, now_ms() + 1500)
        self.assertEqual({a.status for a in self.sign_in(self.account.password)}, {403})
        deadline.until(lambda: {a.status for a in self.sign_in(self.account.password)} == {200}, "signs in again")

    async def test_WithASecondFactorItIsToldBehindThePassword(self):
        auth.set_up_second_factor(self.servers[0], self.account)
        await sanctions.impose(self.admin, self.member, BAN)
        self.assertEqual({a.json["error"]["reason"] for a in self.sign_in(self.account.password)}, {"member_banned"})
        self.assertEqual({a.json["error"]["reason"] for a in self.sign_in("väärä-salasana-77")}, {"credentials_invalid"})

    async def test_PendingSignInIsOverToo(self):
        auth.set_up_second_factor(self.servers[0], self.account)
        pending = self.sign_in(self.account.password)[0].json["token"]
        await sanctions.impose(self.admin, self.member, BAN)
        answer = auth.second_factor(self.servers[1], pending, code=self.account.app.code())
        self.assertEqual((answer.status, answer.json["error"]["reason"]), (401, "token_invalid"))

    async def test_LinkForANewPasswordOpensNothing(self):
        await sanctions.impose(self.admin, self.member, BAN)
        link = auth.new_token()
        await self.admin.change(issue_reset=pb.IssueReset(invitation=auth.token_hash(link), member=self.member))
        password = auth.new_password()
        self.assertEqual(post(self.servers[0], "/auth/accept", {"invitation": link, "password": password}).status, 200)
        self.assertEqual({a.json["error"]["reason"] for a in self.sign_in(password)}, {"member_banned"})


class Kept(SanctionCase):
    async def test_EachActIsInTheLogWithItsNumber(self):
        before = len(await records_of(self, self.admin))
        until = now_ms() + HOUR_MS
        await sanctions.impose(self.moderator, self.member, WARN, self.forum)
        await sanctions.impose(self.admin, self.member, SUSPEND, EVERYWHERE, until)
        await sanctions.lift(self.admin, self.member, 2, "sovittu")
        warned, suspended, lifted = (await records_of(self, self.admin))[before:]
        self.assertEqual((warned.act, warned.actor, warned.member, warned.forum, warned.sanction, warned.sanction_kind),
                         ("sanction", self.moderator.welcome.self.id, self.member, self.forum, 1, WARN))
        self.assertEqual((suspended.act, suspended.sanction, suspended.sanction_kind, suspended.until_ms, suspended.forum),
                         ("sanction", 2, SUSPEND, until, 0))
        self.assertEqual((lifted.act, lifted.member, lifted.sanction, lifted.sanction_kind), ("lift_sanction", self.member, 2, SUSPEND))
        self.assertEqual({len(r.reason_digest) for r in (warned, suspended, lifted)}, {32})

    async def test_OnesAreToldToThoseWhoMayKnowPageByPage(self):
        for _ in range(3):
            await sanctions.impose(self.moderator, self.member, WARN, self.forum)
        await sanctions.impose(self.admin, self.member, MUTE)
        here, _ = await self.own()
        moderator = self.moderator.welcome.self.id
        self.assertEqual([r.number for r in await sanctions.listed(here)], [1, 2, 3, 4])
        self.assertEqual({(r.by, r.ended_by) for r in await sanctions.listed(here)}, {(0, 0)})
        self.assertEqual([(r.number, r.by) for r in await sanctions.listed(self.moderator, self.member)], [(n, moderator) for n in (1, 2, 3)])
        self.assertEqual([r.number for r in await sanctions.listed(self.admin, self.member)], [1, 2, 3, 4])
        page = (await here.request(list_sanctions=pb.ListSanctions(after=1, limit=2))).sanctions
        self.assertEqual(([r.number for r in page.sanctions], page.more), ([2, 3], True))
        page = (await here.request(list_sanctions=pb.ListSanctions(after=3, limit=2))).sanctions
        self.assertEqual(([r.number for r in page.sanctions], page.more), ([4], False))
        self.assertEqual((await here.refused(list_sanctions=pb.ListSanctions(limit=10 ** 6))).reason, "page_too_large")

    async def test_TheSameActTwiceIsOne(self):
        change_id = new_change_id()
        command = dict(sanction=pb.Sanction(member=self.member, kind=WARN, forum=self.forum, reason=REASON))
        first = await self.moderator.change(change_id, **command)
        again = await self.moderator.change(change_id, **command)
        self.assertEqual((again.version, again.repeated), (first.version, True))
        self.assertEqual(len(await sanctions.listed(self.moderator, self.member)), 1)

    async def test_OfTwoAtOnceOverTwoNodesOneTakesThePlaceOfTheOther(self):
        await asyncio.gather(*(sanctions.impose(client, self.member, BAN, self.forum) for client in (self.moderator, self.admin) * 4))
        # Behind the last of them on this node, too.
        await sanctions.impose(self.admin, self.member, WARN, self.forum)
        *records, warning = await sanctions.listed(self.admin, self.member)
        self.assertEqual(warning.number, 9)
        self.assertEqual([r.number for r in records], list(range(1, 9)))
        self.assertEqual([r.number for r in records if r.in_force], [8])
        self.assertEqual([r.replaced_by for r in records], [2, 3, 4, 5, 6, 7, 8, 0])


if __name__ == "__main__":
    unittest.main(verbosity=2)

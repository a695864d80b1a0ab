"""Filters over two nodes: what is refused, reported and held, who sees what is held, and what new members may do less of."""

import asyncio
import random
import unittest

from audit_test import records_of
from support import auth, deadline, filtering, queue, sanctions, seeds
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.filtering import FLAG, HOLD, LINK, REFUSE, post_of, start_of
from support.nodes import Nodes
from support.wire import Client, entities, new_change_id, pb

ADMINISTRATOR = "sanna.heino"
Kind = entities.InboxEntry
OPTIONS = {"filters.per_place": 4, "filters.pattern_bytes": 20, "filters.held_per_member": 3, "filters.held_per_forum": 4}
NEW = {"new_members.days": 2, "new_members.posts": 6, "new_members.posts_per_day": 3, "new_members.links_per_message": 1}
DAY_MS = 24 * 3600 * 1000


class FilterCase(unittest.IsolatedAsyncioTestCase):
    OPTIONS = OPTIONS

    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, **self.OPTIONS})
        self.addCleanup(self.nodes.dispose)
        self.servers = list(self.nodes)
        self.admin = await self.connected(ADMINISTRATOR, 0)
        self.moderator = await self.connected(MODERATOR, 1)
        self.author = await self.connected(COUNCILLOR, 0)
        self.peer = await self.connected(OTHER_COUNCILLOR, 1)
        room = await self.moderator.room(ROOM)
        self.room, self.forum = room.id, room.forum
        self.thread = await self.author.start_thread(self.room)

    async def connected(self, handle, node):
        return await self.with_token(self.servers[0].token(handle), node)

    async def with_token(self, token, node=0):
        client = await Client(self.servers[node].url, token).connect()
        self.addAsyncCleanup(client.close)
        return client

    def post(self, text, **values):
        return post_of(self.room, self.thread, text, **values)

    async def inbox(self, client, *kinds):
        entries = (await client.request(read_inbox=pb.ReadInbox())).inbox.entries
        return [e for e in entries if e.inbox_entry.kind in kinds]

    async def until_told(self, client, *kinds):
        while not (found := await self.inbox(client, *kinds)):
            await deadline.before_retry(10)
        return found

    async def messages(self, client, thread=0):
        return (await client.history(self.room, thread or self.thread)).messages


class Refused(FilterCase):
    async def test_OnEveryNodeFromTheAcknowledgementOnHoweverItIsWritten(self):
        own = await self.author.post(self.room, self.thread, "ennen")
        before = len(await self.messages(self.peer))
        await filtering.set_filter(self.moderator, "mainos*", REFUSE, self.forum)
        await filtering.set_filter(self.admin, "evil.com", REFUSE, kind=LINK)
        refused = ("FORBIDDEN", "text_filtered", "text")
        for client in (self.author, self.peer):
            for text in ("MAINOSTA", "m\u00ADainos", "ｍａｉｎｏｓ", "mаinos", "**mai**nos", "https://www.evil.com/x",
                         "evil.com.", "http://ok.fi@EVIL.com", "ev%69l.com"):
                self.assertEqual(await filtering.refusal(client, **self.post(text)), refused, text)
        for text in ("lumimainos", "main os", "notevil.com", "evil.com.fi"):
            self.assertIsNone(await filtering.refusal(self.peer, **self.post(text)), text)
        edit = pb.EditMessage(room=self.room, message=own, text="mainos")
        self.assertEqual(await filtering.refusal(self.author, edit_message=edit), refused)
        self.assertEqual(await filtering.refusal(self.author, **start_of(self.room, "Mainos", "teksti")), ("FORBIDDEN", "text_filtered", "title"))
        for kind, values, field in (("rename_thread", {"title": "mainos"}, "title"), ("tag_thread", {"tags": ["a", "mainos"]}, "tags")):
            command = {kind: getattr(pb, {"rename_thread": "RenameThread", "tag_thread": "TagThread"}[kind])(
                room=self.room, thread=self.thread, **values)}
            self.assertEqual(await filtering.refusal(self.author, **command), ("FORBIDDEN", "text_filtered", field))
        self.assertEqual(len(await self.messages(self.peer)), before + 4, "nothing of it is stored")
        self.assertIsNone(await filtering.refusal(self.moderator, **self.post("mainos")), "moderators write what they like")
        await filtering.lift(self.moderator, await filtering.number_of(self.moderator, "mainos*", self.forum), self.forum)
        self.assertIsNone(await filtering.refusal(self.author, **self.post("mainos")))

    async def test_ARefusalTellsTheFieldAndNoPattern(self):
        await filtering.set_filter(self.moderator, "salaisuus*", REFUSE, self.forum)
        error = await self.author.refused(new_change_id(), **self.post("salaisuuskin"))
        self.assertNotIn("salaisuus", str(error))

    async def test_SettingAndLiftingIsInTheAuditLogWithoutThePattern(self):
        await filtering.set_filter(self.moderator, "mainos", HOLD, self.forum)
        await filtering.lift(self.moderator, 1, self.forum)
        records = [r for r in await records_of(self, self.admin) if r.act in ("set_filter", "lift_filter")]
        self.assertEqual([(r.act, r.forum, r.filter, r.filter_action, r.actor) for r in records],
                         [(act, self.forum, 1, HOLD, self.moderator.welcome.self.id) for act in ("set_filter", "lift_filter")])
        self.assertTrue(all(len(r.pattern_digest) == 32 and b"mainos" not in r.SerializeToString() for r in records))

    async def test_ThereAreAsManyAsTheConfigurationAllowsAndNoLongerOnes(self):
        for n in range(4):
            await filtering.set_filter(self.moderator, f"sana{n}", FLAG, self.forum)
        asked = dict(set_filter=pb.SetFilter(forum=self.forum, kind=filtering.WORD, pattern="viides", action=FLAG))
        self.assertEqual(await filtering.refusal(self.moderator, **asked), ("LIMITED", "too_many_filters", "forum"))
        for pattern, reason in (("a" * 21, "text_too_long"), ("*", "pattern_empty"), ("", "text_empty")):
            asked = dict(set_filter=pb.SetFilter(forum=self.forum, kind=filtering.WORD, pattern=pattern, action=FLAG))
            self.assertEqual(await filtering.refusal(self.moderator, **asked), ("INVALID", reason, "pattern"))
        asked = dict(set_filter=pb.SetFilter(forum=self.forum, kind=LINK, pattern="com", action=FLAG))
        self.assertEqual(await filtering.refusal(self.moderator, **asked), ("INVALID", "domain_invalid", "pattern"))
        asked = dict(set_filter=pb.SetFilter(forum=self.forum, kind=99, pattern="a", action=FLAG))
        self.assertEqual(await filtering.refusal(self.moderator, **asked), ("INVALID", "filter_unknown", "kind"))
        page = (await self.moderator.request(list_filters=pb.ListFilters(forum=self.forum, after=1, limit=2))).filters
        self.assertEqual(([f.number for f in page.filters], page.more), ([2, 3], True))
        gone = dict(lift_filter=pb.LiftFilter(forum=self.forum, filter=99))
        self.assertEqual(await filtering.refusal(self.moderator, **gone), ("NOT_FOUND", "filter_not_found", "filter"))


class Flagged(FilterCase):
    async def test_IsPostedAndReportedInNobodysName(self):
        await filtering.set_filter(self.moderator, "mainos", FLAG, self.forum)
        change_id = new_change_id()
        message = (await self.author.change(change_id, **self.post("tämä on mainos"))).version
        self.assertTrue((await self.author.change(change_id, **self.post("tämä on mainos"))).repeated)
        reports = queue.Queue(self.moderator, self.forum)
        while not (found := [e.report for e in await reports.listed() if e.report.message == message]):
            await deadline.before_retry(10)
        report, = found
        self.assertEqual((report.member, report.thread, report.room, report.reporters),
                         (self.author.welcome.self.id, self.thread, self.room, 0))
        self.assertEqual(list(report.filters), ["mainos"])
        self.assertEqual(list(report.categories), [entities.Report.CATEGORY_FILTER])
        self.assertIn(f"message:{message}", [e.key for e in await self.messages(self.peer)])
        # A member's report joins it, and an edit does.
        await queue.report(self.peer, self.room, message)
        await self.author.change(edit_message=pb.EditMessage(room=self.room, message=message, text="toinen mainos"))
        number = await reports.of(message)
        self.assertEqual((await reports.read(number)).report.report.reporters, 1)
        await reports.resolve(number, rejected=True)
        self.assertEqual([e for e in await reports.listed() if e.report.message == message], [])
        self.assertEqual(await self.inbox(self.author, Kind.KIND_REPORTED), [])

    async def test_AThreadsFirstMessageIsReported(self):
        await filtering.set_filter(self.admin, "mainos", FLAG)
        thread = await self.author.start_thread(self.room, "Mainos", "teksti")
        reports = queue.Queue(self.moderator, self.forum)
        while not [e for e in await reports.listed() if e.report.message == thread and e.report.thread == thread]:
            await deadline.before_retry(10)


class Held(FilterCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        await filtering.set_filter(self.moderator, "mainos", HOLD, self.forum)

    async def test_AnswersTheSameHoweverOftenItIsSentAndWhateverBecomesOfTheFilter(self):
        change_id = new_change_id()
        first = await filtering.held(self.author, change_id, **self.post("mainos"))
        again = await self.connected(COUNCILLOR, 1)
        self.assertEqual(await filtering.held(again, change_id, **self.post("mainos")), first)
        await filtering.lift(self.moderator, 1, self.forum)
        self.assertEqual(await filtering.held(self.author, change_id, **self.post("mainos")), first)
        self.assertEqual(await filtering.held(again, change_id, **self.post("mainos")), first)
        self.assertEqual(list(await filtering.waiting(self.moderator, self.forum)), [first.held])
        await filtering.approve(self.moderator, self.forum, first.held)
        await self.until_told(self.author, Kind.KIND_HELD_APPROVED)
        self.assertEqual(await filtering.held(self.author, change_id, **self.post("mainos")), first)
        self.assertEqual(len([e for e in await self.messages(self.peer) if e.message.text == "mainos"]), 1)

    async def test_WhatWasPostedStaysPostedWhateverFilterComes(self):
        change_id = new_change_id()
        posted = await self.author.change(change_id, **self.post("halpa"))
        await filtering.set_filter(self.moderator, "halpa", HOLD, self.forum)
        again = await self.author.change(change_id, **self.post("halpa"))
        self.assertEqual((again.version, again.repeated), (posted.version, True))
        self.assertEqual(await filtering.waiting(self.moderator, self.forum), {})

    async def test_ApprovedItAppearsOnceAndEverybodyIsTold(self):
        question = await self.peer.post(self.room, self.thread, "kysymys")
        before = {e.key for e in await self.inbox(self.peer, Kind.KIND_MENTION, Kind.KIND_REPLY)}
        await self.peer.subscribe(f"room:{self.room}")
        await self.moderator.subscribe(f"moderation:{self.forum}")
        reply = await filtering.held(self.author, **self.post(f"mainos @{OTHER_COUNCILLOR}", reply_to=question))
        start = await filtering.held(self.author, **start_of(self.room, "Mainos", "teksti"))
        key = f"held:{reply.held}"
        entity = await self.moderator.until(lambda: self.moderator.entity(f"moderation:{self.forum}", key), "the queue tells of it live")
        self.assertEqual(entity.held_message.text, f"mainos @{OTHER_COUNCILLOR}")
        self.assertEqual({e.key for e in await self.inbox(self.peer, Kind.KIND_MENTION, Kind.KIND_REPLY)}, before)
        for number in (reply.held, start.held):
            await filtering.approve(self.moderator, self.forum, number)
        while not (told := [e for e in await self.inbox(self.peer, Kind.KIND_MENTION) if e.key not in before]):
            await deadline.before_retry(10)
        message = told[0].inbox_entry.message
        await self.peer.until(lambda: self.peer.entity(f"room:{self.room}", f"message:{message}"), "it appears live")
        entity = next(e for e in await self.messages(self.peer) if e.key == f"message:{message}")
        self.assertEqual((entity.version, entity.message.author, entity.message.reply_to),
                         (message, self.author.welcome.self.id, question))
        while len(approved := await self.inbox(self.author, Kind.KIND_HELD_APPROVED)) < 2:
            await deadline.before_retry(10)
        self.assertEqual({e.inbox_entry.held for e in approved}, {reply.held, start.held})
        titles = [s.thread.thread.title for s in (await self.peer.threads(self.room)).threads]
        self.assertEqual(titles.count("Mainos"), 1)
        self.assertEqual(await filtering.waiting(self.moderator, self.forum), {})
        gone = dict(approve_held=pb.ApproveHeld(forum=self.forum, held=reply.held))
        self.assertEqual(await filtering.refusal(self.moderator, **gone), ("NOT_FOUND", "held_not_found", "held"))
        records = [(r.held, r.member, r.room) for r in await records_of(self, self.admin) if r.act == "approve_held"]
        self.assertEqual(records, [(n, self.author.welcome.self.id, self.room) for n in (reply.held, start.held)])
        act = next(e.key.split(":")[3] for e in approved if e.inbox_entry.held == reply.held)
        await self.author.change(mark_inbox_seen=pb.MarkInboxSeen(room=self.room, message=message, act=int(act)))

    async def test_RejectedItsTextGoesAndTheAuthorIsToldWhy(self):
        answer = await filtering.held(self.author, **self.post("mainos"))
        await filtering.reject(self.moderator, self.forum, answer.held)
        told, = await self.until_told(self.author, Kind.KIND_HELD_REJECTED)
        entry = told.inbox_entry
        self.assertEqual((entry.reason, entry.held, entry.room, entry.author), (filtering.REASON, answer.held, self.room, 0))
        await self.author.change(mark_inbox_seen=pb.MarkInboxSeen(room=self.room, message=0, act=answer.held))
        self.assertEqual(await filtering.waiting(self.author, self.forum), {})
        record, = [r for r in await records_of(self, self.admin) if r.act == "reject_held"]
        self.assertEqual((record.held, record.forum), (answer.held, self.forum))
        self.assertTrue(record.reason_digest)

    async def test_WhatCannotBePostedAnyMoreComesBack(self):
        answer = await filtering.held(self.author, **self.post("mainos"))
        await self.moderator.change(lock_thread=pb.LockThread(room=self.room, thread=self.thread, locked=True, reason="riittää"))
        await filtering.approve(self.moderator, self.forum, answer.held)

        async def returned():
            return (await filtering.waiting(self.moderator, self.forum)).get(answer.held)
        while not (found := await returned()):
            await deadline.before_retry(10)
        self.assertEqual(found.returned, "thread_locked")
        await self.moderator.change(lock_thread=pb.LockThread(room=self.room, thread=self.thread, locked=False))
        await filtering.approve(self.moderator, self.forum, answer.held)
        await self.until_told(self.author, Kind.KIND_HELD_APPROVED)
        self.assertEqual(len([e for e in await self.messages(self.peer) if e.message.text == "mainos"]), 1)

    async def test_WhoseAuthorIsMutedIsNotApproved(self):
        answer = await filtering.held(self.author, **self.post("mainos"))
        await sanctions.impose(self.admin, self.author.welcome.self.id, sanctions.MUTE)
        asked = dict(approve_held=pb.ApproveHeld(forum=self.forum, held=answer.held))
        self.assertEqual(await filtering.refusal(self.moderator, **asked), ("FORBIDDEN", "author_may_not_write", "held"))

    async def test_IsBoundedForEachMemberAndForTheForum(self):
        for n in range(3):
            await filtering.held(self.author, **self.post(f"mainos {n}"))
        too_many = ("LIMITED", "too_many_held", "room")
        change_id = new_change_id()
        error = await self.author.refused(change_id, **self.post("mainos 3"))
        self.assertEqual(error.reason, too_many[1])
        await filtering.held(self.peer, **self.post("mainos"))
        self.assertEqual(await filtering.refusal(self.peer, **self.post("mainos")), too_many)
        number = min(await filtering.waiting(self.author, self.forum))
        await filtering.reject(self.moderator, self.forum, number)
        await filtering.held(self.author, change_id, **self.post("mainos 3"))

    async def test_WhichFilterHasFoundItIsToldToModeratorsAlone(self):
        answer = await filtering.held(self.author, **self.post("mainos"))
        for client, told in ((self.moderator, ["mainos"]), (self.author, [])):
            held = (await filtering.waiting(client, self.forum))[answer.held]
            self.assertEqual((held.text, list(held.filters)), ("mainos", told))

    async def test_AnEditATitleOrATagCannotWait(self):
        own = await self.author.post(self.room, self.thread, "ennen")
        refused = ("FORBIDDEN", "would_be_held")
        edit = pb.EditMessage(room=self.room, message=own, text="mainos")
        self.assertEqual(await filtering.refusal(self.author, edit_message=edit), (*refused, "text"))
        rename = pb.RenameThread(room=self.room, thread=self.thread, title="mainos")
        self.assertEqual(await filtering.refusal(self.author, rename_thread=rename), (*refused, "title"))

    async def test_IsTheAuthorsInTheirExportAndGoesWithThem(self):
        account = await auth.member(self.servers[0], self.admin, "katri.katoava")
        client = await self.with_token(account.token)
        answer = await filtering.held(client, **self.post("katoava mainos"))
        exported = []
        page = pb.ExportOwn()
        while True:
            got = (await client.request(export_own=page)).own_entities
            exported += [e.held_message for e in got.entities if e.HasField("held_message")]
            if not got.more:
                break
            page = pb.ExportOwn(room=got.next_room, since=got.next_since)
        self.assertEqual([(held.text, list(held.filters)) for held in exported], [("katoava mainos", [])])
        self.assertIn(answer.held, await filtering.waiting(self.moderator, self.forum))


class Unseen(FilterCase):
    """A peer reads and follows all there is while others post, are held, approved and rejected at random: of what is held they get no byte."""

    STEPS = 40

    async def test_NothingThatIsHeldReachesAPeer(self):
        dice = random.Random(seeds.seed())
        await filtering.set_filter(self.moderator, "salaista", HOLD, self.forum)
        own = f"member:{self.peer.welcome.self.id}"
        room = f"room:{self.room}"
        await self.peer.subscribe(room, own)
        fresh, number, waits = [], 0, {}
        for _ in range(self.STEPS):
            number += 1
            deed = dice.choice(("post", "hold", "hold", "start", "approve", "reject", "read", "resume"))
            if deed == "post":
                fresh.append(await self.author.post(self.room, self.thread, f"avointa {number}"))
            elif deed in ("hold", "start") and len(waits) < 3:
                text = f"salaista PIILO{number:03} @{OTHER_COUNCILLOR}"
                before = (await self.peer.threads(self.room)).version
                command = self.post(text) if deed == "hold" else start_of(self.room, f"salaista PIILO{number:03}", text)
                waits[(await filtering.held(self.author, **command)).held] = number
                self.assertEqual((await self.peer.threads(self.room)).version, before, "not even the room's version tells")
            elif deed in ("approve", "reject") and waits:
                held = dice.choice(list(waits))
                number_of_it = waits.pop(held)
                if deed == "reject":
                    await filtering.reject(self.moderator, self.forum, held, reason="ei käy")
                else:
                    await filtering.approve(self.moderator, self.forum, held)
                    await self.peer.until(lambda n=number_of_it: f"PIILO{n:03}" in str(self.peer.items), "what is approved appears")
                    self.seen.add(number_of_it)
            elif deed == "read":
                await self.everything(self.peer)
            elif deed == "resume":
                other = await self.connected(OTHER_COUNCILLOR, dice.randrange(2))
                await other.subscribe(room, own)
                await self.everything(other)
                self.check(other)
            self.check(self.peer)
        await self.everything(self.peer)
        self.check(self.peer)
        versions = [c.version for c in self.peer.changes(room)]
        self.assertEqual(versions, list(range(versions[0], versions[0] + len(versions))) if versions else [])
        self.assertTrue(all(len(c.entities) > 0 for c in self.peer.changes(room)), "no change without a word")
        print(f"held: {number} steps, {len(self.seen)} approved", flush=True)

    def setUp(self):
        self.seen, self.answers = set(), {}

    def check(self, client):
        told = str(client.items) + str(self.answers.get(id(client), ""))
        for n in range(1, self.STEPS + 1):
            if n not in self.seen:
                self.assertNotIn(f"PIILO{n:03}", told)
        self.assertNotIn("held", " ".join(e.key for c in client.of_kind("change") for e in c.entities))

    async def everything(self, client):
        """All that a peer may ask for."""
        got = [await client.history(self.room, self.thread), await client.threads(self.room)]
        for command in ({"read_inbox": pb.ReadInbox()}, {"export_own": pb.ExportOwn()}, {"list_held": pb.ListHeld(forum=self.forum)},
                        {"list_rooms": pb.ListRooms()}):
            got.append(await client.request(**command))
        self.assertEqual(list(got[4].held_messages.messages), [])
        for command in ({"list_filters": pb.ListFilters(forum=self.forum)}, {"list_reports": pb.ListReports(forum=self.forum)}):
            await client.refused(**command)
        self.answers[id(client)] = str(self.answers.get(id(client), "")) + str(got)


class New(FilterCase):
    OPTIONS = {**OPTIONS, **NEW}

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.account = await auth.member(self.servers[0], self.admin, "uuno.uusi")
        token = await asyncio.to_thread(auth.signed_in, self.servers[1], self.account)
        self.here, self.there = await self.with_token(self.account.token), await self.with_token(token, 1)

    async def test_PostsADayAreCountedOverNodesAndOncePerChange(self):
        change_id = new_change_id()
        first = await self.here.change(change_id, **self.post("yksi"))
        for client in (self.here, self.there):
            again = await client.change(change_id, **self.post("yksi"))
            self.assertEqual((again.version, again.repeated), (first.version, True))
        await self.there.post(self.room, self.thread, "kaksi")
        await self.here.start_thread(self.room, "Kolme", "kolme")
        for client in (self.here, self.there):
            error = await client.refused(new_change_id(), **self.post("neljä"))
            self.assertEqual((error.code, error.reason, error.field), (pb.Error.CODE_LIMITED, "new_member_limit", "room"))
            self.assertTrue(DAY_MS - 60_000 * 5 < error.retry_after_ms <= DAY_MS, error.retry_after_ms)
        again = await self.there.change(change_id, **self.post("yksi"))
        self.assertEqual((again.version, again.repeated), (first.version, True), "what was done keeps its answer")
        self.assertIsNone(await filtering.refusal(self.peer, **self.post("vanha jäsen")))

    async def test_TwoAtOnceOverTwoNodesTakeNoMoreThanThereIs(self):
        posts = [client.request(change_id=new_change_id(), **self.post(f"{n}")) for n in range(4) for client in (self.here, self.there)]
        answers = await asyncio.gather(*posts, return_exceptions=True)
        done = [a for a in answers if not isinstance(a, Exception)]
        self.assertEqual(len(done), NEW["new_members.posts_per_day"])
        reasons = {a.error.reason for a in answers if isinstance(a, Exception)}
        self.assertEqual(reasons, {"new_member_limit"})

    async def test_LinksAreLimitedInPostsThreadsAndEdits(self):
        one, two = "https://a.fi", "https://a.fi http://b.fi"
        refused = ("LIMITED", "too_many_links", "text")
        own = await self.here.post(self.room, self.thread, one)
        self.assertEqual(await filtering.refusal(self.there, **self.post(two)), refused)
        self.assertEqual(await filtering.refusal(self.here, **start_of(self.room, "Otsikko", two)), refused)
        edit = pb.EditMessage(room=self.room, message=own, text=two)
        self.assertEqual(await filtering.refusal(self.there, edit_message=edit), refused)
        edit = pb.EditMessage(room=self.room, message=own, text=one + " muokattu")
        self.assertIsNone(await filtering.refusal(self.there, edit_message=edit))
        self.assertIsNone(await filtering.refusal(self.peer, **self.post(two)))
        await self.here.subscribe(f"member:{self.account.id}")
        self.assertEqual([k for k in self.here.mirrors[f"member:{self.account.id}"].entities if k.startswith(".")], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Reports and appeals over two nodes: what is filed on one is seen live by moderators on the other, similar ones join, the outcome comes to
those whom it concerns, nobody moderates what is about themselves, and nobody but the moderators learns who has reported."""

import secrets
import unittest

from audit_test import records_of
from support import auth
from support.cases import COUNCILLOR, EXPERT, MODERATOR, OFFICE_HOLDER, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.nodes import Nodes
from support.queue import HARASSMENT, SPAM, Queue, appeal, report, report_member, second_moderator
from support.wire import Client, Mirror, entities, new_change_id, pb

State, Entry = entities.Report, entities.InboxEntry
LIMITS = {"content.reports_open": 3, "content.reports_per_day": 5, "content.reporters": 3, "content.report_notes": 2,
          "content.report_bytes": 60}


class Case(unittest.IsolatedAsyncioTestCase):
    OPTIONS = {}

    async def asyncSetUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, **self.OPTIONS})
        self.addCleanup(nodes.dispose)
        self.nodes = list(nodes)
        self.aino, self.outi = await self.connected(COUNCILLOR), await self.connected(EXPERT)
        self.pekka = await self.connected(OTHER_COUNCILLOR, node=1)
        self.marja = await self.connected(MODERATOR, node=1)
        self.sanna = await self.connected(ADMINISTRATOR)
        found = await self.marja.room(ROOM)
        self.room, self.forum = found.id, found.forum
        self.channel, self.moderation = f"room:{self.room}", f"moderation:{self.forum}"
        account = await second_moderator(self.nodes[0], self.sanna, self.forum)
        self.milja = await Client(self.nodes[0].url, account.token).connect()
        self.addAsyncCleanup(self.milja.close)
        self.queue, self.other_queue = Queue(self.marja, self.forum), Queue(self.milja, self.forum)
        for client in (self.aino, self.outi, self.pekka, self.marja, self.milja):
            await client.subscribe(self.own(client), self.channel)
        await self.marja.subscribe(self.moderation)
        self.thread = await self.aino.start_thread(self.room)
        self.message = await self.pekka.post(self.room, self.thread, "Asiatonta")

    async def connected(self, handle, node=0):
        client = await Client(self.nodes[node].url, self.nodes[0].token(handle)).connect()
        self.addAsyncCleanup(client.close)
        return client

    def own(self, client):
        return f"member:{client.welcome.self.id}"

    def told(self, client, *kinds):
        mirror = client.mirrors[self.own(client)]
        return [e.inbox_entry for e in mirror.entities.values() if e.HasField("inbox_entry") and e.inbox_entry.kind in kinds]

    async def until_told(self, client, kind):
        await client.until(lambda: self.told(client, kind), f"entry of kind {kind}")
        entry, = self.told(client, kind)
        return entry

    async def until_state(self, number, state, queue=None):
        queue = queue or self.queue
        await queue.client.until(lambda: queue.seen(number) and queue.seen(number).state == state, f"report {number} is in state {state}")
        return queue.seen(number)

    async def acts(self, *names):
        return [r for r in await records_of(self, self.sanna) if r.act in names]


class Reports(Case):
    async def test_AReportComesLiveToTheModeratorsOfAnotherNode(self):
        answer = await report(self.aino, self.room, self.message)
        self.assertEqual((answer.channel, answer.version), ("", 0), "nothing is told of the moderators' channel")
        seen = await self.until_state(1, State.STATE_NEW)
        self.assertEqual((seen.room, seen.thread, seen.message, seen.member), (self.room, self.thread, self.message,
                                                                               self.pekka.welcome.self.id))
        self.assertEqual((list(seen.categories), seen.reporters), ([SPAM], 1))
        await self.queue.assign(1, self.marja.welcome.self.id)
        self.assertEqual((await self.until_state(1, State.STATE_ASSIGNED)).assigned, self.marja.welcome.self.id)
        await self.queue.note(1, "Kysyn Pekalta")
        details = await self.queue.read(1)
        self.assertEqual([(w.reporter, w.text, w.category) for w in details.words],
                         [(self.aino.welcome.self.id, "Katsokaa tätä", SPAM)])
        self.assertEqual([(n.by, n.text) for n in details.notes], [(self.marja.welcome.self.id, "Kysyn Pekalta")])
        await Moderation(self.marja, self.room).remove(self.message)
        await self.queue.resolve(1, words="Poistimme sen", to_author="Pysy asiassa")
        await self.until_state(1, State.STATE_RESOLVED)
        entry = await self.until_told(self.aino, Entry.KIND_REPORT_RESOLVED)
        self.assertEqual((entry.room, entry.message, entry.reason, entry.author), (self.room, self.message, "Poistimme sen", 0))
        entry = await self.until_told(self.pekka, Entry.KIND_REPORTED)
        self.assertEqual((entry.reason, entry.author, entry.member), ("Pysy asiassa", 0, 0))
        self.assertEqual([r.act for r in await self.acts("assign_report", "note_report", "read_report", "resolve_report")],
                         ["assign_report", "note_report", "read_report", "resolve_report"])
        self.assertEqual({(r.forum, r.report, r.message) for r in await self.acts("assign_report", "note_report", "read_report",
                                                                                   "resolve_report")},
                         {(self.forum, 1, self.message)})

    async def test_TheSameChangeIdIsOneReport(self):
        change_id = new_change_id()
        first = await report(self.aino, self.room, self.message, change_id=change_id)
        again = await report(self.aino, self.room, self.message, change_id=change_id)
        self.assertEqual((first.repeated, again.repeated), (False, True))
        elsewhere = await self.connected(COUNCILLOR, node=1)
        self.assertTrue((await report(elsewhere, self.room, self.message, change_id=change_id)).repeated)
        self.assertEqual((await self.until_state(1, State.STATE_NEW)).reporters, 1)

    async def test_SimilarOnesJoinAndEachReporterIsToldOnce(self):
        await report(self.aino, self.room, self.message)
        await report(self.outi, self.room, self.message, "Samaa mieltä", HARASSMENT)
        await self.marja.until(lambda: self.queue.seen(1) and self.queue.seen(1).reporters == 2, "the second one joins")
        self.assertEqual(list(self.queue.seen(1).categories), [SPAM, HARASSMENT])
        refused = await self.aino.refused(new_change_id(), file_report=pb.FileReport(
            message=pb.FileReport.Message(room=self.room, message=self.message), category=SPAM, words="Vielä"))
        self.assertEqual(refused.reason, "already_reported")
        pages = [await self.queue.read(1, after=after, limit=1) for after in range(3)]
        self.assertEqual([([w.reporter for w in page.words], page.more, page.next) for page in pages],
                         [([self.aino.welcome.self.id], True, 1), ([self.outi.welcome.self.id], False, 2), ([], False, 2)])
        await self.queue.resolve(1, rejected=True, words="Asiallinen viesti")
        for client in (self.aino, self.outi):
            self.assertEqual((await self.until_told(client, Entry.KIND_REPORT_REJECTED)).reason, "Asiallinen viesti")
        self.assertEqual(self.told(self.pekka, *range(5, 10)), [], "who was reported for nothing is not told")
        await report(self.aino, self.room, self.message)
        await self.until_state(2, State.STATE_NEW)
        self.assertEqual([e.key for e in await self.queue.listed()], ["report:2"])
        self.assertEqual([e.key for e in await self.queue.listed(closed=True)], ["report:1"])

    async def test_OfAMemberGoesToTheForumThatIsNamed(self):
        await report_member(self.aino, self.forum, self.pekka.welcome.self.id)
        seen = await self.until_state(1, State.STATE_NEW)
        self.assertEqual((seen.room, seen.message, seen.member), (0, 0, self.pekka.welcome.self.id))
        await self.queue.resolve(1, to_author="Puhutaan")
        entry = await self.until_told(self.aino, Entry.KIND_REPORT_RESOLVED)
        self.assertEqual((entry.room, entry.member), (0, self.pekka.welcome.self.id))
        await self.until_told(self.pekka, Entry.KIND_REPORTED)
        key, = [k for k, e in self.aino.mirrors[self.own(self.aino)].entities.items()
                if e.HasField("inbox_entry") and e.inbox_entry.kind == Entry.KIND_REPORT_RESOLVED]
        await self.aino.change(mark_inbox_seen=pb.MarkInboxSeen(act=int(key.split(":")[3])))
        await self.aino.until(lambda: self.told(self.aino, Entry.KIND_REPORT_RESOLVED)[0].seen, "it is marked")

    async def test_NobodyModeratesAReportAboutThemselves(self):
        own = await self.marja.post(self.room, self.thread, "Moderaattorin oma")
        await report(self.aino, self.room, own)
        await self.until_state(1, State.STATE_NEW)
        for command in (dict(assign_report=pb.AssignReport(forum=self.forum, report=1, member=self.marja.welcome.self.id)),
                        dict(note_report=pb.NoteReport(forum=self.forum, report=1, text="x")),
                        dict(resolve_report=pb.ResolveReport(forum=self.forum, report=1, rejected=True))):
            self.assertEqual((await self.marja.refused(new_change_id(), **command)).reason, "own_report")
        read = pb.ReadReport(forum=self.forum, report=1)
        self.assertEqual((await self.marja.refused(read_report=read)).reason, "own_report")
        assigned = pb.AssignReport(forum=self.forum, report=1, member=self.marja.welcome.self.id)
        self.assertEqual((await self.milja.refused(new_change_id(), assign_report=assigned)).reason, "own_report")
        refused = await self.marja.refused(new_change_id(), file_report=pb.FileReport(
            message=pb.FileReport.Message(room=self.room, message=own), category=SPAM, words="Itse"))
        self.assertEqual(refused.reason, "report_of_oneself")
        self.assertEqual(len((await self.other_queue.read(1)).words), 1)
        await self.other_queue.resolve(1)
        await self.until_state(1, State.STATE_RESOLVED)
        self.assertEqual([r.actor for r in await self.acts("read_report")], [self.milja.welcome.self.id])

    async def test_NothingButTheReadTellsWhoHasReported(self):
        """Of what comes to the moderators who follow, and to whom it is about: neither the words nor the reporter."""
        words = f"Salamoiva sarvikuono {secrets.token_hex(4)}"
        own = await self.marja.post(self.room, self.thread, "Moderaattorin oma")
        begin = {client: len(client.items) for client in (self.marja, self.pekka, self.milja)}
        for message in (self.message, own):
            await report(self.outi, self.room, message, words)
        await self.until_state(2, State.STATE_NEW)
        await self.other_queue.note(1, words)
        await self.other_queue.note(2, words)
        for number in (1, 2):
            await self.other_queue.resolve(number, words="Kiitos", to_author="Pysy asiassa")
        for client in (self.marja, self.pekka):
            await self.until_told(client, Entry.KIND_REPORTED)
        late = await self.connected(MODERATOR)
        await late.subscribe(self.moderation, self.own(late))
        again = await self.connected(MODERATOR)
        again.mirrors[self.moderation] = mirror = Mirror()
        mirror.version, mirror.epoch = 1, late.mirrors[self.moderation].epoch
        await again.subscribe(self.moderation)
        await late.request(list_reports=pb.ListReports(forum=self.forum))
        heard = [(self.marja, begin[self.marja]), (self.pekka, begin[self.pekka]), (late, 0), (again, 0)]
        outi = self.outi.welcome.self.id
        for client, since in heard:
            for item in client.items[since:]:
                self.assertNotIn(words.encode(), item.SerializeToString())
            of_queue = [e for item in client.items[since:] for e in [*item.change.entities, *item.synced.entities]
                        if (item.change.channel or item.synced.channel).startswith(("moderation:", "member:"))]
            self.assertEqual([e.key for e in of_queue if e.key.startswith(".")], [])
            for entity in of_queue:
                self.assertNotIn(outi, [value for field, value in flat(entity)], entity)
        self.assertTrue(any(e.HasField("report") for item in late.items for e in item.synced.entities), "a look that sees nothing")

    async def test_OnlyModeratorsOfTheForumSeeTheQueue(self):
        await report(self.aino, self.room, self.message)
        for client in (self.aino, self.pekka, self.sanna):
            for command in (dict(list_reports=pb.ListReports(forum=self.forum)), dict(read_report=pb.ReadReport(forum=self.forum, report=1))):
                self.assertEqual((await client.refused(**command)).reason, "channel_not_found")
        self.assertEqual((await self.marja.refused(read_report=pb.ReadReport(forum=self.forum, report=9))).reason, "report_not_found")

    async def test_OnesOwnReportsAreExportedAndNobodyElses(self):
        await report(self.aino, self.room, self.message, "Ainon sanat")
        await report(self.outi, self.room, self.message, "Outin sanat")
        found, room, since = [], 0, 0
        while True:
            page = (await self.aino.request(export_own=pb.ExportOwn(room=room, since=since))).own_entities
            found += page.reports
            if not page.more:
                break
            room, since = page.next_room, page.next_since
        self.assertEqual([(w.text, w.message, w.reporter) for w in found],
                         [("Ainon sanat", self.message, self.aino.welcome.self.id)])


def flat(message):
    """(field, number) of all numbers in it."""
    for field, value in message.ListFields():
        for one in value if field.label == field.LABEL_REPEATED else [value]:
            if field.message_type:
                yield from flat(one)
            elif isinstance(one, int):
                yield field.name, one


class Appeals(Case):
    async def test_OfARemovalJoinsTheQueueAndEndsInARestoration(self):
        acts = Moderation(self.marja, self.room)
        await acts.remove(self.message)
        await appeal(self.pekka, self.room, self.message, "Se oli asiallinen")
        seen = await self.until_state(1, State.STATE_NEW)
        self.assertEqual((seen.appeal, seen.member, seen.removed_by), (True, self.pekka.welcome.self.id, self.marja.welcome.self.id))
        decided = pb.ResolveReport(forum=self.forum, report=1)
        self.assertEqual((await self.marja.refused(new_change_id(), resolve_report=decided)).reason, "own_removal")
        self.assertEqual([w.text for w in (await self.other_queue.read(1)).words], ["Se oli asiallinen"])
        await Moderation(self.milja, self.room).restore(self.message)
        await self.other_queue.resolve(1, words="Olit oikeassa")
        entry = await self.until_told(self.pekka, Entry.KIND_APPEAL_ACCEPTED)
        self.assertEqual(entry.reason, "Olit oikeassa")
        await self.until_told(self.pekka, Entry.KIND_RESTORED)
        history = await self.aino.history(self.room, self.thread)
        self.assertIn("Asiatonta", [e.message.text for e in history.messages])

    async def test_OncePerRemovalByTheAuthorOfWhatIsRemoved(self):
        async def why(client):
            asked = pb.FileAppeal(removal=pb.FileAppeal.Removal(room=self.room, message=self.message), words="Miksi?")
            return (await client.refused(new_change_id(), file_appeal=asked)).reason

        self.assertEqual(await why(self.pekka), "message_not_removed")
        await Moderation(self.marja, self.room).remove(self.message)
        self.assertEqual(await why(self.aino), "not_author")
        await appeal(self.pekka, self.room, self.message)
        self.assertEqual(await why(self.pekka), "already_appealed")
        await self.other_queue.resolve(1, rejected=True)
        await self.until_told(self.pekka, Entry.KIND_APPEAL_REJECTED)
        self.assertEqual(await why(self.pekka), "already_appealed")


class Limits(Case):
    OPTIONS = LIMITS

    async def reasons(self, client, *asked):
        """Of each of these reports: "", or why it was refused."""
        found = []
        for message, words in asked:
            future, = await client.send(pb.Request(change_id=new_change_id(), file_report=pb.FileReport(
                message=pb.FileReport.Message(room=self.room, message=message), category=SPAM, words=words)))
            found.append((await future).error.reason)
        return found

    async def test_AtUnderAndOver(self):
        messages = [await self.pekka.post(self.room, self.thread, f"viesti {n}") for n in range(7)]
        self.assertEqual(await self.reasons(self.aino, (messages[0], "a" * 61), (messages[0], "a" * 60), (messages[1], "b"), (messages[2], "c"),
                                            (messages[3], "d")), ["text_too_long", "", "", "", "too_many_open_reports"])
        for message in messages[:2]:
            await self.queue.resolve(await self.queue.of(message))
        self.assertEqual(await self.reasons(self.aino, (messages[3], "d"), (messages[4], "e"), (messages[5], "f")),
                         ["", "", "too_many_open_reports"])
        await self.queue.resolve(await self.queue.of(messages[3]))
        self.assertEqual(await self.reasons(self.aino, (messages[5], "f")), ["too_many_reports"])
        riitta = await self.connected(OFFICE_HOLDER)
        for client, reason in ((self.outi, ""), (self.milja, ""), (riitta, "too_many_reporters")):
            self.assertEqual(await self.reasons(client, (messages[2], "Minäkin")), [reason])
        number = await self.queue.of(messages[2])
        for n in range(2):
            await self.queue.note(number, f"muistiinpano {n}")
        refused = await self.marja.refused(new_change_id(), note_report=pb.NoteReport(forum=self.forum, report=number, text="kolmas"))
        self.assertEqual(refused.reason, "too_many_notes")

    async def test_RefusalsAreTyped(self):
        target = pb.FileReport.Message(room=self.room, message=self.message)
        for asked, reason, field in (
                (pb.FileReport(category=SPAM, words="x"), "target_missing", ""),
                (pb.FileReport(message=target, words="x"), "category_unknown", "category"),
                (pb.FileReport(message=target, category=99, words="x"), "category_unknown", "category"),
                (pb.FileReport(message=target, category=SPAM), "text_empty", "words")):
            error = await self.aino.refused(new_change_id(), file_report=asked)
            self.assertEqual((error.reason, error.field), (reason, field))
        await report(self.aino, self.room, self.message)
        for asked, reason, field in (
                (dict(assign_report=pb.AssignReport(forum=self.forum, report=1, member=self.aino.welcome.self.id)), "not_a_moderator",
                 "member"),
                (dict(resolve_report=pb.ResolveReport(forum=self.forum, report=1, rejected=True, to_author="x")), "author_not_told",
                 "to_author")):
            error = await self.marja.refused(new_change_id(), **asked)
            self.assertEqual((error.reason, error.field), (reason, field))
        await self.queue.resolve(1)
        error = await self.milja.refused(new_change_id(), resolve_report=pb.ResolveReport(forum=self.forum, report=1))
        self.assertEqual((error.reason, error.field), ("report_closed", "report"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

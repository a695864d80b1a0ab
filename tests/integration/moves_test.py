"""Threads that are moved to another room, split and merged: what becomes of messages, links, read marks, texts that moderators keep,
and of who may read what."""

import asyncio
import json
import unittest

from audit_test import records_of
from support.cases import COUNCILLOR, MODERATOR, OFFICE_HOLDER, OTHER_COUNCILLOR, PEER_ROOM, ROOM, UNLIMITED, ClientCase, ConfiguredCase
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.moving import id_of, locate, refusal, until_moved, whole
from support.nodes import Nodes
from support.server import run_client
from support.wire import Client, Refused, entities, new_change_id, pb


class Case(ClientCase):
    async def connected(self, handle, mirrors=None):
        client = await self.client(handle, mirrors).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def asyncSetUp(self):
        self.pekka, self.aino, self.marja, self.riitta = [
            await self.connected(h) for h in (OTHER_COUNCILLOR, COUNCILLOR, MODERATOR, OFFICE_HOLDER)]
        self.room, self.peers = (await self.marja.room(ROOM)).id, (await self.marja.room(PEER_ROOM)).id
        self.thread = await self.aino.start_thread(self.room, "Siirtyva", f"@{OTHER_COUNCILLOR} ja @{OFFICE_HOLDER}")
        self.first = await self.pekka.post(self.room, self.thread, "vastaus", self.thread)
        self.second = await self.aino.post(self.room, self.thread, "toinen", self.first)
        await self.pekka.change(react=pb.React(room=self.room, message=self.first, emoji="👍"))

    async def move(self, thread=None, to=None, client=None, **more):
        return await (client or self.marja).change(move_thread=pb.MoveThread(
            room=self.room, thread=thread or self.thread, to_room=to or self.peers, **more))

    async def moved(self, **more):
        await self.move(**more)
        return await until_moved(self.marja, self.room, self.thread)

    async def record(self, act):
        async with self.client(ADMINISTRATOR) as sanna:
            found = [r for r in await records_of(self, sanna) if r.act == act and r.room == self.room and r.thread == self.thread]
        self.assertEqual(len(found), 1)
        return found[0]


class Moving(Case):
    async def test_EverythingIsThereInOrderAndOldIdsLeadToIt(self):
        await self.pekka.subscribe(f"room:{self.room}", f"room:{self.peers}")
        place = await self.moved()
        self.assertEqual(place.room, self.peers)
        messages, reactions = await whole(self.pekka, place.room, place.thread)
        self.assertEqual([m.message.text for m in messages], [f"@{OTHER_COUNCILLOR} ja @{OFFICE_HOLDER}", "vastaus", "toinen"])
        ids = [id_of(m) for m in messages]
        self.assertEqual(ids[0], place.thread)
        self.assertEqual([m.message.reply_to for m in messages], [0, ids[0], ids[1]])
        self.assertEqual({m.message.thread for m in messages}, {place.thread})
        self.assertEqual(list(messages[0].message.mentions), [self.pekka.welcome.self.id], "who may read it there")
        self.assertEqual([r.emoji for r in reactions[ids[1]].reactions], ["👍"])
        for old, new in zip((self.thread, self.first, self.second), ids):
            found = await locate(self.pekka, self.room, message=old)
            self.assertEqual((found.room, found.thread, found.message), (self.peers, place.thread, new))
        error = await refusal(self.pekka.history(self.room, self.thread))
        self.assertEqual((error.reason, error.moved.room, error.moved.thread), ("moved", self.peers, place.thread))
        for command in (dict(edit_message=pb.EditMessage(room=self.room, message=self.first, text="x")),
                        dict(react=pb.React(room=self.room, message=self.first, emoji="👏"))):
            error = await self.pekka.refused(new_change_id(), **command)
            self.assertEqual((error.reason, error.field), ("moved", "message"))
        self.assertIsNone(await self.pekka.summary(self.room, self.thread))
        summary = await self.pekka.summary(self.peers, place.thread)
        self.assertEqual((summary.messages, summary.last_activity, summary.thread.thread.title), (3, ids[-1], "Siirtyva"))
        record = await self.record("move_thread")
        self.assertEqual((record.to_room, record.member, record.exposes_history), (self.peers, self.aino.welcome.self.id, False))

    async def test_FollowersSeeItAsItIs(self):
        here, there = f"room:{self.room}", f"room:{self.peers}"
        await self.pekka.subscribe(here, there)
        place = await self.moved()
        await self.pekka.until(lambda: self.pekka.entity(here, f"thread:{self.thread}").HasField("redirect"), "it has gone")
        for key in (f"thread:{self.thread}", f"message:{self.thread}", f"message:{self.first}", f"message:{self.second}"):
            redirect = self.pekka.entity(here, key).redirect
            self.assertTrue(redirect.moved_ms)
            self.assertEqual((redirect.room, redirect.thread, redirect.message), (0, 0, 0), "where to is told by locate alone")
        self.assertIsNone(self.pekka.entity(here, f"reactions:{self.first}"))
        late = await self.connected(OTHER_COUNCILLOR)
        await late.subscribe(here, there)
        self.assertIsNone(late.entity(here, f"thread:{self.thread}"), "a snapshot has what there is")
        self.assertTrue(self.pekka.entity(there, f"thread:{place.thread}"))
        messages, _ = await whole(self.pekka, place.room, place.thread)
        for message in messages:
            self.assertTrue(message.message.moved_ms)
            self.assertEqual(self.pekka.entity(there, message.key), message)

    async def test_ResumingFromBeforeShowsTheSame(self):
        here = f"room:{self.room}"
        await self.pekka.subscribe(here)
        mirror = self.pekka.mirrors[here]
        version, epoch = mirror.version, mirror.epoch
        place = await self.moved()
        resumed = await self.connected(OTHER_COUNCILLOR)
        resumed.mirrors[here] = type(mirror)()
        resumed.mirrors[here].version, resumed.mirrors[here].epoch = version, epoch
        await resumed.subscribe(here)
        self.assertEqual(resumed.entity(here, f"thread:{self.thread}").redirect.room, 0)
        self.assertNotIn(f"message:{self.first}", [k for k, e in resumed.mirrors[here].entities.items() if e.HasField("message")])
        self.assertTrue(place.thread)

    async def test_WhoMayNotReadItThereLearnsThatItHasGoneAndNoMore(self):
        await self.riitta.subscribe(f"room:{self.room}")
        await self.moved()
        begin = len(self.riitta.items)
        for asked in (dict(thread=self.thread), dict(message=self.first)):
            error = await refusal(locate(self.riitta, self.room, **asked))
            self.assertEqual((error.reason, error.HasField("moved")), ("moved", False))
        error = await refusal(self.riitta.history(self.room, self.thread))
        self.assertEqual((error.reason, error.HasField("moved")), ("moved", False))
        self.assertEqual(len(self.riitta.items), begin + 3)
        told = [e.redirect for c in self.riitta.changes(f"room:{self.room}") for e in c.entities if e.HasField("redirect")]
        self.assertTrue(told)
        self.assertEqual({(r.room, r.thread, r.message) for r in told}, {(0, 0, 0)})
        self.assertEqual((await refusal(locate(self.riitta, self.peers, thread=self.thread))).reason, "room_not_found")

    async def test_ATargetThatShowsItToMoreIsRefusedUnlessThatIsSaid(self):
        thread = await self.pekka.start_thread(self.peers, "Keskenamme", "salassa")
        move = dict(room=self.peers, thread=thread, to_room=self.room)
        error = await self.marja.refused(new_change_id(), move_thread=pb.MoveThread(**move))
        self.assertEqual((error.reason, error.field), ("audience_widens", "exposes_history"))
        await self.marja.change(move_thread=pb.MoveThread(**move, exposes_history=True))
        place = await until_moved(self.marja, self.peers, thread)
        self.assertEqual([m.message.text for m in (await whole(self.riitta, place.room, place.thread))[0]], ["salassa"])

    async def test_ReadMarksWatchesAndDraftsFollow(self):
        await self.pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.first))
        await self.pekka.change(set_watch=pb.SetWatch(room=self.room, thread=self.thread, level=entities.Watch.LEVEL_FOLLOW))
        await self.pekka.change(save_draft=pb.SaveDraft(room=self.room, thread=self.thread, text="kesken"))
        await self.riitta.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.first))
        own = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(own)
        place = await self.moved()
        mark = f"read:{self.peers}:{place.thread}"
        await self.pekka.until(lambda: self.pekka.entity(own, mark), "the mark follows")
        messages, _ = await whole(self.pekka, place.room, place.thread)
        self.assertEqual(self.pekka.entity(own, mark).read_mark.to, id_of(messages[1]))
        summary = await self.pekka.summary(self.peers, place.thread)
        self.assertEqual((summary.unread, summary.watch), (1, entities.Watch.LEVEL_FOLLOW))
        self.assertEqual(self.pekka.entity(own, f"draft:{self.peers}:{place.thread}").draft.text, "kesken")
        self.assertIsNone(self.pekka.entity(own, f"read:{self.room}:{self.thread}"))

    async def test_TheInboxLeadsToIt(self):
        own = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(own)
        await self.pekka.until(lambda: self.pekka.entity(own, f"inbox:{self.room}:{self.thread}"), "the mention arrives")
        entry = self.pekka.entity(own, f"inbox:{self.room}:{self.thread}").inbox_entry
        place = await self.moved()
        found = await locate(self.pekka, entry.room, message=entry.message)
        self.assertEqual((found.room, found.thread, found.message), (self.peers, place.thread, place.thread))

    async def test_WhatModeratorsKeepGoesToThoseOfTheOtherForum(self):
        await self.pekka.change(edit_message=pb.EditMessage(room=self.room, message=self.first, text="muutettu"))
        here = Moderation(self.marja, self.room)
        await here.remove(self.first)
        place = await self.moved()
        message = (await locate(self.marja, self.room, message=self.first)).message
        there = Moderation(self.marja, self.peers)
        self.assertEqual([t.earlier_text.text for t in (await there.earlier(message)).texts], ["vastaus", "muutettu"])
        await there.restore(message)
        messages, _ = await whole(self.pekka, place.room, place.thread)
        self.assertEqual(messages[1].message.text, "muutettu")
        await there.remove(message)
        await there.until_earlier(message, 3)

    async def test_NobodyChangesItMeanwhileAndNothingThatWasAcknowledgedIsLost(self):
        posted, refused = [], []

        async def post(n):
            client, thread = (self.pekka, self.aino)[n % 2], self.thread
            try:
                posted.append((await client.post(self.room, thread, f"kilpa {n}"), f"kilpa {n}"))
            except Refused as error:
                refused.append(error.error.reason)

        posts = [asyncio.ensure_future(post(n)) for n in range(60)]
        await self.move()
        await asyncio.gather(*posts)
        place = await until_moved(self.marja, self.room, self.thread)
        messages, _ = await whole(self.pekka, place.room, place.thread)
        self.assertEqual([m.message.text for m in messages[3:]], [text for _, text in sorted(posted)])
        self.assertLessEqual(set(refused), {"thread_moving", "moved"})

    async def test_ThereAndBackAgain(self):
        place = await self.moved()
        await self.marja.change(move_thread=pb.MoveThread(room=place.room, thread=place.thread, to_room=self.room, exposes_history=True))
        back = await until_moved(self.marja, place.room, place.thread)
        self.assertEqual(back.room, self.room)
        found = await locate(self.riitta, self.room, message=self.first)
        messages, _ = await whole(self.riitta, self.room, back.thread)
        self.assertEqual((found.room, found.thread, found.message), (self.room, back.thread, id_of(messages[1])),
                         "through a room that they may not read")


class Within(Case):
    async def split(self, messages, title="Uusi aihe"):
        await self.marja.change(split_thread=pb.SplitThread(room=self.room, thread=self.thread, messages=messages, title=title))
        return (await until_moved(self.marja, self.room, self.thread, messages[0])).thread

    async def test_SplitMessagesKeepTheirNumbersInANewThread(self):
        third = await self.pekka.post(self.room, self.thread, "kolmas")
        await self.pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.first))
        await self.pekka.subscribe(f"room:{self.room}")
        thread = await self.split([third, self.first])
        messages, reactions = await whole(self.pekka, self.room, thread)
        self.assertEqual([id_of(m) for m in messages], [self.first, third])
        self.assertIn(self.first, reactions)
        rest, _ = await whole(self.pekka, self.room, self.thread)
        self.assertEqual([id_of(m) for m in rest], [self.thread, self.second])
        self.assertEqual(rest[1].message.reply_to, self.first)
        for old in (self.first, third):
            found = await locate(self.riitta, self.room, message=old)
            self.assertEqual((found.thread, found.message), (thread, old))
        split = (await self.pekka.summary(self.room, thread))
        self.assertEqual((split.thread.thread.title, split.messages, split.last_activity), ("Uusi aihe", 2, third))
        left = await self.pekka.summary(self.room, self.thread)
        self.assertEqual((left.messages, left.last_activity, left.thread.thread.moving_ms), (2, self.second, 0))
        await self.pekka.until(lambda: self.pekka.entity(f"room:{self.room}", f"message:{third}").message.thread == thread, "seen")
        self.assertEqual(list((await self.record("split_thread")).messages), [self.first, third])
        await self.aino.post(self.room, thread, "jatkuu", third)
        await self.aino.post(self.room, self.thread, "täälläkin")

    async def test_AMergeLeavesARedirect(self):
        into = await self.pekka.start_thread(self.room, "Kohde", "kohteen ensimmäinen")
        later = await self.aino.post(self.room, self.thread, "myöhemmin")
        await self.marja.change(pin_thread=pb.PinThread(room=self.room, thread=self.thread))
        await self.marja.change(merge_threads=pb.MergeThreads(room=self.room, thread=self.thread, into=into))
        place = await until_moved(self.marja, self.room, self.thread)
        self.assertEqual((place.room, place.thread), (self.room, into))
        messages, _ = await whole(self.riitta, self.room, into)
        self.assertEqual([id_of(m) for m in messages], [self.thread, self.first, self.second, into, later])
        error = await refusal(self.riitta.history(self.room, self.thread))
        self.assertEqual((error.reason, error.moved.room, error.moved.thread), ("moved", self.room, into))
        self.assertEqual((await locate(self.riitta, self.room, message=self.first)).thread, into)
        threads = [s.thread.key for s in (await self.riitta.threads(self.room)).threads]
        self.assertNotIn(f"thread:{self.thread}", threads)
        self.assertEqual((await self.record("merge_threads")).to_thread, into)
        await self.pekka.post(self.room, into, "jatkuu", self.first)
        error = await self.pekka.refused(new_change_id(), post_message=pb.PostMessage(room=self.room, thread=self.thread, text="x"))
        self.assertEqual(error.reason, "moved")

    async def test_MarksOfASplitAndAMerge(self):
        await self.pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.first))
        own = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(own)
        thread = await self.split([self.first, self.second])
        await self.pekka.until(lambda: self.pekka.entity(own, f"read:{self.room}:{thread}"), "the mark is in both")
        self.assertEqual((await self.pekka.summary(self.room, thread)).unread, 1)
        self.assertEqual((await self.pekka.summary(self.room, self.thread)).unread, 0)
        await self.marja.change(merge_threads=pb.MergeThreads(room=self.room, thread=thread, into=self.thread))
        await self.pekka.until(lambda: not self.pekka.entity(own, f"read:{self.room}:{thread}"), "and in one again")
        self.assertEqual((await self.pekka.summary(self.room, self.thread)).unread, 1)


class Limits(ConfiguredCase):
    OPTIONS = {"content.moved_messages": 3, "content.move_batch": 2, "content.redirects": 2}

    async def asyncSetUp(self):
        self.marja = await self.connected(MODERATOR)
        self.room, self.peers = (await self.marja.room(ROOM)).id, (await self.marja.room(PEER_ROOM)).id

    async def thread(self, messages):
        thread = await self.marja.start_thread(self.room)
        return thread, [await self.marja.post(self.room, thread, str(n)) for n in range(1, messages)]

    async def test_OfMessages(self):
        for count, good in ((2, True), (3, True), (4, False)):
            thread, _ = await self.thread(count)
            into, _ = await self.thread(1)
            merged, _ = await self.thread(count)
            whole_thread, replies = await self.thread(count + 1)
            commands = (dict(move_thread=pb.MoveThread(room=self.room, thread=thread, to_room=self.peers)),
                        dict(merge_threads=pb.MergeThreads(room=self.room, thread=merged, into=into)),
                        dict(split_thread=pb.SplitThread(room=self.room, thread=whole_thread, messages=replies, title="Uusi")))
            for command in commands:
                if good:
                    await self.marja.change(**command)
                    continue
                error = await self.marja.refused(new_change_id(), **command)
                self.assertEqual(error.reason, "too_many_messages", command)
            if good:
                place = await until_moved(self.marja, self.room, thread)
                self.assertEqual(len((await whole(self.marja, self.peers, place.thread))[0]), count, "in batches of two")
                await until_moved(self.marja, self.room, merged)
                self.assertEqual(len((await whole(self.marja, self.room, into))[0]), count + 1)
                split = await until_moved(self.marja, self.room, whole_thread, replies[0])
                self.assertEqual(len((await whole(self.marja, self.room, split.thread))[0]), count)

    async def test_OfRedirects(self):
        thread, _ = await self.thread(1)
        place, rooms = pb.Place(room=self.room, thread=thread), [self.peers, self.room, self.peers]
        for n, to in enumerate(rooms, 1):
            await self.marja.change(move_thread=pb.MoveThread(room=place.room, thread=place.thread, to_room=to, exposes_history=True))
            place = await until_moved(self.marja, place.room, place.thread)
            if n <= 2:
                self.assertEqual(await locate(self.marja, self.room, thread=thread), place)
            else:
                self.assertEqual((await refusal(locate(self.marja, self.room, thread=thread))).reason, "moved")

    async def test_AnArchivedRoomTakesNothing(self):
        archived = (await self.marja.room("kuntien-yhteistyo")).id
        await self.marja.change(archive_place=pb.ArchivePlace(room=archived, archived=True, reason="ohi"))
        thread, _ = await self.thread(1)
        error = await self.marja.refused(new_change_id(), move_thread=pb.MoveThread(room=self.room, thread=thread, to_room=archived))
        self.assertEqual((error.reason, error.field), ("room_archived", "to_room"))


class OnTheTerminal(Case):
    def run_mod(self, *words, handle=MODERATOR, **how):
        return run_client(self.server, handle, *words, **how)

    async def test_MoveIsWaitedForAndFollowed(self):
        moved = await asyncio.to_thread(self.run_mod, "mod", "move", self.room, self.thread, self.peers, "--yes")
        self.assertEqual((moved.returncode, moved.stderr), (0, ""))
        place = json.loads(moved.stdout)
        self.assertEqual(int(place["room"]), self.peers)
        history = await asyncio.to_thread(self.run_mod, "history", self.room, self.thread, handle=COUNCILLOR, json=False)
        self.assertEqual(history.returncode, 0, history.stderr)
        self.assertIn("vastaus", history.stdout)
        self.assertIn(str(self.peers), history.stderr)
        found = await asyncio.to_thread(self.run_mod, "locate", self.room, self.first, handle=COUNCILLOR, json=False)
        self.assertEqual(found.stdout.split()[:2], [str(self.peers), place["thread"]])
        hidden = await asyncio.to_thread(self.run_mod, "locate", self.room, self.first, handle=OFFICE_HOLDER)
        self.assertEqual((hidden.returncode, hidden.stdout), (1, ""))
        self.assertIn("moved", hidden.stderr)

    async def test_NothingIsDoneWithoutAYes(self):
        asked = await asyncio.to_thread(self.run_mod, "mod", "move", self.room, self.thread, PEER_ROOM)
        self.assertEqual((asked.returncode, asked.stdout), (2, ""))
        self.assertIn(str(self.peers), asked.stderr)
        await self.aino.post(self.room, self.thread, "yhä täällä")

    async def test_WideningIsRefusedWithoutATerminal(self):
        thread = await self.pekka.start_thread(self.peers)
        asked = await asyncio.to_thread(self.run_mod, "mod", "move", self.peers, thread, self.room, "--yes")
        self.assertEqual((asked.returncode, asked.stdout), (1, ""))
        self.assertIn("audience_widens", asked.stderr)
        moved = await asyncio.to_thread(self.run_mod, "mod", "move", self.peers, thread, self.room, "--yes", "--exposes-history")
        self.assertEqual(int(json.loads(moved.stdout)["room"]), self.room)

    async def test_SplitAndMerge(self):
        split = await asyncio.to_thread(self.run_mod, "mod", "split", self.room, self.thread, "Uusi aihe", self.first, self.second, "--yes")
        thread = int(json.loads(split.stdout)["thread"])
        self.assertEqual(len((await whole(self.marja, self.room, thread))[0]), 2)
        merged = await asyncio.to_thread(self.run_mod, "mod", "merge", self.room, thread, self.thread, "--yes", json=False)
        self.assertEqual(merged.stdout.split(), [str(self.room), str(self.thread)])
        self.assertEqual(len((await whole(self.marja, self.room, self.thread))[0]), 3)


class OfTwoNodes(unittest.IsolatedAsyncioTestCase):
    ROUNDS = 5

    async def test_BothDoItAtOnceAndItIsDoneOnce(self):
        nodes = Nodes(UNLIMITED)
        self.addCleanup(nodes.dispose)
        first, second = nodes
        async with Client(first.url, first.token(MODERATOR)) as marja, \
                Client(second.url, first.token(OTHER_COUNCILLOR)) as pekka:
            room, peers = (await marja.room(ROOM)).id, (await marja.room(PEER_ROOM)).id
            for _ in range(self.ROUNDS):
                thread = await marja.start_thread(room)
                texts = [str(n) for n in range(40)]
                for text in texts:
                    await pekka.post(room, thread, text)
                racing = [asyncio.ensure_future(pekka.post(room, thread, f"kilpa {n}")) for n in range(20)]
                await marja.change(move_thread=pb.MoveThread(room=room, thread=thread, to_room=peers))
                answers = await asyncio.gather(*racing, return_exceptions=True)
                landed = sum(isinstance(answer, int) for answer in answers)
                place = await until_moved(pekka, room, thread)
                messages, _ = await whole(marja, peers, place.thread)
                self.assertEqual([m.message.text for m in messages[1:41]], texts)
                self.assertEqual(len(messages), 41 + landed)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What moderators do to messages: removed, restored and purged ones, who is told what, and that each act and each read of what was
removed stands in the audit log."""

import asyncio
import json
import secrets
import subprocess
import unittest

from audit_test import records_of
from support import deadline
from support.cases import COUNCILLOR, EXPERT, MODERATOR, OTHER_COUNCILLOR, ROOM, ClientCase
from support.members import ADMINISTRATOR
from support.moderation import REASON, Moderation, everything
from support.redis import Redis
from support.server import FOORUMI
from support.traces import traces
from support.wire import Mirror, Refused, entities, new_change_id, pb

SECRET, FIRST = "Salamoiva sarvikuono", "Ensimmainen ajatelma"


def telling(client, words):
    """The kinds of items that have come to the client with one of these words in them."""
    return [item.WhichOneof("item") for item in client.items if any(word.encode() in item.SerializeToString() for word in words)]


class Case(ClientCase):
    async def connected(self, handle, mirrors=None):
        client = await self.client(handle, mirrors).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def asyncSetUp(self):
        self.pekka, self.aino, self.marja = [await self.connected(h) for h in (OTHER_COUNCILLOR, COUNCILLOR, MODERATOR)]
        found = await self.marja.room(ROOM)
        self.room, self.forum = found.id, found.forum
        self.channel, self.moderation = f"room:{self.room}", f"moderation:{self.forum}"
        self.act = Moderation(self.marja, self.room)
        self.thread = await self.aino.start_thread(self.room)
        mark = secrets.token_hex(4)
        self.words = self.first, self.secret = f"{FIRST} {mark}", f"{SECRET} {mark} @{COUNCILLOR}"
        self.own = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(self.own, self.channel)
        await self.aino.subscribe(self.channel)
        await self.marja.subscribe(self.moderation)
        self.message = await self.pekka.post(self.room, self.thread, self.first)
        await self.pekka.change(edit_message=pb.EditMessage(room=self.room, message=self.message, text=self.secret))
        await self.aino.change(react=pb.React(room=self.room, message=self.message, emoji="👍"))

    def told(self, kind):
        """Pekka's inbox entries of this kind on the message, by key."""
        entries = self.pekka.mirrors[self.own].entities
        return {key: e.inbox_entry for key, e in entries.items() if e.HasField("inbox_entry") and e.inbox_entry.kind == kind
                and e.inbox_entry.message == self.message}

    async def tombstone(self, client):
        await client.until(lambda: client.entity(self.channel, f"message:{self.message}").message.removed_ms, "the tombstone arrives")
        return client.entity(self.channel, f"message:{self.message}").message

    async def records(self, act=None):
        async with self.client(ADMINISTRATOR) as sanna:
            return [record for record in await records_of(self, sanna)
                    if record.message == self.message and record.room == self.room and act in (None, record.act)]


class Removing(Case):
    async def test_LeavesATombstoneWithTheReasonAndTellsTheAuthor(self):
        await self.act.remove(self.message)
        for client in (self.aino, self.pekka):
            left = await self.tombstone(client)
            self.assertEqual((left.text, list(left.mentions), left.reason), ("", [], REASON))
            self.assertEqual((left.deleted_ms, left.author, left.edits), (left.removed_ms, self.pekka.welcome.self.id, 1))
            self.assertIsNone(client.entity(self.channel, f"reactions:{self.message}"))
        await self.pekka.until(lambda: self.told(entities.InboxEntry.KIND_REMOVED), "the author is told")
        entry, = self.told(entities.InboxEntry.KIND_REMOVED).values()
        self.assertEqual((entry.room, entry.thread, entry.reason, entry.author), (self.room, self.thread, REASON, 0))
        inbox = (await self.pekka.request(read_inbox=pb.ReadInbox())).inbox
        self.assertIn(REASON, [e.inbox_entry.reason for e in inbox.entries])

    async def test_TextReachesNobodyAfterwards(self):
        before = self.aino.mirrors[self.channel].version - 3  # from before the message
        await self.act.remove(self.message)
        await self.tombstone(self.pekka)
        late = await self.connected(EXPERT)
        await late.subscribe(self.channel)
        again = await self.connected(OTHER_COUNCILLOR)
        again.mirrors[self.channel] = mirror = Mirror()
        mirror.version, mirror.epoch = before, self.pekka.mirrors[self.channel].epoch
        await again.subscribe(self.channel)
        for client in (late, again):
            await client.history(self.room, self.thread)
            await client.threads(self.room)
            await client.request(read_inbox=pb.ReadInbox())
        room = since = 0
        while True:
            own = (await again.request(export_own=pb.ExportOwn(room=room, since=since))).own_entities
            if not own.more:
                break
            room, since = own.next_room, own.next_since
        self.assertEqual(telling(late, self.words) + telling(again, self.words), [])
        self.assertTrue(telling(again, [REASON]), "a search that would find nothing")

    async def test_FollowersOfTheModerationChannelGetNoText(self):
        await self.act.remove(self.message)
        key = f"removed:{self.room}:{self.message}:1"
        await self.marja.until(lambda: self.marja.entity(self.moderation, key), "the moderators hear of it")
        told = self.marja.entity(self.moderation, key).earlier_text
        self.assertEqual((told.text, list(told.mentions), told.by, told.reason, told.author),
                         ("", [], self.marja.welcome.self.id, REASON, self.pekka.welcome.self.id))
        fresh = await self.connected(MODERATOR)
        await fresh.subscribe(self.moderation)
        self.assertEqual(fresh.entity(self.moderation, key).earlier_text, told)
        self.assertEqual(telling(self.marja, self.words) + telling(fresh, self.words), [])

    async def test_OnlyModeratorsDo(self):
        for client in (self.aino, self.pekka):
            for command in (dict(remove_message=pb.RemoveMessage(room=self.room, message=self.message, reason="x")),
                            dict(purge_message=pb.PurgeMessage(room=self.room, message=self.message, reason="x")),
                            dict(restore_message=pb.RestoreMessage(room=self.room, message=self.message))):
                self.assertEqual((await client.refused(new_change_id(), **command)).reason, "moderators_only")
            asked = pb.ReadEarlierTexts(room=self.room, message=self.message)
            self.assertEqual((await client.refused(read_earlier_texts=asked)).reason, "moderators_only")
        self.assertEqual(await self.records(), [])

    async def test_EachActIsRecordedOnce(self):
        change_id = new_change_id()
        first = await self.act.remove(self.message, change_id=change_id)
        again = await self.act.remove(self.message, change_id=change_id)
        self.assertEqual((again.version, again.repeated), (first.version, True))
        await self.act.remove(self.message, "Toinen syy")  # removed already
        await self.act.restore(self.message)
        record, restored = await self.records()
        self.assertEqual((record.act, restored.act), ("remove_message", "restore_message"))
        for one in (record, restored):
            self.assertEqual((one.actor, one.forum, one.thread, one.member),
                             (self.marja.welcome.self.id, self.forum, self.thread, self.pekka.welcome.self.id))
        self.assertEqual((len(record.reason_digest), restored.reason_digest), (32, b""))
        self.assertNotIn(REASON.encode(), record.SerializeToString())


class Restoring(Case):
    async def test_BringsTheMessageBackAndTellsItsAuthorAlone(self):
        before = self.aino.entity(self.channel, f"message:{self.message}").message
        mentioned = len((await self.aino.request(read_inbox=pb.ReadInbox())).inbox.entries)
        await self.act.remove(self.message)
        await self.act.restore(self.message)
        await self.aino.until(lambda: self.aino.entity(self.channel, f"message:{self.message}").message.text, "it is there again")
        after = self.aino.entity(self.channel, f"message:{self.message}").message
        self.assertEqual(after.removals, 1)
        after.removals = 0
        self.assertEqual(after, before)
        await self.pekka.until(lambda: self.told(entities.InboxEntry.KIND_RESTORED), "the author is told")
        self.assertEqual(len((await self.aino.request(read_inbox=pb.ReadInbox())).inbox.entries), mentioned)
        await self.pekka.change(edit_message=pb.EditMessage(room=self.room, message=self.message, text="muutettu taas"))

    async def test_SecondRemovalTellsAgainAndEntriesAreSeenOneByOne(self):
        for _ in range(2):
            await self.act.remove(self.message)
            await self.act.restore(self.message)
        kinds = (entities.InboxEntry.KIND_REMOVED, entities.InboxEntry.KIND_RESTORED)
        await self.pekka.until(lambda: all(len(self.told(kind)) == 2 for kind in kinds), "each act is told")
        key = min(self.told(kinds[0]), key=lambda k: int(k.rsplit(":", 1)[1]))
        act = int(key.rsplit(":", 1)[1])
        await self.pekka.change(mark_inbox_seen=pb.MarkInboxSeen(room=self.room, message=self.message, act=act))
        await self.pekka.until(lambda: self.told(kinds[0])[key].seen, "it is seen")
        self.assertEqual(sum(entry.seen for kind in kinds for entry in self.told(kind).values()), 1)

    async def test_WhatIsNotKeptAnyMoreIsNotRestored(self):
        await self.act.remove(self.message)
        await self.act.until_earlier(self.message, 2)
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        redis.replace_entity(self.moderation, f"removed:{self.room}:{self.message}:1", b"")
        error = await self.marja.refused(new_change_id(), restore_message=pb.RestoreMessage(room=self.room, message=self.message))
        self.assertEqual(error.reason, "earlier_text_gone")

    async def test_WhatItsAuthorDeletedStaysDeleted(self):
        await self.pekka.change(delete_message=pb.DeleteMessage(room=self.room, message=self.message))
        error = await self.marja.refused(new_change_id(), restore_message=pb.RestoreMessage(room=self.room, message=self.message))
        self.assertEqual(error.reason, "message_deleted")
        with self.assertRaises(Refused) as caught:
            await self.act.remove(self.message)
        self.assertEqual(caught.exception.error.reason, "message_deleted")
        self.assertEqual(await self.records(), [])

    async def test_WhatItsAuthorDeletesAfterARemovalIsNotRestored(self):
        await self.act.remove(self.message)
        await self.act.until_earlier(self.message, 2)
        await self.pekka.change(delete_message=pb.DeleteMessage(room=self.room, message=self.message))
        error = await self.marja.refused(new_change_id(), restore_message=pb.RestoreMessage(room=self.room, message=self.message))
        self.assertEqual(error.reason, "message_deleted")


class Reading(Case):
    async def test_TellsAllThatItSaidAndIsRecordedBeforeItIsAnswered(self):
        await self.act.remove(self.message)
        found = await self.act.until_earlier(self.message, 2)
        reads = await self.records("read_earlier_texts")
        self.assertEqual([(t.key, t.earlier_text.text, t.earlier_text.removed) for t in found.texts],
                         [(f"earlier:{self.room}:{self.message}:1", self.first, False),
                          (f"removed:{self.room}:{self.message}:1", self.secret, True)])
        self.assertGreaterEqual(len(reads), 1)
        for record in reads:
            self.assertEqual((record.actor, record.forum, record.thread, record.member),
                             (self.marja.welcome.self.id, self.forum, self.thread, self.pekka.welcome.self.id))
        await self.act.earlier(self.message)
        self.assertEqual(len(await self.records("read_earlier_texts")), len(reads) + 1, "each read")

    async def test_GoesPageByPage(self):
        await self.act.remove(self.message)
        await self.act.until_earlier(self.message, 2)
        texts, after = [], 0
        while True:
            page = await self.act.earlier(self.message, after=after, limit=1)
            texts += [text.earlier_text.text for text in page.texts]
            after = page.next
            if not page.more:
                break
        self.assertEqual(texts, [self.first, self.secret])
        self.assertEqual(len((await self.act.earlier(self.message, after=99)).texts), 0)

    async def test_IsRefusedWhereItCannotBeRecorded(self):
        await self.act.remove(self.message)
        await self.act.until_earlier(self.message, 2)
        before = await self.records()
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        log = redis.command("KEYS", "{p*}:v:" + self.moderation)[0].split(b":")[0] + b":audit"
        behind = int(redis.command("HGET", log, "n")) + 1
        redis.command("HSET", log, behind, "written by somebody else")
        begin = len(self.marja.items)
        with self.assertRaises(Refused) as caught:
            await self.act.earlier(self.message)
        self.assertEqual(caught.exception.error.reason, "store_unavailable")
        self.assertFalse(any(word.encode() in item.SerializeToString() for item in self.marja.items[begin:] for word in self.words))
        redis.command("HDEL", log, behind)
        self.assertEqual(len((await self.act.earlier(self.message)).texts), 2)
        self.assertEqual(len(await self.records()), len(before) + 1)

    async def test_OfNothingLeavesNoRecord(self):
        plain = await self.pekka.post(self.room, self.thread, "tavallinen")
        self.assertEqual(list((await self.act.earlier(plain)).texts), [])
        self.message = plain
        self.assertEqual(await self.records(), [])
        absent = pb.ReadEarlierTexts(room=self.room, message=987654)
        self.assertEqual((await self.marja.refused(read_earlier_texts=absent)).reason, "message_not_found")


class Purging(Case):
    async def test_TakesTheTextsFromRedisAndFromItsFiles(self):
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        await self.act.remove(self.message)
        await self.act.until_earlier(self.message, 2)
        kept = everything(redis)
        self.assertTrue(all(word.encode() in kept for word in self.words), "a search that would find nothing")
        await self.act.purge(self.message)
        left = await self.aino.until(lambda: self.aino.entity(self.channel, f"message:{self.message}").message.purged_ms, "purged")
        self.assertTrue(left)
        deadline.until(lambda: not any(word.encode() in everything(redis) for word in self.words), "nothing is left in memory")
        restore = dict(restore_message=pb.RestoreMessage(room=self.room, message=self.message))
        self.assertEqual((await self.marja.refused(new_change_id(), **restore)).reason, "message_purged")
        mark, = (await self.act.until_earlier(self.message, 1)).texts
        self.assertEqual((mark.key, mark.earlier_text.purged, mark.earlier_text.reason, mark.earlier_text.text),
                         (f"purged:{self.room}:{self.message}:1", True, "Lainvastainen", ""))
        self.assertEqual([r.act for r in await self.records() if r.act != "read_earlier_texts"], ["remove_message", "purge_message"])
        deadline.until(lambda: not redis.command("KEYS", f"*:i:{self.moderation}:purges"), "the files are written anew")
        self.assertEqual(self.server.interrupt(), 0)
        self.assertEqual(traces(self.server.data, [word.encode() for word in self.words], "."), {})
        self.server.start()

    async def test_ReachesWhatItsAuthorDeletedAndNothingThatIsThere(self):
        error = await self.marja.refused(new_change_id(), purge_message=pb.PurgeMessage(room=self.room, message=self.message, reason="x"))
        self.assertEqual(error.reason, "message_not_removed")
        await self.pekka.change(delete_message=pb.DeleteMessage(room=self.room, message=self.message))
        await self.act.purge(self.message)
        found = await self.act.until_earlier(self.message, 1)
        self.assertEqual([text.earlier_text.text for text in found.texts], [""])


class Terminal(Case):
    """`foorumi mod`, with --yes as scripts do."""

    def run_mod(self, *words, handle=MODERATOR):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.server.url, "--token-file", self.server.token_file(handle),
                               *words], capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
                              start_new_session=True)  # without a terminal
        return done.returncode, done.stdout, done.stderr

    async def mod(self, *words, **how):
        return await asyncio.to_thread(self.run_mod, "mod", *words, **how)

    async def test_RemovesShowsRestoresAndPurges(self):
        message = str(self.message)
        status, _, err = await self.mod("remove", ROOM, message, "--reason", REASON)
        self.assertEqual(status, 2, "nobody can be asked")
        self.assertIn(self.secret, err, "what is to be removed is shown")
        self.assertEqual(await self.records(), [], "which is no read of earlier texts")
        self.assertEqual((await self.mod("remove", ROOM, message, "--reason", REASON, "--yes"))[0], 0)
        await self.act.until_earlier(self.message, 2)
        status, out, _ = await self.mod("earlier", ROOM, message)
        self.assertEqual(status, 0)
        for part in (self.first, self.secret, "before an edit", f"removed it: {REASON}", f"(the moderators removed the message: {REASON})"):
            self.assertIn(part, out)
        status, out, _ = await asyncio.to_thread(self.run_mod, "--json", "mod", "earlier", ROOM, message)
        self.assertEqual([text["earlierText"]["text"] for text in json.loads(out)["texts"]], [self.first, self.secret])
        self.assertIn(REASON, (await asyncio.to_thread(self.run_mod, "inbox", handle=OTHER_COUNCILLOR))[1])
        self.assertEqual((await self.mod("restore", ROOM, message))[0], 0)
        self.assertEqual((await self.mod("purge", ROOM, message, "--reason", "x", "--yes"))[0], 1, "it is there")
        self.assertEqual((await self.mod("remove", ROOM, message, "--reason", REASON, "--yes"))[0], 0)
        self.assertEqual((await self.mod("purge", ROOM, message, "--reason", "x", "--yes"))[0], 0)
        self.assertEqual((await self.mod("restore", ROOM, message))[0], 1)
        self.assertEqual((await self.mod("remove", ROOM, message, "--reason", REASON, "--yes", handle=COUNCILLOR))[0], 1)

    async def test_RemovesAMembersMessagesOfARangeOfTime(self):
        other = await self.aino.start_thread(self.room, "Toinen ketju")
        theirs = [self.message] + [await self.pekka.post(self.room, thread, f"mainos {n}")
                                   for n in range(3) for thread in (self.thread, other)]
        kept = await self.aino.post(self.room, other, "asiallinen")
        range_of = ("--member", OTHER_COUNCILLOR, "--from", "2001-01-01", "--to")
        status, out, _ = await self.mod("remove", ROOM, *range_of, "2001-01-02", "--reason", "Mainoksia", "--yes")
        self.assertEqual((status, out), (0, "0 of 0 messages removed\n"))
        status, out, _ = await asyncio.to_thread(self.run_mod, "--json", "mod", "remove", ROOM, *range_of, "2101-01-01", "--reason",
                                                 "Mainoksia", "--yes")
        self.assertEqual(status, 0)
        found = json.loads(out)
        self.assertEqual(found["removed"], found["found"])
        self.assertGreaterEqual(found["found"], len(theirs))
        left = {}
        for thread in (self.thread, other):
            left.update({int(e.key.split(":")[1]): e.message for e in (await self.aino.history(self.room, thread)).messages})
        self.assertTrue(all(left[message].removed_ms for message in theirs))
        self.assertEqual((left[kept].text, left[kept].removed_ms), ("asiallinen", 0))
        again = await self.mod("remove", ROOM, *range_of, "2101-01-01", "--reason", "Mainoksia", "--yes")
        self.assertEqual(again[1], "0 of 0 messages removed\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)

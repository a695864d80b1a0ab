"""Legal holds and retentions: who sets them, that nothing of a held place is deleted for good, and what goes when its time is over."""

import asyncio
import json
import subprocess
import unittest

from audit_test import records_of
from support import auth, deadline
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, ConfiguredCase
from support.members import ADMINISTRATOR
from support.moderation import Moderation, everything
from support.redis import Redis
from support.server import FOORUMI
from support.wire import Client, Refused, entities, new_change_id, pb

DAY_MS = 24 * 3600 * 1000
WHY = "Oikeudenkäynti 12/2026"


class Case(ConfiguredCase):
    # Without a cache what the tests make older in Redis is what is decided on.
    OPTIONS = {**auth.UNHURRIED, "content.expiry_interval_s": 1, "content.expired_batch": 3, "store.cache_entities": 0, "places.holds": 3,
               "erasure.grace_days": 0, "content.edits": 3}

    async def asyncSetUp(self):
        self.pekka, self.aino, self.marja, self.sanna = [await self.connected(h) for h in (OTHER_COUNCILLOR, COUNCILLOR, MODERATOR, ADMINISTRATOR)]
        self.forum = (await self.marja.room(ROOM)).forum
        name = f"arkisto-{new_change_id().hex()[:8]}"
        self.room = (await self.marja.change(create_room=pb.CreateRoom(forum=self.forum, slug=name, title="Arkisto"))).version
        self.slug, self.channel = name, f"room:{self.room}"
        self.thread = await self.aino.start_thread(self.room)
        self.redis = Redis(self.server.data)
        self.addCleanup(self.redis.close)
        self.act = Moderation(self.marja, self.room)

    def hold(self, held=True, thread=0, client=None, reason=WHY, change_id=None):
        return (client or self.sanna).change(change_id, set_hold=pb.SetHold(room=self.room, thread=thread, held=held, reason=reason))

    def retain(self, days, client=None):
        return (client or self.marja).change(set_retention=pb.SetRetention(room=self.room, days=days))

    async def refused(self, command):
        with self.assertRaises(Refused) as caught:
            await command
        return caught.exception.error.reason

    def make_older(self, *ids, days=40):
        """In Redis, as if they had been written so long ago."""
        for message in ids:
            entity = entities.Entity.FromString(self.redis.entity(self.channel, f"message:{message}"))
            entity.message.created_ms -= days * DAY_MS
            self.redis.replace_entity(self.channel, f"message:{message}", entity.SerializeToString())

    def stored(self, key):
        value = self.redis.entity(self.channel, key)
        return entities.Entity.FromString(value) if value else None

    async def removed(self, text):
        message = await self.pekka.post(self.room, self.thread, text)
        await self.act.remove(message)
        await self.act.until_earlier(message, 1)
        return message


class Holding(Case):
    async def test_NothingIsPurgedUntilItIsLifted(self):
        for thread in (0, self.thread):
            message = await self.removed(f"todiste {thread}")
            await self.hold(thread=thread)
            self.assertEqual(await self.refused(self.act.purge(message)), "place_held")
            await self.act.restore(message)
            await self.act.remove(message)
            await self.hold(held=False, thread=thread)
            await self.act.purge(message)
            await self.aino.subscribe(self.channel)
            await deadline.eventually(lambda m=message: self.stored(f"message:{m}").message.purged_ms, "it is purged")

    async def test_IsAnActOfAdministratorsAndRecordedOnce(self):
        for client in (self.marja, self.aino):
            self.assertEqual(await self.refused(self.hold(client=client)), "administrators_only")
        change_id = new_change_id()
        first, again = [await self.hold(thread=self.thread, change_id=change_id) for _ in range(2)]
        self.assertEqual((again.version, again.repeated), (first.version, True))
        self.assertEqual(await self.refused(self.hold(thread=987654)), "thread_not_found")
        await self.hold(held=False, thread=self.thread)
        records = [r for r in await records_of(self, self.sanna) if r.room == self.room and r.act.endswith("_hold")]
        self.assertEqual([(r.act, r.thread, r.actor, len(r.reason_digest)) for r in records],
                         [(act, self.thread, self.sanna.welcome.self.id, 32) for act in ("set_hold", "lift_hold")])

    async def test_IsListedForAdministratorsAndTheForumsModerators(self):
        await self.hold()
        await self.hold(thread=self.thread)
        for client in (self.sanna, self.marja):
            holds = [h for h in (await client.request(list_holds=pb.ListHolds(forum=self.forum))).holds.holds if h.room == self.room]
            self.assertEqual([(h.thread, h.reason, h.by) for h in holds],
                             [(thread, WHY, self.sanna.welcome.self.id) for thread in (0, self.thread)])
            after = (await client.request(list_holds=pb.ListHolds(after=self.room))).holds.holds
            self.assertNotIn(self.room, [h.room for h in after])
        self.assertEqual((await self.aino.refused(list_holds=pb.ListHolds())).reason, "moderators_only")
        for thread in (0, self.thread):
            await self.hold(held=False, thread=thread)

    async def test_HasNoMoreThanTheLimit(self):
        threads = [await self.aino.start_thread(self.room) for _ in range(4)]
        for thread in threads[:3]:
            await self.hold(thread=thread)
        self.assertEqual(await self.refused(self.hold(thread=threads[3])), "too_many_holds")
        for thread in threads[:3]:
            await self.hold(held=False, thread=thread)

    async def test_AHeldThreadStaysWhereItIs(self):
        message = await self.pekka.post(self.room, self.thread, "todiste")
        target = (await self.marja.room(ROOM)).id
        await self.hold(thread=self.thread)
        moves = (dict(move_thread=pb.MoveThread(room=self.room, thread=self.thread, to_room=target, exposes_history=True)),
                 dict(split_thread=pb.SplitThread(room=self.room, thread=self.thread, messages=[message], title="Muu")))
        for move in moves:
            self.assertEqual((await self.marja.refused(new_change_id(), **move)).reason, "place_held")
        await self.hold(held=False, thread=self.thread)
        await self.marja.change(**moves[1])

    async def test_TextsOfAnErasedMemberAreKeptFromReadersAndNotForgotten(self):
        leaver = await auth.member(self.server, self.sanna, f"lahtija.{'abcdefghij'[self.room % 10]}{self.room}",
                                   name="Lauri " + "".join("aeiou"[int(d) % 5] + "klmnprstvj"[int(d)] for d in str(self.room)).capitalize(),
                                   standing=auth.standing("councillor"))
        async with Client(self.server.url, leaver.token) as own:
            text = f"lahtijan sanat @{leaver.handle} {self.room}x"
            first, second = [await own.post(self.room, self.thread, f"{text} {n}") for n in (1, 2)]
            await own.change(delete_message=pb.DeleteMessage(room=self.room, message=second))
        await self.act.until_earlier(second, 1)
        await self.hold(thread=self.thread)
        await self.sanna.change(erase_member=pb.EraseMember(member=leaver.id, content=pb.ERASED_CONTENT_REMOVED))
        await deadline.eventually(lambda: self.stored(f"message:{first}").message.deleted_ms, "it is no more to be read")
        await deadline.eventually(lambda: "erasure is complete" in self.server.log(), "the erasure ends")
        for number, message in ((1, first), (2, second)):
            kept, = (await self.act.until_earlier(message, 1)).texts
            self.assertEqual(kept.earlier_text.text, f"lahtijan sanat @#{leaver.id} {self.room}x {number}")
            self.assertLess(kept.earlier_text.keep_until_ms, self.stored(f"message:{first}").message.deleted_ms + 5000, "when it is lifted")
        self.assertNotIn(leaver.handle.encode(), everything(self.redis))
        history = await self.aino.history(self.room, self.thread)
        self.assertFalse(any("lahtijan" in e.message.text for e in history.messages))
        await self.hold(held=False, thread=self.thread)


class Retaining(Case):
    async def until_expired(self, *ids):
        await deadline.eventually(lambda: all(self.stored(f"message:{m}").message.expired_days for m in ids), "the old ones are deleted")

    async def test_OldMessagesGoForGoodAndYoungOnesStay(self):
        await self.aino.subscribe(self.channel)
        old = [await self.pekka.post(self.room, self.thread, f"vanha sarvikuono {self.room}x{n}") for n in range(8)]
        await self.pekka.change(edit_message=pb.EditMessage(room=self.room, message=old[0], text=f"muutettu sarvikuono {self.room}x"))
        await self.act.until_earlier(old[0], 1)
        await self.aino.change(react=pb.React(room=self.room, message=old[1], emoji="👍"))
        removed = await self.removed(f"poistettu sarvikuono {self.room}x")
        young = await self.pekka.post(self.room, self.thread, "nuori")
        self.make_older(self.thread, *old, removed)
        await self.retain(30)
        await self.until_expired(self.thread, *old, removed)
        for message in old:
            left = (await self.aino.until(lambda m=message: (e := self.aino.entity(self.channel, f"message:{m}")) and e.message.expired_days and e,
                                          "subscribers are told")).message
            self.assertEqual((left.text, left.expired_days, left.deleted_ms > 0), ("", 30, True))
        history = await self.aino.history(self.room, self.thread)
        self.assertEqual([e.message.text for e in history.messages if e.message.text], ["nuori"])
        self.assertEqual([e.key for e in history.messages], [f"message:{m}" for m in (self.thread, *old, removed, young)], "each is there once")
        self.assertEqual(list(history.reactions), [])
        self.assertFalse(self.stored(f"thread:{self.thread}").thread.locked)
        self.assertEqual(await self.refused(self.act.restore(removed)), "message_purged")
        # What moderators keep goes with it; feeds and file follow with the next look for purges.
        moderation = f"moderation:{self.forum}"
        for key in (f"earlier:{self.room}:{old[0]}:1", f"removed:{self.room}:{removed}:1"):
            await deadline.eventually(lambda k=key: self.redis.entity(moderation, k) == b"", "the moderators' text goes")
        threads = (await self.aino.threads(self.room)).threads
        self.assertEqual([(t.messages > 0) for t in threads if t.thread.key == f"thread:{self.thread}"], [True])
        await self.retain(0)

    async def test_AThreadOfWhichNothingIsLeftGoesFromTheListAndStaysToBeFound(self):
        reply = await self.pekka.post(self.room, self.thread, "vastaus", reply_to=self.thread)
        await self.pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=reply))
        self.make_older(self.thread, reply)
        other = await self.aino.start_thread(self.room, "Toinen")
        await self.retain(30)
        await self.until_expired(self.thread, reply)
        await deadline.eventually(lambda: self.stored(f"thread:{self.thread}").thread.title == "", "its title goes")
        listed = [t.thread.key for t in (await self.aino.threads(self.room)).threads]
        self.assertEqual(listed, [f"thread:{other}"])
        history = await self.aino.history(self.room, self.thread)
        self.assertEqual([(e.message.text, e.message.reply_to, e.message.expired_days) for e in history.messages], [("", 0, 30), ("", self.thread, 30)])
        self.assertEqual(await self.refused(self.pekka.post(self.room, self.thread, "vielä")), "thread_locked")
        place = (await self.aino.request(locate=pb.Locate(room=self.room, message=reply))).located
        self.assertEqual((place.room, place.message), (self.room, reply))
        await self.pekka.change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=self.thread))
        await self.retain(0)

    async def test_WaitsForAHoldAndGoesOnWhenItIsLifted(self):
        other = await self.aino.start_thread(self.room, "Vapaa", "vapaa vanha")
        self.make_older(self.thread, other)
        await self.hold(thread=self.thread)
        await self.retain(30)
        await self.until_expired(other)
        # What comes behind it was looked at later: a whole look is over.
        third = await self.aino.start_thread(self.room, "Kolmas", "kolmas vanha")
        self.make_older(third)
        await self.until_expired(third)
        self.assertEqual(self.stored(f"message:{self.thread}").message.expired_days, 0)
        self.assertNotEqual(self.stored(f"message:{self.thread}").message.text, "")
        await self.hold(held=False, thread=self.thread)
        await self.until_expired(self.thread)
        await self.retain(0)

    async def test_IsToldToReadersAndRecorded(self):
        await self.aino.subscribe(self.channel)
        await self.retain(30)
        await self.aino.until(lambda: (e := self.aino.entity(self.channel, "room")) and e.room.retention_days == 30, "readers are told")
        rooms = (await self.aino.request(list_rooms=pb.ListRooms(forum=self.forum))).rooms.rooms
        self.assertEqual([r.retention_days for r in rooms if r.id == self.room], [30])
        record = [r for r in await records_of(self, self.sanna) if r.act == "set_retention" and r.room == self.room][-1]
        self.assertEqual((record.actor, record.retention_days), (self.marja.welcome.self.id, 30))
        self.assertEqual(await self.refused(self.retain(30, self.aino)), "moderators_only")
        self.assertEqual(await self.refused(self.retain(10**6)), "retention_too_long")
        await self.retain(0)


class Terminal(Case):
    def run_mod(self, *words, handle=ADMINISTRATOR):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.server.url, "--token-file", self.server.token_file(handle),
                               *map(str, words)], capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
                              start_new_session=True)
        return done.returncode, done.stdout, done.stderr

    async def mod(self, *words, **how):
        return await asyncio.to_thread(self.run_mod, *words, **how)

    async def test_HoldsListsAndReleases(self):
        self.assertEqual((await self.mod("mod", "hold", self.slug, self.thread, "--reason", WHY))[0], 0)
        status, out, _ = await self.mod("mod", "holds", "strategia", handle=MODERATOR)
        self.assertEqual(status, 0)
        self.assertIn(WHY, out)
        held = json.loads((await self.mod("--json", "mod", "holds"))[1])["holds"]
        self.assertIn((str(self.room), str(self.thread)), [(h["room"], h["thread"]) for h in held])
        status, _, err = await self.mod("mod", "release", self.slug, self.thread, "--reason", "ohi")
        self.assertEqual(status, 2, "nobody can be asked")
        self.assertIn("Lift the hold?", err)
        self.assertEqual((await self.mod("mod", "release", self.slug, self.thread, "--reason", "ohi", "--yes"))[0], 0)
        self.assertNotIn(WHY, (await self.mod("mod", "holds"))[1])

    async def test_RetentionTellsWhatItWillDeleteAndAsks(self):
        old = [await self.pekka.post(self.room, self.thread, f"vanha {n}") for n in range(2)]
        self.make_older(self.thread, *old)
        await self.pekka.post(self.room, self.thread, "nuori")
        status, _, err = await self.mod("mod", "retention", self.slug, 30, handle=MODERATOR)
        self.assertEqual(status, 2)
        self.assertIn("3 messages are older than 30 days", err)
        self.assertEqual(self.stored(f"message:{old[0]}").message.text, "vanha 0")
        self.assertEqual((await self.mod("mod", "retention", self.slug, 30, "--yes", handle=MODERATOR))[0], 0)
        await deadline.eventually(lambda: self.stored(f"message:{old[1]}").message.expired_days, "they are deleted")
        self.assertIn("(deleted: the room's retention is 30 days)", (await self.mod("history", self.slug, self.thread))[1])
        self.assertIn("(kept for 30 days)", (await self.mod("rooms", "strategia"))[1])
        self.assertEqual((await self.mod("mod", "retention", self.slug, 0, handle=MODERATOR))[0], 0, "which deletes nothing and asks nothing")


if __name__ == "__main__":
    unittest.main(verbosity=2)

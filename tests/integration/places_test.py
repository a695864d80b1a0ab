"""Forums and rooms by command, over two nodes: everybody connected sees what is done, once; what is archived can only be read, and is as it
was when it is restored; every act stands in the audit log."""

import asyncio
import hashlib
import json
import subprocess
import unittest

from audit_test import records_of
from support import auth, deadline
from support.cases import COUNCILLOR, MODERATOR, OFFICE_HOLDER, OTHER_COUNCILLOR, PEER_ROOM, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.moderation import Moderation
from support.nodes import Nodes
from support.server import FOORUMI, Server
from support.wire import Client, Refused, entities, new_change_id, pb

REASON = "Kausi on ohi."


class Places(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, "places.rooms": 20})
        self.addCleanup(self.nodes.dispose)
        self.clients, self.snapshots = {}, {}
        for handle in (COUNCILLOR, OTHER_COUNCILLOR, OFFICE_HOLDER, MODERATOR, ADMINISTRATOR):
            token = self.nodes.servers[0].token(handle)
            for n, node in enumerate(self.nodes):
                client = self.clients[handle, n] = await Client(node.url, token).connect()
                self.addAsyncCleanup(client.close)
        self.room, self.forum = await self.place(ROOM)

    def of(self, handle, node=0):
        return self.clients[handle, node]

    async def place(self, slug, handle=MODERATOR):
        room = await self.of(handle).room(slug)
        return room.id, room.forum

    async def create(self, slug, node=0, handle=MODERATOR, forum=None, **values):
        created = pb.CreateRoom(**{"forum": forum or self.forum, "slug": slug, "title": slug.capitalize(), **values})
        return (await self.of(handle, node).change(create_room=created)).version

    async def describe(self, node=0, handle=MODERATOR, **values):
        return await self.of(handle, node).change(describe_place=pb.DescribePlace(**values))

    async def archive(self, archived=True, node=0, handle=MODERATOR, reason=REASON, **place):
        return await self.of(handle, node).change(archive_place=pb.ArchivePlace(**place, archived=archived, reason=reason))

    async def rooms(self, handle=COUNCILLOR, node=0, forum=None):
        found = (await self.of(handle, node).request(list_rooms=pb.ListRooms(forum=forum or self.forum))).rooms.rooms
        return {room.slug: room for room in found}

    async def told(self, room, node=0, handle=COUNCILLOR, **fields):
        """A subscriber is told of the room with these fields."""
        channel, client = f"room:{room}", self.of(handle, node)
        if channel not in client.mirrors:
            self.snapshots[channel, node, handle] = (await client.subscribe(channel))[channel].room

        def known():
            entity = client.entity(channel, "room")
            return entity.room if entity else self.snapshots[channel, node, handle]
        await client.until(lambda: all(getattr(known(), name) == value for name, value in fields.items()), f"room {room}: {fields}")
        return client.entity(channel, "room")

    # --- creating

    async def test_ANewRoomIsThereForEverybodyAtOnce(self):
        room = await self.create("uusi-aihe", title="Uusi aihe", description="Mistä puhutaan")
        for node in (0, 1):
            listed = (await self.rooms(node=node))["uusi-aihe"]
            self.assertEqual((listed.id, listed.forum, listed.title, listed.description, listed.may_write, listed.archived),
                             (room, self.forum, "Uusi aihe", "Mistä puhutaan", True, False))
            await self.of(COUNCILLOR, node).start_thread(room, "Ensimmäinen")  # whether its channel knows of it or not
        for node in (0, 1):
            await self.told(room, node, slug="uusi-aihe", title="Uusi aihe", description="Mistä puhutaan", forum=self.forum)
        self.assertEqual([r.id for r in (await self.rooms()).values()][-1], room, "behind the others")

    async def test_ANewForumIsForItsAudience(self):
        created = pb.CreateForum(slug="virkaasiat", title="Virka-asiat", audience=entities.Audience(read=[entities.ROLE_OFFICE_HOLDER]))
        forum = (await self.of(ADMINISTRATOR).change(create_forum=created)).version

        async def forums(handle):
            return {f.slug: f.id for f in (await self.of(handle, 1).request(list_forums=pb.ListForums())).forums.forums}
        self.assertEqual((await forums(OFFICE_HOLDER))["virkaasiat"], forum)
        self.assertNotIn("virkaasiat", await forums(COUNCILLOR))
        self.assertNotIn("virkaasiat", await forums(ADMINISTRATOR), "who creates one sees no more than others")
        error = await self.of(ADMINISTRATOR).refused(new_change_id(), create_room=pb.CreateRoom(forum=forum, slug="a", title="A"))
        self.assertEqual(error.reason, "forum_not_found")

    async def test_ANewRoomNeverShowsMoreThanItsForum(self):
        _, peers = await self.place(PEER_ROOM)
        room = await self.create("avoin", forum=peers, audience=entities.Audience())
        self.assertNotIn("avoin", {r.slug for r in (await self.of(OFFICE_HOLDER).request(list_rooms=pb.ListRooms())).rooms.rooms})
        error = await self.of(OFFICE_HOLDER, 1).refused(list_threads=pb.ListThreads(room=room))
        self.assertEqual(error.reason, "room_not_found")
        narrow = await self.create("suljettu", audience=entities.Audience(read=[entities.ROLE_EXPERT]))
        self.assertEqual((await self.of(COUNCILLOR, 1).refused(list_threads=pb.ListThreads(room=narrow))).reason, "room_not_found")
        await self.of(MODERATOR, 1).threads(narrow)

    async def test_OfOneSlugThereIsOneRoomWhoeverElseTries(self):
        for n in range(5):
            futures = []
            for node in (0, 1):
                for handle in (MODERATOR, ADMINISTRATOR):
                    futures += await self.of(handle, node).send(pb.Request(change_id=new_change_id(), create_room=pb.CreateRoom(
                        forum=self.forum, slug=f"kilpa-{n}", title="Kilpa")))
            answers = await deadline.within(asyncio.gather(*futures), "all are answered")
            self.assertEqual(sorted(a.error.reason for a in answers if a.HasField("error")), ["slug_taken"] * 3)

    async def test_OfRoomsThereAreNoMoreThanTheLimitWhoeverElseTries(self):
        futures = []
        for n in range(30):
            futures += await self.of(MODERATOR, n % 2).send(pb.Request(change_id=new_change_id(), create_room=pb.CreateRoom(
                forum=self.forum, slug=f"huone-{n}", title="Huone")))
        answers = await deadline.within(asyncio.gather(*futures), "all are answered")
        self.assertLessEqual({a.error.reason for a in answers if a.HasField("error")}, {"too_many_places", "contended"})
        self.assertLessEqual(len(await self.rooms(MODERATOR)), 20)
        self.assertIn("too_many_places", {a.error.reason for a in answers if a.HasField("error")})

    # --- describing, ordering

    async def test_WhatARoomIsCalledIsToldToItsSubscribersOnce(self):
        for node in (0, 1):
            await self.told(self.room, node, slug=ROOM)
        before = {node: self.of(COUNCILLOR, node).mirrors[f"room:{self.room}"].version for node in (0, 1)}
        for n in range(5):
            await self.describe(n % 2, room=self.room, title=f"Otsikko {n}")
        await self.describe(1, room=self.room, slug="strategia-nyt", description="")
        for node in (0, 1):
            await self.told(self.room, node, slug="strategia-nyt", title="Otsikko 4", description="")
            self.assertEqual((await self.rooms(node=node))["strategia-nyt"].title, "Otsikko 4")
            # Acts that follow each other closely may be told of together.
            mirror = self.of(COUNCILLOR, node).mirrors[f"room:{self.room}"]
            self.assertLessEqual(mirror.version - before[node], 6)
        await self.describe(0, room=self.room, title="Otsikko 4")  # it is so already
        await self.of(COUNCILLOR).start_thread(self.room)
        self.assertEqual((await self.told(self.room, 0)).version, (await self.told(self.room, 1)).version)

    async def test_OrderIsThatOfTheLists(self):
        slugs = list(await self.rooms())
        ids = {slug: room.id for slug, room in (await self.rooms()).items()}
        turned = slugs[::-1]
        await self.of(MODERATOR).change(order_places=pb.OrderPlaces(forum=self.forum, places=[ids[s] for s in turned]))
        for node in (0, 1):
            self.assertEqual(list(await self.rooms(node=node)), turned)
        await self.of(MODERATOR, 1).change(order_places=pb.OrderPlaces(forum=self.forum, places=[ids[turned[2]], ids[turned[0]]]))
        self.assertEqual(list(await self.rooms()), [turned[2], turned[1], turned[0], *turned[3:]])
        forums = [f.id for f in (await self.of(MODERATOR).request(list_forums=pb.ListForums())).forums.forums]
        shown = [f.id for f in (await self.of(ADMINISTRATOR).request(list_forums=pb.ListForums())).forums.forums]
        await self.of(ADMINISTRATOR).change(order_places=pb.OrderPlaces(places=shown[::-1]))
        now = [f.id for f in (await self.of(MODERATOR, 1).request(list_forums=pb.ListForums())).forums.forums]
        self.assertEqual([f for f in now if f in shown], shown[::-1])
        self.assertEqual([forums.index(f) for f in forums if f not in shown], [now.index(f) for f in now if f not in shown])

    # --- archiving

    async def refused_everywhere(self, room, thread, message):
        """What adds to the room, or changes something in it."""
        place = {"room": room, "thread": thread}
        commands = {
            "start_thread": pb.StartThread(room=room, title="a", text="b"), "post_message": pb.PostMessage(**place, text="a"),
            "edit_message": pb.EditMessage(room=room, message=message, text="a"),
            "delete_message": pb.DeleteMessage(room=room, message=message),
            "react": pb.React(room=room, message=message, emoji="👍"), "tag_thread": pb.TagThread(**place, tags=["a"]),
            "set_thread_state": pb.SetThreadState(**place, state=entities.THREAD_STATE_OPEN),
            "rename_thread": pb.RenameThread(**place, title="a")}
        powers = {"lock_thread": pb.LockThread(**place, locked=True, reason="a"), "pin_thread": pb.PinThread(**place),
                  "restrict_thread": pb.RestrictThread(**place, slow_mode_s=60)}
        for node in (0, 1):
            for who, asked in ((COUNCILLOR, commands), (MODERATOR, {**commands, **powers})):
                for name, command in asked.items():
                    if who == MODERATOR and name in ("edit_message", "delete_message"):
                        continue  # not theirs
                    error = await self.of(who, node).refused(new_change_id(), **{name: command})
                    self.assertEqual(error.reason, "room_archived", name)

    async def test_AnArchivedRoomCanOnlyBeReadUntilItIsRestored(self):
        aino = self.of(COUNCILLOR)
        thread = await aino.start_thread(self.room, "Otsikko", "Avaus")
        message = await aino.post(self.room, thread, "Viesti")
        await self.archive(room=self.room)
        await self.refused_everywhere(self.room, thread, message)
        for node in (0, 1):
            await self.told(self.room, node, archived=True, archive_reason=REASON)
            listed = (await self.rooms(node=node))[ROOM]
            self.assertEqual((listed.archived, listed.archive_reason, listed.may_write), (True, REASON, False))
            await self.of(COUNCILLOR, node).history(self.room, thread)
            await self.of(COUNCILLOR, node).change(mark_read=pb.MarkRead(room=self.room, thread=thread, to=message))
            await self.of(COUNCILLOR, node).change(save_draft=pb.SaveDraft(room=self.room, thread=thread, text="kesken"))
            await self.of(COUNCILLOR, node).change(set_watch=pb.SetWatch(room=self.room, thread=thread, level=1))
        own = []
        page = (await aino.request(export_own=pb.ExportOwn())).own_entities
        while page.more:
            own += [(page.room, e.key) for e in page.entities]
            page = (await aino.request(export_own=pb.ExportOwn(room=page.next_room, since=page.next_since))).own_entities
        own += [(page.room, e.key) for e in page.entities]
        self.assertIn((self.room, f"message:{message}"), own)
        error = await self.of(MODERATOR).refused(new_change_id(), describe_place=pb.DescribePlace(room=self.room, title="a"))
        self.assertEqual(error.reason, "room_archived")
        await Moderation(self.of(MODERATOR, 1), self.room).remove(message)  # what must go goes
        await self.archive(False, 1, room=self.room, reason="")
        for node in (0, 1):
            await self.of(COUNCILLOR, node).post(self.room, thread, "Taas auki")
            await self.told(self.room, node, archived=False, archive_reason="")
            self.assertTrue((await self.rooms(node=node))[ROOM].may_write)

    async def test_AnArchivedForumTakesAllItsRoomsAlong(self):
        rooms = {slug: room.id for slug, room in (await self.rooms()).items()}
        written = {}
        for slug, room in rooms.items():
            if (await self.rooms())[slug].may_write:
                thread = await self.of(COUNCILLOR).start_thread(room)
                written[room] = thread, await self.of(COUNCILLOR).post(room, thread, "Viesti")
        await self.archive(forum=self.forum, handle=ADMINISTRATOR)
        for room, (thread, message) in written.items():
            await self.refused_everywhere(room, thread, message)
        for node in (0, 1):
            for room in rooms.values():
                await self.told(room, node, archived=True, archive_reason=REASON)
            forums = (await self.of(COUNCILLOR, node).request(list_forums=pb.ListForums())).forums.forums
            self.assertEqual([(f.archived, f.archive_reason) for f in forums if f.id == self.forum], [(True, REASON)])
            self.assertFalse(any(f.archived for f in forums if f.id != self.forum))
        for command in ({"create_room": pb.CreateRoom(forum=self.forum, slug="a", title="A")},
                        {"archive_place": pb.ArchivePlace(room=self.room)}):
            self.assertEqual((await self.of(MODERATOR).refused(new_change_id(), **command)).reason, "forum_archived")
        await self.archive(False, 1, forum=self.forum, handle=ADMINISTRATOR)
        for node in (0, 1):
            for room in rooms.values():
                await self.told(room, node, archived=False)
        for room, (thread, _) in written.items():
            await self.of(COUNCILLOR, 1).post(room, thread, "Taas auki")

    # --- who may, and the log

    async def test_WhatIsNotSeenIsNotThere(self):
        hidden, _ = await self.place(PEER_ROOM)
        for room in (hidden, 987654):
            for command in ({"describe_place": pb.DescribePlace(room=room, title="a")},
                            {"archive_place": pb.ArchivePlace(room=room, archived=True, reason="a")}):
                with self.assertRaises(Refused) as refused:
                    await self.of(ADMINISTRATOR).change(**command)
                self.assertEqual((refused.exception.error.reason, refused.exception.error.field), ("room_not_found", "room"))

    async def test_EveryActStandsInTheAuditLog(self):
        marja, sanna = (self.of(handle).welcome.self.id for handle in (MODERATOR, ADMINISTRATOR))
        audience = entities.Audience(read=[entities.ROLE_COUNCILLOR])
        room = await self.create("lokiin", audience=audience)
        await self.describe(1, room=room, title="Toinen")
        await self.describe(1, room=room, title="Toinen")  # it is so already
        await self.of(MODERATOR).change(order_places=pb.OrderPlaces(forum=self.forum, places=[room, self.room]))
        await self.archive(room=room)
        await self.archive(False, room=room, reason="")
        await self.archive(forum=self.forum, handle=ADMINISTRATOR)
        records = [r for r in await records_of(self, self.of(ADMINISTRATOR)) if r.act.endswith(("_place", "_places", "_room", "_forum"))]
        digest = hashlib.sha256(REASON.encode()).digest()
        self.assertEqual([(r.act, r.actor, r.forum, r.room, r.reason_digest) for r in records], [
            ("create_room", marja, self.forum, 0, b""), ("describe_place", marja, 0, room, b""),
            ("order_places", marja, self.forum, 0, b""), ("archive_place", marja, 0, room, digest),
            ("restore_place", marja, 0, room, b""), ("archive_place", sanna, self.forum, 0, digest)])
        self.assertEqual(records[0].audience, audience)
        self.assertEqual(list(records[2].places), [room, self.room])


class Terminal(unittest.IsolatedAsyncioTestCase):
    """`foorumi mod room` and `foorumi admin forum`, with --yes as scripts do."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(UNLIMITED).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def run_cli(self, handle, *words):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.server.url, "--token-file", self.server.token_file(handle), *words],
                              capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
                              start_new_session=True)  # without a terminal
        return done.returncode, done.stdout, done.stderr

    async def cli(self, *words, handle=MODERATOR, status=0):
        got, out, err = await asyncio.to_thread(self.run_cli, handle, *words)
        self.assertEqual(got, status, out + err)
        return out if status == 0 else err

    async def test_ARoomFromItsBeginToItsArchive(self):
        number = (await self.cli("mod", "room", "create", "strategia", "sote", "Sote-uudistus", "--description", "Kuvaus")).strip()
        self.assertTrue(number.isdigit())
        self.assertIn(f"Sote-uudistus  sote  #{number}\n    Kuvaus", await self.cli("rooms", "strategia", handle=COUNCILLOR))
        await self.cli("mod", "room", "rename", "sote", "Hyvinvointialueet")
        await self.cli("mod", "room", "describe", "strategia/sote", "--slug", "hva", "--description", "")
        await self.cli("mod", "room", "order", "strategia", "hva", ROOM)
        listed = json.loads(await self.cli("--json", "rooms", "strategia", handle=COUNCILLOR))["rooms"]
        self.assertEqual((listed[0]["slug"], listed[0]["title"], listed[0]["description"]), ("hva", "Hyvinvointialueet", ""))
        self.assertEqual(listed[-1]["slug"], ROOM, "they have changed places")
        error = await self.cli("mod", "room", "archive", "hva", "--reason", REASON, status=2)
        self.assertIn("Hyvinvointialueet  hva", error, "what is to be archived is shown")
        self.assertIn("There is no terminal to ask on", error)
        done = json.loads(await self.cli("--json", "mod", "room", "archive", "hva", "--reason", REASON, "--yes"))
        self.assertEqual(done["channel"], "directory")
        self.assertIn(f"(archived: {REASON})", await self.cli("rooms", "strategia", handle=COUNCILLOR))
        self.assertIn(f"room: Hyvinvointialueet  (archived: {REASON})", await self.cli("chat", "hva", handle=COUNCILLOR))
        self.assertIn("FORBIDDEN room_archived room", await self.cli("start", "hva", "Otsikko", "teksti", handle=COUNCILLOR, status=1))
        await self.cli("mod", "room", "restore", "hva")
        await self.cli("start", "hva", "Otsikko", "teksti", handle=COUNCILLOR)
        self.assertIn("FORBIDDEN moderators_only room", await self.cli("mod", "room", "rename", "hva", "A", handle=COUNCILLOR, status=1))

    async def test_AForumFromItsBeginToItsArchive(self):
        number = (await self.cli("admin", "forum", "create", "uusi", "Uusi", "--none", handle=ADMINISTRATOR)).strip()
        self.assertTrue(number.isdigit())
        narrow = await self.cli("admin", "forum", "create", "asiantuntijat", "Asiantuntijat", "--read", "expert", handle=ADMINISTRATOR)
        self.assertNotIn(narrow.strip(), await self.cli("forums", handle=COUNCILLOR))
        await self.cli("mod", "room", "create", "uusi", "eka", "Eka", handle=ADMINISTRATOR)
        await self.cli("admin", "forum", "rename", "uusi", "Aivan uusi", handle=ADMINISTRATOR)
        await self.cli("admin", "forum", "order", "uusi", "strategia", handle=ADMINISTRATOR)
        listed = json.loads(await self.cli("--json", "forums", handle=COUNCILLOR))["forums"]
        self.assertEqual((listed[0]["slug"], listed[0]["title"]), ("uusi", "Aivan uusi"))
        error = await self.cli("admin", "forum", "archive", "uusi", "--reason", REASON, handle=ADMINISTRATOR, status=2)
        self.assertIn("Aivan uusi  uusi", error)
        await self.cli("admin", "forum", "archive", number, "--reason", REASON, "--yes", handle=ADMINISTRATOR)
        self.assertIn(f"#{number}  (archived: {REASON})", await self.cli("forums", handle=COUNCILLOR))
        self.assertIn(f"(archived: {REASON})", await self.cli("rooms", "uusi", handle=COUNCILLOR))
        await self.cli("start", "uusi/eka", "Otsikko", "teksti", handle=COUNCILLOR, status=1)
        await self.cli("admin", "forum", "restore", "uusi", handle=ADMINISTRATOR)
        await self.cli("start", "uusi/eka", "Otsikko", "teksti", handle=COUNCILLOR)


if __name__ == "__main__":
    unittest.main(verbosity=2)

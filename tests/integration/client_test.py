"""A client that was written from docs/protocol.md alone, with Debian's python3-websockets and python3-protobuf, uses all of the protocol."""

import asyncio
import random
import unittest

from support import demo
from support.seeds import seed
from support.server import Server
from support.wire import Client, Refused, code, new_change_id, pb

SEED = seed()
GENEROUS = {"session.requests_per_second": 100000, "session.request_burst": 100000,
            "session.member_requests_per_second": 100000, "session.member_request_burst": 100000}
COUNCILLOR, OTHER_COUNCILLOR, OFFICE_HOLDER, EXPERT, MODERATOR = (
    "aino.metsala", "pekka.rautio", "riitta.salmi", "outi.berg", "marja.virtanen")
ROOM = "kuntastrategia-arjessa"  # open to everyone, moderated by MODERATOR
PEER_ROOM = "valtuustoryhmien-yhteistyo"  # of councillors


class ServerCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(GENEROUS).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.dispose()

    def client(self, handle, mirrors=None):
        return Client(self.server.url, self.server.token(handle), mirrors)


class WhatOneSees(ServerCase):
    async def test_WelcomeTellsWhoOneIsAndTheLimits(self):
        async with self.client(COUNCILLOR) as aino:
            welcome = aino.welcome
            self.assertEqual(welcome.protocol, 1)
            self.assertEqual(welcome.self.handle, COUNCILLOR)
            self.assertEqual(welcome.self.name, demo.MEMBERS[COUNCILLOR]["name"])
            self.assertEqual((welcome.self.municipality, welcome.self.municipality_name), ("837", "Tampere"))
            self.assertEqual(list(welcome.self.roles), [1])
            self.assertGreater(welcome.now_ms, 1_700_000_000_000)
            self.assertGreater(welcome.ping_interval_ms, 0)
            limits = welcome.limits
            for name in ("frame_bytes", "requests_per_frame", "text_bytes", "title_bytes", "subscriptions", "page",
                         "requests_per_second"):
                self.assertGreater(getattr(limits, name), 0, name)
            self.assertGreaterEqual(limits.change_id_hours, 24)

    async def test_EveryMemberSeesExactlyTheForumsAndRoomsOfTheirAudience(self):
        for handle in demo.MEMBERS:
            async with self.client(handle) as member:
                forums = (await member.request(list_forums=pb.ListForums())).forums.forums
                rooms = (await member.request(list_rooms=pb.ListRooms())).rooms.rooms
                self.assertEqual([f.slug for f in forums], [f for f in demo.FORUMS if demo.may_read_forum(handle, f)], handle)
                self.assertEqual({r.slug: r.may_write for r in rooms},
                                 {r: demo.may_write(handle, r) for r in demo.ROOMS if demo.may_read(handle, r)}, handle)

    async def test_RoomsOfOneForumInTheirOrder(self):
        async with self.client(COUNCILLOR) as aino:
            by_slug = (await aino.request(list_rooms=pb.ListRooms(forum_slug="strategia"))).rooms.rooms
            self.assertEqual([r.slug for r in by_slug], [s for s, r in demo.ROOMS.items() if r["forum"] == "strategia"])
            by_id = (await aino.request(list_rooms=pb.ListRooms(forum=by_slug[0].forum))).rooms.rooms
            self.assertEqual(by_slug, by_id)
            error = await aino.refused(list_rooms=pb.ListRooms(forum_slug="ammatillinen-johtaminen"))
            self.assertEqual((error.code, error.reason), (code("NOT_FOUND"), "forum_not_found"))

    async def test_DemoThreadsAreThereWithTheirMessagesInOrder(self):
        readers = {"councillor": COUNCILLOR, "office_holder": OFFICE_HOLDER}
        for wanted in demo.THREADS:
            handle = next(h for h in readers.values() if demo.may_read(h, wanted["room"]))
            async with self.client(handle) as member:
                room = await member.room(wanted["room"])
                summary, = [s for s in (await member.threads(room.id)).threads if s.thread.thread.title == wanted["title"]]
                history = await member.history(room.id, int(summary.thread.key.split(":")[1]))
                self.assertEqual([m.message.text for m in history.messages], [m["text"] for m in wanted["message"]])
                self.assertEqual(summary.messages, len(wanted["message"]))
                handles = await self.handles(member, {m.message.author for m in history.messages})
                self.assertEqual([handles[m.message.author] for m in history.messages],
                                 [m["author"] for m in wanted["message"]])

    async def handles(self, client, ids):
        members = (await client.request(read_members=pb.ReadMembers(members=sorted(ids)))).members.members
        return {member.id: member.handle for member in members}

    async def test_MembersByHandleAndIdThoseNotFoundAreLeftOut(self):
        async with self.client(COUNCILLOR) as aino:
            found = (await aino.request(read_members=pb.ReadMembers(handles=["mats.sjoholm", "no.body"],
                                                                    members=[999999]))).members.members
            self.assertEqual([(m.handle, m.municipality_name) for m in found], [("mats.sjoholm", "Närpiö")])

    async def test_WhatMayNotBeSeenAnswersLikeWhatDoesNotExistToTheByte(self):
        async with self.client(COUNCILLOR) as aino, self.client(OFFICE_HOLDER) as riitta:
            hidden = (await aino.room(PEER_ROOM)).id
            thread = await aino.start_thread(hidden)
            absent = 987654
            probes = [
                lambda room: dict(list_threads=pb.ListThreads(room=room)),
                lambda room: dict(read_history=pb.ReadHistory(room=room, thread=thread)),
                lambda room: dict(typing=pb.Typing(room=room, thread=thread)),
                lambda room: dict(start_thread=pb.StartThread(room=room, title="a", text="b")),
                lambda room: dict(post_message=pb.PostMessage(room=room, thread=thread, text="b")),
                lambda room: dict(edit_message=pb.EditMessage(room=room, message=thread, text="b")),
                lambda room: dict(delete_message=pb.DeleteMessage(room=room, message=thread)),
                lambda room: dict(react=pb.React(room=room, message=thread, emoji="👍")),
                lambda room: dict(mark_read=pb.MarkRead(room=room, thread=thread, to=thread)),
                lambda room: dict(save_draft=pb.SaveDraft(room=room, thread=thread, text="b")),
                lambda room: dict(set_watch=pb.SetWatch(room=room, thread=thread, level=1)),
                lambda room: dict(mark_inbox_seen=pb.MarkInboxSeen(room=room, message=thread)),
            ]
            for probe in probes:
                name = next(iter(probe(0)))
                changes = name not in ("list_threads", "read_history", "typing")
                errors = [await riitta.refused(new_change_id() if changes else b"", **probe(room)) for room in (hidden, absent)]
                self.assertEqual(errors[0].SerializeToString(), errors[1].SerializeToString(), name)
                self.assertEqual(errors[0].code, code("NOT_FOUND"), name)
            synced = await riitta.subscribe(f"room:{hidden}", f"room:{absent}", "directory", "moderation:1")
            answers = {channel: item.error.SerializeToString() for channel, item in synced.items()}
            self.assertEqual(len(set(answers.values())), 1, answers)
            self.assertEqual(synced["directory"].error.reason, "channel_not_found")
            self.assertTrue(all(s.version == 0 and not s.HasField("threads") for s in synced.values()))


class Talking(ServerCase):
    async def test_SnapshotThenEveryChangeWithoutAGap(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            room = (await aino.room(ROOM)).id
            channel = f"room:{room}"
            synced = (await aino.subscribe(channel))[channel]
            self.assertEqual(synced.room.slug, ROOM)
            self.assertGreaterEqual(len(synced.threads.threads), 2)
            activity = [s.last_activity for s in synced.threads.threads]
            self.assertEqual(activity, sorted(activity, reverse=True))
            thread = await pekka.start_thread(room, "Uusi ketju", "Alku")
            message = await pekka.post(room, thread, "Jatko")
            await aino.until(lambda: aino.entity(channel, f"message:{message}"), "the post arrives")
            self.assertEqual(aino.entity(channel, f"thread:{thread}").thread.title, "Uusi ketju")
            first = aino.entity(channel, f"message:{thread}").message
            self.assertEqual((first.thread, first.text, first.author), (thread, "Alku", pekka.welcome.self.id))
            self.assertEqual((list(first.badge.roles), first.badge.municipality), ([1], "758"))
            self.assertEqual((await aino.threads(room)).threads[0].last_activity, message)

    async def test_OwnChangeComesBeforeItsAcknowledgement(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room(ROOM)).id
            await aino.subscribe(f"room:{room}")
            thread = await aino.start_thread(room)
            kinds = [(i, item) for i, item in enumerate(aino.items)]
            change = next(i for i, item in kinds if item.HasField("change") and item.change.version == thread)
            answer = next(i for i, item in kinds if item.HasField("response") and item.response.committed.version == thread)
            self.assertLess(change, answer)

    async def test_TheSameChangeIdIsAppliedOnceAlsoFromAnotherConnection(self):
        async with self.client(COUNCILLOR) as aino, self.client(COUNCILLOR) as second:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            change_id = new_change_id()
            command = dict(post_message=pb.PostMessage(room=room, thread=thread, text="kerran"))
            first = await aino.change(change_id, **command)
            again = await aino.change(change_id, **command)
            elsewhere = await second.change(change_id, **command)
            self.assertFalse(first.repeated)
            for repeated in (again, elsewhere):
                self.assertEqual((repeated.channel, repeated.version, repeated.repeated), (first.channel, first.version, True))
            texts = [m.message.text for m in (await aino.history(room, thread)).messages]
            self.assertEqual(texts.count("kerran"), 1)

    async def test_TheSameChangeIdWithAnotherContentIsAConflict(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            change_id = new_change_id()
            await aino.change(change_id, post_message=pb.PostMessage(room=room, thread=thread, text="näin"))
            error = await aino.refused(change_id, post_message=pb.PostMessage(room=room, thread=thread, text="noin"))
            self.assertEqual((error.code, error.reason), (code("CONFLICT"), "change_id_reused"))
            # Ids are told apart by member: another's is their own.
            other = await pekka.change(change_id, post_message=pb.PostMessage(room=room, thread=thread, text="minä"))
            self.assertFalse(other.repeated)

    async def test_PipelinedPostsOfOneConnectionKeepTheirOrder(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            texts = demo.sentences()[:200]
            futures = []
            for begin in range(0, len(texts), 40):
                futures += await aino.send(*[
                    pb.Request(change_id=new_change_id(), post_message=pb.PostMessage(room=room, thread=thread, text=text))
                    for text in texts[begin:begin + 40]])
            answers = await asyncio.wait_for(asyncio.gather(*futures), 60)
            versions = [answer.committed.version for answer in answers]
            self.assertEqual(versions, sorted(versions))
            self.assertEqual(len(set(versions)), len(texts))
            self.assertEqual(await self.all_texts(aino, room, thread), ["Ensimmäinen viesti"] + texts)

    async def all_texts(self, client, room, thread):
        texts, after = [], 0
        while True:
            page = await client.history(room, thread, after=after or 1, limit=100)
            texts += [m.message.text for m in page.messages]
            if not page.more:
                return texts
            after = int(page.messages[-1].key.split(":")[1])

    async def test_ThreeWritersAtOnceAreSeenInOneOrderByAll(self):
        handles = [COUNCILLOR, OTHER_COUNCILLOR, OFFICE_HOLDER]
        clients = [await self.client(handle).connect() for handle in handles]
        try:
            room = (await clients[0].room(ROOM)).id
            channel = f"room:{room}"
            thread = await clients[0].start_thread(room)
            for client in clients:
                await client.subscribe(channel)

            async def write(client, name):
                for n in range(30):
                    await client.post(room, thread, f"{name} {n}")

            await asyncio.gather(*(write(client, str(i)) for i, client in enumerate(clients)))
            last = max(client.mirrors[channel].version for client in clients)
            for client in clients:
                await client.until(lambda c=client: c.mirrors[channel].version >= last, "everything has arrived")
            seen = [[(c.version, c.entities[0].message.text) for c in client.changes(channel)] for client in clients]
            self.assertEqual(len(seen[0]), 90)
            self.assertTrue(seen[0] == seen[1] == seen[2])
        finally:
            await asyncio.gather(*(client.close() for client in clients))

    async def test_EditIsShownAndModeratorsSeeTheEarlierText(self):
        async with self.client(COUNCILLOR) as aino, self.client(MODERATOR) as marja, self.client(OTHER_COUNCILLOR) as pekka:
            room = await aino.room(ROOM)
            channel, moderation = f"room:{room.id}", f"moderation:{room.forum}"
            await pekka.subscribe(channel)
            self.assertFalse((await marja.subscribe(moderation))[moderation].HasField("error"))
            refused = (await pekka.subscribe(moderation))[moderation]
            self.assertEqual(refused.error.reason, "channel_not_found")
            thread = await aino.start_thread(room.id, "Otsikko", "virhe")
            await aino.change(edit_message=pb.EditMessage(room=room.id, message=thread, text="oikein"))
            await pekka.until(lambda: pekka.entity(channel, f"message:{thread}").message.text == "oikein", "the edit arrives")
            message = pekka.entity(channel, f"message:{thread}").message
            self.assertEqual(message.edits, 1)
            self.assertGreaterEqual(message.edited_ms, message.created_ms)
            key = f"earlier:{room.id}:{thread}:1"
            await marja.until(lambda: marja.entity(moderation, key), "the earlier text reaches the moderator")
            earlier = marja.entity(moderation, key).earlier_text
            self.assertEqual((earlier.text, earlier.author, earlier.removed), ("virhe", aino.welcome.self.id, False))

    async def test_DeletedMessageIsATombstoneAndItsTextOnlyModerators(self):
        async with self.client(COUNCILLOR) as aino, self.client(MODERATOR) as marja, self.client(OTHER_COUNCILLOR) as pekka:
            room = await aino.room(ROOM)
            channel, moderation = f"room:{room.id}", f"moderation:{room.forum}"
            await marja.subscribe(moderation)
            await pekka.subscribe(channel)
            thread = await aino.start_thread(room.id)
            message = await aino.post(room.id, thread, "liikaa sanottu")
            await pekka.change(react=pb.React(room=room.id, message=message, emoji="👍"))
            await aino.change(delete_message=pb.DeleteMessage(room=room.id, message=message))
            await pekka.until(lambda: pekka.entity(channel, f"message:{message}").message.deleted_ms, "the tombstone arrives")
            self.assertEqual(pekka.entity(channel, f"message:{message}").message.text, "")
            self.assertIsNone(pekka.entity(channel, f"reactions:{message}"))
            history = await pekka.history(room.id, thread)
            self.assertEqual([(m.message.text, bool(m.message.deleted_ms)) for m in history.messages],
                             [("Ensimmäinen viesti", False), ("", True)])
            key = f"earlier:{room.id}:{message}:1"
            await marja.until(lambda: marja.entity(moderation, key), "the removed text reaches the moderator")
            earlier = marja.entity(moderation, key).earlier_text
            self.assertEqual((earlier.text, earlier.removed), ("liikaa sanottu", True))
            error = await aino.refused(new_change_id(), edit_message=pb.EditMessage(room=room.id, message=message, text="x"))
            self.assertEqual((error.code, error.reason), (code("FORBIDDEN"), "message_deleted"))

    async def test_ForeignMessageIsNeitherEditedNorDeleted(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            for command in (dict(edit_message=pb.EditMessage(room=room, message=thread, text="x")),
                            dict(delete_message=pb.DeleteMessage(room=room, message=thread))):
                error = await pekka.refused(new_change_id(), **command)
                self.assertEqual((error.code, error.reason), (code("FORBIDDEN"), "not_author"))

    async def test_ReactionIsTakenBackAndTwiceIsOnce(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            room = (await aino.room(ROOM)).id
            channel = f"room:{room}"
            thread = await aino.start_thread(room)
            await aino.subscribe(channel)
            react = dict(react=pb.React(room=room, message=thread, emoji="👍"))
            first = await pekka.change(**react)
            again = await pekka.change(**react)
            self.assertEqual(again.version, first.version)
            await aino.change(**react)
            await aino.until(lambda: aino.mirrors[channel].version > first.version, "both reactions arrive")
            reaction, = aino.entity(channel, f"reactions:{thread}").reactions.reactions
            self.assertEqual((reaction.emoji, sorted(reaction.members)),
                             ("👍", sorted([aino.welcome.self.id, pekka.welcome.self.id])))
            history = await aino.history(room, thread)
            self.assertEqual([e.key for e in history.reactions], [f"reactions:{thread}"])
            for client in (aino, pekka):
                await client.change(react=pb.React(room=room, message=thread, emoji="👍", remove=True))
            await aino.until(lambda: aino.entity(channel, f"reactions:{thread}") is None, "the reactions are gone")

    async def test_WritingWhereOneMayOnlyReadIsForbidden(self):
        async with self.client(COUNCILLOR) as aino, self.client(EXPERT) as outi:
            room = (await aino.room("tutkimuksesta-poimittua")).id
            error = await aino.refused(new_change_id(), start_thread=pb.StartThread(room=room, title="a", text="b"))
            self.assertEqual((error.code, error.reason), (code("FORBIDDEN"), "may_not_write"))
            self.assertGreater(await outi.start_thread(room), 0)

    async def test_PagesJoinToTheWholeThreadInBothDirections(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room, "Pitkä", "0")
            ids = [thread] + [await aino.post(room, thread, str(n)) for n in range(1, 23)]

            def page_ids(page):
                return [int(m.key.split(":")[1]) for m in page.messages]

            latest = await aino.history(room, thread, limit=10)
            self.assertEqual((page_ids(latest), latest.more), (ids[13:], True))
            middle = await aino.history(room, thread, before=ids[13], limit=10)
            self.assertEqual((page_ids(middle), middle.more), (ids[3:13], True))
            oldest = await aino.history(room, thread, before=ids[3], limit=10)
            self.assertEqual((page_ids(oldest), oldest.more), (ids[:3], False))
            forward = await aino.history(room, thread, after=ids[2], limit=10)
            self.assertEqual((page_ids(forward), forward.more), (ids[3:13], True))
            end = await aino.history(room, thread, after=ids[12], limit=10)
            self.assertEqual((page_ids(end), end.more), (ids[13:], False))

    async def test_ThreadsArePagedByActivity(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room("kuntien-yhteistyo")).id
            threads = [await aino.start_thread(room, f"Ketju {n}") for n in range(7)]
            await aino.post(room, threads[0], "takaisin ylös")
            seen, before = [], 0
            while True:
                page = await aino.threads(room, before_activity=before, limit=3)
                seen += [int(s.thread.key.split(":")[1]) for s in page.threads]
                if not page.more:
                    break
                before = page.threads[-1].last_activity
            self.assertEqual(seen[:7], [threads[0]] + threads[:0:-1])
            self.assertEqual(len(seen), len(set(seen)))

    async def test_TypingReachesTheRoomAndNotMoreOftenThanItMay(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            room = (await aino.room(ROOM)).id
            channel = f"room:{room}"
            thread = await aino.start_thread(room)
            await pekka.subscribe(channel)
            for _ in range(5):
                await aino.request(typing=pb.Typing(room=room, thread=thread))

            def typing():
                return [e.is_typing for e in pekka.of_kind("ephemeral") if e.channel == channel and e.HasField("is_typing")]

            event = (await pekka.until(typing, "typing arrives"))[0]
            self.assertEqual((event.member, event.thread), (aino.welcome.self.id, thread))
            last = await aino.post(room, thread, "kirjoitettu")
            await pekka.until(lambda: pekka.mirrors[channel].version >= last, "the post arrives")
            self.assertEqual(len(typing()), 1)

    async def test_PresenceTellsWhoCameAndWhoLeft(self):
        room = None
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room("talous-ja-tulevaisuus")).id
            channel = f"room:{room}"
            await aino.subscribe(channel)
            me = aino.welcome.self.id

            def present():
                members = set()
                for event in aino.of_kind("ephemeral"):
                    if event.channel == channel and event.HasField("presence"):
                        members = set() if event.presence.full else members
                        members |= set(event.presence.joined)
                        members -= set(event.presence.left)
                return members

            await aino.until(lambda: me in present(), "the list with oneself")
            async with self.client(OTHER_COUNCILLOR) as pekka:
                await pekka.subscribe(channel)
                await aino.until(lambda: pekka.welcome.self.id in present(), "pekka is there")
            await aino.until(lambda: present() == {me}, "pekka has left")

    async def test_UnsubscribedChannelIsSilent(self):
        async with self.client(COUNCILLOR) as aino, self.client(OTHER_COUNCILLOR) as pekka:
            rooms = [(await aino.room(slug)).id for slug in (ROOM, "hallintosaanto")]
            channels = [f"room:{room}" for room in rooms]
            await aino.subscribe(*channels)
            await aino.request(unsubscribe=pb.Unsubscribe(channels=[channels[0], "room:4711"]))
            before = len(aino.changes(channels[0]))
            for room in rooms:
                await pekka.start_thread(room)
            await aino.until(lambda: aino.changes(channels[1]), "the other channel goes on")
            self.assertEqual(len(aino.changes(channels[0])), before)


class ComingBack(ServerCase):
    async def test_ResumeInOneRequestMissesAndDoublesNothing(self):
        chooser = random.Random(SEED)
        slugs = [ROOM, "talous-ja-tulevaisuus", "kuntien-yhteistyo", PEER_ROOM]
        async with self.client(OTHER_COUNCILLOR) as pekka:
            rooms = [(await pekka.room(slug)).id for slug in slugs]
            threads = {room: await pekka.start_thread(room) for room in rooms}
            mirrors = {}
            written = {room: [] for room in rooms}
            for _ in range(5):
                async with self.client(COUNCILLOR, mirrors) as aino:
                    mirrors = aino.mirrors
                    channels = [f"room:{room}" for room in rooms] + [f"member:{aino.welcome.self.id}"]
                    await aino.subscribe(*channels)
                    await self.write(pekka, chooser, rooms, threads, written)
                # Disconnected: this is missed and comes with the next subscribe.
                await self.write(pekka, chooser, rooms, threads, written)
            async with self.client(COUNCILLOR, mirrors) as aino:
                synced = await aino.subscribe(*channels)
                self.assertFalse(any(item.reset for item in synced.values()))
                for room in rooms:
                    mine = {key: entity.message.text for key, entity in mirrors[f"room:{room}"].entities.items()
                            if entity.message.thread == threads[room] and key.startswith("message:")}
                    self.assertEqual(mine, dict(written[room]), f"room {room}")

    async def write(self, client, chooser, rooms, threads, written):
        for n in range(chooser.randint(1, 12)):
            room = chooser.choice(rooms)
            if written[room] and chooser.random() < 0.3:
                index = chooser.randrange(len(written[room]))
                key = written[room][index][0]
                text = f"muutettu {chooser.random()}"
                await client.change(edit_message=pb.EditMessage(room=room, message=int(key.split(":")[1]), text=text))
                written[room][index] = (key, text)
            else:
                text = f"viesti {n} {chooser.random()}"
                version = await client.post(room, threads[room], text)
                written[room].append((f"message:{version}", text))

    async def test_SubscribingWhileOthersWriteLeavesNoGap(self):
        async with self.client(OTHER_COUNCILLOR) as pekka, self.client(COUNCILLOR) as aino:
            room = (await pekka.room(ROOM)).id
            channel = f"room:{room}"
            thread = await pekka.start_thread(room)
            await aino.subscribe(channel)

            async def write():
                for n in range(60):
                    await pekka.post(room, thread, f"rivi {n}")

            writing = asyncio.ensure_future(write())
            while not writing.done():
                await aino.subscribe(channel)  # Mirror asserts that nothing is missing between Synced and changes
            await writing
            last = (await pekka.threads(room)).version
            await aino.until(lambda: aino.mirrors[channel].version >= last, "everything has arrived")
            texts = [e.message.text for k, e in sorted(aino.mirrors[channel].entities.items(), key=lambda x: x[1].version)
                     if k.startswith("message:") and e.message.thread == thread and k != f"message:{thread}"]
            self.assertEqual(texts, [f"rivi {n}" for n in range(60)])

    async def test_ChangeIdIsKnownAndHistoryTheSameAfterARestart(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            change_id = new_change_id()
            command = dict(post_message=pb.PostMessage(room=room, thread=thread, text="ennen"))
            first = await aino.change(change_id, **command)
            before = await aino.history(room, thread)
        self.server.restart()
        async with self.client(COUNCILLOR) as aino:
            again = await aino.change(change_id, **command)
            self.assertEqual((again.version, again.repeated), (first.version, True))
            after = await aino.history(room, thread)
            self.assertEqual(after.SerializeToString(), before.SerializeToString())

    async def test_ChangeMadeTooLongAgoIsExpired(self):
        async with self.client(COUNCILLOR) as aino:
            room = (await aino.room(ROOM)).id
            made = aino.welcome.now_ms - (aino.welcome.limits.change_id_hours * 3600 + 60) * 1000
            with self.assertRaises(Refused) as caught:
                await aino.request(new_change_id(), made, start_thread=pb.StartThread(room=room, title="a", text="b"))
            self.assertEqual((caught.exception.error.code, caught.exception.error.reason), (code("EXPIRED"), "change_expired"))


class TwoDevices(ServerCase):
    async def devices(self, handle):
        pair = [await self.client(handle).connect() for _ in range(2)]
        for device in pair:
            await device.subscribe(f"member:{device.welcome.self.id}")
            self.addAsyncCleanup(device.close)
        return pair

    async def own(self, device, key):
        channel = f"member:{device.welcome.self.id}"
        return await device.until(lambda: device.entity(channel, key), f"{key} on the other device")

    async def test_ReadMarksMoveBothWaysOnBothDevices(self):
        phone, laptop = await self.devices(COUNCILLOR)
        async with self.client(OTHER_COUNCILLOR) as pekka:
            room = (await pekka.room(ROOM)).id
            thread = await pekka.start_thread(room)
            posts = [await pekka.post(room, thread, str(n)) for n in range(4)]
            self.assertEqual((await phone.summary(room, thread)).unread, 5)
            key = f"read:{room}:{thread}"
            await phone.change(mark_read=pb.MarkRead(room=room, thread=thread, to=posts[2]))
            self.assertEqual((await self.own(laptop, key)).read_mark.to, posts[2])
            summary = await laptop.summary(room, thread)
            self.assertEqual((summary.unread, summary.read_to, summary.messages), (1, posts[2], 5))
            await laptop.change(mark_read=pb.MarkRead(room=room, thread=thread, to=thread))
            channel = f"member:{phone.welcome.self.id}"
            await phone.until(lambda: phone.entity(channel, key).read_mark.to == thread, "marked as unread again")
            self.assertEqual((await phone.summary(room, thread)).unread, 4)
            # Reading and posting never move the mark by themselves, and own messages are not unread.
            await phone.history(room, thread)
            await phone.post(room, thread, "oma")
            summary = await phone.summary(room, thread)
            self.assertEqual((summary.read_to, summary.unread), (thread, 4))
            error = await phone.refused(new_change_id(), mark_read=pb.MarkRead(room=room, thread=thread, to=10**9))
            self.assertEqual((error.code, error.field), (code("INVALID"), "to"))

    async def test_UnreadIsCountedUpToTheCap(self):
        async with self.client(OTHER_COUNCILLOR) as pekka, self.client(COUNCILLOR) as aino:
            room = (await pekka.room(ROOM)).id
            thread = await pekka.start_thread(room)
            cap = (await aino.threads(room)).unread_cap
            self.assertGreater(cap, 0)
            for n in range(cap + 3):
                await pekka.post(room, thread, str(n))
            self.assertEqual((await aino.summary(room, thread)).unread, cap)

    async def test_DraftIsOnBothDevicesUntilDiscarded(self):
        phone, laptop = await self.devices(COUNCILLOR)
        room = (await phone.room(ROOM)).id
        thread = await phone.start_thread(room)
        for place, title in ((thread, ""), (0, "Otsikon alku")):
            await phone.change(save_draft=pb.SaveDraft(room=room, thread=place, text="kesken", title=title))
            draft = (await self.own(laptop, f"draft:{room}:{place}")).draft
            self.assertEqual((draft.text, draft.title), ("kesken", title))
            self.assertGreater(draft.saved_ms, 0)
            await laptop.change(save_draft=pb.SaveDraft(room=room, thread=place))
            channel, key = f"member:{phone.welcome.self.id}", f"draft:{room}:{place}"
            await phone.until(lambda: phone.entity(channel, key) is None, "the draft is gone")

    async def test_FollowAndMuteAreOnBothDevices(self):
        phone, laptop = await self.devices(COUNCILLOR)
        room = (await phone.room(ROOM)).id
        thread = await phone.start_thread(room)
        channel, key = f"member:{phone.welcome.self.id}", f"watch:{room}:{thread}"
        for level in (1, 2):
            await phone.change(set_watch=pb.SetWatch(room=room, thread=thread, level=level))
            await laptop.until(lambda: (e := laptop.entity(channel, key)) and e.watch.level == level, "the level arrives")
            self.assertEqual((await laptop.summary(room, thread)).watch, level)
        await laptop.change(set_watch=pb.SetWatch(room=room, thread=thread, level=0))
        await phone.until(lambda: not (e := phone.entity(channel, key)) or e.watch.level == 0, "back to normal")

    async def test_MentionAndReplyReachTheInboxOfAllDevices(self):
        phone, laptop = await self.devices(COUNCILLOR)
        async with self.client(OTHER_COUNCILLOR) as pekka:
            room = (await pekka.room(ROOM)).id
            thread = await phone.start_thread(room)
            mention = await pekka.post(room, thread, f"Mitä sanoo @{COUNCILLOR}? Ei siis `@{OFFICE_HOLDER}`.")
            reply = await pekka.post(room, thread, "Vastaus", reply_to=thread)
            history = await pekka.history(room, thread)
            self.assertEqual(list(history.messages[1].message.mentions), [phone.welcome.self.id])
            for device in (phone, laptop):
                entry = (await self.own(device, f"inbox:{room}:{mention}")).inbox_entry
                self.assertEqual((entry.kind, entry.room, entry.thread, entry.message, entry.author, entry.seen),
                                 (1, room, thread, mention, pekka.welcome.self.id, False))
                self.assertEqual((await self.own(device, f"inbox:{room}:{reply}")).inbox_entry.kind, 2)
            listed = (await phone.request(read_inbox=pb.ReadInbox(limit=2))).inbox.entries
            self.assertEqual({e.key for e in listed}, {f"inbox:{room}:{reply}", f"inbox:{room}:{mention}"})
            await phone.change(mark_inbox_seen=pb.MarkInboxSeen(room=room, message=mention))
            channel = f"member:{laptop.welcome.self.id}"
            await laptop.until(lambda: laptop.entity(channel, f"inbox:{room}:{mention}").inbox_entry.seen, "seen everywhere")

    async def test_WhoMayNotReadTheRoomIsNotMentioned(self):
        async with self.client(COUNCILLOR) as aino, self.client(OFFICE_HOLDER) as riitta:
            room = (await aino.room(PEER_ROOM)).id
            before = len((await riitta.request(read_inbox=pb.ReadInbox())).inbox.entries)
            thread = await aino.start_thread(room, "Otsikko", f"@{OFFICE_HOLDER} ei näe tätä, @{OTHER_COUNCILLOR} näkee")
            history = await aino.history(room, thread)
            found = (await aino.request(read_members=pb.ReadMembers(handles=[OTHER_COUNCILLOR]))).members.members
            self.assertEqual(list(history.messages[0].message.mentions), [found[0].id])
            async with self.client(OTHER_COUNCILLOR) as pekka:
                channel = f"member:{found[0].id}"
                await pekka.subscribe(channel)
                await pekka.until(lambda: pekka.entity(channel, f"inbox:{room}:{thread}"), "the mention arrives")
            # The effects of one commit are done together: what was to come to riitta would be there.
            after = len((await riitta.request(read_inbox=pb.ReadInbox())).inbox.entries)
            self.assertEqual(after, before)

    async def test_InboxIsPagedFromTheLatest(self):
        async with self.client(COUNCILLOR) as aino, self.client("tuula.vainio") as tuula:
            room = (await aino.room(ROOM)).id
            thread = await aino.start_thread(room)
            channel = f"member:{tuula.welcome.self.id}"
            await tuula.subscribe(channel)
            posts = [await aino.post(room, thread, f"@tuula.vainio {n}") for n in range(7)]
            await tuula.until(lambda: tuula.entity(channel, f"inbox:{room}:{posts[-1]}"), "the last mention arrives")
            seen, before = [], 0
            while len(seen) < 7:
                page = (await tuula.request(read_inbox=pb.ReadInbox(before=before, limit=3))).inbox
                seen += [e.key for e in page.entries]
                before = page.entries[-1].version
            self.assertEqual(seen[:7], [f"inbox:{room}:{post}" for post in reversed(posts)])


if __name__ == "__main__":
    unittest.main(verbosity=2)

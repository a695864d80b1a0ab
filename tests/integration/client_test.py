"""A client that was written from docs/protocol.md alone, with Debian's python3-websockets and python3-protobuf: says Hello, subscribes,
posts and sees its own changes. resume_test.py: and resumes."""

import asyncio
import unittest

from support import demo
from support.cases import COUNCILLOR, EXPERT, MODERATOR, OFFICE_HOLDER, OTHER_COUNCILLOR, ROOM, ClientCase
from support.wire import change, code, new_change_id, pb


class Talking(ClientCase):
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
            seen = next(i for i, item in kinds if item.HasField("change") and item.change.version == thread)
            answer = next(i for i, item in kinds if item.HasField("response") and item.response.committed.version == thread)
            self.assertLess(seen, answer)

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
                    change(post_message=pb.PostMessage(room=room, thread=thread, text=text))
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
            self.assertEqual((earlier.text, earlier.author, earlier.removed), ("", aino.welcome.self.id, False))
            read = pb.ReadEarlierTexts(room=room.id, message=thread)
            found, = (await marja.request(read_earlier_texts=read)).earlier_texts.texts
            self.assertEqual((found.key, found.earlier_text.text), (key, "virhe"))

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
            self.assertEqual((earlier.text, earlier.removed), ("", True))
            read = pb.ReadEarlierTexts(room=room.id, message=message)
            found, = (await marja.request(read_earlier_texts=read)).earlier_texts.texts
            self.assertEqual(found.earlier_text.text, "liikaa sanottu")
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


if __name__ == "__main__":
    unittest.main(verbosity=2)

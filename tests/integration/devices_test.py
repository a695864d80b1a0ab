"""Two devices of one member stay in step: read marks, drafts, watching and the inbox."""

import unittest

from support.cases import COUNCILLOR, OFFICE_HOLDER, OTHER_COUNCILLOR, PEER_ROOM, ROOM, ClientCase
from support.wire import code, new_change_id, pb

MUTE = 2  # Watch.LEVEL_MUTE


class TwoDevices(ClientCase):
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

    async def test_MutedThreadBringsNothingToTheInbox(self):
        phone, _ = await self.devices(COUNCILLOR)
        async with self.client(OTHER_COUNCILLOR) as pekka:
            room = (await pekka.room(ROOM)).id
            muted, heard = await pekka.start_thread(room), await pekka.start_thread(room)
            await phone.change(set_watch=pb.SetWatch(room=room, thread=muted, level=MUTE))
            silent = await pekka.post(room, muted, f"Kuuletko, @{COUNCILLOR}?")
            loud = await pekka.post(room, heard, f"Entä nyt, @{COUNCILLOR}?")
            await self.own(phone, f"inbox:{room}:{loud}")
            self.assertIsNone(phone.entity(f"member:{phone.welcome.self.id}", f"inbox:{room}:{silent}"))

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

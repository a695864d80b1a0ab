"""What each member sees: forums, rooms, threads, members; and that what may not be seen is as if it were not there."""

import unittest

from support import demo
from support.cases import COUNCILLOR, OFFICE_HOLDER, PEER_ROOM, ClientCase
from support.wire import code, new_change_id, pb


class WhatOneSees(ClientCase):
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
                lambda room: dict(lock_thread=pb.LockThread(room=room, thread=thread, locked=True, reason="b")),
                lambda room: dict(pin_thread=pb.PinThread(room=room, thread=thread)),
                lambda room: dict(restrict_thread=pb.RestrictThread(room=room, thread=thread)),
                lambda room: dict(set_thread_state=pb.SetThreadState(room=room, thread=thread)),
                lambda room: dict(tag_thread=pb.TagThread(room=room, thread=thread)),
                lambda room: dict(rename_thread=pb.RenameThread(room=room, thread=thread, title="b")),
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

    async def test_OnesOwnIsExportedFromRoomsOutOfSightTooAndNothingOfOthers(self):
        async with self.client(COUNCILLOR) as aino, self.client(OFFICE_HOLDER) as riitta:
            room = (await aino.room(PEER_ROOM)).id
            thread = await aino.start_thread(room)
            posts = [await aino.post(room, thread, f"oma {n}") for n in range(3)]
            found, page = [], pb.ExportOwn()
            while True:
                answer = (await aino.request(export_own=page)).own_entities
                found += [(answer.room, entity) for entity in answer.entities]
                if not answer.more:
                    break
                page = pb.ExportOwn(room=answer.next_room, since=answer.next_since)
            self.assertEqual({e.message.author for _, e in found if e.HasField("message")}, {aino.welcome.self.id})
            self.assertLessEqual({f"message:{n}" for n in posts}, {e.key for r, e in found if r == room})
            foreign = (await riitta.request(export_own=pb.ExportOwn(room=room))).own_entities
            self.assertEqual([e for e in foreign.entities if e.message.author != riitta.welcome.self.id], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)

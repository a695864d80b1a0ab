"""One connection's changes are applied in the order sent, whatever each must look up first; one change id is decided once."""

import asyncio
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, ClientCase
from support.wire import Refused, change, code, new_change_id, pb

ROUNDS = 10


class OrderOnOneConnection(ClientCase):
    async def asyncSetUp(self):
        self.aino = await self.client(COUNCILLOR).connect()
        self.addAsyncCleanup(self.aino.close)
        self.room = (await self.aino.room(ROOM)).id
        self.thread = await self.aino.start_thread(self.room)
        self.messages = [await self.aino.post(self.room, self.thread, str(n)) for n in range(ROUNDS)]

    def post(self, n):
        return change(post_message=pb.PostMessage(room=self.room, thread=self.thread, text=f"perässä {n}"))

    async def answers(self, frames):
        """The answers to all frames, which are sent without waiting for any of them."""
        futures = []
        for frame in frames:
            futures += await self.aino.send(*frame)
        return await deadline.within(asyncio.gather(*futures), "all changes are answered")

    async def assert_in_order(self, frames):
        answers = await self.answers(frames)
        self.assertEqual([a.error.reason for a in answers if a.HasField("error")], [])
        versions = [answer.committed.version for answer in answers]
        self.assertEqual(versions, sorted(set(versions)))

    async def assert_each_before_its_post(self, build):
        for n, message in enumerate(self.messages):
            await self.assert_in_order([[change(**build(message)), self.post(n)]])

    async def test_EditIsBeforeThePostBehindIt(self):
        await self.assert_each_before_its_post(
            lambda m: {"edit_message": pb.EditMessage(room=self.room, message=m, text="muutettu")})

    async def test_DeleteIsBeforeThePostBehindIt(self):
        await self.assert_each_before_its_post(lambda m: {"delete_message": pb.DeleteMessage(room=self.room, message=m)})

    async def test_ReactionIsBeforeThePostBehindIt(self):
        await self.assert_each_before_its_post(lambda m: {"react": pb.React(room=self.room, message=m, emoji="👍")})

    async def test_AllRoundsAtOnceKeepTheirOrder(self):
        await self.assert_in_order(
            [change(edit_message=pb.EditMessage(room=self.room, message=m, text="muutettu")), self.post(n),
             change(react=pb.React(room=self.room, message=m, emoji="👍")), self.post(n),
             change(delete_message=pb.DeleteMessage(room=self.room, message=m)), self.post(n)]
            for n, m in enumerate(self.messages))

    async def test_WhatFollowsARefusedChangeIsDoneInOrder(self):
        nowhere = change(edit_message=pb.EditMessage(room=self.room, message=10**9, text="ei missään"))
        first, refused, second = await self.answers([[self.post(1), nowhere, self.post(2)]])
        self.assertEqual((refused.error.code, refused.error.reason), (code("NOT_FOUND"), "message_not_found"))
        self.assertLess(first.committed.version, second.committed.version)

    async def test_ReadMarkIsBeforeTheDraftBehindIt(self):
        for n, message in enumerate(self.messages):
            await self.assert_in_order([[
                change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=message)),
                change(save_draft=pb.SaveDraft(room=self.room, text=f"kesken {n}"))]])

    async def test_ReadMarkIsBeforeTheSeenInboxEntryBehindIt(self):
        channel = f"member:{self.aino.welcome.self.id}"
        await self.aino.subscribe(channel)
        async with self.client(OTHER_COUNCILLOR) as pekka:
            mentions = [await pekka.post(self.room, self.thread, f"@{COUNCILLOR} {n}") for n in range(ROUNDS)]
        for mention in mentions:
            await self.aino.until(lambda m=mention: self.aino.entity(channel, f"inbox:{self.room}:{m}"), "the mention arrives")
        for mention in mentions:
            await self.assert_in_order([[
                change(mark_read=pb.MarkRead(room=self.room, thread=self.thread, to=mention)),
                change(mark_inbox_seen=pb.MarkInboxSeen(room=self.room, message=mention))]])


class ChangeThatHadNothingToChange(ClientCase):
    """Repeated after another device has changed things, it is answered as it was and not decided anew."""

    async def asyncSetUp(self):
        self.phone, self.laptop = [await self.client(COUNCILLOR).connect() for _ in range(2)]
        for device in (self.phone, self.laptop):
            self.addAsyncCleanup(device.close)
        self.room = (await self.phone.room(ROOM)).id
        self.thread = await self.phone.start_thread(self.room, text="alku")

    async def assert_decided_once(self, command, undo, other):
        """The command, the same again with nothing to change, the other device's undo, and the second one repeated."""
        await self.phone.change(**command)
        change_id = new_change_id()
        first = await self.phone.change(change_id, **command)
        self.assertFalse(first.repeated)
        undone = await self.laptop.change(**undo)
        self.assertGreater(undone.version, first.version)
        again = await self.phone.change(change_id, **command)
        self.assertEqual((again.repeated, again.channel, again.version), (True, first.channel, first.version))
        error = await self.phone.refused(change_id, **other)
        self.assertEqual((error.code, error.reason), (code("CONFLICT"), "change_id_reused"))

    async def test_ReactionStaysAway(self):
        def react(emoji, remove=False):
            return {"react": pb.React(room=self.room, message=self.thread, emoji=emoji, remove=remove)}

        await self.assert_decided_once(react("👍"), react("👍", remove=True), react("👏"))
        history = await self.phone.history(self.room, self.thread)
        self.assertEqual([list(r.reactions.reactions) for r in history.reactions if r.reactions.reactions], [])

    async def test_TextStaysAsTheOtherDeviceMadeIt(self):
        def edit(text):
            return {"edit_message": pb.EditMessage(room=self.room, message=self.thread, text=text)}

        await self.assert_decided_once(edit("toinen"), edit("kolmas"), edit("neljäs"))
        history = await self.phone.history(self.room, self.thread)
        self.assertEqual(history.messages[0].message.text, "kolmas")

    async def test_ReadMarkStaysWhereTheOtherDevicePutIt(self):
        posts = [await self.phone.post(self.room, self.thread, str(n)) for n in range(3)]

        def mark(to):
            return {"mark_read": pb.MarkRead(room=self.room, thread=self.thread, to=to)}

        await self.assert_decided_once(mark(posts[2]), mark(self.thread), mark(posts[0]))
        self.assertEqual((await self.phone.summary(self.room, self.thread)).read_to, self.thread)

    async def test_RefusedChangeIsDecidedAnew(self):
        """A refusal is not remembered: once there is a reason to accept the change, the same id is accepted."""
        change_id = new_change_id()
        async with self.client(OTHER_COUNCILLOR) as pekka:
            command = {"mark_read": pb.MarkRead(room=self.room, thread=self.thread, to=self.thread + 1)}
            with self.assertRaises(Refused):
                await self.phone.change(change_id, **command)
            await pekka.post(self.room, self.thread, "nyt on mihin merkitä")
            self.assertFalse((await self.phone.change(change_id, **command)).repeated)


if __name__ == "__main__":
    unittest.main(verbosity=2)

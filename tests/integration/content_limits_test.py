"""Limits of reactions, edits and what is done to threads, set small: at and under them all is well, over them there is a typed
answer."""

import unittest

from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, ConfiguredCase
from support.wire import code, new_change_id, pb


class Content(ConfiguredCase):
    EMOJI_BYTES, EDITS, REACTION_MEMBERS = 8, 2, 2
    PINNED, REASON_BYTES, SLOW_S, TAGS, TAG_BYTES = 2, 10, 60, 2, 6
    NARROW = {"content.emoji_bytes": EMOJI_BYTES, "content.edits": EDITS, "content.reaction_members": REACTION_MEMBERS,
              "content.pinned_threads": PINNED, "content.reason_bytes": REASON_BYTES, "content.slow_mode_s": SLOW_S,
              "content.tags": TAGS, "content.tag_bytes": TAG_BYTES}

    async def asyncSetUp(self):
        self.aino = await self.connected(COUNCILLOR)
        self.room = (await self.aino.room(ROOM)).id
        self.message = await self.aino.start_thread(self.room)

    def react(self, emoji):
        return {"react": pb.React(room=self.room, message=self.message, emoji=emoji)}

    def edit(self, text):
        return {"edit_message": pb.EditMessage(room=self.room, message=self.message, text=text)}

    async def assert_refused(self, client, command, code_name, reason, field):
        error = await client.refused(new_change_id(), **command)
        self.assertEqual((error.code, error.reason, error.field), (code(code_name), reason, field))

    async def test_EmojiIsMeasuredInBytes(self):
        for emoji, size in (("👍", 4), ("👍⚖", 7), ("👍🏽", 8)):
            self.assertEqual(len(emoji.encode()), size)
            await self.aino.change(**self.react(emoji))
            await self.aino.change(react=pb.React(room=self.room, message=self.message, emoji=emoji, remove=True))
        self.assertEqual(len("⚖️⚖".encode()), self.EMOJI_BYTES + 1)
        await self.assert_refused(self.aino, self.react("⚖️⚖"), "INVALID", "emoji_too_long", "emoji")

    async def test_Edits(self):
        for n in range(self.EDITS):
            await self.aino.change(**self.edit(f"muutos {n}"))
        await self.assert_refused(self.aino, self.edit("yksi liikaa"), "LIMITED", "too_many_edits", "message")
        await self.aino.change(**self.edit(f"muutos {self.EDITS - 1}"))  # the text that it has: no further edit
        message = (await self.aino.history(self.room, self.message)).messages[0].message
        self.assertEqual((message.edits, message.text), (self.EDITS, f"muutos {self.EDITS - 1}"))

    async def test_MembersBehindTheReactions(self):
        for handle in (COUNCILLOR, OTHER_COUNCILLOR):
            await (await self.connected(handle)).change(**self.react("👍"))
        marja = await self.connected(MODERATOR)
        for emoji in ("👍", "👏"):
            await self.assert_refused(marja, self.react(emoji), "LIMITED", "too_many_reaction_members", "emoji")
        await self.aino.change(react=pb.React(room=self.room, message=self.message, emoji="👍", remove=True))
        await marja.change(**self.react("👍"))

    async def test_PinnedThreads(self):
        marja = await self.connected(MODERATOR)
        threads = [self.message, *[await self.aino.start_thread(self.room) for _ in range(self.PINNED)]]

        def pin(thread, **values):
            return {"pin_thread": pb.PinThread(room=self.room, thread=thread, **values)}

        for thread in threads[:self.PINNED]:
            await marja.change(**pin(thread))
        await self.assert_refused(marja, pin(threads[-1]), "LIMITED", "too_many_pinned", "thread")
        await marja.change(**pin(threads[0], announcement=True))  # one that is pinned may be so otherwise
        await marja.change(**pin(threads[0], unpin=True))
        await marja.change(**pin(threads[-1]))
        for thread in threads:
            await marja.change(**pin(thread, unpin=True))

    async def test_WhatModeratorsSayAndForHowLong(self):
        marja = await self.connected(MODERATOR)

        def lock(reason, locked=True):
            return {"lock_thread": pb.LockThread(room=self.room, thread=self.message, locked=locked, reason=reason)}

        def slow(seconds):
            return {"restrict_thread": pb.RestrictThread(room=self.room, thread=self.message, slow_mode_s=seconds)}

        await marja.change(**lock("a" * self.REASON_BYTES))
        await self.assert_refused(marja, lock("a" * (self.REASON_BYTES + 1)), "INVALID", "text_too_long", "reason")
        await marja.change(**lock("", locked=False))
        await marja.change(**slow(self.SLOW_S))
        await self.assert_refused(marja, slow(self.SLOW_S + 1), "INVALID", "slow_mode_too_long", "slow_mode_s")
        await marja.change(**slow(0))

    async def test_Tags(self):
        def tag(*tags):
            return {"tag_thread": pb.TagThread(room=self.room, thread=self.message, tags=tags)}

        await self.aino.change(**tag("Sote", "SOTE", "ä" * (self.TAG_BYTES // 2)))  # two of them
        thread = (await self.aino.summary(self.room, self.message)).thread.thread
        self.assertEqual(list(thread.tags), ["sote", "äää"])
        await self.assert_refused(self.aino, tag("a", "b", "c"), "LIMITED", "too_many_tags", "tags")
        await self.assert_refused(self.aino, tag("ääää"), "INVALID", "text_too_long", "tags")


if __name__ == "__main__":
    unittest.main(verbosity=2)

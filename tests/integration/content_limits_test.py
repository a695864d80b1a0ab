"""Limits of reactions and edits, set small: at and under them all is well, over them there is a typed answer."""

import unittest

from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, ConfiguredCase
from support.wire import code, new_change_id, pb


class Content(ConfiguredCase):
    EMOJI_BYTES, EDITS, REACTION_MEMBERS = 8, 2, 2
    NARROW = {"content.emoji_bytes": EMOJI_BYTES, "content.edits": EDITS, "content.reaction_members": REACTION_MEMBERS}

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


if __name__ == "__main__":
    unittest.main(verbosity=2)

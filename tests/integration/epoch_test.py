"""Redis comes back with a backup, and has grown past what was lost before a node that knew of it looks: who holds a version of what is
gone is told so, on any node."""

import contextlib
import os
import signal
import time
import unittest

from support import auth, deadline, processes
from support.calls import post
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import RedisServer
from support.server import Server
from support.wire import ENDED, Client, Mirror, Refused, change, new_change_id, pb

KEPT, LOST, NEW = 3, 4, 9
FENCE_PATIENCE = 5  # seconds, of the server
WORKERS = 2


class Epochs(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = self.node()

    def node(self, options=None):
        server = Server({**UNLIMITED, **(options or {})}, ["--redis", self.redis.url, "--workers", str(WORKERS)], demo=not options)
        self.addCleanup(server.dispose)
        return server.start()

    def client(self, server, handle, mirrors=None):
        return Client(server.url, self.server.token(handle), mirrors)

    async def post(self, server, room, thread, texts):
        async with self.client(server, COUNCILLOR) as author:
            return [await author.post(room, thread, text) for text in texts]

    async def messages(self, reader, room, thread):
        return {entity.key: entity.message.text for entity in (await reader.history(room, thread)).messages}

    def restored_beside(self):
        """Another node, on the backup, while the first one stands still."""
        os.kill(self.server.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.server.process.pid, signal.SIGCONT)
        deadline.until(lambda: processes.state(self.server.process.pid) == "T", "the node stands still")
        self.redis.replace("appendonlydir", "backup")
        return self.node({"second_factor.key_file": os.path.join(self.server.data, "second-factor.key")})

    async def test_WhatIsDecidedOnWhatIsGoneIsNotDone(self):
        async with self.client(self.server, COUNCILLOR) as author, self.client(self.server, OTHER_COUNCILLOR) as bystander:
            room = (await author.room(ROOM)).id
            thread = await author.start_thread(room)
            self.redis.replace("backup", "appendonlydir")
            lost = await author.post(room, thread, "katoaa")
            error = await bystander.refused(new_change_id(), edit_message=pb.EditMessage(room=room, message=lost, text="ei"))
            self.assertEqual(error.reason, "not_author", "the node has it at hand")
            other = self.restored_beside()
            async with self.client(other, OTHER_COUNCILLOR) as writer:
                self.assertEqual(await writer.post(room, thread, "toisen oma"), lost, "the same number")
            waits, = await author.send(change(edit_message=pb.EditMessage(room=room, message=lost, text="väärä")))
            os.kill(self.server.process.pid, signal.SIGCONT)
            with contextlib.suppress(*ENDED, Refused):
                await deadline.within(waits, "an answer, or the end of the connection")
            async with self.client(other, OTHER_COUNCILLOR) as reader:
                self.assertEqual((await self.messages(reader, room, thread))[f"message:{lost}"], "toisen oma")
            self.assertEqual(bystander.of_kind("notice"), [], "who had nothing of it is not disturbed")

    async def test_FenceOfASignOutThatIsGoneHoldsNothing(self):
        await self.lost_sign_out(0)

    async def test_FenceThatIsDueWhileRedisIsAwayHoldsNothing(self):
        await self.lost_sign_out(FENCE_PATIENCE + 1)

    async def lost_sign_out(self, away):
        """`away`: seconds after the sign-out for which Redis is away at least."""
        async with self.client(self.server, ADMINISTRATOR) as sanna:
            member = await auth.member(self.server, sanna, "vieno.vuori")
            room = (await sanna.room(ROOM)).id
            thread = await sanna.start_thread(room)
            self.redis.replace("backup", "appendonlydir")
            self.assertEqual(post(self.server, "/auth/sign-out", {}, member.token).status, 200)
            until = time.monotonic() + away
            self.redis.replace("appendonlydir", "backup", lambda: deadline.until(lambda: time.monotonic() >= until, "Redis was away so long"))
        # Each worker sets the fence once more after a time, in case the process that should have has ended.
        deadline.until(lambda: self.server.log().count("the directory that had it is gone") == WORKERS, "each worker has come to it")
        end = time.monotonic() + deadline.SECONDS
        while not await self.is_shown(room, thread):
            self.assertLess(time.monotonic(), end, "a message is shown")

    async def is_shown(self, room, thread):
        """Whether a new message is. While partitions find, one after the other, that something is gone, connections end for it."""
        with contextlib.suppress(*ENDED, Refused):
            async with self.client(self.server, COUNCILLOR) as author, self.client(self.server, OTHER_COUNCILLOR) as reader:
                await reader.subscribe(f"room:{room}")
                written = await author.post(room, thread, "nähdään yhä")
                await reader.until(lambda: reader.mirrors[f"room:{room}"].version == written, "it is shown")
                return True
        return False

    async def test_VersionThatIsSomethingElseNowIsReset(self):
        async with self.client(self.server, COUNCILLOR) as author:
            room = (await author.room(ROOM)).id
            thread = await author.start_thread(room)
        channel = f"room:{room}"
        await self.post(self.server, room, thread, [f"jää {n}" for n in range(KEPT)])
        self.redis.replace("backup", "appendonlydir")

        async with self.client(self.server, OTHER_COUNCILLOR) as reader:
            await reader.subscribe(channel)
            self.assertEqual(reader.mirrors[channel].epoch, 0)
            lost = await self.post(self.server, room, thread, [f"katoaa {n}" for n in range(LOST)])
            await reader.until(lambda: reader.mirrors[channel].version == lost[-1], "all is shown")
            other = self.restored_beside()
            new = await self.post(other, room, thread, [f"uusi {n}" for n in range(NEW)])
            self.assertEqual(new[:LOST], lost, "the same versions, and more")
            held = Mirror()
            held.version = lost[-1]
            async with self.client(other, OTHER_COUNCILLOR, {channel: held}) as moved:
                self.assertFalse((await moved.subscribe(channel))[channel].reset, "nobody who is there knows")
                os.kill(self.server.process.pid, signal.SIGCONT)
                for client in (reader, moved):
                    await client.ended()
                    self.assertEqual(client.of_kind("notice")[-1].closing.error.reason, "changes_missed")
            mirrors = reader.mirrors

        for server in (other, self.server):
            async with self.client(server, OTHER_COUNCILLOR, {channel: mirrors[channel]}) as again:
                synced = (await again.subscribe(channel))[channel]
                self.assertEqual((synced.reset, synced.version), (server is other, new[-1]))
                self.assertGreater(synced.epoch, 0)
                told = await self.messages(again, room, thread)
                self.assertEqual([told[f"message:{version}"] for version in new], [f"uusi {n}" for n in range(NEW)])
                self.assertFalse([text for text in told.values() if text.startswith("katoaa")])

        after, = await self.post(self.server, room, thread, ["jälkeen"])
        self.assertEqual(after, new[-1] + 1)

    async def restored_while_stopped(self, options=(), before=lambda: None):
        """Whether a client is told so that had less than the backup has, after the server was stopped, and how the log says it."""
        async with self.client(self.server, COUNCILLOR) as author:
            room = (await author.room(ROOM)).id
            thread = await author.start_thread(room)
        channel = f"room:{room}"
        self.redis.replace("backup", "appendonlydir")
        async with self.client(self.server, OTHER_COUNCILLOR) as reader:
            await reader.subscribe(channel)
            await self.post(self.server, room, thread, ["katoaa"])
            await reader.until(lambda: reader.mirrors[channel].version == thread + 1, "it is shown")
        self.server.interrupt(signal.SIGTERM)
        self.redis.replace("appendonlydir", "backup")
        before()
        self.server.arguments += options
        self.server.start()
        await self.post(self.server, room, thread, ["uusi", "ja toinen"])
        async with self.client(self.server, OTHER_COUNCILLOR, {channel: reader.mirrors[channel]}) as again:
            synced = (await again.subscribe(channel))[channel]
            self.assertEqual(synced.version, thread + 2)
        return synced.reset, self.server.log()

    def remembered(self):
        return os.path.join(self.server.data, "released")

    async def test_WhatWasReleasedIsRememberedOverAStop(self):
        reset, log = await self.restored_while_stopped()
        self.assertTrue(reset)
        self.assertIn("is not the one that was released", log)

    async def test_WhereNothingIsRememberedItIsSaid(self):
        reset, log = await self.restored_while_stopped(["--restored"], lambda: os.unlink(self.remembered()))
        self.assertTrue(reset)
        self.assertIn("as --restored says", log)

    async def test_WhatCannotBeReadIsWarnedOf(self):
        def damage():
            os.truncate(self.remembered(), os.path.getsize(self.remembered()) - 6)

        reset, log = await self.restored_while_stopped(before=damage)
        self.assertFalse(reset, "nobody can know")
        self.assertIn("cannot be read", log)

    async def test_RestartAloneIsNoLoss(self):
        await self.restored_while_stopped(["--restored"])
        epochs = []
        for end in (signal.SIGTERM, signal.SIGKILL):
            self.server.arguments = [word for word in self.server.arguments if word != "--restored"]
            deadline.until(lambda: os.path.exists(self.remembered()), "it is remembered")
            if end == signal.SIGKILL:
                self.server.kill()
            else:
                self.server.interrupt(end)
            begin = len(self.server.log())
            self.server.start()
            async with self.client(self.server, COUNCILLOR) as aino:
                room = (await aino.room(ROOM)).id
                synced = (await aino.subscribe(f"room:{room}"))[f"room:{room}"]
            epochs.append(synced.epoch)
            self.assertNotIn("is not the one", self.server.log()[begin:])
        self.assertEqual(epochs[0], epochs[1])
        self.assertGreater(epochs[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

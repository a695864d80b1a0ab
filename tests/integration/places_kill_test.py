"""Whatever is killed in between: an act on a place is done with its record or not at all, and the rooms' subscribers are told of it, once."""

import collections
import contextlib
import os
import signal
import unittest

from websockets.exceptions import WebSocketException

from audit_test import records_of
from crash_points_test import VARIABLE, are_built
from support import deadline
from support.cases import COUNCILLOR, MODERATOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import RedisServer
from support.server import Server
from support.wire import Client, new_change_id, pb

POINTS = ("change_decided", "commands_written", "reply_read", "entries_read", "commit_released", "author_answered", "fence_kept",
          "effects_begun", "effect_applied")
PASSES = int(os.environ.get("FOORUMI_PASSES", "3"))  # of each point, or until one is not come to
TRIES = 8


@unittest.skipUnless(are_built(), "a build without crash points")
class Killed(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.redis = RedisServer()
        self.addCleanup(self.redis.stop)
        self.server = Server(UNLIMITED, ["--redis", self.redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(COUNCILLOR) as aino:
            found = (await aino.request(list_rooms=pb.ListRooms())).rooms.rooms
            self.forum = next(room.forum for room in found if room.slug == ROOM)
            self.channels = [f"room:{room.id}" for room in found if room.forum == self.forum]

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    async def until_told(self, client, archived, seen):
        for channel, synced in seen.items():
            await client.until(lambda c=channel, s=synced: s.room.archived == archived or (
                (e := client.entity(c, "room")) and e.room.archived == archived), f"{channel} is told of")

    async def until_killed(self, point, change_id, command, archived=None):
        """Whether the point was come to."""
        self.assertEqual(self.server.interrupt(), 0)  # so that the next start has as much to do as the one before
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]
        answered = False
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            self.server.await_ready()
            async with self.client(ADMINISTRATOR) as sanna:
                seen = await sanna.subscribe(*self.channels)
                await sanna.change(change_id, **command)
                answered = True
                if archived is not None:
                    await self.until_told(sanna, archived, seen)
        if not answered:
            deadline.until(lambda: self.server.process.poll() is not None, f"{point} is come to")
        killed = self.server.process.poll() is not None
        if killed:
            self.assertEqual(self.server.process.returncode, -signal.SIGKILL)
        else:
            self.server.kill()  # what follows may still be to be done
        self.server.port = 0
        self.server.start()
        return killed

    async def versions(self, archived):
        """Of the rooms' channels, once they are told."""
        async with self.client(COUNCILLOR) as aino:
            await self.until_told(aino, archived, await aino.subscribe(*self.channels))
            return {channel: aino.mirrors[channel].version for channel in self.channels}

    async def archive_or_restore(self, point, before, archived, acts):
        """Kills at `point`. `acts`: so many there are then. Returns whether it was come to, and the rooms' versions."""
        change_id = new_change_id()
        command = {"archive_place": pb.ArchivePlace(forum=self.forum, archived=archived, reason="riittää")}
        killed = await self.until_killed(point, change_id, command, archived)
        async with self.client(ADMINISTRATOR) as sanna:
            done = (await sanna.change(change_id, **command)).version  # as who has had no answer
            records = [r.act for r in await records_of(self, sanna) if r.forum == self.forum]
            self.assertEqual(len(records), acts)
            self.assertEqual(records[-1], "archive_place" if archived else "restore_place")
        after = await self.versions(archived)
        self.assertEqual(after, {channel: version + 1 for channel, version in before.items()}, f"told once of {done}")
        return killed, after

    async def test_AForumIsArchivedWholeAndItsRoomsAreToldOnce(self):
        acts, killed = 0, collections.Counter()
        versions = await self.versions(False)
        points = [(name, n) for name in POINTS for n in range(1, PASSES + 1)]
        # Subscribers may have been told of the last room before the point behind it is come to, even the first time: then it is
        # tried again.
        for name, n in points + TRIES * [("effect_applied", 1), ("effect_applied", 2)]:
            if (n > killed[name] + 1) or (name == "effect_applied" and n <= killed[name]):
                continue
            acts += 1
            with self.subTest(name, n=n, acts=acts):
                at_point, versions = await self.archive_or_restore(f"{name}:{n}", versions, acts % 2 == 1, acts)
                killed[name] += at_point
        print(f"killed {killed.total()} times: {dict(killed)}", flush=True)
        self.assertTrue(all(killed[name] for name in POINTS), "each is come to")
        self.assertGreater(killed["effect_applied"], 1, "when some rooms are told, and others not")

    async def test_ANewRoomIsToldOfWhateverIsKilled(self):
        for name in ("reply_read", "fence_kept", "effects_begun", "effect_applied"):
            with self.subTest(name):
                change_id, slug = new_change_id(), name.replace("_", "-")
                command = {"create_room": pb.CreateRoom(forum=self.forum, slug=slug, title="Uusi")}
                await self.until_killed(f"{name}:1", change_id, command)
                async with self.client(ADMINISTRATOR) as sanna, self.client(MODERATOR) as marja:
                    room = (await sanna.change(change_id, **command)).version
                    channel = f"room:{room}"
                    synced = (await marja.subscribe(channel))[channel]
                    await marja.until(lambda s=synced, c=channel, m=marja: s.room.slug or m.entity(c, "room"), "it is told of")
                    self.assertEqual([r.id for r in (await marja.request(list_rooms=pb.ListRooms())).rooms.rooms if r.slug == slug], [room])


if __name__ == "__main__":
    unittest.main(verbosity=2)

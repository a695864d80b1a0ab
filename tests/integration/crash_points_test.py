"""Every crash point of the server is come to, ends it as kill -9 would, and leaves nothing lost or doubled (server/base/crash_points.def).
The chaos runs choose among them at random; here each is shown to be there, at its first pass."""

import contextlib
import os
import re
import signal
import unittest

from websockets.exceptions import WebSocketException

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import RedisServer
from support.server import FOORUMID, Server
from support.wire import Client, entities, new_change_id, pb

VARIABLE = "FOORUMI_CRASH_POINT"
DEFINITIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "server", "base", "crash_points.def")
# Come to with replicas, or where a feed was lost: by the chaos runs only.
ELSEWHERE = {"replicas_have_it", "epoch_raised"}
ELSEWHERE_BY_NAME = ("move_", "held_", "retention_")  # by moves_kill_test.py, held_kill_test.py, holds_kill_test.py


def names():
    with open(DEFINITIONS, encoding="utf-8") as file:
        return re.findall(r"^CRASH_POINT\((\w+),", file.read(), re.MULTILINE)


def are_built():
    with open(FOORUMID, "rb") as program:
        return VARIABLE.encode() in program.read()


@unittest.skipUnless(are_built(), "a build without crash points")
class CrashPoints(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        redis = RedisServer()
        self.addCleanup(redis.stop)
        self.server = Server(UNLIMITED, ["--redis", redis.url, "--workers", "2"], demo=True)
        self.addCleanup(self.server.dispose)
        self.server.start()
        async with self.client(COUNCILLOR) as author:
            self.room = (await author.room(ROOM)).id
            rooms = (await author.request(list_rooms=pb.ListRooms())).rooms.rooms
            self.narrowed = next(room.id for room in rooms if room.id != self.room)
            self.thread = await author.start_thread(self.room)
        self.server.kill()

    def client(self, handle):
        return Client(self.server.url, self.server.token(handle))

    def launch(self, point):
        self.server.port = 0
        self.server.environment[VARIABLE] = point
        self.server.launch()
        del self.server.environment[VARIABLE]

    async def post(self, change_id, text):
        async with self.client(COUNCILLOR) as author:
            return await author.change(change_id, post_message=pb.PostMessage(room=self.room, thread=self.thread, text=text))

    async def versions_of(self, text):
        async with self.client(OTHER_COUNCILLOR) as reader:
            page = await reader.history(self.room, self.thread)
            return [int(entity.key.split(":")[1]) for entity in page.messages if entity.message.text == text]

    async def use_all(self, change_id, text):
        """A message that mentions somebody, with its effects, and something that is fenced."""
        self.server.await_ready()
        self.acknowledged = (await self.post(change_id, text)).version
        async with self.client(ADMINISTRATOR) as sanna:
            for audience in ({"read": [entities.ROLE_OFFICE_HOLDER]}, None):
                await sanna.change(set_audience=pb.SetAudience(room=self.narrowed, audience=audience, exposes_history=True))

    async def test_EachIsComeToAndLeavesNothingLostOrDoubled(self):
        for point in names():
            if point in ELSEWHERE or point.startswith(ELSEWHERE_BY_NAME):
                continue
            with self.subTest(point):
                change_id, text = new_change_id(), f"@{OTHER_COUNCILLOR} {point}"
                self.acknowledged = None
                self.launch(f"{point}:1")
                with contextlib.suppress(OSError, AssertionError, WebSocketException):  # it ends at some time of this
                    await self.use_all(change_id, text)
                deadline.until(lambda: self.server.process.poll() is not None, f"{point} is come to")
                self.assertEqual(self.server.process.returncode, -signal.SIGKILL)
                self.server.port = 0
                self.server.start()
                before = await self.versions_of(text)
                if self.acknowledged:
                    self.assertEqual(before, [self.acknowledged], "what was acknowledged is there")
                again = await self.post(change_id, text)
                self.assertEqual(await self.versions_of(text), [again.version])
                self.assertIn(before, ([], [again.version]))
                self.server.kill()

    async def test_PointThatIsNotThereIsRefused(self):
        for wrong in ("nowhere:1", "commit_released", "commit_released:", "commit_released:0", "commit_released:1x", ":1"):
            with self.subTest(wrong):
                self.launch(wrong)
                deadline.until(lambda: self.server.process.poll() is not None, "it ends")
                self.assertNotIn(self.server.process.returncode, (0, -signal.SIGKILL))
                self.assertIn("names no crash point and pass: " + wrong, self.server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)

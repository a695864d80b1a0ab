"""The Python client after a lost connection and after a restart of the server: it resumes by version and repeats by change id."""

import asyncio
import random
import unittest

from support.cases import COUNCILLOR, OTHER_COUNCILLOR, PEER_ROOM, ROOM, ClientCase
from support.seeds import seed
from support.wire import Refused, code, new_change_id, pb

SEED = seed()


class ComingBack(ClientCase):
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


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Members write over two nodes while their room, or its forum, is archived, or its audience narrowed: from the act's fence on, nothing of
them lands in the room's channel, by what the feed itself has. Where a node hears of nothing meanwhile, neither.

Rounds and seed: places_race_test.py [rounds [seed]]."""

import asyncio
import contextlib
import random
import sys
import unittest

from support import auth, deadline, seeds
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import Nodes
from support.redis import Redis
from support.wire import Client, code, entities, new_change_id, now_ms, pb

ROUNDS, SEED = 12, None
OTHER_ROOM = "talous-ja-tulevaisuus"  # of the same forum
AT_ONCE = 3  # changes under way of each writer


class Writer:
    """A member's connection that adds to a room, several things at a time, each until it is refused."""

    def __init__(self, client, room, thread, chance):
        self.client, self.room, self.thread, self.chance = client, room, thread, chance
        self.done, self.own, self.refusals = [], [], []

    def next_command(self):
        kind = self.chance.choice(["post", "post", "start", "edit", "react", "rename"])
        place = {"room": self.room, "thread": self.thread}
        if kind == "edit" and self.own:
            return {"edit_message": pb.EditMessage(room=self.room, message=self.chance.choice(self.own), text=f"muutos {len(self.done)}")}
        if kind == "react" and self.own:
            return {"react": pb.React(room=self.room, message=self.chance.choice(self.own), emoji=self.chance.choice("👍👏🎉"))}
        if kind == "start":
            return {"start_thread": pb.StartThread(room=self.room, title="Otsikko", text="alku")}
        if kind == "rename":
            return {"rename_thread": pb.RenameThread(**place, title=f"Otsikko {len(self.done)}")}
        return {"post_message": pb.PostMessage(**place, text=f"viesti {len(self.done)}")}

    async def _answer(self, command):
        """Repeats what an answer says was not applied, or whose fate is unknown, as clients do."""
        change_id, made = new_change_id(), now_ms()
        while True:
            future, = await self.client.send(pb.Request(change_id=change_id, made_at_ms=made, **command))
            answer = await deadline.within(future, "a change is answered")
            if answer.error.code not in (code("UNAVAILABLE"), code("OUTCOME_UNKNOWN")):
                return answer

    async def _write(self):
        while True:
            command = self.next_command()
            answer = await self._answer(command)
            if answer.HasField("error"):
                if answer.error.reason != "moderators_only":  # a thread of somebody else's
                    self.refusals.append(answer.error.reason)
                    return
            else:
                self.done.append(answer.committed.version)
                if "post_message" in command:
                    self.own.append(answer.committed.version)

    async def run(self):
        await asyncio.gather(*(self._write() for _ in range(AT_ONCE)))


class Races(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED, "content.edits": 10000}, late=True)
        self.addCleanup(self.nodes.dispose)
        self.redis = Redis(self.nodes.redis.home)
        self.addCleanup(self.redis.close)
        self.chance = random.Random(seeds.seed(SEED))
        self.clients = {}
        for handle in (COUNCILLOR, OTHER_COUNCILLOR, MODERATOR, ADMINISTRATOR):
            token = self.nodes.servers[0].token(handle)
            for n, node in enumerate(self.nodes):
                client = self.clients[handle, n] = await Client(node.url, token).connect()
                self.addAsyncCleanup(client.close)
        found = [await self.of(COUNCILLOR).room(slug) for slug in (ROOM, OTHER_ROOM)]
        self.rooms, self.forum = [room.id for room in found], found[0].forum
        for node in (0, 1):
            await self.of(COUNCILLOR, node).subscribe(*(f"room:{room}" for room in self.rooms))

    def of(self, handle, node=0):
        return self.clients[handle, node]

    # --- the feeds, past the server

    def feeds(self):
        return {key: int(self.redis.command("HGET", key.replace(b":feed", b":meta"), "n"))
                for key in self.redis.command("KEYS", "{p*}:feed")}

    def behind_the_fence(self, begins, version):
        """{channel: keys of entities} of what every partition has behind its fence for this version of the directory."""
        found = {}
        for feed, begin in begins.items():
            fenced = False
            for _, fields in self.redis.command("XRANGE", feed, f"({begin}-0", "+"):
                names = dict(zip(fields[::2], fields[1::2]))
                fenced = fenced or int(names.get(b"f", 0)) >= version
                if fenced and b"c" in names:
                    keys = [fields[n + 1].decode() for n in range(0, len(fields), 2) if fields[n] == b"k"]
                    found.setdefault(names[b"c"].decode(), []).extend(keys)
            self.assertTrue(fenced, f"{feed} has the fence")
        return found

    # --- a round

    async def writers(self, handles, nodes):
        writers = []
        for room in self.rooms:
            thread = await self.of(COUNCILLOR).start_thread(room, "Kierros")
            writers += [Writer(self.of(handle, node), room, thread, random.Random(self.chance.random()))
                        for handle in handles for node in nodes]
        return writers

    @contextlib.asynccontextmanager
    async def deaf(self, number, threads, reasons):
        """The second node hears of nothing from before the act until it has tried to commit a post behind it."""
        texts = {room: f"myohassa{number}x{room}" for room in threads}
        for room, thread in threads.items():
            await self.of(COUNCILLOR, 1).post(room, thread, "ennen")
        with self.nodes.feed.held():
            yield
            late = [(await self.of(COUNCILLOR, 1).send(pb.Request(change_id=new_change_id(), post_message=pb.PostMessage(
                room=room, thread=thread, text=texts[room]))))[0] for room, thread in threads.items()]
            for text in texts.values():
                await deadline.eventually(lambda t=text: self.nodes.feed.asked(t), "the second node has tried to commit it")
        for future in late:
            answer = await deadline.within(future, "the late post is answered")
            self.assertIn(answer.error.reason, reasons, f"a post of a node that had heard of nothing: {answer}")

    async def race(self, number, rooms, handles, act, reasons):
        """`act(node)` gives Committed. All that write in `rooms` get one of the reasons. In every second round the second node is deaf."""
        deaf = number % 2 == 1
        writers = await self.writers(handles, (0,) if deaf else (0, 1))
        threads = {writer.room: writer.thread for writer in writers if writer.room in rooms}
        running = [asyncio.ensure_future(writer.run()) for writer in writers if writer.room in rooms]
        landed = self.chance.randrange(1, 16)
        await deadline.eventually(lambda: sum(len(writer.done) for writer in writers) >= landed, "some changes land")
        begins = self.feeds()
        async with self.deaf(number, threads, reasons) if deaf else contextlib.AsyncExitStack():
            version = (await act(0 if deaf else self.chance.randrange(2))).version
        await deadline.within(asyncio.gather(*running), "all writers are refused")
        for writer in writers:
            self.assertLessEqual(set(writer.refusals), set(reasons))
            self.assertEqual(len(writer.refusals), AT_ONCE if writer.room in rooms else 0)
        behind = self.behind_the_fence(begins, version)
        for room in rooms:
            self.assertEqual([key for key in behind.get(f"room:{room}", []) if key != "room"], [])
        return [writer for writer in writers if writer.room in rooms]

    async def told(self, rooms, archived):
        """Subscribers of both nodes know it. The versions by which they do."""
        versions = {}
        for node in (0, 1):
            client = self.of(COUNCILLOR, node)
            for room in rooms:
                channel = f"room:{room}"
                await client.until(lambda c=channel: (e := client.entity(c, "room")) and e.room.archived == archived, "the room is told of")
                versions[room] = client.entity(channel, "room").version
        return versions

    def archive(self, archived, handle=MODERATOR, **place):
        def act(node):
            return self.of(handle, node).change(archive_place=pb.ArchivePlace(**place, archived=archived, reason="riittää"))
        return act

    async def test_NothingLandsBehindAnArchivingOnAnyNode(self):
        count = 0
        for number in range(ROUNDS):
            whole = self.chance.random() < 0.4
            rooms = self.rooms if whole else [self.chance.choice(self.rooms)]
            by, place = (ADMINISTRATOR, {"forum": self.forum}) if whole else (MODERATOR, {"room": rooms[0]})
            with self.subTest(round=number, whole=whole):
                writers = await self.race(number, rooms, (COUNCILLOR, OTHER_COUNCILLOR, MODERATOR), self.archive(True, by, **place),
                                          {"room_archived"})
                versions = await self.told(rooms, True)
                for writer in writers:
                    self.assertTrue(all(version < versions[writer.room] for version in writer.done), (versions, writer.done))
                for node in (0, 1):
                    for room in rooms:
                        mirror = self.of(COUNCILLOR, node).mirrors[f"room:{room}"]
                        self.assertEqual(mirror.version, versions[room], "and nothing behind it")
                count += sum(len(writer.done) for writer in writers)
                await self.archive(False, by, **place)(self.chance.randrange(2))
                for room in rooms:  # at once: it is restored when that is acknowledged
                    await self.of(COUNCILLOR, self.chance.randrange(2)).start_thread(room, "Taas auki")
                await self.told(rooms, False)
        print(f"{ROUNDS} rounds, {count} changes landed before their archiving", flush=True)
        self.assertGreater(count, ROUNDS)

    async def test_NothingLandsBehindANarrowerAudienceOnAnyNode(self):
        count = 0
        for number in range(ROUNDS):
            room = self.chance.choice(self.rooms)
            readers = self.chance.random() < 0.5
            roles = {"read" if readers else "write": [entities.ROLE_OFFICE_HOLDER]}

            def act(node, room=room, roles=roles):
                return self.of(ADMINISTRATOR, node).change(set_audience=pb.SetAudience(room=room, audience=entities.Audience(**roles)))

            with self.subTest(round=number, **roles):
                writers = await self.race(number, [room], (COUNCILLOR, OTHER_COUNCILLOR), act,
                                          {"room_not_found" if readers else "may_not_write"})
                count += sum(len(writer.done) for writer in writers)
                await self.of(ADMINISTRATOR, self.chance.randrange(2)).change(
                    set_audience=pb.SetAudience(room=room, exposes_history=True))
                for node in (0, 1):
                    client = self.of(COUNCILLOR, node)
                    await client.subscribe(f"room:{room}")
        print(f"{ROUNDS} rounds, {count} changes landed before their audience was narrowed", flush=True)
        self.assertGreater(count, ROUNDS)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

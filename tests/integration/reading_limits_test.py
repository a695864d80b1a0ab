"""What one answer holds at most: pages, snapshots, syncs, unread counts, presence lists. Each at, under and over its limit."""

import asyncio
import contextlib
import os
import signal
import unittest

from support import deadline, demo, processes
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, PEER_ROOM, ROOM, UNLIMITED, ConfiguredCase
from support.server import Server, run_client
from support.wire import code, pb

OTHER_ROOM = "kuntien-yhteistyo"


class Pages(ConfiguredCase):
    AT, DEFAULT = 4, 2
    OPTIONS = {"reading.page": AT, "reading.page_default": DEFAULT}

    async def assert_pages(self, client, command, count):
        """`command` names the request with a limit; `count` is of the answer's entries and whether there are more."""
        for limit, entries in ((0, self.DEFAULT), (1, 1), (self.AT - 1, self.AT - 1), (self.AT, self.AT)):
            self.assertEqual(count(await client.request(**command(limit))), (entries, True), f"limit {limit}")
        error = await client.refused(**command(self.AT + 1))
        self.assertEqual((error.code, error.reason, error.field), (code("LIMITED"), "page_too_large", "limit"))

    async def test_OfThreads(self):
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(ROOM)).id
        for n in range(self.AT + 1):
            await aino.start_thread(room, f"Ketju {n}")
        await self.assert_pages(aino, lambda limit: {"list_threads": pb.ListThreads(room=room, limit=limit)},
                                lambda answer: (len(answer.threads.threads), answer.threads.more))

    async def test_OfMessages(self):
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(ROOM)).id
        thread = await aino.start_thread(room)
        for n in range(self.AT):
            await aino.post(room, thread, str(n))
        await self.assert_pages(aino, lambda limit: {"read_history": pb.ReadHistory(room=room, thread=thread, limit=limit)},
                                lambda answer: (len(answer.history.messages), answer.history.more))

    async def test_OfTheInbox(self):
        aino, pekka = await self.connected(COUNCILLOR), await self.connected(OTHER_COUNCILLOR)
        channel = f"member:{aino.welcome.self.id}"
        await aino.subscribe(channel)
        room = (await pekka.room(ROOM)).id
        thread = await pekka.start_thread(room)
        for n in range(self.AT + 1):
            post = await pekka.post(room, thread, f"@{COUNCILLOR} {n}")
            await aino.until(lambda key=f"inbox:{room}:{post}": aino.entity(channel, key), "the mention arrives")
        await self.assert_pages(aino, lambda limit: {"read_inbox": pb.ReadInbox(limit=limit)},
                                lambda answer: (len(answer.inbox.entries), answer.inbox.more))

    async def test_OfMembers(self):
        aino = await self.connected(COUNCILLOR)
        handles = [COUNCILLOR, OTHER_COUNCILLOR, MODERATOR, "tuula.vainio", "elle.aikio"]
        for count in (1, self.AT - 1, self.AT):
            answer = await aino.request(read_members=pb.ReadMembers(handles=handles[:count]))
            self.assertEqual([member.handle for member in answer.members.members], handles[:count])
        for asked in (pb.ReadMembers(handles=handles), pb.ReadMembers(members=[1, 2], handles=handles[:self.AT - 1])):
            error = await aino.refused(read_members=asked)
            self.assertEqual((error.code, error.reason, error.field), (code("LIMITED"), "page_too_large", "members"))


async def room_pages(client, **asked):
    """The slugs of all answers to list_rooms, each asked for behind the last."""
    pages, after, more = [], 0, True
    while more:
        answer = (await client.request(list_rooms=pb.ListRooms(after=after, **asked))).rooms
        pages.append([room.slug for room in answer.rooms])
        after, more = answer.rooms[-1].id, answer.more
    return pages


class Rooms(ConfiguredCase):
    AT = 3
    OPTIONS = {"reading.rooms": AT}

    async def test_ComeInPagesInTheOrderOfTheirForums(self):
        for handle in demo.MEMBERS:
            expected = [slug for forum in demo.FORUMS for slug, room in demo.ROOMS.items()
                        if room["forum"] == forum and demo.may_read(handle, slug)]
            pages = await room_pages(await self.connected(handle))
            self.assertEqual(sum(pages, []), expected, handle)
            self.assertEqual([len(page) for page in pages[:-1]], [self.AT] * (len(pages) - 1), handle)

    async def test_OfOneForumEndWithIt(self):
        aino = await self.connected(COUNCILLOR)
        for forum in demo.FORUMS:
            expected = [slug for slug, room in demo.ROOMS.items() if room["forum"] == forum and demo.may_read(COUNCILLOR, slug)]
            if expected:
                self.assertEqual(sum(await room_pages(aino, forum_slug=forum), []), expected)

    async def test_BehindARoomThatOneMayNotReadAreAsBehindNone(self):
        aino, riitta = await self.connected(COUNCILLOR), await self.connected("riitta.salmi")
        hidden = next(slug for pages in [await room_pages(aino)] for page in pages for slug in page if slug == PEER_ROOM)
        after = next(room.id for room in (await aino.request(list_rooms=pb.ListRooms(
            forum_slug=demo.ROOMS[hidden]["forum"]))).rooms.rooms if room.slug == hidden)
        for room in (after, 999_999):
            error = await riitta.refused(list_rooms=pb.ListRooms(after=room))
            self.assertEqual((error.code, error.reason, error.field), (code("NOT_FOUND"), "room_not_found", "room"))


class ManyRooms(ConfiguredCase):
    COUNT = 700

    @classmethod
    def setUpClass(cls):
        cls.server = Server({**UNLIMITED, "network.outbox_bytes": 65536}, ["--bench-rooms", str(cls.COUNT)]).__enter__()

    async def test_DoNotFillMoreThanAQuarterOfAnOutbox(self):
        expected = [f"bench-{n}" for n in range(self.COUNT)]
        for starts in (1, 2):  # after a restart the rooms are there and are not made again
            if starts == 2:
                self.server.restart()
            async with self.client(COUNCILLOR) as aino:
                first = (await aino.request(list_rooms=pb.ListRooms(forum_slug="bench"))).rooms
                self.assertTrue(first.more)
                self.assertTrue(65536 // 4 * 0.9 < first.ByteSize() <= 65536 // 4 * 1.1, first.ByteSize())
                self.assertEqual(sum(await room_pages(aino, forum_slug="bench"), []), expected)
            shown = run_client(self.server, COUNCILLOR, "rooms", "bench", json=False).stdout
            self.assertEqual(shown.count("bench-"), 2 * self.COUNT, "slug and title of each")


class Snapshot(ConfiguredCase):
    AT = 6
    OPTIONS = {"reading.snapshot_threads": AT}

    async def test_HoldsSoManyThreadsAndTellsOfMore(self):
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(OTHER_ROOM)).id
        there = len((await aino.threads(room)).threads)
        self.assertLess(there, self.AT)
        for count in range(there, self.AT + 2):
            async with self.client(OTHER_COUNCILLOR) as pekka:
                threads = (await pekka.subscribe(f"room:{room}"))[f"room:{room}"].threads
            self.assertEqual((len(threads.threads), threads.more), (min(count, self.AT), count > self.AT), f"of {count}")
            newest = await aino.start_thread(room, str(count))
        self.assertNotIn(f"thread:{newest}", [summary.thread.key for summary in threads.threads], "what came later is not in it")


class Sync(ConfiguredCase):
    AT = 4
    OPTIONS = {"reading.sync_entities": AT}

    async def missed(self, client, channel, write, count):
        """What a client gets that resumes after so many changes."""
        await client.subscribe(channel)
        await client.request(unsubscribe=pb.Unsubscribe(channels=[channel]))
        for n in range(count):
            await write(n)
        return (await client.subscribe(channel))[channel]

    async def test_OfARoomIsASnapshotWhenItWouldHoldMore(self):
        aino, pekka = await self.connected(COUNCILLOR), await self.connected(OTHER_COUNCILLOR)
        room = (await aino.room(ROOM)).id
        thread = await aino.start_thread(room)
        for count in (1, self.AT - 1, self.AT, self.AT + 1):
            synced = await self.missed(pekka, f"room:{room}", lambda n: aino.post(room, thread, str(n)), count)
            over = count > self.AT
            self.assertEqual((synced.reset, len(synced.entities), synced.more), (over, 0 if over else count, False), count)
            self.assertEqual(synced.HasField("threads"), over)

    async def test_OfAMemberComesInPiecesWhenItWouldHoldMore(self):
        phone, laptop = await self.connected(COUNCILLOR), await self.connected(COUNCILLOR)
        room = (await phone.room(ROOM)).id
        channel = f"member:{phone.welcome.self.id}"
        for count in (1, self.AT - 1, self.AT, self.AT + 1):
            threads = [await phone.start_thread(room, str(n)) for n in range(count)]

            async def save(n, threads=threads):
                await phone.change(save_draft=pb.SaveDraft(room=room, thread=threads[n], text="kesken"))

            synced = await self.missed(laptop, channel, save, count)
            self.assertEqual((synced.reset, len(synced.entities), synced.more), (False, min(count, self.AT), count > self.AT), count)
            drafts = {f"draft:{room}:{thread}" for thread in threads}
            self.assertLessEqual(drafts, set(laptop.mirrors[channel].entities), "in the end it has them all")


class SyncsAtOnce(ConfiguredCase):
    """There is one partition, and Redis stands still while channels are asked for: what is read at once, what waits, and what is
    refused does not depend on who is quicker."""

    AT_ONCE, WAITING = 1, 2
    OPTIONS = {"reading.syncs_at_once": AT_ONCE, "reading.syncs_waiting": WAITING, "redis.partitions": 1}

    @contextlib.contextmanager
    def standing_still(self):
        redis, = processes.redis_children(self.server.data)
        os.kill(redis, signal.SIGSTOP)
        try:
            deadline.until(lambda: processes.state(redis) == "T", "Redis stands still")
            yield
        finally:
            os.kill(redis, signal.SIGCONT)

    async def answers(self, count):
        """Reasons of the refusals, "" for what was synced, of so many channels that are asked for at once, in the order of the answers."""
        async with self.client(COUNCILLOR) as aino:
            rooms = (await aino.request(list_rooms=pb.ListRooms())).rooms.rooms[:count]
            cursors = [pb.Subscribe.Cursor(channel=f"room:{room.id}") for room in rooms]
            self.assertEqual(len(cursors), count)

            def told():
                return [synced.error.reason for synced in aino.of_kind("synced")]

            with self.standing_still():
                asked = asyncio.ensure_future(aino.request(subscribe=pb.Subscribe(cursors=cursors)))
                over = max(0, count - self.AT_ONCE - self.WAITING)
                # Answered behind it by the same worker, with nothing to read.
                await aino.request(typing=pb.Typing(room=rooms[0].id, thread=1))
                await aino.until(lambda: len(told()) >= over, "what is over the limit is refused")
                self.assertEqual(len(told()), over)
            await asked
            return told()

    async def test_WaitForTheirTurnAndAreRefusedWhereTooManyWait(self):
        limit = self.AT_ONCE + self.WAITING
        self.assertEqual(await self.answers(limit - 1), [""] * (limit - 1))
        self.assertEqual(await self.answers(limit), [""] * limit)
        self.assertEqual(await self.answers(limit + 1), ["overloaded"] + [""] * limit)


class Unread(ConfiguredCase):
    CAP = 3
    OPTIONS = {"reading.unread_cap": CAP}

    async def test_IsCountedUpToTheCap(self):
        aino, pekka = await self.connected(COUNCILLOR), await self.connected(OTHER_COUNCILLOR)
        room = (await pekka.room(ROOM)).id
        self.assertEqual((await aino.threads(room)).unread_cap, self.CAP)
        thread = await pekka.start_thread(room)
        for count in range(1, self.CAP + 2):
            self.assertEqual((await aino.summary(room, thread)).unread, min(count, self.CAP), f"of {count}")
            await pekka.post(room, thread, str(count))
        snapshot = (await aino.subscribe(f"room:{room}"))[f"room:{room}"].threads
        self.assertEqual(snapshot.unread_cap, self.CAP)


class Presence(ConfiguredCase):
    AT = 2
    OPTIONS = {"reading.presence_list": AT}

    def last(self, client):
        told = [e.presence for e in client.of_kind("ephemeral") if e.channel == self.channel and e.HasField("presence")]
        return told[-1] if told else pb.Presence()

    async def enter(self, handle):
        client = await self.connected(handle)
        await client.subscribe(self.channel)
        return client

    async def told(self, client, present, listed):
        """Waits for the number; over the limit nobody is named."""
        await client.until(lambda: self.last(client).present == present, f"{present} are present")
        presence = self.last(client)
        self.assertEqual(bool(presence.joined or presence.left or presence.full), listed)
        return presence

    async def test_NamesMembersUpToTheLimitAndTellsOnlyTheirNumberOverIt(self):
        async with self.client(COUNCILLOR) as probe:
            self.channel = f"room:{(await probe.room('hallintosaanto')).id}"
        aino = await self.enter(COUNCILLOR)
        ids = [aino.welcome.self.id]
        self.assertEqual(list((await self.told(aino, 1, True)).joined), ids)
        pekka = await self.enter(OTHER_COUNCILLOR)
        ids.append(pekka.welcome.self.id)
        for client in (aino, pekka):
            await self.told(client, 2, True)
        marja = await self.enter(MODERATOR)
        for client in (aino, pekka, marja):
            await self.told(client, 3, False)
        await marja.close()
        for client in (aino, pekka):
            presence = await self.told(client, 2, True)
            self.assertTrue(presence.full, "nobody has a list to change")
            self.assertEqual(sorted(presence.joined), sorted(ids))


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What must not take more with it than itself: large answers, greedy members, unreadable entities, a full feed, a full inbox."""

import asyncio
import os
import signal
import time
import unittest

from support import deadline, processes
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, SMALL, ConfiguredCase, RawCase
from support.redis import Redis
from support.wire import Client, Mirror, Refused, change, code, new_change_id, pb


class LargeAnswers(ConfiguredCase):
    """With the outbox of the default configuration, 1 MiB."""

    POSTS, BYTES = 80, 15500

    async def asyncSetUp(self):
        self.aino = await self.connected(COUNCILLOR)
        self.room = (await self.aino.room(ROOM)).id
        self.thread = await self.aino.start_thread(self.room)

    async def asyncTearDown(self):
        self.assertFalse("reads too slowly" in self.server.log(), "a session was ended as a slow reader")

    def committed(self, answers):
        self.assertEqual([a.error.reason for a in answers if a.HasField("error")], [])
        return [answer.committed.version for answer in answers]

    async def posts(self):
        return self.committed(await self.all_answers(self.aino, [
            change(post_message=pb.PostMessage(room=self.room, thread=self.thread, text=f"{n:04}".ljust(self.BYTES, "x")))
            for n in range(self.POSTS)], frame=4))

    async def page_through(self, **start):
        """All pages of the largest size. Returns the ids read, in the order of reading, and the number of pages."""
        forward, bounds, ids = "after" in start, start, []
        for page in range(1, self.POSTS):
            history = await self.aino.history(self.room, self.thread, limit=100, **bounds)
            keys = [int(entity.key.split(":")[1]) for entity in history.messages]
            self.assertEqual(keys, sorted(keys))
            self.assertGreater(len(keys), 0)
            ids = ids + keys if forward else keys + ids
            if not history.more:
                return ids, page
            bounds = {"after": keys[-1]} if forward else {"before": keys[0]}
        self.fail("the pages never end")

    async def test_HistoryIsAnsweredInPartsAndPagedWhole(self):
        posts = await self.posts()
        history = await self.aino.history(self.room, self.thread, limit=100)
        self.assertTrue(history.more)
        self.assertLess(len(history.messages), self.POSTS)
        self.assertGreater(len(history.messages), 1)
        self.assertEqual(history.messages[-1].key, f"message:{posts[-1]}")
        for start in ({}, {"after": self.thread - 1}):
            ids, pages = await self.page_through(**start)
            self.assertEqual(ids, [self.thread, *posts])
            self.assertGreater(pages, 1)

    async def test_ResumeOfARoomIsASyncOrAReset(self):
        channel = f"room:{self.room}"
        far, near = await self.connected(OTHER_COUNCILLOR), await self.connected(OTHER_COUNCILLOR)
        await far.subscribe(channel)
        await far.request(unsubscribe=pb.Unsubscribe(channels=[channel]))
        posts = await self.posts()
        near.mirrors[channel] = Mirror()
        near.mirrors[channel].version = posts[-4]
        synced = await near.subscribe(channel)
        self.assertFalse(synced[channel].reset)
        self.assertEqual([e.key for e in synced[channel].entities], [f"message:{post}" for post in posts[-3:]])
        synced = await far.subscribe(channel)
        self.assertTrue(synced[channel].reset)
        last = await self.aino.post(self.room, self.thread, "eläväinen")
        for client in (near, far):
            await client.until(lambda c=client: c.entity(channel, f"message:{last}"), "both are live")

    async def test_SyncOfAMembersChannelComesInPieces(self):
        threads = self.committed(await self.all_answers(self.aino, [
            change(start_thread=pb.StartThread(room=self.room, title=str(n), text="alku"))
            for n in range(self.POSTS)]))
        self.committed(await self.all_answers(self.aino, [
            change(save_draft=pb.SaveDraft(room=self.room, thread=thread, text="y" * self.BYTES)) for thread in threads],
            frame=4))
        channel = f"member:{self.aino.welcome.self.id}"
        laptop = await self.connected(COUNCILLOR)
        first = await laptop.subscribe(channel)
        self.assertTrue(first[channel].more)
        drafts = {f"draft:{self.room}:{thread}" for thread in threads}
        self.assertLessEqual(drafts, set(laptop.mirrors[channel].entities))
        pieces = [item for item in laptop.of_kind("synced") if item.channel == channel]
        self.assertGreater(len(pieces), 2)
        self.assertFalse(pieces[-1].more)
        self.assertLess(max(piece.ByteSize() for piece in pieces), 1048576)


def listing(request_id):
    return pb.Request(id=request_id, list_forums=pb.ListForums())


def subscribe(*channels, request_id=6):
    return pb.Request(id=request_id, subscribe=pb.Subscribe(
        cursors=[pb.Subscribe.Cursor(channel=channel, generation=n) for n, channel in enumerate(channels, 1)]))


def nowhere(count):
    """Channels that do not exist."""
    return [f"room:{10**9 + n}" for n in range(count)]


WIDE = {**SMALL, "session.subscriptions": 64, "session.requests_per_frame": 64, "network.frame_bytes": 65536}


class SubscribeRequest(RawCase):
    OPTIONS = WIDE

    def channels(self, raw):
        raw.send(pb.Request(id=5, list_rooms=pb.ListRooms()))
        return [f"room:{room.id}" for room in raw.response(5).rooms.rooms]

    def items_until_done(self, raw, request_id):
        """What arrives up to the response with this id, that included."""
        items = [raw.next_item()]
        while items[-1].response.id != request_id:
            items.append(raw.next_item())
        return items

    def test_ThatNamesAChannelTwiceIsRefusedAsAWhole(self):
        raw = self.raw(self.token)
        first, second = self.channels(raw)[:2]
        for twice in ((first, first), (first, second, first), ("room:nowhere", second, "room:nowhere")):
            raw.send(subscribe(*twice), listing(9))
            items = self.items_until_done(raw, 9)
            self.assertEqual([i.WhichOneof("item") for i in items], ["response", "response"])
            error = items[0].response.error
            self.assertEqual((error.code, error.reason, error.field), (code("INVALID"), "channel_twice", "cursors"))
        raw.send(subscribe(first, second))
        synced = [i.synced for i in self.items_until_done(raw, 6) if i.HasField("synced")]
        self.assertEqual(sorted((s.channel, s.error.reason) for s in synced), sorted([(first, ""), (second, "")]))

    def test_HasOneSyncedForEachCursorAlsoOfWhatIsUnsubscribedMeanwhile(self):
        raw = self.raw(self.token)
        rooms = self.channels(raw)
        asked = [*rooms, "room:99999999", "nonsense"]
        for _ in range(10):
            raw.send(subscribe(*asked), pb.Request(id=7, unsubscribe=pb.Unsubscribe(channels=rooms[::2])),
                     subscribe(*rooms[1:2], request_id=8))
            done, synced = set(), []
            while done != {6, 7, 8}:
                item = raw.next_item()
                if item.HasField("response"):
                    self.assertTrue(item.response.HasField("done"), item)
                    done.add(item.response.id)
                elif item.HasField("synced"):
                    self.assertNotIn(item.synced.request, done, "Done is behind the Synced")
                    synced.append(item.synced)
            self.assertEqual(sorted(s.channel for s in synced if s.request == 6), sorted(asked))
            self.assertEqual([(s.channel, s.error.reason) for s in synced if s.request == 8], [(rooms[1], "")])
            self.assertLessEqual({s.error.reason for s in synced}, {"", "superseded", "channel_not_found"})
            raw.send(pb.Request(id=9, unsubscribe=pb.Unsubscribe(channels=rooms)))
            raw.response(9)


class CostOfSubscribe(RawCase):
    BURST = 40
    OPTIONS = {**WIDE, "session.requests_per_second": 5, "session.request_burst": BURST}

    def affordable(self, count):
        """How many of many small requests are accepted in one frame right behind a Subscribe of so many channels."""
        raw = self.raw(self.token)
        raw.send(subscribe(*nowhere(count)), *[listing(100 + n) for n in range(self.BURST)])
        self.assertTrue(raw.response(6).HasField("done"))
        answers = [raw.response(100 + n) for n in range(self.BURST)]
        refused = [answer.error.reason for answer in answers if answer.HasField("error")]
        self.assertEqual(set(refused), {"rate_limited"})
        return len(answers) - len(refused)

    def test_IsChargedForEachChannel(self):
        one, many = self.affordable(1), self.affordable(13)
        # 2 for a channel; what is earned meanwhile is the slack. Charged as one request, the difference would be 0.
        self.assertGreaterEqual(one - many, 2 * 12 - 4)

    def test_ThatIsDearerThanABurstNeedsAWholeOne(self):
        raw = self.raw(self.token)
        dear = nowhere(self.BURST)

        def accepted():
            raw.send(subscribe(*dear), subscribe(*dear, request_id=7))
            responses = [raw.response(request_id) for request_id in (6, 7)]
            refused = [response.error.reason for response in responses if response.HasField("error")]
            self.assertIn(refused, (["rate_limited"], ["rate_limited"] * 2))
            return len(refused) == 1

        # Hello took a part of the burst, so it may be refused at first, but not for ever.
        deadline.until(accepted, "the whole burst is there again and takes one")


class RateOfAMember(RawCase):
    BURST = 40
    OPTIONS = {**WIDE, "session.member_requests_per_second": 1, "session.member_request_burst": BURST,
               "session.limited_requests": 100}

    def until_limited(self, raw):
        for n in range(1, 10 * self.BURST):
            raw.send(listing(n))
            response = raw.response(n)
            if response.HasField("error"):
                self.assertEqual((response.error.code, response.error.reason), (code("LIMITED"), "rate_limited"))
                return n - 1
        self.fail("the rate is never limited")

    def test_IsNotRefilledByConnectingAgain(self):
        first = self.raw(self.token)
        self.assertGreaterEqual(self.until_limited(first), self.BURST)
        second = self.raw(self.token)
        self.assertLess(self.until_limited(second), self.BURST // 2)
        # With nobody left that holds it, too.
        for raw in (first, second):
            raw.__exit__()
        for _ in range(3):
            with self.raw(self.token) as third:
                self.assertLess(self.until_limited(third), self.BURST // 2)
        other = self.raw(self.server.token(OTHER_COUNCILLOR))
        self.assertGreaterEqual(self.until_limited(other), self.BURST)

    def test_WhoGoesOnOverItIsEnded(self):
        raw = self.raw(self.server.token("mats.sjoholm"))
        self.until_limited(raw)
        for _ in range(3):  # more than enough, should the clock allow some of them
            raw.send(*[listing(7)] * 64)
        error = self.closing(raw)
        self.assertEqual((error.code, error.reason), (code("LIMITED"), "rate_limited"))
        self.assert_ended(raw, 1008)


class LimitedRequests(RawCase):
    IN_A_ROW = 3
    OPTIONS = {**WIDE, "session.requests_per_second": 1, "session.request_burst": 10, "session.limited_requests": IN_A_ROW}

    def test_FramesWithoutARequestCountToo(self):
        raw = self.raw(self.token)
        for _ in range(40):
            raw.send()
        self.assertEqual(self.closing(raw).reason, "rate_limited")
        self.assert_ended(raw, 1008)

    def test_CountOnlyInARow(self):
        raw = self.raw(self.token)
        dear = subscribe(*nowhere(5), request_id=8)
        # Of 10, Hello took 1 and these 6: never enough for what is dear, three times enough for what is not.
        raw.send(*[listing(1)] * 6, *[dear, dear, listing(2)] * 6)
        answers = []
        while (item := raw.next_item()) is not None and item.HasField("response"):
            answers.append((item.response.id, item.response.error.reason))
        self.assertEqual(item.notice.closing.error.reason, "rate_limited")
        self.assertIn(answers.count((2, "")), (3, 4))
        self.assertEqual(answers[6:15], [(8, "rate_limited"), (8, "rate_limited"), (2, "")] * 3)


class UnreadableEntity(ConfiguredCase):
    OPTIONS = {"store.recent_bytes": 0}  # it is spoilt in Redis
    GARBAGE = b"\x62\xff"  # a message of a length that never ends

    async def asyncSetUp(self):
        self.aino = await self.connected(COUNCILLOR)
        self.pekka = await self.connected(OTHER_COUNCILLOR)
        self.room = (await self.aino.room(ROOM)).id
        self.channel = f"room:{self.room}"
        self.thread = await self.aino.start_thread(self.room)
        self.posts = [await self.aino.post(self.room, self.thread, str(n)) for n in range(5)]

    def spoil(self, channel, key):
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        found = redis.command("KEYS", "{p*}:e:" + channel)
        self.assertEqual(len(found), 1)
        before = redis.command("HGET", found[0], key)
        self.assertIsNotNone(before, key)
        redis.command("HSET", found[0], key, self.GARBAGE)
        self.addCleanup(redis.command, "HSET", found[0], key, before)

    def assert_logged(self, key):
        deadline.until(lambda: f"entity {key} at version" in self.server.log(), f"{key} is logged")

    async def test_MessageCostsItsHistoryOnlyItself(self):
        spoilt = self.posts[2]
        self.spoil(self.channel, f"message:{spoilt}")
        history = await self.aino.history(self.room, self.thread)
        self.assertEqual([entity.key for entity in history.messages],
                         [f"message:{n}" for n in [self.thread, *self.posts] if n != spoilt])
        self.assert_logged(f"message:{spoilt}")

    async def test_MessageIsLeftOutOfASync(self):
        await self.pekka.subscribe(self.channel)
        await self.pekka.close()
        later = [await self.aino.post(self.room, self.thread, str(n)) for n in range(3)]
        self.spoil(self.channel, f"message:{later[1]}")
        pekka = await self.connected(OTHER_COUNCILLOR, self.pekka.mirrors)
        synced = (await pekka.subscribe(self.channel))[self.channel]
        self.assertFalse(synced.reset)
        self.assertEqual([entity.key for entity in synced.entities], [f"message:{later[0]}", f"message:{later[2]}"])
        self.assertEqual(synced.version, later[2])
        self.assert_logged(f"message:{later[1]}")
        # And it is live.
        last = await self.aino.post(self.room, self.thread, "vielä")
        await pekka.until(lambda: pekka.entity(self.channel, f"message:{last}"), "the next message arrives")

    async def test_ChangesOfAMessageAreRefusedAndOthersAreDone(self):
        spoilt = self.posts[2]
        self.spoil(self.channel, f"message:{spoilt}")
        for command in ({"edit_message": pb.EditMessage(room=self.room, message=spoilt, text="uusi")},
                        {"react": pb.React(room=self.room, message=spoilt, emoji="👍")},
                        {"delete_message": pb.DeleteMessage(room=self.room, message=spoilt)}):
            error = await self.aino.refused(new_change_id(), **command)
            self.assertIn(error.code, (code("INTERNAL"), code("NOT_FOUND")))
        await self.aino.change(react=pb.React(room=self.room, message=self.posts[3], emoji="👍"))
        await self.aino.post(self.room, self.thread, "toinen viesti")

    async def test_ReactionsCostTheirHistoryOnlyThemselves(self):
        await self.aino.change(react=pb.React(room=self.room, message=self.posts[1], emoji="👍"))
        await self.aino.change(react=pb.React(room=self.room, message=self.posts[3], emoji="👍"))
        self.spoil(self.channel, f"reactions:{self.posts[1]}")
        history = await self.aino.history(self.room, self.thread)
        self.assertEqual(len(history.messages), 6)
        self.assertEqual([entity.key for entity in history.reactions], [f"reactions:{self.posts[3]}"])
        self.assert_logged(f"reactions:{self.posts[1]}")

    async def test_ThreadCostsTheSnapshotOnlyItself(self):
        other = await self.aino.start_thread(self.room, "Toinen")
        self.spoil(self.channel, f"thread:{self.thread}")
        synced = (await self.pekka.subscribe(self.channel))[self.channel]
        self.assertFalse(synced.HasField("error"))
        titles = {s.thread.key: s.thread.thread.title for s in synced.threads.threads}
        self.assertEqual(titles[f"thread:{other}"], "Toinen")
        self.assertFalse(titles.get(f"thread:{self.thread}"))
        listed = {s.thread.key for s in (await self.pekka.threads(self.room)).threads}
        self.assertIn(f"thread:{other}", listed)
        self.assert_logged(f"thread:{self.thread}")

    async def test_InboxEntryCostsTheInboxOnlyItself(self):
        channel = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(channel)
        posts = [await self.aino.post(self.room, self.thread, f"@{OTHER_COUNCILLOR} {n}") for n in range(3)]
        keys = [f"inbox:{self.room}:{post}" for post in posts]
        for key in keys:
            await self.pekka.until(lambda k=key: self.pekka.entity(channel, k), "the mention arrives")
        self.spoil(channel, keys[1])
        entries = (await self.pekka.request(read_inbox=pb.ReadInbox(limit=3))).inbox.entries
        self.assertEqual([entity.key for entity in entries], [keys[2], keys[0]])
        laptop = await self.connected(OTHER_COUNCILLOR)
        await laptop.subscribe(channel)
        self.assertIsNotNone(laptop.entity(channel, keys[2]))
        self.assertIsNone(laptop.entity(channel, keys[1]))
        self.assert_logged(keys[1])


def mention(room, thread, handle, n):
    return change(post_message=pb.PostMessage(room=room, thread=thread, text=f"@{handle} {n}"))


class SilentRedis(ConfiguredCase):
    """Redis that takes what it is sent and answers nothing."""

    READ_MS, CHANGE_MS, EDITS = 1000, 2500, 256
    OPTIONS = {"store.read_deadline_ms": READ_MS, "store.change_deadline_ms": CHANGE_MS}

    async def test_EditsAreAllAnsweredWithinTheChangeDeadline(self):
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(ROOM)).id
        thread = await aino.start_thread(room)
        posts = [await aino.post(room, thread, str(n)) for n in range(8)]
        change_ids = [new_change_id() for _ in range(self.EDITS)]

        def edits():
            return [pb.Request(change_id=change_id, edit_message=pb.EditMessage(room=room, message=posts[n % len(posts)], text=f"uusi {n}"))
                    for n, change_id in enumerate(change_ids)]

        pids = processes.redis_children(self.server.data)
        self.assertEqual(len(pids), 1)
        self.addCleanup(os.kill, pids[0], signal.SIGCONT)
        os.kill(pids[0], signal.SIGSTOP)
        begin = time.monotonic()
        answers = await self.all_answers(aino, edits())
        # One look-up after the other, each to its own deadline, would take 256 s.
        self.assertLess(time.monotonic() - begin, 4 * self.CHANGE_MS / 1000)
        self.assertEqual({answer.error.reason for answer in answers}, {"store_unavailable"})
        os.kill(pids[0], signal.SIGCONT)
        # The same again, until each is done; on a slow machine a commit of 256 takes longer than the deadline of this configuration.
        while True:
            answers = await self.all_answers(aino, edits())
            if all(answer.HasField("committed") for answer in answers):
                break
            self.assertLessEqual({answer.error.reason for answer in answers}, {"", "store_unavailable", "contended", "outcome_unknown"})
        history = await aino.history(room, thread, limit=100)
        self.assertEqual({entity.message.edits for entity in history.messages[1:]}, {self.EDITS // len(posts)})


class FullFeed(ConfiguredCase):
    OPTIONS = {"redis.partitions": 1, "reading.inbox_entries": 2000}
    NARROW = {"store.feed_backlog": 16, "store.feed_length": 16}  # the demo content is put in without a pause for its reading
    BURSTS, POSTS, MENTIONED = 5, 200, "tuula.vainio"

    async def test_DrainsAndNoAcceptedMentionIsLost(self):
        aino, tuula = await self.connected(COUNCILLOR), await self.connected(self.MENTIONED)
        channel = f"member:{tuula.welcome.self.id}"
        await tuula.subscribe(channel)
        room = (await aino.room(ROOM)).id
        thread = await self.retried(aino, pb.StartThread(room=room, title="Otsikko", text="alku"), "start_thread")
        accepted, refused = [], []
        for _ in range(self.BURSTS):
            answers = await self.all_answers(aino, [mention(room, thread, self.MENTIONED, n) for n in range(self.POSTS)])
            refused += [answer.error for answer in answers if answer.HasField("error")]
            accepted += [answer.committed.version for answer in answers if answer.HasField("committed")]
            accepted.append(await self.retried(
                aino, pb.PostMessage(room=room, thread=thread, text=f"@{self.MENTIONED} lopuksi"), "post_message"))
        self.assertEqual({(error.code, error.reason) for error in refused}, {(code("UNAVAILABLE"), "overloaded")})
        self.assertEqual(len(accepted), len(set(accepted)))
        keys = {f"inbox:{room}:{version}" for version in accepted}
        await tuula.until(lambda: keys <= set(tuula.mirrors[channel].entities), "all accepted mentions are in the inbox")
        self.assertLessEqual(keys, await self.inbox(tuula))

    async def retried(self, client, command, name):
        """The version of a change that is asked for again, with the same id, while the feed is full."""
        change_id = new_change_id()

        async def until_done():
            while True:
                try:
                    return (await client.change(change_id, **{name: command})).version
                except Refused as refused:
                    self.assertEqual(refused.error.reason, "overloaded")
                    self.assertGreater(refused.error.retry_after_ms, 0)

        return await deadline.within(until_done(), f"{name} is accepted again")

    async def inbox(self, client):
        keys, before = set(), 0
        while True:
            page = (await client.request(read_inbox=pb.ReadInbox(before=before, limit=100))).inbox
            keys |= {entity.key for entity in page.entries}
            if not page.more:
                return keys
            before = page.entries[-1].version


class FullInbox(ConfiguredCase):
    KEPT, MENTIONED = 3, "elle.aikio"
    OPTIONS = {"reading.inbox_entries": KEPT}

    async def test_KeepsTheNewestEntries(self):
        aino, elle = await self.connected(COUNCILLOR), await self.connected(self.MENTIONED)
        channel = f"member:{elle.welcome.self.id}"
        await elle.subscribe(channel)
        before = sorted((e.version, k) for k, e in elle.mirrors[channel].entities.items() if k.startswith("inbox:"))
        keys = [key for _, key in before]
        room = (await aino.room(ROOM)).id
        thread = await aino.start_thread(room)

        async def assert_kept():
            kept = set(keys[-self.KEPT:])

            def present():
                return {key for key in elle.mirrors[channel].entities if key.startswith("inbox:")} == kept

            await elle.until(present, f"of {len(keys)} entries the newest are kept")
            page = (await elle.request(read_inbox=pb.ReadInbox())).inbox
            self.assertEqual([entity.key for entity in page.entries], keys[-self.KEPT:][::-1])
            self.assertFalse(page.more)

        for n in range(self.KEPT + 3):
            keys.append(f"inbox:{room}:{await aino.post(room, thread, f'@{self.MENTIONED} {n}')}")
            await assert_kept()
        answers = await self.all_answers(aino, [mention(room, thread, self.MENTIONED, n) for n in range(100)])
        keys += [f"inbox:{room}:{answer.committed.version}" for answer in answers]
        await assert_kept()
        # The one that went is gone for good, and not one more.
        async with Client(self.server.url, self.server.token(self.MENTIONED)) as laptop:
            await laptop.subscribe(channel)
            inbox = {key for key in laptop.mirrors[channel].entities if key.startswith("inbox:")}
            self.assertEqual(inbox, set(keys[-self.KEPT:]))


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""What is taken away is gone when it is acknowledged: nothing that is committed after that reaches who lost it, over whatever node.

Each round revokes in one way, at a random moment, while members post to the room over the other node and the victim reads in one mode.
What was sent after the acknowledgement must never arrive. Rounds and seed: revocation_test.py [rounds [seed]]."""

import asyncio
import random
import statistics
import sys
import time
import unittest

import websockets.exceptions

from support import auth, deadline, seeds
from support.calls import post
from support.cases import MODERATOR, PEER_ROOM, UNLIMITED
from support.nodes import Nodes
from support.wire import Client, Mirror, Refused, entities, pb

ROUNDS, SEED = 40, None
ADMINISTRATOR = "sanna.heino"
WRITERS = 3
LATE_POSTS = 4  # of each writer, at least
ENDED = (ConnectionError, websockets.exceptions.ConnectionClosed)
BOUND_S = 5.0   # from the acknowledgement to the end; a hundred times what a quiet machine needs


class Writers:
    """Posts of a moderator of the room's forum, whom no act of this test concerns."""

    def __init__(self, server, room):
        self.client = Client(server.url, server.token_of_moderator)
        self.room = room
        self.sent = 0
        self.texts = {}        # text: whether it was sent after the acknowledgement
        self.late_versions = []
        self.acknowledged = False
        self._moved = asyncio.Condition()

    async def begin(self):
        await self.client.connect()
        self.thread = await self.client.start_thread(self.room, "Peruutus", "alku")
        self.tasks = [asyncio.ensure_future(self._write(n)) for n in range(WRITERS)]
        return self

    async def _write(self, writer):
        late = n = 0
        while late < LATE_POSTS:
            text, is_late = f"{self.thread}-{writer}-{n}", self.acknowledged
            self.texts[text] = is_late
            version = await self.client.post(self.room, self.thread, text)
            n += 1
            if is_late:
                late += 1
                self.late_versions.append(version)
            async with self._moved:
                self.sent += 1
                self._moved.notify_all()

    async def posted(self, count):
        async with self._moved:
            await deadline.within(self._moved.wait_for(lambda: self.sent >= count), f"{count} posts")

    async def finished(self):
        await deadline.within(asyncio.gather(*self.tasks), "the last posts are acknowledged")
        await self.client.close()


class Victim:
    """Reads the room in one mode until nothing comes any more. `items`: all that has ever reached it."""

    def __init__(self, server, token, room, thread):
        self.server, self.token, self.room, self.thread = server, token, room, thread
        self.channel = f"room:{room}"
        self.items = []
        self.mirror = Mirror()
        self.gone_at = None
        self.why = ""

    def client(self):
        client = Client(self.server.url, self.token, {self.channel: self.mirror})
        client.items = self.items
        return client

    def lost(self, why):
        self.gone_at, self.why = time.monotonic(), why

    async def live(self, ready):
        """Subscribed; stays until the connection or the subscription ends."""
        async with self.client() as client:
            await client.subscribe(self.channel)
            ready.set()
            notice = (await client.until(lambda: client.of_kind("notice"), "a notice"))[0]
            self.lost(notice.WhichOneof("notice"))
            if notice.HasField("access_changed"):
                assert notice.access_changed.channel == self.channel
                await deadline.within(self.over.wait(), "the round is over")
                # The session lives; what it asks for shows that nothing is behind the notice.
                await client.request(list_forums=pb.ListForums())
                error = await client.refused(list_threads=pb.ListThreads(room=self.room))
                assert error.reason == "room_not_found", error
            else:
                await client.ended()

    async def backfill(self, ready):
        """Reads pages and snapshots again and again."""
        async with self.client() as client:
            while True:
                try:
                    await client.history(self.room, self.thread, limit=10)
                    await client.threads(self.room)
                    ready.set()
                    self.mirror.version = 0
                    synced = (await client.subscribe(self.channel))[self.channel]
                    if synced.HasField("error"):
                        return self.lost(synced.error.reason)
                    await client.request(unsubscribe=pb.Unsubscribe(channels=[self.channel]))
                except Refused as refused:
                    return self.lost(refused.error.reason)
                except ENDED:
                    return self.lost("connection")

    async def resume(self, ready):
        """Comes anew again and again, each time from where it was."""
        while True:
            client = self.client()
            try:
                await client.connect()
                synced = (await client.subscribe(self.channel))[self.channel]
                if synced.HasField("error"):
                    return self.lost(synced.error.reason)
                ready.set()
            except Refused as refused:
                return self.lost(refused.error.reason)
            except ENDED:
                continue  # closed by the server: the next Hello says why
            finally:
                await client.close()

    def texts(self):
        """Of all messages that have reached it, in whatever item."""
        for item in self.items:
            kind = item.WhichOneof("item")
            if kind == "change":
                yield from (e.message.text for e in item.change.entities)
            elif kind == "synced":
                yield from (e.message.text for e in item.synced.entities)
            elif kind == "response" and item.response.HasField("history"):
                yield from (e.message.text for e in item.response.history.messages)

    def versions(self):
        """Of the channel, as far as it was told."""
        for item in self.items:
            kind = item.WhichOneof("item")
            if kind == "change" and item.change.channel == self.channel:
                yield item.change.version
            elif kind == "synced" and item.synced.channel == self.channel:
                yield item.synced.version
            elif kind == "response" and item.response.WhichOneof("result") in ("history", "threads"):
                yield getattr(item.response, item.response.WhichOneof("result")).version


def after_the_end(victim, writers):
    """What arrived of what was sent after the acknowledgement, or committed after it."""
    late = [text for text in victim.texts() if writers.texts.get(text)]
    return sorted(late) + [version for version in victim.versions() if version >= min(writers.late_versions)]


class Judgement(unittest.TestCase):
    def found(self, *items):
        victim, writers = Victim(None, "", 7, 1), Writers.__new__(Writers)
        writers.texts, writers.late_versions = {"early": False, "late": True}, [12, 11]
        victim.items = [pb.Item(**item) for item in items]
        return after_the_end(victim, writers)

    def test_SeesWhatIsLateInEveryKindOfItem(self):
        def message(text):
            return entities.Entity(key="message:9", message={"text": text})

        for text, version, found in (("early", 10, []), ("late", 10, ["late"]), ("early", 11, [11])):
            self.assertEqual(self.found({"change": pb.Change(channel="room:7", version=version, entities=[message(text)])}), found)
            self.assertEqual(self.found({"synced": pb.Synced(channel="room:7", version=version, entities=[message(text)])}), found)
            history = pb.History(version=version, messages=[message(text)])
            self.assertEqual(self.found({"response": pb.Response(history=history)}), found)


class Revocations(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED})
        self.addCleanup(nodes.dispose)
        self.nodes = list(nodes)
        first = self.nodes[0]
        for server in self.nodes:
            server.token_of_moderator = first.token(MODERATOR)
        self.admin = await Client(first.url, first.token(ADMINISTRATOR)).connect()
        self.addAsyncCleanup(self.admin.close)
        self.member = await auth.member(first, self.admin, "uhri.uuttu")
        async with Client(first.url, self.member.token) as own:
            self.room = (await own.room(PEER_ROOM)).id

    # --- acts: each returns when it is acknowledged

    async def session_revoked(self, victim_token, own_token, server):
        async with Client(server.url, own_token) as own:
            yield
            await own.change(revoke_sessions=pb.RevokeSessions(sessions=[auth.session_id(victim_token)]))

    async def others_revoked(self, _, own_token, server):
        async with Client(server.url, own_token) as own:
            yield
            await own.change(revoke_sessions=pb.RevokeSessions(others=True))

    async def signed_out(self, victim_token, _, server):
        yield
        answer = await asyncio.to_thread(post, server, "/auth/sign-out", {}, victim_token)
        assert answer.status == 200, answer

    async def sessions_ended(self, *_):
        yield
        await self.admin.change(end_sessions=pb.EndSessions(member=self.member.id))

    async def role_taken(self, *_):
        yield
        await self.admin.change(set_standing=pb.SetStanding(member=self.member.id, standing=auth.standing("expert")))

    async def audience_narrowed(self, *_):
        yield
        await self.set_audience(pb.SetAudience(room=self.room, audience={"read": [entities.ROLE_OFFICE_HOLDER]}))

    async def password_changed(self, _, own_token, server):
        new = auth.new_password()
        yield
        answer = await asyncio.to_thread(post, server, "/auth/password", {"password": self.member.password, "new_password": new},
                                         own_token)
        assert answer.status == 200, answer
        self.member.password = new

    ACTS = {session_revoked: "session", others_revoked: "session", signed_out: "session", sessions_ended: "session",
            password_changed: "session", role_taken: "channel", audience_narrowed: "channel"}
    MODES = ("live", "backfill", "resume")

    async def set_audience(self, command):
        await self.admin.change(set_audience=command)

    async def restore(self):
        await self.admin.change(set_standing=pb.SetStanding(member=self.member.id, standing=auth.standing("councillor")))
        await self.set_audience(pb.SetAudience(room=self.room, exposes_history=True))

    async def round(self, act, mode, dice):
        here, there = dice.sample(self.nodes, 2)
        token, own_token = [await asyncio.to_thread(auth.signed_in, server, self.member) for server in (here, there)]
        writers = await Writers(there, self.room).begin()
        witness = await Client(here.url, here.token_of_moderator).connect()
        await witness.subscribe(f"room:{self.room}")
        victim = Victim(here, token, self.room, writers.thread)
        victim.over, ready = asyncio.Event(), asyncio.Event()
        reading = asyncio.ensure_future(getattr(victim, mode)(ready))
        await deadline.within(ready.wait(), "the victim reads")
        acting = act(self, token, own_token, dice.choice(self.nodes))
        await anext(acting)
        await writers.posted(writers.sent + dice.randrange(8))
        await anext(acting, None)
        writers.acknowledged = True
        acknowledged = time.monotonic()
        await writers.finished()
        last = max(writers.late_versions)
        await witness.until(lambda: witness.mirrors[f"room:{self.room}"].version >= last, "a witness on the node gets the last post")
        await witness.close()
        victim.over.set()
        await deadline.within(reading, f"the {mode} reader notices that its {self.ACTS[act]} is gone")
        return victim, writers, max(0.0, victim.gone_at - acknowledged)

    def check(self, victim, writers, act, mode):
        self.assertEqual(after_the_end(victim, writers), [])
        expected = {"session": {"live": {"sign_in_again"}, "backfill": {"connection", "token_invalid"}, "resume": {"token_invalid"}},
                    "channel": {"live": {"access_changed"}, "backfill": {"room_not_found", "channel_not_found"},
                                "resume": {"channel_not_found"}}}[self.ACTS[act]][mode]
        self.assertIn(victim.why, expected)

    async def test_NothingCommittedAfterTheAcknowledgementReachesTheRevoked(self):
        dice = random.Random(seeds.seed(SEED))
        pairs = [(act, mode) for act in self.ACTS for mode in self.MODES]
        times, arrived = {"session": [], "channel": []}, 0
        for n in range(ROUNDS):
            if n % len(pairs) == 0:
                dice.shuffle(pairs)
            act, mode = pairs[n % len(pairs)]
            with self.subTest(round=n, act=act.__name__, mode=mode):
                victim, writers, took = await self.round(act, mode, dice)
                self.check(victim, writers, act, mode)
                times[self.ACTS[act]].append(took)
                arrived += len(set(victim.texts()))
            await self.restore()
        for kind, took in times.items():
            if took:
                print(f"{kind} gone after the acknowledgement: median {statistics.median(took) * 1000:.1f} ms, longest "
                      f"{max(took) * 1000:.1f} ms of {len(took)} rounds", flush=True)
        print(f"{ROUNDS} rounds, {arrived} posts had arrived before", flush=True)
        self.assertLess(max(sum(times.values(), [])), BOUND_S)
        self.assertGreater(arrived, ROUNDS, "readers had read before, so there was something to take away")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

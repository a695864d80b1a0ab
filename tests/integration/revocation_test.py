"""What is taken away is gone when it is acknowledged: nothing that is committed after that reaches who lost it, over whatever node.

Each round revokes in one way, at a random moment, while members post to the room over the other node and the victim reads in one mode.
What was sent after the acknowledgement must never arrive. Rounds and seed: revocation_test.py [rounds [seed]]."""

import asyncio
import random
import statistics
import sys
import time
import types
import unittest

from support import auth, deadline, seeds
from support.calls import post
from support.cases import MODERATOR, PEER_ROOM, UNLIMITED
from support.nodes import Nodes
from support.processes import standing_still
from support.revocation import Victim, Writers, after_the_end
from support.wire import Client, Mirror, entities, pb

ROUNDS, SEED = 40, None
ADMINISTRATOR = "sanna.heino"
BOUND_S = 5.0   # from the acknowledgement to the end; a hundred times what a quiet machine needs


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
        self.moderator = first.token(MODERATOR)
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
        writers = await Writers(there, self.moderator, self.room).begin()
        witness = await Client(here.url, self.moderator).connect()
        await witness.subscribe(f"room:{self.room}")
        victim = Victim(here, token, self.room, writers.thread)
        ready = asyncio.Event()
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

    async def test_NodeThatStoodStillShowsNothingOfWhatCameMeanwhile(self):
        """What waits for an answer when it goes on is asked before it can know of the revocation."""
        there, here = self.nodes
        channel = f"room:{self.room}"
        async with Client(there.url, self.moderator) as writer, Client(here.url, self.moderator) as witness:
            await witness.subscribe(channel)
            thread = await writer.start_thread(self.room, "Seisahdus", "alku")
            for act in self.ACTS:
                with self.subTest(act=act.__name__):
                    token, own_token = [await asyncio.to_thread(auth.signed_in, there, self.member) for _ in range(2)]
                    victim = Victim(here, token, self.room, thread)
                    async with victim.client() as live, Client(here.url, token, {channel: Mirror()}) as asking:
                        asking.items = victim.items
                        await live.subscribe(channel)
                        acting = act(self, token, own_token, there)
                        await anext(acting)
                        with standing_still([here.process.pid]):
                            await anext(acting, None)
                            late = await writer.post(self.room, thread, act.__name__)
                            waiting = await asking.send(
                                pb.Request(read_history=pb.ReadHistory(room=self.room, thread=thread)),
                                pb.Request(list_threads=pb.ListThreads(room=self.room)),
                                pb.Request(subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=channel, since=thread)])))
                        await witness.until(lambda: witness.mirrors[channel].version >= late, "the node has gone on")
                        await deadline.within(asyncio.gather(*waiting, return_exceptions=True), "what was asked has an end")
                    self.assertEqual(after_the_end(victim, types.SimpleNamespace(texts={act.__name__: True}, late_versions=[late])), [])
                await self.restore()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].isdigit():
        ROUNDS, SEED = int(arguments.pop(0)), int(arguments.pop(0)) if arguments and arguments[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *arguments], verbosity=2)

"""What a post and a delivery cost the server in steady state, in allocations and system calls, counted from outside.

They are counted for few and for many subscribers: the difference is the cost of a delivery, the rest that of a post."""

import os
import struct
import unittest

from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED, RawCase
from support.raw import RawSocket
from support.server import Server
from support.wire import change, pb

FEW, MANY = 5, 65
WINDOWS, ROUNDS, BURST = 25, 4, 16
WARM = 20
COUNTERS = ("allocations", "socket_writes", "other_calls")
# Bounds of a post alone and of one in a burst: a quarter above what it is on Debian 12, since libraries differ. Alone, the
# writes to sockets are the commit and the next XREAD, both to Redis, and the answer.
ALONE = {"allocations": 130, "socket_writes": 3.8, "other_calls": 21}
IN_BURST = {"allocations": 106, "socket_writes": 0.8, "other_calls": 4}
PRELOAD = os.environ.get("FOORUMI_COSTS_PRELOAD", "")

# All subscribers are one member's.
OPTIONS = {**UNLIMITED, "server.workers": 1, "network.connections_per_member": 2 * MANY}


class CountedServer(Server):
    def launch(self):
        path = self.counters = os.path.join(self.home, "costs")
        with open(path, "wb") as file:
            file.write(bytes(8 * len(COUNTERS)))
        os.environ.update(LD_PRELOAD=PRELOAD, FOORUMI_COSTS=path)
        try:
            return super().launch()
        finally:
            del os.environ["LD_PRELOAD"], os.environ["FOORUMI_COSTS"]

    def costs(self):
        with open(self.counters, "rb") as file:
            return dict(zip(COUNTERS, struct.unpack(f"{len(COUNTERS)}Q", file.read())))


class Costs(RawCase):
    @classmethod
    def setUpClass(cls):
        cls.server = CountedServer(OPTIONS).__enter__()

    def setUp(self):
        world = self.world()
        self.room, self.thread = world.room, world.thread
        self.publisher = self.opened(OTHER_COUNCILLOR)
        self.subscribers = []
        self.posted = 0

    def opened(self, handle):
        raw = RawSocket(self.server.port)
        self.addCleanup(raw.__exit__)
        return raw.open(self.server.token(handle))

    def subscribe_up_to(self, count):
        while len(self.subscribers) < count:
            raw = self.opened(COUNCILLOR)
            raw.send(pb.Request(id=2, subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=f"room:{self.room}", generation=1)])))
            raw.response(2)
            self.subscribers.append(raw)

    def post(self, count):
        """In one frame; returns when all is acknowledged and delivered."""
        requests = []
        for _ in range(count):
            self.posted += 1
            requests.append(change(id=1000 + self.posted, post_message=pb.PostMessage(
                room=self.room, thread=self.thread, text=f"{self.posted} " + "x" * 280)))
        self.publisher.send(*requests)
        for request in requests:
            self.assertTrue(self.publisher.response(request.id).HasField("committed"))
        for raw in self.subscribers:
            versions = []
            while len(versions) < count:
                item = raw.next_item()
                if item.HasField("change"):
                    versions.append(item.change.version)
            self.assertEqual(versions, list(range(versions[0], versions[0] + count)))

    def cost_of(self, subscribers, posts):
        """Of a post, with all its deliveries. The least of many short windows: what the server does by the clock falls into some of them."""
        self.subscribe_up_to(subscribers)
        for _ in range(WARM):
            self.post(posts)
        counts = [self.server.costs()]
        for _ in range(WINDOWS):
            for _ in range(ROUNDS):
                self.post(posts)
            counts.append(self.server.costs())
        return {name: min(after[name] - before[name] for before, after in zip(counts, counts[1:])) / (ROUNDS * posts) for name in COUNTERS}

    def measured(self, posts):
        few, many = self.cost_of(FEW, posts), self.cost_of(MANY, posts)
        delivery = {name: (many[name] - few[name]) / (MANY - FEW) for name in COUNTERS}
        post = {name: few[name] - FEW * delivery[name] for name in COUNTERS}
        print(f"{posts} in flight: of a post {show(post)}; of a delivery {show(delivery)}", flush=True)
        return post, delivery

    def assert_at_most(self, cost, **bounds):
        for name, bound in bounds.items():
            self.assertLessEqual(cost[name], bound, name)

    def test_OneAtATime(self):
        post, delivery = self.measured(1)
        self.assertGreater(delivery["socket_writes"], 0.99, "each delivery is a write, or the counters count nothing")
        self.assertGreater(post["allocations"], 1, "or allocations are not counted")
        self.assert_at_most(delivery, allocations=0.05, socket_writes=1.02, other_calls=0.05)
        self.assert_at_most(post, **ALONE)

    def test_ManyAtOnce(self):
        post, delivery = self.measured(BURST)
        # Redis may let the first of a burst go ahead of the others.
        self.assert_at_most(delivery, allocations=0.05, socket_writes=3 / BURST, other_calls=0.05)
        self.assert_at_most(post, **IN_BURST)


def show(cost):
    return ", ".join(f"{cost[name]:.3f} {name}" for name in COUNTERS)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""One episode: an installation, its people, bursts of faults by seed, and in the end what is left, for the checker to judge."""

import asyncio
import contextlib
import json
import os
import random

import fault_table
import finals
import pace
from client import ENDED, Client
from finals import Broken
from journal import Journal
from people import Administrator, Writer
from redis_process import RedisError
from support import resp
from support.wire import pb

OPEN_ROOM, PEER_ROOM = "kuntastrategia-arjessa", "valtuustoryhmien-yhteistyo"
MODERATOR, ADMINISTRATOR = "marja.virtanen", "sanna.heino"
# Who writes where; who moderates the peers' room keeps every right in it.
WRITERS = {"aino.metsala": [OPEN_ROOM, PEER_ROOM], "pekka.rautio": [OPEN_ROOM], "tuula.vainio": [OPEN_ROOM, PEER_ROOM],
           "riitta.salmi": [OPEN_ROOM], MODERATOR: [OPEN_ROOM, PEER_ROOM]}
READERS = {"liisa.honkanen": [OPEN_ROOM, PEER_ROOM], "jari.kettunen": [OPEN_ROOM, PEER_ROOM], "heikki.laine": [OPEN_ROOM],
           "elle.aikio": [OPEN_ROOM, PEER_ROOM], "mats.sjoholm": [OPEN_ROOM, PEER_ROOM]}
# Who is mentioned in posts, since they read the room whatever is taken away.
MENTIONED = {OPEN_ROOM: ["liisa.honkanen", MODERATOR], PEER_ROOM: [MODERATOR]}
VICTIMS = ["elle.aikio", "mats.sjoholm"]
BOUND_S = 25.0 * pace.SLOWNESS   # from the end of all faults to the delivery of everything that was under way
LOOK_S = 3.0 * pace.SLOWNESS     # for what follows from changes, where something is wrong already
OVERLAP = 0.3                    # how often a burst is of two faults
CALM_S = (0.1, 0.6)
FAULT_S = 120.0 * pace.SLOWNESS  # for a fault with all that has to start again


FAILED = (AssertionError, Broken, OSError, RedisError, resp.RedisError)


class Episode:
    """`faults_wanted`: names, or None for any. What it measured stands in its attributes after run()."""

    def __init__(self, place, seed, directory, bursts, faults_wanted=None, sabotage=None):
        self.place, self.directory, self.seed = place, directory, seed
        self.sabotage = sabotage
        self.possible = fault_table.possible(place, faults_wanted)
        self.journal = Journal(os.path.join(directory, "runner.jsonl"))
        self.clients, self.writers, self.tasks = [], [], []
        self.administrator = None
        self.rooms = {}
        self.plan = self._planned(bursts)
        self.injected, self.recoveries, self.complaints = [], [], []

    # --- the whole

    async def run(self):
        """Returns complaints; those of the checker are not among them."""
        try:
            await self.place.start()
            await self._bring_people()
            if self.sabotage:
                await self.sabotage(self.place)
            for calm, burst in self.plan:
                await self._let_calm(calm)
                await asyncio.gather(*[self._inject(*one) for one in burst])
                await self._recover()
            await self._finish()
        except FAILED as error:
            self.complaints.append(f"{type(error).__name__}: {error}")
            with contextlib.suppress(*FAILED):
                await self._look_what_is_left()
        finally:
            try:
                await self._end_people()
            finally:
                self.complaints += await self.place.stop(self.directory)
                for complaint in self.complaints:
                    self.journal.write("complaint", text=complaint)
                self.journal.close()
        return self.complaints

    # --- people

    def _client(self, handle, rooms):
        journal = Journal(os.path.join(self.directory, f"client-{handle}.jsonl"))
        client = Client(handle, self.place.token(handle), [node.url for node in self.place.nodes], journal,
                        self._dice(f"client {handle}"), [self.rooms[slug] for slug in rooms])
        self.clients.append(client)
        self._start(client.run())
        return client

    def _start(self, coroutine):
        self.tasks.append(asyncio.ensure_future(coroutine))

    async def _bring_people(self):
        admin = self._client(ADMINISTRATOR, [])
        await self._until(admin.ready.is_set, "the first client comes in")
        async with finals.passing(self.place, 0, MODERATOR, BOUND_S) as moderator:
            listed = await finals.rooms(moderator, BOUND_S)
        self.rooms = {room.slug: room.id for room in listed if room.slug in (OPEN_ROOM, PEER_ROOM)}
        clients = {handle: self._client(handle, rooms) for handle, rooms in {**READERS, **WRITERS}.items()}
        await self._until(lambda: all(c.ready.is_set() for c in self.clients), "everybody comes in")
        threads, messages = {}, {}
        for slug, room in self.rooms.items():
            text = f"alku {slug}"
            version = await clients[MODERATOR].change(
                {"command": "start", "room": room, "text": text, "author": clients[MODERATOR].member},
                start_thread=pb.StartThread(room=room, title=text, text=text))
            threads[room], messages[room] = [version], [version]
        for handle, rooms in WRITERS.items():
            writer = Writer(clients[handle], [self.rooms[slug] for slug in rooms], threads, messages,
                            {self.rooms[slug]: [clients[h] for h in handles] for slug, handles in MENTIONED.items()},
                            self._dice(f"writer {handle}"))
            self.writers.append(writer)
            self._start(writer.run())
        peers = [client.member for handle, client in clients.items()
                 if PEER_ROOM in {**READERS, **WRITERS}[handle] and handle != MODERATOR]
        self.administrator = Administrator(admin, self.rooms[PEER_ROOM], peers, [clients[v].member for v in VICTIMS],
                                           self._dice("administrator"))
        self._start(self.administrator.run())

    async def _end_people(self):
        for client in self.clients:
            client.stop()
        _, late = await asyncio.wait(self.tasks, timeout=10) if self.tasks else (None, [])
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*self.tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, ENDED):
                raise result
        for client in self.clients:
            client.journal.close()

    # --- faults

    def _dice(self, what):
        """A source of its own for each, so that none depends on how far another one has come."""
        return random.Random(f"{self.seed} {what}")

    def _planned(self, bursts):
        """[(seconds of calm before it, [(fault, name of its target, dice)])]: made before anything runs, so that a seed means the same
        faults."""
        dice, planned = self._dice("faults"), []
        for _ in range(bursts):
            burst, taken = [], set()
            for _ in range(2 if dice.random() < OVERLAP else 1):
                one = fault_table.choose(self.possible, dice)
                name = dice.choice(fault_table.targets(one, self.place))
                own = random.Random(dice.getrandbits(64))
                if name not in taken and "everything" not in taken | {name} or not taken:
                    burst.append((one, name, own))
                    taken.add(name)
            planned.append((dice.uniform(*CALM_S), burst))
        return planned

    async def _inject(self, one, name, dice):
        number = name.rsplit(" ", 1)[-1]
        among = self.place.redis_ways if one.on == "redis way" else self.place.nodes
        target = among[int(number)] if number.isdigit() else None
        self.journal.write("fault", name=one.name, target=name)
        self.injected.append(one.name)
        try:
            await asyncio.wait_for(one.run(self.place, target, dice), FAULT_S)
        except asyncio.TimeoutError:
            raise Broken(f"{one.name} of {name} does not come to its end") from None
        self.journal.write("fault_over", name=one.name, target=name)

    async def _let_calm(self, seconds):
        await pace.last(seconds)
        self._look()

    def _look(self):
        for node in self.place.nodes:
            if died := node.died():
                raise Broken(died)
        for task in self.tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise task.exception()

    async def _until(self, condition, what):
        def reached():
            self._look()
            return condition()

        if await pace.until(reached, BOUND_S) is None:
            raise Broken(f"not within {BOUND_S:.0f} s: {what}")

    # --- recovery

    def _reading(self):
        """Clients that are to get everything, with their channels."""
        for client in self.clients:
            if not client.signed_out:
                for name, channel in client.channels.items():
                    yield client, name, channel

    async def _recover(self):
        """From here on nothing is broken any more: everything under way has to be answered, and shown to whoever reads."""
        begin = asyncio.get_running_loop().time()
        self.journal.write("calm", bound=BOUND_S)
        pending = [(client, change) for client in self.clients for change in client.pending]

        def answered():
            return all(change not in client.pending for client, change in pending) and \
                all(w.client.signed_out or w.client.last_resolved_sent > begin for w in self.writers)

        if await self._within_bound(answered) and await self._delivered():
            self.recoveries.append(asyncio.get_running_loop().time() - begin)
            self.journal.write("recovered")
            return
        raise Broken(f"not everything was answered and delivered within {BOUND_S:.0f} s")

    async def _delivered(self):
        highest = {}
        for client in self.clients:
            for name, version in client.acknowledged.items():
                highest[name] = max(version, highest.get(name, 0))
        return await self._within_bound(lambda: all(
            client.signed_out or channel.shut or (channel.live and channel.version >= highest.get(name, 0))
            for client, name, channel in self._reading()))

    async def _within_bound(self, condition):
        def reached():
            self._look()
            return condition()

        return await pace.until(reached, BOUND_S)

    # --- the end

    async def _finish(self):
        self.administrator.stopped.set()
        for writer in self.writers:
            writer.stopped.set()
        self.journal.write("calm", bound=BOUND_S)
        if not await self._within_bound(lambda: not any(client.pending for client in self.clients)):
            raise Broken("some changes were never answered")
        await self.administrator.restore()
        await self._until(lambda: not any(channel.shut for _, _, channel in self._reading()), "everybody reads again")
        if not await self._delivered():
            raise Broken("not everything was delivered in the end")
        self.journal.write("settled")
        for number in range(len(self.place.nodes)):
            await self._write_final(number, LOOK_S if self.sabotage else BOUND_S)

    async def _look_what_is_left(self):
        """After something went wrong: over a node that knows nothing of before, so that the checker can tell what is lost."""
        if not self.rooms:
            return
        for client in self.clients:
            client.stop()
        for node in self.place.nodes:
            node.kill()
        await self.place.revive_redis()
        if self.sabotage:
            await self.place.redis("CONFIG", "SET", "appendfsync", "always")  # else no node would start
        await self.place.nodes[0].start()
        await self._write_final(0, LOOK_S)

    async def _write_final(self, number, bound):
        told = {}
        async with finals.passing(self.place, number, MODERATOR, BOUND_S) as reader:
            for room in self.rooms.values():
                told[f"room:{room}"] = await finals.history(reader, BOUND_S, room)
        for handle in sorted({handle for handles in MENTIONED.values() for handle in handles}):
            async with finals.passing(self.place, number, handle, BOUND_S) as reader:
                told[f"member:{reader.member}"] = await finals.inbox(reader, bound, self._mentions(reader.member))
        with open(os.path.join(self.directory, f"final-{number}.json"), "w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)

    def _mentions(self, member):
        """Keys of the inbox entries that acknowledged posts are to bring to that member."""
        return {f"inbox:{room}:{message}" for writer in self.writers for told, room, message in writer.mentions if told == member}

"""Thousands of sessions on several nodes, of which one is killed: when they are back, what posts notice, and that nobody misses anything.

node_herd.py [--sessions 10000] [--nodes 3] [--rounds 1] [--processes 2] [--rooms 2] [--delay 0.5] [--posts-per-second 10]
             [--room-posts-per-second 50] [--seconds 5]

Each session follows some rooms, in which somebody posts all the while. Those of the killed node come to the others as docs/protocol.md
tells them to, and resume. A further room is measured meanwhile. Every round has a run with the configuration's bounds on admission
(network.handshakes_per_turn, reading.syncs_at_once, reading.syncs_waiting), one in which moreover everything is read from Redis
(store.recent_bytes is 0), and a control run that reads so and has no bounds. Prints figures; ends with 1 where a session has missed,
doubled or reordered anything."""

import argparse
import asyncio
import multiprocessing
import os
import sys
import time

from running_room import Room, percentile, print_times  # first: it tells where support is
from resuming_session import FIRST_DELAY, Frames, Journal, Session
from support import deadline, demo
from support.cases import COUNCILLOR, ROOM, UNLIMITED
from support.nodes import RedisServer
from support.server import Server
from support.wire import Client

READS = {"store.recent_bytes": 0}
UNBOUND = {"network.handshakes_per_turn": 10000, "reading.syncs_at_once": 10000, "reading.syncs_waiting": 1000000}
COMING = 100  # sessions of a process that come at the same time before the measurement
PATIENCE = 600  # seconds for thousands of sessions on a busy machine


# --- the processes of the sessions

async def live(journal, changed, count, back=0):
    """So many sessions are live, and so many of them again."""
    while journal.live < count or len(journal.back) < back:
        changed.clear()
        await changed.wait()


def at_least(sessions, versions):
    return all(followed.version >= versions[channel] for session in sessions for channel, followed in session.followed.items())


async def follow(pipe, ports, places, delay):
    """places: (node, token, channels) of each session. Tells that they are there, hears which node is killed, tells that all are back,
    hears the last versions, and tells the journal."""
    async def heard():
        return await asyncio.get_running_loop().run_in_executor(None, pipe.recv)

    journal, frames, changed = Journal(), Frames(), asyncio.Event()
    sessions = [Session(ports, *place, delay, frames, journal, changed) for place in places]
    for first in range(0, len(sessions), COMING):
        for session in sessions[first:first + COMING]:
            session.come()
        await live(journal, changed, min(first + COMING, len(sessions)))
    pipe.send(None)
    killed = await heard()
    await live(journal, changed, len(sessions), sum(place[0] == killed for place in places))
    pipe.send(None)
    versions = await heard()
    await deadline.eventually(lambda: at_least(sessions, versions), "all sessions are at the last versions", PATIENCE)
    for session in sessions:
        for channel, followed in session.followed.items():
            if followed.version != versions[channel]:
                journal.faults.append(f"{channel}: at {followed.version}, the last post is {versions[channel]}")
        session.end()
    pipe.send(journal)


def herd(pipe, ports, places, delay):
    os.nice(10)  # in life these are other machines: they must not take the processor from what is measured
    asyncio.run(follow(pipe, ports, places, delay))


class Herd:
    """Context: the processes, each with its share of the sessions."""

    def __init__(self, ports, places, delay, processes):
        context = multiprocessing.get_context("spawn")
        self._pipes, self._processes = [], []
        for n in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=herd, args=(theirs, ports, places[n::processes], delay), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
            process.join()

    def say(self, what):
        for pipe in self._pipes:
            pipe.send(what)

    async def heard(self, what):
        loop = asyncio.get_running_loop()
        return await deadline.within(asyncio.gather(*(loop.run_in_executor(None, pipe.recv) for pipe in self._pipes)), what, PATIENCE)


# --- the installation

class Nodes:
    """Context: as many servers on one Redis. The first one brings the demo content, and none but the last is killed."""

    def __init__(self, count, options):
        self._count, self._options = count, options
        self.servers = []

    def __enter__(self):
        self.redis = RedisServer()
        try:
            for n in range(self._count):
                key = {"second_factor.key_file": os.path.join(self.servers[0].data, "second-factor.key")} if n else {}
                self.servers.append(Server({**self._options, **key}, ["--redis", self.redis.url], demo=n == 0))
                self.servers[-1].start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            for server in reversed(self.servers):
                server.dispose()
        finally:
            self.redis.stop()


class Poster:
    """Context: posts to one room after the other at a steady pace."""

    def __init__(self, server, slugs, pace):
        self._client = Client(server.url, server.token(COUNCILLOR))
        self._slugs, self._pace = slugs, pace
        self._rooms, self._posts, self._next = [], [], None

    async def __aenter__(self):
        await self._client.connect()
        for slug in self._slugs:
            room = (await self._client.room(slug)).id
            self._rooms.append((room, await self._client.start_thread(room, "Kaikki seuraavat", "alku")))
        return self

    async def __aexit__(self, *_):
        if self._next:
            self._next.cancel()
        await self._client.close()

    @property
    def channels(self):
        return [f"room:{room}" for room, _ in self._rooms]

    def begin(self):
        self._post(0, asyncio.get_running_loop().time())

    def _post(self, n, at):
        room, thread = self._rooms[n % len(self._rooms)]
        self._posts.append(asyncio.ensure_future(self._client.post(room, thread, f"viesti {n}")))
        self._next = asyncio.get_running_loop().call_at(at + 1 / self._pace, self._post, n + 1, at + 1 / self._pace)

    async def end(self):
        """Returns the last version of each channel, and how many posts there were."""
        self._next.cancel()
        last = {}
        for n, version in enumerate(await asyncio.gather(*self._posts)):
            channel = f"room:{self._rooms[n % len(self._rooms)][0]}"
            last[channel] = max(version, last.get(channel, 0))
        return last, len(self._posts)


def handles_and_rooms():
    """Who reads all these rooms; the measured room is none of them."""
    open_rooms = [slug for slug in demo.ROOMS if slug != ROOM and demo.may_write(COUNCILLOR, slug)]
    handles = [handle for handle in demo.MEMBERS if all(demo.may_read(handle, slug) for slug in open_rooms)]
    return handles, open_rooms


def places_of(wanted, tokens, channels):
    """Spread over nodes, members and rooms."""
    return [(n % wanted.nodes, tokens[n // wanted.nodes % len(tokens)],
             [channels[(n + k) % len(channels)] for k in range(min(wanted.rooms, len(channels)))]) for n in range(wanted.sessions)]


async def measure(nodes, wanted):
    handles, slugs = handles_and_rooms()
    first, killed = nodes.servers[0], nodes.servers[-1]
    async with Poster(first, slugs, wanted.posts_per_second) as poster, \
            Room(first, wanted.room_posts_per_second, read_at=nodes.servers[1]) as room:
        places = places_of(wanted, [first.token(handle) for handle in handles], poster.channels)
        with Herd([server.port for server in nodes.servers], places, wanted.delay, wanted.processes) as sessions:
            await sessions.heard("all sessions are there")
            poster.begin()
            quiet = await room.times_of(int(wanted.room_posts_per_second * wanted.seconds))
            sessions.say(wanted.nodes - 1)
            begin = time.monotonic()
            killed.kill()
            times = await room.times_of(int(wanted.room_posts_per_second))  # a second at least
            await sessions.heard("all sessions are back")
            times += room.take_times()
            last, posts = await poster.end()
            sessions.say(last)
            told = await sessions.heard("what the sessions tell")
    whole = Journal()
    for journal in told:
        whole.add(journal)
    return [moment - begin for moment in whole.back], quiet, times, posts, whole


def run(what, options, wanted):
    """Returns how many faults there were."""
    many = wanted.sessions + 1000
    limits = {**UNLIMITED, "network.connections": many, "network.connections_per_address": many, "network.connections_per_member": many}
    with Nodes(wanted.nodes, {**limits, **options}) as nodes:
        back, quiet, times, posts, journal = asyncio.run(measure(nodes, wanted))
    print(f"{what}: {wanted.sessions} sessions on {wanted.nodes} nodes, {wanted.sessions // wanted.nodes} of them on the killed one, "
          f"{len(back)} came back")
    print(f"kill to resumed: p50 {percentile(back, 0.5):.2f} s, p99 {percentile(back, 0.99):.2f} s, max {max(back):.2f} s")
    print_times("before", quiet)
    print_times("until all are resumed", times)
    print(f"p99 until all are resumed to that of before: {percentile(times, 0.99) / percentile(quiet, 0.99):.2f}")
    print(f"{posts} posts to the rooms of all: {len(journal.faults)} faults; {journal.caught_up} versions came by resuming; "
          f"refusals and notices: {journal.told or 'none'}")
    for fault in journal.faults[:20]:
        print(f"  {fault}")
    print(flush=True)
    return len(journal.faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="of the sessions")
    parser.add_argument("--rooms", type=int, default=2, help="that each session follows")
    parser.add_argument("--delay", type=float, default=FIRST_DELAY, help="seconds, before a session first comes again; half is random")
    parser.add_argument("--posts-per-second", type=float, default=10, help="to the rooms of all sessions together")
    parser.add_argument("--room-posts-per-second", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=5, help="before the kill")
    wanted = parser.parse_args()
    faults = 0
    for _ in range(wanted.rounds):
        faults += run("bounded admission", {}, wanted)
        faults += run("bounded admission, all is read", READS, wanted)
        faults += run("control, all is read, without bounds", READS | UNBOUND, wanted)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

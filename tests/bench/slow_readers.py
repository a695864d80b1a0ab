"""Sessions that never read, in a busy room: what they take of the server's memory, what others notice, and that each is ended.

slow_readers.py [--fill posts|answers] [--sessions 2000] [--outbox-bytes 65536] [--posts-per-second 20] [--post-bytes 4096] [--seconds 10]
                [--pages-per-second 2000] [--page-messages 0]

What fills their outboxes is the room's posts, of which the server keeps one for all; or, harder, pages that each of them asks for. First
such sessions read, which is the control; then as many others never do. Prints figures; ends with 1 where the server's memory leaves its
bound, which is what it was before, network.outbox_bytes for each session and a tenth of that, and a margin for posts and answers under
way; or where a session was not ended as a slow reader."""

import argparse
import asyncio
import concurrent.futures
import dataclasses
import multiprocessing
import os
import selectors
import sys
import threading
import time

from running_room import Room, forget_peak, memory_kib, percentile, print_times  # first: it tells where support is
from support import deadline
from support.cases import UNLIMITED
from support.raw import RawSocket
from support.server import Server
from support.wire import pb

HANDLE = "tuula.vainio"
RECEIVE_BUFFER, SEGMENT = 4096, 1460  # so that the kernel keeps little for who does not read, as over a network
KERNEL_BYTES = 128 * 1024  # that it keeps at most
CLOSE_MS = 5000
CACHE_BYTES = 2 * 1024 * 1024
MARGIN_KIB = 6 * 1024  # for entities in the workers' caches, posts and answers under way
LOOKED_AT = 10  # sessions that read at last what had come for them
SAID = "session reads too slowly"  # by the server of each slow reader, once
PATIENCE = 600  # seconds for thousands of sessions on a busy machine


@dataclasses.dataclass
class Pages:
    """How many each session asks for, of how many messages, and of all in a second."""
    each: int
    messages: int
    per_second: float


def connected(port, token, room, reading):
    raw = RawSocket(port, **({} if reading else {"receive_buffer": RECEIVE_BUFFER, "segment": SEGMENT})).open(token)
    if room:
        raw.send(pb.Request(id=2, subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=f"room:{room}")])))
        assert raw.response(2).HasField("done")
    return raw


def ask(raws, thread, pages):
    """One after the other, so that their outboxes are full at the same time."""
    begin = time.perf_counter()
    for n in range(pages.each * len(raws) if pages else 0):
        time.sleep(max(0, begin + n / pages.per_second - time.perf_counter()))
        try:
            raws[n % len(raws)].send(pb.Request(id=n // len(raws) + 3, read_history=pb.ReadHistory(
                room=thread[0], thread=thread[1], limit=pages.messages)))
        except ConnectionError:
            pass  # ended already


def read_until_told(raws, pipe):
    """Returns how many connections have ended meanwhile."""
    ended = 0
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        for raw in raws:
            ready.register(raw, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is pipe:
                    return ended
                try:
                    over = not os.read(key.fd, 65536)
                except ConnectionResetError:
                    over = True
                if over:
                    ended += 1
                    ready.unregister(key.fileobj)


def last_of(raw):
    """Reads to the end. Returns the reason of the closing notice, none where the connection was cut before it."""
    reason = ""
    while (item := raw.next_item()) is not None:
        if item.notice.HasField("closing"):
            reason = item.notice.closing.error.reason
    raw.read_to_end()
    return reason


def crowd(pipe, port, token, thread, sessions, pages, reading):
    """In a process of its own, so that the room's clients do not wait for it. thread: (room, thread). It goes on when it is told to."""
    os.nice(10)  # in life these are other machines: they must not take the processor from what is measured
    raws = [connected(port, token, 0 if pages else thread[0], reading) for _ in range(sessions)]
    pipe.send("there")
    pipe.recv()
    asking = threading.Thread(target=ask, args=(raws, thread, pages))
    asking.start()
    if reading:
        pipe.send(read_until_told(raws, pipe))
    else:
        pipe.recv()
        with concurrent.futures.ThreadPoolExecutor(LOOKED_AT) as pool:
            pipe.send(list(pool.map(last_of, raws[-LOOKED_AT:])))
        pipe.recv()  # the others stay as they are, unread, until here


class Crowd:
    """Context: its process. say() and heard() talk with it."""

    def __init__(self, *arguments):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=crowd, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def say(self):
        self._pipe.send(None)

    async def heard(self):
        return await deadline.within(asyncio.get_running_loop().run_in_executor(None, self._pipe.recv), "the crowd's word", PATIENCE)


def pages_of(wanted):
    """More than an outbox and the kernel take. One holds a quarter of an outbox at most."""
    if wanted.fill == "posts":
        return None
    messages = wanted.page_messages or min(100, max(1, wanted.outbox_bytes // 5 // wanted.post_bytes))
    return Pages(-(-(wanted.outbox_bytes * 3 // 2 + KERNEL_BYTES) // (messages * wanted.post_bytes)), messages, wanted.pages_per_second)


def open_files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


@dataclasses.dataclass
class Figures:
    """Memory in KiB: before, with the sessions there, at most. Times: of posts in seconds, else seconds."""
    before: int = 0
    idle: int = 0
    peak: int = 0
    quiet: list = None
    read: list = None
    never_read: list = None
    control_peak: int = 0
    control_ended: int = 0
    until_said: float = 0
    until_gone: float = 0
    reasons: list = None


async def control(server, room, wanted, arguments, figures):
    asking = arguments[-1].each * wanted.sessions / wanted.pages_per_second if arguments[-1] else 0
    with Crowd(*arguments, True) as crowd_:
        await crowd_.heard()
        forget_peak(server.process.pid)
        room.take_times()
        crowd_.say()
        figures.read = await room.times_of(int(wanted.posts_per_second * max(wanted.seconds, asking)))
        crowd_.say()
        figures.control_ended = await crowd_.heard()
        figures.control_peak = memory_kib(server.process.pid, "VmHWM")


async def slow(server, room, wanted, arguments, files, figures):
    with Crowd(*arguments, False) as crowd_:
        await crowd_.heard()
        figures.idle = memory_kib(server.process.pid, "VmRSS")
        forget_peak(server.process.pid)
        room.take_times()
        begin = time.perf_counter()
        crowd_.say()
        await deadline.eventually(lambda: server.log().count(SAID) >= wanted.sessions, "each is ended as a slow reader", PATIENCE)
        said = time.perf_counter()
        crowd_.say()
        await deadline.eventually(lambda: open_files(server) <= files, "their connections are gone", PATIENCE)
        figures.until_said, figures.until_gone = said - begin, time.perf_counter() - said
        figures.reasons = await crowd_.heard()
        times = room.take_times()
        figures.never_read = times + await room.times_of(max(1, int(wanted.posts_per_second * wanted.seconds) - len(times)))
        figures.peak = memory_kib(server.process.pid, "VmHWM")


async def measure(server, wanted):
    figures = Figures()
    async with Room(server, wanted.posts_per_second, wanted.post_bytes) as room:
        await room.times_of(max(int(wanted.posts_per_second), 100))  # to warm up, and for the pages
        figures.quiet = await room.times_of(int(wanted.posts_per_second * wanted.seconds))
        arguments = (server.port, server.token(HANDLE), (room.room, room.thread), wanted.sessions, pages_of(wanted))
        files = open_files(server)
        figures.before = memory_kib(server.process.pid, "VmRSS")
        await control(server, room, wanted, arguments, figures)
        await deadline.eventually(lambda: open_files(server) <= files, "the control's sessions are gone", PATIENCE)
        await slow(server, room, wanted, arguments, files, figures)
    return figures


def report(figures, wanted):
    """Prints. Returns what is wrong."""
    full = wanted.sessions * wanted.outbox_bytes // 1024
    bound = figures.before + full * 11 // 10 + MARGIN_KIB
    print(f"{wanted.sessions} sessions that never read {wanted.fill}, network.outbox_bytes {wanted.outbox_bytes}, "
          f"posts of {wanted.post_bytes} bytes")
    print(f"RSS: {figures.before} KiB before, {figures.idle} KiB with the sessions, {figures.peak} KiB at most, bound {bound} KiB; "
          f"{figures.control_peak} KiB at most where they read ({figures.control_ended} of these were ended)")
    print(f"grown by {100 * (figures.peak - figures.before) / full:.0f} % of full outboxes, {full} KiB; without the sessions themselves "
          f"by {100 * (figures.peak - figures.idle) / full:.0f} %; bound: 110 %, and {MARGIN_KIB} KiB")
    print(f"all {wanted.sessions} were ended as slow readers within {figures.until_said:.1f} s, and their connections were gone "
          f"{figures.until_gone:.1f} s after the last (network.close_timeout_ms {CLOSE_MS})")
    reasons = figures.reasons
    print(f"of {len(reasons)} that read at last {reasons.count('slow_reader')} found the notice, {reasons.count('')} were cut before it")
    for what, times in (("quiet", figures.quiet), ("they read", figures.read), ("they never read", figures.never_read)):
        print_times(what, times)
    p99 = percentile(figures.never_read, 0.99)
    print(f"p99 where they never read: {p99 / percentile(figures.quiet, 0.99):.2f} of quiet, "
          f"{p99 / percentile(figures.read, 0.99):.2f} of where they read")
    wrong = [f"one was ended for another reason: {reason}" for reason in reasons if reason not in ("slow_reader", "")]
    return wrong + ["memory has left its bound"] * (figures.peak > bound)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--outbox-bytes", type=int, default=65536)
    parser.add_argument("--fill", choices=["posts", "answers"], default="posts")
    parser.add_argument("--pages-per-second", type=float, default=2000, help="that all of them together ask for")
    parser.add_argument("--page-messages", type=int, default=0, help="of a page; 0: as many as a fifth of an outbox holds")
    parser.add_argument("--posts-per-second", type=float, default=20)
    parser.add_argument("--post-bytes", type=int, default=4096)
    parser.add_argument("--seconds", type=float, default=10, help="of posts that are measured each time, at least")
    wanted = parser.parse_args()
    many = wanted.sessions + 1000
    options = {**UNLIMITED, "network.outbox_bytes": wanted.outbox_bytes, "network.close_timeout_ms": CLOSE_MS,
               "network.connections": many, "network.connections_per_address": many, "network.connections_per_member": many,
               "network.ping_interval_ms": 1000 * PATIENCE, "network.idle_timeout_ms": 2000 * PATIENCE,  # nothing else ends them
               "store.cache_bytes": CACHE_BYTES}
    with Server(options) as server:
        wrong = report(asyncio.run(measure(server, wanted)), wanted)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

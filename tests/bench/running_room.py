"""A room in use, whose times from post to delivery a benchmark takes while something else goes on; and what a process takes in memory."""

import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from support import deadline  # noqa: E402
from support.cases import ROOM  # noqa: E402
from support.wire import Client  # noqa: E402


def memory_kib(pid, which):
    """`which`: VmRSS, or VmHWM, the most that it has been since forget_peak() (proc(5))."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(which + ":"))


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def print_times(what, times):
    print(f"post to delivery, {what}: {len(times)} posts, median {percentile(times, 0.5) * 1000:.2f} ms, "
          f"p99 {percentile(times, 0.99) * 1000:.2f} ms")


class Room:
    """Somebody posts at a steady pace, somebody else reads. `times`: seconds from each post to its delivery."""

    def __init__(self, server, pace, text_bytes=0, read_at=None):
        """text_bytes: of each post at least. read_at: another server of the installation, where the reader is."""
        self.writer = Client(server.url, server.token("pekka.rautio"))
        self.reader = Client((read_at or server).url, server.token("aino.metsala"))
        self.pace = pace
        self.text_bytes = text_bytes
        self.times = []
        self._sent = {}
        self._posts = []
        self._wanted = None  # so many deliveries, and whom to tell

    async def __aenter__(self):
        await self.writer.connect()
        await self.reader.connect()
        self.room = (await self.reader.room(ROOM)).id
        await self.reader.subscribe(f"room:{self.room}")
        self.thread = await self.writer.start_thread(self.room, "Huoneessa keskustellaan", "alku")
        take = self.reader._take

        def noted(item):
            take(item)
            for entity in item.change.entities:
                begin = self._sent.pop(entity.message.text, None)
                if begin is not None:
                    self._delivered(time.perf_counter() - begin)

        self.reader._take = noted
        self._loop, self._begin = asyncio.get_running_loop(), time.perf_counter()
        self._post(0, self._loop.time())
        return self

    async def __aexit__(self, *_):
        self._next.cancel()
        await asyncio.gather(*self._posts)
        await self.writer.close()
        await self.reader.close()

    def _post(self, n, at):
        """At its times, however long the posts before take: what waits counts as late."""
        text = f"viesti {n}".ljust(self.text_bytes, "x")
        self._sent[text] = self._begin + n / self.pace
        self._posts.append(asyncio.ensure_future(self.writer.post(self.room, self.thread, text)))
        self._next = self._loop.call_at(at + 1 / self.pace, self._post, n + 1, at + 1 / self.pace)

    def _delivered(self, seconds):
        self.times.append(seconds)
        if self._wanted and len(self.times) >= self._wanted[0]:
            self._wanted[1].set()

    async def times_of(self, posts):
        """Of so many further posts."""
        self.take_times()
        self._wanted = (posts, asyncio.Event())
        await deadline.within(self._wanted[1].wait(), f"{posts} deliveries", 10 + 10 * posts / self.pace)
        return self.take_times()

    def take_times(self):
        times, self.times = self.times, []
        return times

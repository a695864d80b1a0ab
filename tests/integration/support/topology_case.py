"""What tests of a server on sentinels or on a cluster have in common."""

import asyncio
import binascii
import contextlib
import os
import unittest

from . import deadline
from .poster import Poster, texts_of
from .server import Server
from .wire import Client

ROOM = "kuntastrategia-arjessa"
AUTHORS = ["aino.metsala", "pekka.rautio", "tuula.vainio"]
READER = "riitta.salmi"
PARTITIONS = 16
# Posting is to be met in its midst, not by its limits. A change waits for a failover of a few seconds; nobody is told so late
# that the test is over.
# On a quick machine posters would reach any limit that people do not.
OPTIONS = {"session.requests_per_second": 100000, "session.request_burst": 100000,
           "session.member_requests_per_second": 100000, "session.member_request_burst": 100000}


def partition_of(room):
    return binascii.crc_hqx(f"room:{room}".encode(), 0) % PARTITIONS


class TopologyCase(unittest.TestCase):
    def enter(self, context):
        """Until the test's end."""
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    def server(self, url, options=None, demo=True):
        return self.enter(Server({**OPTIONS, **(options or {})}, ["--redis", url, "--workers", "2"], demo=demo))

    def second_node(self, first, url):
        return self.server(url, {"second_factor.key_file": os.path.join(first.data, "second-factor.key")}, demo=False)

    @contextlib.asynccontextmanager
    async def posting(self, server):
        """Members of the demo post into one thread; yields what tells about it. On exit they have stopped."""
        async with Client(server.url, server.token(AUTHORS[0])) as client:
            room = (await client.room(ROOM)).id
            thread = await client.start_thread(room)
        posters = [Poster(server.url, server.token(name), room, thread, name) for name in AUTHORS]
        run = Posting(server, room, thread, posters)
        tasks = [asyncio.ensure_future(poster.run(lambda: run.over)) for poster in posters]
        try:
            yield run
        finally:
            run.over = True
            try:
                await deadline.within(asyncio.gather(*tasks), "the posters have ended")
            except BaseException:
                print(server.log()[-4000:], *(f"{p.name}: {len(p.texts)} begun, {p.committed} committed, {p.unsure[-20:]}" for p in posters),
                      *(f"-- {process.name} (port {process.port}):\n{process.log()[-3000:]}" for process in self.redis.processes.values()),
                      sep="\n")
                raise

    async def assert_acknowledged_is_there(self, run):
        """In its authors' order, all that had been acknowledged when this was called."""
        counts = [poster.committed for poster in run.posters]
        async with Client(run.server.url, run.server.token(READER)) as reader:
            texts = await texts_of(reader, run.room, run.thread)
        for poster, count in zip(run.posters, counts):
            self.assertEqual([t for t in texts if t.startswith(poster.name + " ")][:count], poster.texts[:count])

    async def assert_once_each(self, run, ordered):
        """Each message is there exactly once, also after all were sent again; with `ordered` in its author's order."""
        for poster in run.posters:
            await poster.repeat_all()
            await poster.close()
        async with Client(run.server.url, run.server.token(READER)) as reader:
            texts = (await texts_of(reader, run.room, run.thread))
        for poster in run.posters:
            own = [text for text in texts if text.startswith(poster.name + " ")]
            self.assertEqual(own if ordered else sorted(own), poster.texts if ordered else sorted(poster.texts))


class Posting:
    def __init__(self, server, room, thread, posters):
        self.server, self.room, self.thread, self.posters = server, room, thread, posters
        self.over = False

    async def further(self, count=10):
        """Until each has begun so many more."""
        wanted = [len(poster.texts) + count for poster in self.posters]
        await deadline.eventually(lambda: all(len(p.texts) >= n for p, n in zip(self.posters, wanted)), "posting goes on")


async def blocking(function, *arguments):
    """Runs what blocks, such as a failover, while posting goes on."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)

"""Who posts, and who reads what they lose the right to. What is lost is judged by what was sent after the acknowledgement."""

import asyncio
import time

from . import deadline
from .wire import ENDED, Client, Mirror, Refused, pb

WRITERS = 3
LATE_POSTS = 4  # of each writer, at least


class Writers:
    """Posts of one member to a new thread, several at a time. Those sent once `acknowledged` is set are late."""

    def __init__(self, server, token, room):
        self.client = Client(server.url, token)
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
        self.over = asyncio.Event()  # nothing more is to come that could be wrong

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

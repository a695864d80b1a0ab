"""A Foorumi client written from docs/protocol.md with python3-websockets and code generated from the .proto.

It shares nothing with the server or the terminal client. While it mirrors channels it checks the protocol's promises: changes follow
one another without gaps, and each entity carries the version that changed it."""

import asyncio
import os
import secrets
import sys
import time

import websockets
import websockets.exceptions

sys.path.insert(0, os.environ.get("FOORUMI_PROTO_DIR", ""))
from foorumi.v1 import entities_pb2 as entities  # noqa: E402
from foorumi.v1 import protocol_pb2 as pb  # noqa: E402

from . import deadline  # noqa: E402

Error = pb.Error
# What a call raises whose connection has ended.
ENDED = (ConnectionError, websockets.exceptions.ConnectionClosed)


def code(name):
    return getattr(pb.Error, "CODE_" + name)


class Refused(Exception):
    """The answer was an Error."""

    def __init__(self, error):
        super().__init__(f"{pb.Error.Code.Name(error.code)} {error.reason} {error.field}: {error.text}")
        self.error = error


class Mirror:
    """A channel's entities as its changes and syncs tell them."""

    def __init__(self):
        self.version = 0
        self.epoch = 0
        self.generation = 0
        self.resets = 0
        self.live = False
        self.entities = {}

    def put(self, entity):
        if entity.WhichOneof("value") is None:
            self.entities.pop(entity.key, None)
        else:
            self.entities[entity.key] = entity

    def synced(self, item):
        if item.generation != self.generation or item.HasField("error"):
            return
        if item.reset or item.since == 0:
            self.entities.clear()
        self.resets += item.reset
        for entity in list(item.entities) + [summary.thread for summary in item.threads.threads]:
            assert entity.version <= item.version, f"entity {entity.key} is ahead of its sync"
            self.put(entity)
        self.version, self.epoch = item.version, item.epoch
        self.live = not item.more

    def change(self, item):
        if not self.live:
            return
        assert item.previous_version == self.version, f"gap in {item.channel}: {self.version} to {item.previous_version}"
        assert item.version == item.previous_version + 1, f"version of {item.channel} jumps"
        for entity in item.entities:
            assert entity.version == item.version, f"{entity.key} does not carry its commit's version"
            self.put(entity)
        self.version = item.version


class Client:
    """One connection. Everything that arrives is kept in `items` in its order."""

    def __init__(self, url, token, mirrors=None, tls=None, language="fi"):
        """With the mirrors of an earlier connection, subscribe() resumes them. tls: how the certificate of a wss:// is checked."""
        self.tls = tls
        self.language = language
        self.url = url
        self.token = token
        self.items = []
        self.mirrors = mirrors or {}
        for mirror in self.mirrors.values():
            mirror.live = False
        self.welcome = None
        self.broken = None
        self._socket = None
        self._reader = None
        self._answers = {}
        self._next_id = 1
        self._arrived = asyncio.Event()

    async def __aenter__(self):
        return await self.connect()

    async def __aexit__(self, *_):
        await self.close()

    async def connect(self):
        self._socket = await deadline.within(
            websockets.connect(self.url, subprotocols=["foorumi.v1"], max_size=None, ping_interval=None, compression=None,
                               **({"ssl": self.tls} if self.tls else {})),
            "the WebSocket is open")
        assert self._socket.subprotocol == "foorumi.v1"
        self._reader = asyncio.ensure_future(self._read())
        answer = await self.request(hello=pb.Hello(client="python test 1", protocol_min=1, protocol_max=1, language=self.language,
                                                   token=self.token))
        self.welcome = answer.welcome
        return self

    async def close(self):
        await self._socket.close()
        await deadline.within(asyncio.gather(self._reader, return_exceptions=True), "the reader ends")
        if self.broken is not None:
            raise self.broken

    async def _read(self):
        try:
            async for data in self._socket:
                assert isinstance(data, bytes), "a text message from the server"
                for item in pb.ServerFrame.FromString(data).items:
                    self._take(item)
        except websockets.exceptions.ConnectionClosed:
            pass
        except AssertionError as error:
            self.broken = error
        finally:
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(self.broken or ConnectionError("the connection ended before the answer"))
            self._arrived.set()

    def _take(self, item):
        self.items.append(item)
        kind = item.WhichOneof("item")
        if kind == "response":
            waiting = self._answers.pop(item.response.id, None)
            assert waiting is not None, f"an answer to no request: {item.response.id}"
            waiting.set_result(item.response)
        elif kind == "change":
            mirror = self.mirrors.get(item.change.channel)
            assert mirror is not None, f"a change of {item.change.channel}, which was not subscribed to"
            mirror.change(item.change)
        elif kind == "synced" and item.synced.channel in self.mirrors:
            self.mirrors[item.synced.channel].synced(item.synced)
        self._arrived.set()

    async def send(self, *requests):
        """Sends requests in one frame. Returns the futures of their answers, errors included."""
        loop = asyncio.get_running_loop()
        frame = pb.ClientFrame()
        futures = []
        for request in requests:
            request.id = self._next_id
            if request.change_id and not request.made_at_ms:
                request.made_at_ms = now_ms()
            self._next_id += 1
            self._answers[request.id] = loop.create_future()
            futures.append(self._answers[request.id])
            frame.requests.append(request)
        try:
            await self._socket.send(frame.SerializeToString())
        except websockets.exceptions.ConnectionClosed:
            for future in futures:
                future.cancel()
            raise
        return futures

    async def request(self, change_id=b"", made_at_ms=0, **command):
        """Sends one command and returns its Response; an Error is raised as Refused. A change with made_at_ms 0 is made now."""
        future, = await self.send(pb.Request(change_id=change_id, made_at_ms=made_at_ms, **command))
        response = await deadline.within(future, f"the answer to {next(iter(command))}")
        if response.WhichOneof("result") == "error":
            raise Refused(response.error)
        return response

    async def change(self, change_id=None, **command):
        """A command that changes something, with a change id. Returns Committed."""
        return (await self.request(change_id=change_id or new_change_id(), **command)).committed

    async def refused(self, change_id=b"", **command):
        """The Error of a command that must be refused."""
        try:
            response = await self.request(change_id=change_id, **command)
        except Refused as refused:
            return refused.error
        raise AssertionError(f"{command} was not refused but answered {response}")

    async def subscribe(self, *channels):
        """Subscribes to, or resumes, all channels with one request, and asks on where there is more. Returns the first
        Synced of each channel."""
        first = {}
        asked = list(channels)
        while asked:
            cursors = []
            for channel in asked:
                mirror = self.mirrors.setdefault(channel, Mirror())
                mirror.live = False
                mirror.generation += 1
                cursors.append(pb.Subscribe.Cursor(channel=channel, since=mirror.version, generation=mirror.generation,
                                                   epoch=mirror.epoch))
            begin = len(self.items)
            answer = await self.request(subscribe=pb.Subscribe(cursors=cursors))
            assert answer.WhichOneof("result") == "done"
            synced = {item.synced.channel: item.synced for item in self.items[begin:] if item.HasField("synced")}
            assert sorted(synced) == sorted(set(asked)), f"synced {sorted(synced)}, asked for {asked}"
            for channel, item in synced.items():
                first.setdefault(channel, item)
            asked = [channel for channel, item in synced.items() if item.more]
        return first

    async def until(self, condition, what):
        """Waits until the condition holds; it is asked again whenever something has arrived. Returns its value."""
        end = time.monotonic() + deadline.SECONDS
        while True:
            value = condition()
            if value:
                return value
            if self._reader.done():
                raise self.broken or ConnectionError(f"the connection ended before: {what}")
            self._arrived.clear()
            await deadline.within(self._arrived.wait(), what, max(0.01, end - time.monotonic()))

    async def ended(self):
        """Waits until the server has ended the connection."""
        await deadline.within(asyncio.shield(self._reader), "the server ends the connection")

    def of_kind(self, kind):
        return [getattr(item, kind) for item in self.items if item.WhichOneof("item") == kind]

    def changes(self, channel):
        return [change for change in self.of_kind("change") if change.channel == channel]

    def entity(self, channel, key):
        return self.mirrors[channel].entities.get(key)

    # --- what tests ask for again and again

    async def room(self, slug):
        rooms = (await self.request(list_rooms=pb.ListRooms())).rooms.rooms
        return next((room for room in rooms if room.slug == slug), None)

    async def start_thread(self, room, title="Otsikko", text="Ensimmäinen viesti"):
        return (await self.change(start_thread=pb.StartThread(room=room, title=title, text=text))).version

    async def post(self, room, thread, text, reply_to=0):
        return (await self.change(post_message=pb.PostMessage(room=room, thread=thread, text=text,
                                                              reply_to=reply_to))).version

    async def history(self, room, thread, **bounds):
        return (await self.request(read_history=pb.ReadHistory(room=room, thread=thread, **bounds))).history

    async def threads(self, room, **bounds):
        return (await self.request(list_threads=pb.ListThreads(room=room, **bounds))).threads

    async def summary(self, room, thread):
        found = [s for s in (await self.threads(room)).threads if s.thread.key == f"thread:{thread}"]
        return found[0] if found else None


def new_change_id():
    return secrets.token_bytes(16)


def now_ms():
    """The server's clock is this machine's."""
    return int(time.time() * 1000)


def change(**values):
    """A Request that changes something, with a change id of its own and made now, unless `values` say otherwise."""
    return pb.Request(**{"change_id": new_change_id(), "made_at_ms": now_ms(), **values})


"""A client that lives through faults: reconnects to any node, resumes by its cursors, and repeats each change under its change id until
its fate is known. It writes a journal and judges nothing.

support/wire.py's client is for tests in which nothing fails: there a lost connection is an error. This one only shares its generated
code."""

import asyncio
import contextlib
import dataclasses
import secrets

import websockets
import websockets.exceptions

import pace
from entity import described
from support.wire import now_ms, pb

CODES = pb.Error.Code
PING_S, SILENT_S = 1.0, 4.0 * pace.SLOWNESS   # silence after which a connection is taken for dead
ANSWER_S = 6.0 * pace.SLOWNESS                # the same of a single answer: longer than the server's own deadline
OPEN_S = 3.0 * pace.SLOWNESS
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 1.0
SHUT_POLL_S = 0.2
ENDED = (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException)
NOT_APPLIED, UNKNOWN = CODES.CODE_UNAVAILABLE, CODES.CODE_OUTCOME_UNKNOWN


@dataclasses.dataclass
class Channel:
    room: int
    version: int = 0      # the cursor
    epoch: int = 0        # of it
    generation: int = 0
    live: bool = False
    shut: bool = False    # may not be read at present


@dataclasses.dataclass
class Change:
    id: bytes
    sent: float           # when it first went out
    done: float = 0.0


class Client:
    """run() until stop(). `ways`: URLs, of which each connection takes one at random. `rooms`: ids that it subscribes to."""

    def __init__(self, handle, token, ways, journal, dice, rooms):
        self.handle, self.token, self.ways, self.journal, self.dice = handle, token, ways, journal, dice
        self.channels = {f"room:{room}": Channel(room) for room in rooms}
        self.member = 0
        self.ready = asyncio.Event()       # a connection stands, and all that may be read has been subscribed to
        self.over = False
        self.signed_out = False
        self.pending = {}                  # change id -> Change
        self.last_resolved_sent = 0.0      # when the latest change that has an answer had first been sent
        self.acknowledged = {}             # room -> highest version acknowledged to this client
        self.connections = 0
        self._socket = None
        self._answers = {}
        self._next_id = 1
        self._tasks = set()

    # --- connections

    async def run(self):
        wait = FIRST_WAIT_S
        while not self.over and not self.signed_out:
            try:
                await self._live()
                wait = FIRST_WAIT_S
            except ENDED:
                wait = min(LONGEST_WAIT_S, wait * 2)
            finally:
                self._lost()
            if not self.over:
                await pace.last(wait * self.dice.uniform(0.5, 1.0))

    def stop(self):
        self.over = True
        self.drop()

    def drop(self):
        """Ends the connection without a word."""
        if self._socket is not None and self._socket.transport is not None:
            self._socket.transport.abort()

    def _lost(self):
        if self.ready.is_set():
            self.journal.write("lost")
        self.ready.clear()
        for channel in self.channels.values():
            channel.live = False
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the connection ended before the answer"))
                waiting.exception()  # seen, also where nobody waits any more
        self._answers.clear()
        for task in list(self._tasks):
            task.cancel()

    async def _live(self):
        url = self.dice.choice(self.ways)
        self._socket = await websockets.connect(url, subprotocols=["foorumi.v1"], max_size=None, compression=None,
                                                ping_interval=PING_S, ping_timeout=SILENT_S, open_timeout=OPEN_S,
                                                close_timeout=0.2)
        reader = asyncio.ensure_future(self._read())
        try:
            answer = await self._answer(hello=pb.Hello(client="chaos 1", protocol_min=1, protocol_max=1, language="fi",
                                                       token=self.token))
            if answer.HasField("error"):
                if answer.error.reason == "token_invalid":
                    self.signed_out = True
                    self.journal.write("signed_out")
                raise ConnectionError(answer.error.reason)
            self.member = answer.welcome.self.id
            self.connections += 1
            self.journal.write("connected", member=self.member, node=self.ways.index(url))
            await self._subscribe([name for name, channel in self.channels.items() if not channel.shut])
            self.ready.set()
            self._start(self._watch_shut())
            await reader
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, *ENDED):
                await reader
            self.drop()
            with contextlib.suppress(*ENDED):
                await self._socket.close()

    def _start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)

        def ended(task):
            self._tasks.discard(task)
            if not task.cancelled() and task.exception() is not None:
                if not isinstance(task.exception(), ENDED):
                    raise task.exception()
                self.drop()

        task.add_done_callback(ended)

    async def _watch_shut(self):
        """Tries again to read what may not be read, as people do who wait for it."""
        while True:
            await pace.last(SHUT_POLL_S)
            shut = [name for name, channel in self.channels.items() if channel.shut or not channel.live]
            if shut:
                await self._subscribe(shut)

    # --- requests

    async def _send(self, request):
        """Returns the future of the answer."""
        request.id = self._next_id
        self._next_id += 1
        future = self._answers[request.id] = asyncio.get_running_loop().create_future()
        await self._socket.send(pb.ClientFrame(requests=[request]).SerializeToString())
        return future

    async def _answer(self, **command):
        request = pb.Request(**command)
        return await asyncio.wait_for(await self._send(request), ANSWER_S)

    async def ask(self, seconds, **command):
        """The Response to a command that changes nothing, asked again where the server is not available, or None."""
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            try:
                await asyncio.wait_for(self.ready.wait(), 1.0)
                answer = await self._answer(**command)
                if not answer.HasField("error") or answer.error.code != NOT_APPLIED:
                    return answer
                await pace.last(FIRST_WAIT_S)
            except asyncio.TimeoutError:
                if self.ready.is_set():
                    self.drop()
            except ENDED:
                await pace.last(FIRST_WAIT_S)
        return None

    async def _subscribe(self, names):
        if not names:
            return
        cursors = []
        for name in names:
            channel = self.channels[name]
            channel.live = False
            channel.generation += 1
            cursors.append(pb.Subscribe.Cursor(channel=name, since=channel.version, generation=channel.generation,
                                               epoch=channel.epoch))
        answer = await self._answer(subscribe=pb.Subscribe(cursors=cursors))
        if answer.HasField("error"):
            raise ConnectionError(answer.error.reason)

    async def change(self, made, **command):
        """Carries a change through until its fate is known. `made`: what the journal tells of it. Returns the version, or None where it
        was refused, or the run has ended before."""
        change = Change(secrets.token_bytes(16), 0.0)
        request = pb.Request(change_id=change.id, made_at_ms=now_ms(), **command)
        name = change.id.hex()
        tries = 0
        while not self.over and not self.signed_out:
            try:
                await asyncio.wait_for(self.ready.wait(), 1.0)
            except asyncio.TimeoutError:
                continue
            tries += 1
            self.journal.write("sent", change=name, attempt=tries, **(made if tries == 1 else {}))
            if tries == 1:
                change.sent = asyncio.get_running_loop().time()
                self.pending[change.id] = change
            result = await self._try_once(request, name)
            if result is not None:
                self._resolved(change)
                return result.committed.version if result.HasField("committed") else None
        if tries:
            self.journal.write("abandoned", change=name)
            self.pending.pop(change.id, None)
        return None

    def _resolved(self, change):
        self.pending.pop(change.id, None)
        self.last_resolved_sent = max(self.last_resolved_sent, change.sent)

    async def _try_once(self, request, name):
        """The answer that decides the change's fate, or None."""
        copy = pb.Request()
        copy.CopyFrom(request)
        try:
            answer = await asyncio.wait_for(await self._send(copy), ANSWER_S)
        except asyncio.TimeoutError:
            self.journal.write("unsure", change=name, reason="no answer")
            self.drop()
            return None
        except ENDED:
            self.journal.write("unsure", change=name, reason="connection")
            return None
        if answer.HasField("committed"):
            committed = answer.committed
            self.journal.write("acknowledged", change=name, channel=committed.channel, version=committed.version,
                               repeated=committed.repeated)
            self.acknowledged[committed.channel] = max(self.acknowledged.get(committed.channel, 0), committed.version)
            return answer
        error = answer.error
        again = error.code in (NOT_APPLIED, UNKNOWN) or error.reason == "rate_limited"
        self.journal.write("unsure" if again else "refused", change=name, code=CODES.Name(error.code), reason=error.reason)
        if not again:
            return answer
        await pace.last(min(error.retry_after_ms / 1000, 0.3) + 0.02)
        return None

    # --- what arrives

    async def _read(self):
        async for data in self._socket:
            for item in pb.ServerFrame.FromString(data).items:
                kind = item.WhichOneof("item")
                if kind == "response":
                    waiting = self._answers.pop(item.response.id, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(item.response)
                elif kind in ("change", "synced", "notice"):
                    getattr(self, "_take_" + kind)(getattr(item, kind))

    def _take_change(self, item):
        channel = self.channels[item.channel]
        if not channel.live:
            return  # of an older generation
        self.journal.write("change", channel=item.channel, previous=item.previous_version, version=item.version,
                           entities=[described(entity) for entity in item.entities])
        if item.previous_version != channel.version:
            channel.live = False  # the protocol: something is wrong, so subscribe anew; the journal has it
            return
        channel.version = item.version

    def _take_synced(self, item):
        channel = self.channels[item.channel]
        if item.generation != channel.generation:
            return
        if item.HasField("error"):
            self.journal.write("not_synced", channel=item.channel, reason=item.error.reason)
            if item.error.code == CODES.CODE_NOT_FOUND:
                channel.shut, channel.version = True, 0
            return
        entities = [described(entity) for entity in list(item.entities) + [s.thread for s in item.threads.threads]]
        self.journal.write("synced", channel=item.channel, since=item.since, version=item.version, epoch=item.epoch,
                           reset=item.reset, more=item.more, entities=entities)
        channel.version, channel.epoch, channel.live, channel.shut = item.version, item.epoch, not item.more, False

    def _take_notice(self, item):
        kind = item.WhichOneof("notice")
        reason = item.closing.error.reason if kind == "closing" else ""
        self.journal.write("notice", notice=kind, reason=reason, **({"channel": item.access_changed.channel}
                                                                    if kind == "access_changed" else {}))
        if kind == "access_changed":
            channel = self.channels[item.access_changed.channel]
            channel.live, channel.shut, channel.version = False, True, 0
        elif kind == "sign_in_again":
            self.signed_out = True

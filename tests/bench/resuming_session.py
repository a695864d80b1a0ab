"""A session that is cheap enough for thousands of them in one process: it keeps versions, not content, resumes what it follows after each
end of its connection, and checks that every version comes, once and in order."""

import asyncio
import base64
import os
import random
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from support.raw import BINARY, CLOSE, MASK, PING, PONG, frame_header, hello  # noqa: E402
from support.wire import pb  # noqa: E402

HANDSHAKE = ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: foorumi.v1\r\n\r\n")
FIRST_DELAY, LONGEST_DELAY = 0.5, 30  # seconds, docs/protocol.md section 8
CACHED = 512


class Frames:
    """What frames say. The same post comes to all sessions as the same bytes, which are read once."""

    def __init__(self):
        self._read = {}

    def items(self, payload):
        known = self._read.get(payload)
        if known is None:
            known = list(pb.ServerFrame.FromString(payload).items)
            if len(self._read) >= CACHED:
                self._read.clear()
            self._read[payload] = known
        return known


class Followed:
    """A channel at the version that the session has of it."""

    def __init__(self):
        self.version = self.epoch = 0
        self.live = False


class Journal:
    """What all sessions of a process tell."""

    def __init__(self):
        self.faults = []
        self.caught_up = 0  # versions that came with a resumption
        self.back = []  # time.monotonic() of each session that was live on all its channels again
        self.told = {}  # reasons of refusals and ends -> how often
        self.live = 0   # sessions

    def count(self, reason, times=1):
        self.told[reason] = self.told.get(reason, 0) + times

    def add(self, other):
        self.faults += other.faults
        self.caught_up += other.caught_up
        self.back += other.back
        for reason, times in other.told.items():
            self.count(reason, times)


class Session(asyncio.Protocol):
    def __init__(self, ports, at, token, channels, delay, frames, journal, changed):
        """ports: of the nodes; at: the index of the first one that it comes to. delay: the first one before it comes again, in seconds.
        changed: an event, for `live` of the journal."""
        self._ports, self._at, self._token, self._frames, self._journal, self._changed = ports, at, token, frames, journal, changed
        self.followed = {channel: Followed() for channel in channels}
        self._first_delay = self._delay = delay
        self._live_once = self._live = False
        self._over = False
        self._transport = None

    def come(self):
        self._coming = asyncio.ensure_future(self._connect())

    def end(self):
        self._over = True
        if self._transport:
            self._transport.abort()

    async def _connect(self):
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._ports[self._at])
        except OSError:
            self._journal.count("not connected")
            self._come_later()

    def _come_later(self):
        """To another node, each time after a delay that doubles, half of it random."""
        if self._over:
            return
        delay, self._delay = self._delay, min(max(FIRST_DELAY, 2 * self._delay), LONGEST_DELAY)
        self._at = random.choice([n for n in range(len(self._ports)) if n != self._at])
        asyncio.get_running_loop().call_later(delay * random.uniform(0.5, 1), self.come)

    # --- the connection

    def connection_made(self, transport):
        self._transport, self._received, self._open = transport, b"", False
        transport.write((HANDSHAKE % base64.b64encode(random.randbytes(16)).decode()).encode())

    def connection_lost(self, _):
        self._transport = None
        for followed in self.followed.values():
            followed.live = False
        if not self._live and not self._over:
            self._journal.count("cut before it was live")
        self._set_live(False)
        self._come_later()

    def data_received(self, data):
        self._received = self._received + data if self._received else data
        if not self._open and not self._opened():
            return
        while (frame := self._next_frame()) is not None:
            opcode, payload = frame
            if opcode == BINARY:
                for item in self._frames.items(payload):
                    self._take(item)
            elif opcode == PING:
                self._send(payload, PONG)
            elif opcode == CLOSE:
                self._transport.close()

    def _opened(self):
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head:
            self._journal.count(head.split(b"\r\n")[0].decode())
            self._transport.close()
            return False
        self._received, self._open = rest, True
        self._request(pb.Request(id=1, hello=hello(self._token)), self._subscription(self.followed))
        return True

    def _next_frame(self):
        data = self._received
        if len(data) < 2:
            return None
        length, begin = data[1], 2
        if length == 126:
            begin = 4
        elif length == 127:
            begin = 10
        if len(data) < begin:
            return None
        if begin > 2:
            length, = struct.unpack(">H" if begin == 4 else ">Q", data[2:begin])
        if len(data) < begin + length:
            return None
        self._received = data[begin + length:]
        return data[0] & 15, data[begin:begin + length]

    def _send(self, payload, opcode=BINARY):
        if self._transport:
            self._transport.write(frame_header(len(payload), opcode)
                                  + bytes(b ^ m for b, m in zip(payload, MASK * (len(payload) // 4 + 1))))

    def _request(self, *requests):
        self._send(pb.ClientFrame(requests=requests).SerializeToString())

    def _subscription(self, channels):
        return pb.Request(id=2, subscribe=pb.Subscribe(cursors=[
            pb.Subscribe.Cursor(channel=c, since=self.followed[c].version, epoch=self.followed[c].epoch, generation=1) for c in channels]))

    # --- what it hears

    def _take(self, item):
        kind = item.WhichOneof("item")
        if kind == "change":
            self._change(item.change)
        elif kind == "synced":
            self._synced(item.synced)
        elif kind == "response":
            if item.response.HasField("welcome"):
                self._delay = self._first_delay
            elif item.response.HasField("error"):
                self._refused(item.response.error, list(self.followed))
        elif kind == "notice":
            self._journal.count(item.notice.closing.error.reason or item.notice.WhichOneof("notice"))

    def _change(self, change):
        followed = self.followed[change.channel]
        if not followed.live:
            return
        if (change.previous_version, change.version) != (followed.version, followed.version + 1):
            self._fault(f"{change.channel}: at {followed.version} came a change from {change.previous_version} to {change.version}")
        followed.version = change.version

    def _synced(self, synced):
        if synced.HasField("error"):
            return self._refused(synced.error, [synced.channel])
        followed = self.followed[synced.channel]
        if followed.version:
            self._resumed(followed, synced)
        followed.version, followed.epoch, followed.live = synced.version, synced.epoch, not synced.more
        if synced.more:
            self._request(self._subscription([synced.channel]))
        elif all(other.live for other in self.followed.values()):
            self._set_live(True)

    def _resumed(self, followed, synced):
        """Every commit of these channels is a message, which carries its version: all of them have to be there."""
        if synced.reset or synced.epoch != followed.epoch or synced.since != followed.version:
            self._fault(f"{synced.channel}: resumed {followed.version} of epoch {followed.epoch}, answered is {synced.since}, "
                        f"epoch {synced.epoch}, reset {synced.reset}")
            return
        came = sorted(entity.version for entity in synced.entities if entity.key.startswith("message:"))
        if came != list(range(followed.version + 1, synced.version + 1)):
            self._fault(f"{synced.channel}: between {followed.version} and {synced.version} came {came}")
        self._journal.caught_up += len(came)

    def _refused(self, error, channels):
        """Asks again when told to, and a random part later."""
        self._journal.count(error.reason)
        if error.retry_after_ms:
            delay = error.retry_after_ms / 1000 * random.uniform(1, 2)
            asyncio.get_running_loop().call_later(delay, self._ask_again, self._transport, channels)
        else:
            self._fault(f"refused for good: {error.reason}")

    def _ask_again(self, transport, channels):
        if transport is self._transport:
            self._request(self._subscription(channels))

    def _set_live(self, live):
        if live == self._live:
            return
        self._live = live
        self._journal.live += 1 if live else -1
        if live and self._live_once:
            self._journal.back.append(time.monotonic())
        self._live_once = self._live_once or live
        self._changed.set()

    def _fault(self, text):
        self._journal.faults.append(text)

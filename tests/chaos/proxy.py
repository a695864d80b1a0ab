"""A way between two processes on which faults can be switched on and off while it is used.

TCP or unix sockets on either side; an address is (host, port) or a path. All methods are called on the loop's thread. A byte that was
taken from one side either goes to the other one in its place or its connection ends: a proxy of streams cannot lose single bytes, as
TCP cannot."""

import asyncio
import collections
import contextlib
import socket
import struct

import pace

READ_AHEAD = 1 << 20     # of one direction of one connection; then its sender is not read from
SLOW_BYTES = 512         # at the begin of each piece that go one by one: every byte would take a processor for itself
LINGER_RESET = struct.pack("ii", 1, 0)
FORWARD, BLACKHOLE, REFUSE = "forward", "blackhole", "refuse"


class Direction:
    """What becomes of what flows one way. Set at any time; read before each piece is passed on."""

    def __init__(self):
        self.delay = 0.0     # seconds that each piece is held
        self.gather = 0.0    # seconds in which what comes is collected and then passed on at once
        self.one_by_one = False
        self.swallow = False  # taken, and never passed on
        self.flows = asyncio.Event()  # cleared: taken, and kept until it is set again
        self.flows.set()

    def heal(self):
        self.delay = self.gather = 0.0
        self.one_by_one = self.swallow = False
        self.flows.set()


class _End(asyncio.Protocol):
    """One of a connection's two sockets."""

    def __init__(self):
        self.transport = None
        self.waiting = bytearray()
        self.arrived = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self.ended = False      # nothing more comes from it
        self.paused = False

    def connection_made(self, transport):
        self.transport = transport
        plain = transport.get_extra_info("socket")
        if plain.family != socket.AF_UNIX:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.waiting += data
        if len(self.waiting) > READ_AHEAD and not self.paused:
            self.paused = True
            self.transport.pause_reading()
        self.arrived.set()

    def take(self):
        data = bytes(self.waiting)
        self.waiting.clear()
        self.arrived.clear()
        if self.paused and not self.ended:
            self.paused = False
            self.transport.resume_reading()
        return data

    def eof_received(self):
        self.ended = True
        self.arrived.set()
        return True  # the other direction goes on

    def connection_lost(self, _):
        self.ended = True
        self.arrived.set()
        self.writable.set()

    def pause_writing(self):
        self.writable.clear()

    def resume_writing(self):
        self.writable.set()


class _Connection:
    def __init__(self, proxy, near):
        self.proxy = proxy
        self.near = near
        self.far = None
        self.target = None      # whom it was connected with
        self.stranded = False   # open, and nothing passes any more, whatever becomes of the proxy
        self.delay = 0.0        # seconds that each piece is held either way, besides what its direction has
        self.tasks = []

    async def run(self):
        """Connects and passes on until both directions have ended."""
        try:
            if self.proxy.admits == BLACKHOLE:
                await self.proxy.opened.wait()
                return  # what was accepted into the hole knows nothing of the server behind it: it ends
            self.target = self.proxy.target
            self.far = await self.proxy.connect()
            ways = [(self.near, self.far, self.proxy.to_server), (self.far, self.near, self.proxy.to_client)]
            self.tasks = [asyncio.ensure_future(self.pass_on(*way)) for way in ways]
            await asyncio.gather(*self.tasks)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.end()

    async def pass_on(self, source, sink, direction):
        while True:
            await source.arrived.wait()
            if direction.gather:
                await pace.last(direction.gather)
            data = source.take()
            if direction.delay or self.delay:
                await pace.last(direction.delay + self.delay)
            await direction.flows.wait()
            if self.stranded:
                await asyncio.get_running_loop().create_future()
            if data and not direction.swallow:
                await self.write(sink, data, direction)
            if source.ended and not source.waiting:
                break
        if sink.transport.can_write_eof() and not sink.transport.is_closing():
            sink.transport.write_eof()

    async def write(self, sink, data, direction):
        if direction.one_by_one:
            for byte in data[:SLOW_BYTES]:
                sink.transport.write(bytes([byte]))
                await asyncio.sleep(0)
            data = data[SLOW_BYTES:]
        if data and not sink.transport.is_closing():
            sink.transport.write(data)
        await sink.writable.wait()

    def end(self, reset=False):
        for task in self.tasks:
            task.cancel()
        for end in (self.near, self.far):
            if end is None or end.transport is None:
                continue
            if reset:
                plain = end.transport.get_extra_info("socket")
                if plain is not None:
                    with contextlib.suppress(OSError):
                        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
                end.transport.abort()
            else:
                end.transport.close()
        self.proxy.connections.pop(self, None)


class FaultProxy:
    """start() listens; stop() ends all. `target` may be replaced at any time: it counts for connections that come."""

    def __init__(self, target, path=None, port=0):
        """path: of a unix socket to listen on; none: a TCP port of loopback, 0: a free one."""
        self.target = target
        self.path = path
        self.port = port
        self.to_server, self.to_client = Direction(), Direction()
        self.admits = FORWARD
        self.opened = asyncio.Event()   # set when a hole is over
        self.connections = {}           # as a set, in the order in which they came
        self.counts = collections.Counter()
        self._server = None
        self._running = set()

    async def start(self):
        loop = asyncio.get_running_loop()
        if self.path:
            self._server = await loop.create_unix_server(self._accepted, self.path)
        else:
            self._server = await loop.create_server(self._accepted, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self._server.close()
        self.opened.set()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def connect(self):
        loop = asyncio.get_running_loop()
        make = loop.create_unix_connection(_End, self.target) if isinstance(self.target, str) else \
            loop.create_connection(_End, *self.target)
        _, end = await make
        return end

    def _accepted(self):
        end = _End()
        end_made = end.connection_made

        def made(transport):
            end_made(transport)
            self.counts["accepted"] += 1
            connection = _Connection(self, end)
            if self.admits == REFUSE:
                connection.end(reset=True)
                return
            self.connections[connection] = True
            task = asyncio.ensure_future(connection.run())
            self._running.add(task)
            task.add_done_callback(self._running.discard)

        end.connection_made = made
        return end

    # --- faults

    def heal(self):
        """Ends whatever is switched on. What was swallowed has torn its streams, so those must be reset by whoever did it."""
        self.to_server.heal()
        self.to_client.heal()
        for connection in self.connections:
            connection.delay = 0.0
        self.admits = FORWARD
        self.opened.set()

    def blackhole(self):
        """Who comes is accepted, and nothing is ever answered; what is open passes nothing on."""
        self.opened.clear()
        self.admits = BLACKHOLE
        self.hold()

    def hold(self):
        self.to_server.flows.clear()
        self.to_client.flows.clear()

    def strand(self):
        """What is open now stays open for good, without a word; what comes later works."""
        for connection in self.connections:
            connection.stranded = True

    def reset(self, target=None):
        """All, or those with that target."""
        for connection in list(self.connections):
            if target is None or connection.target == target:
                connection.end(reset=True)

    def close(self):
        for connection in list(self.connections):
            connection.end()

    def some(self, dice):
        """About half of what is open."""
        return [connection for connection in self.connections if dice.random() < 0.5]

    def delay_some(self, dice, seconds):
        """So that what goes over two connections arrives in another order."""
        for connection in self.some(dice):
            connection.delay = seconds

    def reset_some(self, dice):
        for connection in self.some(dice):
            connection.end(reset=True)

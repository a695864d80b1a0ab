#!/usr/bin/env python3
"""The fault proxy by itself: each fault does what it says, and ends when it is healed."""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
import unittest

from proxy import REFUSE, FaultProxy

SECONDS = 20
QUIET_S = 0.3  # in which nothing must come


async def within(awaitable):
    return await asyncio.wait_for(awaitable, SECONDS)


class Echo:
    """Answers what it reads, and remembers it in the pieces in which it came."""

    def __init__(self):
        self.pieces = []
        self.server = None
        self.writers = []

    async def start(self, path=None):
        self.server = await (asyncio.start_unix_server(self.serve, path) if path else
                             asyncio.start_server(self.serve, "127.0.0.1", 0))
        return path or self.server.sockets[0].getsockname()[:2]

    async def serve(self, reader, writer):
        self.writers.append(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                self.pieces.append(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    @property
    def heard(self):
        return b"".join(self.pieces)


class ProxyCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.echo = Echo()
        self.proxy = await FaultProxy(await self.echo.start()).start()

    async def asyncTearDown(self):
        await self.proxy.stop()
        self.echo.server.close()

    async def connected(self):
        reader, writer = await within(asyncio.open_connection("127.0.0.1", self.proxy.port))
        self.addCleanup(writer.close)
        return reader, writer

    async def echoes(self, reader, writer, data):
        writer.write(data)
        self.assertEqual(await within(reader.readexactly(len(data))), data)

    async def assert_quiet(self, reader):
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(1), QUIET_S)


class Forwarding(ProxyCase):
    async def test_EverythingPassesBothWaysInOrder(self):
        reader, writer = await self.connected()
        data = os.urandom(3 << 20)
        writer.write(data)
        self.assertEqual(await within(reader.readexactly(len(data))), data)
        self.assertEqual(self.echo.heard, data)

    async def test_EndOfOneSideReachesTheOther(self):
        reader, writer = await self.connected()
        await self.echoes(reader, writer, b"loppu")
        writer.write_eof()
        self.assertEqual(await within(reader.read()), b"")

    async def test_UnixSocketsOnBothSides(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            echo = Echo()
            target = await echo.start(os.path.join(home, "a"))
            proxy = await FaultProxy(target, os.path.join(home, "b")).start()
            reader, writer = await asyncio.open_unix_connection(os.path.join(home, "b"))
            await self.echoes(reader, writer, b"hei")
            writer.close()
            await proxy.stop()
            echo.server.close()

    async def test_TargetThatIsNotThereEndsTheConnection(self):
        self.echo.server.close()
        await self.echo.server.wait_closed()
        reader, _ = await self.connected()
        self.assertEqual(await within(reader.read()), b"")

    async def test_TargetIsReplacedForWhoComesLater(self):
        other = Echo()
        reader, writer = await self.connected()
        await self.echoes(reader, writer, b"ensin")
        first, self.proxy.target = self.proxy.target, await other.start()
        late = await self.connected()
        await self.echoes(*late, b"sitten")
        await self.echoes(reader, writer, b"taas")
        self.assertEqual((self.echo.heard, other.heard), (b"ensintaas", b"sitten"))
        self.proxy.reset(first)
        with self.assertRaises(ConnectionResetError):
            await within(reader.read())
        await self.echoes(*late, b"jatkuu")
        other.server.close()


class Faults(ProxyCase):
    async def test_DelayHoldsEachPiece(self):
        reader, writer = await self.connected()
        self.proxy.to_client.delay = 0.2
        begin = time.monotonic()
        await self.echoes(reader, writer, b"hidas")
        self.assertGreaterEqual(time.monotonic() - begin, 0.2)

    async def test_OneByOneArrivesInSingleBytes(self):
        reader, writer = await self.connected()
        self.proxy.to_server.one_by_one = True
        await self.echoes(reader, writer, b"pala palalta")
        self.assertGreater(len(self.echo.pieces), 1)

    async def test_GatheredPiecesArriveAsOne(self):
        reader, writer = await self.connected()
        self.proxy.to_server.gather = 0.3
        for piece in (b"yksi", b"kaksi", b"kolme"):
            writer.write(piece)
            await asyncio.sleep(0)
        await within(reader.readexactly(13))
        self.assertEqual(self.echo.pieces, [b"yksikaksikolme"])

    async def test_SwallowedAnswersAreLostThoughTheRequestArrived(self):
        reader, writer = await self.connected()
        self.proxy.to_client.swallow = True
        writer.write(b"kuuluuko")
        await self.assert_quiet(reader)
        self.assertEqual(self.echo.heard, b"kuuluuko")
        self.proxy.heal()
        self.proxy.reset()
        with self.assertRaises(ConnectionError):
            await within(reader.read())
        await self.echoes(*await self.connected(), b"nyt")

    async def test_HeldBytesArriveWhenItIsHealed(self):
        reader, writer = await self.connected()
        self.proxy.hold()
        writer.write(b"odota")
        await self.assert_quiet(reader)
        self.assertEqual(self.echo.heard, b"")
        self.proxy.heal()
        self.assertEqual(await within(reader.readexactly(5)), b"odota")

    async def test_StrandedConnectionStaysSilentAndNewOnesWork(self):
        reader, writer = await self.connected()
        await self.echoes(reader, writer, b"ennen")
        self.proxy.strand()
        writer.write(b"katoaa")
        await self.assert_quiet(reader)
        await self.echoes(*await self.connected(), b"uusi")
        self.proxy.heal()
        await self.assert_quiet(reader)
        self.assertNotIn(b"katoaa", self.echo.heard)

    async def test_BlackholeAcceptsAndAnswersNothing(self):
        before = await self.connected()
        await self.echoes(*before, b"ennen")
        self.proxy.blackhole()
        reader, writer = await self.connected()
        writer.write(b"huhuu")
        before[1].write(b"jatkuu")
        await self.assert_quiet(reader)
        await self.assert_quiet(before[0])
        self.proxy.heal()
        self.assertEqual(await within(before[0].readexactly(6)), b"jatkuu")
        with contextlib.suppress(ConnectionError):
            self.assertEqual(await within(reader.read()), b"")

    async def test_ResetReachesBothSides(self):
        reader, writer = await self.connected()
        await self.echoes(reader, writer, b"ennen")
        self.proxy.reset()
        with self.assertRaises(ConnectionResetError):
            await within(reader.read())
        await self.echoes(*await self.connected(), b"uusi")

    async def test_SomeAreHeldBackAndTheOthersOvertakeThem(self):
        ways = [await self.connected() for _ in range(8)]
        self.proxy.delay_some(random.Random(1), 30.0)
        late = [connection.delay > 0 for connection in self.proxy.connections]
        self.assertEqual(set(late), {True, False})
        for (reader, writer), held in zip(ways, late):
            if held:
                writer.write(b"myohassa")
            else:
                await self.echoes(reader, writer, b"ajoissa")
        self.assertNotIn(b"myohassa", self.echo.heard)
        self.proxy.heal()
        self.assertEqual({connection.delay for connection in self.proxy.connections}, {0.0})

    async def test_SomeAreResetAndTheOthersGoOn(self):
        ways = [await self.connected() for _ in range(8)]
        for way in ways:
            await self.echoes(*way, b"ennen")
        open_before = list(self.proxy.connections)
        self.proxy.reset_some(random.Random(1))
        gone = [connection not in self.proxy.connections for connection in open_before]
        self.assertEqual(set(gone), {True, False})
        for (reader, writer), reset in zip(ways, gone):
            if reset:
                with self.assertRaises(ConnectionResetError):
                    await within(reader.read())
            else:
                await self.echoes(reader, writer, b"jatkuu")

    async def test_CloseEndsInOrder(self):
        reader, writer = await self.connected()
        await self.echoes(reader, writer, b"ennen")
        self.proxy.close()
        self.assertEqual(await within(reader.read()), b"")

    async def test_RefusedConnectionsEndAtOnce(self):
        self.proxy.admits = REFUSE
        with self.assertRaises((ConnectionError, asyncio.IncompleteReadError)):
            reader, writer = await self.connected()
            writer.write(b"x")
            await within(reader.readexactly(1))
        self.assertEqual(self.echo.heard, b"")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))

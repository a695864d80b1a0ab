"""What brings the processes of Redis back while another fault of the same burst kills them."""

import paths  # noqa: F401  (first: it makes support importable)

import signal
import tempfile
import unittest

import replicated_places
from support import ports, topologies


class Revival(unittest.IsolatedAsyncioTestCase):
    def process(self, *settings):
        home = tempfile.TemporaryDirectory(prefix="revival-")
        self.addCleanup(home.cleanup)
        process = topologies.Process("redis-0", home.name, ports.reserve_one(), settings)
        self.addCleanup(lambda: process.kill() if process.alive else None)
        return process.launch()

    async def test_OneThatIsKilledWhileItIsAwaitedIsLaunchedAgain(self):
        process = self.process()
        process.kill()
        await replicated_places.until_answering(process)
        self.assertEqual(process.ask("PING"), b"PONG")

    async def test_OneThatSomebodyElseHasLaunchedAgainIsLeftAlone(self):
        process = self.process()
        process.kill()
        awaited = process.await_answers

        def launched_meanwhile():
            process.await_answers = awaited
            try:
                awaited()
            finally:
                self.pid = process.launch().pid

        process.await_answers = launched_meanwhile
        await replicated_places.until_answering(process)
        self.assertEqual(process.pid, self.pid)

    async def test_OneThatEndsByItselfIsAComplaint(self):
        process = self.process(("no-such-directive", "yes"))
        with self.assertRaises(topologies.Ended) as caught:
            await replicated_places.until_answering(process)
        self.assertNotIn(caught.exception.status, (0, -signal.SIGKILL))


if __name__ == "__main__":
    unittest.main(verbosity=2)

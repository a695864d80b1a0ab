"""Starting, stopping and starting again: demo content once, one owner of the data, a clean end."""

import os
import signal
import stat
import subprocess
import unittest

from support import deadline, demo, lines, processes
from support.server import FOORUMID, Server, run_client

MEMBER, ROOM = "aino.metsala", "kuntastrategia-arjessa"


class Up(unittest.TestCase):
    def server(self, demo=True):
        server = Server(demo=demo)
        self.addCleanup(server.dispose)
        return server.start()

    def threads(self, server):
        done = run_client(server, MEMBER, "threads", ROOM)
        self.assertEqual(done.returncode, 0, done.stderr)
        return lines.answer(done.stdout)["threads"]

    def test_FirstStartFillsTheDemoAndTheSecondKeepsTheData(self):
        server = self.server()
        wanted = {t["title"] for t in demo.THREADS if t["room"] == ROOM}
        self.assertEqual({t["thread"]["thread"]["title"] for t in self.threads(server)}, wanted)
        tokens = {handle: server.token(handle) for handle in demo.MEMBERS}
        self.assertEqual(len(set(tokens.values())), len(demo.MEMBERS), "each member has a token of their own")
        self.assertEqual(run_client(server, MEMBER, "start", ROOM, "Pysyvä", "Tämä jää").returncode, 0)
        before = self.threads(server)
        self.assertEqual(server.restart(), server)
        self.assertEqual(self.threads(server), before)
        self.assertEqual({handle: server.token(handle) for handle in demo.MEMBERS}, tokens)

    def test_TokensAreReadableByTheOwnerOnlyAndDifferBetweenInstallations(self):
        one, two = self.server(), self.server()
        for handle in demo.MEMBERS:
            mode = stat.S_IMODE(os.stat(one.token_file(handle)).st_mode)
            self.assertEqual(mode, 0o600, handle)
        self.assertNotEqual(one.token(MEMBER), two.token(MEMBER))

    def test_TheReadyCommandsOfTheMembersArePrinted(self):
        server = self.server()
        # They are printed when the server works already.
        deadline.until(lambda: server.log().count(".token") >= len(demo.MEMBERS), "a command for each member")
        text = server.log()
        for handle, member in demo.MEMBERS.items():
            command = [line for line in text.splitlines() if f"{handle}.token" in line]
            self.assertTrue(command, f"no command for {handle}")
            self.assertIn(f"--server ws://127.0.0.1:{server.port} --token-file", command[0])
            self.assertTrue(command[0].rstrip().endswith(f"chat {member['room']}"), command[0])
            self.assertIn(member["name"], text)
        self.assertNotIn(server.token(MEMBER), text, "no token in the log")

    def test_SecondServerOnTheSameDataIsRefusedAndTheFirstGoesOn(self):
        first = self.server()
        second = subprocess.run([FOORUMID, "--data", first.data, "--port", "0"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=deadline.SECONDS, check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(os.path.basename(first.data), second.stdout, "the message names the directory")
        self.assertEqual(run_client(first, MEMBER, "whoami").returncode, 0)

    def test_PortInUseIsAClearError(self):
        first = self.server()
        home = Server()
        self.addCleanup(home.dispose)
        second = subprocess.run([FOORUMID, "--data", home.data, "--port", str(first.port)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=deadline.SECONDS, check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(str(first.port), second.stdout)
        self.assertEqual(processes.redis_children(home.data), [])

    def test_StopsCleanlyAtBothSignals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            server = self.server()
            self.assertTrue(processes.redis_children(server.data))
            self.assertEqual(server.interrupt(number), 0, server.log()[-2000:])
            processes.await_no_redis(server.data)

    def test_StopsCleanlyWithClientsConnected(self):
        server = self.server()
        follower = subprocess.Popen([os.path.join(os.path.dirname(FOORUMID), "foorumi"), "--server", server.url, "--token-file",
                                     server.token_file(MEMBER), "--json", "follow", ROOM], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            self.assertTrue(follower.stdout.readline(), "the follower is live")
            self.assertEqual(server.interrupt(), 0)
            processes.await_no_redis(server.data)
        finally:
            follower.kill()
            follower.communicate()

    def test_AKilledServerStartsAgainOnTheSameData(self):
        server = self.server()
        before = self.threads(server)
        for _ in range(3):
            server.kill()
            server.start()
        self.assertEqual(len(processes.redis_children(server.data)), 1, "one Redis, not one for each start")
        self.assertEqual(self.threads(server), before)

    def test_WithoutDemoThereIsNoContent(self):
        server = self.server(demo=False)
        self.assertFalse(os.path.exists(os.path.join(server.data, "demo")))

    def test_DemoContentNeverComesToAnInstallationThatIsInUse(self):
        server = self.server(demo=False)
        self.assertEqual(server.interrupt(), 0)
        server.arguments = ["--demo", *server.arguments]
        server.start()
        self.assertFalse(os.path.exists(os.path.join(server.data, "demo")))
        self.assertIn("no demo content", server.log())

    def test_AFirstStartThatIsCutOffIsFinishedByTheNext(self):
        server = Server()
        self.addCleanup(server.dispose)
        server.launch()
        deadline.until(lambda: os.path.exists(os.path.join(server.data, "demo")), "the demo content is begun")
        server.kill()
        server.start()
        wanted = {t["title"] for t in demo.THREADS if t["room"] == ROOM}
        self.assertEqual({t["thread"]["thread"]["title"] for t in self.threads(server)}, wanted)

    def test_WrongConfigurationNamesFileLineAndOption(self):
        server = Server({"network.frame_bytes": 5})
        self.addCleanup(server.dispose)
        server.launch()
        self.assertNotEqual(server.process.wait(timeout=deadline.SECONDS), 0)
        for word in ("test.toml:2", "network.frame_bytes", "1024"):
            self.assertIn(word, server.log())

    def test_UnknownArgumentIsAUsageError(self):
        done = subprocess.run([FOORUMID, "--prot", "1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=deadline.SECONDS, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--prot", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The server speaks TLS itself: clients check its certificate, SIGHUP gives new connections another one, and what is wrong with the files is told."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import unittest

from support import deadline
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM
from support.server import BIN_DIR, FOORUMID, Server, temporary_directory, write_config
from support.wire import Client


class Certificate:
    """Two files, and what a client needs to check them."""

    def __init__(self, directory):
        self.certificate = os.path.join(directory, "cert.pem")
        self.key = os.path.join(directory, "key.pem")

    def make(self, name):
        subprocess.run([os.path.join(BIN_DIR, "foorumi_make_certificate"), self.certificate, self.key, name], check=True)
        return ssl.create_default_context(cafile=self.certificate)

    def options(self):
        return {"tls.certificate": self.certificate, "tls.key": self.key}


def name_of(server, trusted):
    """Whom a new connection talks to."""
    with socket.create_connection(("127.0.0.1", server.port), deadline.SECONDS) as plain:
        with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            return dict(field[0] for field in tls.getpeercert()["subject"])["commonName"]


class Tls(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.files = Certificate(self.directory)

    def serve(self, name):
        trusted = self.files.make(name)
        server = Server(self.files.options())
        server.tls = trusted
        self.addCleanup(server.dispose)
        return server.start()

    def hang_up(self, server, told):
        already = server.log().count(told)
        server.process.send_signal(signal.SIGHUP)
        deadline.until(lambda: server.log().count(told) > already, f"the log says: {told}")

    async def test_ClientsTalkAndAnOldSessionSurvivesANewCertificate(self):
        server = self.serve("first")
        # Told after the port is known.
        deadline.until(lambda: f"wss://127.0.0.1:{server.port}" in server.log(), "the log tells the server's address")
        async with Client(server.url, server.token(COUNCILLOR), tls=server.tls) as aino:
            room = (await aino.room(ROOM)).id
            await aino.subscribe(f"room:{room}")
            thread = await aino.start_thread(room, "Salattu", "x" * 10_000)
            second = self.files.make("second")
            self.hang_up(server, "new connections get the certificate")
            self.assertEqual(name_of(server, second), "second")
            with self.assertRaises(ssl.SSLCertVerificationError):
                name_of(server, server.tls)
            async with Client(server.url, server.token(OTHER_COUNCILLOR), tls=second) as pekka:
                message = await pekka.post(room, thread, "uudella varmenteella")
            await aino.until(lambda: aino.entity(f"room:{room}", f"message:{message}"), "the post arrives over the old connection")
            server.tls = second

    async def test_FilesThatDoNotFitLeaveTheCertificateAsItWas(self):
        server = self.serve("first")
        other = Certificate(temporary_directory())
        self.addCleanup(shutil.rmtree, os.path.dirname(other.key), ignore_errors=True)
        other.make("other")
        shutil.copy(other.key, self.files.key)
        self.hang_up(server, f"the key {self.files.key} is not that of the certificate")
        os.unlink(self.files.key)
        self.hang_up(server, f"the key {self.files.key} cannot be read: No such file or directory")
        self.assertEqual(name_of(server, server.tls), "first")
        async with Client(server.url, server.token(COUNCILLOR), tls=server.tls) as aino:
            await aino.room(ROOM)

    def test_OldVersionsAndPlainHttpAreRefused(self):
        server = self.serve("first")
        old = ssl.create_default_context(cafile=self.files.certificate)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ssl.SSLError, OSError)):
            name_of(server, old)
        with socket.create_connection(("127.0.0.1", server.port), deadline.SECONDS) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b"".join(iter(lambda: plain.recv(4096), b""))
        self.assertTrue(answer.startswith(b"HTTP/1.1 400 "), answer)
        self.assertIn(b"TLS", answer)

    def test_StopsInOrderWithSessionsOverTls(self):
        server = self.serve("first")
        with socket.create_connection(("127.0.0.1", server.port), deadline.SECONDS) as plain:
            with server.tls.wrap_socket(plain, server_hostname="127.0.0.1"):
                self.assertEqual(server.interrupt(), 0)


class Start(unittest.TestCase):
    def start(self, options):
        """Of a server that does not start: its exit status and what it says."""
        directory = temporary_directory()
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        command = [FOORUMID, "--data", os.path.join(directory, "data"), "--port", "0", "--config", write_config(directory, options)]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline.SECONDS, check=False)
        return ended.returncode, ended.stderr

    def test_FileThatIsNotThereEndsTheStartAndIsNamed(self):
        status, said = self.start({"tls.certificate": "/nonexistent/cert.pem", "tls.key": "/nonexistent/key.pem"})
        self.assertEqual(status, 1)
        self.assertIn("the certificate /nonexistent/cert.pem cannot be read: No such file or directory", said)

    def test_OneFileAloneIsAContradiction(self):
        status, said = self.start({"tls.certificate": "/nonexistent/cert.pem"})
        self.assertNotEqual(status, 0)
        self.assertIn("tls.key", said)

    def test_HangUpOfAPlainServerIsOnlyLogged(self):
        with Server() as server:
            server.process.send_signal(signal.SIGHUP)
            deadline.until(lambda: "there is no certificate to load anew" in server.log(), "the log tells of it")
            self.assertEqual(server.interrupt(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

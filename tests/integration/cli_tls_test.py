"""The terminal client over wss://: whom it trusts, what it says when it does not, and that it then sends nothing and does not try for ever."""

import os
import shlex
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

from support import deadline, lines
from support.server import BIN_DIR, FOORUMI, Server, temporary_directory

AINO = "aino.metsala"
ROOM = "kuntastrategia-arjessa"
DONE, REFUSED, USAGE, NO_CONNECTION, UNKNOWN = range(5)
DAY_S = 86400


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.certificate = os.path.join(self.directory, "cert.pem")
        self.key = os.path.join(self.directory, "key.pem")

    def make(self, hosts="IP:127.0.0.1", seconds=DAY_S):
        subprocess.run([os.path.join(BIN_DIR, "foorumi_make_certificate"), self.certificate, self.key, "first", hosts, str(seconds)], check=True)
        return ssl.create_default_context(cafile=self.certificate)

    def serve(self, hosts="IP:127.0.0.1"):
        """A server over TLS with a certificate that signs itself."""
        server = Server({"tls.certificate": self.certificate, "tls.key": self.key})
        server.tls = self.make(hosts)
        server.tls.check_hostname = False
        self.addCleanup(server.dispose)
        return server.start()

    def plain(self):
        server = Server()
        self.addCleanup(server.dispose)
        return server.start()

    def command(self, url, server, *words, ca_file=None):
        trust = ["--ca-file", ca_file] if ca_file else []
        token = ["--token-file", server.token_file(AINO)] if server else ["--token", "A" * 43]
        return [FOORUMI, "--server", url, *token, *trust, "--lang", "en", "--json", *map(str, words)]

    def start(self, command):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.communicate()
        self.addCleanup(end)
        return process

    def run_(self, url, server, *words, status=DONE, ca_file=None, environment=None):
        done = subprocess.run(self.command(url, server, *words, ca_file=ca_file), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=deadline.SECONDS, check=False, env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def refused(self, told, url, server, ca_file=None):
        said = self.run_(url, server, "whoami", status=NO_CONNECTION, ca_file=ca_file).stderr
        self.assertIn(f"No connection to {url}: ", said)
        self.assertIn(told, said)


class Trusted(Case):
    def test_PostsAreFollowed(self):
        server = self.serve()
        follower = self.start(self.command(server.url, server, "follow", ROOM, "--count", 2, ca_file=self.certificate))
        self.assertIn('"synced"', follower.stdout.readline())
        started = self.run_(server.url, server, "start", ROOM, "Salattu", "Alku", ca_file=self.certificate)
        thread = lines.answer(started.stdout)["version"]
        text = "x" * 15_000
        said = self.run_(server.url, server, "post", ROOM, thread, text, ca_file=self.certificate).stderr
        self.assertEqual(said, "")
        out, err = follower.communicate(timeout=deadline.SECONDS)
        self.assertEqual(follower.returncode, DONE, err)
        self.assertIn(text, out)

    def test_TheEnvironmentNamesTheFileToo(self):
        server = self.serve()
        self.run_(server.url, server, "whoami", environment={"FOORUMI_CA_FILE": self.certificate})
        self.run_(server.url, server, "whoami", ca_file=self.certificate, environment={"FOORUMI_CA_FILE": "/nonexistent/ca.pem"})

    def test_ANameIsAskedForAsSuch(self):
        server = self.serve("DNS:localhost")
        self.run_(f"wss://localhost:{server.port}", server, "whoami", ca_file=self.certificate)
        self.refused("certificate is not for this address", f"wss://127.0.0.1:{server.port}", server, ca_file=self.certificate)

    def test_ThePrintedCommandsWork(self):
        for hosts, host in (("IP:127.0.0.1", "127.0.0.1"), ("DNS:localhost", "localhost")):
            server = self.serve(hosts)
            deadline.until(lambda s=server: f"{AINO}.token" in s.log(), "the commands are printed")
            line = next(line for line in server.log().splitlines() if f"{AINO}.token" in line)
            self.assertIn(f"--server wss://{host}:{server.port} --ca-file {self.certificate} --token-file", line)
            words = shlex.split(line)
            done = subprocess.run([*words[:words.index("chat")], "--json", "whoami"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=deadline.SECONDS, check=False)
            self.assertEqual(done.returncode, DONE, done.stderr)

    def test_ALostConnectionIsMadeAgainUntilTheServerIsNotToBeTrusted(self):
        server = self.serve()
        follower = self.start(self.command(server.url, server, "follow", ROOM, ca_file=self.trusted_copy()))
        self.assertIn('"synced"', follower.stdout.readline())
        server.restart()
        told = iter(follower.stderr.readline, "")
        self.assertTrue(any("Connected again" in line for line in told), "it has come back")
        self.assertEqual(server.interrupt(), 0)
        server.tls = self.make()
        server.start()
        _, err = follower.communicate(timeout=deadline.SECONDS)
        self.assertEqual(follower.returncode, NO_CONNECTION, err)
        self.assertIn("certificate is not trusted", err)

    def trusted_copy(self):
        return shutil.copy(self.certificate, os.path.join(self.directory, "trusted.pem"))


class SigningIn(Case):
    def login(self, url, *trust, status):
        environment = {"PATH": os.environ["PATH"], "XDG_STATE_HOME": self.directory}
        done = subprocess.run([FOORUMI, "--server", url, *trust, "--lang", "en", "login", AINO, "--password-file", "-"], input="salasana\n",
                              capture_output=True, text=True, timeout=deadline.SECONDS, check=False, env=environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def test_APasswordGoesToATrustedServerOnly(self):
        server = self.serve()
        self.assertIn("credentials_invalid", self.login(server.url, "--ca-file", self.certificate, status=REFUSED))
        self.assertIn("certificate is not trusted (self", self.login(server.url, status=NO_CONNECTION))
        other_name = f"wss://localhost:{server.port}"
        self.assertIn("not for this address", self.login(other_name, "--ca-file", self.certificate, status=NO_CONNECTION))
        self.assertIn("speaks TLS only", self.login(f"ws://127.0.0.1:{server.port}", status=NO_CONNECTION))

    def test_NothingIsSentToAServerThatIsNotTrusted(self):
        self.make(seconds=-60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            got = []
            thread = threading.Thread(target=Refused.read_all, args=(listener, context, got))
            thread.start()
            url = f"wss://127.0.0.1:{listener.getsockname()[1]}"
            self.assertIn("has expired", self.login(url, "--ca-file", self.certificate, status=NO_CONNECTION))
            thread.join(deadline.SECONDS)
        self.assertEqual(got, ["refused"])


class Refused(Case):
    def test_CertificateOfNobodyTrusted(self):
        server = self.serve()
        self.refused("certificate is not trusted (self", server.url, server)
        other = shutil.copy(self.certificate, os.path.join(self.directory, "other.pem"))
        self.make()
        server.interrupt()
        server.tls = ssl.create_default_context(cafile=self.certificate)
        server.start()
        self.refused("certificate is not trusted", server.url, server, ca_file=other)

    def test_CertificateForAnotherHost(self):
        server = self.serve()
        self.refused("certificate is not for this address", f"wss://localhost:{server.port}", server, ca_file=self.certificate)

    def test_ExpiredCertificateAndNothingIsSentToItsServer(self):
        self.make(seconds=-60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            got = []
            thread = threading.Thread(target=self.read_all, args=(listener, context, got))
            thread.start()
            self.refused("certificate has expired", f"wss://127.0.0.1:{listener.getsockname()[1]}", None, ca_file=self.certificate)
            thread.join(deadline.SECONDS)
        self.assertEqual(got, ["refused"])

    @staticmethod
    def read_all(listener, context, got):
        peer, _ = listener.accept()
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                got.append(tls.recv(4096))
        except (ssl.SSLError, OSError):
            got.append("refused")

    def test_OldVersionOfTls(self):
        self.make()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_1
        with socket.create_server(("127.0.0.1", 0)) as listener:
            got = []
            thread = threading.Thread(target=self.read_all, args=(listener, context, got))
            thread.start()
            self.refused("no TLS connection came about", f"wss://127.0.0.1:{listener.getsockname()[1]}", None, ca_file=self.certificate)
            thread.join(deadline.SECONDS)
        self.assertEqual(got, ["refused"])

    def test_ServerWithoutTls(self):
        server = self.plain()
        self.refused("does not speak TLS here", f"wss://127.0.0.1:{server.port}", server)

    def test_PlainUrlOfAServerWithTls(self):
        server = self.serve()
        self.refused("speaks TLS only; use wss://", f"ws://127.0.0.1:{server.port}", server)


class Usage(Case):
    def test_CaFileThatHoldsNoCertificate(self):
        self.make()
        empty = os.path.join(self.directory, "empty.pem")
        with open(empty, "w", encoding="ascii"):
            pass
        for file in ("/nonexistent/ca.pem", self.directory, empty, self.key):
            said = self.run_("wss://127.0.0.1:1", None, "whoami", status=USAGE, ca_file=file).stderr
            self.assertIn(f"No certificate can be read from the file {file}", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""The terminal client signs in, keeps the sign-in to itself, and administers: against a real server, as people and scripts do it."""

import base64
import csv
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import termios
import threading
import time
import types
import unittest

from support import deadline, lines
from support.cases import UNLIMITED
from support.screen import Terminal
from support.server import FOORUMI, FOORUMID, Server, temporary_directory

DONE, REFUSED, USAGE, NO_CONNECTION, UNKNOWN = range(5)
PASSWORD, OTHER_PASSWORD = "varis-kuusama-77-pilvi", "laituri-okra-52-hiihto"
TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}$", re.MULTILINE)
OPTIONS = {**UNLIMITED, "sign_in.account_tries": 100, "sign_in.address_tries": 1000}


def totp(secret, steps=0):
    """The code of RFC 6238 at so many steps from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    return f"{(struct.unpack('>I', digest[digest[-1] & 15:][:4])[0] & 0x7fffffff) % 10**6:06}"


class Person:
    """Somebody with a state directory of their own."""

    def __init__(self, case, cleanup=None):
        self.case, self.server = case, case.server
        self.home = temporary_directory()
        (cleanup or case.addCleanup)(shutil.rmtree, self.home, ignore_errors=True)
        self.secret = ""
        self.recovery = []

    @property
    def environment(self):
        return {"PATH": os.environ["PATH"], "XDG_STATE_HOME": self.home, "LC_ALL": "C.UTF-8"}

    @property
    def kept(self):
        return os.path.join(self.home, "foorumi", f"ws-127.0.0.1-{self.server.port}.token")

    def command(self, *words):
        return [FOORUMI, "--lang", "en", "--server", self.server.url, *map(str, words)]

    def run(self, *words, text="", status=DONE):
        done = subprocess.run(self.command(*words), input=text, text=True, encoding="utf-8", env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=deadline.SECONDS,
                              start_new_session=True)
        self.case.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def json(self, *words, **how):
        return lines.answer(self.run("--json", *words, **how).stdout)

    def talk(self, *words, first):
        """A command that sets a second factor up, over pipes. Returns its exit status."""
        process = subprocess.Popen(self.command("--json", *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment, start_new_session=True)
        process.stdin.write(first)
        process.stdin.flush()
        made = process.stdout.readline()
        self.case.assertTrue(made, process.stderr)
        self.secret = json.loads(made)["secret"]
        out, err = process.communicate(totp(self.secret) + "\n", timeout=deadline.SECONDS)
        self.case.assertEqual(process.returncode, DONE, out + err)
        self.recovery = lines.parse(out)[0]["recovery"]

    def accept(self, token, password=PASSWORD):
        return self.run("accept", "--invitation-file", "-", "--password-file", "-", text=f"{token}\n{password}\n")

    def login(self, name, password=PASSWORD, **how):
        return self.run("login", name, "--password-file", "-", text=password + "\n", **how)


class SignIn(unittest.TestCase):
    """All the cases of a program share one server, and its first administrator."""

    server = admin = None

    @classmethod
    def setUpClass(cls):
        if SignIn.server is not None:
            return
        SignIn.server = Server(OPTIONS).__enter__()
        unittest.addModuleCleanup(SignIn.server.dispose)

    def setUp(self):
        if SignIn.admin is None:
            SignIn.admin = self.first_administrator()
        self.admin = SignIn.admin

    def first_administrator(self):
        told = subprocess.run([FOORUMID, "admin", "create", "--data", self.server.data, "--name", "Ylva Ylläpitäjä",
                               "--handle", "ylva", "--email", "ylva@example.fi"], stdout=subprocess.PIPE, check=True,
                              stderr=subprocess.PIPE, text=True, timeout=2 * deadline.SECONDS).stdout
        token = next(line.strip() for line in told.splitlines() if TOKEN.match(line.strip()))
        admin = Person(self, unittest.addModuleCleanup)  # lives as long as the server does
        admin.talk("accept", "--invitation-file", "-", "--password-file", "-", first=f"{token}\n{PASSWORD}\n")
        return admin

    def invite(self, handle, *options):
        return TOKEN.search(self.admin.run("admin", "invite", "--name", handle.replace(".", " ").title(), "--handle", handle,
                                           "--email", f"{handle}@example.fi", *options).stdout)[0]

    def member(self, handle):
        person = Person(self)
        person.accept(self.invite(handle, "--role", "councillor", "--municipality", "Tampere"))
        return person


class OwnAccount(SignIn):
    def test_AcceptingKeepsASignInThatOnlyItsOwnerCanRead(self):
        person = self.member("aada.alku")
        self.assertEqual(stat.S_IMODE(os.stat(person.kept).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(person.kept)).st_mode), 0o700)
        self.assertEqual(os.listdir(os.path.dirname(person.kept)), [os.path.basename(person.kept)])
        self.assertEqual(person.json("whoami")["handle"], "aada.alku")

    def test_WhoIsNotSignedInIsToldHow(self):
        self.assertIn("foorumi login", Person(self).run("whoami", status=USAGE).stderr)

    def test_AKeptSignInThatOthersCanReadIsRefused(self):
        person = self.member("avoin.ovi")
        os.chmod(person.kept, 0o640)
        self.assertIn("chmod 600", person.run("whoami", status=USAGE).stderr)
        os.chmod(person.kept, 0o600)
        os.chmod(os.path.dirname(person.kept), 0o755)
        self.assertIn("chmod 700", person.run("whoami", status=USAGE).stderr)

    def test_ASymbolicLinkIsNotFollowed(self):
        person = self.member("linkki.lauri")
        real = person.kept + ".real"
        os.rename(person.kept, real)
        os.symlink(real, person.kept)
        person.run("whoami", status=USAGE)

    def test_AWrongPasswordIsRefusedAndNothingIsKept(self):
        self.member("vaara.salasana")
        person = Person(self)
        self.assertIn("credentials_invalid", person.login("vaara.salasana", OTHER_PASSWORD, status=REFUSED).stderr)
        self.assertFalse(os.path.exists(person.kept))

    def test_LoggingOutEndsTheSignInAndForgetsIt(self):
        person = self.member("ulos.olli")
        with open(person.kept, encoding="ascii") as file:
            token = file.read().strip()
        person.run("logout")
        self.assertFalse(os.path.exists(person.kept))
        self.assertIn("token_invalid", person.run("--token", token, "whoami", status=REFUSED).stderr)

    def test_LoggingInAgainEndsTheSignInThatItReplaces(self):
        person = self.member("uusi.uudestaan")
        person.login("UUSI.UUDESTAAN@example.fi")
        self.assertEqual(len(person.json("sessions")["sessions"]), 1)

    def test_OtherSignInsAreListedAndRevoked(self):
        person = self.member("monta.laitetta")
        other, third = Person(self), Person(self)
        other.login("monta.laitetta")
        third.login("monta.laitetta")
        sessions = person.json("sessions")["sessions"]
        self.assertEqual(sorted(s["current"] for s in sessions), [False, False, True])
        self.assertIn("this one", person.run("sessions").stdout)
        with open(other.kept, encoding="ascii") as file:
            digest = hashlib.blake2b(file.read().strip().encode(), digest_size=32).hexdigest()
        person.run("sessions", "revoke", digest[:16])
        other.run("whoami", status=REFUSED)
        third.run("whoami")
        person.run("sessions", "revoke", "--others")
        third.run("whoami", status=REFUSED)
        person.run("whoami")

    def test_ANewPasswordEndsOtherSignIns(self):
        person, other = self.member("vaihto.ville"), Person(self)
        other.login("vaihto.ville")
        text = f"{PASSWORD}\n{OTHER_PASSWORD}\n"
        person.run("password", "--password-file", "-", "--new-password-file", "-", text=text)
        person.run("whoami")
        other.run("whoami", status=REFUSED)
        other.login("vaihto.ville", status=REFUSED)
        other.login("vaihto.ville", OTHER_PASSWORD)

    def test_ASecondFactorIsSetUpAskedForAndRemoved(self):
        person, other = self.member("kaksi.vaihetta"), Person(self)
        person.talk("totp", "--password-file", "-", first=PASSWORD + "\n")
        self.assertGreater(len(person.recovery), 4)
        other.login("kaksi.vaihetta", status=REFUSED)  # no code on the pipe, and no terminal
        self.assertFalse(os.path.exists(other.kept))
        other.login("kaksi.vaihetta", f"{PASSWORD}\n{totp(person.secret, 1)}")
        other.login("kaksi.vaihetta", f"{PASSWORD}\n{person.recovery[0]}")
        other.login("kaksi.vaihetta", f"{PASSWORD}\n{person.recovery[0]}", status=REFUSED)
        person.run("totp", "remove", "--password-file", "-", text=PASSWORD + "\n" + person.recovery[0], status=REFUSED)
        person.run("totp", "remove", "--password-file", "-", text=PASSWORD + "\n" + person.recovery[1])
        other.login("kaksi.vaihetta")

    def test_WhoMustHaveASecondFactorCannotRemoveIt(self):
        refused = self.admin.run("totp", "remove", "--password-file", "-", text=PASSWORD + "\n" + self.admin.recovery[0], status=REFUSED)
        self.assertIn("second_factor_required", refused.stderr)

    def test_OnesOwnDataIsExportedWhole(self):
        person = self.member("vie.kaikki")
        thread = json.loads(person.run("--json", "start", "kuntastrategia-arjessa", "Oma otsikko", "oma alku").stdout)["version"]
        person.run("post", "kuntastrategia-arjessa", thread, "oma vastaus")
        person.run("draft", "kuntastrategia-arjessa", thread, "oma luonnos")
        own = json.loads(person.run("me", "export").stdout)
        self.assertEqual((own["member"]["handle"], own["account"]["email"], len(own["sessions"])), ("vie.kaikki", "vie.kaikki@example.fi", 1))
        written = [w["entity"] for w in own["written"]]
        self.assertEqual([w["message"]["text"] for w in written if "message" in w], ["oma alku", "oma vastaus"])
        self.assertEqual([w["thread"]["title"] for w in written if "thread" in w], ["Oma otsikko"])
        self.assertIn("oma luonnos", [k["draft"]["text"] for k in own["kept"] if "draft" in k])
        path = os.path.join(person.home, "export.json")
        person.run("me", "export", "--out", path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["written"], own["written"])
        person.run("me", "export", "--out", path, status=REFUSED)

    def account(self, person):
        return json.loads(person.run("me", "export").stdout)["account"]

    def test_AnErasureIsAskedForAndCalledOff(self):
        person = self.member("poistu.pentti")
        erase = ("me", "erase", "--yes", "--password-file", "-")
        at = person.json(*erase, text=PASSWORD + "\n")["eraseAtMs"]
        self.assertAlmostEqual(int(at) / 1000, time.time() + 14 * 24 * 3600, delta=deadline.SECONDS)
        account = self.account(person)
        self.assertEqual((account["eraseAtMs"], account["erasedContent"]), (at, "ERASED_CONTENT_KEPT"))
        self.assertRegex(person.run(*erase, text=PASSWORD + "\n").stdout, r"You will be erased on \d{4}-\d\d-\d\d \d\d:\d\d\. .* foorumi me keep")
        self.assertEqual(self.account(person)["eraseAtMs"], at, "the first wish counts")
        self.assertEqual(person.run("me", "keep").stdout, "You will not be erased.\n")
        self.assertEqual(self.account(person)["eraseAtMs"], "0")

    def test_AnErasureWantsThePasswordTheHandleAndTheSecondFactor(self):
        person = self.member("varma.veikko")
        erase = ("me", "erase", "--password-file", "-")
        refused = person.run(*erase, text=f"{OTHER_PASSWORD}\nvarma.veikko\n", status=REFUSED).stderr
        self.assertIn("credentials_invalid password", refused)
        refused = person.run(*erase, text=f"{PASSWORD}\nylva\n", status=USAGE).stderr
        self.assertIn("Varma Veikko (@varma.veikko)", refused)
        self.assertIn("That is not your handle. Nothing was done.", refused)
        person.run(*erase, text=PASSWORD + "\n", status=USAGE)  # nothing is typed
        person.talk("totp", "--password-file", "-", first=PASSWORD + "\n")
        person.run(*erase, text=f"{PASSWORD}\nvarma.veikko\n", status=USAGE)
        refused = person.run(*erase, text=f"{PASSWORD}\nvarma.veikko\n000000\n", status=REFUSED).stderr
        self.assertIn("credentials_invalid current", refused)
        self.assertEqual(self.account(person)["eraseAtMs"], "0")
        person.run(*erase, text=f"{PASSWORD}\n@varma.veikko\n{person.recovery[0]}\n")
        self.assertNotEqual(self.account(person)["eraseAtMs"], "0")

    def test_NoServerIsNoConnection(self):
        person = Person(self)
        person.server = types.SimpleNamespace(url="ws://127.0.0.1:1", port=1)
        person.login("joku", status=NO_CONNECTION)
        self.assertFalse(os.path.exists(person.kept))


class StrangeServer(unittest.TestCase):
    """What is no answer of a Foorumi server is told as such, and never taken for one."""

    def against(self, answer, *words, text, status):
        """Runs a command against a server that sends this and ends. Returns what it was sent, and what the command told."""
        got = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.server = types.SimpleNamespace(url=f"ws://127.0.0.1:{listener.getsockname()[1]}", port=listener.getsockname()[1])
            thread = threading.Thread(target=self.serve, args=(listener, answer, got))
            thread.start()
            told = Person(self).run(*words, text=text, status=status).stderr
            thread.join(deadline.SECONDS)
        return got[0], told

    @staticmethod
    def serve(listener, answer, got):
        with listener.accept()[0] as peer:
            peer.settimeout(deadline.SECONDS)
            request = b""
            while b"\r\n\r\n" not in request or len(request.split(b"\r\n\r\n", 1)[1]) < int(
                    re.search(rb"Content-Length: (\d+)", request)[1]):
                request += peer.recv(4096)
            got.append(request)
            try:
                peer.sendall(answer)
            except OSError:
                pass  # it was more than the client takes

    def login(self, answer, status=NO_CONNECTION):
        return self.against(answer, "login", "aino", "--password-file", "-", text=PASSWORD + "\n", status=status)

    def test_ACallIsOneOfNoBrowserAndHasItsSecretInTheBody(self):
        request, _ = self.login(b"")
        head, body = request.split(b"\r\n\r\n", 1)
        self.assertTrue(head.startswith(b"POST /auth/sign-in HTTP/1.1\r\n"), head)
        for line in (rb"Content-Type: application/json", rb"Accept-Language: en", rb"Host: 127\.0\.0\.1:\d+", rb"User-Agent: foorumi.*"):
            self.assertRegex(head, rb"(?m)^" + line + rb"\r?$")
        for name in (b"Origin", b"Cookie", b"Authorization", b"Expect"):
            self.assertNotIn(b"\r\n" + name + b":", head)
        self.assertEqual(json.loads(body), {"name": "aino", "password": PASSWORD})

    def test_AChangeWithoutAnAnswerIsOfUnknownOutcome(self):
        token = "A" * 43
        request, told = self.against(b"", "--token", token, "password", "--password-file", "-", "--new-password-file", "-",
                                     text=f"{PASSWORD}\n{OTHER_PASSWORD}\n", status=UNKNOWN)
        self.assertIn(b"\r\nAuthorization: Bearer " + token.encode() + b"\r\n", request)
        self.assertIn("Outcome unknown", told)

    def test_AnErasureWithoutATimeIsOfUnknownOutcome(self):
        ok = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        for answer in (b"", ok + b"{}", ok + b'{"erase_at_ms":"soon"}'):
            request, told = self.against(answer, "--token", "A" * 43, "me", "erase", "--yes", "--password-file", "-", text=PASSWORD + "\n",
                                         status=UNKNOWN)
            self.assertTrue(request.startswith(b"POST /auth/erase HTTP/1.1\r\n"), request)
            self.assertIn("foorumi me keep", told)

    def test_NothingButAnAnswerIsTakenForOne(self):
        ok = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        for answer in (ok + b"hello", ok + b"{}", ok + b'{"token":"a","second_factor":"done"}', b"SSH-2.0-x\r\n",
                       b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n{}", ok + b'{"second_factor":"done","x":"' + b"a" * 70000 + b'"}'):
            self.assertIn("No connection to", self.login(answer)[1])

    def test_TextsOfAServerReachTheTerminalVisibleOnly(self):
        error = json.dumps({"error": {"code": "invalid", "reason": "r\x1b", "field": "f", "text": "t\x1b[2J\u202e"}})
        _, told = self.login(f"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n{error}".encode(), REFUSED)
        self.assertIn("INVALID r<U+001B> f: t<U+001B>[2J<U+202E>", told)


class OnATerminal(SignIn):
    def terminal(self, person, *words):
        terminal = Terminal(person.command(*words), columns=120, environment=person.environment)
        self.addCleanup(terminal.end)
        return terminal

    def test_PasswordsAreNotShownAndCodesAreAskedForAgain(self):
        person, other = self.member("paate.paavo"), Person(self)
        person.talk("totp", "--password-file", "-", first=PASSWORD + "\n")
        terminal = self.terminal(other, "login")
        terminal.until_line("Handle or e-mail:")
        terminal.type("paate.paavo\n")
        terminal.until_line("Password:")
        terminal.type(PASSWORD + "\n")
        code = "Code of the authenticator app, or a recovery code:"
        terminal.until_line(code)
        terminal.type("000000\n")
        terminal.until(lambda shown: code in shown and any("credentials_invalid" in line for line in shown), "asked again")
        terminal.type(person.recovery[1] + "\n")
        self.assertEqual(terminal.wait(), DONE)
        self.assertNotIn(PASSWORD.encode(), terminal.raw)
        other.run("whoami")

    def test_ANewPasswordIsTypedTwice(self):
        token = self.invite("kahdesti.kirsi", "--role", "expert")
        terminal = self.terminal(Person(self), "accept")
        terminal.until_line("The invitation's token:")
        terminal.type(token + "\n")
        terminal.until_line("Invitation: Kahdesti Kirsi (@kahdesti.kirsi)")
        for second in (OTHER_PASSWORD, PASSWORD):
            terminal.until(lambda shown: [line for line in shown if line][-1] == "New password:", "asked for the password")
            terminal.type(PASSWORD + "\n")
            terminal.until(lambda shown: [line for line in shown if line][-1] == "New password again:", "and again")
            terminal.type(second + "\n")
        self.assertEqual(terminal.wait(), DONE)
        self.assertIn("The passwords are not the same.", terminal.screen.lines())
        self.assertNotIn(token.encode(), terminal.raw)

    def test_WhoAsksToBeErasedTypesPasswordAndHandle(self):
        person = self.member("lahden.liisa")
        terminal = self.terminal(person, "me", "erase")
        terminal.until_line("Present password:")
        self.assertTrue(any("Lahden Liisa (@lahden.liisa)" in line for line in terminal.screen.lines()))
        terminal.type(PASSWORD + "\n")
        terminal.until_line("If you are sure, type your handle:")
        terminal.type("lahden.liisa\n")
        self.assertEqual(terminal.wait(), DONE)
        self.assertNotIn(PASSWORD.encode(), terminal.raw)
        self.assertTrue(any(line.startswith("You will be erased on ") for line in terminal.screen.lines()))
        person.run("me", "keep")

    def test_CtrlCAtAPasswordGivesTheTerminalItsModesBack(self):
        terminal = self.terminal(Person(self), "login", "joku")
        terminal.until_line("Password:")
        deadline.until(lambda: not termios.tcgetattr(terminal.theirs)[3] & termios.ECHO, "typing is not shown")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), -2)
        self.assertEqual(termios.tcgetattr(terminal.theirs), terminal.modes)


class Administration(SignIn):
    def record(self, handle):
        return next(r for r in self.admin.json("admin", "members")["records"] if r["member"]["handle"] == handle)

    def test_OnlyAdministratorsAdminister(self):
        person = self.member("tavis.tiina")
        for words in (("members",), ("invitations",), ("terms", "add", "x", "2030-01-01", "2030-02-01"), ("erase", "ylva"), ("keep", "ylva")):
            self.assertIn("administrators_only", person.run("admin", *words, status=REFUSED).stderr)

    def test_AStandingIsGrantedShownAndTakenAway(self):
        term = self.admin.run("admin", "terms", "add", "Kausi 2025–2029", "2025-06-01", "2029-05-31").stdout.strip()
        self.member("roolit.riitta")
        self.admin.run("admin", "roles", "roolit.riitta", "--role", "councillor@Kausi 2025–2029", "--role", "office-holder",
                       "--municipality", "Åbo", "--position", f"committee_member:Tekninen lautakunta@{term}",
                       "--moderates", "strategia", "--contact-for", "837")
        shown = self.admin.json("admin", "roles", "@roolit.riitta")["records"][0]["standing"]
        self.assertEqual(sorted((g["role"], g["term"]) for g in shown["grants"]),
                         [("ROLE_COUNCILLOR", term), ("ROLE_OFFICE_HOLDER", "0")])
        self.assertEqual((shown["municipality"], shown["contactFor"], len(shown["moderates"])), ("853", "837", 1))
        position = shown["positions"][0]
        self.assertEqual((position["kind"], position["body"], position["term"]),
                         ("KIND_COMMITTEE_MEMBER", "Tekninen lautakunta", term))
        words = self.admin.run("admin", "members", "--municipality", "Turku").stdout
        for word in ("roolit.riitta", "councillor@Kausi 2025–2029", "committee member: Tekninen lautakunta", "strategia", "Tampere"):
            self.assertIn(word, words)
        self.admin.run("admin", "roles", "roolit.riitta", "--none")
        self.assertEqual(self.record("roolit.riitta")["standing"]["grants"], [])
        self.admin.run("admin", "terms", "set", term, "Kausi", "2025-06-01", "2029-05-31")
        self.assertIn("Kausi ", self.admin.run("admin", "terms").stdout)

    def test_WhatIsNotFoundIsRefusedBeforeAnythingIsSent(self):
        for option, value, reason in (("--role", "councillor@Olematon", "term_not_found"),
                                      ("--municipality", "Ankkalinna", "municipality_not_found"),
                                      ("--moderates", "olematon", "forum_not_found")):
            refused = self.admin.run("admin", "roles", "ylva", option, value, status=REFUSED).stderr
            self.assertRegex(refused, rf"NOT_FOUND {reason} \w+: The .* not found")

    def test_AnInvitationIsWrittenToAFileListedAndWithdrawn(self):
        out = os.path.join(self.admin.home, "kutsu")
        invite = ("admin", "invite", "--name", "Peru Peruttu", "--handle", "peru", "--email", "peru@example.fi", "--role", "expert",
                  "--valid-hours", "3", "--out", out)
        made = self.admin.json(*invite)
        self.assertNotIn("invitation", made)
        self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o600)
        self.assertIn("exists", self.admin.run(*invite, status=USAGE).stderr)
        listed = {i["id"]: i for i in self.admin.json("admin", "invitations")["invitations"]}[made["id"]]
        self.assertEqual((listed["name"], listed["handle"], listed["email"]), ("Peru Peruttu", "peru", "peru@example.fi"))
        row, = [line for line in self.admin.run("admin", "invitations").stdout.splitlines() if line.startswith(made["id"])]
        self.assertRegex(row, r"peru +Peru Peruttu +peru@example\.fi")
        self.assertEqual(int(listed["expiresMs"]) - int(listed["createdMs"]), 3 * 3600 * 1000)
        self.admin.run("admin", "withdraw", made["id"])
        with open(out, encoding="ascii") as file:
            text = f"{file.read().strip()}\n{PASSWORD}\n"
        refused = Person(self).run("accept", "--invitation-file", "-", "--password-file", "-", text=text, status=REFUSED)
        self.assertIn("invitation_not_found", refused.stderr)

    def test_ARefusedInvitationLeavesNoFile(self):
        out = os.path.join(self.admin.home, "turha")
        self.admin.run("admin", "invite", "--name", "Ylva Toinen", "--handle", "ylva", "--email", "toinen@example.fi", "--role", "expert",
                       "--out", out, status=REFUSED)
        self.assertFalse(os.path.exists(out))

    def test_ANameThatIsNoTextIsRefusedBeforeAnythingIsSent(self):
        for words in ((b"roles", b"ylva", b"--municipality", b"\xff"), (b"withdraw", b"\xff")):
            done = subprocess.run([*map(os.fsencode, self.admin.command("admin")), *words], env=self.admin.environment,
                                  capture_output=True, check=False, timeout=deadline.SECONDS)
            self.assertEqual(done.returncode, REFUSED, done.stderr)
            self.assertIn(b"text_not_utf8", done.stderr)

    def test_AResetLeadsToANewPasswordAndASignIn(self):
        person = self.member("unohti.urho")
        token = TOKEN.search(self.admin.run("admin", "reset", "unohti.urho").stdout)[0]
        self.assertIn("@unohti.urho", person.accept(token, OTHER_PASSWORD).stderr)
        person.run("whoami")
        Person(self).login("unohti.urho", status=REFUSED)

    def test_TheSignInsOfAMemberAreEnded(self):
        person = self.member("paattyy.paula")
        self.admin.run("admin", "end-sessions", "paattyy.paula")
        person.run("whoami", status=REFUSED)

    def test_AMemberIsToBeErasedAndIsKept(self):
        self.member("havia.helmi")
        self.admin.run("admin", "erase", "havia.helmi", "--content", "remove")
        record = self.record("havia.helmi")
        at = record["eraseAtMs"]
        self.assertAlmostEqual(int(at) / 1000, time.time() + 14 * 24 * 3600, delta=deadline.SECONDS)
        self.assertEqual(record["erasedContent"], "ERASED_CONTENT_REMOVED")
        with_content = r"havia\.helmi .*to be erased \d{4}-\d\d-\d\d \d\d:\d\d, with all they have written"
        self.assertRegex(self.admin.run("admin", "members").stdout, with_content)
        self.admin.run("admin", "erase", "havia.helmi")
        self.assertEqual(self.record("havia.helmi"), record)
        self.admin.run("admin", "erase", "havia.helmi", "--content", "keep")
        record = self.record("havia.helmi")
        self.assertEqual((record["eraseAtMs"], record["erasedContent"]), (at, "ERASED_CONTENT_KEPT"))
        told = self.admin.run("admin", "roles", "havia.helmi").stdout
        self.assertIn("to be erased ", told)
        self.assertNotIn("with all", told)
        self.admin.run("admin", "keep", "havia.helmi")
        self.assertEqual(self.record("havia.helmi")["eraseAtMs"], "0")
        self.assertNotIn("to be erased", self.admin.run("admin", "roles", "havia.helmi").stdout)

    def test_AnAudienceIsNarrowedAndWidenedOnPurposeOnly(self):
        person = self.member("lukija.leena")
        # By number: who may not read a room does not find its name, an administrator neither.
        room = next(r["id"] for r in person.json("rooms")["rooms"] if r["slug"] == "kuntastrategia-arjessa")
        person.run("threads", room)
        self.admin.run("admin", "audience", "--room", room, "--read", "expert", "--municipality", "Vaasa", "--size", "40001")
        self.assertIn("not_found", person.run("threads", room, status=REFUSED).stderr)
        self.assertIn("audience_widens", self.admin.run("admin", "audience", "--room", room, "--none", status=REFUSED).stderr)
        self.admin.run("admin", "audience", "--room", room, "--none", "--exposes-history")
        person.run("threads", room)

    def test_MunicipalitiesAreListedInWhole(self):
        codes = [m["code"] for m in self.admin.json("admin", "municipalities")["municipalities"]]
        self.assertGreater(len(codes), 300)
        self.assertEqual(codes, sorted(set(codes)))


class FormerMembers(SignIn):
    """What others see of who was erased. Each on a server of its own, without a time of grace."""

    ROOM = "kuntastrategia-arjessa"

    @classmethod
    def setUpClass(cls):
        pass  # not the server of the others

    def setUp(self):
        self.server = Server({**OPTIONS, "erasure.grace_days": 0}).__enter__()
        self.addCleanup(self.server.dispose)
        self.admin = self.first_administrator()

    def after_erasure(self, content):
        """Of somebody who had started a thread: their number, the thread, and as it is shown from now on, alone and in the list."""
        reader, gone = self.member("lukee.lauri"), self.member("katoaa.kalle")
        number = gone.json("whoami")["id"]
        thread = gone.json("start", self.ROOM, "Lähtijän otsikko", "Lähtijän teksti")["version"]
        reader.run("post", self.ROOM, thread, "Kiitos @katoaa.kalle!")
        self.assertIn("Katoaa Kalle (Tampere, councillor)", reader.run("history", self.ROOM, thread).stdout)
        self.admin.run("admin", "erase", "katoaa.kalle", "--content", content)
        deadline.until(lambda: f"Kiitos @#{number}!" in reader.run("history", self.ROOM, thread).stdout, "nothing mentions them any more")
        self.assertIn("token_invalid", gone.run("whoami", status=REFUSED).stderr)
        self.assertEqual(reader.run("members", "katoaa.kalle").stdout, "")
        listed = reader.run("threads", self.ROOM).stdout.splitlines()
        return number, thread, reader.run("history", self.ROOM, thread).stdout, next(line for line in listed if line.startswith(f"#{thread} "))

    def test_WhatTheyWroteIsThatOfAFormerMember(self):
        number, thread, shown, listed = self.after_erasure("keep")
        self.assertIn(f"#{thread} former member #{number} (councillor)", shown)
        self.assertIn("Lähtijän teksti", shown)
        self.assertIn("Lähtijän otsikko", listed)

    def test_WhatWentWithThemIsToldToBeRemoved(self):
        number, thread, shown, listed = self.after_erasure("remove")
        self.assertIn(f"#{thread} former member #{number} (councillor)", shown)
        self.assertIn("(the message was deleted)", shown)
        self.assertNotIn("Lähtijän", shown + listed)
        self.assertIn("(removed)", listed)


class Import(SignIn):
    HEAD = "Nimi;Sähköposti;Roolit;Kunta;Tehtävät\n"

    def file(self, rows):
        self.path = os.path.join(Person(self).home, "kutsuttavat.csv")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.HEAD + "".join(row + "\n" for row in rows))
        self.results_path = self.path + ".invitations.csv"
        return self.path

    def results(self):
        with open(self.results_path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def open_names(self):
        return sorted(i["name"] for i in self.admin.json("admin", "invitations")["invitations"])

    def test_EachMistakeIsToldWithItsLineAndNothingIsDone(self):
        before = self.open_names()
        path = self.file(["Väärä Rooli;vaara@example.fi;keisari;Turku;", "Väärä Kunta;kunta@example.fi;luottamushenkilö;Ankkalinna;",
                          "Väärä Tehtävä;tehtava@example.fi;luottamushenkilö;Turku;keisari", "Hyvä Rivi;hyva@example.fi;luottamushenkilö;Turku;"])
        errors = lines.parse(self.admin.run("--json", "admin", "import", path, status=REFUSED).stdout)
        self.assertEqual([(e["line"], e["column"], e["reason"]) for e in errors],
                         [(2, "roles", "import_role_unknown"), (3, "municipality", "import_municipality_unknown"),
                          (4, "positions", "position_unknown")])
        self.assertTrue(all(e["text"].endswith(".") for e in errors))
        self.assertIn("line 2, roles: The role is not known.", self.admin.run("admin", "import", path, status=REFUSED).stderr)
        self.assertFalse(os.path.exists(self.results_path))
        self.assertEqual(self.open_names(), before)

    def test_ADryRunTellsWhatWouldBeDoneAndChangesNothing(self):
        before = self.open_names()
        path = self.file(["Koe Kuiva;kuiva@example.fi;luottamushenkilö;Turku;"])
        plan = lines.parse(self.admin.run("--json", "admin", "import", path, "--dry-run").stdout)
        self.assertEqual([(p["handle"], p["result"]) for p in plan], [("koe.kuiva", "would_invite")])
        self.assertFalse(os.path.exists(self.results_path))
        self.assertEqual(self.open_names(), before)

    def test_EverybodyGetsAnInvitationOnceHoweverOftenItRuns(self):
        self.member("matti.toistuva")
        rows = ["Matti Toistuva;matti1@example.fi;luottamushenkilö;Turku;valtuutettu|committee_member: Tekninen lautakunta",
                "Matti Toistuva;matti2@example.fi;viranhaltija;Oulu;", "Virhe Rivi;ei-osoite;luottamushenkilö;Turku;"]
        path = self.file(rows)
        self.admin.run("admin", "import", path, "--skip-bad", status=REFUSED)
        first = self.results()
        self.assertEqual([(r["line"], r["result"]) for r in first], [("2", "invited"), ("3", "invited")])
        self.assertEqual({r["handle"] for r in first}, {"matti.toistuva2", "matti.toistuva3"})
        self.assertEqual(stat.S_IMODE(os.stat(self.results_path).st_mode), 0o600)
        opened = self.open_names()
        with open(path, "a", encoding="utf-8") as file:
            file.write("Uusi Rivi;uusi@example.fi;asiantuntija;;\n")
        self.admin.run("admin", "import", path, "--skip-bad", status=REFUSED)
        self.assertEqual(self.results()[:2], first)
        self.assertEqual(self.open_names(), sorted([*opened, "Uusi Rivi"]))
        person = Person(self)
        person.accept(first[0]["invitation"])
        standing = self.admin.json("admin", "roles", first[0]["handle"])["records"][0]["standing"]
        self.assertEqual([(p["kind"], p["body"]) for p in standing["positions"]],
                         [("KIND_COUNCIL_MEMBER", ""), ("KIND_COMMITTEE_MEMBER", "Tekninen lautakunta")])

    def test_AnInterruptedImportGoesOnWithTheSameInvitations(self):
        path = self.file([f"Jatko Jatkaja;jatko{n}@example.fi;luottamushenkilö;Oulu;" for n in range(3)])
        self.admin.run("admin", "import", path)
        before, opened = self.results(), self.open_names()
        # As it stands when an import was killed behind its first note: sent, but not noted.
        with open(self.results_path, encoding="utf-8", newline="") as file:
            text = file.read()
        with open(self.results_path, "w", encoding="utf-8", newline="") as file:
            file.write(text.replace(",invited", ",open"))
        self.admin.run("admin", "import", path)
        self.assertEqual(self.results(), before)
        self.assertEqual(self.open_names(), opened)

    def test_AnotherFileIsNotTakenForResults(self):
        path = self.file(["Koe Kuiva;kuiva@example.fi;luottamushenkilö;Turku;"])
        os.close(os.open(self.results_path, os.O_CREAT | os.O_WRONLY, 0o600))
        with open(self.results_path, "w", encoding="utf-8") as file:
            file.write("tärkeää\n")
        self.admin.run("admin", "import", path, status=USAGE)
        with open(self.results_path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "tärkeää\n")


if __name__ == "__main__":
    unittest.main()

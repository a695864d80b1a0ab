"""Each command of the terminal client as people and scripts use it: words, --json, exit statuses, standard input, safe output."""

import json
import os
import re
import signal
import socket
import subprocess
import unittest

from support import deadline, demo, lines, processes
from support.cases import UNLIMITED
from support.server import FOORUMI, Server, run_client

AINO, PEKKA, RIITTA, MARJA = "aino.metsala", "pekka.rautio", "riitta.salmi", "marja.virtanen"
ROOM, PEER_ROOM = "kuntastrategia-arjessa", "valtuustoryhmien-yhteistyo"
DONE, REFUSED, USAGE, NO_CONNECTION, UNKNOWN = range(5)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Cli(unittest.TestCase):
    """All the cases of a program share one server."""

    server = None

    @classmethod
    def setUpClass(cls):
        if Cli.server is None:
            Cli.server = Server(UNLIMITED).__enter__()
            unittest.addModuleCleanup(Cli.server.dispose)

    def run_(self, handle, *words, status=DONE, **how):
        done = run_client(self.server, handle, *words, **how)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def json(self, handle, *words, **how):
        return lines.answer(self.run_(handle, *words, **how).stdout)

    def words(self, handle, *words, **how):
        return self.run_(handle, *words, json=False, **how).stdout

    def start(self, title="Otsikko", text="Alku", room=ROOM):
        return int(self.json(AINO, "start", room, title, text)["version"])

    def texts(self, thread, room=ROOM):
        return [m["message"]["text"] for m in self.json(AINO, "history", room, thread, "--limit", 100)["messages"]]


class Reading(Cli):
    def test_Whoami(self):
        text = self.words(AINO, "whoami")
        for word in ("Aino Metsälä", AINO, "Tampere"):
            self.assertIn(word, text)
        self.assertIn(AINO, json.dumps(self.json(AINO, "whoami")))

    def test_ForumsAndRooms(self):
        slugs = [f["slug"] for f in self.json(AINO, "forums")["forums"]]
        self.assertEqual(slugs, [s for s in demo.FORUMS if demo.may_read_forum(AINO, s)])
        rooms = [r["slug"] for r in self.json(RIITTA, "rooms")["rooms"]]
        self.assertEqual(sorted(rooms), sorted(s for s in demo.ROOMS if demo.may_read(RIITTA, s)))
        some = [r["slug"] for r in self.json(AINO, "rooms", "strategia")["rooms"]]
        self.assertEqual(some, [s for s, r in demo.ROOMS.items() if r["forum"] == "strategia"])
        self.assertIn("Strategia", self.words(AINO, "forums"))
        self.assertIn("Kuntastrategia arjessa", self.words(AINO, "rooms"))

    def test_ThreadsAndHistory(self):
        wanted = next(t for t in demo.THREADS if t["room"] == PEER_ROOM)
        threads = self.json(AINO, "threads", PEER_ROOM)["threads"]
        found = next(t for t in threads if t["thread"]["thread"]["title"] == wanted["title"])
        thread = found["thread"]["key"].split(":")[1]
        self.assertEqual(self.texts(thread, PEER_ROOM), [m["text"] for m in wanted["message"]])
        self.assertIn(wanted["title"], self.words(AINO, "threads", PEER_ROOM))
        text = self.words(AINO, "history", PEER_ROOM, thread)
        self.assertIn("Marja Virtanen", text)
        self.assertIn("Periaatteet kestivät", text)

    def test_HistoryIsPaged(self):
        thread = self.start()
        for n in range(5):
            self.run_(AINO, "post", ROOM, thread, str(n))
        page = self.json(AINO, "history", ROOM, thread, "--limit", 2)
        self.assertEqual([m["message"]["text"] for m in page["messages"]], ["3", "4"])
        first = page["messages"][0]["key"].split(":")[1]
        earlier = self.json(AINO, "history", ROOM, thread, "--limit", 2, "--before", first)
        self.assertEqual([m["message"]["text"] for m in earlier["messages"]], ["1", "2"])
        later = self.json(AINO, "history", ROOM, thread, "--limit", 3, "--after", thread)
        self.assertEqual([m["message"]["text"] for m in later["messages"]], ["0", "1", "2"])


class Moderating(Cli):
    def shown(self, thread):
        return next(line for line in self.words(AINO, "threads", ROOM).splitlines() if line.startswith(f"#{thread} "))

    def test_LockAndUnlock(self):
        thread = self.start("Lukittava")
        self.run_(MARJA, "mod", "lock", ROOM, thread, "Asia on käsitelty.")
        self.assertIn("(lukittu: Asia on käsitelty.)", self.shown(thread))
        self.assertIn("thread_locked", self.run_(AINO, "post", ROOM, thread, "vielä", status=REFUSED).stderr)
        self.run_(MARJA, "mod", "unlock", ROOM, thread)
        self.assertNotIn("lukittu", self.shown(thread))
        self.run_(AINO, "post", ROOM, thread, "vielä")
        self.assertIn("moderators_only", self.run_(AINO, "mod", "lock", ROOM, thread, "oma", status=REFUSED).stderr)

    def test_PinAndUnpin(self):
        thread = self.start("Kiinnitettävä")
        self.run_(MARJA, "mod", "pin", ROOM, thread, "--until", "2099-12-31")
        self.assertIn("(kiinnitetty)", self.shown(thread))
        self.run_(MARJA, "mod", "pin", ROOM, thread, "--announcement")
        self.assertIn("(tiedote)", self.shown(thread))
        self.assertIn("pin_in_past", self.run_(MARJA, "mod", "pin", ROOM, thread, "--until", "2020-01-01T12:00", status=REFUSED).stderr)
        self.run_(MARJA, "mod", "unpin", ROOM, thread)
        self.assertNotIn("tiedote", self.shown(thread))

    def test_RestrictStateTagAndRename(self):
        thread = self.start("Rajattava")
        committed = self.json(MARJA, "mod", "restrict", ROOM, thread, "--slow", 60, "--write", "expert", "--write", "councillor")
        self.assertEqual(committed["channel"].split(":")[0], "room")
        self.run_(AINO, "post", ROOM, thread, "yksi")
        self.assertIn("slow_mode", self.run_(AINO, "post", ROOM, thread, "kaksi", status=REFUSED).stderr)
        self.assertIn("may_not_post_in_thread", self.run_(RIITTA, "post", ROOM, thread, "kolme", status=REFUSED).stderr)
        self.run_(MARJA, "mod", "restrict", ROOM, thread)
        for words in (("state", ROOM, thread, "solved"), ("tag", ROOM, thread, "Sote", "avoin data"), ("rename", ROOM, thread, "Uusi nimi")):
            self.run_(AINO, "mod", *words)
            self.assertIn("moderators_only", self.run_(PEKKA, "mod", *words, status=REFUSED).stderr)
        self.assertIn("Uusi nimi", self.shown(thread))
        self.assertTrue(self.shown(thread).endswith("(ratkaistu)  [sote]  [avoin data]"), self.shown(thread))
        self.run_(AINO, "mod", "state", ROOM, thread, "loppu", status=USAGE)


class Writing(Cli):
    def test_StartPostReplyEditDelete(self):
        thread = self.start("Vaiheet", "yksi")
        reply = int(self.json(PEKKA, "post", ROOM, thread, "kaksi", "--reply-to", thread)["version"])
        self.run_(AINO, "edit", ROOM, thread, "yksi, korjattu")
        history = self.json(AINO, "history", ROOM, thread)["messages"]
        self.assertEqual([m["message"]["text"] for m in history], ["yksi, korjattu", "kaksi"])
        self.assertEqual(int(history[1]["message"]["replyTo"]), thread)
        self.run_(PEKKA, "delete", ROOM, reply)
        self.assertEqual(self.texts(thread), ["yksi, korjattu", ""])

    def test_ReactAndUnreact(self):
        thread = self.start()
        self.run_(PEKKA, "react", ROOM, thread, "👍")
        reactions = self.json(AINO, "history", ROOM, thread)["reactions"]
        self.assertEqual(reactions[0]["reactions"]["reactions"][0]["emoji"], "👍")
        self.assertIn("👍", self.words(AINO, "history", ROOM, thread))
        self.run_(PEKKA, "unreact", ROOM, thread, "👍")
        self.assertEqual(self.json(AINO, "history", ROOM, thread).get("reactions", []), [])

    def test_ReadAndInbox(self):
        thread = self.start()
        mention = int(self.json(PEKKA, "post", ROOM, thread, f"@{AINO} kuinka?")["version"])
        summary = next(t for t in self.json(AINO, "threads", ROOM)["threads"] if t["thread"]["key"] == f"thread:{thread}")
        self.assertEqual(summary["unread"], 1)
        self.run_(AINO, "read", ROOM, thread, "--to", mention)
        summary = next(t for t in self.json(AINO, "threads", ROOM)["threads"] if t["thread"]["key"] == f"thread:{thread}")
        self.assertEqual(summary["unread"], 0)

        def mentioned():
            entries = self.json(AINO, "inbox")["entries"]
            return any(int(e["inboxEntry"]["message"]) == mention for e in entries)

        deadline.until(mentioned, "the mention is in the inbox")
        inbox = self.words(AINO, "inbox")
        for word in ("Pekka Rautio", "Kuntastrategia arjessa (#", f"Otsikko (#{thread})", f"viesti #{mention}"):
            self.assertIn(word, inbox)

    def test_ReadToZeroMarksEverythingUnread(self):
        thread = self.start()
        self.run_(PEKKA, "read", ROOM, thread)
        self.run_(PEKKA, "read", ROOM, thread, "--to", 0)
        summary = next(t for t in self.json(PEKKA, "threads", ROOM)["threads"] if t["thread"]["key"] == f"thread:{thread}")
        self.assertEqual(summary["unread"], 1)
        self.assertRegex(self.words(PEKKA, "threads", ROOM), rf"#{thread}  Otsikko  1 viesti, 1 lukematon\n")

    def test_SameChangeIdPostsOnceAndAnotherTextIsRefused(self):
        thread = self.start()
        change_id = os.urandom(16).hex()
        first = self.json(AINO, "post", ROOM, thread, "kerran", "--change-id", change_id)
        again = self.json(AINO, "post", ROOM, thread, "kerran", "--change-id", change_id)
        self.assertEqual((again["version"], again["repeated"]), (first["version"], True))
        other = self.run_(AINO, "post", ROOM, thread, "toisin", "--change-id", change_id, status=REFUSED)
        self.assertIn("change_id_reused", other.stderr)
        self.assertEqual(self.texts(thread), ["Alku", "kerran"])

    def test_DashPostsEveryLineAndPrintsEveryAcknowledgement(self):
        thread = self.start()
        texts = demo.sentences()[:150]
        done = self.run_(AINO, "post", ROOM, thread, "-", text="\n".join(texts) + "\n")
        acks = lines.parse(done.stdout)
        self.assertEqual([int(a["line"]) for a in acks], list(range(1, 151)))
        self.assertEqual(len({a["changeId"] for a in acks}), 150)
        versions = [int(a["committed"]["version"]) for a in acks]
        self.assertEqual(versions, sorted(set(versions)))
        last = self.json(AINO, "history", ROOM, thread, "--limit", 100)["messages"]
        self.assertEqual([m["message"]["text"] for m in last], texts[50:])
        self.assertEqual([int(m["key"].split(":")[1]) for m in last], versions[50:])

    def test_DashTellsWhichLineWasRefused(self):
        thread = self.start()
        done = self.run_(AINO, "post", ROOM, thread, "-", text="hyvä\n" + "x" * 20000 + "\nsekin\n", status=REFUSED)
        acks = {int(a["line"]): a for a in lines.parse(done.stdout)}
        self.assertEqual((acks[2].get("error") or {}).get("reason"), "text_too_long")
        self.assertEqual(self.texts(thread), ["Alku", "hyvä", "sekin"])


class Exits(Cli):
    def test_RefusedTellsCodeReasonAndField(self):
        done = self.run_(AINO, "post", ROOM, 999999, "teksti", status=REFUSED)
        for word in ("NOT_FOUND", "thread_not_found", "thread"):
            self.assertIn(word, done.stderr)
        done = self.run_(AINO, "start", ROOM, "Otsikko", "", status=REFUSED)
        for word in ("INVALID", "text_empty", "text"):
            self.assertIn(word, done.stderr)

    def test_ARoomThatIsNotVisibleIsOneThatDoesNotExist(self):
        hidden = self.run_(RIITTA, "threads", PEER_ROOM, status=REFUSED).stderr
        absent = self.run_(RIITTA, "threads", "ei-tallaista", status=REFUSED).stderr
        self.assertEqual(hidden.replace(PEER_ROOM, "X"), absent.replace("ei-tallaista", "X"))

    def test_WrongTokenIsRefused(self):
        done = subprocess.run([FOORUMI, "--server", self.server.url, "--token", "A" * 43, "whoami"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=deadline.SECONDS, check=False)
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn("token_invalid", done.stderr)

    def test_UsageErrors(self):
        for words in ((), ("tuntematon",), ("history", ROOM), ("history", ROOM, "ei-numero"), ("post", ROOM, 1, "x", "--change-id", "zz"),
                      ("history", ROOM, 1, "--before", 1, "--after", 1)):
            self.run_(AINO, *words, status=USAGE)

    def test_AnUnknownCommandIsNamed(self):
        told = self.run_(AINO, "nonsense", status=USAGE).stderr
        self.assertIn("Tuntematon komento: nonsense", told)
        self.assertIn("Käyttö: foorumi", told)

    def test_AServerElsewhereIsWarnedOf(self):
        done = subprocess.run([FOORUMI, "--server", "ws://foorumi.invalid", "--token", "A" * 43, "--timeout", "5", "--lang", "en", "whoami"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=deadline.SECONDS,
                              check=False)
        self.assertEqual(done.returncode, NO_CONNECTION)
        self.assertIn("is not encrypted", done.stderr)
        self.assertEqual(self.run_(AINO, "whoami").stderr, "")

    def test_NoConnection(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            done = subprocess.run([FOORUMI, "--server", f"ws://127.0.0.1:{unused.getsockname()[1]}", "--token", "A" * 43, "--timeout", "2",
                                   "whoami"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  timeout=deadline.SECONDS, check=False)
        self.assertEqual(done.returncode, NO_CONNECTION, done.stderr)

    def test_OutcomeUnknownWhenTheServerStandsStillAndTheSameIdTellsLater(self):
        thread = self.start()
        change_id = os.urandom(16).hex()
        # Redis stands still with the change under way: nobody can know.
        stopped = processes.redis_children(self.server.data)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            done = self.run_(AINO, "--timeout", "2", "post", ROOM, thread, "ehkä", "--change-id", change_id, status=UNKNOWN)
            self.assertIn(change_id, done.stderr)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        self.run_(AINO, "post", ROOM, thread, "ehkä", "--change-id", change_id)
        self.assertEqual(self.texts(thread), ["Alku", "ehkä"])


class Following(Cli):
    def follow(self, handle, *words):
        process = subprocess.Popen([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(handle), "--json",
                                    "follow", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def test_EveryChangeIsALineAndCountEnds(self):
        follower = self.follow(PEKKA, ROOM, "--count", 3)
        first = json.loads(follower.stdout.readline())
        self.assertTrue(first["synced"])
        thread = self.start("Seurattu", "a")
        for text in ("b", "c"):
            self.run_(AINO, "post", ROOM, thread, text)
        out, _ = follower.communicate(timeout=deadline.SECONDS)
        changes = [c for c in lines.parse(out) if not c.get("synced")]
        self.assertEqual(follower.returncode, 0)
        version = int(first["version"])
        for change in changes:
            self.assertEqual((int(change["previousVersion"]), int(change["version"])), (version, version + 1))
            version += 1
        self.assertEqual([e["message"]["text"] for c in changes for e in c["entities"] if e["key"].startswith("message:")], ["a", "b", "c"])

    def test_SinceTellsWhatWasMissed(self):
        thread = self.start("Myöhemmin", "a")
        self.run_(AINO, "post", ROOM, thread, "b")
        follower = self.follow(PEKKA, ROOM, "--since", thread)
        first = json.loads(follower.stdout.readline())
        self.assertEqual((int(first["previousVersion"]), int(first["version"])), (thread, thread + 1))
        self.assertEqual([e["message"]["text"] for e in first["entities"]], ["b"])

    def test_CountIsExactWhereOneAnswerCoversMoreVersions(self):
        thread = self.start("Laskettu", "a")
        for text in ("b", "c", "d"):
            self.run_(AINO, "post", ROOM, thread, text)
        done = self.run_(PEKKA, "follow", ROOM, "--since", thread, "--count", 2)
        only, = lines.parse(done.stdout)
        self.assertEqual((int(only["previousVersion"]), int(only["version"])), (thread, thread + 2))
        self.assertEqual([e["message"]["text"] for e in only["entities"]], ["b", "c"])

    def test_TheTimeBeingOverIsANormalEnd(self):
        done = self.run_(PEKKA, "--timeout", "1", "follow", ROOM)
        self.assertEqual(len(lines.parse(done.stdout)), 1)
        self.assertEqual(done.stderr, "")

    def test_AVersionOfTheFutureIsToldAsSuch(self):
        done = self.run_(PEKKA, "--timeout", "1", "follow", ROOM, "--since", 10**15)
        told, = lines.parse(done.stdout)
        self.assertTrue(told["reset"])
        self.assertEqual(told["since"], str(10**15))
        self.assertIn(f"versiota {10**15} ei ole vielä", done.stderr)

    def test_WhatIsGoneIsToldInWords(self):
        thread = self.start()
        self.run_(PEKKA, "react", ROOM, thread, "👍")
        version = int(self.json(PEKKA, "unreact", ROOM, thread, "👍")["version"])
        out = self.words(PEKKA, "follow", ROOM, "--since", version - 1, "--count", 1)
        self.assertIn(f"viestiin #{thread} ei ole enää reaktioita", out)

    def test_InterruptEndsItCleanly(self):
        follower = self.follow(PEKKA, ROOM)
        follower.stdout.readline()
        follower.send_signal(signal.SIGINT)
        self.assertEqual(follower.wait(timeout=deadline.SECONDS), 0)

    def test_GoesOnByItselfAfterTheServerWasKilled(self):
        follower = self.follow(PEKKA, ROOM)
        version = int(json.loads(follower.stdout.readline())["version"])
        self.server.kill()
        self.server.start()
        thread = self.start("Palattu", "taas")
        while version < thread:
            line = json.loads(follower.stdout.readline())
            self.assertEqual(int(line["previousVersion"]), version)
            version = int(line["version"])
        self.assertEqual(version, thread)


class SafeOutput(Cli):
    # Escape sequences themselves are refused by the server; these come through and must not reach the terminal as they are.
    NASTY = {"right-to-left override": "\u202egnp.exe", "isolate": "a\u2066b\u2069", "C1 control": "a\u009b31mb", "C1 OSC": "\u009d52;c;aGVp\u009c",
             "zero width": "a\u200bb", "line separator": "a\u2028b"}

    def test_WhatOthersWroteIsMadeVisible(self):
        for name, text in self.NASTY.items():
            with self.subTest(name):
                started = run_client(self.server, AINO, "start", ROOM, "Otsikko", text)
                if started.returncode == REFUSED:
                    self.assertIn("text_control_character", started.stderr)
                    continue
                thread = lines.answer(started.stdout)["version"]
                self.assertEqual(self.texts(thread), [text], "stored as it was written")
                for how in (True, False):
                    out = self.run_(PEKKA, "history", ROOM, thread, json=how).stdout
                    self.assertNotRegex(out.replace("\n", ""), CONTROL)
                self.assertIn("U+", out)

    def test_EscapeSequencesAreRefusedByTheServer(self):
        for text in ("\x1b[2J", "\x1b]8;;http://x\x07y\x1b]8;;\x07", "\x1b]52;c;aGVp\x07", "\x07", "\r"):
            done = self.run_(AINO, "start", ROOM, "Otsikko", "a" + text, status=REFUSED)
            self.assertIn("text_control_character", done.stderr)

    def test_NoColourCodesWhereOutputIsNoTerminal(self):
        thread = self.start("Värit", "**vahva** `koodi`\n\n> lainaus\n\n- yksi")
        for words in (("history", ROOM, thread), ("threads", ROOM), ("rooms",), ("forums",), ("whoami",), ("inbox",)):
            self.assertNotIn("\x1b", self.words(AINO, *words))


class Chat(Cli):
    def start_client(self, handle, *words):
        process = subprocess.Popen([FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(handle), *words],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.communicate()

    def test_TypedLinesArePostedAndOthersAreSeenLive(self):
        follower = self.start_client(PEKKA, "--json", "follow", ROOM)
        follower.stdout.readline()
        # Without a terminal, chat reads lines: the same program, no screen.
        chat = self.start_client(AINO, "chat", ROOM)
        chat.stdin.write("Terve kaikille\n")
        chat.stdin.flush()
        message, = [e["message"] for e in json.loads(follower.stdout.readline())["entities"] if "message" in e]
        self.assertEqual(message["text"], "Terve kaikille")
        self.run_(PEKKA, "post", ROOM, message["thread"], "Terve Aino")
        while "Terve Aino" not in (line := chat.stdout.readline()):
            self.assertTrue(line, "chat ended")


if __name__ == "__main__":
    unittest.main(verbosity=2)

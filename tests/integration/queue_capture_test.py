"""The moderators' queue, live in `follow`: report, assign, remove, appeal, restore, all with the terminal programs, over two nodes. Prints what
a moderator sees."""

import asyncio
import os
import re
import subprocess
import threading
import unittest

from support import auth, deadline
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import Nodes
from support.queue import second_moderator
from support.server import FOORUMI, run_client
from support.wire import Client

FORUM = "strategia"
MILJA = "milja.moderaattori"


class Capture(unittest.TestCase):
    def setUp(self):
        nodes = Nodes({**UNLIMITED, **auth.UNHURRIED})
        self.addCleanup(nodes.dispose)
        self.first, self.second = nodes
        account = asyncio.run(self.prepare())
        self.token = os.path.join(self.first.home, "milja.token")
        with open(self.token, "w", encoding="utf-8") as file:
            file.write(account.token)
        self.lines = []

    async def prepare(self):
        async with Client(self.first.url, self.first.token(ADMINISTRATOR)) as sanna, \
                Client(self.first.url, self.first.token(MODERATOR)) as marja:
            return await second_moderator(self.first, sanna, (await marja.room(ROOM)).forum, MILJA)

    def follow(self, language):
        process = subprocess.Popen([FOORUMI, "--server", self.second.url, "--token-file", self.token, "--lang", language, "follow",
                                    f"moderation:{FORUM}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, encoding="utf-8")
        reader = threading.Thread(target=lambda: self.lines.extend(line.rstrip("\n") for line in process.stdout))
        reader.start()

        def end():
            process.terminate()
            process.wait()
            reader.join()
            process.stdout.close()

        self.addCleanup(end)

    def run_(self, handle, *words, server=None):
        server = server or self.first
        if handle == MILJA:
            done = subprocess.run([FOORUMI, "--server", server.url, "--token-file", self.token, "--lang", "en", *map(str, words)],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False,
                                  timeout=deadline.SECONDS)
        else:
            done = run_client(self.first, handle, *words, json=False, extra=("--lang", "en"))
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        self.record.append(f"{handle}$ foorumi {' '.join(map(str, words))}")
        self.record += ["    " + line for line in done.stdout.splitlines()]
        return done.stdout

    def until_line(self, pattern):
        deadline.until(lambda: any(re.search(pattern, line) for line in self.lines), f"a line like {pattern} in {self.lines}")

    def test_ReportAssignRemoveAppealRestore(self):
        self.record = []
        self.follow("en")
        thread = int(self.run_(OTHER_COUNCILLOR, "start", ROOM, "Avaus", "Alku"))
        # Whoever follows tells nothing of what was before: until it shows something it may not be there yet.
        message = self.probe(thread)
        self.run_(COUNCILLOR, "report", ROOM, message, "harassment", "Tämä loukkaa naapuria")
        self.until_line(rf"report \d+  new  message #{message} ")
        number = int(re.search(rf"report (\d+)  new  message #{message} ", "\n".join(self.lines))[1])
        self.run_(MODERATOR, "mod", "queue", FORUM)
        self.run_(MODERATOR, "mod", "assign", FORUM, number)
        self.until_line(rf"report {number}  assigned to Marja Virtanen  ")
        shown = self.run_(MODERATOR, "mod", "show", FORUM, number)
        self.assertIn("Tämä loukkaa naapuria", shown)
        self.run_(MODERATOR, "mod", "note", FORUM, number, "Poistan tämän")
        self.run_(MODERATOR, "mod", "remove", ROOM, message, "--reason", "Loukkaava", "--yes")
        self.until_line(rf"message #{message} of .*: removed by Marja Virtanen: Loukkaava")
        self.run_(MODERATOR, "mod", "resolve", FORUM, number, "--words", "Poistimme viestin", "--to-author", "Pysy asiassa")
        self.until_line(rf"report {number}  resolved by Marja Virtanen")
        self.run_(OTHER_COUNCILLOR, "appeal", ROOM, message, "Puhuin itsestäni")
        self.until_line(rf"appeal \d+  new  message #{message} .*removed by Marja Virtanen")
        appealed = int(re.search(r"appeal (\d+)  new", "\n".join(self.lines))[1])
        refused = run_client(self.first, MODERATOR, "mod", "resolve", FORUM, appealed)
        self.assertIn("own_removal", refused.stderr)
        self.run_(MILJA, "mod", "assign", FORUM, appealed)
        self.run_(MILJA, "mod", "restore", ROOM, message)
        self.run_(MILJA, "mod", "resolve", FORUM, appealed, "--words", "Viesti palautettiin")
        self.until_line(rf"appeal {appealed}  resolved by Milja Moderaattori")
        self.assertIn("Poistimme viestin", self.until_inbox(COUNCILLOR, "Poistimme viestin"))
        told = self.until_inbox(OTHER_COUNCILLOR, "Viesti palautettiin")
        self.assertIn("Pysy asiassa", told)
        self.assertIn("Puhuin naapurista", self.run_(COUNCILLOR, "history", ROOM, thread))
        print("\n".join([f"--- what {MILJA} sees with foorumi follow moderation:{FORUM}", *self.lines, "--- what was done", *self.record]),
              flush=True)
        told_to_followers = "\n".join(self.lines)
        for secret in ("Tämä loukkaa naapuria", "Aino", "Poistan tämän", "Puhuin itsestäni", "Puhuin naapurista"):
            self.assertNotIn(secret, told_to_followers)

    def probe(self, thread):
        """The message that is to be reported, edited until the follower shows that."""
        message = int(self.run_(OTHER_COUNCILLOR, "post", ROOM, thread, "Ensin"))
        count = 0

        def shown():
            nonlocal count
            count += 1
            run_client(self.first, OTHER_COUNCILLOR, "edit", ROOM, message, f"Puhuin naapurista {count}")
            return any(f"message #{message} " in line for line in self.lines)

        deadline.until(shown, "the follower is live")
        return message

    def until_inbox(self, handle, words):
        found = ""

        def there():
            nonlocal found
            found = run_client(self.first, handle, "inbox", json=False, extra=("--lang", "en")).stdout
            return words in found

        deadline.until(there, f"{words} in the inbox of {handle}")
        self.record.append(f"{handle}$ foorumi inbox")
        self.record += ["    " + line for line in found.splitlines()]
        return found


if __name__ == "__main__":
    unittest.main(verbosity=2)

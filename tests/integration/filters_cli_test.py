"""Filters and held messages from the terminal, and what is held in the queue as it is followed."""

import json
import subprocess

from filters_test import FilterCase
from support import deadline
from support.cases import COUNCILLOR, MODERATOR
from support.server import FOORUMI


class Terminal(FilterCase):
    def run_(self, token, *words, status=0):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.servers[0].url, "--token", token, *map(str, words)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=deadline.SECONDS)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    async def test_WholeWayFromAFilterToWhatItHolds(self):
        moderator, author = self.servers[0].token(MODERATOR), self.servers[0].token(COUNCILLOR)
        self.run_(moderator, "mod", "filter", "set", "word", "osta*", "hold", "--forum", "strategia")
        self.run_(moderator, "mod", "filter", "set", "link", "evil.com", "refuse", "--forum", "strategia")
        self.run_(moderator, "mod", "filter", "set", "word", "x", "flag", "--everywhere", status=1)
        listed = self.run_(moderator, "mod", "filter", "list", "--forum", "strategia").stdout
        self.assertIn("#1  word  osta*  hold", listed)
        self.assertIn("#2  link  evil.com  refuse", listed)
        refused = self.run_(author, "post", self.room, self.thread, "http://evil.com", status=1).stderr
        self.assertIn("FORBIDDEN text_filtered text", refused)
        answer = self.run_(author, "post", self.room, self.thread, "Ostakaa nyt").stdout
        self.assertIn("held for approval, number ", answer)
        number = answer.split()[-1]
        second = json.loads(self.run_(author, "--json", "start", self.room, "Ostakaa", "teksti").stdout)["held"]
        lines = subprocess.run([FOORUMI, "--lang", "en", "--json", "--server", self.servers[0].url, "--token", author, "post",
                                str(self.room), str(self.thread), "-"], input="osta 1\n", capture_output=True, text=True, check=True,
                               timeout=deadline.SECONDS).stdout
        self.assertIn('"held":{', lines)
        own = self.run_(author, "me", "held", "strategia").stdout
        waiting = self.run_(moderator, "mod", "held", "list", "strategia").stdout
        for part in (f"Held {number}", "Ostakaa nyt", "a new thread in room"):
            self.assertIn(part, own)
            self.assertIn(part, waiting)
        self.assertIn("filters: osta*", waiting)
        self.assertNotIn("osta*", own)
        self.run_(moderator, "mod", "held", "reject", "strategia", second, "--reason", "ei", status=2)
        self.run_(moderator, "mod", "held", "reject", "strategia", second, "--reason", "mainos", "--yes")
        self.run_(moderator, "mod", "held", "approve", "strategia", number)
        while "was approved" not in (inbox := self.run_(author, "inbox").stdout):
            await deadline.before_retry(10)
        self.assertIn(f"Your message {second} in", inbox)
        self.assertIn("was not approved: mainos", inbox)
        self.assertIn("Ostakaa nyt", self.run_(author, "history", self.room, self.thread).stdout)
        self.run_(moderator, "mod", "filter", "lift", 1, "--forum", "strategia")
        self.assertIn("No filters", self.run_(self.servers[0].token("sanna.heino"), "mod", "filter", "list", "--everywhere").stdout)
        self.assertIn("filter 1", self.run_(self.servers[0].token("sanna.heino"), "audit", "list").stdout)

    async def test_TheQueueTellsOfItLive(self):
        moderator, author = self.servers[0].token(MODERATOR), self.servers[0].token(COUNCILLOR)
        self.run_(moderator, "mod", "filter", "set", "word", "osta*", "hold", "--forum", "strategia")
        # Of a channel in which nothing ever was, --since would be 0: no continuation, and what came before is not counted.
        self.run_(author, "post", self.room, self.thread, "Ostakaa ensin")
        channel = f"moderation:{self.forum}"
        await self.moderator.subscribe(channel)
        since = self.moderator.mirrors[channel].version
        self.assertGreater(since, 0)
        following = subprocess.Popen([FOORUMI, "--lang", "en", "--server", self.servers[0].url, "--token", moderator, "follow",
                                      "moderation:strategia", "--since", str(since), "--count", "2"],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(following.communicate)
        self.addCleanup(following.kill)
        number = self.run_(author, "post", self.room, self.thread, "Ostakaa").stdout.split()[-1]
        self.run_(moderator, "mod", "held", "approve", "strategia", number)
        told = following.communicate(timeout=deadline.SECONDS)[0]
        self.assertIn(f"held message {number}: approved or rejected", told)
        self.assertEqual(following.returncode, 0)


if __name__ == "__main__":
    import unittest
    unittest.main(verbosity=2)

"""Sanctions from the terminal: imposed, shown, lifted; what the member sees of theirs, and at login."""

import json
import subprocess
import unittest

from sanctions_test import ADMINISTRATOR, SanctionCase
from support import deadline, sanctions
from support.cases import MODERATOR
from support.sanctions import APPEAL, BAN, REASON
from support.server import FOORUMI


class Terminal(SanctionCase):
    def run_(self, token, *words, status=0):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.servers[0].url, "--token", token, *map(str, words)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=deadline.SECONDS)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    async def test_WholeWayFromAWarningToALiftedBan(self):
        moderator, admin = self.servers[0].token(MODERATOR), self.servers[0].token(ADMINISTRATOR)
        handle, forum = self.account.handle, "strategia"
        self.run_(moderator, "mod", "warn", handle, "--forum", forum, "--reason", REASON)
        self.run_(moderator, "mod", "mute", handle, "--forum", forum, "--until", "2999-01-01", "--reason", "ei", status=1)
        committed = json.loads(self.run_(moderator, "--json", "mod", "mute", handle, "--forum", forum, "--reason", REASON).stdout)
        self.assertEqual(committed["channel"], "directory")
        refused = self.run_(moderator, "mod", "ban", handle, "--forum", forum, "--reason", REASON, status=2)
        self.assertIn("Ban", refused.stderr)
        self.assertIn("in force", refused.stderr, "what there is already is shown")
        self.assertEqual(len(await sanctions.listed(self.admin, self.member)), 2, "nothing was done")
        self.run_(moderator, "mod", "ban", handle, "--forum", forum, "--reason", REASON, "--appeal", APPEAL, "--yes")
        listed = json.loads(self.run_(moderator, "--json", "mod", "sanctions", handle).stdout)["sanctions"]
        self.assertEqual([(r["number"], r["kind"]) for r in listed],
                         [("1", "SANCTION_KIND_WARN"), ("2", "SANCTION_KIND_MUTE"), ("3", "SANCTION_KIND_BAN")])
        own = self.run_(self.account.token, "me", "sanctions").stdout
        for part in ("#3", "ban", "in force", REASON, APPEAL):
            self.assertIn(part, own)
        self.assertNotIn("Marja", own, "not by whom")
        self.assertIn("Marja", self.run_(admin, "mod", "sanctions", handle).stdout)
        inbox = self.run_(self.account.token, "inbox").stdout
        self.assertIn("Sanction #3: ban", inbox)
        self.run_(self.account.token, "seen", "0", "3", "--act", "1")
        exported = json.loads(self.run_(self.account.token, "me", "export").stdout)
        self.assertEqual([r["number"] for r in exported["sanctions"]], ["1", "2", "3"])
        self.run_(moderator, "mod", "lift", handle, "3", "--reason", "sovittu")
        self.assertIn("sovittu", self.run_(self.account.token, "me", "sanctions").stdout)
        self.assertIn("sanction 3", self.run_(admin, "audit", "list").stdout)

    async def test_WhoIsShutOutIsToldAtLogin(self):
        await sanctions.impose(self.admin, self.member, BAN)
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.servers[0].url, "login", self.account.handle,
                               "--password-file", "-"], input=self.account.password + "\n", capture_output=True, text=True,
                              check=False, timeout=deadline.SECONDS)
        self.assertEqual(done.returncode, 1, done)
        for part in ("FORBIDDEN member_banned", "ban", REASON, f"Appeal: {APPEAL}"):
            self.assertIn(part, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

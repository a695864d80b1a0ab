"""The checker itself: silent on good journals, and finds each fault that is put into them."""

import copy
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import journal_checker
from journal_checker import Run
from support.seeds import seed

SEED = seed()


def message(version, text):
    return {"key": f"message:{version}", "version": str(version), "message": {"text": text, "thread": "5"}}


def change(version, text):
    return {"channel": "room:3", "previousVersion": str(version - 1), "version": str(version), "entities": [message(version, text)]}


def synced(before, texts):
    last = max(texts, default=before)
    return {"channel": "room:3", "previousVersion": str(before), "version": str(last), "synced": True,
            "entities": [message(version, text) for version, text in sorted(texts.items())]}


def good_run(chooser, writers=3, followers=3, lines=40):
    """A run as it should be: random interleaving, followers that lost their connection at random places."""
    posted = {f"posted-{w}.txt": [f"kirjoittaja {w} rivi {n % 30}" for n in range(lines)] for w in range(writers)}
    queue = [(w, n) for w in range(writers) for n in range(lines)]
    chooser.shuffle(queue)
    start = 5
    texts, acks = {}, {f"acks-{w}.jsonl": [] for w in range(writers)}
    for version, (writer, line) in enumerate(queue, start + 1):
        texts[version] = posted[f"posted-{writer}.txt"][line]
        acks[f"acks-{writer}.jsonl"].append({"line": line + 1, "changeId": "00", "committed": {"version": str(version)}})
    follows = {}
    for follower in range(followers):
        records, version = [synced(start, {})], start
        while version < max(texts):
            if chooser.random() < 0.1:
                upto = min(max(texts), version + chooser.randint(0, 9))
                records.append(synced(version, {v: texts[v] for v in range(version + 1, upto + 1)}))
            else:
                upto = version + 1
                records.append(change(upto, texts[upto]))
            version = upto
        follows[f"follow-{follower}.jsonl"] = records
    history = [{"id": str(start), "text": "alku", "author": "1"}]
    history += [{"id": str(v), "text": t, "author": "1"} for v, t in sorted(texts.items())]
    return Run(posted, acks, follows, history, copy.deepcopy(history))


class JournalChecker(unittest.TestCase):
    def setUp(self):
        self.chooser = random.Random(SEED)
        self.run_ = good_run(self.chooser)
        self.acks = self.run_.acks["acks-1.jsonl"]
        self.follow = self.run_.follows["follow-2.jsonl"]

    def assert_found(self, *kinds):
        found = {fault.kind for fault in journal_checker.check(self.run_)}
        self.assertTrue(found & set(kinds), f"expected one of {kinds}, found {found}")

    def record(self, synced_too=False):
        """The index of a random change somewhere in the middle of the follower's journal."""
        fit = [i for i, r in enumerate(self.follow[:-1]) if i > 0 and (synced_too or not r.get("synced"))]
        return self.chooser.choice(fit)

    def middle(self):
        return self.chooser.randrange(2, len(self.run_.before) - 2)

    def test_GoodJournalsHaveNoFault(self):
        for n in range(200):
            self.assertEqual(journal_checker.check(good_run(random.Random(SEED + n))), [], f"seed {SEED + n}")

    def test_MessageLostFromTheHistory(self):
        del self.run_.before[self.middle()]
        self.assert_found("lost")

    def test_LastMessageLostFromTheHistory(self):
        self.run_.before.pop()
        self.run_.after.pop()
        self.assert_found("lost")

    def test_MessageDoubledUnderANewId(self):
        extra = copy.deepcopy(self.run_.before[self.middle()])
        extra["id"] = str(int(self.run_.before[-1]["id"]) + 1)
        self.run_.before.append(extra)
        self.assert_found("duplicated")

    def test_MessageTwiceInTheHistory(self):
        at = self.middle()
        self.run_.before.insert(at, copy.deepcopy(self.run_.before[at]))
        self.assert_found("duplicated")

    def test_PhantomInTheHistory(self):
        self.run_.before.append({"id": str(int(self.run_.before[-1]["id"]) + 1), "text": "tyhjästä", "author": "1"})
        self.assert_found("phantom")

    def test_OtherTextInTheHistory(self):
        self.run_.before[self.middle()]["text"] = "muutettu"
        self.assert_found("diverging")

    def test_HistoryOutOfOrder(self):
        at = self.middle()
        history = self.run_.before
        history[at], history[at + 1] = history[at + 1], history[at]
        self.assert_found("reordered")

    def test_HistoryChangedByTheRestart(self):
        self.run_.after.pop()
        self.assert_found("restart")

    def test_LineWithoutAnAnswer(self):
        self.acks.pop(self.chooser.randrange(len(self.acks)))
        self.assert_found("unacknowledged")

    def test_LineAnsweredTwice(self):
        self.acks.append(copy.deepcopy(self.acks[3]))
        self.assert_found("duplicated")

    def test_VersionAcknowledgedForTwoLines(self):
        self.acks[4]["committed"] = copy.deepcopy(self.acks[5]["committed"])
        self.assert_found("duplicated")

    def test_LineRefused(self):
        del self.acks[4]["committed"]
        self.acks[4]["error"] = {"reason": "thread_locked"}
        self.assert_found("refused")

    def test_ChangeMissingAtAFollower(self):
        del self.follow[self.record()]
        self.assert_found("gap")

    def test_ChangesSwappedAtAFollower(self):
        at = self.record(synced_too=True)
        while self.follow[at]["version"] == self.follow[at + 1]["version"] or at == 0:
            at = self.record(synced_too=True)
        self.follow[at], self.follow[at + 1] = self.follow[at + 1], self.follow[at]
        self.assert_found("gap", "reordered")

    def test_ChangeTwiceAtAFollower(self):
        at = self.record()
        self.follow.insert(at, copy.deepcopy(self.follow[at]))
        self.assert_found("reordered", "duplicated")

    def test_ChangeThatSkipsAVersion(self):
        last = self.follow[-1]
        version = int(last["version"])
        self.follow.append({**change(version + 2, "tyhjästä"), "previousVersion": str(version)})
        self.assert_found("gap")

    def test_MessageLeftOutOfASync(self):
        before = int(self.follow[-1]["version"]) - 9
        texts = {int(m["id"]): m["text"] for m in self.run_.before}
        kept = [r for r in self.follow if int(r["version"]) <= before]
        start = int(kept[-1]["version"])
        whole = {v: t for v, t in texts.items() if v > start}
        self.follow[:] = kept + [synced(start, whole)]
        self.assertEqual(journal_checker.check(self.run_), [])
        del self.follow[-1]["entities"][len(whole) // 2]
        self.assert_found("lost")

    def test_FollowerThatStoppedBeforeTheEnd(self):
        self.follow.pop()
        self.assert_found("lost")

    def test_FollowerSawAnotherText(self):
        self.follow[self.record()]["entities"][0]["message"]["text"] = "toisin"
        self.assert_found("diverging")

    def test_FollowerSawWhatWasNotKept(self):
        version = int(self.follow[-1]["version"]) + 1
        self.follow.append(change(version, "peruttu"))
        self.assert_found("phantom")

    def test_FollowersSawTwoMessagesInOppositeOrder(self):
        at = next(i for i in range(1, len(self.follow) - 1)
                  if not self.follow[i].get("synced") and not self.follow[i + 1].get("synced"))
        one, two = (self.follow[i]["entities"][0]["message"] for i in (at, at + 1))
        one["text"], two["text"] = two["text"] + "!", one["text"] + "!"
        self.assert_found("diverging")

    def test_FollowerThatWasReset(self):
        self.follow.insert(self.record(), {"channel": "room:3", "reset": True, "version": "9"})
        self.assert_found("gap")

    def test_NoJournalsAtAllIsAFault(self):
        self.run_.follows.clear()
        self.assert_found("unreadable")

    def test_ProgramReadsADirectoryAndTellsByItsStatus(self):
        with tempfile.TemporaryDirectory() as directory:
            self.write(directory)
            self.assertEqual(self.program(directory), (0, ""))
            path = os.path.join(directory, "acks-0.jsonl")
            with open(path, encoding="utf-8") as file:
                lines = file.readlines()
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(lines[:-1])
            status, text = self.program(directory)
            self.assertEqual(status, 1)
            self.assertIn("unacknowledged", text)
            os.unlink(os.path.join(directory, "history-after.json"))
            self.assertEqual(self.program(directory)[0], 1)

    def program(self, directory):
        done = subprocess.run([sys.executable, journal_checker.__file__, directory], stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout

    def write(self, directory):
        for name, lines in self.run_.posted.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        for name, records in {**self.run_.acks, **self.run_.follows}.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)
        for name, history in (("history-before.json", self.run_.before), ("history-after.json", self.run_.after)):
            with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                json.dump(history, file)


if __name__ == "__main__":
    unittest.main(verbosity=2)

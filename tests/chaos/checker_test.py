#!/usr/bin/env python3
"""The checker by itself: it finds nothing in made-up runs that keep every promise, and each kind of fault in ones that break it once.

Seeds: checker_test.py [runs [seed]]."""

import copy
import json
import os
import random
import secrets
import sys
import tempfile
import unittest

import checker
from journals import FIELDS, MADE, Run, load
from made_up import MODERATOR, ROOMS, MadeUp, sign

RUNS, SEED = 10, None
PEER_CHANNEL = f"room:{ROOMS[1]}"


class Broken:
    """A run that is broken by one of the methods. Each returns whether it could."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.run = MadeUp(seed).make()

    def judged(self):
        return checker.check(Run(*json.loads(json.dumps([self.run.clients, self.run.runner, self.run.finals]))))

    # --- what there is to break

    def records(self, *kinds, where=lambda record: True):
        """(records of a client, position) of what may be broken."""
        return [(records, n) for records in self.run.clients.values() for n, record in enumerate(records)
                if record["kind"] in kinds and where(record)]

    def one(self, *kinds, where=lambda record: True):
        found = self.records(*kinds, where=where)
        return self.dice.choice(found) if found else (None, 0)

    def change(self, *commands, where=lambda change: True):
        found = [c for c in self.run.acknowledged() if c.command in commands and where(c)]
        return self.dice.choice(found) if found else None

    def without(self, channel, key):
        for name in self.run.finals:
            self.run.finals[name] = copy.deepcopy(self.run.finals[name])
            self.run.finals[name][channel] = [e for e in self.run.finals[name][channel] if e["key"] != key]

    def final(self, channel, key):
        return next(e for e in self.run.finals["final-0"][channel] if e["key"] == key)

    def act(self, reading=None):
        """(sent, acknowledged, restored) records of a right that was taken away."""
        records = self.run.clients["client-sanna"]
        found = [n for n, r in enumerate(records) if r.get("command") == "shut" and (reading is None or r["reading"] == reading)
                 and n + 2 < len(records)]
        if not found:
            return None
        n = self.dice.choice(found)
        return records[n], records[n + 1], records[n + 2]

    # --- damaged

    def without_a_field(self):
        records, n = self.one(*(kind for kind, fields in FIELDS.items() if fields))
        record = records[n]
        made = MADE.get(record.get("command"), ())
        del record[self.dice.choice(["t", "kind", *FIELDS[record["kind"]], *made])]

    def of_no_kind(self):
        records, n = self.one("acknowledged", "change")
        records[n]["kind"] = "changed"

    def of_no_command(self):
        records, n = self.one("sent", where=lambda r: r["attempt"] == 1)
        records[n]["command"] = "posted"

    def without_a_first_attempt(self):
        records, n = self.one("sent", where=lambda r: r["attempt"] == 1)
        del records[n]

    # --- lost

    def lost_in_the_end(self):
        change = self.change("post")
        self.without(change.channel, f"message:{change.version}")
        return True

    def lost_edit(self):
        change = self.change("edit", where=lambda c: self.final(c.channel, f"message:{c.made['message']}")["version"] == c.version)
        if change is None:
            return False
        key = f"message:{change.made['message']}"
        old = sign({**self.final(change.channel, key), "version": change.made["message"]})
        self.without(change.channel, key)
        for final in self.run.finals.values():
            final[change.channel].append(old)
        return True

    def lost_reaction(self):
        def alive(c):
            return not self.final(c.channel, f"message:{c.made['message']}")["deleted"]

        change = self.change("react", where=alive)
        if change is None:
            return False
        self.without(change.channel, f"reactions:{change.made['message']}")
        return True

    def lost_to_a_reader(self):
        """In the middle of a subscription: at its end it is as if the connection had been lost before, and the next one makes it good."""
        found = [(records, n) for records, n in self.records("change")
                 if next((r["kind"] for r in records[n + 1:] if r.get("channel") == records[n]["channel"]), "") == "change"
                 and not any(r["kind"] == "lost" for r in records[n + 1:next(
                     m for m in range(n + 1, len(records)) if records[m].get("channel") == records[n]["channel"])])]
        records, n = self.dice.choice(found)
        del records[n]
        return True

    def lost_in_a_sync(self):
        def counts(record):
            # Not what was edited later: then the later state is what the reader needs.
            return any(e["key"] == f"message:{e['version']}" for e in record["entities"])

        records, n = self.one("synced", where=counts)
        if records is None:
            return False
        acknowledged = {(c.channel, f"message:{c.version}") for c in self.run.acknowledged()}
        entities = records[n]["entities"]
        gone = [e for e in entities if e["key"] == f"message:{e['version']}" and (records[n]["channel"], e["key"]) in acknowledged]
        if not gone:
            return False
        entities.remove(self.dice.choice(gone))
        return True

    def lost_all_at_once(self):
        """A resumed reader is told that the room is older than what it saw."""
        records, n = self.one("synced", where=lambda r: r["since"] > 0)
        if records is None:
            return False
        records[n].update(version=records[n]["since"] - 1, reset=True, entities=[])
        return True

    def lost_and_told_so(self):
        records, n = self.one("synced", where=lambda r: r["since"] > 0)
        if records is None:
            return False
        records[n].update(epoch=1, reset=True)
        return True

    def lost_mention(self):
        change = self.change("post", where=lambda c: c.made["mentions"])
        if change is None:
            return False
        self.without(f"member:{change.made['mentions'][0]}", f"inbox:{change.made['room']}:{change.version}")
        return True

    # --- duplicated

    def duplicated_mention(self):
        channel = next(c for c in self.run.finals["final-0"] if c.startswith("member:"))
        entries = self.run.finals["final-0"][channel]
        if entries:
            entries.append(self.dice.choice(entries))
        return bool(entries)

    def duplicated_answer(self):
        records, n = self.one("acknowledged", where=lambda r: r["channel"].startswith("room:"))
        records.insert(n + 1, {**records[n], "version": records[n]["version"] + 1, "repeated": True})
        return True

    def duplicated_version(self):
        a = self.change("post")
        b = self.change("post", where=lambda c: c.channel == a.channel and c is not a)
        for record in b.answers:
            record["version"] = a.version
        return True

    def duplicated_message(self):
        change = self.change("post", where=lambda c: self.final(c.channel, f"message:{c.version}")["text"] == c.made["text"])
        number = 1 + max(e["version"] for e in self.run.finals["final-0"][change.channel])
        twin = sign({**self.final(change.channel, f"message:{change.version}"), "key": f"message:{number}", "version": number})
        for name in self.run.finals:
            self.run.finals[name] = copy.deepcopy(self.run.finals[name])
            self.run.finals[name][change.channel].append(twin)
        return True

    def duplicated_to_a_reader(self):
        records, n = self.one("change")
        records.insert(n + 1, {**records[n], "t": records[n]["t"] + 1e-5})
        return True

    # --- reordered

    def reordered_to_a_reader(self):
        pairs = [(records, n) for records, n in self.records("change") if n + 1 < len(records) and records[n + 1]["kind"] == "change"
                 and records[n + 1]["channel"] == records[n]["channel"]]
        if not pairs:
            return False
        records, n = self.dice.choice(pairs)
        records[n], records[n + 1] = {**records[n + 1], "t": records[n]["t"]}, {**records[n], "t": records[n + 1]["t"]}
        return True

    def reordered_in_time(self):
        change = self.change("post", where=lambda c: c.version > 12)
        if change is None:
            return False
        change.answers[0]["version"] = 6  # which was answered before it was sent
        return True

    # --- phantom

    def phantom_text(self):
        records, n = self.one("change", where=lambda r: any("text" in e and not e["deleted"] for e in r["entities"]))
        for entity in records[n]["entities"]:
            if "text" in entity:
                entity["text"] = "jota kukaan ei kirjoittanut"
                sign(entity)
        return True

    def phantom_author(self):
        records, n = self.one("change", where=lambda r: any("text" in e and not e["deleted"] for e in r["entities"]))
        for entity in records[n]["entities"]:
            if "text" in entity:
                entity["author"] = 99
                sign(entity)
        for client in self.run.clients.values():  # so shown to everyone
            for record in client:
                for entity in record.get("entities", []):
                    if (record["channel"], entity["key"]) == (records[n]["channel"], records[n]["entities"][0]["key"]):
                        entity["author"] = 99
                        sign(entity)
        return True

    def phantom_refused(self):
        """What had been refused is there."""
        change = self.change("post", where=lambda c: len(c.attempts) == 1)
        change.answers[0].update(kind="refused", code="CODE_FORBIDDEN", reason="may_not_write")
        return True

    def phantom_before_it_was_sent(self):
        change = self.change("post", where=lambda c: len(c.attempts) == 1)
        shown = [r for records in self.run.clients.values() for r in records if r["kind"] == "change"
                 and r["channel"] == change.channel and r["version"] == change.version]
        if not shown:
            return False
        change.made["t"] = shown[-1]["t"] + 0.0001
        return True

    def phantom_reaction(self):
        records, n = self.one("change", where=lambda r: any("reactions" in e for e in r["entities"]))
        if records is None:
            return False
        records[n]["entities"][0]["reactions"].append(["👻", [1]])
        sign(records[n]["entities"][0])
        return True

    def phantom_deletion(self):
        records, n = self.one("change", where=lambda r: any("text" in e and not e["deleted"] for e in r["entities"]))
        for entity in records[n]["entities"]:
            if "text" in entity:
                entity.update(sign({**entity, "deleted": True, "text": ""}))
        return True

    # --- diverging

    def diverging_readers(self):
        shown = {}
        for records, n in self.records("change"):
            shown.setdefault((records[n]["channel"], records[n]["version"]), []).append(records[n])
        record = self.dice.choice([r for r in shown.values() if len(r) > 1])[0]
        record["entities"][0]["digest"] = "f" * 16
        return True

    def diverging_nodes(self):
        change = self.change("post")
        self.run.finals["final-1"] = copy.deepcopy(self.run.finals["final-1"])
        for entity in self.run.finals["final-1"][change.channel]:
            if entity["key"] == f"message:{change.version}":
                entity["digest"] = "f" * 16
        return True

    # --- authority

    def stale_authority(self):
        """A post of the moderator's behind the act was one of somebody who may not."""
        act = self.act()
        if act is None:
            return False
        change = self.change("post", where=lambda c: c.channel == PEER_CHANNEL and c.who == f"client-{MODERATOR}"
                             and act[1]["t"] < c.sent and c.acknowledged < act[2]["t"])
        if change is None:
            return False
        change.made["author"] = act[0]["members"][0]
        shown = [r["entities"] for rs in self.run.clients.values() for r in rs if r.get("channel") == PEER_CHANNEL and "entities" in r]
        for entities in shown + [final[PEER_CHANNEL] for final in self.run.finals.values()]:
            for entity in entities:
                if entity["key"] == f"message:{change.version}":
                    entity["author"] = act[0]["members"][0]
        return True

    def leaked(self):
        act = self.act(reading=True)
        if act is None:
            return False
        shown = [r for r in self.run.clients[f"client-{MODERATOR}"] if r["kind"] == "change" and r["channel"] == PEER_CHANNEL
                 and act[1]["t"] < r["t"] < act[2]["t"]]
        if len(shown) < 2:
            return False
        victim = self.run.clients["client-aino"]
        at = next((n for n, r in enumerate(victim) if r["t"] > shown[-1]["t"]), len(victim))
        victim.insert(at, copy.deepcopy(shown[-1]))
        return True

    def locked_stale_authority(self):
        thread = self.change("start").version
        posts = [c for c in self.run.acknowledged() if c.command == "post" and c.made["thread"] == thread]
        if len(posts) < 3:
            return False
        first = posts[0]
        record = {"t": first.acknowledged, "kind": "sent", "change": "lock", "attempt": 1, "command": "lock", "room": first.made["room"],
                  "thread": thread}
        answer = {"t": first.acknowledged + 1e-4, "kind": "acknowledged", "change": "lock", "channel": first.channel,
                  "version": first.version, "repeated": False}
        self.run.clients["client-sanna"] += [record, answer]
        return any(c.version > first.version and c.channel == first.channel for c in posts)

    # --- stuck

    def stuck_without_an_answer(self):
        records, n = self.one("acknowledged", where=lambda r: r["channel"].startswith("room:"))
        records[n] = {"t": records[n]["t"], "kind": "unsure", "change": records[n]["change"], "code": "", "reason": "no answer"}
        return True

    def stuck_reader(self):
        name = self.dice.choice([n for n in self.run.clients if n != "client-sanna"])
        records, channel = self.run.clients[name], f"room:{ROOMS[0]}"
        last = [n for n, r in enumerate(records) if r.get("channel") == channel and r["kind"] in ("change", "synced")]
        if len(last) < 4:
            return False
        records[last[-3]:] = [r for r in records[last[-3]:] if r["kind"] not in ("change", "synced")]
        return True


BREAKS = {"lost": ["lost_in_the_end", "lost_edit", "lost_reaction", "lost_to_a_reader", "lost_in_a_sync", "lost_all_at_once",
                   "lost_and_told_so", "lost_mention"],
          "duplicated": ["duplicated_answer", "duplicated_version", "duplicated_message", "duplicated_to_a_reader",
                         "duplicated_mention"],
          "reordered": ["reordered_to_a_reader", "reordered_in_time"],
          "phantom": ["phantom_text", "phantom_author", "phantom_refused", "phantom_before_it_was_sent", "phantom_reaction",
                      "phantom_deletion"],
          "diverging": ["diverging_readers", "diverging_nodes"],
          "stale-authority": ["stale_authority", "locked_stale_authority"],
          "leaked": ["leaked"],
          "stuck": ["stuck_without_an_answer", "stuck_reader"]}


class Checker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.first = SEED if SEED is not None else int(os.environ.get("FOORUMI_SEED") or secrets.randbits(32))
        print(f"seed {cls.first}", flush=True)

    def seeds(self):
        return range(self.first, self.first + RUNS)

    def test_CleanRunsHaveNoFault(self):
        for seed in self.seeds():
            with self.subTest(seed=seed):
                verdict = checker.check(MadeUp(seed).make())
                self.assertEqual([fault.story() for fault in verdict.faults], [])
                self.assertGreater(verdict.acknowledged, 20)

    def test_EachKindIsFound(self):
        for kind, breaks in BREAKS.items():
            for name in breaks:
                done = 0
                for seed in self.seeds():
                    with self.subTest(name=name, seed=seed):
                        broken = Broken(seed)
                        if getattr(broken, name)():
                            done += 1
                            self.assertIn(kind, broken.judged().kinds)
                with self.subTest(name=name):
                    self.assertGreater(done, RUNS // 10, "it could hardly ever be broken like this")

    def test_StoryTellsTheLinesInTheOrderOfTime(self):
        broken = Broken(self.first)
        broken.lost_in_the_end()
        story = next(f for f in broken.judged().faults if f.kind == "lost").story()
        times = [float(line.split()[0]) for line in story.splitlines()[1:]]
        self.assertTrue(times)
        self.assertEqual(times, sorted(times))
        self.assertIn("acknowledged", story)

    def test_DamagedJournalIsNoCleanOne(self):
        for seed in self.seeds():
            for damage in (Broken.without_a_field, Broken.of_no_kind, Broken.of_no_command, Broken.without_a_first_attempt):
                with self.subTest(seed=seed, damage=damage.__name__):
                    broken = Broken(seed)
                    damage(broken)
                    self.assertEqual(broken.judged().kinds, {"unreadable"})

    def test_ReadsWhatARunLeavesAndPassesOverACutLine(self):
        made = MadeUp(self.first).make()
        with tempfile.TemporaryDirectory() as directory:
            for name, records in [*made.clients.items(), ("runner", made.runner)]:
                with open(os.path.join(directory, f"{name}.jsonl"), "w", encoding="utf-8") as file:
                    file.writelines(json.dumps(record) + "\n" for record in records)
                    file.write('{"t": 1')
            for name, final in made.finals.items():
                with open(os.path.join(directory, f"{name}.json"), "w", encoding="utf-8") as file:
                    json.dump(final, file)
            verdict = checker.check(load(directory))
        self.assertEqual((verdict.faults, verdict.acknowledged), ([], len(made.acknowledged())))


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0].isdigit():
        RUNS, SEED = int(words.pop(0)), int(words.pop(0)) if words and words[0].isdigit() else None
    unittest.main(argv=[sys.argv[0], *words], verbosity=2)

"""Reading a run's journals: what the checker judges. Shares no code with the server or with the clients that wrote them.

A run's directory holds

  client-NAME.jsonl  what one client did and saw, in its order
  runner.jsonl       faults (`fault`, `fault_over`), and `calm`: nothing is broken any more, and everything arrives within `bound` seconds
  final-N.json       everything in each room, and in the inbox of some members, at the end, as node N tells it: {"room:<id>": [entity],
                     "member:<id>": [entity]}

Records of a client, each with `t`, seconds of one monotonic clock that all journals share:

  connected  member
  sent       change, attempt; at the first attempt also command, room, author, and by command: thread, message, text, mentions, emoji,
             act, members, reading
  acknowledged   change, channel, version, repeated
  unsure     change, code, reason: no answer, or one after which the change is repeated
  refused    change, code, reason: an answer after which it is not
  abandoned  change: the run ended before there was an answer
  synced     channel, since, version, epoch, reset, more, entities
  not_synced channel, reason
  change     channel, previous, version, entities
  notice     notice, channel
  lost, signed_out

An entity: key, version, digest of all of it, and by its kind text, thread, author, deleted, reactions, title."""

import bisect
import dataclasses
import glob
import json
import os

# What each kind of record must have beside `t`, for otherwise nothing can be judged by it.
FIELDS = {"connected": ("member",), "sent": ("change", "attempt"), "acknowledged": ("change", "channel", "version", "repeated"),
          "unsure": ("change", "reason"), "refused": ("change", "code", "reason"), "abandoned": ("change",),
          "synced": ("channel", "since", "version", "epoch", "reset", "more", "entities"), "not_synced": ("channel", "reason"),
          "change": ("channel", "previous", "version", "entities"), "notice": ("notice",), "lost": (), "signed_out": ()}
# And the first attempt, by its command.
MADE = {"post": ("room", "author", "thread", "text", "mentions"), "start": ("room", "author", "text"),
        "edit": ("room", "author", "message", "text"), "delete": ("room", "author", "message"),
        "react": ("room", "author", "message", "emoji"), "lock": ("room", "thread"), "unlock": ("room", "thread"),
        "shut": ("act", "room", "members", "reading"), "restore": ("act", "room"), "sign_out": ("act", "members", "reading")}

WRITING = ("post", "start", "edit", "delete", "react")  # commands that change a room
CREATING = ("post", "start")


@dataclasses.dataclass
class Change:
    """One change under one id, over all its attempts."""
    id: str
    made: dict                 # the record of the first attempt
    who: str
    attempts: list = dataclasses.field(default_factory=list)
    answers: list = dataclasses.field(default_factory=list)   # acknowledged, in their order
    unsure: list = dataclasses.field(default_factory=list)
    refused: list = dataclasses.field(default_factory=list)

    @property
    def command(self):
        return self.made.get("command", "")

    @property
    def channel(self):
        return f"room:{self.made['room']}" if "room" in self.made else "directory"

    @property
    def sent(self):
        return self.made["t"]

    @property
    def version(self):
        return self.answers[0]["version"] if self.answers else None

    @property
    def acknowledged(self):
        """When, or None."""
        return self.answers[0]["t"] if self.answers else None

    @property
    def surely_not_applied(self):
        """Refused, and at no earlier attempt was it open whether it was applied."""
        return bool(self.refused) and not self.answers and not any(
            record.get("code") != "CODE_UNAVAILABLE" and record.get("reason") != "rate_limited" for record in self.unsure)

    @property
    def records(self):
        return [*self.attempts, *self.unsure, *self.answers, *self.refused]


def damage(clients):
    """What is wrong with the records of the clients, in words; nothing where they can be judged."""
    for who, records in clients.items():
        sent = set()
        for number, record in enumerate(records, 1):
            kind = record.get("kind")
            needed = ["t", *FIELDS.get(kind, ())]
            if kind == "sent" and record.get("attempt") == 1:
                needed += ["command", *MADE.get(record.get("command"), ())]
                sent.add(record.get("change"))
            missing = [field for field in needed if field not in record]
            if kind not in FIELDS:
                yield f"{who}, line {number}: no record is of the kind {kind!r}"
            elif missing:
                yield f"{who}, line {number}: {kind} without {', '.join(missing)}"
            elif "command" in record and record["command"] not in MADE:
                yield f"{who}, line {number}: no command is called {record['command']!r}"
            elif "change" in record and record["change"] not in sent:
                yield f"{who}, line {number}: {kind} of a change whose first attempt is not there"


@dataclasses.dataclass
class Run:
    clients: dict      # name -> records
    runner: list
    finals: dict       # name -> {channel: [entity]}
    changes: dict = dataclasses.field(default_factory=dict)
    damage: list = dataclasses.field(default_factory=list)   # where there is any, the run cannot be judged

    def __post_init__(self):
        self.damage = list(damage(self.clients))
        if self.damage:
            return
        for who, records in self.clients.items():
            for record in records:
                record["who"] = who
                if "change" in record and record["kind"] != "change":
                    self._add(who, record)
        for record in self.runner:
            record["who"] = "runner"

    def _add(self, who, record):
        name, kind = record["change"], record["kind"]
        if kind == "sent" and name not in self.changes:
            self.changes[name] = Change(name, record, who)
        change = self.changes[name]
        kinds = {"sent": change.attempts, "acknowledged": change.answers, "unsure": change.unsure, "refused": change.refused}
        if kind in kinds:
            kinds[kind].append(record)

    def writing(self):
        return [change for change in self.changes.values() if change.command in WRITING]

    def acknowledged(self, channel=None):
        return [c for c in self.writing() if c.answers and channel in (None, c.channel)]

    def bases(self):
        """Channel -> its version before anybody wrote: what is not above it is not of this run."""
        bases = {}
        for records in self.clients.values():
            for record in records:
                if record["kind"] == "synced" and record["since"] == 0:
                    channel = record["channel"]
                    bases[channel] = min(record["version"], bases.get(channel, record["version"]))
        return bases


class Acknowledged:
    """Of one channel: the highest and the lowest version by time."""

    def __init__(self, changes):
        by_answer = sorted(changes, key=lambda c: c.acknowledged)
        self._answered = [c.acknowledged for c in by_answer]
        self._highest = []
        for change in by_answer:
            self._highest.append(change if not self._highest or change.version > self._highest[-1].version else self._highest[-1])
        by_sending = sorted(changes, key=lambda c: c.sent, reverse=True)
        self._sent = [-c.sent for c in by_sending]
        self._lowest = []
        for change in by_sending:
            self._lowest.append(change if not self._lowest or change.version < self._lowest[-1].version else self._lowest[-1])

    def highest_before(self, time):
        """Of the changes that were acknowledged before then: the one with the highest version, or None."""
        at = bisect.bisect_left(self._answered, time)
        return self._highest[at - 1] if at else None

    def lowest_after(self, time):
        """Of the changes that were first sent after then: the one with the lowest version, or None."""
        at = bisect.bisect_left(self._sent, -time)
        return self._lowest[at - 1] if at else None


def load(directory):
    def records(path):
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def whole(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def name(path):
        return os.path.basename(path).rsplit(".", 1)[0]

    clients = {name(path): records(path) for path in sorted(glob.glob(os.path.join(directory, "client-*.jsonl")))}
    finals = {name(path): whole(path) for path in sorted(glob.glob(os.path.join(directory, "final-*.json")))}
    runner = os.path.join(directory, "runner.jsonl")
    return Run(clients, records(runner) if os.path.exists(runner) else [], finals)

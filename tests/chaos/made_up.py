"""A made-up run that keeps every promise: what members of a server without faults would have written into their journals. For the tests of
the checker, which then break it in one place each."""

import copy
import hashlib
import itertools
import json
import random

from journals import Run

ROOMS = [7, 8]
MEMBERS = {"aino": 1, "pekka": 2, "tuula": 3, "marja": 4}
MODERATOR, PEERS = "marja", [1, 2, 3]
BASE = 5          # of each room, before the run
STEPS = 120


class Room:
    def __init__(self, number):
        self.channel = f"room:{number}"
        self.number = number
        self.version = BASE
        self.entities = {}


class MadeUp:
    """`run` after make(): a Run like one that was loaded."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.time = 100.0
        self.clients = {f"client-{name}": [] for name in (*MEMBERS, "sanna")}
        self.runner = []
        self.rooms = {number: Room(number) for number in ROOMS}
        self.cursors = {(name, number): None for name in MEMBERS for number in ROOMS}   # None: not live
        self.reached = {(name, number): 0 for name in MEMBERS for number in ROOMS}
        self.shut = None          # the act under way
        self.inbox = []           # of the moderator
        self.ids = itertools.count(1)
        self.acts = itertools.count(1)

    def write(self, name, kind, /, **fields):
        self.time += self.dice.uniform(0.001, 0.01)
        record = {"t": self.time, "kind": kind, **fields}
        (self.runner if name == "runner" else self.clients[f"client-{name}"]).append(record)
        return record

    # --- what happens

    def make(self):
        for name, member in MEMBERS.items():
            self.write(name, "connected", member=member, node=0)
            for number in ROOMS:
                self.sync(name, number)
        for room in self.rooms.values():
            self.change(MODERATOR, room, "start")
        for _ in range(STEPS):
            self.step()
        if self.shut:
            self.give_back()
        for name in MEMBERS:
            for number in ROOMS:
                if self.cursors[name, number] is None:
                    self.sync(name, number)
        self.write("runner", "calm", bound=10.0)
        self.time += 20
        self.write("runner", "settled")
        return self.run()

    def run(self):
        final = {room.channel: list(room.entities.values()) for room in self.rooms.values()}
        final[f"member:{MEMBERS[MODERATOR]}"] = self.inbox
        finals = {"final-0": final, "final-1": final}
        return Run(*json.loads(json.dumps([self.clients, self.runner, finals])))

    def step(self):
        name, room = self.dice.choice(list(MEMBERS)), self.rooms[self.dice.choice(ROOMS)]
        doing = self.dice.choices(["change", "lose", "take", "fault"], [80, 10, 6, 4])[0]
        if doing == "lose":
            self.lose(name)
        elif doing == "take" and self.shut:
            self.give_back()
        elif doing == "take":
            self.take_away()
        elif doing == "fault":
            self.write("runner", "fault", name="made up", target="")
            self.write("runner", "fault_over", name="made up", target="")
            self.write("runner", "calm", bound=1000.0)
        else:
            own = self.own(name, room)
            command = self.dice.choices(["post", "start", "edit", "delete", "react"], [60, 5, 15, 5, 15])[0]
            self.change(name, room, command if own or command in ("post", "start") else "post")

    def own(self, name, room):
        return [int(e["key"][8:]) for e in room.entities.values() if e["key"].startswith("message:") and e["author"] == MEMBERS[name]
                and not e["deleted"]]

    def is_shut(self, name, room):
        return self.shut and room.number == self.shut["room"] and MEMBERS[name] in self.shut["members"]

    def change(self, name, room, command):
        """One change, with what may go wrong on the way: attempts without an answer, of which each may have been applied."""
        change, made = f"{next(self.ids):032x}", {"command": command, "room": room.number, "author": MEMBERS[name]}
        if command in ("post", "start", "edit"):
            made["text"] = f"{command} {change}"
        if command in ("edit", "delete", "react"):
            made["message"] = self.dice.choice(self.own(name, room))
        if command == "post":
            made["mentions"] = [MEMBERS[MODERATOR]] if self.dice.random() < 0.3 else []
            made["thread"] = self.dice.choice([int(k[7:]) for k in room.entities if k.startswith("thread:")])
        if command == "react":
            made["emoji"] = chr(0x1F600 + next(self.ids) % 50) + change
        self.write(name, "sent", change=change, attempt=1, **made)
        version = None
        for attempt in itertools.count(2):
            if version is None and self.is_shut(name, room):
                self.write(name, "refused", change=change, code="CODE_FORBIDDEN", reason="may_not_write")
                return
            unsure = self.dice.random()
            if version is None and unsure > 0.1:
                version = self.apply(room, made)
            if unsure > 0.2:
                self.write(name, "acknowledged", change=change, channel=room.channel, version=version, repeated=attempt > 2)
                return
            code = "CODE_OUTCOME_UNKNOWN" if unsure > 0.05 else "CODE_UNAVAILABLE" if version is None else ""
            self.write(name, "unsure", change=change, code=code, reason="made up")
            self.write(name, "sent", change=change, attempt=attempt)

    def apply(self, room, made):
        room.version += 1
        version, touched = room.version, []
        if made["command"] in ("post", "start"):
            thread = made.get("thread", version)
            touched.append({"key": f"message:{version}", "thread": thread, "author": made["author"], "text": made["text"],
                            "deleted": False})
            if made["command"] == "start":
                touched.append({"key": f"thread:{version}", "title": made["text"], "author": made["author"], "locked": False})
        elif made["command"] == "react":
            key = f"reactions:{made['message']}"
            before = room.entities.get(key, {"reactions": []})["reactions"]
            touched.append({"key": key, "reactions": [*before, [made["emoji"], [made["author"]]]]})
        else:
            message = dict(room.entities[f"message:{made['message']}"])
            message.update({"text": "", "deleted": True} if made["command"] == "delete" else {"text": made["text"]})
            touched.append(message)
        if made.get("mentions"):
            self.inbox.append(sign({"key": f"inbox:{room.number}:{version}", "version": len(self.inbox) + 1}))
        for entity in touched:
            entity["version"] = version
            sign(entity)
            room.entities[entity["key"]] = entity
        for name in MEMBERS:
            if self.cursors[name, room.number] is not None and not (self.is_shut(name, room) and self.shut["reading"]):
                self.write(name, "change", channel=room.channel, previous=version - 1, version=version, entities=copy.deepcopy(touched))
                self.reached[name, room.number] = version
        return version

    def sync(self, name, number):
        room, since = self.rooms[number], self.reached[name, number]
        if self.is_shut(name, room) and self.shut["reading"]:
            self.write(name, "not_synced", channel=room.channel, reason="channel_not_found")
            self.cursors[name, number], self.reached[name, number] = None, 0
            return
        found = [] if since == 0 else sorted((e for e in room.entities.values() if e["version"] > since), key=lambda e: e["version"])
        self.write(name, "synced", channel=room.channel, since=since, version=room.version, epoch=0, reset=False, more=False,
                   entities=copy.deepcopy(found))
        self.cursors[name, number] = self.reached[name, number] = room.version

    def lose(self, name):
        self.write(name, "lost")
        for number in ROOMS:
            self.cursors[name, number] = None
        for _ in range(self.dice.randrange(4)):
            self.change(MODERATOR, self.rooms[self.dice.choice(ROOMS)], "post")
        self.write(name, "connected", member=MEMBERS[name], node=1)
        for number in ROOMS:
            self.sync(name, number)

    def take_away(self):
        made = {"act": next(self.acts), "room": ROOMS[1], "members": PEERS, "reading": self.dice.random() < 0.5}
        self.administrate("shut", made)
        self.shut = made
        room = self.rooms[ROOMS[1]]
        for name in MEMBERS:
            if self.is_shut(name, room) and made["reading"] and self.cursors[name, room.number] is not None:
                self.write(name, "notice", notice="access_changed", reason="", channel=room.channel)
                self.cursors[name, room.number], self.reached[name, room.number] = None, 0
        for _ in range(2):
            self.change(MODERATOR, room, "post")

    def give_back(self):
        self.change(MODERATOR, self.rooms[ROOMS[1]], "post")
        self.administrate("restore", {"act": self.shut["act"], "room": self.shut["room"]})
        self.shut = None
        for name in MEMBERS:
            if self.cursors[name, ROOMS[1]] is None:
                self.sync(name, ROOMS[1])

    def administrate(self, command, made):
        change = f"{next(self.ids):032x}"
        self.write("sanna", "sent", change=change, attempt=1, command=command, **made)
        self.write("sanna", "acknowledged", change=change, channel="directory", version=next(self.ids), repeated=False)


def sign(entity):
    """Gives it the digest of what is in it."""
    told = json.dumps({k: v for k, v in entity.items() if k != "digest"}, sort_keys=True)
    entity["digest"] = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    return entity

"""Of the checker: what there is, whoever sees it. Each change is applied once, in the order of time; what is there was sent; all agree."""

import collections

from journals import CREATING, Acknowledged
from verdicts import Fault


def check(run):
    yield from answers(run)
    yield from order_of_time(run)
    observations = Observations(run)
    yield from observations.agree()
    yield from observations.explained()
    for name, final in run.finals.items():
        yield from kept(run, name, final, observations)
        yield from followed(run, name, final)
    yield from same_finals(run)


def answers(run):
    """A change has one version however often it is asked, and a version has one change."""
    owners = {}
    for change in run.writing():
        versions = {record["version"] for record in change.answers}
        if len(versions) > 1:
            yield Fault("duplicated", f"change {change.id} was answered with the versions {sorted(versions)}", change.records)
        if not change.answers:
            continue
        other = owners.setdefault((change.channel, change.version), change)
        if other is not change:
            yield Fault("duplicated", f"version {change.version} of {change.channel} answers two changes", change.records + other.records)


def order_of_time(run):
    """What was first sent after another change's acknowledgement has the higher version."""
    for channel in {change.channel for change in run.acknowledged()}:
        changes = run.acknowledged(channel)
        by_time = Acknowledged(changes)
        for change in changes:
            before = by_time.highest_before(change.sent)
            if before is not None and before.version >= change.version and before is not change:
                yield Fault("reordered", f"version {change.version} of {channel} was sent after version {before.version} was acknowledged",
                            before.records + change.records)


class Observations:
    """Every state of an entity that anybody was shown, or that is there in the end."""

    def __init__(self, run):
        self.run = run
        self.bases = run.bases()
        self.seen = collections.defaultdict(dict)   # (channel, key) -> (version, digest) -> (entity, record)
        self.first = {}                             # (channel, key, version) -> (entity, record)
        self.conflicts = []
        end = max((r["t"] for records in run.clients.values() for r in records), default=0.0)
        for records in run.clients.values():
            for record in records:
                for entity in record.get("entities", []):
                    self._note(record["channel"], entity, record)
        for name, final in run.finals.items():
            for channel, entities in final.items():
                for entity in entities:
                    self._note(channel, entity, {"t": end, "who": name, "kind": "final", "channel": channel, "entities": [entity]})

    def _note(self, channel, entity, record):
        first, shown_by = self.first.setdefault((channel, entity["key"], entity["version"]), (entity, record))
        if first["digest"] != entity["digest"]:
            self.conflicts.append((channel, entity, shown_by, record))
        states, state = self.seen[channel, entity["key"]], (entity["version"], entity["digest"])
        if state not in states or record["t"] < states[state][1]["t"]:
            states[state] = (entity, record)

    def agree(self):
        for channel, entity, first, second in self.conflicts:
            yield Fault("diverging", f"{entity['key']} of {channel} at version {entity['version']} is not the same for everybody",
                        [first, second], frozenset({entity["key"]}))

    def latest(self, channel, key):
        """(version, record) of the highest version that a client was shown, or None."""
        states = [(version, record) for (version, _), (_, record) in self.seen.get((channel, key), {}).items() if record["kind"] != "final"]
        return max(states, key=lambda s: s[0]) if states else None

    def explained(self):
        """Each state is the work of some change that was sent before it was seen."""
        by_text = {c.made["text"]: c for c in self.run.writing() if "text" in c.made}
        deletions = collections.defaultdict(list)
        reactions = {}
        for change in self.run.writing():
            if change.command == "delete":
                deletions[change.channel, f"message:{change.made['message']}"].append(change)
            elif change.command == "react":
                reactions[change.channel, f"reactions:{change.made['message']}", change.made["emoji"], change.made["author"]] = change
        shown_as = {}
        for (channel, key), states in self.seen.items():
            for (version, _), (entity, record) in states.items():
                if version <= self.bases.get(channel, 0):
                    continue
                yield from self._message(channel, key, entity, record, by_text, deletions, shown_as)
                yield from self._thread(channel, key, entity, record, by_text)
                yield from self._reactions(channel, key, entity, record, reactions)

    def _message(self, channel, key, entity, record, by_text, deletions, shown_as):
        if "text" not in entity or not key.startswith("message:"):
            return
        about = frozenset({key})
        if entity["deleted"]:
            causes = [c for c in deletions[channel, key] if c.version in (None, entity["version"])]
            if not any(_possible(c, record) for c in causes):
                yield Fault("phantom", f"{key} of {channel} is deleted at version {entity['version']}, and nobody did that",
                            [record, *(r for c in deletions[channel, key] for r in c.records)], about)
            return
        change = by_text.get(entity["text"])
        if change is None or not _possible(change, record) or not _is_work_of(change, channel, key, entity):
            yield Fault("phantom", f"{key} of {channel} at version {entity['version']} is not what anybody sent",
                        [record, *(change.records if change else [])], about)
            return
        other = shown_as.setdefault(entity["text"], (key, record))
        if other[0] != key:
            yield Fault("duplicated", f"one text is {other[0]} and {key} of {channel}", [other[1], record, *change.records],
                        about | {other[0]})
        elif change.version not in (None, entity["version"]):
            yield Fault("duplicated", f"{key} of {channel} has version {entity['version']}, but {change.version} was answered",
                        [record, *change.records], about)

    def _thread(self, channel, key, entity, record, by_text):
        if not key.startswith("thread:"):
            return
        change = by_text.get(entity.get("title"))
        if change is None or change.command != "start" or change.channel != channel or not _possible(change, record):
            yield Fault("phantom", f"{key} of {channel} was never started", [record, *(change.records if change else [])], frozenset({key}))

    def _reactions(self, channel, key, entity, record, reactions):
        for emoji, members in entity.get("reactions", []):
            for member in members:
                change = reactions.get((channel, key, emoji, member))
                if change is None or not _possible(change, record):
                    yield Fault("phantom", f"{key} of {channel} has a reaction of member {member} at version {entity['version']} that "
                                "nobody made", [record, *(change.records if change else [])], frozenset({key}))


def _possible(change, record):
    return change.sent <= record["t"] and not change.surely_not_applied


def _is_work_of(change, channel, key, entity):
    if change.channel != channel or change.made["author"] != entity["author"]:
        return False
    if change.command == "edit":
        return f"message:{change.made['message']}" == key
    created = key == f"message:{entity['version']}"
    return created and (change.command == "start" or change.made["thread"] == entity["thread"])


def kept(run, name, final, observations):
    """What was acknowledged is there in the end, and so is what was shown."""
    for channel, entities in final.items():
        by_key = {entity["key"]: entity for entity in entities}
        if len(by_key) != len(entities):
            yield Fault("duplicated", f"{name}: an entity of {channel} is there twice", [])
        for change in run.acknowledged(channel):
            key = _key_of(change)
            missing = _missing(change, by_key.get(key), by_key)
            if missing:
                yield Fault("lost", f"{name}: {change.command} acknowledged as version {change.version} of {channel} {missing}",
                            change.records, frozenset({key}))
        for key in {key for seen_in, key in observations.seen if seen_in == channel and key.startswith(("message:", "thread:"))}:
            shown = observations.latest(channel, key)
            if shown and shown[0] > observations.bases.get(channel, 0) and (key not in by_key or by_key[key]["version"] < shown[0]):
                yield Fault("lost", f"{name}: {key} of {channel} was shown at version {shown[0]}, and is not there at it any more",
                            [shown[1]], frozenset({key}))


def _key_of(change):
    if change.command in CREATING:
        return f"message:{change.version}"
    return ("reactions:" if change.command == "react" else "message:") + str(change.made["message"])


def _missing(change, entity, by_key):
    if change.command == "react":
        message = by_key.get(f"message:{change.made['message']}", {})
        if message.get("deleted"):
            return ""  # what was said about it goes with it
        held = dict((emoji, members) for emoji, members in (entity or {}).get("reactions", []))
        return "" if change.made["author"] in held.get(change.made["emoji"], []) else "is not there"
    if entity is None:
        return "is not there"
    if entity["version"] < change.version:
        return f"is not there: it is as of version {entity['version']}"
    if change.command == "delete" and not entity["deleted"]:
        return "is not deleted"
    if change.command == "start" and f"thread:{change.version}" not in by_key:
        return "has no thread"
    return ""


def followed(run, name, final):
    """What follows from a change elsewhere: a mention is in the inbox of whom it names, once, and no other is."""
    for channel, entities in final.items():
        if not channel.startswith("member:"):
            continue
        member = int(channel.split(":")[1])
        keys = [entity["key"] for entity in entities]
        for key in {key for key in keys if keys.count(key) > 1}:
            yield Fault("duplicated", f"{name}: {key} is twice in {channel}", [], frozenset({key}))
        for change in run.acknowledged():
            if member in change.made.get("mentions", []) and f"inbox:{change.made['room']}:{change.version}" not in keys:
                yield Fault("lost", f"{name}: {channel} has no inbox entry of the mention in version {change.version} of {change.channel}",
                            change.records)


def same_finals(run):
    """Nothing moves any more when they are read, so all nodes tell the same."""
    if len(run.finals) < 2:
        return
    first, *others = run.finals.items()
    for name, final in others:
        for channel in first[1].keys() | final.keys():
            held = [{e["key"]: e["digest"] for e in one.get(channel, [])} for one in (first[1], final)]
            differ = {key for key in held[0].keys() | held[1].keys() if held[0].get(key) != held[1].get(key)}
            for key in sorted(differ)[:3]:
                yield Fault("diverging", f"{first[0]} and {name} have different content: {key} of {channel}", [], frozenset({key}))

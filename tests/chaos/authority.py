"""Of the checker: rights that were taken away. Once that is acknowledged, nothing is done on them, and nothing later is shown.

What is later is told by versions: the lowest one that was first sent after the acknowledgement was committed after it, and so was
everything above it. In the same way all up to the highest one that was acknowledged before the right was given back was committed
before that."""

import dataclasses

from journals import WRITING, Acknowledged
from verdicts import Fault


@dataclasses.dataclass
class Act:
    """What was taken away: from `taken` (acknowledged) to `given` (sent)."""
    change: object
    taken: float
    given: float          # infinity: never
    given_by: object
    members: set
    reading: bool
    channels: list


def check(run):
    by_channel = {}
    for change in run.acknowledged():
        by_channel.setdefault(change.channel, []).append(change)
    by_time = {channel: Acknowledged(changes) for channel, changes in by_channel.items()}
    for act in acts(run, list(by_channel)):
        for channel in act.channels:
            if channel in by_time:
                yield from stale(run, act, channel, by_time[channel])
                if act.reading:
                    yield from leaked(run, act, channel, by_time[channel])
    yield from locks(run)


def acts(run, channels):
    given = {}
    for change in run.changes.values():
        if change.command == "restore":
            act = change.made["act"]
            if act not in given or change.sent < given[act].sent:
                given[act] = change
    for change in run.changes.values():
        if change.command not in ("shut", "sign_out") or not change.answers:
            continue
        back = given.get(change.made["act"])
        yield Act(change, change.acknowledged, back.sent if back else float("inf"), back, set(change.made["members"]),
                  change.made["reading"], channels if change.command == "sign_out" else [f"room:{change.made['room']}"])


def effective(run, channel):
    """(change, version): those acknowledged."""
    return [(change, change.version) for change in run.acknowledged(channel) if change.command in WRITING]


def stale(run, act, channel, by_time):
    first, last = by_time.lowest_after(act.taken), by_time.highest_before(act.given)
    for change, version in effective(run, channel):
        if change.made["author"] not in act.members:
            continue
        inside = first is not None and last is not None and first.version <= version <= last.version
        if inside or (change.sent > act.taken and change.acknowledged < act.given):
            yield Fault("stale-authority", f"{change.command} of member {change.made['author']} is version {version} of {channel}, though "
                        "the right to it was gone before", act.change.records + change.records
                        + (first.records + last.records if inside else []) + (act.given_by.attempts[:1] if act.given_by else []))


def leaked(run, act, channel, by_time):
    first = by_time.lowest_after(act.taken)
    if first is None:
        return
    for who, records in run.clients.items():
        member = next((record["member"] for record in records if record["kind"] == "connected"), None)
        if member not in act.members:
            continue
        for record in records:
            if record.get("channel") != channel or record["kind"] not in ("change", "synced") or record["t"] >= act.given:
                continue
            if record["version"] >= first.version:
                yield Fault("leaked", f"{who} was shown version {record['version']} of {channel}, though version {first.version} was sent "
                            "when the right to read was gone", act.change.records + first.records + [record])


def locks(run):
    """A thread's lock is a change of its room, so versions tell what came behind it."""
    for lock in run.changes.values():
        if lock.command != "lock" or not lock.answers:
            continue
        same = [c for c in run.changes.values() if c.command == "unlock" and c.channel == lock.channel
                and c.made["thread"] == lock.made["thread"] and c.sent > lock.acknowledged]
        until = min((c.version for c in same if c.answers), default=float("inf"))
        if any(not c.answers for c in same):
            before = Acknowledged(run.acknowledged(lock.channel)).highest_before(min(c.sent for c in same))
            until = min(until, before.version if before else 0)
        for change in run.acknowledged(lock.channel):
            if change.command == "post" and change.made["thread"] == lock.made["thread"] and lock.version < change.version < until:
                yield Fault("stale-authority", f"version {change.version} of {lock.channel} was posted to a thread that was locked at "
                            f"version {lock.version}", lock.records + change.records)

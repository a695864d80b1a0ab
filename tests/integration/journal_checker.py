#!/usr/bin/env python3
"""Checks the journals of a run with crashes: what was acknowledged is there once, all saw one order, nothing was lost or made up.

Reads only journals and the final history; shares no code with the server or a client. A run's directory holds:

  posted-N.txt    the lines that writer N posted, one message each
  acks-N.jsonl    what writer N was told: {"line", "changeId", "committed": {"version", ...}} or {"line", ..., "error": {...}}
  follow-N.jsonl  what follower N saw of the room: changes {"channel", "previousVersion", "version", "entities"}; with "synced": true a
                  range (previousVersion, version] in which every entity stands once, in its last state
  history-before.json, history-after.json   the thread's messages at the end, and after a full restart: [{"id", "text", "author"}]

Usage: journal_checker.py DIRECTORY. Exit status 0: no fault; 1: faults, one a line."""

import argparse
import dataclasses
import glob
import json
import os
import sys


@dataclasses.dataclass
class Fault:
    kind: str  # lost, duplicated, gap, reordered, phantom, diverging, unacknowledged, refused, restart, unreadable
    text: str

    def __str__(self):
        return f"{self.kind}: {self.text}"


@dataclasses.dataclass
class Run:
    posted: dict   # writer -> [text]
    acks: dict     # writer -> [record]
    follows: dict  # follower -> [record]
    before: list
    after: list


def load(directory):
    def numbered(pattern, read):
        paths = sorted(glob.glob(os.path.join(directory, pattern)))
        return {os.path.basename(path): read(path) for path in paths}

    def lines(path):
        with open(path, encoding="utf-8") as file:
            return [line.rstrip("\n") for line in file if line.strip()]

    def records(path):
        return [json.loads(line) for line in lines(path)]

    def whole(name):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            return json.load(file)

    return Run(numbered("posted-*.txt", lines), numbered("acks-*.jsonl", records), numbered("follow-*.jsonl", records),
               whole("history-before.json"), whole("history-after.json"))


def messages_of(record):
    """(version, text) of the message entities in a follower's record."""
    return [(int(entity["version"]), entity["message"]["text"]) for entity in record.get("entities", [])
            if entity["key"].startswith("message:")]


def check_acks(run, faults):
    """Every line is acknowledged once, with a version of its own. Returns version -> text."""
    acknowledged = {}
    for posted, acks in zip(run.posted, run.acks):
        texts = run.posted[posted]
        seen = set()
        for record in run.acks[acks]:
            line = int(record["line"])
            if line in seen:
                faults.append(Fault("duplicated", f"{acks}: line {line} is answered twice"))
                continue
            seen.add(line)
            if "committed" not in record:
                faults.append(Fault("refused", f"{acks}: line {line}: {record.get('error')}"))
                continue
            version = int(record["committed"]["version"])
            if version in acknowledged:
                faults.append(Fault("duplicated", f"{acks}: line {line}: version {version} was acknowledged for another line"))
            acknowledged[version] = texts[line - 1]
        for line in set(range(1, len(texts) + 1)) - seen:
            faults.append(Fault("unacknowledged", f"{acks}: line {line} has no answer"))
    return acknowledged


def check_history(run, acknowledged, faults):
    """What was acknowledged is there once, with its text, and nothing else is. The thread's first message is left aside."""
    kept = {}
    for message in run.before:
        version = int(message["id"])
        if version in kept:
            faults.append(Fault("duplicated", f"history: message {version} stands there twice"))
        kept[version] = message["text"]
    if kept:
        del kept[min(kept)]
    for version, text in acknowledged.items():
        if version not in kept:
            faults.append(Fault("lost", f"history: acknowledged message {version} is not there"))
        elif kept[version] != text:
            faults.append(Fault("diverging", f"history: message {version} has another text than was acknowledged"))
    for version in kept.keys() - acknowledged.keys():
        kind = "duplicated" if kept[version] in acknowledged.values() else "phantom"
        faults.append(Fault(kind, f"history: message {version} was never acknowledged"))
    order = [int(message["id"]) for message in run.before]
    if order != sorted(order):
        faults.append(Fault("reordered", "history: ids do not ascend"))
    if run.after != run.before:
        faults.append(Fault("restart", "history differs after a full restart"))


def check_versions(name, records, faults):
    """Versions follow one another without gap or step back. Returns (first, last) version covered."""
    first = version = None
    for number, record in enumerate(records, 1):
        if record.get("reset") or record.get("ended"):
            faults.append(Fault("gap", f"{name}:{number}: the follower lost its place: {record}"))
            return first or 0, version or 0
        before, after = int(record["previousVersion"]), int(record["version"])
        if version is None:
            first = version = before
        if before != version:
            faults.append(Fault("gap" if before > version else "reordered", f"{name}:{number}: {before} follows {version}"))
        if record.get("synced"):
            if after < before:
                faults.append(Fault("reordered", f"{name}:{number}: synced backwards from {before} to {after}"))
        elif after != before + 1:
            faults.append(Fault("gap", f"{name}:{number}: a change from {before} to {after}"))
        for entity in record.get("entities", []):
            if not before < int(entity["version"]) <= after:
                faults.append(Fault("reordered", f"{name}:{number}: {entity['key']} has version {entity['version']}"))
        version = max(version, after)
    return first or 0, version or 0


def check_follower(name, records, acknowledged, faults):
    """All that was acknowledged in the follower's range was seen once and in order. Returns version -> text as seen."""
    first, last = check_versions(name, records, faults)
    seen, previous = {}, 0
    for record in records:
        for version, text in messages_of(record):
            if version in seen:
                faults.append(Fault("duplicated", f"{name}: message {version} was shown twice"))
            elif version < previous:
                faults.append(Fault("reordered", f"{name}: message {version} was shown behind {previous}"))
            seen[version] = text
            previous = max(previous, version)
    for version, text in acknowledged.items():
        if version > first and version not in seen:
            faults.append(Fault("lost", f"{name}: acknowledged message {version} was never shown (reached {last})"))
    return seen


def check_followers(run, acknowledged, faults):
    kept = {int(message["id"]): message["text"] for message in run.before}
    for name, records in run.follows.items():
        for version, text in check_follower(name, records, acknowledged, faults).items():
            if version not in kept:
                faults.append(Fault("phantom", f"{name}: message {version} was shown, but is not kept"))
            elif kept[version] != text:
                faults.append(Fault("diverging", f"{name}: message {version} was shown with another text"))


def check(run):
    faults = []
    if not run.posted or len(run.posted) != len(run.acks) or not run.follows:
        return [Fault("unreadable", "journals are missing")]
    acknowledged = check_acks(run, faults)
    if not acknowledged:
        faults.append(Fault("unreadable", "nothing was acknowledged"))
    check_history(run, acknowledged, faults)
    check_followers(run, acknowledged, faults)
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    try:
        faults = check(load(parser.parse_args().directory))
    except (ValueError, KeyError, IndexError, OSError) as error:
        faults = [Fault("unreadable", repr(error))]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

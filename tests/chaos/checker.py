#!/usr/bin/env python3
"""Judges the journals of a run (journals.py says what stands in them): was every promise kept, whatever went wrong meanwhile?

  lost             acknowledged, or shown, and then not there; or passed over in what a reader was shown
  duplicated       one change applied twice, or answered with two versions; one version for two changes; shown twice
  reordered        versions against the order of time, or shown out of their order
  phantom          shown or there, and nobody sent it, or it had been refused
  diverging        two were shown, or hold, something different at the same version
  stale-authority  done by somebody who had lost the right before, and that had been acknowledged
  leaked           committed after somebody's right to read was taken, which was acknowledged, and shown to them
  stuck            not answered or not shown within the bound, with nothing broken any more

Usage: checker.py DIRECTORY. Exit status 0: no fault; 1: faults, each with its story, the lines of the journals that show it."""

import argparse
import dataclasses
import json
import sys

import authority
import readers
import state
import stuck
from journals import CREATING, Run, load
from verdicts import Fault

KINDS = ("lost", "duplicated", "reordered", "phantom", "diverging", "stale-authority", "leaked", "stuck", "unreadable")


@dataclasses.dataclass
class Verdict:
    faults: list
    acknowledged: int   # changes
    posts: int          # of these

    @property
    def kinds(self):
        return {fault.kind for fault in self.faults}


def check(run: Run):
    if run.damage:
        return Verdict([Fault("unreadable", damage, []) for damage in run.damage], 0, 0)
    try:
        faults = [*state.check(run), *readers.check(run), *authority.check(run), *stuck.check(run)]
    except (KeyError, ValueError, TypeError) as error:
        faults = [Fault("unreadable", f"a journal is not as it should be: {error!r}", [])]
    seen, kept = set(), []
    for fault in faults:
        if (fault.kind, fault.text) not in seen:
            seen.add((fault.kind, fault.text))
            kept.append(fault)
    return Verdict(kept, len(run.acknowledged()), sum(change.command in CREATING for change in run.acknowledged()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    try:
        verdict = check(load(parser.parse_args().directory))
    except (OSError, json.JSONDecodeError) as error:
        print(f"unreadable: {error}")
        return 1
    for fault in verdict.faults:
        print(fault.story())
    print(f"{verdict.acknowledged} changes acknowledged, {len(verdict.faults)} faults")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())

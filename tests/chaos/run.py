#!/usr/bin/env python3
"""Random faults by seed over real processes, judged by a checker that shares no code with the server. docs/chaos.md tells more.

  ./dev chaos                          two minutes of everything that this machine can do
  ./dev chaos --episodes 50            so many episodes; --minutes M: so long
  ./dev chaos --seed 62789808          a run again
  ./dev chaos --topology standalone    one topology only
  ./dev chaos --fault redis_killed     one fault only; --list names them
  ./dev chaos --keep /tmp/journals     and look at the journals"""

import paths  # noqa: F401  (first: it makes support importable)

import argparse
import asyncio
import collections
import os
import random
import secrets
import shutil
import signal
import statistics
import sys
import time

import checker
import clocks
import disks
import faults
import places
import replicated_places  # noqa: F401  (registers its places)
from episode import Episode

MINUTES = 2.0
BURSTS = (3, 6)
STORIES, STORY_LINES = 2, 14   # of each kind of fault, and lines of each


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--episodes", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--bursts", type=int, help="of faults in each episode")
    parser.add_argument("--topology", choices=sorted(places.PLACES))
    parser.add_argument("--fault", choices=sorted(faults.FAULTS), metavar="NAME")
    parser.add_argument("--disk", choices=sorted(disks.KINDS), help="what the files lie on")
    parser.add_argument("--keep", help="directory in which the journals stay")
    parser.add_argument("--list", action="store_true", help="names of the faults")
    parser.add_argument("--unsafe", action="store_true", help="with power_loss: Redis is told behind the server's back to sync once a "
                        "second only; then the checker has to find what is lost")
    return parser.parse_args()


class Choice:
    """What there is to choose from on this machine, for what was asked."""

    def __init__(self, asked):
        self.asked = asked
        self.skipped = {}
        self.disks = [disk for name, disk in disks.KINDS.items()
                      if asked.disk in (None, name) and self._there(f"disk {name}", disk.missing())]
        self.places = [place for name, place in places.PLACES.items()
                       if asked.topology in (None, name) and self._there(f"topology {name}", place.missing())]
        self.clocks = self._there("clock jumps", clocks.missing())

    def _there(self, what, missing):
        if missing:
            self.skipped[what] = missing
        return not missing

    def pairs(self):
        """(place, disk, whether clocks can be set) with which what was asked for can happen."""
        wanted = faults.FAULTS[self.asked.fault] if self.asked.fault else None
        for place in self.places:
            for disk in self.disks:
                for settable in [False, True] if self.clocks else [False]:
                    provided = place.provides | disk.provides | (place.settable if settable else set())
                    if wanted is None or ((not wanted.needs or wanted.needs in provided)
                                          and (wanted.on != "redis way" or "redis_proxy" in provided)):
                        yield place, disk, settable


class Totals:
    def __init__(self):
        self.verdicts = collections.Counter()
        self.faults = collections.Counter()
        self.recoveries = []
        self.posts = self.episodes = 0

    def add(self, episode, posts, kinds):
        self.episodes += 1
        self.posts += posts
        self.faults.update(episode.injected)
        self.recoveries += episode.recoveries
        self.verdicts.update(kinds or ["clean"])

    def print(self):
        print(f"{self.episodes} episodes, {sum(self.faults.values())} faults, {self.posts} changes acknowledged, "
              f"{self.faults['power_loss']} power losses, {self.faults['failover']} promotions")
        print("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())))
        if self.recoveries:
            ordered = sorted(self.recoveries)
            print(f"from a fault's end to full delivery: p50 {statistics.median(ordered):.2f} s, "
                  f"p99 {ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]:.2f} s of {len(ordered)}")
        print("verdicts: " + ", ".join(f"{kind} {count}" for kind, count in sorted(self.verdicts.items())), flush=True)


async def unsafe(place):
    await place.redis("CONFIG", "SET", "appendfsync", "everysec")


async def until_told_to_stop(running):
    """Also at SIGTERM everything that was started is ended first."""
    task = asyncio.ensure_future(running)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await task


def run_one(asked, seed, pairs, directory):
    """Returns the episode, what the checker found, and whether that is as it should be."""
    dice = random.Random(seed)
    place, disk, settable = dice.choice(pairs)
    bursts = asked.bursts or dice.randint(*BURSTS)
    wanted = {asked.fault} if asked.fault else None
    episode = Episode(place(disk, settable), seed, directory, bursts, wanted, unsafe if asked.unsafe else None)
    asyncio.run(until_told_to_stop(episode.run()))
    verdict = checker.check(checker.load(directory))
    return episode, verdict


def tell(seed, number, episode, verdict, took):
    kinds = [fault.kind for fault in verdict.faults] + ["broken"] * len(episode.complaints)
    slowest = f"{max(episode.recoveries):.2f} s" if episode.recoveries else "-"
    print(f"episode {number}: seed {seed}, {episode.place.name} on {episode.place.disk.name}, "
          f"{'+'.join(episode.injected) or 'no fault'}, {verdict.acknowledged} acknowledged, recovered within {slowest}, {took:.0f} s: "
          f"{', '.join(sorted(set(kinds))) or 'clean'}", flush=True)
    for complaint in episode.complaints:
        print(f"  {complaint}")
    told = [fault for kind in checker.KINDS for fault in [f for f in verdict.faults if f.kind == kind][:STORIES]]
    for fault in told:
        print("  " + fault.story(STORY_LINES).replace("\n", "\n  "))
    if len(verdict.faults) > len(told):
        print(f"  and {len(verdict.faults) - len(told)} more")
    return kinds


def main():
    asked = arguments()
    if asked.list:
        print("\n".join(sorted(faults.FAULTS)))
        return 0
    choice = Choice(asked)
    for what, why in choice.skipped.items():
        print(f"skipped: {what}: {why}")
    pairs = list(choice.pairs())
    if not pairs:
        print("nothing of what was asked for can be done here")
        return 0
    first = asked.seed if asked.seed is not None else int(os.environ.get("FOORUMI_SEED") or secrets.randbits(32))
    print(f"seed {first}", flush=True)
    episodes = asked.episodes or (1 if asked.seed is not None and asked.minutes is None else None)
    end = time.monotonic() + 60 * (asked.minutes or MINUTES)
    base = asked.keep or os.path.join("/tmp", f"fic-journals-{os.getpid()}")
    totals, bad = Totals(), []
    number = 0
    while number < episodes if episodes else time.monotonic() < end:
        number += 1
        seed = first + number - 1
        directory = os.path.join(base, f"{number}-{seed}")
        os.makedirs(directory)
        begin = time.monotonic()
        try:
            episode, verdict = run_one(asked, seed, pairs, directory)
        except asyncio.CancelledError:
            print(f"told to stop in episode {number}, seed {seed}")
            return 1
        kinds = tell(seed, number, episode, verdict, time.monotonic() - begin)
        totals.add(episode, verdict.acknowledged, kinds)
        if kinds:
            bad.append(seed)
            print(f"  again: ./dev chaos --seed {seed}" + (f" --topology {asked.topology}" if asked.topology else "") +
                  (f" --fault {asked.fault}" if asked.fault else "") + (f" --disk {asked.disk}" if asked.disk else "") +
                  f"\n  journals and logs: {directory}", flush=True)
        elif not asked.keep:
            shutil.rmtree(directory)
    totals.print()
    if not bad and not asked.keep:
        shutil.rmtree(base, ignore_errors=True)
    if asked.unsafe:
        found = totals.verdicts["lost"]
        print("the checker has found what an unsafe Redis loses" if found else "an unsafe Redis lost nothing, or the checker is blind")
        return 0 if found else 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

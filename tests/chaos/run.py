#!/usr/bin/env python3
"""Random faults by seed over real processes, judged by a checker that shares no code with the server. docs/chaos.md tells more.

  ./dev chaos                          two minutes of everything that this machine can do
  ./dev chaos --episodes 50            so many episodes; --minutes M: so long
  ./dev chaos --seed 62789808          a run again
  ./dev chaos --topology standalone    one topology only
  ./dev chaos --fault redis_killed     one fault only, or these where it is given again; --list names them
  ./dev chaos --keep /tmp/journals     and look at the journals"""

import paths  # noqa: F401  (first: it makes support importable)

import argparse
import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import time

import checker
import clocks
import crash_faults  # noqa: F401  (registers its faults, as some below do)
import crash_points
import disks
import fault_table
import faults  # noqa: F401
import pair_place
import places
import replicated_places  # noqa: F401  (registers its places)
import way_faults  # noqa: F401
from episode import Episode
from totals import Totals, told

MINUTES = 2.0
BURSTS = (3, 6)
NOTHING_TO_DO = 77   # exit status, which ctest takes for a skipped test
JOBS = 2   # an episode mostly waits


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--episodes", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--jobs", type=int, default=JOBS, help=f"episodes at the same time ({JOBS})")
    parser.add_argument("--bursts", type=int, help="of faults in each episode")
    parser.add_argument("--topology", choices=sorted(places.PLACES))
    parser.add_argument("--fault", action="append", choices=sorted(fault_table.FAULTS), metavar="NAME", help="again: one of these")
    parser.add_argument("--first", action="store_true", help="no further episode after one in which something was wrong; with --unsafe: was lost")
    parser.add_argument("--disk", choices=sorted(disks.KINDS), help="what the files lie on")
    parser.add_argument("--keep", help="directory in which the journals stay")
    parser.add_argument("--list", action="store_true", help="names of the faults")
    parser.add_argument("--unsafe", action="store_true", help="Redis is told behind the server's back to sync once a second only, and "
                        "replicas are not waited for; then the checker has to find what a power loss or a promotion loses")
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
        self._there("crash points", crash_points.missing())

    def _there(self, what, missing):
        if missing:
            self.skipped[what] = missing
        return not missing

    def pairs(self):
        """(place, disk, whether clocks can be set) with which what was asked for can happen."""
        wanted = [fault_table.FAULTS[name] for name in self.asked.fault or []]
        for place in self.places:
            for disk in self.disks:
                for settable in [False, True] if self.clocks else [False]:
                    provided = place.provides | disk.provides | (place.settable if settable else set()) | place.of_the_build()
                    if not wanted or any(fault_table.can_happen(one, provided) for one in wanted):
                        yield place, disk, settable


UNSAFE_OPTIONS = {"redis.replicas": 0}


async def make_unsafe(place):
    await place.redis("CONFIG", "SET", "appendfsync", "everysec")


class Runner:
    """Runs episodes, some at the same time, until there were enough."""

    def __init__(self, asked, pairs, first):
        self.asked, self.pairs, self.first = asked, pairs, first
        self.most = asked.episodes or (1 if asked.seed is not None and asked.minutes is None else None)
        self.end = time.monotonic() + 60 * (asked.minutes or MINUTES)
        self.base = asked.keep or os.path.join("/tmp", f"fic-journals-{os.getpid()}")
        self.totals = Totals()
        self.begun = 0

    async def run(self):
        """Also where it is told to stop, everything that was started is ended first."""
        lanes = [asyncio.ensure_future(self.lane()) for _ in range(min(self.asked.jobs, self.most or self.asked.jobs))]

        def stop():
            for lane in lanes:
                lane.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        ended = await asyncio.gather(*lanes, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error

    async def lane(self):
        while (self.begun < self.most if self.most else time.monotonic() < self.end) and not (self.asked.first and self.found()):
            self.begun += 1
            await self.episode(self.begun, self.first + self.begun - 1)

    def found(self):
        """What was looked for: anything wrong, or with --unsafe a loss."""
        return self.totals.verdicts["lost"] if self.asked.unsafe else self.totals.bad

    async def episode(self, number, seed):
        dice = random.Random(seed)
        place, disk, settable = dice.choice(self.pairs)
        bursts = self.asked.bursts or dice.randint(*BURSTS)
        wanted = set(self.asked.fault) if self.asked.fault else None
        directory = os.path.join(self.base, f"{number}-{seed}")
        os.makedirs(directory)
        begin = time.monotonic()
        unsafe = self.asked.unsafe
        scene = place(disk, settable, UNSAFE_OPTIONS if unsafe and pair_place.waits_for_replicas() else {})
        episode = Episode(scene, seed, directory, bursts, wanted, make_unsafe if unsafe else None)
        await episode.run()
        took = time.monotonic() - begin
        verdict = await asyncio.to_thread(lambda: checker.check(checker.load(directory)))
        kinds = self.totals.add(episode, verdict)
        print(told(number, seed, episode, verdict, kinds, took), flush=True)
        if kinds:
            print(f"  again: ./dev chaos --seed {seed}{self.options()}\n  journals and logs: {directory}", flush=True)
        elif not self.asked.keep:
            shutil.rmtree(directory)

    def options(self):
        chosen = [("topology", self.asked.topology), *[("fault", name) for name in self.asked.fault or []], ("disk", self.asked.disk),
                  ("bursts", self.asked.bursts)]
        return "".join(f" --{name} {value}" for name, value in chosen if value)


def main():
    asked = arguments()
    if asked.list:
        print("\n".join(sorted(fault_table.FAULTS)))
        return 0
    choice = Choice(asked)
    for what, why in choice.skipped.items():
        print(f"skipped: {what}: {why}")
    pairs = list(choice.pairs())
    if not asked.fault and not all(place.promotions_are_safe for place, _, _ in pairs):
        print("skipped: promotions of replicas: the server does not wait for replicas yet; --fault failover shows what that means")
    if not pairs:
        print("nothing of what was asked for can be done here")
        return NOTHING_TO_DO
    first = asked.seed if asked.seed is not None else int(os.environ.get("FOORUMI_SEED") or secrets.randbits(32))
    print(f"seed {first}", flush=True)
    runner = Runner(asked, pairs, first)
    try:
        asyncio.run(runner.run())
    except asyncio.CancelledError:
        runner.totals.print()
        print("told to stop")
        return 1
    runner.totals.print()
    found = runner.found()
    as_it_should_be = bool(found) == asked.unsafe
    if as_it_should_be and not asked.keep:
        shutil.rmtree(runner.base, ignore_errors=True)
    if asked.unsafe:
        print("the checker has found what is lost so" if found else "nothing was lost, or the checker is blind")
        return 0 if found else 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Bugs on purpose, one at a time (server/base/mutants.def): each has to be caught by episodes that find nothing without it.

  ./dev chaos --mutants                       all of them
  ./dev chaos --mutants --only NAME           one; may be given more than once
  ./dev chaos --mutants --seed 7              with other episodes; the first one of each has this seed
  ./dev chaos --mutants --keep DIR            journals and logs stay

Tells of each in which episode it was caught and what the checker called it. Exit status 1: one was not, or an episode was not clean
without it."""

import argparse
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "..", "..", "server", "base", "mutants.def")
TOLD = re.compile(r"^episode \d+: .*: ([a-z, -]+)$")
JOBS = 2
EPISODES = 20
NOTHING_TO_DO, CANNOT = 77, "cannot be done here"   # exit status of run.py, and what it means
NOTHING_SEEN = {"clean", "broken", "unreadable"}   # where the checker says no more than this, it has not caught anything


def on(topology, *faults, disk="plain", bursts=6):
    """Options of run.py."""
    return ["--topology", topology, "--disk", disk, "--bursts", str(bursts), *[word for name in faults for word in ("--fault", name)]]


# Where each can show, so that the time goes there.
CONNECTIONS_OF_CLIENTS = on("standalone", "clients_reset", "clients_answers_lost", "clients_half_open")
CONNECTIONS_OF_NODES = on("standalone", "redis_reset", "redis_some_reset", "redis_gathered")
LATE = on("standalone", "redis_some_delayed", bursts=10)
UNKNOWN = on("standalone", "redis_answers_lost", "redis_stands_still")
PROMOTIONS = on("pair", "failover_beside_the_old", "failover_to_a_late_replica", "failover_one_by_one", bursts=8)
# What happens too seldom here is hunted by tests/core/hunt.py.
SIMULATED = {"hand_over_from_before", "positions_outlive_connections", "commands_of_any_server", "epoch_ignored",
             "recent_outlives_gaps", "set_aside_at_once"}
WHERE = {
    "syncs_by_the_second": on("embedded", "power_loss", disk="forgetful"),
    "unknown_is_done": UNKNOWN,
    "unknown_is_refused": UNKNOWN,
    "dedupe_off": CONNECTIONS_OF_CLIENTS,
    "repeated_is_another": CONNECTIONS_OF_CLIENTS,
    "expectations_ignored": LATE,
    "directory_ignored": LATE,
    "fence_not_made": LATE,
    "fence_not_held": LATE,
    "tail_skips": CONNECTIONS_OF_NODES,
    "tail_stops": CONNECTIONS_OF_NODES,
    "run_loses": CONNECTIONS_OF_NODES,
    "released_twice": CONNECTIONS_OF_NODES,
    "release_of_any_order": CONNECTIONS_OF_NODES,
    "resume_off_by_one": CONNECTIONS_OF_CLIENTS,
    "hand_over_loses": CONNECTIONS_OF_CLIENTS,
    "outbox_drops": CONNECTIONS_OF_CLIENTS,
    "outbox_reorders": CONNECTIONS_OF_CLIENTS,
    "narrowing_keeps": CONNECTIONS_OF_CLIENTS,
    "revocation_keeps": CONNECTIONS_OF_CLIENTS,
    "answered_at_once": PROMOTIONS,
    "replicas_ignored": PROMOTIONS,
    "waits_elsewhere": PROMOTIONS,
    "replicas_by_memory": PROMOTIONS,
    "waits_go_on": PROMOTIONS,
}


def listed():
    """Name -> what it does."""
    with open(LIST, encoding="utf-8") as file:
        return dict(re.findall(r'^MUTANT\((\w+), "(.*)"\)$', file.read(), re.M))


class Hunt:
    def __init__(self, asked):
        self.asked = asked
        self.base = asked.keep or tempfile.mkdtemp(prefix="fic-journals-")
        self.used = {}      # options -> how many of its episodes some mutant took
        self.caught, self.missed, self.skipped, self.unclean = [], [], [], []
        self.turn = threading.Lock()
        self.running = set()
        self.stopped = False

    def stop(self, *_):
        """Ends what was started, and what that has started first."""
        self.stopped = True
        for run in list(self.running):
            run.terminate()

    def episodes(self, options, most, mutant, name):
        """Runs them until one is not clean. Returns (how many, what was said of the last one, all that was told)."""
        journals = os.path.join(self.base, name)
        command = [sys.executable, "-B", os.path.join(HERE, "run.py"), "--jobs", "1", "--first", "--seed", str(self.asked.seed),
                   "--episodes", str(most), *options, "--keep", journals]
        if self.stopped:
            return 0, "told to stop", ""
        run = subprocess.Popen(command, env={**os.environ, "FOORUMI_MUTANT": mutant}, text=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.running.add(run)
        told, _ = run.communicate()
        self.running.discard(run)
        verdicts = [line.group(1) for line in map(TOLD.match, told.splitlines()) if line]
        if not self.asked.keep and (mutant or verdicts == ["clean"] * most):
            shutil.rmtree(journals, ignore_errors=True)
        return len(verdicts), verdicts[-1] if verdicts else CANNOT if run.returncode == NOTHING_TO_DO else "no episode has ended", told

    def mutant(self, name):
        begin = time.monotonic()
        options = WHERE[name]
        count, verdict, told = self.episodes(options, self.asked.episodes, name, name)
        took = time.monotonic() - begin
        with self.turn:
            if verdict == CANNOT:
                self.skipped.append(name)
                print(f"{name:24} skipped: {verdict}", flush=True)
            elif not count or set(verdict.split(", ")) <= NOTHING_SEEN:
                self.missed.append(name)
                print(f"{name:24} NOT CAUGHT in {count} episodes: {verdict} ({took:.0f} s)", flush=True)
                if verdict != "clean" and not self.stopped:
                    print(told, flush=True)
            else:
                self.caught.append(name)
                self.used[tuple(options)] = max(count, self.used.get(tuple(options), 0))
                print(f"{name:24} caught in episode {count} (seed {self.asked.seed + count - 1}): {verdict} ({took:.0f} s)", flush=True)

    def none(self, number, options, most):
        begin = time.monotonic()
        count, verdict, told = self.episodes(options, most, "", f"none-{number}")
        with self.turn:
            took = time.monotonic() - begin
            print(f"{'none of them':24} {count} episodes ({' '.join(options)}): {verdict} ({took:.0f} s)", flush=True)
            if verdict != "clean" or count < most:
                self.unclean.append(options)
                print(told, flush=True)

    def run(self, wanted):
        with concurrent.futures.ThreadPoolExecutor(JOBS) as lanes:
            for hunted in [lanes.submit(self.mutant, name) for name in wanted]:
                hunted.result()
            for looked in [lanes.submit(self.none, number, *used) for number, used in enumerate(self.used.items())]:
                looked.result()
        if not self.asked.keep and not self.unclean:
            shutil.rmtree(self.base)
        told = [f"{len(self.caught)} of {len(wanted)} mutants caught",
                f"{sum(self.used.values())} of the same episodes without any of them: {'not all clean' if self.unclean else 'clean'}"]
        told += [f"{what}: {', '.join(names)}" for what, names in (("not caught", self.missed), ("skipped", self.skipped)) if names]
        print("; ".join(told))
        return 1 if self.missed or self.unclean or self.stopped else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=sorted(WHERE), metavar="NAME")
    parser.add_argument("--episodes", type=int, default=EPISODES, help=f"the most for each ({EPISODES})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="directory in which the journals stay")
    parser.add_argument("--list", action="store_true", help="the mutants, and what they do")
    asked = parser.parse_args()
    assert WHERE.keys() | SIMULATED == listed().keys(), "each mutant has a place where it is hunted"
    if asked.list:
        print("\n".join(f"{name:24} {does}" for name, does in listed().items()))
        return 0
    hunt = Hunt(asked)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hunt.stop)
    return hunt.run(asked.only or list(WHERE))


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Crashes in the middle of it: nothing acknowledged is lost, doubled or reordered.

Three members post the sentences of tests/data/finnish-sentences.txt into one room at once while three `foorumi follow` run. foorumid is
killed with -9 three times, and its Redis once, at random moments of the progress; journal_checker.py judges the journals.

One episode runs with all tests; many, with FOORUMI_BIN_DIR and FOORUMI_PROTO_DIR as ctest sets them (`ctest -V -N`):

  kill_test.py --episodes 50
  kill_test.py --seed 62789808          a run again
  kill_test.py --keep /tmp/journals     and look at the journals

More kinds of faults, in more topologies: ../chaos, which ./dev chaos runs."""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import journal_checker
from support import deadline, demo, lines, processes
from support.seeds import seed
from support.server import FOORUMI, Server, run_client

WRITERS = ["aino.metsala", "pekka.rautio", "tuula.vainio"]
FOLLOWERS = ["liisa.honkanen", "riitta.salmi", "marja.virtanen"]
ROOM = "kuntastrategia-arjessa"
# So that posting lasts some seconds and the kills meet it under way, rather than the bursts' one second.
RATES = {"session.requests_per_second": 150, "session.request_burst": 40,
         "session.member_requests_per_second": 150, "session.member_request_burst": 40}
SERVER_KILLS, REDIS_KILLS = 3, 1
EPISODE_SECONDS = 240


class Episode:
    """One run on one fresh installation."""

    def __init__(self, chooser, directory):
        self.chooser = chooser
        self.directory = directory
        self.server = Server(RATES)
        self.running = []
        self.thread = 0

    def path(self, name):
        return os.path.join(self.directory, name)

    def client(self, handle, *words, stdin=None, stdout=None):
        command = [FOORUMI, "--server", self.server.url, "--token-file", self.server.token_file(handle), "--json",
                   "--timeout", str(EPISODE_SECONDS), *map(str, words)]
        process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        self.running.append(process)
        return process

    def run(self):
        with self.server:
            try:
                return self.steps()
            finally:
                for process in self.running:
                    if process.poll() is None:
                        process.kill()
                        process.wait()

    def steps(self):
        started = run_client(self.server, WRITERS[0], "start", ROOM, "Kaatumiskoe", "Alku")
        if started.returncode != 0:
            raise AssertionError(started.stderr)
        self.thread = int(lines.answer(started.stdout)["version"])
        followers = self.start_followers()
        writers = self.start_writers()
        self.crash(writers)
        self.await_writers(writers)
        self.await_followers()
        self.stop(followers)
        self.write_history("history-before.json")
        self.server.restart()
        self.write_history("history-after.json")
        return journal_checker.check(journal_checker.load(self.directory))

    def start_followers(self):
        started = []
        for n, handle in enumerate(FOLLOWERS):
            with open(self.path(f"follow-{n}.jsonl"), "wb") as out:
                started.append(self.client(handle, "follow", ROOM, stdout=out))
        deadline.until(lambda: all(self.journal(f"follow-{n}.jsonl") for n in range(len(FOLLOWERS))), "the followers are live")
        return started

    def start_writers(self):
        sentences = demo.sentences()
        started = []
        for n, handle in enumerate(WRITERS):
            with open(self.path(f"posted-{n}.txt"), "w", encoding="utf-8") as file:
                file.writelines(sentence + "\n" for sentence in sentences[n::len(WRITERS)])
            with open(self.path(f"posted-{n}.txt"), "rb") as source, open(self.path(f"acks-{n}.jsonl"), "wb") as out:
                started.append(self.client(handle, "post", ROOM, self.thread, "-", stdin=source, stdout=out))
        # A client that was never connected gives up at once, and rightly so.
        self.await_progress(lambda: all(self.journal(f"acks-{n}.jsonl") for n in range(len(WRITERS))),
                            "an acknowledgement for every writer", started)
        return started

    def journal(self, name):
        return lines.read_complete(self.path(name))

    def acknowledged(self):
        return sum(len(self.journal(f"acks-{n}.jsonl")) for n in range(len(WRITERS)))

    def crash(self, writers):
        """Kills at random points of the progress. The moments are spread, so that each kill meets a working server."""
        total = len(demo.sentences())
        kinds = ["server"] * SERVER_KILLS + ["redis"] * REDIS_KILLS
        self.chooser.shuffle(kinds)
        step = total // (len(kinds) + 1)
        for n, kind in enumerate(kinds):
            moment = n * step + self.chooser.randint(step // 4, step)
            self.await_progress(lambda at=moment: self.acknowledged() >= at, f"{moment} acknowledgements", writers)
            print(f"  after {self.acknowledged()} acknowledgements: kill -9 of {kind}", flush=True)
            if kind == "server":
                self.server.kill()
                self.server.start()
            elif not processes.kill_redis(self.server.data):
                raise AssertionError("there is no redis-server to kill")

    def await_progress(self, condition, what, writers):
        def reached():
            ended = [w for w in writers if w.poll() not in (None, 0)]
            if ended:
                raise AssertionError(f"a writer ended with {ended[0].returncode}: {ended[0].stderr.read().decode()}")
            return condition()

        deadline.until(reached, what, EPISODE_SECONDS)

    def await_writers(self, writers):
        end = time.monotonic() + EPISODE_SECONDS
        for writer in writers:
            _, errors = writer.communicate(timeout=max(1, end - time.monotonic()))
            if writer.returncode != 0:
                raise AssertionError(f"a writer ended with {writer.returncode}: {errors.decode()}")

    def await_followers(self):
        last = max(int(json.loads(line)["committed"]["version"]) for n in range(len(WRITERS))
                   for line in self.journal(f"acks-{n}.jsonl"))

        def behind():
            reached = [int(json.loads(self.journal(f"follow-{n}.jsonl")[-1])["version"]) for n in range(len(FOLLOWERS))]
            return min(reached) >= last

        deadline.until(behind, "every follower has seen the last message", EPISODE_SECONDS)

    def stop(self, followers):
        for follower in followers:
            follower.send_signal(signal.SIGINT)
            follower.wait(timeout=deadline.SECONDS)

    def write_history(self, name):
        messages, after = [], 0
        while True:
            bounds = ("--after", after) if after else ("--after", self.thread - 1)
            done = run_client(self.server, WRITERS[0], "history", ROOM, self.thread, *bounds, "--limit", 100)
            if done.returncode != 0:
                raise AssertionError(done.stderr)
            page = lines.answer(done.stdout)
            messages += [{"id": e["key"].split(":")[1], "text": e["message"]["text"], "author": e["message"]["author"]}
                         for e in page["messages"]]
            if not page.get("more"):
                break
            after = int(messages[-1]["id"])
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(messages, file, ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--episodes", type=int, default=1)
    parser.add_argument("--keep", help="directory in which the journals stay")
    arguments = parser.parse_args()
    chooser = random.Random(seed(arguments.seed))
    base = arguments.keep or os.path.join("/tmp", f"fi-journals-{os.getpid()}")
    failed = 0
    for number in range(1, arguments.episodes + 1):
        directory = os.path.join(base, str(number))
        os.makedirs(directory)
        begin = time.monotonic()
        faults = Episode(chooser, directory).run()
        for fault in faults[:50]:
            print(f"  {fault}")
        failed += bool(faults)
        print(f"episode {number}: {len(demo.sentences())} messages, {len(faults)} faults, {time.monotonic() - begin:.1f} s", flush=True)
    if failed:
        print(f"journals: {base}")
    elif not arguments.keep:
        shutil.rmtree(base)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

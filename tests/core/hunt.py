#!/usr/bin/python3
"""Hunts the bugs made on purpose (server/base/mutants.def) with the simulations of the core.

Each that is in what the simulations run has to be found within --seeds seeds; without any of them the same seeds have to
be clean. Exit status 1: one was not found, or a seed was not clean. The program is that of a build with FOORUMI_MUTANTS.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the simulations do not run.
ELSEWHERE = {
    "syncs_by_the_second": "in what starts Redis",
    "resume_off_by_one": "in the dispatcher's home",
    "narrowing_keeps": "in the dispatcher",
    "revocation_keeps": "in the dispatcher",
}


def mutants():
    return dict(re.findall(r'MUTANT\((\w+), "(.*)"\)', (ROOT / "server/base/mutants.def").read_text()))


def run(program, mutant, options):
    environment = {**os.environ, "FOORUMI_MUTANT": mutant}
    done = subprocess.run([program, *map(str, options)], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def hunt(program, name, options, first):
    status, output = run(program, name, ["--hunt", *options])
    found = re.search(r"^seed (\d+) \((\w+)\): (.*)$", output, re.M)
    if status != 0 or not found:
        print(f"{name}: NOT FOUND", flush=True)
        return False
    kind = found[3].split(":")[0]
    print(f"| `{name}` | {mutants()[name]} | {found[2]} | {kind} | {int(found[1]) - first + 1} |", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5_000)
    parser.add_argument("--only", action="append")
    parser.add_argument("--list", action="store_true", help="what is hunted, and what is elsewhere")
    options = parser.parse_args()
    unknown = (set(ELSEWHERE) | set(options.only or [])) - set(mutants())
    if unknown:
        parser.error(f"no such mutants: {', '.join(sorted(unknown))}")
    names = [name for name in options.only or mutants() if name not in ELSEWHERE]
    if options.list:
        for name in mutants():
            print(f"{name}: {ELSEWHERE.get(name, 'hunted')}")
        return 0
    program = os.environ["FOORUMI_BIN_DIR"] + "/foorumi_core"
    seeds = ["--seed", options.seed, "--seeds", options.seeds]
    status, output = run(program, "", seeds)
    print(output, end="", flush=True)
    found = [hunt(program, name, seeds, options.seed) for name in names]
    return 0 if status == 0 and all(found) else 1


if __name__ == "__main__":
    sys.exit(main())

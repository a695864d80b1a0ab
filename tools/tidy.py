#!/usr/bin/python3
"""Runs clang-tidy on what a build directory compiles of the tree, in parallel, and only on what has changed.

The build is a unity build: one file there includes several of the tree, whose common headers are parsed once for all of
them. A clean result is remembered in the build directory by the hash of everything it depends on: the files of this tree
that it includes, its compile command, .clang-tidy and clang-tidy's version.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE_ROOTS = [ROOT / folder for folder in ("server", "protocol", "client-cli", "tests")]
TIDY = "clang-tidy-19"
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def resolve(name, included_from):
    for folder in [included_from.parent, *INCLUDE_ROOTS]:
        candidate = folder / name
        if candidate.is_file():
            return candidate
    return None


def with_headers(path):
    """The file and every header of the tree that it reaches."""
    seen, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for name in INCLUDE.findall(current.read_bytes()):
            found = resolve(name.decode(), current)
            if found:
                waiting.append(found)
    return sorted(seen)


def protocol_files():
    return sorted((ROOT / "protocol").rglob("*.proto"))


def key_of(path, command, common):
    digest = hashlib.sha256(common)
    digest.update(command.encode())
    for dependency in with_headers(path) + protocol_files():
        digest.update(str(dependency.relative_to(ROOT)).encode())
        digest.update(dependency.read_bytes())
    return digest.hexdigest()


def check(path, build):
    result = subprocess.run([TIDY, "-p", str(build), "--quiet", str(path)], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, result.stderr


def compile_commands(build):
    """Of the tree's files and of those that unite them, not of generated code."""
    commands = json.loads((build / "compile_commands.json").read_text())
    named = {pathlib.Path(c["file"]): c.get("command") or shlex.join(c["arguments"]) for c in commands}
    return {file: command for file, command in named.items() if build not in file.parents or file.parent.name == "Unity"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()
    remembered = build / "clean"
    remembered.mkdir(exist_ok=True)
    keys = {path: key_of(path, command, common) for path, command in compile_commands(build).items()}
    if not keys:
        sys.exit(f"tidy: nothing is compiled in {build}")
    waiting = [path for path, key in keys.items() if not (remembered / key).exists()]
    print(f"{len(keys)} files, {len(waiting)} to check", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(check, path, build): path for path in waiting}
        for done in concurrent.futures.as_completed(running):
            path = running[done]
            status, output, errors = done.result()
            if status == 0:
                (remembered / keys[path]).touch()
                continue
            failed += 1
            print(output or errors, flush=True)
    print(f"clang-tidy: {failed} files with findings" if failed else "clang-tidy: clean")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

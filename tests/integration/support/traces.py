"""Whether something is still in an installation's files. Shares no code with the server.

Redis compresses texts in its dumps, and keeps deleted stream entries in them until their block goes. So the files are searched as they
are, and once more after another redis-server has loaded a copy and written it again without compression, in both formats."""

import os
import shutil
import subprocess

from . import deadline
from .nodes import RedisServer


def files_with(directory, needle):
    """Paths of the files below `directory` whose bytes have it, or whose names do."""
    found = []
    for place, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(place, name)
            if needle.decode("latin-1") in name:
                found.append(path)
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    if needle in file.read():
                        found.append(path)
    return found


def traces(directory, needles, data):
    """{needle: paths} of those that are in the files of `directory`, or would be if Redis wrote its data anew. `data`: where below it
    Redis keeps its files. REQUIRES: that Redis has ended."""
    copies = [rewritten(os.path.join(directory, data), preamble) for preamble in ("no", "yes")]
    try:
        found = {}
        for needle in needles:
            paths = [path for place in (directory, *copies) for path in files_with(place, needle)]
            if paths:
                found[needle] = paths
        return found
    finally:
        for copy in copies:
            shutil.rmtree(copy, ignore_errors=True)


def rewritten(data, preamble):
    """A directory with what a redis-server that loaded these files writes. To be removed by the caller."""
    redis = RedisServer(prepare=lambda home: shutil.copytree(data, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock")),
                        rdbcompression="no", aof_use_rdb_preamble=preamble)
    try:
        cli = ["redis-cli", "-s", redis.socket]
        deadline.until(lambda: "loading:0" in info(cli, "persistence"), "the copy is loaded")
        run(cli, "BGREWRITEAOF")
        deadline.until(lambda: "aof_rewrite_in_progress:0" in info(cli, "persistence") and
                       "aof_rewrite_scheduled:0" in info(cli, "persistence"), "the copy is rewritten")
        assert "aof_last_bgrewrite_status:ok" in info(cli, "persistence")
        redis.process.terminate()
        redis.process.wait()
        # Of the new files only: the copy of the old ones is searched as it is.
        aof = os.path.join(redis.home, "appendonlydir")
        kept = redis.home + "-rewritten"
        shutil.copytree(aof, kept)
        return kept
    finally:
        redis.stop()


def info(cli, section):
    return run(cli, "INFO", section)


def run(cli, *words):
    return subprocess.run([*cli, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=deadline.SECONDS).stdout

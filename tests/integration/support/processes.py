"""The processes of a server under test, found by what they are and where they run. Only these are ever ended."""

import contextlib
import os
import signal

from . import deadline


def _cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode(errors="replace").split("\0")
    except OSError:
        return []


def _directory(pid):
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def state(pid):
    """Its state's letter in /proc: R, S, T (stopped), Z, ...; empty where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0].decode()
    except OSError:
        return ""


def alive(pid):
    """False for a zombie, too: it does nothing any more."""
    return state(pid) not in ("", "Z", "X")


def redis_children(data):
    """Process ids of the redis-server processes that work in, or for, the data directory."""
    data = os.path.realpath(data)
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        words = _cmdline(entry)
        if not words or "redis-server" not in os.path.basename(words[0].split(" ")[0]):
            continue
        inside = _directory(entry)
        if data in " ".join(words) or inside == data or inside.startswith(data + os.sep):
            if alive(int(entry)):
                found.append(int(entry))
    return found


def kill_redis(data):
    """kill -9 of the embedded Redis. Returns the process ids."""
    pids = redis_children(data)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return pids


def _stopped(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read().rsplit(b")", 1)[1].split()[0] == b"T"


@contextlib.contextmanager
def standing_still(pids):
    """Meanwhile these processes take what is sent to them and answer nothing, as on a machine that swaps or a disk that hangs."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            deadline.until(lambda p=pid: _stopped(p), f"process {pid} stands still")
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def redis_standing_still(data):
    """Of the embedded Redis."""
    pids = redis_children(data)
    assert pids, f"no redis-server works in {data}"
    return standing_still(pids)


def await_no_redis(data):
    deadline.until(lambda: not redis_children(data), f"the redis-server of {data} ends")

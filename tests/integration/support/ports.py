"""Ports of loopback that a test hands to processes of its own."""

import contextlib
import fcntl
import os
import random
import socket

# Below those that the kernel takes for outgoing connections, so that a port stays free while its process is down.
RANGE = (12_000, 32_000)
LOCKS = f"/tmp/foorumi-test-ports-{os.getuid()}"

_reserved = {}   # port -> its locked file, until this process ends


def reserve(count):
    """That many different ports that nobody listens on, and that no other test is given while this process runs."""
    os.makedirs(LOCKS, exist_ok=True)
    found = []
    while len(found) < count:
        port = random.randint(*RANGE)
        if port not in _reserved and _take(port):
            found.append(port)
    return found


def reserve_one():
    return reserve(1)[0]


def _take(port):
    lock = open(os.path.join(LOCKS, str(port)), "w", encoding="ascii")  # pylint: disable=consider-using-with
    with contextlib.suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
        _reserved[port] = lock
        return True
    lock.close()
    return False

"""Many sign-ins at once beside a room in use: what they take in memory, and what the room's members notice.

sign_in_herd.py [--sign-ins 500] [--quiet-seconds 5] [--posts-per-second 50]. Prints figures; ends with 1 where the server's memory
leaves its bound, which is what it was before, passwords.threads times passwords.memory_kib, and a margin for connections and sign-ins."""

import argparse
import asyncio
import concurrent.futures
import json
import multiprocessing
import os
import sys
import time

from running_room import Room, forget_peak, memory_kib, percentile, print_times  # first: it tells where support is
from support import auth, deadline
from support.cases import UNLIMITED
from support.server import Server
from support.wire import Client

MEMORY_KIB, THREADS, QUEUE = 19456, 1, 64
MARGIN_KIB = 24 * 1024
SIGN_INS_OF_ONE = 10  # a member has up to 20 at a time


async def sign_in(port, account, counts):
    """One try. Returns whether it is in; else the seconds after which it is told to come again."""
    body = json.dumps({"name": account.handle, "password": account.password, "device": auth.DEVICE}).encode()
    request = (b"POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
               b"Content-Length: %d\r\n\r\n" % len(body)) + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head, _, answer = (await deadline.within(reader.read(), "the answer to a sign-in", 600)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    status = int(head.split()[1])
    counts[status] = counts.get(status, 0) + 1
    if status == 200:
        return None
    error = json.loads(answer)["error"]
    assert error["reason"] == "sign_in_busy", f"{status} {error}"
    return error["retry_after_ms"] / 1000


class Comer:
    """Somebody who comes again when told to, until they are in. `came`: the seconds it took."""

    def __init__(self, port, account, counts):
        self.came = asyncio.get_running_loop().create_future()
        self._begin, self._try = time.perf_counter(), lambda: sign_in(port, account, counts)
        self._come()

    def _come(self):
        asyncio.ensure_future(self._try()).add_done_callback(self._answered)

    def _answered(self, answer):
        if answer.exception() is not None:
            self.came.set_exception(answer.exception())
        elif answer.result() is None:
            self.came.set_result(time.perf_counter() - self._begin)
        else:
            asyncio.get_running_loop().call_later(answer.result(), self._come)


def herd(port, accounts, sign_ins):
    """In a process of its own, so that the room's clients do not wait for it. Returns (each one's seconds, all seconds, answers by status)."""
    async def all_at_once():
        counts, begin = {}, time.perf_counter()
        comers = [Comer(port, accounts[n % len(accounts)], counts) for n in range(sign_ins)]
        took = await asyncio.gather(*(comer.came for comer in comers))
        return took, time.perf_counter() - begin, counts

    # In life these are other machines: they must not take the processor from what is measured.
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    return asyncio.run(all_at_once())


async def members(server, count):
    async with Client(server.url, server.token("sanna.heino")) as sanna:
        names = [f"{a}{b}" for a in ("aal", "hal", "kai", "lem", "mie", "nuu", "pau", "ris", "sol", "tyy") for b in ("to", "ri", "va", "ke", "su")]
        return [await auth.member(server, sanna, f"{name}.{'ilma' if n < 50 else 'vesi'}") for n, name in enumerate(names[:count])]


async def run(server, wanted):
    accounts = await members(server, -(-wanted.sign_ins // SIGN_INS_OF_ONE))
    pid = server.process.pid
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(apart, herd, server.port, accounts, 0)  # so that the process is there
        async with Room(server, wanted.posts_per_second) as room:
            await room.times_of(int(wanted.posts_per_second))  # to warm up
            quiet = await room.times_of(int(wanted.quiet_seconds * wanted.posts_per_second))
            forget_peak(pid)
            before = memory_kib(pid, "VmRSS")
            took, seconds, counts = await loop.run_in_executor(apart, herd, server.port, accounts, wanted.sign_ins)
            peak, busy = memory_kib(pid, "VmHWM"), room.take_times()
    bound = before + THREADS * MEMORY_KIB + MARGIN_KIB
    print(f"{wanted.sign_ins} sign-ins at once: {seconds:.1f} s, each {percentile(took, 0.5):.1f} s in the middle, {max(took):.1f} s at most; "
          f"answers by status {dict(sorted(counts.items()))}")
    print(f"RSS: {before} KiB before, {peak} KiB at most, bound {bound} KiB")
    for what, times in (("quiet", quiet), ("herd", busy)):
        print_times(what, times)
    print(f"p99 of the herd to that of quiet: {percentile(busy, 0.99) / percentile(quiet, 0.99):.2f}")
    return 0 if peak <= bound else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sign-ins", type=int, default=500)
    parser.add_argument("--quiet-seconds", type=float, default=5)
    parser.add_argument("--posts-per-second", type=float, default=50)
    options = {**UNLIMITED, **auth.UNHURRIED, "passwords.memory_kib": MEMORY_KIB, "passwords.threads": THREADS, "passwords.queue": QUEUE}
    with Server(options) as server:
        return asyncio.run(run(server, parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())

"""The faults, one small coroutine each: it begins one, lets it last, and ends it. Where it returns, nothing of it is left but what it broke.

A fault acts on one target, and two of a burst never on the same one."""

import contextlib
import dataclasses
import os
import signal

import pace
from redis_process import RedisError

LASTS_S = (0.1, 2.0)
DOWN_S = (0.0, 1.0)      # how long what was killed stays away
STILL_S = (0.2, 4.5)     # beyond the silence that clients and nodes put up with, now and then
JUMPED_S = (0.2, 3.0)
REWRITING_S = (0.0, 0.15)  # from its begin to some time after its end
SMALL_MEMORY = 1 << 20


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    on: str        # "node", "way" (clients to a node), "redis", "redis way" (a node to Redis), "everything"
    needs: str     # what the place has to provide
    run: object    # (place, target, dice)


FAULTS = {}


def fault(on, needs=""):
    def register(run):
        FAULTS[run.__name__] = Fault(run.__name__, on, needs, run)
        return run
    return register


# Where there are replicas, one of them may be promoted for these: Redis is away, or silent, for longer than its watchers put up with.
PROMOTING = frozenset({"redis_killed", "redis_stands_still", "redis_restarted", "redis_killed_in_rewrite", "failover", "client_pause",
                       "disk_full", "everything_killed", "power_loss", "power_loss_in_rewrite"})


def can_happen(one, provided):
    """`provided`: what a place, its disk and its clocks provide."""
    return not one.needs or one.needs in provided


def possible(place, wanted=None):
    """Those that can happen there. `wanted`: names; none: all but those whose promotions the server is not safe from yet."""
    return [one for one in FAULTS.values() if can_happen(one, place.provided)
            and (one.name in wanted if wanted else place.promotions_are_safe or not may_promote(one))]


def may_promote(one):
    return one.name in PROMOTING or one.on == "redis way"


# How often what is acted on is chosen, before one of its faults: there are many ways to break a connection.
SHARES = {"node": 3, "way": 3, "redis": 4, "redis way": 3, "everything": 1.5}


def choose(possible_faults, dice):
    kinds = sorted({one.on for one in possible_faults})
    kind, = dice.choices(kinds, [SHARES[kind] for kind in kinds])
    return dice.choice([one for one in possible_faults if one.on == kind])


def targets(one, place):
    """Names of what it can act on there."""
    if one.on == "redis way":
        return [f"{one.on} {number}" for number in range(place.redis_way_count)]
    return [f"{one.on} {number}" for number in range(place.node_count)] if one.on in ("node", "way") else [one.on]


async def during(dice, bounds=LASTS_S):
    await pace.last(dice.uniform(*bounds))


@contextlib.contextmanager
def standing_still(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


# --- processes

@fault("node")
async def node_killed(place, target, dice):
    target.kill()
    await during(dice, DOWN_S)
    await target.start()


@fault("node")
async def node_stands_still(place, target, dice):
    with standing_still(target.pids):
        await during(dice, STILL_S)


@fault("node")
async def node_restarted(place, target, dice):
    await target.stop()
    await during(dice, DOWN_S)
    await target.start()


@fault("redis")
async def redis_killed(place, target, dice):
    await place.kill_redis(dice)
    await during(dice, DOWN_S)
    await place.revive_redis()


@fault("redis")
async def redis_stands_still(place, target, dice):
    with standing_still(await place.redis_pids(dice)):
        await during(dice, STILL_S)
    await place.revive_redis()


@fault("redis")
async def redis_restarted(place, target, dice):
    await place.stop_redis(dice)
    await during(dice, DOWN_S)
    await place.revive_redis()


@fault("redis", "failover")
async def failover(place, target, dice):
    await place.failover()


@fault("redis", "old_primary")
async def failover_beside_the_old(place, target, dice):
    """The old primary goes on for a while, with whoever is still connected to it."""
    await place.failover(dice.uniform(*LASTS_S))


@fault("redis", "replication_link")
async def replication_held(place, target, dice):
    """The primary hears nothing of its replica."""
    with healed(place.link):
        place.link.hold()
        await during(dice, STILL_S)


@fault("redis", "replication_link")
async def replication_delayed(place, target, dice):
    with healed(place.link):
        place.link.to_server.delay = place.link.to_client.delay = dice.uniform(0.005, 0.3)
        await during(dice)


@fault("redis", "replication_link")
async def replication_reset(place, target, dice):
    for _ in range(dice.randint(1, 3)):
        place.link.reset()
        await during(dice, (0.0, 0.4))


@fault("redis", "replicas")
async def replica_killed(place, target, dice):
    await place.kill_replica(dice)
    await during(dice, DOWN_S)
    await place.revive_redis()


@fault("redis", "sentinels")
async def sentinel_killed(place, target, dice):
    await place.kill_sentinel(dice)
    await during(dice)
    await place.revive_redis()


@fault("everything", "keeps_unsynced")
async def everything_killed(place, target, dice):
    await place.crash()


@fault("everything", "power_loss")
async def power_loss(place, target, dice):
    await place.crash()


@fault("everything", "power_loss")
async def power_loss_in_rewrite(place, target, dice):
    """While Redis makes its append-only file anew."""
    await tell(place, "BGREWRITEAOF")
    await during(dice, REWRITING_S)
    await place.crash()


@fault("redis")
async def redis_killed_in_rewrite(place, target, dice):
    await tell(place, "BGREWRITEAOF")
    await during(dice, REWRITING_S)
    await place.kill_redis(dice)
    await place.revive_redis()


@fault("redis", "disk_full")
async def disk_full(place, target, dice):
    place.disk.fill()
    try:
        await during(dice)
    finally:
        place.disk.free()
    await place.revive_redis()


# --- clocks

@fault("node", "clocks")
async def node_clock_jumps(place, target, dice):
    """Of an embedded Redis as well, which has the node's."""
    await clock_jumps(target.clock, dice)


@fault("redis", "redis_clock")
async def redis_clock_jumps(place, target, dice):
    await clock_jumps(place.redis_clock, dice)


async def clock_jumps(clock, dice):
    sizes = [dice.randint(1, 90), dice.randint(1, 3) * 3600, dice.randint(1, 4) * 24 * 3600]
    clock.set_off(dice.choice(sizes) * dice.choice([-1, 1]))
    try:
        await during(dice, JUMPED_S)
    finally:
        clock.set_off(0)


# --- commands to Redis

async def tell(place, *words):
    """Where another fault has taken Redis away, there is nobody to tell, and nothing to take back."""
    with contextlib.suppress(RedisError):
        await place.redis(*words)


@fault("redis")
async def client_pause(place, target, dice):
    length = dice.uniform(*LASTS_S)
    await tell(place, "CLIENT", "PAUSE", int(length * 1000), dice.choice(["ALL", "WRITE"]))
    await pace.last(length)


@fault("redis")
async def client_kill(place, target, dice):
    await tell(place, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@fault("redis")
async def script_flush(place, target, dice):
    for _ in range(dice.randint(1, 4)):
        await tell(place, "SCRIPT", "FLUSH", dice.choice(["SYNC", "ASYNC"]))
        await during(dice, (0.0, 0.3))


@fault("redis")
async def memory_reached(place, target, dice):
    await tell(place, "CONFIG", "SET", "maxmemory", SMALL_MEMORY)
    try:
        await during(dice)
    finally:
        await tell(place, "CONFIG", "SET", "maxmemory", 0)


# --- ways: each stands twice, before clients and before Redis

def on_ways(run):
    async def of_clients(place, target, dice):
        await run(target.proxy, dice)

    async def of_redis(place, target, dice):
        await run(target, dice)
        await place.settled()

    FAULTS["clients_" + run.__name__] = Fault("clients_" + run.__name__, "way", "", of_clients)
    FAULTS["redis_" + run.__name__] = Fault("redis_" + run.__name__, "redis way", "redis_ways", of_redis)
    return run


@contextlib.contextmanager
def healed(proxy):
    try:
        yield
    finally:
        proxy.heal()


def some_directions(proxy, dice):
    return dice.choice([[proxy.to_server], [proxy.to_client], [proxy.to_server, proxy.to_client]])


@on_ways
async def delayed(proxy, dice):
    with healed(proxy):
        for direction in some_directions(proxy, dice):
            direction.delay = dice.uniform(0.005, 0.4)
        await during(dice)


@on_ways
async def gathered(proxy, dice):
    with healed(proxy):
        for direction in some_directions(proxy, dice):
            direction.gather = dice.uniform(0.005, 0.2)
        await during(dice)


@on_ways
async def in_single_bytes(proxy, dice):
    with healed(proxy):
        for direction in some_directions(proxy, dice):
            direction.one_by_one = True
        await during(dice, (0.1, 0.8))


@on_ways
async def answers_lost(proxy, dice):
    """What was asked is done, and nobody is told."""
    with healed(proxy):
        proxy.to_client.swallow = True
        await during(dice, STILL_S)
        proxy.reset()


@on_ways
async def held(proxy, dice):
    with healed(proxy):
        proxy.hold()
        await during(dice, STILL_S)


@on_ways
async def half_open(proxy, dice):
    """What is open is dead without a word, for good; new connections work."""
    proxy.strand()


@on_ways
async def blackhole(proxy, dice):
    with healed(proxy):
        proxy.blackhole()
        await during(dice)
        proxy.strand()


@on_ways
async def reset(proxy, dice):
    for _ in range(dice.randint(1, 3)):
        proxy.reset()
        await during(dice, (0.0, 0.4))


@on_ways
async def closed(proxy, dice):
    proxy.close()


@on_ways
async def refused(proxy, dice):
    with healed(proxy):
        proxy.admits = "refuse"
        proxy.reset()
        await during(dice)

"""The faults of processes, disks and clocks, and of commands to Redis: one small coroutine each. It begins one, lets it last, and ends it.
Where it returns, nothing of it is left but what it broke."""

import asyncio
import contextlib
import os
import signal

import pace
from fault_table import LASTS_S, STILL_S, during, fault, healed
from redis_process import RedisError

DOWN_S = (0.0, 1.0)      # how long what was killed stays away
JUMPED_S = (0.2, 3.0)
REWRITING_S = (0.0, 0.15)  # from its begin to some time after its end
SMALL_MEMORY = 1 << 20


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


@fault("redis", "old_primary")
async def failover_one_by_one(place, target, dice):
    """The same, and connections come over one after the other."""
    async def come_over():
        for _ in range(dice.randint(2, 5)):
            await during(dice, (0.0, 0.5))
            for way in place.redis_ways:
                way.reset_some(dice)

    await asyncio.gather(place.failover(dice.uniform(*LASTS_S)), come_over())


@fault("redis", "replication_link")
async def failover_to_a_late_replica(place, target, dice):
    """The replica takes over without what it has not been told yet."""
    with healed(place.link):
        place.link.hold()
        await during(dice)
        await place.failover()


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


@fault("redis", "slots")
async def slot_moved(place, target, dice):
    """That of a partition, key by key, to another primary."""
    await place.move_slot(dice)


@fault("redis", "replicas")
async def replica_killed(place, target, dice):
    await place.kill_replica(dice)
    await during(dice, DOWN_S)
    await place.revive_redis()


@fault("redis", "replicas")
async def replica_stands_still(place, target, dice):
    with standing_still(await place.replica_pids(dice)):
        await during(dice, STILL_S)
    await place.settled()


@fault("redis", "sentinels")
async def sentinel_stands_still(place, target, dice):
    with standing_still(place.sentinel_pids(dice)):
        await during(dice, STILL_S)
    await place.settled()


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

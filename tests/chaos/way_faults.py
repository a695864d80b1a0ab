"""Faults of connections: each stands twice, before clients (`clients_...`) and before Redis (`redis_...`)."""

from fault_table import FAULTS, STILL_S, Fault, during, healed


def on_ways(run):
    async def of_clients(place, target, dice):
        await run(target.proxy, dice)

    async def of_redis(place, target, dice):
        await run(target, dice)
        await place.settled()

    FAULTS["clients_" + run.__name__] = Fault("clients_" + run.__name__, "way", "", of_clients)
    FAULTS["redis_" + run.__name__] = Fault("redis_" + run.__name__, "redis way", "redis_ways", of_redis)
    return run


def some_directions(proxy, dice):
    return dice.choice([[proxy.to_server], [proxy.to_client], [proxy.to_server, proxy.to_client]])


@on_ways
async def delayed(proxy, dice):
    with healed(proxy):
        for direction in some_directions(proxy, dice):
            direction.delay = dice.uniform(0.005, 0.4)
        await during(dice)


@on_ways
async def some_delayed(proxy, dice):
    """About half of the connections, so that one overtakes another."""
    with healed(proxy):
        proxy.delay_some(dice, dice.uniform(0.05, 0.6))
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
async def some_reset(proxy, dice):
    """About half of the connections, so that one is with who is there now, and another still with who was."""
    for _ in range(dice.randint(1, 3)):
        proxy.reset_some(dice)
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

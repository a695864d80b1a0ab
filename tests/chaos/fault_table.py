"""What a fault is, which of them can happen where, and how one is chosen.

A fault acts on one target, and two of a burst never on the same one."""

import contextlib
import dataclasses

import pace

LASTS_S = (0.1, 2.0)
STILL_S = (0.2, 4.5)     # beyond the silence that clients and nodes put up with, now and then


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
def healed(proxy):
    try:
        yield
    finally:
        proxy.heal()

"""The fault of a node that ends itself at a step of a message's way."""

import crash_points
import pace
from fault_table import fault

PASSES = (1, 1, 2, 3, 5, 8, 20, 60)
REACHED_S = 2.0
AGAIN = (1, 3)    # times in a row


@fault("node", "crash_points")
async def node_crashes_at_a_point(place, target, dice):
    """As kill -9 would end it, at one pass of one point; where that is not reached, the node is killed in the end."""
    for _ in range(dice.randint(*AGAIN)):
        point, number = dice.choice(crash_points.names()), dice.choice(PASSES)
        target.kill()
        await target.start_to_crash(point, number)
        if await pace.until(lambda: not target.pids, REACHED_S):
            place.crashes[point] += 1
    target.kill()
    await target.start()

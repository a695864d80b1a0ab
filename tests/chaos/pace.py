"""Letting time pass. A fault lasts for a time and a client waits before it reconnects: that is what is meant to happen, not a
wait in the hope that something else has. Whoever waits for a thing uses until()."""

import asyncio
import os
import time

# Bounds grow with this on slow machines and under sanitizers; how long faults last does not.
SLOWNESS = float(os.environ.get("FOORUMI_TEST_DEADLINE", "30")) / 30
POLL_S = 0.01


async def last(seconds):
    """Returns after so many seconds."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    timer = loop.call_later(seconds, lambda: over.done() or over.set_result(None))
    try:
        await over
    finally:
        timer.cancel()


async def until(condition, seconds):
    """Polls what tells nobody when it happens. Returns its first true value, or None when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            return None
        await last(POLL_S)

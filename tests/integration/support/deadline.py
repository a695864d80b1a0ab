"""Waiting for an event with a deadline. Nothing here, and no test, sleeps for a fixed time in the hope that something has happened."""

import asyncio
import os
import time

# Generous: sanitizer builds on a loaded machine are slow. A passing test never waits for it.
SECONDS = float(os.environ.get("FOORUMI_TEST_DEADLINE", "30"))


def until(condition, what, seconds=SECONDS):
    """Polls a condition of another process (a port, a file, its end). Returns its first true value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.01)


async def within(awaitable, what, seconds=SECONDS):
    """The awaitable's result, or an assertion that names what was awaited."""
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"not within {seconds:.0f} s: {what}") from None


async def eventually(condition, what, seconds=SECONDS):
    """Like until(), with other tasks running."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.01)


async def before_retry(told_ms):
    """Waits as long as an answer said that a client should, half a second at most."""
    await asyncio.sleep(min(told_ms, 500) / 1000)

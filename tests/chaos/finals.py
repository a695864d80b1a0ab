"""What is there in the end, as new clients are told it over a node."""

import asyncio
import contextlib
import os
import random

import pace
from client import ENDED, Client
from entity import described
from journal import Journal
from support.wire import pb

PAGE = 100
AGAIN_S = 0.1


class Broken(Exception):
    """Something outside the journals went wrong: a node ended, does not come up, or does not answer."""


@contextlib.asynccontextmanager
async def passing(place, number, handle, bound):
    """A client over that node that is not one of the episode's people."""
    journal = Journal(os.devnull)
    client = Client(handle, place.token(handle), [place.nodes[number].url], journal, random.Random(number), [])
    task = asyncio.ensure_future(client.run())
    try:
        if await pace.until(client.ready.is_set, bound) is None:
            raise Broken(f"not within {bound:.0f} s: somebody comes in to look")
        yield client
    finally:
        client.stop()
        with contextlib.suppress(*ENDED):
            await task
        journal.close()


async def read(client, bound, field, **command):
    """That field of the answer. What refuses it is broken."""
    answer = await client.ask(bound, **command)
    if answer is None or not answer.HasField(field):
        raise Broken(f"{next(iter(command))} is answered with {answer}")
    return getattr(answer, field)


async def rooms(client, bound):
    return (await read(client, bound, "rooms", list_rooms=pb.ListRooms())).rooms


async def history(client, bound, room):
    """Every thread, message and reaction of the room, as the journals have entities."""
    found, before = [], 0
    while True:
        page = await read(client, bound, "threads", list_threads=pb.ListThreads(room=room, before_activity=before, limit=PAGE))
        found += [summary.thread for summary in page.threads]
        if not page.more:
            break
        before = page.threads[-1].last_activity
    for thread in [int(entity.key.split(":")[1]) for entity in found]:
        after = thread - 1
        while True:
            page = await read(client, bound, "history", read_history=pb.ReadHistory(room=room, thread=thread, after=after, limit=PAGE))
            found += [*page.messages, *page.reactions]
            if not page.more:
                break
            after = int(page.messages[-1].key.split(":")[1])
    return [described(entity) for entity in found]


async def inbox(client, bound, wanted):
    """Its entries. What follows from posts follows soon, so it is read again until the wanted keys are there, or the bound is over."""
    end = asyncio.get_running_loop().time() + bound
    while True:
        found, before = [], 0
        while True:
            page = await read(client, bound, "inbox", read_inbox=pb.ReadInbox(before=before, limit=PAGE))
            found += [described(entity) for entity in page.entries]
            if not page.more:
                break
            before = page.entries[-1].version
        if not wanted - {entry["key"] for entry in found} or asyncio.get_running_loop().time() > end:
            return found
        await pace.last(AGAIN_S)

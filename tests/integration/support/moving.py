"""Threads that go elsewhere: begun, waited for, and looked at as those who may read both places see it."""

from . import deadline
from .wire import Refused, pb


async def locate(client, room, thread=0, message=0):
    return (await client.request(locate=pb.Locate(room=room, thread=thread, message=message))).located


async def until_moved(client, room, thread, message=0):
    """Where the thread, or a message that was in it, is once it has gone from there and nobody holds it any more."""
    async def poll():
        while True:
            place = await locate(client, room, 0 if message else thread, message)
            if (place.room, place.thread) != (room, thread):
                summary = await client.summary(place.room, place.thread)
                if summary and not summary.thread.thread.moving_ms:
                    return place
            await deadline.before_retry(20)
    return await deadline.within(poll(), "it is moved")


async def whole(client, room, thread):
    """All messages of a thread, and the reactions by message."""
    messages, reactions, after = [], {}, 1
    while True:
        page = await client.history(room, thread, after=after, limit=100)
        messages += page.messages
        reactions.update({int(e.key.split(":")[1]): e.reactions for e in page.reactions})
        if not page.more:
            return messages, reactions
        after = id_of(messages[-1])


def id_of(entity):
    return int(entity.key.split(":")[1])


async def refusal(awaitable):
    try:
        await awaitable
    except Refused as refused:
        return refused.error
    raise AssertionError("not refused")

"""Filters as moderators set them, and messages that wait to be approved."""

from .wire import Refused, entities, new_change_id, pb

WORD, LINK = entities.FILTER_KIND_WORD, entities.FILTER_KIND_LINK
FLAG, HOLD, REFUSE = (getattr(entities, "FILTER_ACTION_" + action) for action in ("FLAG", "HOLD", "REFUSE"))
EVERYWHERE = 0
REASON = "Mainontaa"


async def set_filter(client, pattern, action, forum=EVERYWHERE, kind=WORD, change_id=None):
    """Committed."""
    return await client.change(change_id, set_filter=pb.SetFilter(forum=forum, kind=kind, pattern=pattern, action=action))


async def lift(client, number, forum=EVERYWHERE):
    return await client.change(lift_filter=pb.LiftFilter(forum=forum, filter=number))


async def listed(client, forum=EVERYWHERE, **page):
    return (await client.request(list_filters=pb.ListFilters(forum=forum, **page))).filters.filters


async def number_of(client, pattern, forum=EVERYWHERE):
    return next(f.number for f in await listed(client, forum) if f.pattern == pattern)


def post_of(room, thread, text, reply_to=0):
    return dict(post_message=pb.PostMessage(room=room, thread=thread, text=text, reply_to=reply_to))


def start_of(room, title, text):
    return dict(start_thread=pb.StartThread(room=room, title=title, text=text))


async def held(client, change_id=None, **command):
    """The answer to a post that waits to be approved."""
    answer = await client.request(change_id=change_id or new_change_id(), **command)
    assert answer.WhichOneof("result") == "held", f"not held but {answer}"
    return answer.held


async def waiting(client, forum, **page):
    """What waits, as the client is told: {number: HeldMessage}."""
    found, after = {}, 0
    while True:
        got = (await client.request(list_held=pb.ListHeld(forum=forum, after=after, **page))).held_messages
        found.update({e.held_message.number: e.held_message for e in got.messages})
        if not got.more:
            return found
        after = got.next


async def approve(client, forum, number, change_id=None):
    return await client.change(change_id, approve_held=pb.ApproveHeld(forum=forum, held=number))


async def reject(client, forum, number, change_id=None, reason=REASON):
    return await client.change(change_id, reject_held=pb.RejectHeld(forum=forum, held=number, reason=reason))


async def refusal(client, **command):
    """(code, reason, field); None: it was done."""
    try:
        await client.request(change_id=new_change_id(), **command)
    except Refused as refused:
        return pb.Error.Code.Name(refused.error.code)[5:], refused.error.reason, refused.error.field
    return None

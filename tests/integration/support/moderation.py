"""What a moderator does to messages, and a look at all that Redis has."""

from .wire import Refused, new_change_id, pb

REASON = "Asiaton toista kohtaan"


class Moderation:
    """Acts of a connected moderator."""

    def __init__(self, client, room):
        self.client, self.room = client, room

    async def remove(self, message, reason=REASON, change_id=None):
        return await self.client.change(change_id, remove_message=pb.RemoveMessage(room=self.room, message=message, reason=reason))

    async def purge(self, message, reason="Lainvastainen", change_id=None):
        return await self.client.change(change_id, purge_message=pb.PurgeMessage(room=self.room, message=message, reason=reason))

    async def restore(self, message):
        """The text comes to the moderation channel a moment after the removal: until then the server says that it is contended."""
        change_id = new_change_id()
        while True:
            try:
                return await self.client.change(change_id, restore_message=pb.RestoreMessage(room=self.room, message=message))
            except Refused as refused:
                if refused.error.reason != "contended":
                    raise

    async def earlier(self, message, **page):
        asked = pb.ReadEarlierTexts(room=self.room, message=message, **page)
        return (await self.client.request(read_earlier_texts=asked)).earlier_texts

    async def until_earlier(self, message, count):
        """Each try that finds something is a read that is logged."""
        while True:
            found = await self.earlier(message)
            if len(found.texts) >= count:
                return found


def everything(redis):
    """All that Redis has in its memory, as bytes."""
    kinds = {b"string": ("GET",), b"hash": ("HGETALL",), b"zset": ("ZRANGE", 0, -1), b"stream": ("XRANGE", "-", "+")}

    def flat(value):
        return b"\0".join(flat(v) for v in value) if isinstance(value, list) else value if isinstance(value, bytes) else b""

    found = []
    for key in redis.command("KEYS", "*"):
        kind = redis.command("TYPE", key)
        if kind in (b"none", "none"):
            continue  # gone meanwhile
        name, *bounds = kinds[kind if isinstance(kind, bytes) else kind.encode()]
        found.append(flat(redis.command(name, key, *bounds)))
    return b"\n".join(found)

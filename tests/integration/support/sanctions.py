"""Sanctions as their actors impose them, and what a partition's feed has before and behind their fence."""

from .wire import entities, pb

REASON, APPEAL = "Toistuvaa asiattomuutta", "Yhdistyksen hallitus, hallitus@yhdistys.example"
WARN, MUTE, SUSPEND, BAN = (getattr(entities, "SANCTION_KIND_" + kind) for kind in ("WARN", "MUTE", "SUSPEND", "BAN"))
EVERYWHERE = 0


async def impose(client, member, kind, forum=EVERYWHERE, until_ms=0, reason=REASON, appeal=APPEAL):
    """Committed."""
    return await client.change(sanction=pb.Sanction(member=member, kind=kind, forum=forum, until_ms=until_ms, reason=reason,
                                                    appeal=appeal))


async def lift(client, member, number, reason=""):
    return await client.change(lift_sanction=pb.LiftSanction(member=member, sanction=number, reason=reason))


async def listed(client, member=0, **page):
    """Of oneself, where no member is named."""
    return (await client.request(list_sanctions=pb.ListSanctions(member=member, **page))).sanctions.sanctions


class Feed:
    """The feed of a room's partition, past the server."""

    def __init__(self, redis, room):
        self.redis, self.channel = redis, f"room:{room}"
        self.partition = redis.command("KEYS", "{p*}:v:" + self.channel)[0].decode().split(":")[0]

    def position(self):
        return int(self.redis.command("HGET", f"{self.partition}:meta", "n") or 0)

    def around(self, position, fence):
        """The room's commits behind that position as (version, authors of messages): those before the fence of this version, and
        those behind it."""
        before, behind, found = [], [], False
        for _, fields in self.redis.command("XRANGE", f"{self.partition}:feed", f"({position}-0", "+"):
            named = list(zip(fields[::2], fields[1::2]))
            first = dict(reversed(named))
            if b"f" in first:
                found = found or int(first[b"f"]) >= fence
            elif first[b"c"].decode() == self.channel:
                values = [entities.Entity.FromString(value) for name, value in named if name == b"d"]
                (behind if found else before).append((int(first[b"v"]), {v.message.author for v in values if v.HasField("message")}))
        assert found, f"no fence of {fence} behind {position}"
        return before, behind

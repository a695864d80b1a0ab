"""What the clients of an episode do: write, read, and take rights away and give them back."""

import asyncio
import itertools

import pace
from support.wire import entities, pb

LANES = 2              # changes that one writer has under way at once
PAUSE_S = (0.01, 0.12)  # between two of a lane
HELD_S = (0.4, 1.5)    # how long a right stays taken away
BETWEEN_S = (0.2, 1.0)  # from one act of the administrator to the next
LATEST = 2             # messages that reactions go to: so few that several people's meet
MIND_CHANGED = 0.4     # how often a message is edited while it is being deleted, as from another device
EMOJI = [chr(0x1F600 + n) for n in range(40)]
MENTIONS = 0.2         # how often a post mentions somebody
ACTIONS = {"post": 60, "edit": 14, "react": 14, "delete": 5, "start": 3}


class Writer:
    """Writes through a client. Each text is unique in the run, so that the checker knows what it sees."""

    def __init__(self, client, rooms, threads, messages, mentionable, dice):
        """`threads`: room -> ids of threads that anybody posts to; `messages`: the same of what anybody reacts to. All writers share them,
        and add their own. `mentionable`: room -> clients of members who always read it."""
        self.client, self.rooms, self.mentionable, self.dice = client, rooms, mentionable, dice
        self.threads, self.messages = threads, messages
        self.own = {room: [] for room in rooms}         # ids of messages that are there as far as this writer knows
        self.reacted = set()
        self.mentions = []                              # (member, room, message) of acknowledged posts
        self.busy = set()                               # messages with an edit or a deletion under way: one at a time
        self.stopped = asyncio.Event()
        self._number = itertools.count(1)

    async def run(self):
        await asyncio.gather(*[self._lane() for _ in range(LANES)])

    async def _lane(self):
        while not self.stopped.is_set() and not self.client.over and not self.client.signed_out:
            room = self.dice.choice(self.rooms)
            action = self.dice.choices(list(ACTIONS), ACTIONS.values())[0]
            await getattr(self, "_" + action)(room)
            await pace.last(self.dice.uniform(*PAUSE_S))

    def _text(self, what):
        return f"{what} {self.client.handle} {next(self._number)} {self.dice.getrandbits(32):08x}"

    async def _post(self, room):
        thread, text = self.dice.choice(self.threads[room]), self._text("viesti")
        told = [other for other in self.mentionable[room] if other is not self.client and self.dice.random() < MENTIONS]
        text += "".join(f" @{other.handle}" for other in told)
        version = await self.client.change({"command": "post", "room": room, "thread": thread, "text": text, "author": self.client.member,
                                            "mentions": [other.member for other in told]},
                                           post_message=pb.PostMessage(room=room, thread=thread, text=text))
        if version:
            self._made(room, version)
            self.mentions += [(other.member, room, version) for other in told]

    async def _start(self, room):
        text = self._text("avaus")
        version = await self.client.change({"command": "start", "room": room, "text": text, "author": self.client.member},
                                           start_thread=pb.StartThread(room=room, title=text, text=text))
        if version:
            self.threads[room].append(version)
            self._made(room, version)

    def _made(self, room, message):
        self.own[room].append(message)
        self.messages[room].append(message)

    def _own_message(self, room):
        free = [m for m in self.own[room] if (room, m) not in self.busy]
        return self.dice.choice(free) if free else None

    async def _edit(self, room):
        message = self._own_message(room)
        if message is None:
            return
        self.busy.add((room, message))
        await self._change_text(room, message)
        self.busy.discard((room, message))

    async def _change_text(self, room, message):
        text = self._text("muokattu")
        await self.client.change({"command": "edit", "room": room, "message": message, "text": text, "author": self.client.member},
                                 edit_message=pb.EditMessage(room=room, message=message, text=text))

    async def _delete(self, room):
        message = self._own_message(room)
        if message is None:
            return
        self.own[room].remove(message)
        deletion = self.client.change({"command": "delete", "room": room, "message": message, "author": self.client.member},
                                      delete_message=pb.DeleteMessage(room=room, message=message))
        await asyncio.gather(deletion, *([self._change_text(room, message)] if self.dice.random() < MIND_CHANGED else []))

    async def _react(self, room):
        """Each emoji once on each message, so that every reaction changes something."""
        message = self.dice.choice(self.messages[room][-LATEST:])
        emoji = self.dice.choice(EMOJI)
        if (room, message, emoji) in self.reacted:
            return
        self.reacted.add((room, message, emoji))
        await self.client.change({"command": "react", "room": room, "message": message, "emoji": emoji, "author": self.client.member},
                                 react=pb.React(room=room, message=message, emoji=emoji))


class Administrator:
    """Takes the right to read or to write in a room away now and then, and gives it back; and ends the sign-ins of a victim, for good."""

    def __init__(self, client, room, shut_out, victims, dice):
        """`shut_out`: members who are no office-holders and do not moderate the room. `victims`: members to be signed out."""
        self.client, self.room, self.shut_out, self.victims, self.dice = client, room, shut_out, list(victims), dice
        self.stopped = asyncio.Event()
        self.acts = 0

    async def run(self):
        while not self.stopped.is_set() and not self.client.over:
            await self._wait(self.dice.uniform(*BETWEEN_S))
            if self.stopped.is_set():
                break
            if self.victims and self.dice.random() < 0.25:
                await self._end_sessions(self.victims.pop())
            else:
                await self._narrow()

    async def _wait(self, seconds):
        await pace.until(self.stopped.is_set, seconds)

    async def _narrow(self):
        reading = self.dice.random() < 0.5
        others = [entities.ROLE_OFFICE_HOLDER]
        audience = entities.Audience(read=others) if reading else entities.Audience(write=others)
        self.acts += 1
        made = {"act": self.acts, "room": self.room, "members": self.shut_out, "reading": reading}
        await self.client.change({"command": "shut", **made},
                                 set_audience=pb.SetAudience(room=self.room, audience=audience, exposes_history=True))
        await self._wait(self.dice.uniform(*HELD_S))
        await self.restore()

    async def restore(self):
        await self.client.change({"command": "restore", "act": self.acts, "room": self.room},
                                 set_audience=pb.SetAudience(room=self.room, exposes_history=True))

    async def _end_sessions(self, victim):
        await self.client.change({"command": "sign_out", "act": f"sign-out {victim}", "members": [victim], "reading": True},
                                 end_sessions=pb.EndSessions(member=victim))

"""A member who uses everything that there is, and their erasure."""

import asyncio
import re

from . import auth, deadline
from .cases import OTHER_COUNCILLOR, ROOM
from .wire import Client, entities, pb

NAME, HANDLE, EMAIL = "Ruska Rantanen", "ruskalehti", "postia.ruskalle@kunta.example"


class Life:
    """A member with everything that the system keeps of anybody, and the bytes by which it is known in the files."""

    def __init__(self, server, name=NAME, handle=HANDLE, email=EMAIL):
        self.server, self.name, self.handle, self.email = server, name, handle, email
        self.account = None
        self.mark = handle[::-1]  # of what they write, in which they do not name themselves
        self.written = {}  # what was written, by what for

    def text(self, what):
        """Long enough that Redis compresses it."""
        self.written[what] = f"{what}-{self.mark}-kirjoitti " + "sanoja sanojen perään " * 3
        return self.written[what]

    async def live(self, sanna):
        self.account = await auth.member(self.server, sanna, self.handle, name=self.name, email=self.email,
                                         standing=auth.standing("councillor", municipality="837", positions=[
                                             entities.Position(kind=entities.Position.KIND_COUNCIL_CHAIR)]))
        auth.set_up_second_factor(self.server, self.account)
        self.other_token = auth.signed_in(self.server, self.account)
        async with Client(self.server.url, self.account.token) as own:
            self.room = (await own.room(ROOM)).id
            self.thread = await own.start_thread(self.room, f"otsikko-{self.mark}", self.text("avaus"))
            self.message = await own.post(self.room, self.thread, self.text("entinen"))
            await own.change(edit_message=pb.EditMessage(room=self.room, message=self.message, text=self.text("muutettu")))
            self.deleted = await own.post(self.room, self.thread, self.text("poistettu"))
            await own.change(delete_message=pb.DeleteMessage(room=self.room, message=self.deleted))
            await own.change(save_draft=pb.SaveDraft(room=self.room, thread=self.thread, text=self.text("luonnos")))
            await own.change(set_watch=pb.SetWatch(room=self.room, thread=self.thread, level=entities.Watch.LEVEL_FOLLOW))
        async with Client(self.server.url, self.server.token(OTHER_COUNCILLOR)) as pekka:
            self.answer = await pekka.post(self.room, self.thread, f"Kiitos, @{self.handle}! Hyvä avaus.", self.message)
        async with Client(self.server.url, self.account.token) as own:
            await own.change(react=pb.React(room=self.room, message=self.answer, emoji="👍"))
            await own.change(mark_inbox_seen=pb.MarkInboxSeen(room=self.room, message=self.answer))
            await own.change(file_report=pb.FileReport(message=pb.FileReport.Message(room=self.room, message=self.answer),
                                                       category=entities.Report.CATEGORY_OTHER, words=self.text("ilmoitus")))
        await sanna.change(issue_reset=pb.IssueReset(invitation=auth.token_hash(auth.new_token()), member=self.account.id))

    def known_by(self, entity_of, content):
        """The bytes that must be gone with the member; with `content`, also what they have written."""
        secret = entity_of("directory", f"secret:{self.account.id}")
        password = re.search(rb"\$argon2id\$[!-~]+", secret).group()
        known = [self.name, self.handle, self.email, auth.token_hash(self.account.token), auth.token_hash(self.other_token)]
        known += [self.written[what] for what in ("entinen", "poistettu", "luonnos", "ilmoitus", *(("avaus", "muutettu") if content else ()))]
        known += [f"otsikko-{self.mark}"] if content else []
        return [word.encode() for word in known] + [password, secret[-30:]]


async def erased(nodes, member):
    """One of the nodes, whichever is the first, says so."""
    await asyncio.to_thread(deadline.until, lambda: any(re.search(rf"erasure is complete.*member\W+{member}\b", node.log())
                                                        for node in nodes), "the erasure is complete")

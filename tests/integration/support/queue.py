"""Reports, appeals and a forum's queue, as members and moderators use them."""

from . import auth
from .wire import Refused, entities, new_change_id, pb

SPAM, HARASSMENT = entities.Report.CATEGORY_SPAM, entities.Report.CATEGORY_HARASSMENT


async def report(client, room, message, words="Katsokaa tätä", category=SPAM, change_id=None):
    target = pb.FileReport.Message(room=room, message=message)
    return await client.change(change_id, file_report=pb.FileReport(message=target, category=category, words=words))


async def report_member(client, forum, member, words="Häiritsee", category=HARASSMENT):
    target = pb.FileReport.Member(forum=forum, member=member)
    return await client.change(file_report=pb.FileReport(member=target, category=category, words=words))


async def appeal(client, room, message, words="Palauttakaa", change_id=None):
    """The text comes to the moderation channel a moment after the removal: until then the server says that it is contended."""
    change_id = change_id or new_change_id()
    asked = pb.FileAppeal(removal=pb.FileAppeal.Removal(room=room, message=message), words=words)
    while True:
        try:
            return await client.change(change_id, file_appeal=asked)
        except Refused as refused:
            if refused.error.reason != "contended":
                raise


class Queue:
    """Of a connected moderator."""

    def __init__(self, client, forum):
        self.client, self.forum, self.channel = client, forum, f"moderation:{forum}"

    async def assign(self, number, member=0, **how):
        return await self.client.change(assign_report=pb.AssignReport(forum=self.forum, report=number, member=member), **how)

    async def note(self, number, text):
        return await self.client.change(note_report=pb.NoteReport(forum=self.forum, report=number, text=text))

    async def resolve(self, number, change_id=None, **values):
        return await self.client.change(change_id, resolve_report=pb.ResolveReport(forum=self.forum, report=number, **values))

    async def read(self, number, **page):
        return (await self.client.request(read_report=pb.ReadReport(forum=self.forum, report=number, **page))).report_details

    async def listed(self, closed=False):
        found, after = [], 0
        while True:
            page = (await self.client.request(list_reports=pb.ListReports(forum=self.forum, closed=closed, after=after))).reports
            found += page.reports
            if not page.more:
                return found
            after = page.next

    async def of(self, message):
        """The number of the open report of the message, the latest one."""
        return max(number_of(e) for e in await self.listed() if e.report.message == message)

    def seen(self, number):
        """As this client's copy of the channel has it."""
        entity = self.client.entity(self.channel, f"report:{number}")
        return entity.report if entity else None


def number_of(entity):
    return int(entity.key.split(":")[1])


async def second_moderator(server, sanna, forum, handle="milja.moderaattori"):
    """An account that moderates the forum beside the demo's moderator."""
    return await auth.member(server, sanna, handle, standing=auth.standing("councillor", "moderator", municipality="837",
                                                                           moderates=[forum]))

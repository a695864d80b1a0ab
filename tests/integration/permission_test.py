"""Every role, every command, every state, over two nodes: the answer is the one of support/matrix.py."""

import asyncio
import os
import re
import unittest

from support import auth, deadline, demo, sanctions
from support.cases import UNLIMITED
from support.matrix import ABSENT, ELSEWHERE, HOME, PLACES, ROLES, ROWS, Ground, Spot
from support.nodes import Nodes
from support.queue import report_member
from support.raw import RawSocket, hello
from support.wire import Client, new_change_id, now_ms, pb

READS = {"hello", "list_forums", "list_rooms", "list_threads", "read_history", "read_inbox", "read_members", "subscribe", "unsubscribe",
         "typing", "list_sessions", "list_terms", "list_members", "list_invitations", "list_municipalities",
         "read_account", "read_audit", "export_own", "read_earlier_texts", "list_sanctions",
         "list_reports", "read_report", "locate", "list_filters", "list_held", "export_records", "list_holds"}
COMMANDS = {f.name: f for f in pb.Request.DESCRIPTOR.oneofs_by_name["command"].fields}
WITHDRAWN = 4
WARNINGS = 5


def command_of(command, values):
    return {command: COMMANDS[command].message_type._concrete_class(**{k: v for k, v in values.items() if v is not None})}


def request_of(command, values):
    """A change has what every change must have."""
    changes = {} if command in READS else {"change_id": new_change_id(), "made_at_ms": now_ms()}
    return pb.Request(**changes, **command_of(command, values))


def typed(error):
    return f"{pb.Error.Code.Name(error.code)[5:]} {error.reason}"


class Completeness(unittest.TestCase):
    def table(self):
        with open(os.path.join(demo.ROOT, "server", "dispatch", "command_table.cpp"), encoding="utf-8") as file:
            return re.findall(r'\{R::k\w+, "(\w+)", Needs::\w+, (true|false)', file.read())

    def test_EveryCommandOfTheTableAndOfTheProtocolHasARow(self):
        names = {name for name, _ in self.table()}
        self.assertEqual(names, set(COMMANDS))
        self.assertEqual(names, {command for command, *_ in ROWS})

    def test_WhatWritesIsAChange(self):
        self.assertEqual({name for name, writes in self.table() if writes == "false"}, READS)


class Matrix(unittest.IsolatedAsyncioTestCase):
    maxDiff = 0

    async def asyncSetUp(self):
        self.nodes = Nodes({**UNLIMITED, **auth.UNHURRIED})
        self.addCleanup(self.nodes.dispose)
        self.servers = list(self.nodes)
        self.tokens = {}
        self.ground = await self.prepare()

    # --- the installation: members in every role, places in every state

    def connect(self, handle, server=None):
        token = self.tokens.get(handle) or self.servers[0].token(handle)
        return Client((server or self.servers[0]).url, token)

    async def come(self, admin, handle, standing):
        account = await auth.member(self.servers[0], admin, handle, standing=standing)
        self.tokens[handle] = account.token
        return account

    async def prepare(self):
        async with self.connect("sanna.heino") as sanna:
            over = (await sanna.change(put_term=pb.PutTerm(name="Kausi 2001-2004", first_day="2001-01-01",
                                                          last_day="2004-12-31"))).version
            await self.come(sanna, "eeva.elo", auth.standing("expert"))
            await self.come(sanna, "yrjo.yhteys", auth.standing("councillor", municipality=HOME, contact_for=HOME))
            await self.come(sanna, "veera.vanha", auth.standing("councillor", term=over))
            half = await self.come(sanna, "paavo.puoli", auth.standing("councillor"))
            auth.set_up_second_factor(self.servers[0], half)
            gone = await self.come(sanna, "pirjo.poissa", auth.standing("councillor"))
            members = {"home": (await self.come(sanna, "kohde.koivu", auth.standing("councillor", municipality=HOME))).id,
                       "elsewhere": (await self.come(sanna, "etainen.elo", auth.standing("councillor", municipality=ELSEWHERE))).id}
            await sanna.change(end_sessions=pb.EndSessions(member=gone.id))
            found = (await sanna.request(read_members=pb.ReadMembers(handles=[r.handle for r in ROLES.values()]))).members.members
            members.update({m.handle: m.id for m in found})
            forums = {}
            for handle in ("marja.virtanen", "riitta.salmi"):
                async with self.connect(handle) as reader:
                    forums.update({f.slug: f.id for f in (await reader.request(list_forums=pb.ListForums())).forums.forums})
            for _ in range(WARNINGS):
                await sanctions.impose(sanna, members["home"], sanctions.WARN, forums["strategia"])
            invitations = [auth.session_id(await auth.invitation_for(sanna, f"peruttu.{'abcdef'[n]}{n}", name=f"Peruttu {'PRSTVK'[n]}ulla"))
                           for n in range(WITHDRAWN)]
        pending = auth.sign_in(self.servers[0], half.handle, half.password).json
        self.assertEqual(pending["second_factor"], "code")
        self.tokens[half.handle] = pending["token"]
        spots = {name: await self.spot(place) for name, place in PLACES.items()}
        ground = Ground(spots, forums, members, auth.session_id(self.tokens["etainen.elo"]), over, {}, {}, {}, invitations, list(range(1, WARNINGS + 1)))
        await self.own_messages(ground)
        await self.reports(ground)
        await self.put_states(spots)
        return ground

    async def spot(self, place):
        if place is None:
            return Spot(ABSENT, ABSENT, ABSENT)
        async with self.connect(place.author) as author:
            room = (await author.room(place.slug)).id
            thread = await author.start_thread(room)
            return Spot(room, thread, await author.post(room, thread, "jonkun muun"),
                        await author.post(room, thread, "poistettava"),
                        [await author.post(room, thread, "ilmoitettava") for _ in range(2 * len(ROLES))])

    async def reports(self, ground):
        """To the first forum: the first about somebody else, and one about its moderator."""
        async with self.connect("pekka.rautio") as pekka:
            for member in (ground.members["home"], ground.members["marja.virtanen"]):
                await report_member(pekka, ground.forums["strategia"], member)
        ground.own_report = 2

    async def own_messages(self, ground):
        """Of every role in the open place, and one there that mentions it."""
        spot = ground.spots["open"]
        for role in ROLES.values():
            if not role.opens:
                continue
            async with self.connect("pekka.rautio") as pekka:
                ground.mentioned[role.handle] = await pekka.post(spot.room, spot.thread, f"hei @{role.handle}")
            async with self.connect(role.handle) as own:
                ground.own[role.handle] = [await own.post(spot.room, spot.thread, "oma") for _ in range(3)]
                ground.own_threads[role.handle] = await own.start_thread(spot.room, "Oma")
                channel = f"member:{own.welcome.self.id}"
                await own.subscribe(channel)
                await own.until(lambda: own.entity(channel, f"inbox:{spot.room}:{ground.mentioned[role.handle]}"), "the mention arrives")

    async def put_states(self, spots):
        locked = spots["locked thread"]
        async with self.connect("marja.virtanen") as marja:
            await marja.change(lock_thread=pb.LockThread(room=locked.room, thread=locked.thread, locked=True, reason="riittää"))
            await marja.change(archive_place=pb.ArchivePlace(room=spots["archived"].room, archived=True, reason="riittää"))

    # --- the cells

    async def answer(self, client, command, values):
        """("kind" or "CODE reason", its bytes) of one command."""
        begin = len(client.items)
        future, = await client.send(request_of(command, values))
        response = await deadline.within(future, command)
        error = None
        if command == "subscribe" and response.HasField("done"):
            synced, = [i.synced for i in client.items[begin:] if i.HasField("synced")]
            error = synced.error if synced.HasField("error") else None
            self.assertFalse(error and (synced.HasField("threads") or synced.entities or synced.version), synced)
            await client.request(unsubscribe=pb.Unsubscribe(channels=[synced.channel]))
        elif response.HasField("error"):
            error = response.error
        return (typed(error), error.SerializeToString()) if error else (response.WhichOneof("result"), b"")

    async def check_role(self, name, role, server):
        wrong, unseen = [], {}
        async with self.connect(role.handle, server) as client:
            for channel in [f"room:{spot.room}" for spot in self.ground.spots.values()]:
                client.mirrors[channel] = _Blind()
            client.mirrors.update({f"moderation:{forum}": _Blind() for forum in self.ground.forums.values()})
            for command, state, expected, make in ROWS:
                want = expected(role)
                got, data = await self.answer(client, command, make(self.ground, role))
                self.cells += 1
                if got != want:
                    wrong.append(f"{name}: {command} ({state}): {got}, expected {want}")
                if got.startswith("NOT_FOUND"):
                    unseen.setdefault((command, got, pb.Error.FromString(data).field), {})[state] = data
        for (command, *_), answers in unseen.items():
            if len(set(answers.values())) != 1:
                wrong.append(f"{name}: {command}: not seen and not there differ: {answers}")
        return wrong

    def check_shut_out(self, name, role, server):
        """A token that opens nothing: Hello is refused, and nothing behind it is done."""
        wrong = []
        for command, state, _, make in ROWS:
            request = request_of(command, self.values_for_nobody(make))
            request.id = 2
            with RawSocket(server.port) as raw:
                raw.open()
                raw.send(pb.Request(id=1, hello=hello(self.tokens[role.handle])), request)
                answers, item = {}, raw.next_item()
                while item is not None:
                    if item.HasField("response"):
                        answers[item.response.id] = item.response
                    elif not item.notice.HasField("closing"):
                        wrong.append(f"{name}: {command} ({state}): {item}")
                    item = raw.next_item()
            self.cells += 1
            got = [typed(a.error) if a.HasField("error") else str(a) for a in (answers.get(1), answers.get(2)) if a is not None]
            second = "UNAUTHENTICATED token_invalid" if command == "hello" else "UNAUTHENTICATED hello_required"
            if got[:1] != ["UNAUTHENTICATED token_invalid"] or got[1:] not in ([], [second]) or raw.closed_with != 1008:
                wrong.append(f"{name}: {command} ({state}): {got}, closed with {raw.closed_with}")
        return wrong

    def values_for_nobody(self, make):
        """As an administrator would ask, so that only the token stands in the way; nothing is used up."""
        ground = self.ground
        keep = ({handle: list(messages) for handle, messages in ground.own.items()}, list(ground.invitations), list(ground.warnings))
        reportable = {name: list(spot.reportable) for name, spot in ground.spots.items()}
        try:
            return make(ground, ROLES["administrator"])
        finally:
            ground.own, ground.invitations, ground.warnings = keep
            for name, spot in ground.spots.items():
                spot.reportable = reportable[name]

    async def test_EveryCellOverBothNodesAndWhatIsNotSeenAnswersAsWhatIsNotThere(self):
        self.cells, wrong = 0, []
        for server in self.servers:
            for name, role in ROLES.items():
                if role.opens:
                    wrong += await self.check_role(name, role, server)
                else:
                    wrong += await asyncio.to_thread(self.check_shut_out, name, role, server)
        print(f"{self.cells} cells: {len(ROLES)} roles, {len(ROWS)} commands in a state, {len(self.servers)} nodes", flush=True)
        self.assertEqual(self.cells, len(ROLES) * len(ROWS) * len(self.servers))
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))


class _Blind:
    """Takes the place of a mirror for channels of which nothing is to be learnt here."""
    version = generation = 0
    live = False

    def synced(self, _):
        pass

    def change(self, _):
        pass


if __name__ == "__main__":
    unittest.main(verbosity=2)

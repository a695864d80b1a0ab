"""Every reason that an act of membership is refused with has a row: what an administrator asks, and the typed answer."""

import dataclasses
import unittest
from typing import Callable

from support import auth, sanctions
from support.cases import UNLIMITED
from support.members import ADMINISTRATOR
from support.server import Server
from support.wire import Client, entities, new_change_id, now_ms, pb

# As small as the demo content lets them be.
LIMITS = {"members.grants": 2, "members.positions": 1, "members.moderated_forums": 1, "members.terms": 2, "members.audience_entries": 1,
          "invitations.open": 2, "invitations.days": 2, "sessions.per_member": 2, "sanctions.active": 1, "sanctions.longest_days": 1,
          "places.forums": 6, "places.rooms": 4, "places.slug_bytes": 30, "places.title_bytes": 40, "places.description_bytes": 200}
DAY_HOURS = 24


@dataclasses.dataclass
class Place:
    forums: dict        # slug: id
    administrator: int  # the only one
    member: int         # somebody with the handle, name and e-mail of TAKEN
    term: int
    used_hash: str      # of an open invitation
    lifted: int         # number of a sanction of `member`
    archived: int       # a forum


@dataclasses.dataclass
class Row:
    name: str
    command: Callable[[Place], dict]
    code: str
    reason: str
    field: str


TAKEN = {"handle": "varattu.vuokko", "name": "Varattu Vuokko", "email": "varattu.vuokko@kunta.example", "municipality": "837"}


def invite(municipality="", positions=(), moderates=(), roles=("councillor",), granted=(), **values):
    standing = auth.standing(*roles, municipality=municipality, positions=positions, moderates=moderates)
    standing.grants.extend(granted)
    return dict(invite=pb.Invite(**{"invitation": auth.token_hash(auth.new_token()), "name": "Uusi Unikko", "handle": "uusi.unikko",
                                    "email": "uusi@kunta.example", "standing": standing, **values}))


def term(first="2001-01-01", last="2004-12-31", **values):
    return dict(put_term=pb.PutTerm(**{"name": "Kausi", "first_day": first, "last_day": last, **values}))


def audience(**values):
    return dict(set_audience=pb.SetAudience(**values))


def forum(**values):
    return dict(create_forum=pb.CreateForum(**{"slug": "uusi", "title": "Uusi", "audience": {}, **values}))


def room(p, **values):
    return dict(create_room=pb.CreateRoom(**{"forum": p.forums["strategia"], "slug": "uusi", "title": "Uusi", **values}))


def order(p, *places):
    return dict(order_places=pb.OrderPlaces(forum=p.forums["strategia"], places=places))


def position(kind=1):
    return entities.Position(kind=kind)


def sanction(kind=sanctions.MUTE, hours=0, **values):
    return lambda p: dict(sanction=pb.Sanction(**{"member": p.member, "kind": kind, "reason": "Asiatonta",
                                                  "until_ms": now_ms() + hours * 3600 * 1000 if hours else 0, **values}))


def rows_of(field, code, **bad):
    """Of a field of Invite: reason=value."""
    return [Row(f"{field} {reason}", lambda p, v=value: invite(**{field: v}), code, reason, field) for reason, value in bad.items()]


ROWS = [
    *rows_of("name", "INVALID", display_name_too_short="A", display_name_too_long="A" * 81, display_name_spaces="Aino  Metsälä",
             display_name_letters="Aino <b>Metsälä</b>"),
    *rows_of("handle", "INVALID", handle_too_short="ab", handle_too_long="a" * 41, handle_letters="Aino.Metsälä"),
    *rows_of("email", "INVALID", email_invalid="aino", email_too_long="a" * 64 + "@" + "kunta." * 40 + "example"),
    *rows_of("invitation", "INVALID", hash_malformed="A" * 64),
    *rows_of("valid_hours", "INVALID", invitation_too_long=2 * DAY_HOURS + 1),
    Row("kind of a position", lambda p: invite(positions=[position(99)]), "INVALID", "position_unknown", "positions"),
    Row("role of a grant", lambda p: invite(granted=[pb.Standing.Grant(role=99)]), "INVALID", "role_unknown", "grants"),
    Row("role of an audience", lambda p: audience(forum=p.forums["strategia"], audience={"read": [99]}), "INVALID", "role_unknown",
        "audience"),
    Row("size of an audience", lambda p: audience(forum=p.forums["strategia"], audience={"sizes": [99]}), "INVALID", "size_unknown",
        "audience"),
    Row("municipality", lambda p: invite(municipality="999"), "NOT_FOUND", "municipality_not_found", "municipality"),
    Row("term of a grant", lambda p: dict(set_standing=pb.SetStanding(member=p.member, standing=auth.standing("councillor", term=999999))),
        "NOT_FOUND", "term_not_found", "grants"),
    Row("member", lambda p: dict(set_standing=pb.SetStanding(member=999999)), "NOT_FOUND", "member_not_found", "member"),
    Row("session", lambda p: dict(revoke_sessions=pb.RevokeSessions(sessions=["0" * 16])), "NOT_FOUND", "session_not_found", "sessions"),
    Row("invitation", lambda p: dict(withdraw_invitation=pb.WithdrawInvitation(invitation="0" * 16)), "NOT_FOUND",
        "invitation_not_found", "invitation"),
    Row("partition", lambda p: dict(read_audit=pb.ReadAudit(partition=9999)), "NOT_FOUND", "partition_not_found", "partition"),
    Row("grants", lambda p: invite(roles=("councillor",) * 3), "LIMITED", "too_many_grants", "grants"),
    Row("positions", lambda p: invite(positions=[position(), position(2)]), "LIMITED", "too_many_positions", "positions"),
    Row("moderated forums", lambda p: invite(moderates=list(p.forums.values())[:2]), "LIMITED", "too_many_forums", "moderates"),
    Row("handle of another", lambda p: invite(handle=TAKEN["handle"]), "CONFLICT", "handle_taken", "handle"),
    Row("e-mail of another", lambda p: invite(email=TAKEN["email"].upper()), "CONFLICT", "email_taken", "email"),
    Row("name of another", lambda p: invite(name=TAKEN["name"].upper(), municipality=TAKEN["municipality"]), "CONFLICT",
        "name_taken", "name"),
    Row("invitation used before", lambda p: invite(invitation=p.used_hash), "CONFLICT", "invitation_exists", "invitation"),
    Row("no date", lambda p: term(first="1.1.2001"), "INVALID", "date_invalid", "first_day"),
    Row("date too early", lambda p: term(first="1995-12-31"), "INVALID", "date_too_early", "first_day"),
    Row("term that ends before it begins", lambda p: term(last="2000-12-31"), "INVALID", "term_ends_too_early", "last_day"),
    Row("terms", lambda p: term(), "LIMITED", "too_many_terms", "term"),
    Row("neither forum nor room", lambda p: audience(audience={}), "INVALID", "forum_or_room", "forum"),
    Row("forum without an audience", lambda p: audience(forum=p.forums["strategia"]), "INVALID", "audience_missing", "audience"),
    Row("wider audience", lambda p: audience(forum=p.forums["poliittinen-johtaminen"], audience={}), "FORBIDDEN", "audience_widens",
        "exposes_history"),
    Row("municipalities of an audience", lambda p: audience(forum=p.forums["strategia"], audience={"municipalities": ["837", "049"]}),
        "LIMITED", "too_many_municipalities", "audience"),
    Row("slug of a forum", lambda p: forum(slug="Uusi foorumi"), "INVALID", "slug_letters", "slug"),
    Row("long slug", lambda p: forum(slug="a" * 31), "INVALID", "slug_too_long", "slug"),
    Row("slug of another", lambda p: room(p, slug="kuntastrategia-arjessa"), "CONFLICT", "slug_taken", "slug"),
    Row("title of a room", lambda p: room(p, title="a" * 41), "INVALID", "text_too_long", "title"),
    Row("description of a room", lambda p: room(p, description="a" * 201), "INVALID", "text_too_long", "description"),
    Row("more forums", lambda p: forum(), "LIMITED", "too_many_places", "forum"),
    Row("more rooms", lambda p: room(p), "LIMITED", "too_many_places", "forum"),
    Row("order of nothing", lambda p: order(p), "INVALID", "places_missing", "places"),
    Row("order of one twice", lambda p: order(p, 1, 1), "INVALID", "place_twice", "places"),
    Row("room in an archived forum", lambda p: room(p, forum=p.archived), "FORBIDDEN", "forum_archived", "forum"),
    Row("the only administrator", lambda p: dict(set_standing=pb.SetStanding(member=p.administrator, standing=auth.standing("expert"))),
        "FORBIDDEN", "last_administrator", "member"),
    Row("one's own erasure without the password", lambda p: dict(erase_member=pb.EraseMember(member=p.administrator)), "FORBIDDEN",
        "own_erasure", "member"),
    Row("erasure of nobody", lambda p: dict(erase_member=pb.EraseMember(member=999999)), "NOT_FOUND", "member_not_found", "member"),
    Row("no erasure of nobody", lambda p: dict(keep_member=pb.KeepMember(member=999999)), "NOT_FOUND", "member_not_found", "member"),
    Row("kind of a sanction", sanction(99), "INVALID", "sanction_unknown", "kind"),
    Row("suspension without an end", sanction(sanctions.SUSPEND), "INVALID", "until_missing", "until_ms"),
    Row("ban with an end", sanction(sanctions.BAN, 1), "INVALID", "until_not_allowed", "until_ms"),
    Row("sanction that has ended already", sanction(hours=-1), "INVALID", "until_in_past", "until_ms"),
    Row("sanction of two days", sanction(hours=2 * DAY_HOURS), "INVALID", "sanction_too_long", "until_ms"),
    Row("sanction without a reason", sanction(reason=""), "INVALID", "text_empty", "reason"),
    Row("one's own sanction", lambda p: sanction(member=p.administrator)(p), "FORBIDDEN", "own_sanction", "member"),
    Row("sanction that there is not", lambda p: dict(lift_sanction=pb.LiftSanction(member=p.member, sanction=999)), "NOT_FOUND",
        "sanction_not_found", "sanction"),
    Row("sanction that is over", lambda p: dict(lift_sanction=pb.LiftSanction(member=p.member, sanction=p.lifted)), "FORBIDDEN",
        "sanction_over", "sanction"),
    Row("one sanction too many", lambda p: sanction(sanctions.BAN, forum=p.forums["poliittinen-johtaminen"])(p), "LIMITED", "too_many_sanctions", "member"),
    Row("sign-ins named at once", lambda p: dict(revoke_sessions=pb.RevokeSessions(sessions=["0" * 16] * 3)), "LIMITED",
        "too_many_sessions", "sessions"),
]
# Asked for by who is no administrator.
BY_MEMBERS = [
    Row("act of administrators", lambda p: dict(end_sessions=pb.EndSessions(member=p.member)), "FORBIDDEN", "administrators_only", ""),
    Row("erasure of another", lambda p: dict(erase_member=pb.EraseMember(member=p.member)), "FORBIDDEN", "administrators_only", ""),
    Row("another who is to stay", lambda p: dict(keep_member=pb.KeepMember(member=p.member)), "FORBIDDEN", "administrators_only", ""),
    Row("log for administrators", lambda p: dict(read_audit=pb.ReadAudit()), "FORBIDDEN", "administrators_only", ""),
    Row("sanctions of another", lambda p: dict(list_sanctions=pb.ListSanctions(member=p.member)), "FORBIDDEN", "moderators_only", "member"),
    Row("list for administrators", lambda p: dict(list_members=pb.ListMembers()), "FORBIDDEN", "administrators_only", ""),
]
BY_CONTACT_PERSONS = [
    Row("councillor of elsewhere", lambda p: invite(municipality="049"), "FORBIDDEN", "beyond_contact", "standing"),
    Row("oneself", lambda p: dict(set_standing=pb.SetStanding(member=p.member, standing=auth.standing("administrator"))), "FORBIDDEN",
        "own_standing", "member"),
]
BY_MODERATORS = [
    Row("one who moderates, too", lambda p: sanction(member=p.administrator, forum=p.forums["strategia"])(p), "FORBIDDEN",
        "member_moderates", "member"),
]
ONE_TOO_MANY = [Row("invitations", lambda p: invite(), "LIMITED", "too_many_invitations", "invitation")]


class Refusals(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = Server({**UNLIMITED, **auth.UNHURRIED, **LIMITS})
        self.addCleanup(self.server.dispose)
        self.server.start()
        self.admin = await Client(self.server.url, self.server.token(ADMINISTRATOR)).connect()
        self.addAsyncCleanup(self.admin.close)
        standing = auth.standing("councillor", municipality=TAKEN["municipality"], contact_for=TAKEN["municipality"])
        self.member = await auth.member(self.server, self.admin, TAKEN["handle"], standing=standing)
        over = [(await self.admin.change(**term(name=f"Kausi {n}"))).version for n in range(LIMITS["members.terms"])]
        used = await auth.invitation_for(self.admin, "avoin.angervo")
        archived = (await self.admin.change(**forum(slug="arkisto"))).version
        await self.admin.change(archive_place=pb.ArchivePlace(forum=archived, archived=True, reason="ohi"))
        async with Client(self.server.url, self.member.token) as councillor:
            forums = (await councillor.request(list_forums=pb.ListForums())).forums.forums
        self.place = Place({f.slug: f.id for f in forums}, self.admin.welcome.self.id, self.member.id, over[0], auth.token_hash(used), 1, archived)
        await sanctions.impose(self.admin, self.member.id, sanctions.WARN)
        await sanctions.lift(self.admin, self.member.id, 1)
        await sanctions.impose(self.admin, self.member.id, sanctions.MUTE, self.place.forums["strategia"])

    async def check(self, client, rows):
        for row in rows:
            with self.subTest(row.name):
                command = row.command(self.place)
                changes = not next(iter(command)).startswith(("list_", "read_"))
                error = await client.refused(new_change_id() if changes else b"", **command)
                self.assertEqual((pb.Error.Code.Name(error.code)[5:], error.reason, error.field), (row.code, row.reason, row.field))
                self.assertTrue(error.text and error.text != row.reason, "there is a text for people")
                self.assertEqual(error.retry_after_ms, 0)

    async def test_EveryRowOfAdministrators(self):
        await self.check(self.admin, ROWS)

    async def test_EveryRowOfOthers(self):
        async with Client(self.server.url, self.server.token("aino.metsala")) as aino:
            await self.check(aino, BY_MEMBERS)
        async with Client(self.server.url, self.member.token) as contact:
            await self.check(contact, BY_CONTACT_PERSONS)
        async with Client(self.server.url, self.server.token("marja.virtanen")) as marja:
            await self.check(marja, BY_MODERATORS)

    async def test_OneInvitationTooMany(self):
        await auth.invitation_for(self.admin, "toinen.tulppaani")
        await self.check(self.admin, ONE_TOO_MANY)

    async def test_WhatWasDoneKeepsItsAnswerThoughItWouldBeRefusedNow(self):
        change_id, made = new_change_id(), now_ms()
        withdraw = dict(withdraw_invitation=pb.WithdrawInvitation(invitation=self.place.used_hash[:16]))
        first = (await self.admin.request(change_id, made, **withdraw)).committed
        self.assertEqual((await self.admin.refused(new_change_id(), **withdraw)).reason, "invitation_not_found")
        again = (await self.admin.request(change_id, made, **withdraw)).committed
        self.assertEqual((again.version, first.repeated, again.repeated), (first.version, False, True))
        other = await self.admin.refused(change_id, withdraw_invitation=pb.WithdrawInvitation(invitation="0" * 16))
        self.assertEqual(other.reason, "change_id_reused")

    async def test_RefusalsAreTheSameOnceSomethingWasTakenAway(self):
        await self.admin.change(end_sessions=pb.EndSessions(member=self.member.id))
        await self.check(self.admin, ROWS)


if __name__ == "__main__":
    unittest.main(verbosity=2)

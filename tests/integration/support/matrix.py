"""Who may do what: what each role is answered for each command in each state, worked out here from docs/protocol.md.

A command without a row in ROWS has no expectation, and the test that reads this fails."""

import dataclasses

from . import auth
from .wire import entities, now_ms, pb

ABSENT = 987654
HOUR_MS = 3600 * 1000
COUNCILLOR, OFFICE_HOLDER, EXPERT = (entities.ROLE_COUNCILLOR, entities.ROLE_OFFICE_HOLDER, entities.ROLE_EXPERT)
ANYBODY = frozenset()
STAFF = frozenset({OFFICE_HOLDER, EXPERT})


@dataclasses.dataclass(frozen=True)
class Place:
    """A room of the demo content. Empty read: everyone. Empty write: who reads. `thread` and `message`: somebody else's, of its author."""
    slug: str
    forum: str
    read: frozenset = ANYBODY
    write: frozenset = ANYBODY
    author: str = "pekka.rautio"
    state: str = ""          # the reason that adding something is refused with
    own_audience: frozenset = ANYBODY  # roles that write, where the room has an audience of its own


PLACES = {
    "open": Place("kuntastrategia-arjessa", "strategia"),
    "read only": Place("tutkimuksesta-poimittua", "strategia", write=frozenset({EXPERT}), author="outi.berg",
                       own_audience=frozenset({EXPERT})),
    "of councillors": Place("valtuustoryhmien-yhteistyo", "poliittinen-johtaminen", frozenset({COUNCILLOR})),
    "of staff": Place("kunnanjohtajan-poyta", "ammatillinen-johtaminen", STAFF, author="riitta.salmi"),
    "locked thread": Place("talous-ja-tulevaisuus", "strategia", state="thread_locked"),
    "archived": Place("kuntien-yhteistyo", "strategia", state="room_archived"),
    "absent": None,
}


@dataclasses.dataclass(frozen=True)
class Role:
    handle: str
    roles: frozenset
    moderates: tuple = ()
    administrates: bool = False
    contact_for: str = ""
    opens: bool = True  # the token is one of a whole sign-in that lives

    def reads(self, place):
        return place is not None and (place.forum in self.moderates or not place.read or bool(place.read & self.roles))

    def writes(self, place):
        return self.reads(place) and (place.forum in self.moderates or not place.write or bool(place.write & self.roles))

    def moderated(self, place):
        return self.reads(place) and (place.forum in self.moderates or self.administrates)


HOME, ELSEWHERE = "837", "049"  # municipalities
ROLES = {
    "councillor": Role("aino.metsala", frozenset({COUNCILLOR})),
    "office-holder": Role("sami.ojala", frozenset({OFFICE_HOLDER})),
    "expert": Role("eeva.elo", frozenset({EXPERT})),
    "moderator of the forum": Role("marja.virtanen", frozenset({COUNCILLOR}), ("strategia", "poliittinen-johtaminen")),
    "moderator of another": Role("petri.koski", frozenset({OFFICE_HOLDER}),
                                 ("johtaminen-ja-organisaatio", "ammatillinen-johtaminen")),
    "administrator": Role("sanna.heino", frozenset(), administrates=True),
    "contact person": Role("yrjo.yhteys", frozenset({COUNCILLOR}), contact_for=HOME),
    "of an expired term": Role("veera.vanha", frozenset()),
    "pending sign-in": Role("paavo.puoli", frozenset({COUNCILLOR}), opens=False),
    "revoked": Role("pirjo.poissa", frozenset({COUNCILLOR}), opens=False),
}


@dataclasses.dataclass
class Spot:
    """Ids of a place in this installation."""
    room: int
    thread: int
    message: int
    removed: int = ABSENT  # what moderators remove and purge
    reportable: list = dataclasses.field(default_factory=list)  # messages of the author, taken one by one


@dataclasses.dataclass
class Ground:
    """What rows need of the installation."""
    spots: dict
    forums: dict        # slug: id
    members: dict       # "home", "elsewhere": members who are only councillors there
    foreign_session: str
    term: int
    mentioned: dict     # handle: a message of "open" that mentions it
    own: dict           # handle: messages of "open" by it, taken one by one
    own_threads: dict   # handle: a thread of "open" by it
    invitations: list   # ids of the administrator's, taken one by one
    warnings: list      # numbers of such of "home" in "strategia", taken one by one
    unused: int = 0
    own_report: int = 0  # about the moderator of the forum "strategia"

    def reportable(self, place):
        messages = self.spots[place].reportable
        return messages.pop() if messages else ABSENT

    def number(self):
        self.unused += 1
        return self.unused


# What is expected: the kind of an answer, or "CODE reason".

def reading(kind):
    return lambda role, place: kind if role.reads(place) else "NOT_FOUND room_not_found"


def writing(role, place):
    if not role.reads(place):
        return "NOT_FOUND room_not_found"
    return "committed" if role.writes(place) else "FORBIDDEN may_not_write"


def adding(*states):
    """Where these states of the place refuse."""
    def expected(role, place):
        may = writing(role, place)
        return f"FORBIDDEN {place.state}" if may == "committed" and place.state in states else may
    return expected


def on_messages(kind="committed"):
    """Of who moderates there, whatever the room's state."""
    def expected(role, place):
        if not role.reads(place):
            return "NOT_FOUND room_not_found"
        return kind if role.moderated(place) else "FORBIDDEN moderators_only"
    return expected


def of_another(role, place):
    may = writing(role, place)
    return "FORBIDDEN not_author" if may == "committed" else may


def moderating(role, place):
    if not role.reads(place):
        return "NOT_FOUND room_not_found"
    if not role.moderated(place):
        return "FORBIDDEN moderators_only"
    return "FORBIDDEN room_archived" if place.state == "room_archived" else "committed"


def own_thread(**values):
    return lambda g, role: dict(room=g.spots["open"].room, thread=g.own_threads[role.handle], **values)


def absent_thread(**values):
    return lambda g, role: dict(room=g.spots["open"].room, thread=ABSENT, **values)


def moderators_of_open(kind):
    return lambda role: kind if role.moderated(PLACES["open"]) else "FORBIDDEN moderators_only"


def there_and_back(command, expected, done, undone):
    """Rows for each place, and behind them rows that leave it as it was. `done`, `undone`: (place's name) -> fields beside the thread."""
    return [row for values in (done, undone) for name in PLACES for row in
            [(command, name, lambda role, p=PLACES[name]: expected(role, p),
              lambda g, role, n=name, v=values(name): dict(room=g.spots[n].room, thread=g.spots[n].thread, **v))]]


def at(command, expected, make):
    """A row for each place. `make`: (spot) -> the command's fields."""
    return [(command, name, lambda role, p=place: expected(role, p), lambda g, role, n=name: make(g.spots[n]))
            for name, place in PLACES.items()]


def alone(command, state, expected, make):
    """`expected`: the same for everyone, or (role) -> it. `make`: (ground, role) -> the command's fields."""
    return [(command, state, expected if callable(expected) else lambda role: expected, make)]


def administrators(kind="committed", contact=None):
    """`contact`: what contact persons are answered, where it is not what everybody is."""
    def expected(role):
        if role.administrates:
            return kind
        return contact if contact and role.contact_for else "FORBIDDEN administrators_only"
    return expected


def forum_state(slug):
    place = next((p for p in PLACES.values() if p and p.forum == slug), None)
    return lambda role: "rooms" if place and (slug in role.moderates or not place.read or place.read & role.roles) else \
        "NOT_FOUND forum_not_found"


def invite(*roles, municipality):
    def make(g, role):
        who = f"kutsu.{'abcdefghij'[g.number() % 10]}{g.unused}"
        # The name's letters count the invitations: no two look alike.
        name = "Kutsuttu " + "".join("aeiou"[int(d) % 5] + "klmnprstvj"[int(d)] for d in f"{g.unused:04}").capitalize()
        return dict(invitation=auth.token_hash(auth.new_token()), name=name, handle=who, email=f"{who}@kunta.example",
                    standing=auth.standing(*roles, municipality=municipality))
    return make


def standing_of(member, municipality):
    return lambda g, role: dict(member=g.members[member], standing=auth.standing("councillor", municipality=municipality))


def audience(place):
    return entities.Audience(write=sorted(place.own_audience)) if place and place.own_audience else None


def set_audiences():
    rows = []
    for name, place in PLACES.items():
        kind = "committed" if place else "NOT_FOUND room_not_found"
        rows += alone("set_audience", name, administrators(kind),
                      lambda g, role, n=name, p=place: dict(room=g.spots[n].room, audience=audience(p)))
    return rows


def who_sanctions(forum, kind="committed", of_oneself=False, of_moderator=None):
    """`of_moderator`: what is answered to who is no administrator where the member moderates, too."""
    def expected(role):
        if not role.administrates and forum_state(forum)(role) != "rooms":
            return "NOT_FOUND forum_not_found"
        if not role.administrates and forum not in role.moderates:
            return "FORBIDDEN moderators_only"
        if of_oneself:
            return "FORBIDDEN own_sanction"
        return of_moderator if of_moderator and not role.administrates else kind
    return expected


def knows_sanctions(kind, others=None):
    """Of who moderates anything at all; `others`: of who moderates another forum."""
    def expected(role):
        if role.administrates or role.moderates:
            return others if others and not role.administrates and "strategia" not in role.moderates else kind
        return "FORBIDDEN moderators_only"
    return expected


def sanction(kind, forum=None, member="elsewhere", **values):
    until = {"SUSPEND": HOUR_MS}.get(kind, 0)
    return lambda g, role: dict(member=g.members.get(member or role.handle, ABSENT), forum=g.forums[forum] if forum else 0, reason="asiatonta",
                                kind=getattr(entities, "SANCTION_KIND_" + kind), until_ms=now_ms() + until if until else 0, **values)


SANCTION_KINDS = ("WARN", "MUTE", "SUSPEND", "BAN")
SANCTIONS = [
    *[row for kind in SANCTION_KINDS for forum in ("strategia", "ammatillinen-johtaminen") for row in
      alone("sanction", f"{kind} in {forum}", who_sanctions(forum), sanction(kind, forum))],
    *[row for kind in SANCTION_KINDS for row in alone("sanction", f"{kind} everywhere", administrators(), sanction(kind))],
    *alone("sanction", "oneself", who_sanctions("strategia", of_oneself=True), sanction("WARN", "strategia", None)),
    *alone("sanction", "oneself everywhere", administrators("FORBIDDEN own_sanction"), sanction("WARN", None, None)),
    *alone("sanction", "a moderator of another", who_sanctions("strategia"), sanction("WARN", "strategia", "petri.koski")),
    *alone("sanction", "a moderator", lambda role: "FORBIDDEN own_sanction" if role.handle == "marja.virtanen" else
           who_sanctions("strategia")(role), sanction("WARN", "strategia", "marja.virtanen")),
    *alone("sanction", "an administrator", lambda role: "FORBIDDEN own_sanction" if role.administrates else
           who_sanctions("strategia", of_moderator="FORBIDDEN member_moderates")(role), sanction("WARN", "strategia", "sanna.heino")),
    *alone("sanction", "an absent member", who_sanctions("strategia", "NOT_FOUND member_not_found"),
           sanction("WARN", "strategia", "nobody")),
    *alone("sanction", "in an absent forum", "NOT_FOUND forum_not_found",
           lambda g, role: {**sanction("WARN")(g, role), "forum": ABSENT}),
    *alone("lift_sanction", "present", knows_sanctions("committed", "NOT_FOUND sanction_not_found"),
           lambda g, role: dict(member=g.members["home"], sanction=g.warnings.pop() if role.administrates or "strategia" in role.moderates
                                else 1)),
    *alone("lift_sanction", "absent", knows_sanctions("NOT_FOUND sanction_not_found"),
           lambda g, role: dict(member=g.members["home"], sanction=ABSENT)),
    *alone("lift_sanction", "of an absent member", knows_sanctions("NOT_FOUND member_not_found"),
           lambda g, role: dict(member=ABSENT, sanction=1)),
    *alone("lift_sanction", "of oneself", knows_sanctions("FORBIDDEN own_sanction"),
           lambda g, role: dict(member=g.members[role.handle], sanction=1)),
    *alone("list_sanctions", "one's own", "sanctions", lambda g, role: {}),
    *alone("list_sanctions", "of another", knows_sanctions("sanctions"), lambda g, role: dict(member=g.members["home"])),
    *alone("list_sanctions", "of an absent member", knows_sanctions("NOT_FOUND member_not_found"), lambda g, role: dict(member=ABSENT)),
]


def filters_at(command, state, make, kind="committed"):
    """Rows for two forums, one that is not there, and everywhere."""
    return [row for slug in ("strategia", "ammatillinen-johtaminen") for row in
            alone(command, f"{state} in {slug}", who_sanctions(slug, kind), lambda g, role, s=slug: dict(forum=g.forums[s], **make(g)))] + [
        *alone(command, f"{state} in an absent forum", "NOT_FOUND forum_not_found", lambda g, role: dict(forum=ABSENT, **make(g))),
        *alone(command, f"{state} everywhere", administrators(kind), lambda g, role: make(g))]


def of_queue(forum, kind):
    return lambda role: kind if forum in role.moderates else "NOT_FOUND channel_not_found"


FILTERS = [
    *filters_at("set_filter", "a word", lambda g: dict(kind=entities.FILTER_KIND_WORD, pattern="zzyzx", action=entities.FILTER_ACTION_FLAG)),
    *filters_at("lift_filter", "absent", lambda g: dict(filter=ABSENT), "NOT_FOUND filter_not_found"),
    *filters_at("list_filters", "all", lambda g: {}, "filters"),
    *[row for slug in ("strategia", "ammatillinen-johtaminen") for row in [
        *alone("approve_held", f"absent in {slug}", of_queue(slug, "NOT_FOUND held_not_found"),
               lambda g, role, s=slug: dict(forum=g.forums[s], held=ABSENT)),
        *alone("reject_held", f"absent in {slug}", of_queue(slug, "NOT_FOUND held_not_found"),
               lambda g, role, s=slug: dict(forum=g.forums[s], held=ABSENT, reason="x")),
        *alone("list_held", slug, lambda role, s=slug: "held_messages" if forum_state(s)(role) == "rooms" else "NOT_FOUND forum_not_found",
               lambda g, role, s=slug: dict(forum=g.forums[s]))]],
    *alone("list_held", "absent", "NOT_FOUND forum_not_found", lambda g, role: dict(forum=ABSENT)),
]


def forums_of(kind="committed", rooms=False):
    """Of a forum, by slug. `rooms`: its rooms are meant."""
    def expected(role, slug):
        if forum_state(slug)(role) != "rooms":
            return "NOT_FOUND forum_not_found"
        if rooms:
            return kind if slug in role.moderates or role.administrates else "FORBIDDEN moderators_only"
        return kind if role.administrates else "FORBIDDEN administrators_only"
    return expected


def at_forums(command, expected, make):
    """A row for forums that some may not read, and for one that is not there."""
    return [row for slug in ("strategia", "poliittinen-johtaminen", "ammatillinen-johtaminen", "ei-ole") for row in
            alone(command, slug, lambda role, s=slug: expected(role, s),
                  lambda g, role, s=slug: make(g, g.forums.get(s, ABSENT)))]


def slug_of(g):
    return f"uusi-{g.number()}"


# What is changed is changed back by a row behind it. Forums are archived by none: that would archive the places of other rows.
PLACES_THEMSELVES = [
    *alone("create_forum", "", administrators(), lambda g, role: dict(slug=slug_of(g), title="Uusi", audience=entities.Audience(
        read=[EXPERT]))),
    *at_forums("create_room", forums_of(rooms=True), lambda g, forum: dict(forum=forum, slug=slug_of(g), title="Uusi")),
    *at("describe_place", moderating, lambda s: dict(room=s.room, description="Kuvaus")),
    *at_forums("describe_place", forums_of(), lambda g, forum: dict(forum=forum, description="Kuvaus")),
    *alone("order_places", "rooms", lambda role: forums_of(rooms=True)(role, "strategia"), lambda g, role: dict(
        forum=g.forums["strategia"], places=[g.spots["locked thread"].room, g.spots["open"].room])),
    *alone("order_places", "a room of another forum", lambda role: forums_of("NOT_FOUND room_not_found", rooms=True)(role, "strategia"),
           lambda g, role: dict(forum=g.forums["strategia"], places=[g.spots["of councillors"].room])),
    *at_forums("order_places", forums_of("NOT_FOUND room_not_found", rooms=True),
               lambda g, forum: dict(forum=forum, places=[ABSENT])),
    *alone("order_places", "forums", administrators(), lambda g, role: dict(places=[g.forums["strategia"]])),
    *[row for archived in (True, False) for name, place in PLACES.items() for row in alone(
        "archive_place", f"{name}, {archived}", lambda role, p=place: on_messages()(role, p),
        lambda g, role, n=name, p=place, a=archived: dict(room=g.spots[n].room, archived=a or n == "archived", reason="riittää"))],
    *at_forums("archive_place", forums_of(), lambda g, forum: dict(forum=forum, reason="ei ole arkistoitu")),
]


THREADS = [
    *there_and_back("lock_thread", moderating, lambda name: dict(locked=True, reason="riittää"),
                    lambda name: dict(locked=name == "locked thread", reason="jatketaan")),
    *there_and_back("pin_thread", moderating, lambda name: dict(announcement=True), lambda name: dict(unpin=True)),
    *there_and_back("restrict_thread", moderating, lambda name: dict(slow_mode_s=3600, write=[EXPERT]), lambda name: {}),
    *there_and_back("set_thread_state", moderating, lambda name: dict(state=entities.THREAD_STATE_PRACTICE), lambda name: {}),
    *there_and_back("tag_thread", moderating, lambda name: dict(tags=["sote"]), lambda name: {}),
    *there_and_back("rename_thread", moderating, lambda name: dict(title="Toinen"), lambda name: dict(title="Otsikko")),
    *alone("lock_thread", "one's own", moderators_of_open("committed"), own_thread(reason="lukko auki")),
    *alone("pin_thread", "one's own", moderators_of_open("committed"), own_thread(unpin=True)),
    *alone("restrict_thread", "one's own", moderators_of_open("committed"), own_thread()),
    *alone("set_thread_state", "one's own", "committed", own_thread(state=entities.THREAD_STATE_SOLVED)),
    *alone("set_thread_state", "one's own as a practice", moderators_of_open("committed"),
           own_thread(state=entities.THREAD_STATE_PRACTICE)),
    *alone("tag_thread", "one's own", "committed", own_thread(tags=["sote"])),
    *alone("rename_thread", "one's own", "committed", own_thread(title="Uusi nimi")),
    *[row for command, values in {"lock_thread": dict(locked=True, reason="riittää"), "pin_thread": {}, "restrict_thread": {}}.items()
      for row in alone(command, "absent thread", moderators_of_open("NOT_FOUND thread_not_found"), absent_thread(**values))],
    *[row for command, values in {"set_thread_state": {}, "tag_thread": {}, "rename_thread": dict(title="Toinen")}.items()
      for row in alone(command, "absent thread", "NOT_FOUND thread_not_found", absent_thread(**values))],
]


def queue_of(kind, slug="strategia"):
    """Of the forum's moderators; administrators see no queue."""
    return lambda role: kind if slug in role.moderates else "NOT_FOUND channel_not_found"


def reported(role, place):
    """The place's message is the author's, who is none of the roles. Who comes after reports another one."""
    return "committed" if role.reads(place) else "NOT_FOUND room_not_found"


def on_queue(command, state, make, kind="committed"):
    """A forum that the role moderates or not, and one that there is not."""
    return [*alone(command, state, queue_of(kind), lambda g, role: dict(forum=g.forums["strategia"], **make(g, role))),
            *alone(command, state + ", forum of others", queue_of(kind, "ammatillinen-johtaminen"),
                   lambda g, role: dict(forum=g.forums["ammatillinen-johtaminen"], **make(g, role))),
            *alone(command, state + ", absent forum", queue_of(kind, "ei-ole"), lambda g, role: dict(forum=ABSENT, **make(g, role)))]


def message_target(room, message):
    return pb.FileReport.Message(room=room, message=message)


SPAM = entities.Report.CATEGORY_SPAM
NO_REPORT = "NOT_FOUND report_not_found"
REPORTS = [
    *[(command, name, lambda role, p=place, e=expected: e(role, p), make)
      for name, place in PLACES.items() for command, expected, make in [
          ("file_report", lambda role, p: "NOT_FOUND message_not_found" if role.reads(p) else "NOT_FOUND room_not_found",
           lambda g, role, n=name: dict(message=message_target(g.spots[n].room, ABSENT), category=SPAM, words="mainos")),
          ("file_appeal", lambda role, p: "FORBIDDEN not_author" if role.reads(p) else "NOT_FOUND room_not_found",
           lambda g, role, n=name: dict(removal=pb.FileAppeal.Removal(room=g.spots[n].room, message=g.spots[n].message), words="miksi"))]],
    *[("file_report", name + ", a message that is there", lambda role, p=place: reported(role, p),
       lambda g, role, n=name: dict(message=message_target(g.spots[n].room, g.reportable(n)), category=SPAM, words="mainos"))
      for name, place in PLACES.items()],
    *[row for slug in ("strategia", "ammatillinen-johtaminen", "ei-ole") for row in alone(
        "file_report", f"an absent member to {slug}",
        lambda role, s=slug: "NOT_FOUND member_not_found" if forum_state(s)(role) == "rooms" else "NOT_FOUND forum_not_found",
        lambda g, role, s=slug: dict(member=pb.FileReport.Member(forum=g.forums.get(s, ABSENT), member=ABSENT), category=SPAM, words="x"))],
    *alone("file_report", "oneself", "FORBIDDEN report_of_oneself", lambda g, role: dict(
        member=pb.FileReport.Member(forum=g.forums["strategia"], member=g.members[role.handle]), category=SPAM, words="x")),
    *on_queue("list_reports", "all", lambda g, role: {}, "reports"),
    *on_queue("read_report", "absent", lambda g, role: dict(report=ABSENT), NO_REPORT),
    *on_queue("assign_report", "absent", lambda g, role: dict(report=ABSENT), NO_REPORT),
    *on_queue("note_report", "absent", lambda g, role: dict(report=ABSENT, text="x"), NO_REPORT),
    *on_queue("resolve_report", "absent", lambda g, role: dict(report=ABSENT), NO_REPORT),
    *alone("read_report", "present", queue_of("report_details"), lambda g, role: dict(forum=g.forums["strategia"], report=1)),
    *alone("assign_report", "present", queue_of("committed"), lambda g, role: dict(forum=g.forums["strategia"], report=1)),
    *alone("note_report", "present", queue_of("committed"), lambda g, role: dict(forum=g.forums["strategia"], report=1, text="x")),
    *alone("assign_report", "about oneself", queue_of("FORBIDDEN own_report"),
           lambda g, role: dict(forum=g.forums["strategia"], report=g.own_report)),
]


def located(role, place):
    return "located" if role.reads(place) else "NOT_FOUND room_not_found"


def moved_to(name):
    """What is asked for is not there: behind sight and power in both rooms, and the audience of the other."""
    target = PLACES[name]

    def expected(role, place):
        if not role.reads(place):
            return "NOT_FOUND room_not_found"
        if not role.moderated(place):
            return "FORBIDDEN moderators_only"
        if not role.reads(target):
            return "NOT_FOUND room_not_found"
        if not role.moderated(target):
            return "FORBIDDEN moderators_only"
        if place.read and (place.forum != target.forum or not target.read):
            return "FORBIDDEN audience_widens"
        return "NOT_FOUND thread_not_found"
    return expected


def in_moderated_room(role, place, absent):
    if not role.reads(place):
        return "NOT_FOUND room_not_found"
    if not role.moderated(place):
        return "FORBIDDEN moderators_only"
    return "FORBIDDEN room_archived" if place.state == "room_archived" else absent


MOVES = [
    *at("locate", located, lambda s: dict(room=s.room, thread=s.thread)),
    *at("locate", located, lambda s: dict(room=s.room, message=s.message)),
    *alone("locate", "absent thread", "NOT_FOUND thread_not_found", absent_thread()),
    *alone("locate", "absent message", "NOT_FOUND message_not_found",
           lambda g, role: dict(room=g.spots["open"].room, message=ABSENT)),
    *[row for target in ("of councillors", "of staff", "read only", "absent") for name, place in PLACES.items() if name != target
      for row in alone("move_thread", f"{name} to {target}", lambda role, p=place, t=target: moved_to(t)(role, p),
                       lambda g, role, n=name, t=target: dict(room=g.spots[n].room, thread=ABSENT, to_room=g.spots[t].room))],
    *[row for name, place in PLACES.items() for row in
      alone("split_thread", name, lambda role, p=place: in_moderated_room(role, p, "NOT_FOUND message_not_found"),
            lambda g, role, n=name: dict(room=g.spots[n].room, thread=g.spots[n].thread, messages=[ABSENT + 1], title="Uusi"))
      + alone("merge_threads", name, lambda role, p=place: in_moderated_room(role, p, "NOT_FOUND thread_not_found"),
              lambda g, role, n=name: dict(room=g.spots[n].room, thread=g.spots[n].thread, into=ABSENT + 1))],
]


def marking(role, place):
    """Of somebody else's message."""
    if not role.reads(place):
        return "NOT_FOUND room_not_found"
    return "committed" if role.moderated(place) else "FORBIDDEN moderators_only"


RECORDS = [
    *at("mark_secrecy", marking, lambda s: dict(room=s.room, message=s.message, marked=True, ground="24 § 25 kohta")),
    *at("mark_secrecy", marking, lambda s: dict(room=s.room, message=s.message)),
    *alone("mark_secrecy", "one's own", "committed", lambda g, role: dict(room=g.spots["open"].room, message=g.own_threads[role.handle],
                                                                       marked=True, ground="24 § 25 kohta")),
    *alone("mark_secrecy", "absent message", "NOT_FOUND message_not_found", lambda g, role: dict(
        room=g.spots["open"].room, message=ABSENT, marked=True, ground="24 § 25 kohta")),
    *at("export_records", on_messages("records_page"), lambda s: dict(room=s.room)),
    *at("export_records", on_messages("records_page"), lambda s: dict(room=s.room, thread=s.thread, public_copy=True)),
    *alone("export_records", "absent thread", moderators_of_open("NOT_FOUND thread_not_found"),
           lambda g, role: dict(room=g.spots["open"].room, thread=ABSENT)),
    *[row for held in (True, False) for name, place in PLACES.items() for row in alone(
        "set_hold", f"{name}, {'held' if held else 'lifted'}", administrators("committed" if place else "NOT_FOUND room_not_found"),
        lambda g, role, n=name, h=held: dict(room=g.spots[n].room, held=h, reason="tutkinta"))],
    *alone("set_hold", "absent thread", administrators("NOT_FOUND thread_not_found"),
           lambda g, role: dict(room=g.spots["open"].room, thread=ABSENT, held=True, reason="tutkinta")),
    *alone("list_holds", "", lambda role: "holds" if role.administrates or role.moderates else "FORBIDDEN moderators_only",
           lambda g, role: {}),
    *at("set_retention", on_messages(), lambda s: dict(room=s.room, days=3650)),
    *at("set_retention", on_messages(), lambda s: dict(room=s.room)),
    *alone("export_records", "not begun", moderators_of_open("INVALID export_not_begun"),
           lambda g, role: dict(room=g.spots["open"].room, next_place=1, next_since=1)),
]


ROWS = [
    *alone("hello", "again", "INVALID hello_twice", lambda g, role: dict(protocol_min=1, protocol_max=1, token="x")),
    *alone("list_forums", "", "forums", lambda g, role: {}),
    *alone("list_rooms", "all", "rooms", lambda g, role: {}),
    *[row for slug in ("strategia", "poliittinen-johtaminen", "ammatillinen-johtaminen") for row in
      alone("list_rooms", slug, forum_state(slug), lambda g, role, s=slug: dict(forum=g.forums[s]))
      + alone("list_rooms", slug + " by slug", forum_state(slug), lambda g, role, s=slug: dict(forum_slug=s))],
    *alone("list_rooms", "absent", forum_state("ei-ole"), lambda g, role: dict(forum=ABSENT)),
    *alone("list_rooms", "absent by slug", forum_state("ei-ole"), lambda g, role: dict(forum_slug="ei-ole")),
    *at("list_rooms", reading("rooms"), lambda s: dict(after=s.room)),
    *at("list_threads", reading("threads"), lambda s: dict(room=s.room)),
    *at("read_history", reading("history"), lambda s: dict(room=s.room, thread=s.thread)),
    *alone("read_history", "absent thread", "NOT_FOUND thread_not_found", lambda g, role: dict(room=g.spots["open"].room,
                                                                                              thread=ABSENT)),
    *alone("read_inbox", "", "inbox", lambda g, role: {}),
    *alone("read_members", "present and absent", "members", lambda g, role: dict(members=[g.members["home"], ABSENT])),
    *at("subscribe", lambda role, place: "done" if role.reads(place) else "NOT_FOUND channel_not_found",
        lambda s: dict(cursors=[pb.Subscribe.Cursor(channel=f"room:{s.room}")])),
    *alone("subscribe", "directory", "NOT_FOUND channel_not_found",
           lambda g, role: dict(cursors=[pb.Subscribe.Cursor(channel="directory")])),
    *alone("subscribe", "somebody else's member channel", "NOT_FOUND channel_not_found",
           lambda g, role: dict(cursors=[pb.Subscribe.Cursor(channel=f"member:{g.members['home']}")])),
    *[row for slug in ("strategia", "ammatillinen-johtaminen") for row in alone(
        "subscribe", f"moderation of {slug}",
        lambda role, s=slug: "done" if s in role.moderates else "NOT_FOUND channel_not_found",
        lambda g, role, s=slug: dict(cursors=[pb.Subscribe.Cursor(channel=f"moderation:{g.forums[s]}")]))],
    *at("unsubscribe", lambda role, place: "done", lambda s: dict(channels=[f"room:{s.room}"])),
    *at("typing", lambda role, place: writing(role, place).replace("committed", "done"), lambda s: dict(room=s.room, thread=s.thread)),
    *at("start_thread", adding("room_archived"), lambda s: dict(room=s.room, title="Otsikko", text="teksti")),
    *at("post_message", adding("room_archived", "thread_locked"), lambda s: dict(room=s.room, thread=s.thread, text="teksti")),
    *at("edit_message", of_another, lambda s: dict(room=s.room, message=s.message, text="teksti")),
    *at("delete_message", of_another, lambda s: dict(room=s.room, message=s.message)),
    *alone("edit_message", "one's own", "committed", lambda g, role: dict(room=g.spots["open"].room, message=g.own[role.handle][0],
                                                                         text=f"muutos {g.number()}")),
    *alone("delete_message", "one's own", "committed", lambda g, role: dict(room=g.spots["open"].room,
                                                                           message=g.own[role.handle].pop())),
    *at("react", adding("room_archived", "thread_locked"), lambda s: dict(room=s.room, message=s.message, emoji="👍")),
    *THREADS,
    *at("mark_read", reading("committed"), lambda s: dict(room=s.room, thread=s.thread, to=s.thread)),
    *at("save_draft", writing, lambda s: dict(room=s.room, thread=s.thread, text="kesken")),
    *at("set_watch", reading("committed"), lambda s: dict(room=s.room, thread=s.thread, level=1)),
    *at("mark_inbox_seen", lambda role, place: "NOT_FOUND inbox_entry_not_found", lambda s: dict(room=s.room, message=s.message)),
    *alone("mark_inbox_seen", "mentioned", "committed", lambda g, role: dict(room=g.spots["open"].room,
                                                                            message=g.mentioned[role.handle])),
    *alone("list_sessions", "", "sessions", lambda g, role: {}),
    *alone("list_terms", "", "terms", lambda g, role: {}),
    *alone("list_municipalities", "", "municipalities", lambda g, role: {}),
    *alone("read_account", "", "account", lambda g, role: {}),
    *alone("read_audit", "present", administrators("audit_page"), lambda g, role: dict(partition=0)),
    *alone("read_audit", "absent", administrators("NOT_FOUND partition_not_found"), lambda g, role: dict(partition=9999)),
    *alone("export_own", "", "own_entities", lambda g, role: {}),
    *alone("list_members", "", administrators("member_records", "member_records"), lambda g, role: {}),
    *alone("list_members", "of elsewhere", administrators("member_records", "member_records"),
           lambda g, role: dict(municipality=ELSEWHERE)),
    *alone("list_invitations", "", administrators("invitations", "invitations"), lambda g, role: {}),
    *alone("revoke_sessions", "others", "committed", lambda g, role: dict(others=True)),
    *alone("revoke_sessions", "somebody else's", "NOT_FOUND session_not_found", lambda g, role: dict(sessions=[g.foreign_session])),
    *alone("revoke_sessions", "absent", "NOT_FOUND session_not_found", lambda g, role: dict(sessions=["0" * 16])),
    *alone("end_sessions", "present", administrators(), lambda g, role: dict(member=g.members["home"])),
    *alone("end_sessions", "absent", administrators("NOT_FOUND member_not_found"), lambda g, role: dict(member=ABSENT)),
    *alone("invite", "councillor of home", administrators(contact="committed"), invite("councillor", municipality=HOME)),
    *alone("invite", "councillor of elsewhere", administrators(contact="FORBIDDEN beyond_contact"),
           invite("councillor", municipality=ELSEWHERE)),
    *alone("invite", "expert of home", administrators(contact="FORBIDDEN beyond_contact"), invite("expert", municipality=HOME)),
    *alone("invite", "administrator", administrators(contact="FORBIDDEN beyond_contact"),
           invite("administrator", municipality=HOME)),
    *alone("issue_reset", "present", administrators(), lambda g, role: dict(invitation=auth.token_hash(auth.new_token()),
                                                                           member=g.members["home"])),
    *alone("issue_reset", "absent", administrators("NOT_FOUND member_not_found"),
           lambda g, role: dict(invitation=auth.token_hash(auth.new_token()), member=ABSENT)),
    *alone("withdraw_invitation", "of an administrator",
           lambda role: "committed" if role.administrates else "NOT_FOUND invitation_not_found",
           lambda g, role: dict(invitation=g.invitations.pop() if role.administrates else g.invitations[0])),
    *alone("withdraw_invitation", "absent", "NOT_FOUND invitation_not_found", lambda g, role: dict(invitation="0" * 16)),
    *alone("set_standing", "councillor of home", administrators(contact="committed"), standing_of("home", HOME)),
    *alone("set_standing", "councillor of elsewhere", administrators(contact="FORBIDDEN beyond_contact"),
           standing_of("elsewhere", ELSEWHERE)),
    *alone("set_standing", "oneself made administrator", lambda role: "committed" if role.administrates else
           "FORBIDDEN own_standing" if role.contact_for else "FORBIDDEN administrators_only",
           lambda g, role: dict(member=g.members[role.handle], standing=auth.standing("administrator"))),
    *alone("set_standing", "absent", administrators("NOT_FOUND member_not_found", "NOT_FOUND member_not_found"),
           lambda g, role: dict(member=ABSENT, standing=auth.standing("councillor", municipality=HOME))),
    *alone("put_term", "present", administrators(), lambda g, role: dict(term=g.term, name="Kausi 2001-2004", first_day="2001-01-01",
                                                                        last_day="2004-12-31")),
    *alone("put_term", "absent", administrators("NOT_FOUND term_not_found"),
           lambda g, role: dict(term=ABSENT, name="Kausi", first_day="2001-01-01", last_day="2004-12-31")),
    *set_audiences(),
    *PLACES_THEMSELVES,
    # With days of grace: what is noted here is called off by the next rows before anything comes of it.
    *alone("erase_member", "present", administrators(), lambda g, role: dict(member=g.members["home"], content=2)),
    *alone("erase_member", "to be erased already", administrators(), lambda g, role: dict(member=g.members["home"])),
    *alone("erase_member", "oneself", "FORBIDDEN own_erasure", lambda g, role: dict(member=g.members[role.handle])),
    *alone("erase_member", "absent", administrators("NOT_FOUND member_not_found"), lambda g, role: dict(member=ABSENT)),
    *alone("keep_member", "to be erased", administrators(), lambda g, role: dict(member=g.members["home"])),
    *alone("keep_member", "oneself, not to be erased", "committed", lambda g, role: dict(member=g.members[role.handle])),
    *alone("keep_member", "absent", administrators("NOT_FOUND member_not_found"), lambda g, role: dict(member=ABSENT)),
    *at("read_earlier_texts", on_messages("earlier_texts"), lambda s: dict(room=s.room, message=s.message)),
    *at("restore_message", on_messages(), lambda s: dict(room=s.room, message=s.message)),
    *at("remove_message", on_messages(), lambda s: dict(room=s.room, message=s.removed, reason="asiatonta")),
    *at("purge_message", on_messages(), lambda s: dict(room=s.room, message=s.removed, reason="lainvastaista")),
    *[row for command in ("remove_message", "restore_message", "purge_message", "read_earlier_texts") for row in alone(
        command, "absent message", lambda role: on_messages("NOT_FOUND message_not_found")(role, PLACES["open"]),
        lambda g, role, c=command: dict(room=g.spots["open"].room, message=ABSENT,
                                        reason="asiatonta" if c.startswith(("remove", "purge")) else None))],
    *SANCTIONS,
    *FILTERS,
    *REPORTS,
    *MOVES,
    *RECORDS,
]

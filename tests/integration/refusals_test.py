"""Every reason of docs/protocol.md §6 that can be provoked has a row: here, in bad_input_test.py or in a test of limits."""

import asyncio
import contextlib
import dataclasses
import os
import re
import unittest

import bad_input_test
import calls_test
import membership_refusals_test
from support import demo
from support.cases import BAD, MODERATOR, OTHER_COUNCILLOR, ROOM, SMALL, SUBSCRIPTIONS, TEXT_BYTES, TITLE, UNLIMITED, World, post, request
from support.processes import redis_standing_still
from support.raw import raw_request
from support.redis import Redis
from support.rows import Row, RowCase
from support.server import write_config
from support.wire import Client, change, entities, new_change_id, now_ms, pb

DAY_MS = 24 * 3600 * 1000


@dataclasses.dataclass
class Place(World):
    """And messages and threads in certain states."""
    read_only: int = 0  # a room in which the sender may only read
    deleted: int = 0
    edited: int = 0     # as often as it may be
    reacted: int = 0    # with as many different emoji as there may be
    slow: int = 0       # a thread with slow mode in which the sender has just posted
    of_experts: int = 0  # a thread in which experts post


def edit(world, message):
    return request(True, edit_message=pb.EditMessage(room=world.room, message=message, text="uusi"))


def on_thread(world, kind, **values):
    return kind(room=world.room, thread=world.thread, **values)


def subscribe(*channels):
    return request(subscribe=pb.Subscribe(cursors=[pb.Subscribe.Cursor(channel=channel) for channel in channels]))


def malformed_often(raw):
    for n in range(1, BAD + 1):
        raw.send_frame(raw_request(b"\xff\xff", n))


ROWS = [
    Row("text over the limit", lambda w: request(True, post_message=post(w, text="a" * (TEXT_BYTES + 1))), "INVALID", "text_too_long",
        "text"),
    Row("title over the limit", lambda w: request(True, start_thread=pb.StartThread(room=w.room, title="a" * (TITLE + 1), text="a")),
        "INVALID", "text_too_long", "title"),
    Row("title for the draft of a reply", lambda w: request(True, save_draft=pb.SaveDraft(room=w.room, thread=w.thread, text="a",
        title="b")), "INVALID", "title_not_allowed", "title"),
    Row("emoji over the limit", lambda w: request(True, react=pb.React(room=w.room, message=w.thread, emoji="👍" * 20)), "INVALID",
        "emoji_too_long", "emoji"),
    Row("made at no time", lambda w: change(id=7, made_at_ms=0, post_message=post(w)), "INVALID", "made_at_missing", "made_at_ms"),
    Row("made before 1970", lambda w: change(id=7, made_at_ms=-1, post_message=post(w)), "INVALID", "made_at_negative", "made_at_ms"),
    Row("made two days ago", lambda w: change(id=7, made_at_ms=now_ms() - 2 * DAY_MS, post_message=post(w)), "EXPIRED",
        "change_expired", "made_at_ms"),
    Row("post where one may only read", lambda w: request(True, start_thread=pb.StartThread(room=w.read_only, title="a", text="b")),
        "FORBIDDEN", "may_not_write", "room"),
    Row("typing where one may only read", lambda w: request(typing=pb.Typing(room=w.read_only)), "FORBIDDEN", "may_not_write", "room"),
    Row("edit of a deleted message", lambda w: edit(w, w.deleted), "FORBIDDEN", "message_deleted", "message"),
    Row("reaction to a deleted message", lambda w: request(True, react=pb.React(room=w.room, message=w.deleted, emoji="👍")),
        "FORBIDDEN", "message_deleted", "message"),
    Row("reply to a deleted message", lambda w: request(True, post_message=post(w, reply_to=w.deleted)), "FORBIDDEN",
        "reply_to_deleted", "reply_to"),
    Row("one edit too many", lambda w: edit(w, w.edited), "LIMITED", "too_many_edits", "message"),
    Row("one emoji too many", lambda w: request(True, react=pb.React(room=w.room, message=w.reacted, emoji="💡")), "LIMITED",
        "too_many_reactions", "emoji"),
    Row("post before slow mode's time", lambda w: request(True, post_message=post(w, thread=w.slow)), "LIMITED", "slow_mode", "thread"),
    Row("post in a thread for others", lambda w: request(True, post_message=post(w, thread=w.of_experts)), "FORBIDDEN",
        "may_not_post_in_thread", "thread"),
    Row("lock by one who does not moderate", lambda w: request(True, lock_thread=on_thread(w, pb.LockThread, locked=True, reason="a")),
        "FORBIDDEN", "moderators_only", "room"),
    Row("pin that has ended already", lambda w: request(True, pin_thread=on_thread(w, pb.PinThread, until_ms=now_ms() - DAY_MS)),
        "INVALID", "pin_in_past", "until_ms"),
    Row("slow mode of weeks", lambda w: request(True, restrict_thread=on_thread(w, pb.RestrictThread, slow_mode_s=10**7)), "INVALID",
        "slow_mode_too_long", "slow_mode_s"),
    Row("state that there is not", lambda w: request(True, set_thread_state=on_thread(w, pb.SetThreadState, state=99)), "INVALID",
        "state_unknown", "state"),
    Row("many tags", lambda w: request(True, tag_thread=on_thread(w, pb.TagThread, tags=[f"aihe {n}" for n in range(6)])), "LIMITED",
        "too_many_tags", "tags"),
    Row("one mention too many", lambda w: request(True, post_message=post(w, text="@mats.sjoholm @tuula.vainio @elle.aikio")),
        "LIMITED", "too_many_mentions", "text"),
    Row("one subscription too many", lambda w: subscribe(*(f"room:{10**9 + n}" for n in range(SUBSCRIPTIONS + 1))), "LIMITED",
        "too_many_subscriptions", "cursors"),
    Row("page over the limit", lambda w: request(list_threads=pb.ListThreads(room=w.room, limit=1000)), "LIMITED", "page_too_large",
        "limit"),
    Row("malformed requests again and again", lambda w: malformed_often, "LIMITED", "too_many_bad_requests", close=1008),
    Row("removal by who is no moderator", lambda w: request(True, remove_message=pb.RemoveMessage(room=w.room, message=w.reacted,
        reason="asiatonta")), "FORBIDDEN", "moderators_only", "room"),
    Row("removal without a reason", lambda w: request(True, remove_message=pb.RemoveMessage(room=w.room, message=w.reacted)), "INVALID",
        "text_empty", "reason"),
    Row("reason over the limit", lambda w: request(True, remove_message=pb.RemoveMessage(room=w.room, message=w.reacted,
        reason="a" * 1001)), "INVALID", "text_too_long", "reason"),
    Row("split of no messages", lambda w: request(True, split_thread=on_thread(w, pb.SplitThread, title="a")), "INVALID",
        "messages_missing", "messages"),
    Row("split of the first message", lambda w: request(True, split_thread=on_thread(w, pb.SplitThread, title="a", messages=[w.thread])),
        "INVALID", "first_message", "messages"),
    Row("split of more than goes at once", lambda w: request(True, split_thread=on_thread(w, pb.SplitThread, title="a",
        messages=range(w.thread + 1, w.thread + 5))), "LIMITED", "too_many_messages", "messages"),
    Row("move to where it is", lambda w: request(True, move_thread=on_thread(w, pb.MoveThread, to_room=w.room)), "INVALID",
        "same_room", "to_room"),
    Row("merge with itself", lambda w: request(True, merge_threads=on_thread(w, pb.MergeThreads, into=w.thread)), "INVALID",
        "same_thread", "into"),
    Row("look for nothing", lambda w: request(locate=pb.Locate(room=w.room)), "INVALID", "thread_or_message", "thread"),
    Row("subscription to what is not there", lambda w: subscribe("room:999999"), "NOT_FOUND", "channel_not_found", "channel",
        answer=lambda t, row, raw: t.synced_error(row, raw)),
]

# What another node, or another version, has done without this one hearing of it yet. `raw.redis` is put there by the test.
FROM_ELSEWHERE = [
    Row("thread that was locked", lambda w: meanwhile(w, f"thread:{w.thread}", entities.Entity(thread={"title": "a", "locked": True})),
        "FORBIDDEN", "thread_locked", "thread"),
    Row("room that was archived", lambda w: meanwhile(w, "room", entities.Entity(room={"title": "a", "archived": True, "as_of": 10**9})), "FORBIDDEN",
        "room_archived", "room"),
    Row("changes that the server has missed", lambda w: miss_changes(w), "UNAVAILABLE", "changes_missed", close=1013),
    Row("entity that cannot be read", lambda w: meanwhile(w, "room", b"\x62\xff"), "INTERNAL", "internal"),
]


def miss_changes(world):
    def send(raw):
        raw.send(subscribe(f"room:{world.room}"))
        assert raw.response(7).HasField("done")
        raw.redis.skip_feed_entry(f"room:{world.room}")

    return send


def meanwhile(world, key, entity):
    def send(raw):
        raw.redis.put_entity(f"room:{world.room}", key, entity if isinstance(entity, bytes) else entity.SerializeToString())
        raw.send(request(True, post_message=post(world)))

    return send


# With Redis standing still: `raw.stand_still()` does it until the row is checked.
PENDING = 16
STANDING_STILL = [
    Row("history", lambda w: while_still(request(read_history=pb.ReadHistory(room=w.room, thread=w.thread))), "UNAVAILABLE",
        "store_unavailable"),
    Row("change that must be looked up first", lambda w: while_still(request(True, save_draft=pb.SaveDraft(
        room=w.room, thread=w.thread, text="kesken"))), "UNAVAILABLE", "store_unavailable"),
    Row("change that was sent", lambda w: while_still(request(w.change_id, post_message=post(w, text="onko se siellä?"))),
        "OUTCOME_UNKNOWN", "outcome_unknown", answer=lambda t, row, raw: t.learns_the_truth(row, raw)),
    Row("more changes than may wait", lambda w: while_still(*[change(id=n, post_message=post(w)) for n in range(1, PENDING + 2)]),
        "UNAVAILABLE", "overloaded", request_id=PENDING + 1, answer=lambda t, row, raw: t.the_others_are_done(row, raw)),
    Row("subscription that is taken back meanwhile", lambda w: while_still(subscribe(f"room:{w.room}"), pb.Request(
        id=8, unsubscribe=pb.Unsubscribe(channels=[f"room:{w.room}"]))), "UNAVAILABLE", "superseded", "channel",
        answer=lambda t, row, raw: t.synced_error(row, raw)),
]


def while_still(*requests):
    def send(raw):
        raw.stand_still()
        raw.sent = requests
        for message in requests:
            raw.send(message)

    return send


# With one try for each decision.
CONTENDED = [
    Row("change that somebody else is always faster than", lambda w: meanwhile(w, f"thread:{w.thread}",
        entities.Entity(thread={"title": "toisen"})), "UNAVAILABLE", "contended"),
]

# Where a reason is provoked by a test of its own.
ELSEWHERE = {
    "too_many_reaction_members": "content_limits_test.py", "too_many_pinned": "content_limits_test.py",
    "method_not_allowed": "calls_test.py", "http_malformed": "calls_test.py", "code_invalid": "calls_test.py",
    "sign_in_busy": "calls_test.py", "too_many_connections": "calls_test.py", "cookie_malformed": "browser_test.py",
    "password_too_short": "sign_in_test.py", "password_too_long": "sign_in_test.py", "password_common": "sign_in_test.py",
    "second_factor_done": "sign_in_test.py", "second_factor_required": "sign_in_test.py", "seed_invalid": "tokens_test.py",
    "sign_in_limited": "tokens_test.py", "too_many_own_connections": "limits_test.py",
    "replicas_missing": "replicas_test.py",
    **{reason: "filters_test.py" for reason in (
        "filter_unknown", "pattern_empty", "domain_invalid", "filter_not_found", "held_not_found", "text_filtered", "would_be_held",
        "author_may_not_write", "too_many_filters", "too_many_held", "new_member_limit", "too_many_links")},
    "muted": "sanctions_test.py", "member_suspended": "sanctions_test.py", "member_banned": "sanctions_test.py",
    **{reason: "reports_test.py" for reason in (
        "target_missing", "category_unknown", "not_a_moderator", "author_not_told", "report_not_found", "report_of_oneself", "own_report",
        "own_removal", "report_closed", "already_reported", "already_appealed", "too_many_open_reports", "too_many_reports",
        "too_many_reporters", "too_many_notes")},
    "appeal_too_late": "../unit/forum/report_rules_test.cpp",
    "message_purged": "removal_test.py", "message_not_removed": "removal_test.py", "earlier_text_gone": "removal_test.py",
    "own_message": "../unit/forum/removal_rules_test.cpp",
    "place_held": "holds_test.py", "too_many_holds": "holds_test.py", "retention_too_long": "holds_test.py",
    "export_not_begun": "records_test.py", "secrecy_by_moderators": "records_test.py",
    "moved": "moves_test.py", "thread_moving": "moves_test.py",
}
# Of files of invitations, which clients read before they invite.
FILES = re.compile("csv_.*|import_.*")
NOT_PROVOKED = {
    "stopping": "the connections are ended before the stores stop",
    "own_held": "of one who became a moderator since: unit/forum has it",
    "password_not_text": "JSON that is not UTF-8 is refused as such",
}


class RefusalCase(RowCase):
    def synced_error(self, row, raw):
        item = raw.next_item()
        while not item.HasField("synced"):
            item = raw.next_item()
        error = item.synced.error
        self.assertEqual((pb.Error.Code.Name(error.code), error.reason, error.field), ("CODE_" + row.code, row.reason, row.field))

    def place(self):
        world = self.world()

        async def build():
            async with Client(self.server.url, self.token) as aino:
                read_only = (await aino.room("tutkimuksesta-poimittua")).id
                deleted, edited, reacted = [await aino.post(world.room, world.thread, text) for text in ("poistuu", "muuttuu", "pysyy")]
                await aino.change(delete_message=pb.DeleteMessage(room=world.room, message=deleted))
                await aino.change(edit_message=pb.EditMessage(room=world.room, message=edited, text="muuttui"))
                for emoji in ("👍", "👏"):
                    await aino.change(react=pb.React(room=world.room, message=reacted, emoji=emoji))
                slow, of_experts = await aino.start_thread(world.room), await aino.start_thread(world.room)
                async with Client(self.server.url, self.server.token(MODERATOR)) as marja:
                    await marja.change(restrict_thread=pb.RestrictThread(room=world.room, thread=slow, slow_mode_s=3600))
                    await marja.change(restrict_thread=pb.RestrictThread(room=world.room, thread=of_experts,
                                                                         write=[entities.ROLE_EXPERT]))
                await aino.post(world.room, slow, "ensimmäinen")
                return Place(**dataclasses.asdict(world), read_only=read_only, deleted=deleted, edited=edited, reacted=reacted, slow=slow,
                             of_experts=of_experts)

        return asyncio.run(build())


class Refusals(RefusalCase):
    OPTIONS = {**SMALL, "content.edits": 1, "content.moved_messages": 3}

    def test_EveryRowOfTheTable(self):
        self.check_rows(ROWS, self.place())

    def test_EveryRowOfWhatComesFromElsewhere(self):
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        self.prepare = lambda raw: setattr(raw, "redis", redis)
        for row in FROM_ELSEWHERE:
            world = self.world()
            channel = f"room:{world.room}"
            before = redis.entity(channel, "room")
            self.check_rows([row], world)
            redis.put_entity(channel, "room", before)


class RefusalsOfTheStore(RefusalCase):
    NARROW = {**SMALL, "store.change_deadline_ms": 1000, "store.read_deadline_ms": 1000, "store.pending": PENDING, "store.tries": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write_config(cls.server.home, cls.NARROW)
        cls.server.restart()

    def learns_the_truth(self, row, raw):
        """The same request again, once Redis answers."""
        self.typed_errors(row, raw)
        raw.go_on()
        raw.send(*raw.sent)
        self.assertTrue(raw.response(row.request_id).HasField("committed"))

    def the_others_are_done(self, row, raw):
        self.typed_errors(row, raw)
        raw.go_on()
        for n in range(1, PENDING + 1):
            self.assertTrue(raw.response(n).HasField("committed"))

    def test_EveryRowOfRedisStandingStill(self):
        for row in STANDING_STILL:
            world = self.world()
            world.change_id = new_change_id()
            with contextlib.ExitStack() as still:
                def prepare(raw):
                    raw.stand_still = lambda: still.enter_context(redis_standing_still(self.server.data))
                    raw.go_on = still.close

                self.prepare = prepare
                self.check_rows([row], world)

    def test_EveryRowOfContention(self):
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        self.prepare = lambda raw: setattr(raw, "redis", redis)
        self.check_rows(CONTENDED, self.world())


class Completeness(unittest.TestCase):
    def reasons(self):
        with open(os.path.join(demo.ROOT, "docs", "protocol.md"), encoding="utf-8") as file:
            section = file.read().split("## 6. ", 1)[1].split("\n## ", 1)[0]
        rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
        return {reason for cells in rows for reason in re.findall(r"`([a-z0-9_]+)`", cells[2])}

    def test_EveryReasonOfThePageHasARowOrATestOrSaysWhyNot(self):
        membership = [row for name, rows in vars(membership_refusals_test).items() if isinstance(rows, list) for row in rows]
        tables = [*bad_input_test.ROWS, *ROWS, *FROM_ELSEWHERE, *STANDING_STILL, *CONTENDED, *membership, *calls_test.ROWS]
        provoked = {row.reason for row in tables if row.reason}
        for reason, name in ELSEWHERE.items():
            with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
                self.assertIn(f'"{reason}"', file.read())
        asked_for = {reason for reason in self.reasons() if not FILES.fullmatch(reason)}
        self.assertEqual(provoked | set(ELSEWHERE) | set(NOT_PROVOKED), asked_for)
        self.assertFalse((provoked | set(ELSEWHERE)) & set(NOT_PROVOKED), "what is provoked needs no excuse")


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Messages that are marked as secret, and exports: of whom, how they are recorded, that they are as of one version, and that what is
written is what a moderator may read, harmless and whole."""

import asyncio
import hashlib
import json
import os
import secrets
import shutil
import stat
import subprocess
import unittest

from audit_test import records_of
from support.cases import COUNCILLOR, MODERATOR, OTHER_COUNCILLOR, ROOM, ConfiguredCase
from support.members import ADMINISTRATOR
from support.moderation import REASON, Moderation
from support.server import FOORUMI, temporary_directory
from support.wire import Refused, entities, new_change_id, pb

GROUND = "24 § 1 mom. 25 kohta"
HOSTILE = "<script>alert(1)</script> \u202e&\"' </pre></article>"


class Case(ConfiguredCase):
    OPTIONS = {"reading.sync_entities": 7}  # many pages

    async def asyncSetUp(self):
        self.pekka, self.aino, self.marja = [await self.connected(h) for h in (OTHER_COUNCILLOR, COUNCILLOR, MODERATOR)]
        found = await self.marja.room(ROOM)
        self.room, self.forum = found.id, found.forum
        self.channel = f"room:{self.room}"
        self.thread = await self.aino.start_thread(self.room)
        await self.aino.subscribe(self.channel)
        self.text = "Hakijan terveydestä " + secrets.token_hex(4)
        self.message = await self.pekka.post(self.room, self.thread, self.text)

    def mark(self, client, message, marked=True, ground=GROUND, change_id=None):
        return client.change(change_id, mark_secrecy=pb.MarkSecrecy(room=self.room, message=message, marked=marked, ground=ground))

    async def records(self, act):
        async with self.client(ADMINISTRATOR) as sanna:
            return [r for r in await records_of(self, sanna) if r.act == act and r.room == self.room]

    async def page(self, client, before=None, **asked):
        if before is not None:
            asked = {**asked, "next_place": before.next_place, "next_since": before.next_since, "epoch": before.epoch}
        return (await client.request(export_records=pb.ExportRecords(room=self.room, **asked))).records_page

    async def export(self, client, between=None, **asked):
        """The entities as of the last page, by key; `between`: awaited before each further page."""
        held, page = {}, None
        while page is None or page.more:
            if page is not None and between is not None:
                await between()
            page = await self.page(client, page, **asked)
            self.assertFalse(page.begin_anew)
            for entity in page.entities:
                if entity.WhichOneof("value"):
                    held[entity.key] = entity
                else:
                    held.pop(entity.key, None)
        return held, page.version


class Marking(Case):
    async def test_IsShownToAllReadersAndChangesNothingElse(self):
        before = (await self.aino.until(lambda: self.aino.entity(self.channel, f"message:{self.message}"), "it arrives")).message
        await self.mark(self.pekka, self.message)
        await self.aino.until(lambda: self.aino.entity(self.channel, f"message:{self.message}").message.HasField("secrecy"), "the mark arrives")
        after = self.aino.entity(self.channel, f"message:{self.message}").message
        self.assertEqual((after.secrecy.ground, after.secrecy.by_moderators), (GROUND, False))
        after.ClearField("secrecy")
        self.assertEqual(after, before)
        self.assertEqual([r for r in await self.records("mark_secrecy") if r.message == self.message], [], "one's own")

    async def test_ByAModeratorIsRecordedOnceAndTellsTheAuthor(self):
        own = f"member:{self.pekka.welcome.self.id}"
        await self.pekka.subscribe(own)
        change_id, before = new_change_id(), len(await self.records("mark_secrecy"))
        first = await self.mark(self.marja, self.message, change_id=change_id)
        again = await self.mark(self.marja, self.message, change_id=change_id)
        self.assertEqual((again.version, again.repeated), (first.version, True))
        record, = (await self.records("mark_secrecy"))[before:]
        self.assertEqual((record.actor, record.forum, record.thread, record.message, record.member),
                         (self.marja.welcome.self.id, self.forum, self.thread, self.message, self.pekka.welcome.self.id))
        self.assertEqual(record.reason_digest, hashlib.sha256(GROUND.encode()).digest())
        key = f"inbox:{self.room}:{self.message}:{first.version}"
        entry = (await self.pekka.until(lambda: self.pekka.entity(own, key), "the author is told")).inbox_entry
        self.assertEqual((entry.kind, entry.reason, entry.author), (entities.InboxEntry.KIND_SECRECY_MARKED, GROUND, 0))
        with self.assertRaises(Refused) as caught:
            await self.mark(self.pekka, self.message, marked=False)
        self.assertEqual(caught.exception.error.reason, "secrecy_by_moderators")
        with self.assertRaises(Refused) as caught:
            await self.mark(self.aino, self.message)
        self.assertEqual(caught.exception.error.reason, "moderators_only")
        await self.mark(self.marja, self.message, marked=False, ground="")
        self.assertEqual(len(await self.records("lift_secrecy")), 1)


class Exporting(Case):
    async def test_IsRecordedBeforeItsFirstPageAndNothingElseIsAnswered(self):
        count = len(await self.records("export_records"))
        first = await self.page(self.marja, thread=self.thread, public_copy=True)
        record = (await self.records("export_records"))[-1]
        self.assertEqual((record.actor, record.forum, record.room, record.thread, record.public_copy),
                         (self.marja.welcome.self.id, self.forum, self.room, self.thread, True))
        self.assertTrue(first.more)
        await self.page(self.marja, first, thread=self.thread, public_copy=True)
        self.assertEqual(len(await self.records("export_records")), count + 1, "one for all pages")
        # What the log does not know of is not gone on with: another thread, whole texts, another member, a number made up.
        for how in (dict(thread=self.thread), dict(public_copy=True), dict(thread=self.thread + 1, public_copy=True)):
            with self.assertRaises(Refused) as caught:
                await self.page(self.marja, first, **how)
            self.assertEqual(caught.exception.error.reason, "export_not_begun", how)
        for place, since in ((first.next_place, first.next_since + 1), (first.next_place + 1, first.next_since), (1, 0), (0, 1)):
            made_up = pb.RecordsPage(next_place=place, next_since=since, epoch=first.epoch)
            with self.assertRaises(Refused) as caught:
                await self.page(self.marja, made_up, thread=self.thread, public_copy=True)
            self.assertEqual(caught.exception.error.reason, "export_not_begun")
        async with self.client(MODERATOR) as other:
            with self.assertRaises(Refused) as caught:
                await self.page(other, first, thread=self.thread, public_copy=True)
        self.assertEqual(caught.exception.error.reason, "export_not_begun", "of another connection")
        with self.assertRaises(Refused) as caught:
            await self.page(self.aino, first, thread=self.thread, public_copy=True)
        self.assertEqual(caught.exception.error.reason, "moderators_only")

    async def test_IsAsOfOneVersionWhateverChangesMeanwhile(self):
        posted, deleted = [], [await self.pekka.post(self.room, self.thread, f"poistuu {n}") for n in range(20)]
        edited = [await self.pekka.post(self.room, self.thread, f"muuttuu {n}") for n in range(20)]

        async def between():
            if deleted:
                await self.pekka.change(delete_message=pb.DeleteMessage(room=self.room, message=deleted.pop()))
                await self.pekka.change(edit_message=pb.EditMessage(room=self.room, message=edited[len(deleted)], text=f"muuttui {len(deleted)}"))
                posted.append(await self.pekka.post(self.room, self.thread, f"tuli {len(deleted)}"))

        held, version = await self.export(self.marja, between)
        # What a client that follows the room has at that version.
        follower = await self.connected(MODERATOR)
        self.assertGreaterEqual(version, posted[-1])
        now, later = await self.export(follower)
        self.assertEqual(later, version, "nobody has written since")
        self.assertEqual(held, now)
        self.assertTrue(all(f"message:{m}" in held for m in posted))
        kinds = {key.split(":")[0] for key in held}
        self.assertLessEqual(kinds, {"room", "thread", "message", "reactions"})
        self.assertTrue(all(held[f"message:{m}"].message.text.startswith("muuttui") for m in edited[len(deleted):]))

    async def test_OfAThreadHasNoOtherMessageAndLosesWhatIsSplitOffMeanwhile(self):
        other = await self.aino.start_thread(self.room, "Toinen ketju")
        await self.aino.post(self.room, other, "toisaalla")
        leaving = [await self.pekka.post(self.room, self.thread, f"lähtee {n}") for n in range(12)]
        split = []

        async def between():
            if not split:
                split.append(await self.marja.change(split_thread=pb.SplitThread(room=self.room, thread=self.thread, messages=leaving[-1:],
                                                                                title="Erotettu")))
                await self.aino.until(lambda: self.aino.entity(self.channel, f"message:{leaving[-1]}").message.thread != self.thread, "it is split off")

        held, _ = await self.export(self.marja, between, thread=self.thread)
        self.assertTrue(split)
        messages = {key for key in held if key.startswith("message:")}
        self.assertEqual(messages, {f"message:{m}" for m in (self.thread, self.message, *leaving[:-1])})
        self.assertEqual([key for key in held if key.startswith("thread:")], [f"thread:{self.thread}"])

    async def test_PublicCopyHasNoTextThatIsMarked(self):
        await self.mark(self.pekka, self.message)
        begin = len(self.marja.items)
        held, _ = await self.export(self.marja, thread=self.thread, public_copy=True)
        left = held[f"message:{self.message}"].message
        self.assertEqual((left.text, left.secrecy.ground), ("", GROUND))
        self.assertFalse(any(self.text.encode() in item.SerializeToString() for item in self.marja.items[begin:]))
        held, _ = await self.export(self.marja, thread=self.thread)
        self.assertEqual(held[f"message:{self.message}"].message.text, self.text)

    async def test_HasNoTextThatWasRemoved(self):
        await Moderation(self.marja, self.room).remove(self.message)
        begin = len(self.marja.items)
        held, _ = await self.export(self.marja, thread=self.thread)
        self.assertEqual(held[f"message:{self.message}"].message.reason, REASON)
        self.assertFalse(any(self.text.encode() in item.SerializeToString() for item in self.marja.items[begin:]))


class Terminal(Case):
    def run_mod(self, *words, handle=MODERATOR, server=None):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", server or self.server.url, "--token-file", self.server.token_file(handle),
                               *map(str, words)], capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
                              start_new_session=True)
        return done.returncode, done.stdout, done.stderr

    async def mod(self, *words, **how):
        return await asyncio.to_thread(self.run_mod, *words, **how)

    def directory(self):
        home = temporary_directory()
        self.addCleanup(shutil.rmtree, home, True)
        return os.path.join(home, "vienti")

    @staticmethod
    def read(*path):
        with open(os.path.join(*path), encoding="utf-8") as file:
            return file.read()

    async def test_MarksAndTellsWhoReadsAndPromisesNothing(self):
        status, _, err = await self.mod("mod", "mark", ROOM, self.message, "--ground", GROUND, handle=OTHER_COUNCILLOR)
        self.assertEqual(status, 0, err)
        self.assertIn("Who can read the message: every member of the service", err)
        self.assertIn("the law on public records may apply", err)
        shown = (await self.mod("history", ROOM, self.thread))[1]
        self.assertIn(f"may hold what has to be kept secret by law ({GROUND})", shown)
        self.assertIn("Everybody whom the room is open to can read it", shown)
        self.assertEqual((await self.mod("mod", "unmark", ROOM, self.message, handle=OTHER_COUNCILLOR))[0], 0)
        self.assertNotIn(GROUND, (await self.mod("history", ROOM, self.thread))[1])
        self.assertEqual((await self.mod("mod", "mark", ROOM, self.message, "--ground", "x", handle=COUNCILLOR))[0], 1)

    async def test_ExportIsWholePrivateAndHarmless(self):
        hostile = await self.pekka.post(self.room, self.thread, HOSTILE)
        await self.aino.change(react=pb.React(room=self.room, message=hostile, emoji="👍"))
        await self.mark(self.marja, self.message, ground=HOSTILE)
        out = self.directory()
        status, told, err = await self.mod("mod", "export", ROOM, self.thread, "--out", out)
        self.assertEqual(status, 0, err)
        self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o700)
        names = sorted(os.listdir(out))
        self.assertEqual(names, ["manifest.json", "records.html", "records.jsonl", "records.txt"])
        for name in names:
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(out, name)).st_mode), 0o600)
        manifest = json.loads(self.read(out, "manifest.json"))
        self.assertEqual((manifest["format"], manifest["room"], manifest["thread"], manifest["publicCopy"]),
                         ("foorumi-records-1", str(self.room), str(self.thread), False))
        self.assertEqual((manifest["exportedBy"]["handle"], manifest["counts"]["messages"], manifest["counts"]["marked"]), (MODERATOR, 3, 1))
        for file in manifest["files"]:
            with open(os.path.join(out, file["name"]), "rb") as opened:
                data = opened.read()
            self.assertEqual((len(data), hashlib.sha256(data).hexdigest()), (file["bytes"], file["sha256"]))
        with open(os.path.join(out, "manifest.json"), "rb") as opened:
            self.assertIn(hashlib.sha256(opened.read()).hexdigest(), told)
        lines = [json.loads(line) for line in self.read(out, "records.jsonl").splitlines()]
        self.assertEqual([line["kind"] for line in lines], ["room", *["member"] * (len(lines) - 5), "thread", *["message"] * 3])
        self.assertEqual([line["entity"]["message"]["text"] for line in lines[-3:]], ["Ensimmäinen viesti", self.text, HOSTILE])
        self.assertEqual(lines[-1]["reactions"]["reactions"][0]["emoji"], "👍")
        html, text = self.read(out, "records.html"), self.read(out, "records.txt")
        self.assertNotIn("<script", html)
        self.assertIn("&lt;script&gt;", html)
        for part in (html, text):
            self.assertNotIn("\u202e", part)
            self.assertIn("Nothing was promised to be secret", part)
            self.assertIn("every member of the service", part)
        # There already: nothing is written over.
        self.assertEqual((await self.mod("mod", "export", ROOM, self.thread, "--out", out))[0], 1)
        await self.verify(out)

    async def verify(self, out):
        """Without a server and without a sign-in."""
        status, told, err = await self.mod("mod", "verify-export", out, server="ws://127.0.0.1:1")
        self.assertEqual((status, told.startswith("All 3 files are as they were written")), (0, True), err)
        os.chmod(out, 0o755)
        with open(os.path.join(out, "records.txt"), "a", encoding="utf-8") as file:
            file.write(" ")
        os.remove(os.path.join(out, "records.html"))
        with open(os.path.join(out, "lisä\x1b[2J"), "w", encoding="utf-8"):
            pass
        status, told, err = await self.mod("mod", "verify-export", out)
        self.assertEqual(status, 1)
        self.assertNotIn("\x1b", err)
        self.assertEqual(len(err.splitlines()), 3, err)
        status, told, _ = await self.mod("--json", "mod", "verify-export", out)
        found = json.loads(told)
        self.assertEqual((status, found["whole"]), (1, False))
        self.assertEqual([f["kind"] for f in found["findings"]], ["changed", "missing", "extra"])
        self.assertEqual((await self.mod("mod", "verify-export", os.path.dirname(out)))[0], 1)

    async def test_PublicCopyTellsHowMuchWasLeftOutAndARoomIsExportedWhole(self):
        await self.mark(self.pekka, self.message)
        out = self.directory()
        status, told, err = await self.mod("--json", "mod", "export", ROOM, "--public", "--out", out)
        self.assertEqual(status, 0, err)
        manifest = json.loads(told)["manifest"]
        self.assertEqual(manifest, json.loads(self.read(out, "manifest.json")))
        self.assertGreaterEqual(manifest["counts"]["blanked"], 1)
        self.assertGreater(manifest["counts"]["threads"], 1)
        for name in ("records.jsonl", "records.html", "records.txt"):
            whole = self.read(out, name)
            self.assertNotIn(self.text, whole)
            self.assertIn(GROUND, whole)
        self.assertIn("(left out: marked as secret)", self.read(out, "records.txt"))

    async def test_WhoDoesNotModerateExportsNothing(self):
        out = self.directory()
        status, _, err = await self.mod("mod", "export", ROOM, "--out", out, handle=COUNCILLOR)
        self.assertEqual(status, 1)
        self.assertIn("moderators_only", err)
        self.assertFalse(os.path.exists(out))
        self.assertEqual((await self.mod("mod", "export", ROOM, 987654, "--out", out))[0], 1)
        self.assertFalse(os.path.exists(out))


if __name__ == "__main__":
    unittest.main(verbosity=2)

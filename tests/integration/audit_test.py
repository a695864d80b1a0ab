"""The audit log: every act of an administrator stands in it, as it was done; whoever changes it afterwards is found out.

Its digests are worked out here by docs/protocol.md alone. The last argument: how many times it is tampered with."""

import asyncio
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import unittest

from support import auth, seeds
from support.cases import COUNCILLOR, MODERATOR, UNLIMITED
from support.members import ADMINISTRATOR
from support.nodes import Nodes
from support.redis import Redis
from support.server import FOORUMI, Server, temporary_directory
from support.wire import Client, entities, new_change_id, now_ms, pb

OPTIONS = {**UNLIMITED, **auth.UNHURRIED}
ROLE = entities.Role
TRIES = int(sys.argv.pop()) if len(sys.argv) > 1 and sys.argv[-1].isdigit() else 40


def eight(number):
    return number.to_bytes(8, "big")


def digest_of(page, number, before, record):
    name = page.installation.encode()
    return hashlib.sha256(b"foorumi-audit-1" + eight(len(name)) + name + eight(page.partition) + eight(number)
                          + (before or bytes(32)) + record).digest()


async def pages_of(client, partition, limit=0):
    after, pages = 0, []
    while True:
        page = (await client.request(read_audit=pb.ReadAudit(partition=partition, after=after, limit=limit))).audit_page
        pages.append(page)
        if not page.entries or page.entries[-1].number >= page.count:
            return pages
        after = page.entries[-1].number


async def records_of(case, client, limit=0):
    """All records, and that each partition's chain is whole."""
    records, partition, partitions = [], 0, 1
    while partition < partitions:
        before, number = b"", 0
        for page in await pages_of(client, partition, limit):
            partitions = page.partitions
            for entry in page.entries:
                number += 1
                case.assertEqual(entry.number, number)
                case.assertEqual(entry.digest, digest_of(page, number, before, entry.record))
                before = entry.digest
                records.append(pb.AuditRecord.FromString(entry.record))
        case.assertEqual((page.count, page.head), (number, before))
        partition += 1
    return records


class AuditCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = Server(OPTIONS)
        self.addCleanup(self.server.dispose)
        self.server.start()
        self.admin = await self.connected(ADMINISTRATOR)

    async def connected(self, handle):
        client = await Client(self.server.url, self.server.token(handle)).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def member(self, client, handle):
        return (await client.request(read_members=pb.ReadMembers(handles=[handle]))).members.members[0].id


class Acts(AuditCase):
    async def acts(self):
        """(name, command) of each act of power, and those that are none."""
        member = (await auth.member(self.server, self.admin, "kohde.kohtala")).id
        forums = {f.slug: f.id for f in (await self.admin.request(list_forums=pb.ListForums())).forums.forums}
        hashed = auth.token_hash(auth.new_token())
        return member, forums, hashed, [
            ("invite", dict(invite=pb.Invite(invitation=hashed, **auth.person("uusi.unikko")))),
            ("withdraw_invitation", dict(withdraw_invitation=pb.WithdrawInvitation(invitation=hashed[:16]))),
            ("issue_reset", dict(issue_reset=pb.IssueReset(invitation=auth.token_hash(auth.new_token()), member=member,
                                                           clears_second_factor=True))),
            ("set_standing", dict(set_standing=pb.SetStanding(member=member, standing=auth.standing("councillor", "expert")))),
            ("put_term", dict(put_term=pb.PutTerm(name="Kausi", first_day="2001-01-01", last_day="2004-12-31"))),
            ("set_audience", dict(set_audience=pb.SetAudience(forum=forums["strategia"], audience={"read": [ROLE.ROLE_EXPERT]}))),
            ("end_sessions", dict(end_sessions=pb.EndSessions(member=await self.member(self.admin, MODERATOR)))),
            ("erase_member", dict(erase_member=pb.EraseMember(member=member))),
            ("keep_member", dict(keep_member=pb.KeepMember(member=member))),
        ]

    async def test_EachHasARecordOfWhoDidWhatToWhom(self):
        member, forums, hashed, acts = await self.acts()
        before = await records_of(self, self.admin)
        begin = now_ms()
        for _, command in acts:
            await self.admin.change(**command)
        records = (await records_of(self, self.admin))[len(before):]
        self.assertEqual([record.act for record in records], [name for name, _ in acts])
        told = {record.act: record for record in records}
        for record in records:
            self.assertEqual(record.actor, self.admin.welcome.self.id)
            self.assertTrue(begin - 1000 <= record.at_ms <= now_ms() + 1000)
        for act in ("issue_reset", "set_standing", "erase_member", "keep_member"):
            self.assertEqual(told[act].member, member)
        self.assertEqual(told["invite"].invitation, hashed[:16])
        self.assertEqual(told["withdraw_invitation"].invitation, hashed[:16])
        self.assertTrue(told["issue_reset"].clears_second_factor)
        self.assertEqual([grant.role for grant in told["set_standing"].standing.grants], [ROLE.ROLE_COUNCILLOR, ROLE.ROLE_EXPERT])
        self.assertEqual((told["set_audience"].forum, list(told["set_audience"].audience.read)), (forums["strategia"], [ROLE.ROLE_EXPERT]))
        self.assertEqual((told["put_term"].first_day, told["put_term"].last_day), ("2001-01-01", "2004-12-31"))

    async def test_NamesAndAddressesAreNotInIt(self):
        _, _, _, acts = await self.acts()
        for _, command in acts:
            await self.admin.change(**command)
        redis = Redis(self.server.data)
        self.addCleanup(redis.close)
        kept = b"".join(redis.command("HVALS", redis.command("KEYS", "{p*}:audit")[0]))
        for secret in (b"Uusi Unikko", b"uusi.unikko", b"kunta.example"):
            self.assertNotIn(secret, kept)

    async def test_WhatIsNotDoneLeavesNone(self):
        member, _, hashed, _ = await self.acts()
        before = await records_of(self, self.admin)
        change_id, made = new_change_id(), now_ms()
        invite = dict(invite=pb.Invite(invitation=hashed, **auth.person("uusi.unikko")))
        await self.admin.request(change_id, made, **invite)
        await self.admin.request(change_id, made, **invite)             # repeated
        await self.admin.refused(new_change_id(), **invite)             # there is one
        await self.admin.change(keep_member=pb.KeepMember(member=member))  # nothing to call off
        aino = await self.connected(COUNCILLOR)
        await aino.refused(new_change_id(), end_sessions=pb.EndSessions(member=member))
        await aino.change(revoke_sessions=pb.RevokeSessions(others=True))   # one's own
        self.assertEqual([r.act for r in (await records_of(self, self.admin))[len(before):]], ["invite"])

    async def test_IsReadInPages(self):
        for n in range(5):
            await self.admin.change(put_term=pb.PutTerm(name=f"Kausi {n}", first_day="2001-01-01", last_day="2004-12-31"))
        records = await records_of(self, self.admin)
        self.assertGreaterEqual(len(records), 5)
        self.assertEqual(await records_of(self, self.admin, limit=2), records)

    async def test_OthersMayNotReadIt(self):
        for handle in (COUNCILLOR, MODERATOR):
            client = await self.connected(handle)
            self.assertEqual((await client.refused(read_audit=pb.ReadAudit())).reason, "administrators_only")

    async def test_SurvivesKillsOfTheServer(self):
        for n in range(3):
            await self.admin.change(put_term=pb.PutTerm(name=f"Kausi {n}", first_day="2001-01-01", last_day="2004-12-31"))
            self.server.kill()
            self.server.start()
            self.admin = await self.connected(ADMINISTRATOR)
        self.assertEqual(sum(record.act == "put_term" for record in await records_of(self, self.admin)), 3)


class TwoNodes(unittest.IsolatedAsyncioTestCase):
    async def test_GoOnWithOneChain(self):
        nodes = Nodes(OPTIONS)
        self.addCleanup(nodes.dispose)
        first, second = list(nodes)
        token = first.token(ADMINISTRATOR)
        async with Client(first.url, token) as one, Client(second.url, token) as other:
            before = len(await records_of(self, one))
            await asyncio.gather(*[client.change(put_term=pb.PutTerm(name=f"Kausi {n} {i}", first_day="2001-01-01",
                                                                     last_day="2004-12-31"))
                                   for n in range(8) for i, client in enumerate((one, other))])
            for client in (one, other):
                self.assertEqual(len(await records_of(self, client)), before + 16)


class Terminal(AuditCase):
    def run_audit(self, *words, handle=ADMINISTRATOR):
        done = subprocess.run([FOORUMI, "--lang", "en", "--server", self.server.url, "--token-file", self.server.token_file(handle),
                               *words[:1], "audit", *words[1:]] if words[0].startswith("--") else
                              [FOORUMI, "--lang", "en", "--server", self.server.url, "--token-file", self.server.token_file(handle),
                               "audit", *words], capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    async def audit(self, *words, **how):
        return await asyncio.to_thread(self.run_audit, *words, **how)

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.home = temporary_directory()
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        for n in range(4):
            await self.admin.change(put_term=pb.PutTerm(name=f"Kausi {n}", first_day="2001-01-01", last_day="2004-12-31"))
        await self.admin.change(end_sessions=pb.EndSessions(member=await self.member(self.admin, MODERATOR)))
        self.redis = Redis(self.server.data)
        self.addCleanup(self.redis.close)
        self.key = self.redis.command("KEYS", "{p*}:audit")[0]
        self.count = int(self.redis.command("HGET", self.key, "n"))
        self.kept = self.redis.command("HGETALL", self.key)

    async def test_ListsWhoDidWhat(self):
        status, out, err = await self.audit("list")
        self.assertEqual((status, err), (0, ""))
        lines = out.splitlines()
        self.assertEqual(len(lines), 1 + self.count)
        self.assertRegex(lines[0], r"TIME +ENTRY +BY +ACT +ON")
        self.assertRegex(lines[-1], rf"@{ADMINISTRATOR} +end_sessions +@{MODERATOR}")
        status, out, err = await self.audit("--json", "list")
        told = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((status, told[-1]["record"]["act"], told[-1]["number"]), (0, "end_sessions", str(self.count)))

    async def test_OthersMayNot(self):
        for command in ("list", "verify", "heads"):
            status, out, err = await self.audit(command, handle=COUNCILLOR)
            self.assertEqual((status, out), (1, ""))
            self.assertIn("administrators_only", err)

    async def test_WholeLogIsWholeAlsoAgainstItsHeads(self):
        status, out, err = await self.audit("heads")
        self.assertEqual((status, err, len(out.splitlines())), (0, "", 16))
        heads = os.path.join(self.home, "heads")
        with open(heads, "w", encoding="utf-8") as file:
            file.write(out)
        await self.admin.change(put_term=pb.PutTerm(name="Kausi", first_day="2001-01-01", last_day="2004-12-31"))
        status, out, err = await self.audit("verify", "--heads", heads)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(sum(f"{self.count + 1} entries, whole" in line for line in out.splitlines()), 1)
        for bad in (os.path.join(self.home, "none"), os.path.join(self.home, "bad")):
            if bad.endswith("bad"):
                with open(bad, "w", encoding="utf-8") as file:
                    file.write("no heads\n")
            status, _, err = await self.audit("verify", "--heads", bad)
            self.assertEqual(status, 2)
            self.assertIn("was not written by", err)

    async def test_HeadsThatHaveNoPartitionAndPartitionsThatHaveNoHeadAreFound(self):
        heads = (await self.audit("heads"))[1].splitlines()
        path = os.path.join(self.home, "heads")
        for lines, words in ((heads[1:], "Partition 0: the file has no head of it"),
                             ([*heads, heads[0].split()[0] + " 16 0 -"], "Partition 16: the file has a head of it")):
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            status, _, err = await self.audit("verify", "--heads", path)
            self.assertEqual(status, 1)
            self.assertIn(words, err)

    async def assert_found(self, what, *words):
        status, _, err = await self.audit("verify", *words)
        self.assertEqual(status, 1, what)
        self.assertIn("Partition ", err, what)

    async def restore(self):
        self.redis.command("DEL", self.key)
        self.redis.command("HSET", self.key, *self.kept)

    async def test_TamperingIsFound(self):
        seed = seeds.seed()
        dice = random.Random(seed)
        heads = os.path.join(self.home, "heads")
        with open(heads, "w", encoding="utf-8") as file:
            file.write((await self.audit("heads"))[1])
        for n in range(TRIES):
            how = dice.choice(["change", "drop", "swap", "truncate", "recompute", "head", "count", "all"])
            at = dice.randint(1, self.count)
            words = []
            with self.subTest(how, n=n, at=at, seed=seed):
                entry = self.redis.command("HGET", self.key, at)
                if how == "change":
                    place = dice.randrange(len(entry))
                    self.redis.command("HSET", self.key, at, entry[:place] + bytes([entry[place] ^ 1 << dice.randrange(8)]) + entry[place + 1:])
                elif how == "drop":
                    self.redis.command("HDEL", self.key, at)
                elif how == "swap":
                    other = dice.choice([i for i in range(1, self.count + 1) if i != at])
                    self.redis.command("HSET", self.key, at, self.redis.command("HGET", self.key, other), other, entry)
                elif how == "truncate":  # with count and head set as they were then: only a head that was kept tells
                    before = self.redis.command("HGET", self.key, at - 1)
                    self.redis.command("HDEL", self.key, *range(at, self.count + 1))
                    self.redis.command("HSET", self.key, "n", at - 1, "head", before[:32] if before else b"")
                    words = ["--heads", heads]
                elif how == "recompute":  # by somebody who knows how it is done: the same
                    page = (await pages_of(self.admin, int(self.key.decode()[2:4])))[0]
                    records = [entry.record for entry in page.entries]
                    records[at - 1] += b"\x18\x01"
                    before = b""
                    for number, record in enumerate(records, 1):
                        before = digest_of(page, number, before, record)
                        self.redis.command("HSET", self.key, number, before + record)
                    self.redis.command("HSET", self.key, "head", before)
                    words = ["--heads", heads]
                elif how == "count":
                    self.redis.command("HSET", self.key, "n", dice.choice([at - 1, self.count + at, "many"]))
                elif how == "all":
                    self.redis.command("DEL", self.key)
                    words = ["--heads", heads]
                else:
                    self.redis.command("HSET", self.key, "head", dice.randbytes(32))
                await self.assert_found(how, *words)
            await self.restore()
        self.assertEqual((await self.audit("verify", "--heads", heads))[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Members who are erased: what is left of them for others to see, and that nothing is left in the files."""

import asyncio
import unittest

from support import auth, deadline
from support.auth import sign_in
from support.calls import post
from support.cases import MODERATOR, OTHER_COUNCILLOR
from support.life import Life, erased
from support.members import ADMINISTRATOR, CREDENTIALS_INVALID, OPTIONS
from support.nodes import Nodes
from support.redis import Redis
from support.server import Server
from support.traces import traces
from support.wire import Client, Refused, entities, pb

AT_ONCE = {**OPTIONS, "erasure.grace_days": 0}


class Erasure(unittest.IsolatedAsyncioTestCase):
    def start(self, options=None):
        server = Server(options or AT_ONCE).__enter__()
        self.addCleanup(server.dispose)
        return server

    async def lives(self, server, **who):
        async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
            life = Life(server, **who)
            await life.live(sanna)
            return life

    def stored(self, server):
        redis = Redis(server.data)
        self.addCleanup(redis.close)
        return redis.entity

    async def ask_for_oneself(self, server, life):
        wrong = post(server, "/auth/erase", {"password": auth.new_password(), "current": "000000"}, life.account.token)
        self.assertEqual(wrong.error, ("unauthenticated", "credentials_invalid", "password"))
        without = post(server, "/auth/erase", {"password": life.account.password}, life.account.token)
        self.assertEqual(without.error, ("unauthenticated", "credentials_invalid", "current"))
        asked = post(server, "/auth/erase", {"password": life.account.password, "current": life.account.app.code()}, life.account.token)
        self.assertEqual(asked.status, 200, asked)

    async def assert_gone(self, server, life, demo=None):
        """`demo`: the server with the demo content's tokens, where it is another one."""
        self.assertEqual(sign_in(server, life.handle, life.account.password).error, CREDENTIALS_INVALID)
        self.assertEqual(sign_in(server, life.email, life.account.password).error, CREDENTIALS_INVALID)
        with self.assertRaises(Refused):
            await Client(server.url, life.account.token).connect()
        async with Client(server.url, (demo or server).token(ADMINISTRATOR)) as sanna:
            members = (await sanna.request(read_members=pb.ReadMembers(members=[life.account.id], handles=[life.handle]))).members
            self.assertEqual(list(members.members), [])
            records = (await sanna.request(list_members=pb.ListMembers(limit=100))).member_records.records
            self.assertNotIn(life.account.id, [record.member.id for record in records])
            invitations = (await sanna.request(list_invitations=pb.ListInvitations())).invitations.invitations
            self.assertNotIn(life.account.id, [invitation.resets for invitation in invitations])

    async def sees(self, client, room, message, text):
        """Who follows the room gets it, without a gap."""
        entity = client.mirrors[room].entities
        await client.until(lambda: f"message:{message}" in entity and entity[f"message:{message}"].message.text == text,
                           f"message {message} is told as {text!r}")

    async def history(self, server, life):
        async with Client(server.url, server.token(OTHER_COUNCILLOR)) as pekka:
            thread = (await pekka.summary(life.room, life.thread)).thread.thread
            found = await pekka.history(life.room, life.thread)
            return thread, {int(m.key.split(":")[1]): m.message for m in found.messages}, list(found.reactions)

    async def test_ContentIsKeptWithoutNameAndNothingOfTheRestIsInTheFiles(self):
        server = self.start()
        gone, kept = await self.lives(server), await self.lives(server, name="Kaarna Kallio", handle="kaarnavene",
                                                                email="postia.kaarnalle@kunta.example")
        known, control = (life.known_by(self.stored(server), content=False) for life in (gone, kept))
        async with Client(server.url, server.token(MODERATOR)) as marja, Client(server.url, gone.account.token) as own:
            room = f"room:{gone.room}"
            await marja.subscribe(room)
            await self.ask_for_oneself(server, gone)
            await own.until(lambda: any(n.HasField("sign_in_again") for n in own.of_kind("notice")), "sign_in_again")
            await erased([server], gone.account.id)
            await self.sees(marja, room, gone.answer, f"Kiitos, @#{gone.account.id}! Hyvä avaus.")
        await self.assert_gone(server, gone)
        thread, messages, reactions = await self.history(server, gone)
        nameless = entities.Badge(roles=[entities.ROLE_COUNCILLOR])
        self.assertEqual((thread.title, thread.badge), (f"otsikko-{gone.mark}", nameless))
        self.assertEqual([messages[n].text for n in (gone.thread, gone.message, gone.deleted)],
                         [gone.written["avaus"], gone.written["muutettu"], ""])
        self.assertEqual({messages[n].author for n in (gone.thread, gone.message, gone.deleted)}, {gone.account.id})
        for number in (gone.thread, gone.message, gone.deleted):
            self.assertEqual(messages[number].badge, nameless)
        self.assertEqual(messages[gone.answer].text, f"Kiitos, @#{gone.account.id}! Hyvä avaus.")
        self.assertEqual(list(messages[gone.answer].mentions), [])
        self.assertEqual(len(reactions), 1)
        self.assertEqual(server.interrupt(), 0)
        found = traces(server.data, known + control, ".")
        self.assertEqual({word: found[word] for word in known if word in found}, {})
        self.assertEqual([word for word in control if word not in found], [], "a search that would find nothing")

    async def test_ContentIsRemovedWithTheMember(self):
        server = self.start()
        gone = await self.lives(server)
        known = gone.known_by(self.stored(server), content=True)
        async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
            await sanna.change(erase_member=pb.EraseMember(member=gone.account.id, content=pb.ERASED_CONTENT_REMOVED))
        await erased([server], gone.account.id)
        await self.assert_gone(server, gone)
        thread, messages, reactions = await self.history(server, gone)
        self.assertEqual(thread.title, "")
        for number in (gone.thread, gone.message, gone.deleted):
            self.assertEqual(messages[number].text, "")
            self.assertGreater(messages[number].deleted_ms, 0)
        self.assertEqual(reactions, [])
        self.assertEqual(server.interrupt(), 0)
        self.assertEqual(traces(server.data, known, "."), {})
        server.start()
        # The names are free again.
        again = await self.lives(server)
        self.assertNotEqual(again.account.id, gone.account.id)

    async def test_IsCalledOffWithinTheTimeOfGrace(self):
        server = self.start(OPTIONS)
        gone = await self.lives(server)
        for ask in (0, 1):
            async with Client(server.url, gone.account.token) as own:
                if ask == 0:
                    await self.ask_for_oneself(server, gone)
                else:
                    async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
                        await sanna.change(erase_member=pb.EraseMember(member=gone.account.id))
                account = (await own.request(read_account=pb.ReadAccount())).account
                self.assertAlmostEqual(account.erase_at_ms - own.welcome.now_ms, 14 * 24 * 3600 * 1000, delta=60_000)
                self.assertEqual(account.erased_content, pb.ERASED_CONTENT_KEPT)
                async with Client(server.url, gone.account.token) as later:
                    self.assertEqual(later.welcome.erase_at_ms, account.erase_at_ms, "whoever asked for it")
                await own.change(keep_member=pb.KeepMember(member=gone.account.id))
                self.assertEqual((await own.request(read_account=pb.ReadAccount())).account.erase_at_ms, 0)

    async def test_IsDoneThroughCrashesOfTheServer(self):
        server = self.start()
        gone = await self.lives(server)
        known = gone.known_by(self.stored(server), content=True)
        async with Client(server.url, server.token(ADMINISTRATOR)) as sanna:
            await sanna.change(erase_member=pb.EraseMember(member=gone.account.id, content=pb.ERASED_CONTENT_REMOVED))
        for told in ("member is erased", "channels were gone through"):
            await asyncio.to_thread(deadline.until, lambda: told in server.log(), told)  # noqa: B023
            server.kill()
            server.start()
        await erased([server], gone.account.id)
        await self.assert_gone(server, gone)
        self.assertEqual(server.interrupt(), 0)
        self.assertEqual(traces(server.data, known, "."), {})

    async def test_SecondNodeForgetsToo(self):
        nodes = Nodes(AT_ONCE)
        self.addCleanup(nodes.dispose)
        first, second = nodes
        gone = await self.lives(first)
        redis = Redis(nodes.redis.home)
        self.addCleanup(redis.close)
        known = gone.known_by(redis.entity, content=True)
        async with Client(second.url, gone.account.token) as own, Client(second.url, first.token(MODERATOR)) as marja:
            room = f"room:{gone.room}"
            await marja.subscribe(room)
            async with Client(first.url, first.token(ADMINISTRATOR)) as sanna:
                await sanna.change(erase_member=pb.EraseMember(member=gone.account.id, content=pb.ERASED_CONTENT_REMOVED))
            await own.until(lambda: any(n.HasField("sign_in_again") for n in own.of_kind("notice")), "sign_in_again")
            await self.sees(marja, room, gone.message, "")
            await marja.post(gone.room, gone.thread, "Jatketaan tästä.")
        await erased(nodes, gone.account.id)
        for node in nodes:
            await self.assert_gone(node, gone, first)
            self.assertEqual(node.interrupt(), 0)
        nodes.redis.process.terminate()
        nodes.redis.process.wait()
        self.assertEqual(traces(nodes.redis.home, known, "."), {})


if __name__ == "__main__":
    unittest.main()

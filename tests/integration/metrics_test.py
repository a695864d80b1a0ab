"""What operators are told by GET /metrics: that it can be read, that each value moves with what it is of, and how the listener is bounded."""

import os
import re
import signal
import socket
import unittest

from support import auth, deadline, processes, scrapes
from support.calls import post
from support.cases import COUNCILLOR, OTHER_COUNCILLOR, ROOM, UNLIMITED, ConfiguredCase, RawCase
from support.nodes import RedisServer
from support.raw import RawSocket
from support.redis import Redis
from support.scrapes import Scrape
from support.server import Server
from support.wire import Client, Refused, change, new_change_id, pb

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")


class Values(ConfiguredCase):
    OPTIONS = {**scrapes.ANY_PORT, "server.workers": 2}

    def test_EveryMetricIsReadWithTypeAndHelpAndHasItsRowInTheManual(self):
        scrape = Scrape(self.server)
        self.assertEqual(scrape.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        with open(os.path.join(ROOT, "docs/operations.md"), encoding="utf-8") as file:
            manual = file.read()
        documented = set(re.findall(r"^\| `((?:foorumi|process)_\w+)` \|", manual, re.MULTILINE))
        named = set()
        for family in scrape.families:
            self.assertIn(family.type, ("counter", "gauge", "histogram"), family.name)
            self.assertTrue(family.documentation and family.samples, family.name)
            named.add(family.name + ("_total" if family.type == "counter" else ""))
        self.assertEqual(named, documented)
        samples = {sample.name for family in scrape.families for sample in family.samples}
        self.assertEqual(set(re.findall(r"\b(?:foorumi|process)_\w+", manual)) - named - samples, set(), "alerts are on what there is")

    async def test_NobodyIsNamed(self):
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(ROOM)).id
        await aino.subscribe(f"room:{room}")
        await aino.start_thread(room, "Salainen otsikko", "@pekka.rautio katso")
        text = Scrape(self.server).text
        for word in ("aino", "pekka", "salainen", "room:", "member:", ROOM, "127.0.0.1"):
            self.assertNotIn(word, text.lower())

    async def test_SessionsRequestsAndAcknowledgementsAreCounted(self):
        before = Scrape(self.server)
        aino = await self.connected(COUNCILLOR)
        room = (await aino.room(ROOM)).id
        await aino.subscribe(f"room:{room}")
        thread = await aino.start_thread(room)
        post_it = pb.PostMessage(room=room, thread=thread, text="kerran")
        again = new_change_id()
        await aino.change(again, post_message=post_it)
        self.assertTrue((await aino.change(again, post_message=post_it)).repeated)
        error = await aino.refused(list_threads=pb.ListThreads(room=999999))
        now = Scrape(self.server)

        def moved(name, **labels):
            return now.value(name, **labels) - before.value(name, **labels)

        self.assertEqual(moved("foorumi_sessions"), 1)
        self.assertEqual(moved("foorumi_connections"), 1)
        self.assertEqual(moved("foorumi_sessions_opened_total"), 1)
        self.assertEqual(moved("foorumi_connections_accepted_total"), 1)
        for command, count in {"hello": 1, "subscribe": 1, "start_thread": 1, "post_message": 2, "list_threads": 1, "react": 0}.items():
            self.assertEqual(moved("foorumi_requests_total", command=command), count, command)
        self.assertEqual(moved("foorumi_requests_refused_total", reason=error.reason), 1)
        self.assertEqual(moved("foorumi_changes_acknowledged_total", repeated="no"), 2)
        self.assertEqual(moved("foorumi_changes_acknowledged_total", repeated="yes"), 1)
        self.assertEqual(moved("foorumi_change_acknowledgement_seconds_count"), 3)
        self.assertEqual(moved("foorumi_change_acknowledgement_seconds_bucket", le="+Inf"), 3)
        self.assertGreater(moved("foorumi_change_acknowledgement_seconds_sum"), 0)
        for name in ("received_messages", "received_bytes", "outbox_items", "sent_bytes", "socket_writes"):
            self.assertGreater(moved(f"foorumi_{name}_total"), 0, name)
        self.assertGreaterEqual(moved("foorumi_feed_released_positions"), 2)
        await aino.close()
        ended = scrapes.until(self.server, "foorumi_sessions", before.value("foorumi_sessions"))
        self.assertEqual(ended.value("foorumi_sessions_ended_total", reason="peer_closed")
                         - before.value("foorumi_sessions_ended_total", reason="peer_closed"), 1)

    async def test_SessionThatTheServerEndsIsCountedOnceByItsReason(self):
        before = Scrape(self.server)
        with self.assertRaises(Refused):
            await Client(self.server.url, "no such token").connect()
        now = scrapes.until(self.server, "foorumi_sessions", before.value("foorumi_sessions"))
        for name in ("foorumi_sessions_ended_total", "foorumi_requests_refused_total"):
            self.assertEqual(now.value(name, reason="token_invalid") - before.value(name, reason="token_invalid"), 1, name)
        self.assertEqual(now.sum("foorumi_sessions_ended_total") - before.sum("foorumi_sessions_ended_total"), 1)

    def test_RefusedCallsAndConnectionsAreCountedByReason(self):
        before = Scrape(self.server)
        answer = post(self.server, "/auth/sign-in", {"name": COUNCILLOR, "password": "not the password of anybody"})
        self.assertEqual(answer.error[1], "credentials_invalid")
        self.assertEqual(post(self.server, "/auth/nothing").error[1], "path_not_found")
        now = Scrape(self.server)
        for reason in ("credentials_invalid", "path_not_found"):
            name = "foorumi_calls_refused_total"
            self.assertEqual(now.value(name, reason=reason) - before.value(name, reason=reason), 1, reason)
        name = "foorumi_connections_refused_total"
        self.assertEqual(now.value(name, reason="http_error") - before.value(name, reason="http_error"), 2)

    def test_SignInsAreCountedByWhatTheyWaitFor(self):
        before = Scrape(self.server)
        administrator = auth.administrator(self.server)
        auth.signed_in(self.server, administrator)
        now = Scrape(self.server)
        name = "foorumi_sign_ins_total"
        moved = {outcome: now.value(name, outcome=outcome) - before.value(name, outcome=outcome) for outcome in ("done", "code", "setup")}
        self.assertEqual(moved, {"done": 2, "code": 1, "setup": 1})
        scrapes.until(self.server, "foorumi_password_hashes_pending", 0)

    def test_TheProcessIsTheServers(self):
        pid = self.server.process.pid
        scrape = Scrape(self.server)
        self.assertAlmostEqual(scrape.value("process_open_fds"), len(os.listdir(f"/proc/{pid}/fd")), delta=3)
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        self.assertLess(abs(scrape.value("process_resident_memory_bytes") - resident), 64 * 1024 * 1024)
        self.assertGreater(scrape.value("process_cpu_seconds_total"), 0)
        self.assertEqual(scrape.value("foorumi_workers"), 2)
        self.assertEqual(scrape.value("foorumi_draining"), 0)

    def test_MembersPortAnswersAsForAnyUnknownPath(self):
        self.assertEqual([scrapes.ask(self.server.port, path=path)[::2] for path in ("/metrics", "/no-such-path")],
                         [(404, "nothing is served here\n")] * 2)


class Redises(unittest.IsolatedAsyncioTestCase):
    """What Redis brings about."""

    def server(self, options=None, arguments=()):
        server = Server({**UNLIMITED, **scrapes.ANY_PORT, **(options or {})}, arguments)
        self.addCleanup(server.dispose)
        return server.start()

    async def connected(self, server):
        client = await Client(server.url, server.token(COUNCILLOR)).connect()
        self.addAsyncCleanup(client.close)
        return client

    async def test_PendingRequestsAndLostConnections(self):
        server = self.server({"server.workers": 1})
        aino = await self.connected(server)
        room = (await aino.room(ROOM)).id
        thread = await aino.start_thread(room)
        calm = Scrape(server)
        roles = {"tail": 16, "commands": 4, "ephemerals": 1}
        for role, count in roles.items():
            for name in ("foorumi_redis_connections", "foorumi_redis_connections_up"):
                self.assertEqual(calm.value(name, role=role), count, (name, role))
            self.assertEqual(calm.value("foorumi_redis_connections_lost_total", role=role), 0, role)
        with processes.redis_standing_still(server.data):
            answer, = await aino.send(change(post_message=pb.PostMessage(room=room, thread=thread, text="odottaa")))
            scrapes.until(server, "foorumi_store_pending", lambda pending: pending >= 1)
        await deadline.within(answer, "the change that waited is answered")
        scrapes.until(server, "foorumi_store_pending", 0)
        processes.kill_redis(server.data)
        for role, count in roles.items():
            scrapes.until(server, "foorumi_redis_connections_lost_total", lambda lost, count=count: lost >= count, role=role)
            scrapes.until(server, "foorumi_redis_connections_up", count, role=role)
        self.assertEqual(Scrape(server).sum("foorumi_feed_losses_total"), 0)

    async def test_PartitionThatAFenceHolds(self):
        server = self.server()
        redis = Redis(server.data)
        self.addCleanup(redis.close)
        self.assertEqual(Scrape(server).sum("foorumi_partition_held"), 0)
        position = int(redis.command("HGET", "{p03}:meta", "n") or 0) + 1
        redis.command("HSET", "{p03}:meta", "n", position)
        redis.command("XADD", "{p03}:feed", f"{position}-0", "f", 10**6)  # of a directory that nobody has
        held = scrapes.until(server, "foorumi_partition_held", 1, partition="3")
        self.assertEqual(held.sum("foorumi_partition_held"), 1)

    async def test_TrimmedFeed(self):
        server = self.server()
        redis = Redis(server.data)
        self.addCleanup(redis.close)
        aino = await self.connected(server)
        room = (await aino.room(ROOM)).id
        redis.skip_feed_entry(f"room:{room}")
        scrapes.until(server, "foorumi_feed_gaps_total", 1)

    async def test_RedisThatComesBackWithLess(self):
        redis = RedisServer()
        self.addCleanup(redis.stop)
        server = self.server(arguments=["--redis", redis.url])
        redis.replace("backup", "appendonlydir")
        async with Client(server.url, server.token(COUNCILLOR)) as aino:
            await aino.start_thread((await aino.room(ROOM)).id)
        self.assertEqual(Scrape(server).sum("foorumi_feed_epochs_total"), 0)
        redis.replace("appendonlydir", "backup")
        lost = scrapes.until(server, "foorumi_feed_losses_total", lambda losses: losses >= 1)
        self.assertGreaterEqual(lost.value("foorumi_feed_epochs_total"), lost.value("foorumi_feed_losses_total"))

    async def test_ReadsOnlyWhileAReplicaIsMissing(self):
        primary = RedisServer(tcp=True, repl_diskless_sync_delay="0")
        self.addCleanup(primary.stop)
        replica = RedisServer(tcp=True, replicaof=["127.0.0.1", str(primary.port)])
        self.addCleanup(replica.stop)
        server = self.server({"redis.replicas": 1, "redis.replica_wait_ms": 300}, ["--redis", primary.url])
        aino = await self.connected(server)
        room = (await aino.room(ROOM)).id
        await aino.start_thread(room)
        self.assertEqual(Scrape(server).value("foorumi_partitions_without_replicas"), 0)
        os.kill(replica.process.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, replica.process.pid, signal.SIGCONT)
        waiting, = await aino.send(change(start_thread=pb.StartThread(room=room, title="Odottaa", text="x")))
        missing = scrapes.until(server, "foorumi_partitions_without_replicas", lambda count: count >= 1)
        self.assertEqual(missing.sum("foorumi_partition_replicas_missing"), missing.value("foorumi_partitions_without_replicas"))
        error = await aino.refused(new_change_id(), start_thread=pb.StartThread(room=room, title="Nyt ei", text="x"))
        self.assertEqual(error.reason, "replicas_missing")
        self.assertEqual(Scrape(server).value("foorumi_requests_refused_total", reason="replicas_missing"), 1)
        os.kill(replica.process.pid, signal.SIGCONT)
        await deadline.within(waiting, "the change that waited is answered")
        scrapes.until(server, "foorumi_partitions_without_replicas", 0)


class Listener(RawCase):
    OPTIONS = {**scrapes.ANY_PORT, "metrics.connections": 2, "metrics.timeout_ms": 1500, "metrics.workers_ms": 500}

    def test_OneConnectionMoreThanThereMayBeIsRefusedAndSilentOnesAreEnded(self):
        port = scrapes.port_of(self.server)
        self.answered(200)
        with RawSocket(port) as first, RawSocket(port) as second:
            second.write(b"GET /metrics HT")
            self.answered(503)
            for raw in (first, second):
                self.assertEqual(raw.read_to_end(), b"")
        self.answered(200)
        self.assert_works(self.raw(self.token))

    def answered(self, status, method="GET", path="/metrics"):
        """(headers, body), once there is room for the connection: those before it end when the server has seen that."""
        def answer():
            found, *rest = scrapes.ask(scrapes.port_of(self.server), method, path)
            return rest if found == status else None

        return deadline.until(answer, f"{method} {path} is answered with {status}")

    def test_OtherPathsMethodsAndGarbageAreAnsweredAsSuch(self):
        for method, path, status in (("GET", "/", 404), ("GET", "/healthz", 404), ("POST", "/metrics", 405), ("PUT", "/metrics", 405)):
            self.answered(status, method, path)
        for garbage, status in ((b"\x16\x03\x01\x02\x00\r\n\r\n", b"400"), (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 8192 + b"\r\n\r\n", b"431")):
            self.answered(200)  # there is room
            with RawSocket(scrapes.port_of(self.server)) as raw:
                raw.write(garbage)
                self.assertEqual(raw.read_to_end().split(b" ")[1], status)
        headers, body = self.answered(200, "HEAD")
        self.assertEqual(body, "")
        self.assertGreater(int(headers["content-length"]), 1000)


class Start(unittest.TestCase):
    def server(self, options):
        server = Server(options, demo=False)
        self.addCleanup(server.dispose)
        return server

    def test_ByDefaultThereIsNoListener(self):
        server = self.server({}).start()
        self.assertNotRegex(server.log(), "metrics are served")

    def test_PortThatIsTakenStopsTheStartWithItsName(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            server = self.server({"metrics.listen": where}).launch()
            self.assertEqual(server.process.wait(timeout=deadline.SECONDS), 1)
        self.assertIn(f"cannot listen on {where}", server.log())

    def test_ServerThatDrainsSaysSo(self):
        server = Server({**UNLIMITED, **scrapes.ANY_PORT, "shutdown.drain_ms": 5000})
        self.addCleanup(server.dispose)
        server.start()
        with RawSocket(server.port) as raw:
            raw.open(server.token(OTHER_COUNCILLOR))
            server.process.send_signal(signal.SIGTERM)
            scrapes.until(server, "foorumi_draining", 1)
        self.assertEqual(server.process.wait(timeout=deadline.SECONDS), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

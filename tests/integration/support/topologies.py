"""Redis as larger installations run it: a primary with replicas watched by sentinels, and a cluster. All on loopback, in temporary directories.

Both are contexts, ready on entry, and all that belongs to them is ended on exit:

  url               for foorumid --redis
  processes         name -> Process; "redis-0", ..., "sentinel-0", ...
  primaries()       the Processes that are primaries now, as those that are alive agree
  replicas()        the Processes that are their replicas now
  failover()        an orderly change of a primary. Returns the new one
  await_primary()   until another one has taken the place of a Process that was killed, stopped or cut off
  data_dirs         name -> directory of its files
"""

import itertools
import os
import shutil
import signal
import subprocess

from . import deadline, ports, processes
from .nodes import GOOD
from .resp import RedisError, ask
from .server import temporary_directory

# Of replication, so that a failover takes a second rather than ten.
QUICK = {"repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1", "repl-timeout": "10"}
SLOTS = 16384
DOWN_AFTER_MS = 1_000
NODE_TIMEOUT_MS = 1_500
# A process that stands still answers nobody; the others are asked.
PATIENCE = 2


class Ended(AssertionError):
    """A process that was to answer has ended: with `status`, -9 where it was killed."""

    def __init__(self, name, status, log):
        super().__init__(f"{name} ended with {status}:\n{log[-2000:]}")
        self.status = status


class Process:
    """A redis-server with its directory and port, which it keeps over restarts."""

    def __init__(self, name, home, port, settings, sentinel=False):
        self.name, self.port = name, port
        self.directory = os.path.join(home, name)
        self.log_path = os.path.join(self.directory, "log")
        self.sentinel = sentinel
        self.stopped = False
        self._process = None
        os.mkdir(self.directory)
        self._config = os.path.join(self.directory, "redis.conf")
        lines = [("port", port), ("bind", "127.0.0.1"), ("dir", self.directory), ("logfile", self.log_path), *settings]
        with open(self._config, "w", encoding="ascii") as file:
            file.writelines(f"{key} {value if value != '' else chr(34) * 2}\n" for key, value in lines)

    @property
    def pid(self):
        return self._process.pid

    @property
    def alive(self):
        """False where it was killed; True where it stands still."""
        return self._process is not None and self._process.poll() is None

    @property
    def answering(self):
        return self.alive and not self.stopped

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def launch(self):
        words = ["redis-server", self._config] + (["--sentinel"] if self.sentinel else [])
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.stopped = False
        return self

    def await_answers(self):
        deadline.until(self._answers, f"{self.name} answers")
        return self

    def _answers(self):
        if not self.alive:
            raise Ended(self.name, self._process.returncode, self.log())
        try:
            return self.ask("PING", seconds=PATIENCE) == b"PONG"
        except (OSError, RedisError):
            return False

    def ask(self, *words, seconds=None):
        return ask(self.port, *words, seconds=seconds)

    def info(self, name):
        """A field of INFO."""
        for line in self.ask("INFO").decode().splitlines():
            if line.startswith(name + ":"):
                return line.split(":", 1)[1]
        return ""

    def is_replica(self):
        """False, too, where it ends its connections, as a primary does that becomes one."""
        try:
            return self.info("role") == "slave"
        except OSError:
            return False

    def kill(self):
        """kill -9, as a crash would end it."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """It stands still (SIGSTOP): its connections are there, and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)
        deadline.until(lambda: processes.state(self.pid) == "T", f"{self.name} stands still")
        self.stopped = True

    def cont(self):
        os.kill(self.pid, signal.SIGCONT)
        self.stopped = False

    def restart(self):
        """On the same files and port; where it is alive, it is killed before."""
        if self.alive:
            self.kill()
        return self.launch().await_answers()


class _Topology:
    def __init__(self):
        self.home = temporary_directory()
        self.processes = {}

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.dispose()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for process in self.processes.values():
                print(f"-- {process.name} (port {process.port}):\n{process.log()[-1500:]}")
        self.dispose()

    def dispose(self):
        for process in self.processes.values():
            if process.alive:
                process.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def data_dirs(self):
        return {name: process.directory for name, process in self.processes.items() if not process.sentinel}

    @property
    def redises(self):
        return [process for process in self.processes.values() if not process.sentinel]

    def at(self, port):
        """The process that listens there."""
        return next(process for process in self.processes.values() if process.port == int(port))

    def _add(self, name, port, settings, sentinel=False):
        process = Process(name, self.home, port, settings, sentinel)
        self.processes[name] = process
        return process.launch()

    def _await(self, condition, what):
        def tried():
            try:
                return condition()
            except (OSError, RedisError):
                return False
        return deadline.until(tried, what)


class Sentinel(_Topology):
    """A primary, replicas, and sentinels that agree on them."""

    MASTER = "foorumi"

    def __init__(self, replicas=2, sentinels=3, settings=None, sentinel_settings=(), down_after_ms=DOWN_AFTER_MS):
        """settings: of every Redis; sentinel_settings: further (directive, value) of every sentinel."""
        super().__init__()
        self._counts = replicas, sentinels
        self._settings = list({**GOOD, **QUICK, **(settings or {})}.items())
        self._sentinel_settings = list(sentinel_settings)
        self._down_after_ms = down_after_ms

    @property
    def sentinels(self):
        return [process for process in self.processes.values() if process.sentinel]

    @property
    def url(self):
        return self.url_as("")

    def url_as(self, user, tail=""):
        """With user and password ("name:password"), and with what follows the name."""
        hosts = ",".join(f"127.0.0.1:{process.port}" for process in self.sentinels)
        return f"redis+sentinel://{user + '@' if user else ''}{hosts}/{self.MASTER}{tail}"

    def _start(self):
        replicas, sentinels = self._counts
        chosen = ports.reserve(1 + replicas + sentinels)
        for n in range(1 + replicas):
            of = [("replicaof", f"127.0.0.1 {chosen[0]}")] if n else []
            self._add(f"redis-{n}", chosen[n], self._settings + of)
        for process in self.redises:
            process.await_answers()
        primary = self.processes["redis-0"]
        for process in self.redises[1:]:
            self._await(lambda p=process: p.info("master_link_status") == "up", f"{process.name} follows the primary")
        for n in range(sentinels):
            self._add(f"sentinel-{n}", chosen[1 + replicas + n], self._watch(primary.port, sentinels), sentinel=True)
        for process in self.sentinels:
            process.await_answers()
        self.hurry()
        self._await(self._known, "the sentinels know each other and the replicas")

    def _watch(self, port, sentinels):
        name = self.MASTER
        return [("sentinel", f"monitor {name} 127.0.0.1 {port} {sentinels // 2 + 1}"),
                ("sentinel", f"down-after-milliseconds {name} {self._down_after_ms}"),
                ("sentinel", f"failover-timeout {name} 6000"),
                ("sentinel", f"parallel-syncs {name} 2"), *self._sentinel_settings]

    def hurry(self):
        """Sentinels look every ten seconds by themselves; this holds until they are restarted."""
        for process in self.sentinels:
            if process.answering:
                process.ask("SENTINEL", "DEBUG", "INFO-PERIOD", 500, "PUBLISH-PERIOD", 300, "PING-PERIOD", 200,
                            "TILT-PERIOD", 1000, "MIN-LINK-RECONNECT-PERIOD", 500)

    def _known(self):
        replicas, sentinels = self._counts
        for process in self.sentinels:
            flat = process.ask("SENTINEL", "MASTER", self.MASTER)
            state = dict(zip(flat[::2], flat[1::2]))
            if int(state[b"num-slaves"]) < replicas or int(state[b"num-other-sentinels"]) < sentinels - 1:
                return False
        return True

    def primary(self):
        """As a majority of the sentinels that answer says, and as it says itself."""
        named = []
        for process in self.sentinels:
            if process.answering:
                host_port = process.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.MASTER, seconds=PATIENCE)
                named.append(int(host_port[1]))
        process = self.at(max(set(named), key=named.count))
        return process if process.answering and process.ask("ROLE", seconds=PATIENCE)[0] == b"master" else None

    def primaries(self):
        return [self._await(self.primary, "there is a primary")]

    def replicas(self):
        primary = self.primaries()[0]
        return [process for process in self.redises if process is not primary]

    def await_replicas(self):
        """All have the primary's data. One that is being filled is empty, and would be so as a primary."""
        def follow(primary):
            return all(process.info("master_link_status") == "up" and process.info("master_port") == str(primary.port)
                       for process in self.redises if process is not primary)
        self._await(lambda: follow(self.primaries()[0]), "the replicas follow the primary")

    def failover(self):
        """Asked of the sentinels, as an operator would."""
        old = self.primaries()[0]
        asked = next(process for process in self.sentinels if process.answering)
        self._await(lambda: asked.ask("SENTINEL", "FAILOVER", self.MASTER) == b"OK", "a failover may begin")
        return self.await_primary(old)

    def await_primary(self, old):
        def another():
            primary = self.primary()
            return primary if primary is not old else None
        return self._await(another, f"another primary than {old.name}")


class Cluster(_Topology):
    """Primaries that have the slots in equal parts, and replicas of each."""

    def __init__(self, primaries=3, replicas_each=1, settings=None, node_timeout_ms=NODE_TIMEOUT_MS):
        super().__init__()
        self._counts = primaries, replicas_each
        own = {"cluster-enabled": "yes", "cluster-node-timeout": str(node_timeout_ms), "cluster-announce-ip": "127.0.0.1",
               "cluster-replica-validity-factor": "0", "cluster-allow-replica-migration": "no"}
        self._settings = list({**GOOD, **QUICK, **own, **(settings or {})}.items())

    @property
    def url(self):
        return self.url_as("")

    def url_as(self, user):
        """With user and password ("name:password"). Names three of the nodes."""
        hosts = ",".join(f"127.0.0.1:{process.port}" for process in self.redises[:3])
        return f"redis+cluster://{user + '@' if user else ''}{hosts}"

    def _start(self):
        primaries, each = self._counts
        count = primaries * (1 + each)
        chosen = ports.reserve(2 * count)
        for n in range(count):
            self._add(f"redis-{n}", chosen[n], self._settings + [("cluster-port", chosen[count + n])])
        nodes = self.redises
        for node in nodes:
            node.await_answers()
        for epoch, node in enumerate(nodes, 1):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", epoch)
        for n, node in enumerate(nodes[:primaries]):
            node.ask("CLUSTER", "ADDSLOTSRANGE", SLOTS * n // primaries, SLOTS * (n + 1) // primaries - 1)
        for n, node in enumerate(nodes[1:], 1):
            node.ask("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, chosen[count])
        self._await(lambda: all(len(self.table(node)) == count for node in nodes), "the nodes know each other")
        for n, node in enumerate(nodes[primaries:]):
            primary = self.id(nodes[n % primaries])
            self._await(lambda r=node, p=primary: r.ask("CLUSTER", "REPLICATE", p) == b"OK", f"{node.name} is a replica")
        self._await(self.whole, "the cluster is whole")

    def id(self, node):
        return node.ask("CLUSTER", "MYID").decode()

    def table(self, node):
        """CLUSTER NODES as this node sees it: id -> (port, flags, id of its primary)."""
        rows = [line.split() for line in node.ask("CLUSTER", "NODES", seconds=PATIENCE).decode().splitlines()]
        return {row[0]: (int(row[1].split("@")[0].rsplit(":", 1)[1]), row[2].split(","), row[3]) for row in rows}

    def whole(self):
        """All that answer say that the cluster is well, and their replicas follow."""
        for node in self.redises:
            if not node.answering:
                continue
            if b"cluster_state:ok" not in node.ask("CLUSTER", "INFO", seconds=PATIENCE):
                return False
            if node.info("role") == "slave" and node.info("master_link_status") != "up":
                return False
        return len(self._with_role("master")) == self._counts[0]

    def _with_role(self, role):
        """As most of those that answer say. A primary that has failed is none."""
        votes = {}
        for node in self.redises:
            if not node.answering:
                continue
            for port, flags, _ in self.table(node).values():
                if role in flags and "fail" not in flags and self.at(port).answering:
                    votes[port] = votes.get(port, 0) + 1
        asked = sum(node.answering for node in self.redises)
        return [self.at(port) for port in sorted(votes) if votes[port] * 2 > asked]

    def primaries(self):
        return self._await(lambda: self._with_role("master"), "there are primaries")

    def replicas(self):
        return self._with_role("slave")

    def replicas_of(self, primary):
        of = self.id(primary)
        return [self.at(port) for port, _, master in self.table(primary).values() if master == of]

    def owner(self, slot):
        """The primary that has it, as the others say."""
        for node in self.redises:
            if node.answering:
                for first, last, primary, *_ in node.ask("CLUSTER", "SLOTS", seconds=PATIENCE):
                    if first <= slot <= last:
                        return self.at(primary[1])
        raise AssertionError(f"nobody has slot {slot}")

    def slot(self, key):
        return self.redises[0].ask("CLUSTER", "KEYSLOT", key)

    def failover(self, primary=None):
        """A replica takes its primary's place, as asked by an operator."""
        old = primary or self.primaries()[0]
        self._await(lambda: self.replicas_of(old)[0].ask("CLUSTER", "FAILOVER") == b"OK", "a failover may begin")
        return self.await_primary(old)

    def await_primary(self, old):
        """Until the slots that `old` had are another's."""
        def another():
            primaries = self._with_role("master")
            return len(primaries) == self._counts[0] and old not in primaries and self._covered(primaries)
        self._await(another, f"the slots of {old.name} have another primary")
        return self._await(lambda: self._successor(old), f"{old.name} has a successor")

    def _successor(self, old):
        group = self.processes_of(old)
        return next((node for node in self._with_role("master") if node in group and node is not old), None)

    def processes_of(self, node):
        """Of the shard that it was made for."""
        primaries = self._counts[0]
        return self.redises[self.redises.index(node) % primaries::primaries]

    def _covered(self, primaries):
        return all(b"cluster_slots_ok:%d\r" % SLOTS in node.ask("CLUSTER", "INFO", seconds=PATIENCE)
                   and b"cluster_state:ok" in node.ask("CLUSTER", "INFO", seconds=PATIENCE) for node in primaries)

    def begin_move(self, slot, target):
        """MIGRATING and IMPORTING, as redis-cli --cluster reshard begins. Returns the present owner."""
        source = self.owner(slot)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", self.id(source))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", self.id(target))
        return source

    def move_keys(self, slot, source, target, most=1):
        """Up to that many keys. False: there were none left."""
        keys = source.ask("CLUSTER", "GETKEYSINSLOT", slot, most)
        if keys:
            source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        return bool(keys)

    def end_move(self, slot, source, target):
        for node in itertools.chain((target, source), (n for n in self.primaries() if n not in (source, target))):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", self.id(target))

    def move_slot(self, slot, target):
        """Whole, key by key."""
        source = self.begin_move(slot, target)
        while self.move_keys(slot, source, target):
            pass
        self.end_move(slot, source, target)

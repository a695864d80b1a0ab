"""Of the checker: what each reader was shown. Versions follow one another, and nothing that was acknowledged is passed over."""

from journals import CREATING
from verdicts import Fault


def check(run):
    for who, records in run.clients.items():
        yield from Reader(run, who).read(records)
    yield from epochs(run)


def epochs(run):
    """A server raises a channel's epoch where what it had shown is gone, and tells its readers. In a run nothing that was shown may go, also
    where it comes back because its author repeats it."""
    first, told = {}, set()
    synced = sorted((record for records in run.clients.values() for record in records if record["kind"] == "synced"), key=lambda r: r["t"])
    for record in synced:
        before = first.setdefault(record["channel"], record)
        if record["epoch"] != before["epoch"] and (record["who"], record["channel"]) not in told:
            told.add((record["who"], record["channel"]))
            yield Fault("lost", f"{record['who']}, {record['channel']}: is told that something was lost which had been shown (epoch "
                        f"{record['epoch']} behind {before['epoch']})", [before, record], frozenset({""}))


class Channel:
    """One channel as one reader was told of it."""

    def __init__(self):
        self.version = None
        self.last = None    # the record that brought it to its version
        self.live = False


class Reader:
    def __init__(self, run, who):
        self.who = who
        self.channels = {}
        self.acknowledged = {}   # channel -> version -> change
        for change in run.acknowledged():
            self.acknowledged.setdefault(change.channel, {})[change.version] = change

    def read(self, records):
        for record in records:
            kind = record["kind"]
            channel = self.channels.setdefault(record["channel"], Channel()) if "channel" in record else None
            if kind == "change":
                yield from self._change(channel, record)
            elif kind == "synced":
                yield from self._synced(channel, record)
            elif kind in ("lost", "connected"):
                for one in self.channels.values():
                    one.live = False
            elif kind == "not_synced" and record["reason"] == "channel_not_found" or \
                    kind == "notice" and record["notice"] == "access_changed":
                self.channels[record["channel"]] = Channel()

    def _change(self, channel, record):
        where = f"{self.who}, {record['channel']}"
        about = [channel.last, record] if channel.last else [record]
        if not channel.live:
            yield Fault("reordered", f"{where}: version {record['version']} was shown to no subscription", about)
        elif record["previous"] > channel.version:
            yield Fault("lost", f"{where}: from version {channel.version} to {record['previous']} nothing was shown", about)
        elif record["version"] <= channel.version:
            yield Fault("duplicated" if record["version"] == channel.version else "reordered",
                        f"{where}: version {record['version']} was shown after {channel.version}", about)
        elif record["previous"] != channel.version or record["version"] != record["previous"] + 1:
            yield Fault("reordered", f"{where}: {record['previous']} to {record['version']} was shown after {channel.version}", about)
        for entity in record["entities"]:
            if entity["version"] != record["version"]:
                yield Fault("reordered", f"{where}: {entity['key']} of version {entity['version']} was shown as {record['version']}", about)
        if channel.version is None or record["version"] > channel.version:
            yield from self._passed_over(record, record["version"] - 1)
            channel.version = record["version"]
        channel.last = record

    def _synced(self, channel, record):
        where = f"{self.who}, {record['channel']}"
        about = [channel.last, record] if channel.last else [record]
        if channel.version is not None and record["version"] < channel.version:
            yield Fault("lost", f"{where}: was at version {channel.version}, and is told that {record['version']} is the latest", about)
        for entity in record["entities"]:
            if entity["version"] > record["version"]:
                yield Fault("reordered", f"{where}: {entity['key']} of version {entity['version']} is ahead of the sync to "
                            f"{record['version']}", about)
        if record["since"] > 0 and not record["reset"]:
            yield from self._passed_over(record, record["since"])
        channel.live, channel.version, channel.last = not record["more"], record["version"], record

    def _passed_over(self, record, after):
        """What was acknowledged as one of the versions up to the record's stands in it, as it was then or later."""
        shown = {entity["key"]: entity["version"] for entity in record["entities"]}
        acknowledged = self.acknowledged.get(record["channel"], {})
        for version in range(after + 1, record["version"] + 1):
            change = acknowledged.get(version)
            if change is None:
                continue
            key = f"message:{version}" if change.command in CREATING else \
                ("reactions:" if change.command == "react" else "message:") + str(change.made["message"])
            if shown.get(key, 0) < version:
                yield Fault("lost", f"{self.who}, {record['channel']}: {change.command} acknowledged as version {version} was passed over "
                            f"on the way from {after} to {record['version']}", [record, *change.records], frozenset({key}))

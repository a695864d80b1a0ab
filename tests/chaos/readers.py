"""Of the checker: what each reader was shown. Versions follow one another, and nothing that was acknowledged is passed over."""

from journals import CREATING
from verdicts import Fault


def check(run):
    for who, records in run.clients.items():
        yield from Reader(run, who).read(records)


class Channel:
    """One channel as one reader was told of it, from `base` on without a gap."""

    def __init__(self):
        self.base = self.version = None
        self.view = {}      # key -> highest version shown
        self.last = None    # the record that brought it to its version
        self.live = False


class Reader:
    def __init__(self, run, who):
        self.who = who
        self.channels = {}
        self.acknowledged = {}
        for change in run.acknowledged():
            self.acknowledged.setdefault(change.channel, []).append(change)

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
            elif kind == "not_synced" or kind == "notice" and record["notice"] == "access_changed":
                yield from self._covered(record["channel"], channel)
                if kind == "notice" or record["reason"] == "channel_not_found":
                    self.channels[record["channel"]] = Channel()
        for name, channel in self.channels.items():
            yield from self._covered(name, channel)

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
        self._see(channel, record)

    def _synced(self, channel, record):
        where = f"{self.who}, {record['channel']}"
        about = [channel.last, record] if channel.last else [record]
        if channel.version is not None and record["version"] < channel.version:
            yield Fault("lost", f"{where}: was at version {channel.version}, and is told that {record['version']} is the latest", about)
        for entity in record["entities"]:
            if entity["version"] > record["version"]:
                yield Fault("reordered", f"{where}: {entity['key']} of version {entity['version']} is ahead of the sync to "
                            f"{record['version']}", about)
        if record["since"] == 0 or record["reset"]:
            yield from self._covered(record["channel"], channel)
            channel.base, channel.view = record["version"], {}
        channel.live = not record["more"]
        self._see(channel, record)

    @staticmethod
    def _see(channel, record):
        for entity in record["entities"]:
            channel.view[entity["key"]] = max(entity["version"], channel.view.get(entity["key"], 0))
        channel.version = record["version"] if channel.version is None or record["kind"] == "synced" else \
            max(channel.version, record["version"])
        channel.last = record

    def _covered(self, name, channel):
        """What was acknowledged within what it was told, without a gap, was shown."""
        if channel.base is None:
            return
        for change in self.acknowledged.get(name, []):
            if not channel.base < change.version <= channel.version:
                continue
            key = f"message:{change.version}" if change.command in CREATING else \
                ("reactions:" if change.command == "react" else "message:") + str(change.made["message"])
            if channel.view.get(key, 0) < change.version:
                yield Fault("lost", f"{self.who}, {name}: {change.command} acknowledged as version {change.version} was passed over on the "
                            f"way from {channel.base} to {channel.version}", [channel.last, *change.records], frozenset({key}))

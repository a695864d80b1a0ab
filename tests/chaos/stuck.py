"""Of the checker: with nothing broken any more, everything is answered and shown within the bound."""

from verdicts import Fault


def check(run):
    times = [r["t"] for records in run.clients.values() for r in records] + [r["t"] for r in run.runner]
    end = max(times, default=0.0)
    for number, record in enumerate(run.runner):
        if record["kind"] != "calm":
            continue
        following = next((r["t"] for r in run.runner[number + 1:] if r["kind"] == "fault"), end)
        until = record["t"] + record["bound"]
        if following >= until:   # else the runner has seen that all is well, and gone on
            yield from unanswered(run, record, until)
            yield from unshown(run, record, until)


def unanswered(run, calm, until):
    for change in run.changes.values():
        if change.sent <= calm["t"] and not any(r["t"] <= until for r in [*change.answers, *change.refused]):
            yield Fault("stuck", f"change {change.id} ({change.command}) has no answer {calm['bound']:.0f} s after the last fault",
                        [calm, *change.records])


def unshown(run, calm, until):
    for who, records in run.clients.items():
        for channel, (version, last, reads) in _reached(records, until).items():
            acknowledged = [c for c in run.acknowledged(channel) if c.acknowledged <= calm["t"]]
            highest = max(acknowledged, key=lambda c: c.version, default=None)
            if reads and highest is not None and version < highest.version:
                yield Fault("stuck", f"{who} is at version {version} of {channel} {calm['bound']:.0f} s after the last fault, and "
                            f"{highest.version} was acknowledged before", [calm, last, *highest.records])


def _reached(records, until):
    """Channel -> (version, record that brought it there, whether it may be read)."""
    reached = {}
    for record in records:
        if record["t"] > until:
            break
        kind = record["kind"]
        if kind in ("change", "synced"):
            reached[record["channel"]] = (record["version"], record, True)
        elif kind == "not_synced" or kind == "notice" and record["notice"] == "access_changed":
            reached[record["channel"]] = (0, record, False)
        elif kind == "signed_out" or kind == "notice" and record["notice"] == "sign_in_again":
            reached = {channel: (0, record, False) for channel in reached}
    return reached

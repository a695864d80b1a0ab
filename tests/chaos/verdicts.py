"""A fault that the checker has found, and how it is told."""

import dataclasses
import json

HIDDEN = ("t", "who", "kind", "digest")


@dataclasses.dataclass
class Fault:
    kind: str
    text: str
    records: list       # what shows it, of any journals
    keys: frozenset = frozenset()   # of the entities that it is about; none: all

    def __str__(self):
        return f"{self.kind}: {self.text}"

    def story(self, lines=20):
        """The fault, and below it the few lines of the journals that show it, in the order of time."""
        unique = {id(record): record for record in self.records}
        told = sorted(unique.values(), key=lambda r: r["t"])
        cut = len(told) - lines
        if cut > 0:
            told = told[:lines // 2] + told[-(lines - lines // 2):]
        return "\n".join([str(self), *("    " + self._line(record) for record in told)]
                         + ([f"    and {cut} more between them"] if cut > 0 else []))

    def _line(self, record):
        fields = {name: value for name, value in record.items() if name not in HIDDEN}
        if "entities" in fields:
            fields["entities"] = [{n: v for n, v in entity.items() if n not in HIDDEN} for entity in fields["entities"]
                                  if not self.keys or entity["key"] in self.keys]
        told = " ".join(f"{name}={json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value}"
                        for name, value in fields.items())
        return f"{record['t']:.4f} {record['who']}: {record['kind']} {told}"

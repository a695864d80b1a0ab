"""What one client did and saw, one JSON object a line, each with its time. checker.py says what the kinds mean."""

import json
import time


class Journal:
    """`t` is this machine's monotonic clock, in seconds: all journals of a run share it. A line is written whole when it happens, so what
    is sent stands there before it goes out, and what was received after it has come in."""

    def __init__(self, path):
        self._file = open(path, "w", encoding="utf-8", buffering=1)  # pylint: disable=consider-using-with

    def write(self, kind, **fields):
        self._file.write(json.dumps({"t": round(time.monotonic(), 6), "kind": kind, **fields}, ensure_ascii=False) + "\n")

    def close(self):
        self._file.close()

"""The steps of a message's way at which a node can be ended (server/base/crash_points.def)."""

import os
import re

BIN_DIR = os.environ.get("FOORUMI_BIN_DIR", "")
DEFINITIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "server", "base", "crash_points.def")
VARIABLE = "FOORUMI_CRASH_POINT"


def names():
    """Those of moves are for tests/integration/moves_kill_test.py, those of held messages for held_kill_test.py, that of retention for
    holds_kill_test.py: nobody does that here."""
    with open(DEFINITIONS, encoding="utf-8") as file:
        found = re.findall(r"^CRASH_POINT\((\w+),", file.read(), re.MULTILINE)
    return [name for name in found if not name.startswith(("move_", "held_", "retention_"))]


def missing():
    """Why there are none, or nothing. A build without them has no word of them."""
    with open(os.path.join(BIN_DIR, "foorumid"), "rb") as program:
        return "" if VARIABLE.encode() in program.read() else "foorumid was built without FOORUMI_CRASH_POINTS"

"""The wall clock of a process, which can be set while it runs (clock_preload.cpp). Its monotonic clock goes on as ever."""

import os
import struct

BIN_DIR = os.environ.get("FOORUMI_BIN_DIR", "")
PRELOAD = os.path.join(BIN_DIR, "foorumi_clock_preload.so")


def missing():
    return "" if os.path.exists(PRELOAD) else "foorumi_clock_preload.so is not there: it does not go together with sanitizers"


class Clock:
    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(8))

    @property
    def environment(self):
        """For the process that is to have it."""
        return {"LD_PRELOAD": PRELOAD, "FOORUMI_CLOCK": self.path}

    def set_off(self, seconds):
        """So far from the right time, at once."""
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds * 10**9))

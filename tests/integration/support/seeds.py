"""The seed of a run."""

import os
import secrets


def seed(value=None):
    """The given one, else FOORUMI_SEED, else a random one. Printed, so that a failure can be run again."""
    chosen = int(value if value is not None else os.environ.get("FOORUMI_SEED") or secrets.randbits(32))
    print(f"seed {chosen}", flush=True)
    return chosen

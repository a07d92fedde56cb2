"""Other work on the machine, as a shared one has it: processes that compute and pause at random."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NEIGHBOUR = """
import random, sys, time
rng = random.Random(int(sys.argv[1]))
while True:
    end = time.monotonic() + rng.expovariate(1.0)
    while time.monotonic() < end:
        sum(range(10000))
    time.sleep(rng.expovariate(0.5))
"""


@contextmanager
def neighbours(count: int, seed: int) -> Iterator[None]:
    """Run ``count`` processes that are busy a third of the time, a second or so at a stretch, during a block."""
    rng = random.Random(seed)
    busy = [subprocess.Popen([sys.executable, "-c", _NEIGHBOUR, str(rng.randrange(2**31))]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()

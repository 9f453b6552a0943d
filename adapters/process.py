"""How the product's process runs: on which event loop, and what its garbage collector looks at."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

SWITCH = 0.002
"""Seconds. The event loop and the core's threads take turns at Python's lock: with the usual 5 ms, whoever waits for a
platform or the database most of the time gets little done in between."""
ALLOCATIONS = 100_000
"""A request makes some hundreds of objects that the collector counts."""


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, on uvloop where there is one (everywhere but on Windows): it does more requests a second."""
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def spare_startup_objects() -> None:
    """What is in memory now stays until the end: the garbage collector need not go through it over and over, and comes
    after every few hundred requests, not within each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)
    sys.setswitchinterval(SWITCH)

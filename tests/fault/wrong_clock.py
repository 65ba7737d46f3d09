"""A process whose clock is wrong: ``python -m tests.fault.wrong_clock HOURS MODULE``.

What asks this project's clock, or the system's, is told so many hours more. How long something
takes stays true: that is another clock.
"""

import runpy
import sys
import time
from datetime import datetime, timedelta

from linkage_runtime import clock

HOURS, MODULE = sys.argv[1:]
_WRONG_BY = timedelta(hours=int(HOURS))
_true_now, _true_time = clock.now, time.time


def _now() -> datetime:
    return _true_now() + _WRONG_BY


def _time() -> float:
    return _true_time() + _WRONG_BY.total_seconds()


# Before anything else is imported, so that whoever imports the clock by name gets the wrong one.
clock.now = _now
time.time = _time
runpy.run_module(MODULE, run_name="__main__")

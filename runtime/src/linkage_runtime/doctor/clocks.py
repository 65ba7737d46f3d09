"""Clocks: how far this machine, the database and the processes are apart.

Kafka tells no time of its own: the brokers' clocks are not compared.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from linkage_runtime.doctor.finding import Finding, ok, wrong

LIMIT: Final = timedelta(seconds=5)
"""Machines under NTP are apart by milliseconds. The smaller of two times wins in the ledger, and a
day's deadline ends with its last second, so seconds matter; less cannot be told by ``Date``."""
_CLOCKS = "clocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What another clock told, between two looks at our own."""

    before: datetime
    told: datetime
    after: datetime
    coarse: timedelta = timedelta(0)
    """By how much ``told`` was cut off."""

    @property
    def apart(self) -> timedelta:
        """At least so far are the two clocks apart, whenever it was told."""
        if self.told > self.after:
            return self.told - self.after
        return max(timedelta(0), self.before - self.told - self.coarse)


def judge_clock(whose: str, reading: Reading) -> Finding:
    """Whether that clock agrees with ours."""
    seconds = reading.apart.total_seconds()
    if reading.apart <= LIMIT:
        return ok(_CLOCKS, (f"{whose} 的时钟与本机一致", f"the clock of {whose} agrees with ours"))
    zh, en = ("慢", "behind") if reading.told < reading.before else ("快", "ahead of")
    return wrong(
        _CLOCKS,
        (
            f"{whose} 的时钟比本机{zh} {seconds:.0f} 秒",
            f"the clock of {whose} is {seconds:.0f} s {en} ours",
        ),
        mend=(
            "查明哪一方有误，启用时间同步 (chrony、NTP)",
            "find out which of the two is wrong, and let NTP keep it",
        ),
    )

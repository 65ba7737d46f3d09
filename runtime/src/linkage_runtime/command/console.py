"""What the commands say to the person before the screen."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

from linkage_runtime.errors import LinkageError

# In a log or a pipe nobody can widen the window: wide enough for the widest table.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)
errors = Console(highlight=False, stderr=True, width=None if sys.stderr.isatty() else 150)
"""For commands whose output is data."""


def complain(error: LinkageError) -> None:
    """Say what went wrong; the text is not ours to read markup into."""
    console.print(f"✗ {error}", style="red", markup=False, soft_wrap=True)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Show the step that is being done, and leave a line with its time when it is done."""
    begun: list[tuple[str, float]] = []

    def finish() -> None:
        if begun:
            step, at = begun.pop()
            seconds = time.monotonic() - at
            console.print(f"[green]✓[/] {step} [dim]{seconds:.1f} s[/]")

    with console.status("starting") as status:

        def tell(step: str) -> None:
            finish()
            begun.append((step, time.monotonic()))
            status.update(f"{step} …")

        yield tell
        finish()


@contextmanager
def ends_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that everything started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

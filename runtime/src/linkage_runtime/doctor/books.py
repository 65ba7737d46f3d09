"""The books: whether they are kept, and balance, as their keeper tells by metrics."""

from datetime import timedelta
from typing import Final

from linkage_runtime.doctor.finding import Finding, ok, warning, wrong

PATIENCE: Final = timedelta(minutes=15)
"""As the alert LinkageBooksStale."""
_BOOKS = "books"


def judge_books(unaccounted: float, behind: timedelta) -> Finding:
    """What the last run left, and how long ago the topics were read to their end."""
    if unaccounted:
        return wrong(
            _BOOKS,
            (f"账目不平: {unaccounted:.0f} 项", f"the books do not balance: {unaccounted:.0f}"),
            mend=(
                "运行 linkage reconcile 逐项查看，见 deploy/runbooks/LinkageUnaccounted.md",
                "`linkage reconcile` names each; see deploy/runbooks/LinkageUnaccounted.md",
            ),
        )
    minutes = behind // timedelta(minutes=1)
    if behind > PATIENCE:
        return warning(
            _BOOKS,
            (f"已 {minutes} 分钟没有对账", f"the books were not kept for {minutes} minutes"),
            mend=("见 deploy/runbooks/LinkageBooksStale.md",) * 2,
        )
    return ok(_BOOKS, ("账目已平", "the books are kept, and balance"))

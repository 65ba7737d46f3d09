"""What one look at a deployment found: sound, to be watched, or wrong, and how to mend it."""

from dataclasses import dataclass
from enum import IntEnum

Words = tuple[str, str]
"""The same in Chinese and in English."""


class State(IntEnum):
    """How a thing stands; the worst of all is the command's exit code."""

    OK = 0
    WARNING = 1
    WRONG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report."""

    check: str
    """The kind of thing that was looked at: ``topics``, ``calendar``."""
    state: State
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""

    def as_dict(self) -> dict[str, str]:
        """For ``--json``."""
        words = {"zh": self.zh, "en": self.en}
        remedy = {"remedy_zh": self.remedy_zh, "remedy_en": self.remedy_en}
        return {"check": self.check, "state": self.state.name.lower(), **words, **remedy}


def ok(check: str, seen: Words) -> Finding:
    """It is as it must be."""
    return Finding(check=check, state=State.OK, zh=seen[0], en=seen[1])


def warning(check: str, seen: Words, *, mend: Words) -> Finding:
    """It works today, and may not tomorrow."""
    return _trouble(State.WARNING, check, seen, mend)


def wrong(check: str, seen: Words, *, mend: Words) -> Finding:
    """It does not work, or does not keep what is promised."""
    return _trouble(State.WRONG, check, seen, mend)


def _trouble(state: State, check: str, seen: Words, mend: Words) -> Finding:
    return Finding(
        check=check, state=state, zh=seen[0], en=seen[1], remedy_zh=mend[0], remedy_en=mend[1]
    )

"""Where two contents under one number and date differ."""

from dataclasses import dataclass
from typing import Any

from linkage_contracts.decisions import Decision

_OURS = {"decision_id", "accepted_at", "digest", "irregularities", "catalogue_version"}
"""Not said by the department."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field, with what is kept and what was sent; personal data shows as masks."""

    pointer: str
    kept: Any
    sent: Any


def differences(kept: Decision, sent: Decision) -> tuple[Difference, ...]:
    """Every field that differs, by JSON pointer; none if both say the same.

    Two full names under one mask and one id number are told apart by the digest only, and so are
    named as the party.
    """
    ours, theirs = _said(kept), _said(sent)
    found = tuple(
        Difference(pointer=pointer, kept=ours.get(pointer), sent=theirs.get(pointer))
        for pointer in sorted(ours.keys() | theirs.keys())
        if ours.get(pointer) != theirs.get(pointer)
    )
    if not found and kept.digest != sent.digest and _is_sealed(sent):
        return (Difference(pointer="/party", kept=None, sent=None),)
    return found


def _said(decision: Decision) -> dict[str, Any]:
    said = decision.model_dump(mode="json", exclude=_OURS, exclude_none=True)
    party = said.pop("party")
    for sealed in ("person", "legal_representative"):
        # Each sealing has its own nonce, so equal data have unequal boxes.
        party.get(sealed, {}).pop("box", None)
    return {f"/{field}": value for field, value in said.items()} | {
        f"/party/{field}": value for field, value in party.items() if field != "key"
    }


def _is_sealed(decision: Decision) -> bool:
    return bool(decision.party.person or decision.party.legal_representative)

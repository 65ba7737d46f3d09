"""What all acts on what exists share: judge each, admit what may be done, publish, answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from approval_events.domain.refusals import NotYetKnownError, OutOfOrderError, RefusedActError


class Admission(Protocol):
    """One act, to be written together with the event that tells of it."""

    @property
    def subject_id(self) -> str:
        """What is acted on."""


Subject_co = TypeVar("Subject_co", covariant=True)
Admission_contra = TypeVar("Admission_contra", bound=Admission, contravariant=True)
_Subject = TypeVar("_Subject")
_Admission = TypeVar("_Admission", bound=Admission)


class ActStore(Protocol[Subject_co, Admission_contra]):
    """Things that are acted on, each of which holds what its acts are to publish."""

    async def find(self, subject_ids: Sequence[str], /) -> Mapping[str, Subject_co]:
        """Those that are known."""

    async def admit(self, admissions: Sequence[Admission_contra], /) -> int:
        """Write each act if it still may be done, its event held with it; returns how many were."""

    async def publish(self, subject_ids: Sequence[str], /) -> None:
        """Publish what these hold, and mark it as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an organisation's key, and in whose name it may."""

    organisation: str
    authorities: frozenset[str]

    @property
    def organisations(self) -> frozenset[str]:
        """Itself, and those it acts for."""
        return self.authorities | {self.organisation}


@dataclass(slots=True)
class Acts:
    """The outcome by id."""

    done: list[str] = field(default_factory=list)
    refused: list[RefusedActError] = field(default_factory=list)


async def admit_acts(
    subject_ids: Sequence[str],
    propose: Callable[[_Subject], _Admission | None],
    *,
    store: ActStore[_Subject, _Admission],
) -> tuple[Acts, list[_Subject]]:
    """Do what may be done: one conditional write each, then publish.

    Args:
        subject_ids: what to act on.
        propose: the act on one of them; ``None`` if it is done already; raises RefusedActError.
        store: where they stand.

    Returns:
        The outcome, and what was acted on just now.
    """
    wanted = list(dict.fromkeys(subject_ids))
    known = await store.find(wanted)
    acts, admissions = _judge(wanted, known, propose)
    if admissions and await store.admit(admissions) < len(admissions):
        # Somebody was faster with some. Judged again: the same act is done, another is refused.
        ids = [admission.subject_id for admission in admissions]
        again, undone = _judge(ids, await store.find(ids), propose)
        acts.refused += again.refused
        acts.refused += [OutOfOrderError(left.subject_id, "请重试", "try again") for left in undone]
        acts.done += again.done
    else:
        acts.done += [admission.subject_id for admission in admissions]
    await store.publish(acts.done)
    acted = {admission.subject_id for admission in admissions} & set(acts.done)
    return acts, [known[id_] for id_ in wanted if id_ in acted]


def _judge(
    subject_ids: Sequence[str],
    known: Mapping[str, _Subject],
    propose: Callable[[_Subject], _Admission | None],
) -> tuple[Acts, list[_Admission]]:
    acts, admissions = Acts(), list[_Admission]()
    for subject_id in subject_ids:
        try:
            if subject_id not in known:
                words = ("没有此记录,或尚未入账", "no such record, or not yet: try again")
                raise NotYetKnownError(subject_id, *words)
            admission = propose(known[subject_id])
        except RefusedActError as refusal:
            acts.refused.append(refusal)
        else:
            if admission is None:
                acts.done.append(subject_id)
            else:
                admissions.append(admission)
    return acts, admissions

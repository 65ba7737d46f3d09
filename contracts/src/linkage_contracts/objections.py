"""Objections (异议) to facts of credit, as events of ``credit.acts.v1``."""

from typing import Literal

from linkage_contracts.envelope import Event
from linkage_contracts.facts import AboutFacts
from linkage_contracts.ids import Id


class Objection(AboutFacts):
    """异议: somebody disputes a fact; where its list says so, it is not used meanwhile."""

    objection_id: Id
    fact: Id


class ObjectionAnswer(AboutFacts):
    """异议处理: upheld, the fact never counted; rejected, it stands."""

    objection_id: Id
    fact: Id
    is_upheld: bool
    filed_by: str | None = None
    """At whose window it was raised."""


class ObjectionWithdrawal(AboutFacts):
    """撤回异议: the party disputes the fact no longer."""

    objection_id: Id
    fact: Id
    filed_by: str


class ObjectionRaised(Event):
    """A fact was disputed."""

    type: Literal["linkage.credit.objection-raised.v1"] = "linkage.credit.objection-raised.v1"
    data: Objection


class ObjectionDecided(Event):
    """An objection was upheld or rejected."""

    type: Literal["linkage.credit.objection-decided.v1"] = "linkage.credit.objection-decided.v1"
    data: ObjectionAnswer


class ObjectionWithdrawn(Event):
    """An objection was withdrawn by the party."""

    type: Literal["linkage.credit.objection-withdrawn.v1"] = "linkage.credit.objection-withdrawn.v1"
    data: ObjectionWithdrawal

"""What is odd about a scorecard that breaks no rule: told before it can do harm."""

from collections.abc import Iterator, Mapping

from credit.domain.facts import REPAIRABLE_KINDS, FactKind
from credit.domain.scorecard import Scorecard, Scorecards, State
from linkage_contracts.codes import RiskClass

_MOST_IN_ONE_CLASS = 0.9
"""An assumption: beyond this share of all parties, a class tells nothing apart."""
_MOST_HIGH = 0.2
"""An assumption: of D up to all are visited (DOMAIN.md §4.1), which no office can do of many."""


def warnings_of(card: Scorecard) -> tuple[str, ...]:
    """What the file alone shows."""
    return tuple(_warnings(card))


def division_warnings(classes: Mapping[RiskClass, int]) -> tuple[str, ...]:
    """What the division of all parties shows."""
    total = sum(classes.values())
    if not total:
        return ("没有可评的主体 (no party to rate)",)
    return tuple(_uneven(classes, total))


def _warnings(card: Scorecard) -> Iterator[str]:
    nothing = card.band_of(0)
    if nothing in {RiskClass.RAISED, RiskClass.HIGH}:
        yield f"没有任何事实的主体即为 {nothing} 类 (a party without facts would be {nothing})"
    if nothing is RiskClass.LOW:
        yield "没有任何记录的主体即为 A 类 (a party without any record would be A)"
    for criterion in card.criteria:
        if criterion.points > 0 and card.band_of(criterion.points) is RiskClass.HIGH:
            yield (
                f"{criterion.code}: 一次即为 D 类，宜用 hard_rules 明示 "
                "(once is enough for D: say so by a hard rule)"
            )
    yield from _unclassed(card)
    if all(criterion.points > 0 for criterion in card.criteria):
        yield "只有扣分项，主体无法以良好记录改善 (nothing that a party could do counts for it)"
    if not any(criterion.source for criterion in card.criteria):
        yield "没有一项注明依据 source (no criterion names a text)"
    if card.state is State.PUBLISHED and "示例" in card.title:
        yield "标题注明为示例，施行前须换成正式评分表 (a sample is published)"


def _unclassed(card: Scorecard) -> Iterator[str]:
    """Of the general scorecard, which alone says how serious a fact is for its repair."""
    if card.domain != Scorecards.GENERAL:
        return
    lines = (*(line for line in card.criteria if line.points > 0), *card.hard_rules)
    against = {kind for line in lines for kind in line.facts}
    graded = card.information_classes.keys() | {FactKind.PENALTY_IMPOSED}
    for kind in sorted((against & REPAIRABLE_KINDS) - graded):
        yield (
            f"information_classes: 未列 {kind}，按轻微处理，随时可申请修复 "
            "(named in no class: minor, repairable at once; say so, or which class it is)"
        )


def _uneven(classes: Mapping[RiskClass, int], total: int) -> Iterator[str]:
    for risk_class, number in classes.items():
        if number > _MOST_IN_ONE_CLASS * total:
            yield (
                f"{number}/{total} 落入 {risk_class} 类，分类不起区分作用 "
                f"(almost everybody is {risk_class}: it tells nobody apart)"
            )
    if classes.get(RiskClass.HIGH, 0) > _MOST_HIGH * total:
        yield f"D 类超过 {_MOST_HIGH:.0%} (more are D than supervision can visit often)"

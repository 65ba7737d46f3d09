"""The copy of ratings that the door goes by while credit is away, on a real database."""

from datetime import UTC, date, datetime, timedelta

from approval_events.adapters.mongo_ratings import MongoRatings
from approval_events.application.ask_credit import Copy
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar, PartyRated, Rating
from linkage_runtime.mongo import Database
from tests.unit.approval_builders import PARTY_CODE

TOLD = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BAR = Bar(
    fact="00000000-0000-5000-8000-000000000000",
    since=date(2026, 1, 1),
    ground="违反告知承诺",
    remedy="信用修复",
)


def rated(revision: int, minute: int) -> PartyRated:
    at = TOLD + timedelta(minutes=minute)
    rating = Rating(
        party=PARTY_CODE,
        party_name="x",
        risk_class=RiskClass.RAISED,
        points=revision,
        scorecard="general-2026.1",
        as_of=date(2026, 11, 20),
        revision=revision,
        bars=(BAR,),
    )
    return PartyRated(
        id=BAR.fact,
        source="/organisations/linkage",
        subject=BAR.fact,
        time=at,
        recordedtime=at,
        partitionkey=PARTY_CODE,
        emitter="linkage",
        data=rating,
    )


async def test_the_copy_is_of_the_newest_revision_and_says_when_it_was_told(
    store: Database,
) -> None:
    ratings = MongoRatings(store["ratings"])
    assert await ratings.copies([PARTY_CODE]) == {}
    for revision, minute in ((2, 2), (1, 1), (3, 3)):
        await ratings.note([rated(revision, minute)])
    copy = (await ratings.copies([PARTY_CODE, "nobody"]))[PARTY_CODE]
    assert copy == Copy(
        bars=(BAR,), risk_class=RiskClass.RAISED, told_at=TOLD + timedelta(minutes=3)
    )

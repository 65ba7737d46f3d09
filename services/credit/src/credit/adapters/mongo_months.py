"""Monthly reports in MongoDB: ``credit.months``, ``_id`` = the first day of the month."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from pymongo import DESCENDING

from credit.application.report_month import MonthReport
from credit.domain.month import Moves
from linkage_contracts.codes import RiskClass
from linkage_runtime.mongo import Collection, insert_new, transient_errors


class MongoMonths:
    """``MonthReports``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def has(self, first: date) -> bool:
        """See ``MonthReports``."""
        with transient_errors():
            found = await self._collection.find_one({"_id": first.isoformat()}, ["_id"])
        return found is not None

    async def add(self, report: MonthReport) -> None:
        """See ``MonthReports``."""
        await insert_new(self._collection, [_document(report)])

    async def newest(self, limit: int) -> tuple[MonthReport, ...]:
        """See ``MonthReports``."""
        with transient_errors():
            found = await self._collection.find().sort("_id", DESCENDING).limit(limit).to_list(None)
        return tuple(map(_report, found))


def _document(report: MonthReport) -> dict[str, Any]:
    domains = [
        {
            "domain": moves.domain,
            "scorecard": moves.scorecard,
            "between": [
                {"before": before, "after": str(after), "parties": number}
                for (before, after), number in moves.between.items()
            ],
        }
        for moves in report.domains
    ]
    return {"_id": report.first.isoformat(), "made_at": report.made_at, "domains": domains}


def _report(found: Mapping[str, Any]) -> MonthReport:
    return MonthReport(
        first=date.fromisoformat(found["_id"]),
        made_at=found["made_at"],
        domains=tuple(
            Moves(
                domain=each["domain"],
                scorecard=each["scorecard"],
                between=Counter(
                    {
                        (
                            RiskClass(line["before"]) if line["before"] else None,
                            RiskClass(line["after"]),
                        ): line["parties"]
                        for line in each["between"]
                    }
                ),
            )
            for each in found["domains"]
        ),
    )

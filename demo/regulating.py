"""What the demo's regulators do with what they are told, over the public HTTP interface alone.

Every choice follows from an id, so two runs over the same decisions do the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from uuid import UUID

from department_api import Api, Entry

CLERK = "clerk-07"
BULK = 100


def day_in_china(days_ahead: int = 0) -> str:
    """The calendar day by which government offices count, or one some days ahead."""
    china = timezone(timedelta(hours=8))
    return (datetime.now(tz=china) + timedelta(days=days_ahead)).date().isoformat()


def share(id_: str, salt: int = 0) -> int:
    """A number from 0 to 99 that an id always gives."""
    return (UUID(id_).int >> (8 * salt)) % 100


class Regulator:
    """One supervising authority: signs, returns, enrols, inspects, checks commitments, reports."""

    def __init__(self, url: str, key: str, organisation: str, *, hand_over_to: str) -> None:
        self.api = Api(url, key)
        self.organisation = organisation
        self.counts: Counter[str] = Counter()
        self._hand_over_to = hand_over_to
        self._seen: set[str] = set()

    def handle(self, entries: Iterable[Entry]) -> None:
        """Do what a page of the feed asks for; an entry that came before changes nothing."""
        fresh = [entry for entry in entries if entry["id"] not in self._seen]
        for entry in fresh:
            self.counts[entry["type"].removeprefix("linkage.feed.").removesuffix(".v1")] += 1
        recalled = {
            entry["data"]["push_id"]
            for entry in fresh
            if entry["type"] == "linkage.feed.push-recalled.v1"
        }
        opened = [
            entry["data"]
            for entry in fresh
            if entry["type"] == "linkage.feed.push-opened.v1"
            and entry["data"]["push_id"] not in recalled
        ]
        for pushes in _bulks(opened):
            self._work(pushes)
        self._seen |= {entry["id"] for entry in fresh}

    def _work(self, pushes: list[Entry]) -> None:
        given_back = [push for push in pushes if self._is_not_ours(push)]
        ours = [push for push in pushes if push not in given_back]
        self._return(given_back)
        self._act("/v1/pushes:receive", {"push_ids": _ids(ours)})
        enrol = [push for push in ours if "enrolment" in push["owes"]]
        self._act("/v1/pushes:enrol", {"push_ids": _ids(enrol), "note": "纳入日常监管"})
        feedback = [
            *self._inspect([push for push in ours if "inspection" in push["owes"]]),
            *self._check([push for push in ours if "commitment_check" in push["owes"]]),
        ]
        body: Entry = {"by": CLERK, "feedback": feedback}
        answer = self.api.act("/v1/pushes:feed-back", "feedback", body, key="push_id")
        self.counts["refused"] += len(answer["refused"])

    def _is_not_ours(self, push: Entry) -> bool:
        first_time = "rerouted_from" not in push
        may_be = first_time and "enrolment" in push["owes"]
        return may_be and (share(push["push_id"]) < 5 or self._first("return"))

    def _first(self, what: str) -> bool:
        """Whether it is the first of its kind: however small the sample, each kind occurs."""
        self.counts[what] += 1
        return self.counts[what] == 1

    def _return(self, pushes: list[Entry]) -> None:
        for suggested in (True, False):
            ids = [p["push_id"] for p in pushes if (share(p["push_id"], 1) < 60) is suggested]
            body: Entry = {"push_ids": ids, "reason": "不属本单位监管职责"}
            self._act(
                "/v1/pushes:return", body | ({"suggested": self._hand_over_to} if suggested else {})
            )

    def _act(self, path: str, body: Entry) -> None:
        answer = self.api.act(path, "push_ids", body | {"by": CLERK})
        self.counts["done"] += len(answer["done"])
        self.counts["refused"] += len(answer["refused"])

    def _inspect(self, pushes: list[Entry]) -> Iterator[Entry]:
        results, outcomes = [], []
        for push in pushes:
            fate = share(push["push_id"], 2)
            outcome = "conforms" if fate < 75 else "mostly_conforms" if fate < 85 else "fails"
            outcome = "fails" if self._first("inspection") else outcome
            outcomes.append(outcome)
            results.append(_inspection(push, outcome))
        for push, outcome, result_id in zip(pushes, outcomes, self._report(results), strict=True):
            yield _done(push, "inspection", outcome, result_id)
        failed = [p for p, outcome in zip(pushes, outcomes, strict=True) if outcome == "fails"]
        self._report([row for push in failed for row in _after_failing(push)])

    def _check(self, pushes: list[Entry]) -> Iterator[Entry]:
        broken = [p for p in pushes if share(p["push_id"], 3) < 30 or self._first("check")]
        found = dict(zip(_ids(broken), self._report([_breach(p) for p in broken]), strict=True))
        for push in pushes:
            result_id = found.get(push["push_id"])
            yield _done(push, "commitment_check", "broken" if result_id else "kept", result_id)

    def _report(self, results: list[Entry]) -> list[str]:
        ids: list[str] = []
        for rows in _bulks(results):
            answer = self.api.post("/v1/results:batch", rows)
            ids += [row.get("result_id", "") for row in answer["results"]]
            self.counts["results"] += answer["accepted"]
        return ids

    def claim(self, limit: int) -> None:
        """Take decisions out of the pool that nobody was competent for."""
        waiting = self.api.get("/v1/pool").json()
        rows = waiting if isinstance(waiting, list) else waiting["pool"]
        ids = [row["pool_id"] for row in rows[:limit]]
        if ids:
            answer = self.api.post(
                "/v1/pool:claim", {"pool_ids": ids, "by": CLERK, "reason": "经核实属本单位职责"}
            )
            self.counts["claimed"] += len(answer["done"])


def _bulks(rows: Iterable[Entry]) -> Iterator[list[Entry]]:
    source = iter(rows)
    while bulk := list(islice(source, BULK)):
        yield bulk


def _ids(pushes: Iterable[Entry]) -> list[str]:
    return [push["push_id"] for push in pushes]


def _done(push: Entry, duty: str, outcome: str, result_id: str | None) -> Entry:
    done = {"push_id": push["push_id"], "duty": duty, "outcome": outcome}
    return done | ({"result_id": result_id} if result_id else {})


def _result(push: Entry, type_: str, summary: str, number: str) -> Entry:
    return {
        "type": type_,
        "push_id": push["push_id"],
        "found_on": day_in_china(),
        "summary": summary,
        "document_number": f"示监〔2026〕{number}{UUID(push['push_id']).int % 10**10}号",
    }


def _inspection(push: Entry, outcome: str) -> Entry:
    treatment = "rectify" if outcome == "fails" else "passed"
    return _result(push, "inspection", "首次现场检查", "检") | {
        "outcome": outcome,
        "treatment": treatment,
    }


def _breach(push: Entry) -> Entry:
    commitment = push["decision"].get("commitment", {})
    annul = share(push["push_id"], 4) < 60
    return _result(push, "commitment_breach", "经核查与承诺不符", "诺") | {
        "promise": commitment.get("text", "告知承诺"),
        "request": {
            "action": "annul" if annul else "supplement",
            "ground": "违反告知承诺",
        },
    }


def _after_failing(push: Entry) -> Iterator[Entry]:
    """Order, end, clue and request: each kind of result that supervision can send back."""
    yield _result(push, "rectification_order", "责令限期整改", "改") | {
        "rectify_by": day_in_china(15)
    }
    yield _result(push, "rectification_end", "整改复查", "复") | {"outcome": "qualified"}
    yield _result(push, "risk_clue", "同址另有未许可经营", "线")
    if share(push["push_id"], 5) < 50:
        yield _result(push, "action_request", "请限制准入", "函") | {
            "request": {"action": "restrict", "ground": "检查不符合,整改期间"}
        }

"""A sample approving authority: polls its feed for results and findings, acts and answers.

Stand-alone: imports nothing of this repository. Runs until it is told to stop (SIGTERM).
"""

import argparse
import json
import signal
import sys
from collections import Counter
from collections.abc import Iterable

from department_api import Api, Entry
from regulating import day_in_china, share

CLERK = "window-3"
OUTCOMES = {
    "annul": "annulled",
    "supplement": "supplemented",
    "restrict": "restricted",
    "freeze": "frozen",
    "change": "changed",
    "support_revocation": "revocation_supported",
    "deregister": "deregistered",
}


class Bureau:
    """Signs for results, returns what is not its own, acts on requests and reports."""

    def __init__(self, approval_url: str, key: str) -> None:
        self._api = Api(approval_url, key)
        self.counts: Counter[str] = Counter()

    def handle(self, entries: Iterable[Entry]) -> None:
        """Do what a page of the feed asks for."""
        told: dict[str, list[Entry]] = {}
        for entry in entries:
            kind = entry["type"].removeprefix("linkage.feed.").removesuffix(".v1")
            self.counts[kind] += 1
            told.setdefault(kind, []).append(entry["data"])
        self._handle_results(told.get("result-forwarded", []))
        warned = [broken for data in told.get("irregular", []) for broken in data["irregularities"]]
        self._answer_findings(
            [_explained(broken) for broken in warned]
            + [_corrected(data) for data in told.get("finding-sent-back", [])]
        )

    def _handle_results(self, notices: list[Entry]) -> None:
        """Return what is not ours, sign for the rest, do what is asked and report it."""
        if not notices:
            return
        found = [notice["found"] for notice in notices]
        breaches = {
            notice["found"]["data"]["result_id"]: notice["breach_id"]
            for notice in notices
            if notice.get("breach_id")
        }
        clues = [event for event in found if event["type"] == "linkage.result.clue-raised.v1"]
        # The first in any case: however small the sample, each kind of answer occurs.
        first = clues[:1] if not self.counts["return"] else []
        not_ours = [event for event in clues if _fate(event) < 40 or event in first]
        ours = [event for event in found if event not in not_ours]
        reason = "线索所涉非本局许可"
        self._send("return", "result_ids", {"result_ids": _ids(not_ours), "reason": reason})
        self._send("receive", "result_ids", {"result_ids": _ids(ours)})
        reports = [self._act(event, breaches) for event in ours if "request" in event["data"]]
        self._send("report", "reports", {"reports": reports}, key="result_id")

    def _act(self, event: Entry, breaches: dict[str, str]) -> Entry:
        """Decide what was asked for, and say so."""
        result = event["data"]
        report = {"result_id": result["result_id"], "note": "已办理"}
        if event["type"] == "linkage.result.commitment-broken.v1":
            if result["request"]["action"] == "annul":
                self._hear(breaches[result["result_id"]])
                number = self._annul(result)
                return report | {"outcome": "breach_confirmed", "act_document_number": number}
            if _fate(event) < 70:
                self._hear(breaches[result["result_id"]])
                return report | {"outcome": "breach_confirmed"}
            return report | {"outcome": "breach_not_confirmed"}
        return report | {"outcome": OUTCOMES[result["request"]["action"]]}

    def _hear(self, breach: str) -> None:
        """Tell the party what it is suspected of, and hear it: before that nothing is found."""
        step = {
            "by": CLERK,
            "on": day_in_china(),
            "document_number": f"示审批告〔2026〕{breach[:8]}号",
            "ground": "国办发〔2020〕42号",
        }
        hear_by = day_in_china(7)
        self._api.post(f"/v1/breaches/{breach}:notify", step | {"hear_by": hear_by})
        answer = self._api.post(f"/v1/breaches/{breach}:hear", step | {"statement": "示例:无异议"})
        self.counts[f"heard {answer.get('state')}"] += 1

    def _annul(self, result: Entry) -> str:
        number = f"示审批撤〔2026〕{result['result_id'][:8]}号"
        answer = self._api.post(
            f"/v1/decisions/{result['decision_id']}/acts",
            {
                "kind": "annulled",
                "document_number": number,
                "on": day_in_china(),
                "ground": "行政许可法第六十九条",
            },
        )
        self.counts[f"annulment {answer.get('status')}"] += 1
        return number

    def _answer_findings(self, answers: list[Entry]) -> None:
        """Say to each breach of a rule of approval why it happened, or how it was mended."""
        if answers:
            body = {"answers": answers, "by": CLERK}
            said = self._api.act("/v1/findings:answer", "answers", body, key="finding_id")
            self.counts["findings answered"] += len(said["done"])
            self.counts["refused"] += len(said["refused"])

    def _send(self, verb: str, rows: str, body: Entry, key: str | None = None) -> None:
        answer = self._api.act(f"/v1/results:{verb}", rows, body | {"by": CLERK}, key)
        self.counts[verb] += len(answer["done"])
        self.counts["refused"] += len(answer["refused"])


def _explained(broken: Entry) -> Entry:
    note = f"示例说明:{broken['rule']}"
    return {"finding_id": broken["finding_id"], "kind": "explanation", "note": note}


def _corrected(sent_back: Entry) -> Entry:
    """The answer when the first one was not enough: by which document it was mended."""
    id_ = sent_back["finding_id"]
    number = f"示审批更〔2026〕{id_[:8]}号"
    corrected = {"kind": "correction", "note": "示例:已更正", "act_document_number": number}
    return {"finding_id": id_, **corrected}


def _ids(events: Iterable[Entry]) -> list[str]:
    return [event["data"]["result_id"] for event in events]


def _fate(event: Entry) -> int:
    return share(event["data"]["result_id"])


def main() -> None:
    """Poll, work, remember the cursor; print what was done when told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("approval-url", "feed-url", "key", "organisation"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    feed = Api(options.feed_url, options.key)
    bureau = Bureau(options.approval_url, options.key)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cursor: dict[str, str] = {}
    try:
        while True:
            page = feed.get(
                f"/v1/feeds/{options.organisation}/entries", limit=500, wait=5, **cursor
            ).raise_for_status()
            bureau.handle(page.json())
            cursor = {"after": page.headers["Linkage-Cursor"]}
    finally:
        print(json.dumps(bureau.counts, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()

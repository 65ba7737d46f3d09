"""The demo is a story too: sample tables in, client programs at work, the books balanced."""

from pathlib import Path

import pytest

from linkage_runtime.demo.report import summarise
from linkage_runtime.demo.run import run_demo

pytestmark = pytest.mark.story


def test_a_sample_with_one_per_cent_broken_rows_goes_round_both_loops(
    broker: str | None, tmp_path: Path
) -> None:
    ran = run_demo(tmp_path, kafka=broker, rows=600, sabotage=False)
    summary = summarise(ran)
    assert summary["unaccounted_ids"] == []
    assert summary["rejected_as_expected"]
    assert summary["imported_again"]["accepted"] == 0
    assert summary["event_types_missing"] == []
    assert summary["linkages"]["closed"] > 0
    assert summary["dead_letters"]["buried"] == 0

"""`linkage import`, at a counter that is busy, shut, or interrupted."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linkage_runtime.command import sending
from linkage_runtime.command.main import app
from tests.unit.import_counter import Counter, a_counter
from tests.unit.table_files import HEADER, a_row, write_csv


@pytest.fixture
def counter() -> Iterator[Counter]:
    with a_counter() as opened:
        yield opened


def imported(file: Path, counter: Counter) -> Result:
    return CliRunner().invoke(app, ["import", str(file), "--url", counter.url, "--key", "k"])


def counts(result: Result) -> list[str]:
    [line] = [line for line in result.output.splitlines() if line.startswith("│")]
    return line.strip("│").replace(" ", "").split("│")


def rejected(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def a_file(folder: Path, rows: int) -> Path:
    return write_csv(folder / "x.csv", [["公示表"], HEADER, *map(a_row, range(rows))])


def test_rows_go_in_batches_and_the_whole_is_shown(tmp_path: Path, counter: Counter) -> None:
    result = imported(a_file(tmp_path, 2_300), counter)
    assert counter.batches == [1_000, 1_000, 300]
    assert (result.exit_code, counts(result)) == (0, ["2300", "0", "0"])
    assert "100% 2300 行" in result.output


def test_a_batch_of_long_rows_stays_below_what_an_api_takes(
    tmp_path: Path, counter: Counter
) -> None:
    long = [[*a_row(at)[:5], "长" * 30_000] for at in range(100)]
    imported(write_csv(tmp_path / "x.csv", [HEADER, *long]), counter)
    assert len(counter.batches) > 1
    assert len(counter.taken) == 100


def test_rejected_rows_are_corrected_and_imported_again(tmp_path: Path, counter: Counter) -> None:
    bad, formula = a_row(2), a_row(3)
    bad[0], formula[5] = "坏号", "=A1"
    file = write_csv(tmp_path / "x.csv", [HEADER, a_row(1), bad, formula])
    assert counts(imported(file, counter)) == ["1", "0", "2"]
    left = tmp_path / "x.csv.rejected.csv"
    first, second = rejected(left)
    assert (first["原行号"], second["原行号"]) == ("3", "4")
    assert first["错误原因"].startswith("XK_WSH: ")
    assert second["错误原因"].startswith("XK_NR: 是没有计算结果的公式")
    assert left.stat().st_mode & 0o077 == 0
    first["XK_WSH"] = a_row(2)[0]
    write_csv(left, [list(first), list(first.values()), list(second.values())], "utf-8-sig")
    assert counts(imported(left, counter)) == ["1", "0", "1"]
    [still] = rejected(tmp_path / "x.csv.rejected.csv.rejected.csv")
    assert [*still] == [*HEADER, "原行号", "错误原因"]


def test_corrections_in_hand_survive_another_import_of_the_file(
    tmp_path: Path, counter: Counter
) -> None:
    left = tmp_path / "x.csv.rejected.csv"
    left.write_text("half corrected", encoding="utf-8")
    result = imported(a_file(tmp_path, 1), counter)
    assert not left.exists()
    assert (tmp_path / "x.csv.rejected.csv.bak").read_text(encoding="utf-8") == "half corrected"
    assert "rejected.csv" not in result.output


def test_an_interrupted_import_says_where_it_stands_and_doubles_nothing_when_run_again(
    tmp_path: Path, counter: Counter
) -> None:
    file = a_file(tmp_path, 3_500)
    counter.troubles = {2: "interrupt"}
    broken_off = imported(file, counter)
    assert broken_off.exit_code == 130
    assert counts(broken_off) == ["2000", "0", "0"]
    assert "第 2002 行" in broken_off.output
    again = imported(file, counter)
    # The third batch was taken, though its answer was never read.
    assert (again.exit_code, counts(again)) == (0, ["500", "3000", "0"])
    assert len(counter.taken) == 3_500


def test_a_counter_that_is_shut_for_a_moment_is_waited_for_as_long_as_it_says(
    tmp_path: Path, counter: Counter
) -> None:
    counter.troubles = {1: "away"}
    begun = time.monotonic()
    result = imported(a_file(tmp_path, 1_500), counter)
    assert time.monotonic() - begun >= 1
    assert counts(result) == ["1500", "0", "0"]
    assert result.output.count("正在等待并重发") == 1


def test_a_counter_that_stays_shut_ends_the_import_with_a_sentence(
    tmp_path: Path, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_PATIENCE_SECONDS", 0.1)
    counter.troubles = {1: "away", 2: "away", 3: "away"}
    result = imported(a_file(tmp_path, 1_500), counter)
    assert result.exit_code == 1
    assert "no answer" in result.output
    assert "第 1002 行" in result.output
    counter.url = "http://127.0.0.1:9"
    result = imported(a_file(tmp_path, 1), counter)
    assert (result.exit_code, "no answer" in result.output) == (1, True)


def test_a_file_that_is_no_table_ends_with_a_sentence(tmp_path: Path, counter: Counter) -> None:
    result = imported(write_csv(tmp_path / "x.csv", [["a"]]), counter)
    assert result.exit_code == 1
    assert "找不到表头" in result.output

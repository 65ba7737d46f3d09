"""The generated sample is what it says it is."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from linkage_contracts.codes import AuthorityKind
from linkage_contracts.identity import is_uscc
from tests.unit.sample_recount import (
    CODE,
    OFFICIAL,
    ROOT,
    TODAY,
    catalogue,
    day,
    recount,
    table,
    tidy,
)

LICENCES = ("licences.xlsx", "licences-plain.csv")
ID_COLUMNS = ("法定代表人证件号码", "证件号码")


def generate(out: Path, *, seed: int) -> Path:
    program = ROOT / "demo/generate_sample.py"
    command = [sys.executable, str(program), "--out", str(out), "--seed", str(seed)]
    subprocess.run([*command, "--rows", "600"], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("sample"), seed=7)


@pytest.mark.parametrize("name", LICENCES)
def test_what_is_expected_agrees_with_an_independent_count(sample: Path, name: str) -> None:
    expected = json.loads((sample / "expected.json").read_text("utf-8"))["files"][name]
    expected["broken"] = [(entry["row"], entry["reason"]) for entry in expected["broken"]]
    counted = recount(table(sample, name))
    assert {key: expected[key] for key in counted} == counted
    assert counted["broken"]
    assert counted["duplicates"]
    assert (
        expected["rows"]
        == sum(len(expected[k]) for k in ("broken", "duplicates")) + counted["good"]
    )


def test_the_penalties_expected_agree_with_an_independent_count(sample: Path) -> None:
    expected = json.loads((sample / "expected.json").read_text("utf-8"))["files"]["penalties.csv"]
    rows = table(sample, "penalties.csv")
    broken = [
        number
        for number, row in rows.items()
        if row["CF_XDR_LB"] != "自然人" and not is_uscc(tidy(row["CF_XDR_SHXYM"]))
    ]
    unique = {tuple(row.values()) for row in rows.values()}
    assert [entry["row"] for entry in expected["broken"]] == broken
    assert expected["rows"] == len(rows)
    assert len(expected["duplicates"]) == len(rows) - len(unique) == 1
    assert expected["good"] == len(unique) - len(broken)


def test_every_kind_of_decision_and_every_age_of_commitment_occurs(sample: Path) -> None:
    rows = table(sample, "licences.xlsx").values()
    kinds = {row["决定类型"] for row in rows}
    assert kinds == {"", "不予", "变更", "延续", "撤回", "撤销", "注销"}
    ages = {(TODAY - day(row["许可决定日期"])).days for row in rows if row["告知承诺"] == "是"}
    for nearest, farthest in ((50, 55), (62, 66), (75, 90)):
        assert ages & set(range(nearest, farthest + 1))


def test_an_act_on_a_decision_keeps_its_number_and_has_a_later_date(sample: Path) -> None:
    granted: dict[tuple[str, str], str] = {}
    acts = 0
    for row in table(sample, "licences.xlsx").values():
        key = (tidy(row["行政许可决定文书号"]), tidy(row["行政相对人名称"]))
        if row["决定类型"] in {"", "不予"}:
            granted.setdefault(key, str(day(row["许可决定日期"])))
        else:
            acts += 1
            assert str(day(row["许可决定日期"])) > granted[key]
    assert acts >= 5


def test_the_plain_table_has_the_official_columns_and_no_other(sample: Path) -> None:
    with (sample / "licences-plain.csv").open(encoding="gb18030", newline="") as file:
        header = next(csv.reader(file))
    assert header[0] == "XK_XDR_MC"
    assert header[-1] == "BZ"
    assert len(set(header)) == len(OFFICIAL) == 28
    assert {row["备注"] for row in table(sample, "licences-plain.csv").values()} == {"合成数据"}


def test_every_party_is_recognisably_made_up(sample: Path) -> None:
    for name in LICENCES:
        for row in table(sample, name).values():
            names = row["行政相对人名称"] + row["法定代表人"]
            assert re.search("示例|样本|测试|虚构", names)
            assert tidy(row[CODE])[8:10] in {"", "XM", "00"}
            residents = [tidy(row[column]) for column in ID_COLUMNS if len(tidy(row[column])) == 18]
            assert all(re.match(r"4507(?:02|03|21|22)190\d", number) for number in residents)


@pytest.mark.parametrize("name", LICENCES)
def test_a_blank_line_stands_between_the_rows(sample: Path, name: str) -> None:
    numbers = list(table(sample, name))
    assert numbers[-1] - numbers[0] >= len(numbers)


def test_the_codes_include_rural_collectives_others_and_the_unknown(sample: Path) -> None:
    rows = [row for name in LICENCES for row in table(sample, name).values()]
    beginnings = {tidy(row[CODE])[:2] for row in rows}
    assert beginnings >= {"91", "92", "93", "52", "12", "N2", "Y1", "00", ""}
    assert any(row[CODE] != tidy(row[CODE]) for row in rows), "full-width digits occur"
    assert any(row["行政相对人名称"].endswith(" ") for row in rows), "trailing spaces occur"


def test_personal_numbers_stand_in_their_own_columns_only(sample: Path) -> None:
    for name in LICENCES:
        rows = table(sample, name).values()
        numbers = {tidy(row[column]) for row in rows for column in ID_COLUMNS} - {""}
        others = {tidy(row[title]) for row in rows for title in row if title not in ID_COLUMNS}
        assert numbers
        assert not any(number in text for text in others for number in numbers)


def test_penalties_are_of_licensed_parties_by_supervising_authorities(sample: Path) -> None:
    licensed = {
        tidy(row["行政相对人名称"]) for name in LICENCES for row in table(sample, name).values()
    }
    for row in table(sample, "penalties.csv").values():
        authority = catalogue().authority_by_id[row["CF_CFJGDM"]]
        assert authority.kind is AuthorityKind.SUPERVISING
        assert tidy(row["CF_XDR_MC"]) in licensed


def test_one_seed_gives_the_same_bytes_and_another_does_not(sample: Path, tmp_path: Path) -> None:
    again = generate(tmp_path / "again", seed=7)
    other = generate(tmp_path / "other", seed=8)
    for name in (*LICENCES, "penalties.csv", "expected.json"):
        assert (again / name).read_bytes() == (sample / name).read_bytes()
        assert (other / name).read_bytes() != (sample / name).read_bytes()

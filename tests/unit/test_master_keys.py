"""Changing the master key: at each step every process opens what any other seals."""

import base64
import hashlib
from itertools import pairwise

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError
from typer.testing import CliRunner

from linkage_runtime.command.main import app
from linkage_runtime.doctor.finding import State
from linkage_runtime.doctor.personal_keys import judge_rotation
from linkage_runtime.master_keys import Boxes, MasterKeys
from linkage_runtime.settings import KeySettings

OLD, NEW = b"o" * 32, b"n" * 32
NAMES = MasterKeys(OLD).naming
STEPS = (
    MasterKeys(OLD),
    MasterKeys(OLD, (NEW,), NAMES),
    MasterKeys(NEW, (OLD,), NAMES),
    MasterKeys(NEW, (), NAMES),
)


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_boxes_and_names_are_those_of_before_the_key_could_be_changed() -> None:
    nonce = b"1" * 12
    key = AESGCM(hashlib.sha256(b"wrap" + OLD).digest())
    box = nonce + key.encrypt(nonce, b"secret", b"person:1")
    assert Boxes(b"wrap", MasterKeys(OLD)).open(box, "person:1") == b"secret"
    assert hashlib.sha256(b"hash" + OLD).digest() == NAMES


@pytest.mark.parametrize("pair", list(pairwise(STEPS[:3])), ids=["both known", "both used"])
def test_two_neighbouring_steps_open_what_the_other_seals(
    pair: tuple[MasterKeys, MasterKeys],
) -> None:
    before, after = (Boxes(b"wrap", keys) for keys in pair)
    assert before.open(after.seal(b"x", "about"), "about") == b"x"
    assert after.open(before.seal(b"x", "about"), "about") == b"x"


def test_a_step_left_out_would_lock_processes_out() -> None:
    sealed = Boxes(b"wrap", STEPS[2]).seal(b"x", "about")
    with pytest.raises(InvalidTag):
        Boxes(b"wrap", STEPS[0]).open(sealed, "about")


def test_what_is_sealed_anew_needs_the_old_key_no_more() -> None:
    box = Boxes(b"wrap", STEPS[1]).seal(b"x", "about")
    changing, changed = Boxes(b"wrap", STEPS[2]), Boxes(b"wrap", STEPS[3])
    anew = changing.sealed_anew(box, "about")
    assert anew is not None
    assert changing.sealed_anew(anew, "about") is None
    assert changed.open(anew, "about") == b"x"
    for wrong in [(box, "about"), (anew, "another")]:
        with pytest.raises(InvalidTag):
            changed.sealed_anew(*wrong)


def test_persons_keep_their_names_through_all_of_it() -> None:
    assert {keys.naming for keys in STEPS} == {NAMES}
    assert MasterKeys(NEW).naming != NAMES


def test_no_key_is_shown() -> None:
    assert repr(MasterKeys(OLD, (NEW,), NAMES)) == "MasterKeys()"


def test_the_environment_tells_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKAGE_MASTER_KEY", text(NEW))
    assert KeySettings().master == MasterKeys(NEW)
    monkeypatch.setenv("LINKAGE_MASTER_KEYS_BESIDE", f"{text(OLD)},{text(NAMES)}")
    monkeypatch.setenv("LINKAGE_NAMING_KEY", text(NAMES))
    read = KeySettings().master
    assert read == MasterKeys(NEW, (OLD, NAMES), NAMES)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LINKAGE_MASTER_KEY", "", "32 bytes"),
        ("LINKAGE_MASTER_KEY", f"{text(OLD)},{text(NEW)}", "32 bytes"),
        ("LINKAGE_NAMING_KEY", "c2hvcnQ=", "32 bytes"),
        ("LINKAGE_MASTER_KEYS_BESIDE", f"{text(OLD)},short", "32 bytes"),
        ("LINKAGE_MASTER_KEYS_BESIDE", text(OLD), "LINKAGE_NAMING_KEY"),
    ],
)
def test_a_key_that_cannot_be_used_ends_the_process_at_its_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("LINKAGE_MASTER_KEY", text(NEW))
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=said) as refused:
        KeySettings()
    assert not value or value not in str(refused.value)


def test_the_command_prints_what_names_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "MONGO"):
        monkeypatch.setenv(f"LINKAGE_{name}", "elsewhere:1")
    monkeypatch.delenv("LINKAGE_NAMING_KEY", raising=False)
    monkeypatch.setenv("LINKAGE_MASTER_KEY", text(OLD))
    assert CliRunner().invoke(app, ["master-key", "naming"]).output.strip() == text(NAMES)
    monkeypatch.setenv("LINKAGE_MASTER_KEY", text(NEW))
    monkeypatch.setenv("LINKAGE_NAMING_KEY", text(NAMES))
    assert CliRunner().invoke(app, ["master-key", "naming"]).output.strip() == text(NAMES)


def test_the_doctor_reminds_of_a_change_that_was_begun() -> None:
    assert [judge_rotation(behind).state for behind in (True, False)] == [State.WARNING] * 2
    assert "reseal" in judge_rotation(True).remedy_en  # noqa: FBT003 -- an answer

import base64
import stat
from pathlib import Path

from linkage_runtime.stack.folder import StackFolder, deploy_folder, write_private


def test_the_master_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "fresh")
    key = folder.master_key()
    assert len(base64.b64decode(key, validate=True)) == 32
    assert folder.master_key() == key
    assert stat.S_IMODE((tmp_path / "fresh" / "master.key").stat().st_mode) == 0o600


def test_two_folders_have_two_master_keys(tmp_path: Path) -> None:
    assert StackFolder(tmp_path / "a").master_key() != StackFolder(tmp_path / "b").master_key()


def test_a_private_file_is_private_even_where_a_public_one_stood(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "新")
    assert path.read_text(encoding="utf-8") == "新"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_deploy_folder_of_this_checkout_is_found() -> None:
    assert deploy_folder() == Path(__file__).resolve().parents[2] / "deploy"

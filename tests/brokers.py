"""What Apache Kafka needs on this machine: a laptop may lack it, CI may not."""

import os
from pathlib import Path

import pytest

from linkage_runtime.stack.apache import missing_tool
from linkage_runtime.stack.folder import deploy_folder


def kafka_pom() -> Path:
    """The pom that names Kafka's jars; skips where JDK or Maven is missing, and fails in CI."""
    pom = deploy_folder() / "kafka" / "pom.xml"
    if (missing := missing_tool(pom)) is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return pom

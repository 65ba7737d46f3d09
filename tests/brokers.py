"""What Apache Kafka needs on this machine: a laptop may lack it, CI may not."""

from pathlib import Path

from linkage_runtime.stack.apache import missing_tool
from linkage_runtime.stack.folder import deploy_folder
from tests.lacking import lacks


def kafka_pom() -> Path:
    """The pom that names Kafka's jars; skips where JDK or Maven is missing, and fails in CI."""
    pom = deploy_folder() / "kafka" / "pom.xml"
    if (missing := missing_tool(pom)) is not None:
        lacks(missing)
    return pom

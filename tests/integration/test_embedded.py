from pathlib import Path

import pymongo
import pytest
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from linkage_contracts.topics import TOPICS
from linkage_runtime.stack.embedded import embedded_database, embedded_kafka, embedded_mongo
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.process import AlreadyRunningError
from linkage_runtime.stack.provision import provision_topics


def test_the_database_refuses_a_second_copy_after_a_restart(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    for known in (0, 1):
        with embedded_mongo(folder) as uri, pymongo.MongoClient[dict[str, str]](uri) as client:
            facts = client["credit"]["facts"]
            assert facts.count_documents({}) == known
            if not known:
                facts.create_index("event_id", unique=True)
                facts.insert_one({"event_id": "one"})
            with pytest.raises(DuplicateKeyError):
                facts.insert_one({"event_id": "one"})


def test_a_database_that_was_killed_starts_again_on_its_data_at_its_address(
    tmp_path: Path,
) -> None:
    with (
        embedded_database(StackFolder(tmp_path)) as part,
        pymongo.MongoClient[dict[str, str]](part.address) as client,
    ):
        durable = client["credit"].get_collection("facts", write_concern=WriteConcern(j=True))
        durable.insert_one({"event_id": "one"})
        part.child.kill()
        assert not part.answers()
        part.start()
        assert client["credit"]["facts"].count_documents({}) == 1


async def test_the_broker_knows_its_topics_after_a_restart(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    for known in (0, 2 * len(TOPICS)):
        with embedded_kafka(folder) as address:
            assert len((await provision_topics(address)).existing) == known


def test_two_stacks_do_not_share_a_folder(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    with (
        embedded_kafka(folder),
        pytest.raises(AlreadyRunningError, match="use another folder"),
        embedded_kafka(folder),
    ):
        pytest.fail("the second broker started beside the first")

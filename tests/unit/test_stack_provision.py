from pathlib import Path

import pytest

from linkage_contracts.topics import RATINGS, TOPICS, Topic
from linkage_runtime.stack.provision import planned_topics
from linkage_runtime.stack.stores import StoreError, provision_stores

PLANNED = {topic.name: topic.settings for topic in planned_topics()}


def test_every_topic_and_its_dead_letters_are_planned_once() -> None:
    names = [topic.name for topic in planned_topics()]
    assert sorted(names) == sorted(
        [topic.name for topic in TOPICS] + [topic.dead_letter for topic in TOPICS]
    )


def test_only_the_compacted_topic_forgets_anything() -> None:
    forgetful = {name for name, settings in PLANNED.items() if settings.get("retention.ms") != "-1"}
    assert forgetful == {RATINGS.name}
    assert PLANNED[RATINGS.name]["cleanup.policy"] == "compact"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_dead_letter_has_room_for_its_source_and_its_reason(topic: Topic) -> None:
    source = int(PLANNED[topic.name]["max.message.bytes"])
    assert int(PLANNED[topic.dead_letter]["max.message.bytes"]) == source + 65_536


def test_a_service_that_cannot_make_its_indexes_is_named(tmp_path: Path) -> None:
    (tmp_path / "toy_fine.py").write_text("print('made')")
    (tmp_path / "toy_broken.py").write_text("raise SystemExit('index conflicts')")
    environment = {"PYTHONPATH": str(tmp_path)}
    provision_stores(environment, modules=("toy_fine",))
    with pytest.raises(StoreError, match=r"toy_broken failed \(1\): index conflicts"):
        provision_stores(environment, modules=("toy_fine", "toy_broken"))

"""The first site is gone at once; the second goes on from the mirror and the last backup.

`make site-drill`: RPO and RTO as measured stand in .linkage/site-drill.json. MirrorMaker 2 and both
Kafkas are the real ones; the database is the embedded one, whose backup is a copy of its files
while it was stopped for a moment, as a snapshot of a stopped secondary would be.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linkage_runtime.books.audit import audit
from linkage_runtime.books.quiet import await_quiet
from linkage_runtime.command.main import app
from linkage_runtime.command.seed import seed
from linkage_runtime.stack.apache import apache_broker, fetch_libraries
from linkage_runtime.stack.embedded import embedded_database
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.local import RunningStack, StackPlan, local_stack, settings_of
from linkage_runtime.stack.part import Part
from linkage_runtime.stack.process import Child, Command
from tests.brokers import kafka_pom
from tests.fault.lag import lag
from tests.log import Log
from tests.steady import SteadyDecisions, send
from tests.story.organisations import BUREAU, REGULATOR, Organisation, eventually

pytestmark = pytest.mark.fault

FIGURES = Path(".linkage") / "site-drill.json"
GROUPS = ("approval-events", "supervision-push", "credit")
# A JVM that first makes topics and groups of its own: beside other work over a minute.
_MIRROR_SECONDS = 240.0
BEFORE, AFTER = 60, 100
"""Decisions accepted before the backup, and from then until the end of the site."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place with a log and a database of its own."""

    folder: StackFolder
    kafka: Part
    mongo: Part

    def run(self, *words: str | Path) -> str:
        """The `linkage` command as an operator of this site types it."""
        settings = settings_of(self.kafka.address, self.mongo.address, self.folder.master_key())
        done = CliRunner().invoke(app, [str(word) for word in words], env=settings)
        assert done.exit_code == 0, done.output
        return done.output

    @contextmanager
    def serving(self) -> Iterator[RunningStack]:
        """Every process."""
        plan = StackPlan(folder=self.folder, kafka=self.kafka.address, mongo=self.mongo.address)
        with local_stack(plan, seed=seed, tell=print) as running:
            yield running


@contextmanager
def site(folder: StackFolder) -> Iterator[Site]:
    with (
        apache_broker(folder, pom=kafka_pom()) as kafka,
        embedded_database(folder) as mongo,
    ):
        yield Site(folder, kafka, mongo)


@contextmanager
def mirror(first: Site, second: Site) -> Iterator[Child]:
    """MirrorMaker 2 with the settings that are deployed, for one broker on each side."""
    home = deploy_folder() / "kafka-mirror"
    settings = (home / "mirror.properties").read_text(encoding="utf-8")
    settings = settings.replace("replication.factor = 3", "replication.factor = 1")
    settings = settings.replace("kafka.first:9093", first.kafka.address)
    settings = settings.replace("kafka.second:9093", second.kafka.address)
    file = second.folder.root / "mirror.properties"
    file.write_text(settings, encoding="utf-8")
    java = ("java", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
    libraries = fetch_libraries(home / "pom.xml")
    maker = "org.apache.kafka.connect.mirror.MirrorMaker"
    child = Child(
        Command(
            name="mirror",
            argv=(*java, "-cp", f"{libraries}/*", maker, str(file)),
            log=second.folder.log("mirror"),
            pid_file=second.folder.pid_file("mirror"),
        )
    )
    child.start()
    try:
        yield child
    finally:
        child.stop()


def issued(there: Site) -> Counter[str]:
    """The decisions of a site's log."""
    log = Log()
    log.read_on(there.kafka.address)
    assert log.letters == set()
    return Counter(seen.data["decision_id"] for seen in log.of("decision.issued"))


def test_a_second_site_takes_over(tmp_path: Path) -> None:
    with ExitStack() as parts:
        first = parts.enter_context(site(StackFolder(tmp_path / "first")))
        second = parts.enter_context(site(StackFolder(tmp_path / "second")))
        _carry_secrets(first, second)
        second.run("provision")
        parts.enter_context(mirror(first, second))
        positions, snapshot = tmp_path / "positions.json", tmp_path / "snapshot"
        life = _live(first, second, positions, snapshot)
        gone, accepted = life.gone, life.accepted
        _restore(snapshot, second)
        assert "重新报送" in second.run("take-over", positions)
        with second.serving() as running:
            serving = time.monotonic() - gone
            eventually(lambda: not any(lag(second.kafka.address, one) for one in GROUPS), "read")
            whole = time.monotonic() - gone
            missing = set(accepted) - set(issued(second))
            named = audit(second.kafka.address, second.mongo.address, wait=0).unaccounted
            _send_again(running, len(accepted))
            _all_there(second, running, accepted)
    # What was sent last may be lost, and nothing before it.
    kept = len(accepted) - len(missing)
    assert missing == set(accepted[kept:])
    _note(
        {
            "accepted": len(accepted),
            "accepted after the backup": len(accepted) - life.backed_up,
            "RPO: accepted and not mirrored": len(missing),
            "RPO in seconds": round(gone - life.accepted_at[kept], 2) if missing else 0,
            "RTO: seconds until it serves": round(serving, 1),
            "seconds until all was read": round(whole, 1),
            "named by the books before all was sent again": len(named),
        }
    )


@dataclass(frozen=True, slots=True)
class Life:
    """Of the first site, until its end."""

    accepted: list[str]
    accepted_at: list[float]
    backed_up: int
    """How many of them when the backup began."""
    gone: float


def _live(first: Site, second: Site, positions: Path, snapshot: Path) -> Life:
    with first.serving() as running:
        _carry_secrets(first, second)
        load = SteadyDecisions(running.stack)
        load.start()
        eventually(lambda: len(load.accepted) > BEFORE, f"{BEFORE} decisions")
        eventually(lambda: issued(second) or None, "the mirror", within=_MIRROR_SECONDS)
        first.run("positions", positions)
        backed_up = _back_up(first, load, snapshot)
        eventually(lambda: len(load.accepted) > backed_up + AFTER, f"{AFTER} more decisions")
        gone = _end(first, running)
        load.end()
    assert load.surprises == []
    return Life(load.accepted, load.accepted_at, backed_up, gone)


def _carry_secrets(first: Site, second: Site) -> None:
    """The master key by its own way; and the keys that the sample organisations have."""
    first.folder.master_key()
    for name in ("master.key", "stack.json"):
        if (first.folder.root / name).exists():
            shutil.copy(first.folder.root / name, second.folder.root / name)


def _back_up(first: Site, load: SteadyDecisions, snapshot: Path) -> int:
    """Copy the database's files, and say how much was accepted when that began."""
    accepted = len(load.accepted)
    first.mongo.child.stop()
    shutil.copytree(first.folder.data("mongo"), snapshot)
    first.mongo.start()
    return accepted


def _end(first: Site, running: RunningStack) -> float:
    """Everything at once, and nothing of it comes back; when that was."""
    processes = [one.child for one in running.services.running.values()]
    gone = time.monotonic()
    for child in (first.kafka.child, first.mongo.child, *processes):
        child.kill()
    return gone


def _restore(snapshot: Path, second: Site) -> None:
    second.mongo.child.stop()
    shutil.rmtree(second.folder.data("mongo"))
    shutil.copytree(snapshot, second.folder.data("mongo"), dirs_exist_ok=True)
    second.mongo.start()


def _send_again(running: RunningStack, decisions: int) -> None:
    with closing(Organisation(running.stack, BUREAU)) as bureau:
        for number in range(decisions):
            assert send(bureau, number).is_success


def _all_there(second: Site, running: RunningStack, accepted: list[str]) -> None:
    """Each decision once on the log and on the feed, and the books agree."""
    assert await_quiet(second.kafka.address, quiet=2, patience=60)
    assert issued(second) == Counter(accepted)
    assert _told(running) == Counter(accepted)
    assert audit(second.kafka.address, second.mongo.address, wait=30).unaccounted == []


def _told(running: RunningStack) -> Counter[str]:
    """The decisions that the regulator reads on its feed, from its beginning."""
    told: Counter[str] = Counter()
    with closing(Organisation(running.stack, REGULATOR)) as regulator:
        after: dict[str, str] = {}
        while True:
            path = f"/v1/feeds/{REGULATOR}/entries"
            page = regulator.get("supervision-push", path, limit=1000, **after)
            if not page.json():
                return told
            told.update(
                entry["data"]["decision"]["decision_id"]
                for entry in page.json()
                if entry["type"] == "linkage.feed.push-opened.v1"
            )
            after = {"after": page.headers["Linkage-Cursor"]}


def _note(figures: dict[str, float]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    text = json.dumps(figures, indent=2) + "\n"
    FIGURES.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201 -- what the drill is for

"""Compose file, Dockerfiles and Prometheus agree with the services; checked without an engine."""

import base64
import json
import re
import subprocess
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import distribution
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema
import pytest
import yaml

from credit.settings import CreditSettings
from linkage_runtime.books.mongo_book import DATABASE as BOOKS
from linkage_runtime.letters.mongo_acts import DATABASE as LETTERS
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.stack.services import PROCESSES, ServiceProcess
from supervision_push.settings import Settings as SupervisionSettings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
SETTINGS: dict[str, type[RuntimeSettings]] = {
    "approval-events": RuntimeSettings,
    "supervision-push": SupervisionSettings,
    "credit": CreditSettings,
}
PORT, PROBES = "8080", "9464"

each_image = pytest.mark.parametrize("service", SETTINGS)


class Process(BaseHTTPRequestHandler):
    """Answers `/healthz` with its status and knows nothing else."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()


def instructions(service: str) -> str:
    """A Dockerfile with every instruction on one line, as Docker reads it."""
    dockerfile = ROOT / "services" / service / "Dockerfile"
    return dockerfile.read_text(encoding="utf-8").replace("\\\n", "")


def image_of(process: ServiceProcess) -> str:
    """The books are of no service, and run in the image of the first."""
    return "approval-events" if process.service == "linkage" else process.service


def container_of(process: ServiceProcess) -> str:
    return f"{process.service}-{process.role}"


def test_the_compose_file_keeps_the_compose_specification() -> None:
    # The schema that check-jsonschema brings, without its command, which not every click starts.
    vendored = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
    schema = Path(str(distribution("check-jsonschema").locate_file(vendored)))
    jsonschema.validate(COMPOSE, json.loads(schema.read_text(encoding="utf-8")))


def test_whatever_the_compose_file_refers_to_exists() -> None:
    # Compose mounts no other kind of secret into a read-only container.
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for container in CONTAINERS.values():
        assert set(container.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(container.get("depends_on", ())) <= set(CONTAINERS)
        for volume in container.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if "/" in source else source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_is_root_or_unbounded_or_can_change_its_image(name: str) -> None:
    container = CONTAINERS[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["user"])
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["mem_limit"]
    assert re.search(r":\S*\d+\.\d+", container["image"]), "pinned by tag"
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ()))


def test_the_secrets_become_settings_of_the_command(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(32)).decode()
    (tmp_path / "master-key").write_text(key + "\n", encoding="ascii")
    (tmp_path / "mongo-password").write_text("5e1f\n", encoding="ascii")
    wrapper = [
        word.replace("$$", "$").replace("/run/secrets", str(tmp_path))
        for word in CONTAINERS["credit-api"]["entrypoint"]
    ]
    said = subprocess.run([*wrapper, "env"], check=True, capture_output=True, text=True).stdout
    environment = dict(line.split("=", 1) for line in said.splitlines())
    assert environment["LINKAGE_MASTER_KEY"] == key
    assert environment["LINKAGE_MONGO"].startswith("mongodb://linkage:5e1f@mongo:27017/?")


def test_every_process_runs_once_in_the_image_of_its_service() -> None:
    running = {
        name: (container["command"], container["build"])
        for name, container in CONTAINERS.items()
        if "python" in container.get("command", ())
    }
    assert running == {
        container_of(process): (
            ["python", "-m", process.module],
            {"context": ".", "dockerfile": f"services/{image_of(process)}/Dockerfile"},
        )
        for process in PROCESSES
    }


def test_every_process_waits_for_topics_and_indexes() -> None:
    for process in PROCESSES:
        waits = CONTAINERS[container_of(process)]["depends_on"]
        assert waits == {"provision": {"condition": "service_completed_successfully"}}
    assert CONTAINERS["provision"]["command"] == ["linkage", "provision"]
    assert CONTAINERS["provision"]["depends_on"] == {
        "kafka": {"condition": "service_healthy"},
        "mongo-init": {"condition": "service_completed_successfully"},
    }


def test_the_doctor_asks_every_process() -> None:
    asked = CONTAINERS["provision"]["environment"]["LINKAGE_PROBES"].split()
    assert asked == [f"http://{container_of(process)}:{PROBES}" for process in PROCESSES]


def test_the_user_of_the_processes_may_use_the_databases_they_open_and_no_others() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("services/*/src/**/*.py")
    )
    opened = set(re.findall(r'\bdatabase\(client, "(\w+)"\)', sources))
    script = (ROOT / "deploy" / "mongo" / "replica-set.js").read_text(encoding="utf-8")
    granted = re.search(r"DATABASES = (\[[^]]+\])", script)
    assert granted
    # The command and the books run with the same user.
    assert set(yaml.safe_load(granted[1])) == opened | {LETTERS, BOOKS}


def test_prometheus_scrapes_every_process_once_and_nothing_that_is_not_there() -> None:
    jobs = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["scrape_configs"]
    scraped = Counter(
        (job["job_name"], group.get("labels", {}).get("role"), target)
        for job in jobs
        for group in job["static_configs"]
        for target in group["targets"]
    )
    wanted = {(one.service, one.role, f"{container_of(one)}:{PROBES}") for one in PROCESSES}
    assert scraped == Counter({*wanted, ("prometheus", None, "prometheus:9090")})
    assert {target.split(":")[0] for _, _, target in scraped} <= set(CONTAINERS)


@each_image
def test_hadolint_has_nothing_to_say(service: str) -> None:
    hadolint = str(Path(sys.executable).with_name("hadolint"))
    command = [hadolint, str(ROOT / "services" / service / "Dockerfile")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@each_image
def test_an_image_is_not_root_and_has_what_its_settings_name(service: str) -> None:
    image = instructions(service)
    assert "\nUSER 10001:10001\n" in image
    assert re.search(rf" LINKAGE_HOST=0\.0\.0\.0 +LINKAGE_PORT={PORT} ", image)
    assert re.search(rf" LINKAGE_PROBES_HOST=0\.0\.0\.0 +LINKAGE_PROBES_PORT={PROBES}\n", image)
    for field in SETTINGS[service].model_fields.values():
        if isinstance(field.default, Path):
            folder = "/".join(field.default.parts[:2])
            assert f"\nCOPY {folder} {folder}\n" in image


@each_image
def test_the_health_check_knows_a_sound_process_from_a_sick_and_a_dead_one(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", instructions(service), re.MULTILINE)
    assert found
    check = [sys.executable, *json.loads(found[1])[1:]]
    with HTTPServer(("127.0.0.1", 0), Process) as server:
        monkeypatch.setenv("LINKAGE_PROBES_PORT", str(server.server_port))
        Thread(target=server.serve_forever, daemon=True).start()
        sound = subprocess.run(check, check=False).returncode
        monkeypatch.setattr(Process, "status", 500)
        sick = subprocess.run(check, check=False).returncode
        server.shutdown()
    dead = subprocess.run(check, check=False, stderr=subprocess.DEVNULL).returncode
    assert (sound, bool(sick), bool(dead)) == (0, True, True)


def test_images_build_with_the_uv_and_the_tests_run_with_the_kafka_that_is_deployed() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    uv = re.search(r"^UV_VERSION := (\S+)$", makefile, re.MULTILINE)
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    kafka = re.search(r"<kafka\.version>(\S+)</", pom)
    assert uv
    assert kafka
    assert all(f" uv=={uv[1]} " in instructions(service) for service in SETTINGS)
    assert CONTAINERS["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    bases = [re.findall(r"^FROM (python:\S+)", instructions(one), re.MULTILINE) for one in SETTINGS]
    assert len({base for found in bases for base in found}) == 1

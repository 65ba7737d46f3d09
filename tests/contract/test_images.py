"""What the Dockerfiles build agrees with the services; checked without an engine."""

import json
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from approval_events.settings import ApprovalSettings
from credit.settings import CreditSettings
from linkage_runtime.settings import RuntimeSettings
from supervision_push.settings import Settings as SupervisionSettings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS: dict[str, type[RuntimeSettings]] = {
    "approval-events": ApprovalSettings,
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


@each_image
def test_what_an_image_copies_is_not_kept_from_its_build(service: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in ignored if line.startswith("!")}
    refused = [line.removesuffix("/*") for line in ignored if line.endswith("/*")]
    copied = re.findall(r"^COPY (?!--)(\S+) ", instructions(service), re.MULTILINE)
    assert copied
    for source in copied:
        within = any(source.startswith(f"{folder}/") for folder in refused)
        assert source in admitted if within else source.split("/")[0] in admitted


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
def test_nothing_is_left_to_compile_at_a_start_which_can_write_nothing(service: str) -> None:
    builds, runs = re.findall(
        r"^FROM python:3\.11\.(.+?)(?=^FROM )",
        instructions(service) + "FROM ",
        re.MULTILINE | re.DOTALL,
    )
    assert "ENV UV_COMPILE_BYTECODE=1 " in builds
    assert re.search(
        r"^RUN python -m compileall .* /usr/local/lib/python3\.11$", runs, re.MULTILINE
    )


def test_the_image_of_the_command_has_what_every_service_is_provisioned_with() -> None:
    image = instructions("approval-events").partition(" AS command\n")[2].partition("\nFROM ")[0]
    shared = instructions("approval-events").partition(" AS run\n")[2].partition("\nFROM ")[0]
    for settings in SETTINGS.values():
        for field in settings.model_fields.values():
            if isinstance(field.default, Path):
                folder = "/".join(field.default.parts[:2])
                assert f"\nCOPY {folder} {folder}\n" in f"{shared}\n{image}\n"


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
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka[1]}"
    bases = [re.findall(r"^FROM (python:\S+)", instructions(one), re.MULTILINE) for one in SETTINGS]
    assert len({base for found in bases for base in found}) == 1

"""Compose file, Prometheus and Grafana agree with the services; checked without an engine."""

import base64
import json
import os
import re
import subprocess
from collections import Counter
from graphlib import TopologicalSorter
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from cryptography import x509

from linkage_runtime.books.mongo_book import DATABASE as BOOKS
from linkage_runtime.letters.mongo_acts import DATABASE as LETTERS
from linkage_runtime.stack.rights import SERVICES
from linkage_runtime.stack.services import PROCESSES, ServiceProcess
from tests import mongo_users

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
PROBES = "9464"
WATCHERS = {"prometheus": "prometheus:9090", "alertmanager": "alertmanager:9093"}
ONE_SHOTS = {"provision", "kafka-init", "mongo-init"}
THREE_BROKERS = dict(
    line.split("=", 1)
    for line in (ROOT / "deploy" / "three-brokers.env").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


def image_of(process: ServiceProcess) -> str:
    """The books are of no service, and run in the image of the first."""
    return "approval-events" if process.service == "linkage" else process.service


def container_of(process: ServiceProcess) -> str:
    return f"{process.service}-{process.role}"


def interpolated(value: object, variables: dict[str, str]) -> Any:
    """As Compose reads it with these variables: ``${NAME}`` and ``${NAME:-default}``."""
    if isinstance(value, dict):
        return {key: interpolated(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [interpolated(one, variables) for one in value]
    if not isinstance(value, str):
        return value
    known = re.sub(
        r"(?<!\$)\$\{(\w+)(?::-([^}]*))?\}",
        lambda found: variables.get(found[1]) or found[2] or "",
        value,
    )
    return known.replace("$$", "$")


def started(variables: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The containers of one choice of profiles, their variables put in."""
    chosen = set(variables.get("COMPOSE_PROFILES", "").split(","))
    return {
        name: interpolated(container, variables)
        for name, container in CONTAINERS.items()
        if not container.get("profiles") or chosen.intersection(container["profiles"])
    }


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
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    assert container["logging"]["driver"] == "local"
    assert re.search(r":\S*\d+\.\d+", container["image"]), "pinned by tag"
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ()))


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_secret_stands_in_a_setting(name: str) -> None:
    for variable, value in CONTAINERS[name].get("environment", {}).items():
        secret = re.search("PASSWORD|TOKEN|SECRET|MASTER", variable)
        assert not secret or str(value).startswith("/run/secrets/"), variable


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - ONE_SHOTS))
def test_whatever_keeps_running_says_whether_it_is_well(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    if "build" in container:
        image = (ROOT / container["build"]["dockerfile"]).read_text(encoding="utf-8")
        assert "\nHEALTHCHECK " in image
    else:
        assert container["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("variables", [{}, THREE_BROKERS], ids=["one-broker", "three-brokers"])
def test_every_start_is_ordered_and_ends(variables: dict[str, str]) -> None:
    containers = started(variables)
    waits = {
        name: {
            other: how
            for other, how in container.get("depends_on", {}).items()
            if other in containers or how.get("required", True)
        }
        for name, container in containers.items()
    }
    order = TopologicalSorter(waits).static_order()
    assert set(order) == set(containers)
    for other, how in ((one, how) for on in waits.values() for one, how in on.items()):
        ends = "completed_successfully" if other in ONE_SHOTS else "healthy"
        assert how["condition"] == f"service_{ends}"


def test_what_a_container_keeps_is_in_a_volume_of_its_own() -> None:
    kept = [
        volume.split(":")[0]
        for container in CONTAINERS.values()
        for volume in container.get("volumes", ())
        if "/" not in volume.split(":")[0]
    ]
    assert sorted(kept) == sorted(COMPOSE["volumes"])
    for container in CONTAINERS.values():
        mounted = [one for one in container.get("volumes", ()) if "/" in one.split(":")[0]]
        assert all(one.endswith(":ro") for one in mounted)


@pytest.mark.parametrize("variables", [{}, THREE_BROKERS], ids=["one-broker", "three-brokers"])
def test_brokers_are_one_quorum_that_everybody_finds(variables: dict[str, str]) -> None:
    containers = started(variables)
    brokers = {
        name: container["environment"]
        for name, container in containers.items()
        if "KAFKA_NODE_ID" in container.get("environment", {})
    }
    assert len(brokers) == (3 if variables else 1)
    voters = ",".join(f"{one['KAFKA_NODE_ID']}@{name}:9093" for name, one in brokers.items())
    for name, settings in brokers.items():
        assert settings["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
        assert settings["KAFKA_ADVERTISED_LISTENERS"].endswith(f"://{name}:9092")
        copies = {
            value for key, value in settings.items() if key.endswith("TOPIC_REPLICATION_FACTOR")
        }
        assert {int(one) for one in copies} == {len(brokers)}
    provision = containers["provision"]
    assert int(provision["environment"]["LINKAGE_REPLICATION"]) == len(brokers)
    assert {one for one in containers["kafka-init"]["depends_on"] if one in brokers} == set(brokers)
    everybody = {
        container["environment"]["LINKAGE_KAFKA"]
        for container in containers.values()
        if "LINKAGE_KAFKA" in container.get("environment", {})
    }
    assert everybody == {",".join(f"{name}:9092" for name in brokers)}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_the_secrets_become_settings_of_the_command(
    process: ServiceProcess, tmp_path: Path
) -> None:
    """Of the user that the process is to Kafka and MongoDB, from what is mounted for it alone."""
    container = interpolated(CONTAINERS[container_of(process)], {})
    key = base64.b64encode(bytes(32)).decode()
    for name in container["secrets"]:
        (tmp_path / name).write_text(f"{key if name == 'master-key' else '5e1f'}\n", "ascii")
    wrapper = [word.replace("/run/secrets", str(tmp_path)) for word in container["entrypoint"]]
    said = subprocess.run(
        [*wrapper, "env"],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **container["environment"]},
    ).stdout
    environment = dict(line.split("=", 1) for line in said.splitlines())
    user = process.service
    assert environment["LINKAGE_KAFKA_USERNAME"] == user
    assert environment["LINKAGE_KAFKA_PASSWORD"] == "5e1f"
    assert environment["LINKAGE_KAFKA_SECURITY"] == "SASL_SSL"
    assert environment["LINKAGE_KAFKA_CA"] == "/run/secrets/authority.crt"
    assert environment["LINKAGE_MASTER_KEY"] == key
    assert environment["LINKAGE_MONGO"].startswith(f"mongodb://{user}:5e1f@mongo:27017/?")
    assert "&tls=true&tlsCAFile=" in environment["LINKAGE_MONGO"]


def test_the_script_makes_every_secret_and_keeps_what_stands(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    script = [str(ROOT / "deploy" / "secrets.sh"), str(folder)]
    (folder / "master-key").parent.mkdir()
    (folder / "master-key").write_text("mine", encoding="ascii")
    subprocess.run(script, check=True)
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    # Only the authority's own key is for nobody's container.
    assert set(made) == {*COMPOSE["secrets"], "authority.key"}
    assert made["master-key"] == b"mine"
    subprocess.run(script, check=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made
    for name, hosts in {"kafka": {"kafka", "kafka-2", "kafka-3"}, "mongo": {"mongo"}}.items():
        certificates = x509.load_pem_x509_certificates(made[f"{name}.pem"])
        names = certificates[0].extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert set(names.value.get_values_for_type(x509.DNSName)) == hosts
        certificates[0].verify_directly_issued_by(certificates[1])


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
    assert set(CONTAINERS["provision"]["depends_on"]) > {"kafka-init", "mongo-init"}


def test_the_doctor_asks_every_process() -> None:
    asked = CONTAINERS["provision"]["environment"]["LINKAGE_PROBES"].split()
    assert asked == [f"http://{container_of(process)}:{PROBES}" for process in PROCESSES]


def test_a_service_may_use_the_databases_that_it_opens_and_no_others() -> None:
    writes, reads = mongo_users.rights("WRITES"), mongo_users.rights("READS")
    everything = {LETTERS, BOOKS}
    for service in SERVICES:
        sources = (ROOT / "services" / service / "src").glob("**/*.py")
        text = "".join(path.read_text(encoding="utf-8") for path in sources)
        opened = set(re.findall(r'\bdatabase\([\w.]+, "(\w+)"\)', text))
        assert {*writes[service], *reads.get(service, ())} == opened
        everything |= opened
    # The command and the books.
    assert set(writes["linkage"]) == everything


def test_prometheus_scrapes_every_process_once_and_nothing_that_is_not_there() -> None:
    jobs = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["scrape_configs"]
    scraped = Counter(
        (job["job_name"], group.get("labels", {}).get("role"), target)
        for job in jobs
        for group in job["static_configs"]
        for target in group["targets"]
    )
    wanted = {(one.service, one.role, f"{container_of(one)}:{PROBES}") for one in PROCESSES}
    own = {(one, None, target) for one, target in WATCHERS.items()}
    assert scraped == Counter({*wanted, *own})
    assert {target.split(":")[0] for _, _, target in scraped} <= set(CONTAINERS)


def test_alerts_go_to_alertmanager_and_it_has_what_its_routes_name() -> None:
    alerting = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["alerting"]
    (group,) = alerting["alertmanagers"]
    assert group["static_configs"] == [{"targets": [WATCHERS["alertmanager"]]}]
    alertmanager = CONTAINERS["alertmanager"]
    routes = PROMETHEUS.with_name("alertmanager.yml").read_text(encoding="utf-8")
    receivers = yaml.safe_load(routes)["receivers"]
    told = [webhook for receiver in receivers for webhook in receiver["webhook_configs"]]
    assert {urlsplit(one["url"]).hostname for one in told} == {
        name.split("=")[0] for name in alertmanager["extra_hosts"]
    }
    tokens = {one["http_config"]["authorization"]["credentials_file"] for one in told}
    assert tokens == {f"/run/secrets/{name}" for name in alertmanager["secrets"]}


def test_grafana_finds_its_data_source_and_every_dashboard() -> None:
    grafana = CONTAINERS["grafana"]
    mounts = dict(volume.split(":")[:2] for volume in grafana["volumes"])
    inside = {target: ROOT / source for source, target in mounts.items()}

    def provisioned(kind: str) -> list[dict[str, Any]]:
        (file,) = inside[f"/etc/grafana/provisioning/{kind}"].iterdir()
        (top,) = set(read := yaml.safe_load(file.read_text(encoding="utf-8"))) - {"apiVersion"}
        assert read["apiVersion"] == 1
        return list(read[top])

    (source,) = provisioned("datasources")
    assert source["isDefault"]
    assert source["url"] == f"http://{WATCHERS['prometheus']}"
    scrape = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scrape
    (provider,) = provisioned("dashboards")
    pages = inside[provider["options"]["path"]].glob("*.json")
    queries = [
        variable["query"]
        for page in pages
        for variable in json.loads(page.read_text(encoding="utf-8"))["templating"]["list"]
        if variable["type"] == "datasource"
    ]
    # Traces are a place's own: a page leads there where its Grafana has a Tempo.
    assert set(queries) - {"tempo"} == {source["type"]}
    assert "GF_SECURITY_ADMIN_PASSWORD__FILE" in grafana["environment"]

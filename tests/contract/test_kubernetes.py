"""What deploy/k8s makes of each place, put together by kustomize and read without a cluster."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject, TriggerAuthentication
from cloudcoil.models.prometheus_operator.v1 import PodMonitor
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from approval_events.bootstrap_worker import SERVICE as APPROVAL_READER
from approval_events.settings import ApprovalSettings
from credit.bootstrap_worker import READER as CREDIT_READER
from credit.settings import CreditSettings
from linkage_runtime.books.process import BooksSettings
from linkage_runtime.command.doctor import DoctorSettings
from linkage_runtime.stack.services import PROCESSES, ServiceProcess
from supervision_push.entrypoints.worker import READER as PUSH_READER
from supervision_push.settings import Settings as SupervisionSettings
from tests.watch_tools import tool

ROOT = Path(__file__).resolve().parents[2]
K8S = ROOT / "deploy" / "k8s"
SETTINGS: dict[str, type[BaseSettings]] = {
    "approval-events": ApprovalSettings,
    "supervision-push": SupervisionSettings,
    "credit": CreditSettings,
    "linkage": BooksSettings,
}
# `linkage provision` runs each service's own; its options and the doctor's are these besides.
COMMAND = {"LINKAGE_PARTITIONS", "LINKAGE_REPLICATION", "LINKAGE_PROBES"}
OLDEST, NEWEST = "1.31", "1.37"
HTTP, PROBES = 8080, 9464
# Of operators: models made of their own CRDs.
FOREIGN: dict[str, type[BaseModel]] = {
    "PodMonitor": PodMonitor,
    "ScaledObject": ScaledObject,
    "TriggerAuthentication": TriggerAuthentication,
}

Manifest = dict[str, Any]
each_place = pytest.mark.parametrize("place", ["county", "province"])


@cache
def built(place: str) -> tuple[Manifest, ...]:
    """Base and overlay as one; by kustomize itself, or the one inside kubectl."""
    command = [tool("kustomize", "kubectl")]
    command.append("kustomize" if command[0].endswith("kubectl") else "build")
    folder = str(K8S / "overlays" / place)
    done = subprocess.run([*command, folder], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(place: str, kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in built(place) if one["kind"] == kind}


def pods(place: str) -> dict[str, Manifest]:
    """The pod of everything that runs, by its owner's name."""
    found: dict[str, Manifest] = {}
    for kind in ("Deployment", "Job"):
        found |= {name: one["spec"]["template"] for name, one in of_kind(place, kind).items()}
    for name, one in of_kind(place, "CronJob").items():
        found[name] = one["spec"]["jobTemplate"]["spec"]["template"]
    return found


def container(pod: Manifest) -> Manifest:
    (only,) = pod["spec"]["containers"]
    return dict(only)


def name_of(process: ServiceProcess) -> str:
    return f"{process.service}-{process.role}"


def shared(place: str) -> dict[str, str]:
    (settings,) = of_kind(place, "ConfigMap").values()
    return dict(settings["data"])


def known(settings: type[BaseSettings]) -> set[str]:
    return {f"LINKAGE_{field}".upper() for field in settings.model_fields}


@each_place
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_knows_every_field(place: str, version: str) -> None:
    for manifest in built(place):
        if manifest["kind"] not in FOREIGN:
            kubernetes_validate.validate(manifest, version, strict=True)


def as_its_operator_reads_it(manifest: Manifest) -> Manifest:
    """Without whatever the operator's CRD does not know."""
    read = FOREIGN[manifest["kind"]].model_validate(manifest)
    return read.model_dump(mode="json", by_alias=True, exclude_unset=True)


def test_operators_know_every_field() -> None:
    foreign = [one for one in built("province") if one["kind"] in FOREIGN]
    assert {one["kind"] for one in foreign} == set(FOREIGN)
    for manifest in foreign:
        assert as_its_operator_reads_it(manifest) == manifest


def test_a_field_that_an_operator_does_not_know_is_noticed() -> None:
    (monitor,) = of_kind("province", "PodMonitor").values()
    strange = {**monitor, "spec": {**monitor["spec"], "endpoints": []}}
    assert as_its_operator_reads_it(strange) != strange


@each_place
def test_every_process_has_its_deployment_and_nothing_else_has_one(place: str) -> None:
    running = {
        name: (container(one["spec"]["template"])["command"], one["metadata"]["labels"])
        for name, one in of_kind(place, "Deployment").items()
    }
    part = {"app.kubernetes.io/part-of": "linkage"}
    assert running == {
        name_of(one): (
            ["python", "-m", one.module],
            {
                "app.kubernetes.io/name": one.service,
                "app.kubernetes.io/component": one.role,
                **part,
            },
        )
        for one in PROCESSES
    }


@each_place
def test_a_process_has_the_image_of_its_service(place: str) -> None:
    for process in PROCESSES:
        image = container(pods(place)[name_of(process)])["image"]
        # The books are of no service, and run in the image of the first.
        service = "approval-events" if process.service == "linkage" else process.service
        assert image.startswith(f"linkage/{service}:")


@each_place
def test_every_setting_is_one_that_its_reader_knows(place: str) -> None:
    readers: list[type[BaseSettings]] = [*SETTINGS.values(), DoctorSettings]
    anybody = COMMAND.union(*(known(settings) for settings in readers))
    assert set(shared(place)) <= anybody
    for process in PROCESSES:
        own = container(pods(place)[name_of(process)]).get("env", ())
        assert {one["name"] for one in own} <= known(SETTINGS[process.service])
    for name in ("provision", "doctor"):
        own = container(pods(place)[name]).get("env", ())
        assert {one["name"] for one in own} <= COMMAND


@each_place
def test_settings_without_a_default_and_secrets_come_from_the_secret_the_readme_names(
    place: str,
) -> None:
    readme = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    told = re.search(r'create secret generic "user-\$user" \\\n((?: .*\n)+)', readme)
    assert told
    secret = set(re.findall(r"--from-literal=(LINKAGE_\w+)=", told[1]))
    wanted = {
        f"LINKAGE_{name}".upper()
        for settings in SETTINGS.values()
        for name, field in settings.model_fields.items()
        if field.is_required()
    }
    assert secret == wanted - set(shared(place)) | {
        "LINKAGE_KAFKA_USERNAME",
        "LINKAGE_KAFKA_PASSWORD",
    }
    users = {name_of(one): one.service for one in PROCESSES}
    for name, pod in pods(place).items():
        (held,) = [one["secretRef"] for one in container(pod)["envFrom"] if "secretRef" in one]
        assert held == {"name": f"user-{users.get(name, 'linkage')}"}
    assert not any(re.search("KEY|PASSWORD|MONGO", name) for name in shared(place))


@each_place
def test_probes_are_asked_where_the_process_serves_them(place: str) -> None:
    for process in PROCESSES:
        one = container(pods(place)[name_of(process)])
        ports = {port["name"]: port["containerPort"] for port in one["ports"]}
        assert ports == {"probes": PROBES, **({"http": HTTP} if process.role == "api" else {})}
        paths = {
            probe: one[probe]["httpGet"]
            for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        }
        assert paths == {
            "startupProbe": {"path": "/healthz", "port": "probes"},
            "livenessProbe": {"path": "/healthz", "port": "probes"},
            "readinessProbe": {"path": "/readyz", "port": "probes"},
        }
        dockerfile = one["image"].split(":")[0].removeprefix("linkage/")
        image = (ROOT / "services" / dockerfile / "Dockerfile").read_text(encoding="utf-8")
        assert f"LINKAGE_PROBES_PORT={PROBES}\n" in image
        assert f"LINKAGE_PORT={HTTP} " in image


@each_place
def test_no_pod_is_root_or_unbounded_or_can_change_its_image(place: str) -> None:
    for pod in pods(place).values():
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001
        assert pod["spec"]["automountServiceAccountToken"] is False
        one = container(pod)
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(one["resources"]["limits"]) == {"cpu", "memory"}
        assert set(one["resources"]["requests"]) == {"cpu", "memory"}
        assert re.search(r":\d+\.\d+\.\d+$", one["image"]), "pinned by tag"
        assert {volume["name"] for volume in pod["spec"]["volumes"]} == {
            mount["name"] for mount in one["volumeMounts"]
        }


@each_place
def test_every_process_has_a_service_and_a_budget_that_select_its_pods_alone(place: str) -> None:
    services, budgets = of_kind(place, "Service"), of_kind(place, "PodDisruptionBudget")
    names = {name_of(process) for process in PROCESSES}
    assert set(services) == set(budgets) == names
    everybody = {name: pod["metadata"]["labels"] for name, pod in pods(place).items()}
    for name in names:
        deployment = of_kind(place, "Deployment")[name]["spec"]["selector"]["matchLabels"]
        budget = budgets[name]["spec"]["selector"]["matchLabels"]
        for selector in (deployment, budget, services[name]["spec"]["selector"]):
            chosen = {
                one for one, labels in everybody.items() if selector.items() <= labels.items()
            }
            assert chosen == {name}


@each_place
def test_the_doctor_asks_every_process(place: str) -> None:
    (asked,) = container(pods(place)["doctor"])["env"]
    assert asked["value"].split() == [f"http://{name_of(one)}:{PROBES}" for one in PROCESSES]


def sides(place: str, way: str, labels: dict[str, str]) -> Iterator[Manifest]:
    """The rules of one direction that hold for a pod."""
    for policy in of_kind(place, "NetworkPolicy").values():
        spec = policy["spec"]
        if way.title() in spec["policyTypes"] and selects(spec["podSelector"], labels):
            yield from spec.get(way, ())


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    wanted = selector.get("matchLabels", {})
    among = selector.get("matchExpressions", ())
    return wanted.items() <= labels.items() and all(
        (labels.get(one["key"]) in one["values"]) is (one["operator"] == "In") for one in among
    )


def may_reach(place: str, source: str, target: str, port: int) -> bool:
    """Whether both ends allow it, as the rules between pods of this namespace say."""
    labels = {name: pod["metadata"]["labels"] for name, pod in pods(place).items()}

    def allows(way: str, own: str, other: str, peers: str) -> bool:
        return any(
            port in {{"http": HTTP}.get(one["port"], one["port"]) for one in rule["ports"]}
            and any(
                selects(peer["podSelector"], labels[other])
                for peer in rule[peers]
                if "podSelector" in peer
            )
            for rule in sides(place, way, labels[own])
        )

    return allows("egress", source, target, "to") and allows("ingress", target, source, "from")


@each_place
def test_inside_only_the_door_asks_credit_and_the_command_asks_apis_and_probes(place: str) -> None:
    everybody = set(pods(place))
    talk = {
        (source, target, port)
        for source in everybody
        for target in everybody
        for port in (HTTP, PROBES)
        if may_reach(place, source, target, port)
    }
    command = {"provision", "doctor"}
    apis = {name_of(one) for one in PROCESSES if one.role == "api"}
    assert talk == {
        ("approval-events-api", "credit-api", HTTP),
        *((one, api, HTTP) for one in command for api in apis),
        *((one, name, PROBES) for one in command for name in everybody),
    }


@each_place
def test_everything_is_shut_that_is_not_opened(place: str) -> None:
    shut = of_kind(place, "NetworkPolicy")["nothing-else"]["spec"]
    assert shut == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in of_kind(place, "NetworkPolicy").values():
        for rule in (*policy["spec"].get("egress", ()), *policy["spec"].get("ingress", ())):
            assert rule["ports"], "a rule without ports opens all"
            assert rule.get("to") or rule.get("from"), "a rule without peers opens to all"


def test_workers_of_a_province_grow_with_the_lag_of_their_group_up_to_the_partitions() -> None:
    scaled = of_kind("province", "ScaledObject")
    readers = {
        "approval-events-worker": APPROVAL_READER,
        "supervision-push-worker": PUSH_READER,
        "credit-worker": CREDIT_READER,
    }
    assert set(scaled) == set(readers)
    for name, one in scaled.items():
        (trigger,) = one["spec"]["triggers"]
        assert one["spec"]["scaleTargetRef"] == {"name": name}
        assert trigger["metadata"]["consumerGroup"] == readers[name]
        assert trigger["metadata"]["bootstrapServersFromEnv"] in shared("province")
        assert one["spec"]["maxReplicaCount"] <= int(shared("province")["LINKAGE_PARTITIONS"])


def test_apis_of_a_province_grow_with_their_cpu() -> None:
    grown = of_kind("province", "HorizontalPodAutoscaler")
    targets = {one["spec"]["scaleTargetRef"]["name"] for one in grown.values()}
    assert targets == {name_of(one) for one in PROCESSES if one.role == "api"}
    assert all(one["spec"]["minReplicas"] > 1 for one in grown.values())


@each_place
def test_whoever_is_scaled_has_no_number_of_its_own(place: str) -> None:
    scaled = {
        one["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for one in of_kind(place, kind).values()
    }
    deployments = of_kind(place, "Deployment")
    assert not any("replicas" in deployments[name]["spec"] for name in scaled)


def test_the_operator_scrapes_the_jobs_and_roles_that_the_rules_know() -> None:
    (monitor,) = of_kind("province", "PodMonitor").values()
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == "probes"
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"
    prometheus = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    jobs = yaml.safe_load(prometheus.read_text(encoding="utf-8"))["scrape_configs"]
    known_roles = {
        (job["job_name"], group["labels"]["role"])
        for job in jobs
        for group in job["static_configs"]
        if "labels" in group
    }
    scraped = {
        (labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"])
        for pod in pods("province").values()
        if selects(monitor["spec"]["selector"], labels := pod["metadata"]["labels"])
    }
    assert scraped == known_roles


@each_place
def test_the_doctor_finds_who_is_not_ready_and_callers_do_not(place: str) -> None:
    services = of_kind(place, "Service")
    found = {name for name, one in services.items() if one["spec"].get("publishNotReadyAddresses")}
    assert found == {name_of(one) for one in PROCESSES if one.role != "api"}

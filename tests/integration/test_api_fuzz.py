"""The APIs, fuzzed from their own descriptions: whatever comes in, the answer is as described.

The API processes run on a broker and a database, because it is behind the door that odd values do
their damage.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.command.seed import seed
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import Stack, StackPlan, local_stack
from linkage_runtime.stack.services import PROCESSES

# A sheet that somebody sends is bytes, and mostly no sheet.
schemathesis.openapi.media_type(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", st.binary(max_size=64)
)

BUREAU = "11450721XN0721012K"
APIS = [process for process in PROCESSES if process.role == "api"]
SERVICES = [process.service for process in APIS]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 8
"""Of each operation and mode; the same ones each time."""
RELAXED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
ONCE = settings(RELAXED, max_examples=1)
"""Of a stream of events: it ends by its patience, not by what was asked."""


def seed_with_master(stack: Stack) -> Mapping[str, str]:
    """All keys of the sample, and one with every right."""

    async def issue(keys: Mapping[str, str]) -> str:
        client = connect(stack.mongo)
        try:
            return await ApiKeys(database(client, "linkage_access")["api_keys"]).issue(
                organisation=BUREAU, name="x", scopes=list(Scope), authorities=list(keys)
            )
        finally:
            client.close()

    keys = seed(stack)
    return {**keys, "master": asyncio.run(issue(keys))}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = StackFolder(tmp_path_factory.mktemp("fuzz"))
    plan = StackPlan(folder=folder, processes=APIS)
    with local_stack(plan, seed=seed_with_master, tell=print) as running:
        yield running.stack


def bearer(stack: Stack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.keys['master']}"}


def described(stack: Stack, service: str) -> BaseSchema:
    address = f"{stack.urls[service]}/v1/openapi.json"
    return schemathesis.openapi.from_url(address, headers=bearer(stack))


def operations(stack: Stack, service: str) -> list[APIOperation[Any, Any, Any, Any]]:
    results = list(described(stack, service).get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results)
    # Another catalogue would turn everything else away.
    return sorted(found, key=lambda operation: operation.method == "put")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_comes_in_the_answer_is_as_described(
    stack: Stack, service: str, mode: GenerationMode
) -> None:
    def answer(case: Case[Any]) -> None:
        if "wait" in case.query:
            case.query["wait"] = "0"
        case.call_and_validate(headers=bearer(stack), checks=CHECKS)

    for operation in operations(stack, service):
        often = ONCE if operation.path.endswith("/events") else RELAXED
        often(given(case=operation.as_strategy(generation_mode=mode))(answer))()


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_answers_without_a_key_and_probes_are_elsewhere(stack: Stack, service: str) -> None:
    base = stack.urls[service]
    paths = [(one.method, one.path) for one in operations(stack, service)]
    assert len(paths) > 5
    for method, path in [*paths, ("get", "/v1/openapi.json")]:
        for headers in ({}, {"Authorization": "Bearer lk_0_0"}, {"Authorization": "Basic eDp4"}):
            answer = httpx.request(method, f"{base}{path}", headers=headers)
            assert (path, answer.status_code) == (path, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    for probe in ("/healthz", "/readyz", "/metrics"):
        assert httpx.get(f"{base}{probe}").status_code == 404
        elsewhere = stack.metrics[f"{service}.api"].removesuffix("/metrics")
        assert httpx.get(f"{elsewhere}{probe}").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_a_method_that_a_path_lacks_is_answered_with_those_that_it_has(
    stack: Stack, service: str
) -> None:
    by_path: dict[str, set[str]] = {}
    for operation in operations(stack, service):
        by_path.setdefault(operation.path, set()).add(operation.method.upper())
    for path, methods in by_path.items():
        answer = httpx.request("TRACE", f"{stack.urls[service]}{path}", headers=bearer(stack))
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) >= methods
        assert answer.headers["Content-Type"] == "application/problem+json"

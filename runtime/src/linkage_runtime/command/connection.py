"""How a command finds the services and its key: options, environment, or stack.json."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import settings_of

TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class NotRunningError(LinkageError):
    """Nothing tells where the services are."""


class RefusedError(LinkageError):
    """A service answered with a problem document."""


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What `linkage up` left in stack.json."""

    urls: dict[str, str]
    keys: dict[str, str]
    kafka: str
    mongo: str
    metrics: dict[str, str]


def address_book(folder: Path) -> AddressBook:
    """Read the folder's stack.json.

    Raises:
        NotRunningError: there is none.
    """
    path = StackFolder(folder).address_book
    if not path.exists():
        raise NotRunningError(
            f"没有 {path}:请先运行 linkage up,或用选项指明地址 (见 --help) "
            "(start with `linkage up`, or give addresses as options: see --help)"
        )
    return AddressBook(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Place:
    """Where broker and database are; what is not said is in the folder's stack.json."""

    kafka: str | None
    mongo: str | None
    folder: Path

    def found(self) -> tuple[str, str]:
        """Both addresses.

        Raises:
            NotRunningError: one is not given, and there is no stack.json.
        """
        if self.kafka is not None and self.mongo is not None:
            return self.kafka, self.mongo
        book = address_book(self.folder)
        return self.kafka or book.kafka, self.mongo or book.mongo


def environment_of(folder: Path) -> dict[str, str]:
    """What a service's own program needs; nothing where the environment says all of it.

    Raises:
        NotRunningError: it does not, and there is no stack.json.
    """
    if all(name in os.environ for name in ("LINKAGE_KAFKA", "LINKAGE_MONGO", "LINKAGE_MASTER_KEY")):
        return {}
    book = address_book(folder)
    return settings_of(book.kafka, book.mongo, StackFolder(folder).master_key())


def client(url: str, key: str) -> httpx.Client:
    """An HTTP client of one service."""
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT, trust_env=False
    )


def client_for(
    service: str, holder: str, *, url: str | None, key: str | None, folder: Path
) -> httpx.Client:
    """The same; what is not given is looked up in stack.json: its address, the key of ``holder``.

    Raises:
        NotRunningError: something is not given and there is no stack.json.
    """
    if url is None or key is None:
        book = address_book(folder)
        url, key = url or book.urls[service], key or book.keys[holder]
    return client(url, key)


@contextmanager
def client_of(
    service: str, holder: str, *, url: str | None, key: str | None, folder: Path
) -> Iterator[httpx.Client]:
    """The same, for as long as the context lasts.

    Raises:
        NotRunningError: nothing tells where it is, or nobody answers there.
    """
    with client_for(service, holder, url=url, key=key, folder=folder) as api:
        try:
            yield api
        except httpx.TransportError as error:
            raise NotRunningError(
                f"{service} 没有应答,是否已启动 (does not answer: is it running): "
                f"{api.base_url}: {error}"
            ) from error


def answered(response: httpx.Response) -> httpx.Response:
    """The response, if it is a success.

    Raises:
        RefusedError: it is not; says what the service said.
    """
    if response.is_success:
        return response
    try:
        body = response.json()
        said = f"{body.get('title', '')}: {body.get('detail', '')}"
    except ValueError:
        said = response.text[:200]
    raise RefusedError(f"{response.request.url.path} → {response.status_code} {said}")

"""The users of MongoDB as deploy/mongo/replica-set.js makes them, and a database that has them."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pymongo
import yaml

from linkage_runtime.stack.embedded import embedded_database
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.ports import listens

ROOT = "root"


def rights(kind: str) -> dict[str, list[str]]:
    """``WRITES`` or ``READS``: the databases of each user."""
    script = (deploy_folder() / "mongo" / "replica-set.js").read_text(encoding="utf-8")
    found = re.search(rf"const {kind} = (\{{.*?\}});", script, re.DOTALL)
    assert found
    return dict(yaml.safe_load(found[1]))


class Users:
    """Makes and removes users, as whoever runs the database does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._writes, self._reads = rights("WRITES"), rights("READS")

    def uri(self, user: str) -> str:
        """As a process is given it; the password is the user's name."""
        return self.address.replace("//", f"//{user}:{user}@", 1) + "&authSource=admin"

    def make(self, user: str, like: str) -> None:
        """One that may what another may."""
        roles = [{"role": "readWrite", "db": name} for name in self._writes[like]]
        roles += [{"role": "read", "db": name} for name in self._reads.get(like, [])]
        self._do("createUser", user, pwd=user, roles=roles)

    def remove(self, user: str) -> None:
        self._do("dropUser", user)

    def _do(self, command: str, user: str, **more: object) -> None:
        with closing(pymongo.MongoClient[dict[str, Any]](self.uri(ROOT))) as client:
            client.admin.command({command: user, **more})


@contextmanager
def database_with_users(folder: StackFolder) -> Iterator[Users]:
    """The embedded database, which from now on asks who somebody is: there is ``root`` alone."""
    with embedded_database(folder) as part:
        with closing(pymongo.MongoClient[dict[str, Any]](part.address)) as client:
            client.admin.command(
                "createUser", ROOT, pwd=ROOT, roles=[{"role": "root", "db": "admin"}]
            )
        part.child.stop()
        part.child.command = replace(part.child.command, argv=(*part.child.command.argv, "--auth"))
        port = urlsplit(part.address).port
        assert port
        replace(part, answers=lambda: listens(port)).start()
        yield Users(part.address)

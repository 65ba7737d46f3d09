"""deploy/mongo/replica-set.js as mongosh runs it: by node, over a server that takes notes."""

import json
from typing import Any

import pytest

from linkage_runtime.stack.folder import deploy_folder
from tests.mongo_users import rights
from tests.watch_tools import run

MONGOSH = """
const { code, told } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const users = new Set(told.users), calls = [];
let member = told.member;
const admin = {
  adminCommand(command) {
    if ("replSetGetStatus" in command && !member)
      throw Object.assign(new Error("no member yet"), { code: told.code });
    if ("replSetInitiate" in command) {
      member = true;
      calls.push(["initiate", command.replSetInitiate._id]);
    }
  },
  hello: () => ({ isWritablePrimary: member }),
  getUser: (name) => (users.has(name) ? { user: name } : null),
  createUser: ({ user, ...more }) => calls.push(["create", user, more]),
  updateUser: (user, more) => calls.push(["update", user, more]),
};
const files = { readFileSync: (path) => `secret of ${path.split("/").pop()}\\n` };
const run = new Function("require", "connect", "print", "sleep", code);
run(() => files, (uri) => (calls.push(["connect", uri]), admin), () => {}, () => {});
console.log(JSON.stringify(calls));
"""


def calls(*, member: bool, users: tuple[str, ...] = (), code: int = 94) -> list[list[Any]]:
    script = (deploy_folder() / "mongo" / "replica-set.js").read_text(encoding="utf-8")
    told = {"code": script, "told": {"member": member, "users": users, "code": code}}
    return list(json.loads(run("node", "-e", MONGOSH, text=json.dumps(told))))


def test_the_first_start_makes_the_set_and_every_user_with_its_own_rights() -> None:
    (_, uri), initiated, *made = calls(member=False)
    assert uri.startswith("mongodb://root:secret%20of%20mongo-root-password@mongo:27017/admin?")
    assert "tls=true" in uri
    assert initiated == ["initiate", "linkage"]
    writes, reads = rights("WRITES"), rights("READS")
    assert {name for _, name, _ in made} == set(writes)
    for what, name, user in made:
        assert (what, user["pwd"]) == ("create", f"secret of password-{name}")
        granted = [(one["role"], one["db"]) for one in user["roles"]]
        assert granted == [
            *(("readWrite", one) for one in writes[name]),
            *(("read", one) for one in reads.get(name, ())),
        ]


def test_every_further_start_sets_the_passwords_of_the_files_and_makes_nothing() -> None:
    users = tuple(rights("WRITES"))
    _, *made = calls(member=True, users=users)
    assert {(what, name) for what, name, _ in made} == {("update", name) for name in users}


def test_a_server_that_fails_otherwise_is_left_alone() -> None:
    with pytest.raises(AssertionError):
        calls(member=False, code=13)

"""`linkage keys`: how the first key comes into a deployment that `linkage up` did not make."""

import asyncio

from typer.testing import CliRunner

from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.command.main import app
from linkage_runtime.mongo import connect, database

BUREAU = "11450721XN0721012K"


def caller_of(key: str, mongo: str) -> Caller | None:
    async def look() -> Caller | None:
        client = connect(mongo)
        try:
            return await ApiKeys(database(client, "linkage_access")["api_keys"]).caller(key)
        finally:
            client.close()

    return asyncio.run(look())


def test_an_issued_key_works_and_a_withdrawn_one_is_unknown(mongo: str) -> None:
    rights = ["--scope", "decisions:emit", "--authority", BUREAU, "--mongo", mongo]
    said = CliRunner().invoke(app, ["keys", "issue", BUREAU, "灵山县行政审批局", *rights])
    assert said.exit_code == 0, said.output
    key = said.output.strip()
    caller = caller_of(key, mongo)
    assert caller
    assert caller.may(Scope.EMIT_DECISIONS)
    withdraw = ["keys", "withdraw", key.split("_")[1], "--mongo", mongo]
    assert CliRunner().invoke(app, withdraw).exit_code == 0
    assert caller_of(key, mongo) is None
    assert CliRunner().invoke(app, withdraw).exit_code == 1

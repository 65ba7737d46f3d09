"""What MongoDB says, sorted by whether trying again helps."""

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from linkage_runtime.errors import TransientError, UnwellError
from linkage_runtime.mongo import transient_errors


@pytest.mark.parametrize(
    "trouble",
    [
        AutoReconnect("gone"),
        OperationFailure("again", code=112, details={"errorLabels": ["TransientTransactionError"]}),
    ],
    ids=["away", "conflict"],
)
def test_what_may_pass_by_itself_is_transient(trouble: PyMongoError) -> None:
    with pytest.raises(TransientError), transient_errors():
        raise trouble


@pytest.mark.parametrize("code", [1, 8, 14031], ids=["internal", "unknown", "disk full"])
def test_a_server_that_fails_inside_is_unwell(code: int) -> None:
    with pytest.raises(UnwellError), transient_errors():
        raise OperationFailure("failed inside", code=code)


def test_what_is_wrong_with_the_question_is_not() -> None:
    with pytest.raises(OperationFailure), transient_errors():
        raise OperationFailure("unknown operator", code=2)

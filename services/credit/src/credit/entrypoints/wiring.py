"""What the routes share: the service behind a request."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from credit.bootstrap import Credit


def credit_of(request: Request) -> Credit:
    """The service that ``api.build`` put into the application's state."""
    credit: Credit = request.app.state.credit
    return credit


Service = Annotated[Credit, Depends(credit_of)]
PartyKey = Annotated[str, Path(max_length=120)]
Limit = Annotated[int, Query(ge=1, le=1_000)]
NOT_RATED = (
    "自然人及无统一社会信用代码的当事人不评级，本系统没有限制其适用告知承诺的记录 "
    "Natural persons and parties without a credit code are not rated: nothing here bars them"
)

"""What a test needs of its machine and does not find: a laptop may lack it, CI may not."""

import os
from typing import NoReturn

import pytest


def lacks(what: str) -> NoReturn:
    """Skip and say why; in CI, which installs everything, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)

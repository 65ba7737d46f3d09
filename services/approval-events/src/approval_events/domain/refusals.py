"""Why an act of the approving side is refused, one id at a time."""

from linkage_runtime.errors import PermanentError


class RefusedActError(PermanentError):
    """An act on what exists that cannot be done; ``status`` as HTTP says it."""

    status = 409

    def __init__(self, subject_id: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} ({en})")
        self.subject_id = subject_id


class NotYetKnownError(RefusedActError):
    """No such thing here, or not yet."""

    status = 404


class NotYoursError(RefusedActError):
    """It is another organisation's business."""

    status = 403


class UnfitError(RefusedActError):
    """What is said of the act cannot be."""

    status = 422


class OutOfOrderError(RefusedActError):
    """The act does not follow from what was done before."""

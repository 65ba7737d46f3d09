"""What can go wrong, sorted by whether trying again helps.

LinkageError
├── TransientError          trouble outside (Kafka, MongoDB, a peer away): the same again later
│   ├── OutcomeUnknownError the broker did not answer: it may have it, so repeat the very same
│   └── UnwellError         a server failed inside: at everything, or at this very input
└── PermanentError          this input will never do: dead letter, or a clear answer to the caller
"""


class LinkageError(Exception):
    """Anything this system raises on purpose."""


class TransientError(LinkageError):
    """Trouble outside; the same call may work later."""


class OutcomeUnknownError(TransientError):
    """Sent, but not acknowledged in time: repeat the same, its ids make it one effect."""


class UnwellError(TransientError):
    """A server says that it failed inside. Whether it is ill or the input was, neighbours tell."""


class PermanentError(LinkageError):
    """No repetition will make this input acceptable."""

"""When the certificates that this process trusts or shows expire."""

from datetime import UTC
from functools import partial
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates
from prometheus_client import Gauge

from linkage_runtime.metrics import ask_at_scrape
from linkage_runtime.settings import ProbeSettings

EXPIRY = Gauge(
    "linkage_certificate_expiry_timestamp_seconds",
    "When the first certificate of a file expires; 0: the file cannot be read.",
    ["certificate"],
)


def show_certificates(settings: ProbeSettings) -> None:
    """Watch every certificate file that is configured."""
    for name, file in settings.certificates.items():
        # The file, not what was loaded at the start: this tells whether the next start will work.
        ask_at_scrape(EXPIRY, (name,), partial(first_expiry, file))


def first_expiry(file: Path) -> float:
    """Seconds since 1970, or 0 for a file that is no certificate."""
    try:
        certificates = load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        return 0.0
    return min(one.not_valid_after_utc.astimezone(UTC).timestamp() for one in certificates)

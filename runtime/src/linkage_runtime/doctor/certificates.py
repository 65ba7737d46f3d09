"""Certificates, as the processes were given them: how long the first of each file lasts."""

from datetime import datetime, timedelta
from typing import Final

from linkage_runtime.doctor.finding import Finding, ok, warning, wrong

SOON: Final = timedelta(days=30)
_CERTIFICATES = "certificates"
_MEND = (
    "见 deploy/ROTATION.md：先把新旧证书并列，再换",
    "deploy/ROTATION.md: put the new one beside the old one first",
)


def judge_certificate(which: str, until: float, at: datetime) -> Finding:
    """``until`` is in seconds since 1970; 0 is a file that cannot be read."""
    left = timedelta(seconds=until) - timedelta(seconds=at.timestamp())
    if not until:
        return wrong(
            _CERTIFICATES,
            (f"{which}: 证书文件读不了", f"{which}: the file cannot be read"),
            mend=("核对路径、权限与内容", "check its path, its rights and what is in it"),
        )
    days = left.days
    if left <= timedelta(0):
        about = (f"{which}: 证书已过期 {-days} 天", f"{which}: expired {-days} days ago")
        return wrong(_CERTIFICATES, about, mend=_MEND)
    about = (f"{which}: 证书还有 {days} 天", f"{which}: expires in {days} days")
    return warning(_CERTIFICATES, about, mend=_MEND) if left < SOON else ok(_CERTIFICATES, about)

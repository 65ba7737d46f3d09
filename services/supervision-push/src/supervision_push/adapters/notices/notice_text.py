"""What a liaison reads: counts and a link, in Chinese first, and as JSON for other programs."""

import json
from dataclasses import dataclass

from supervision_push.domain.digest import Digest, Liaison, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeText:
    """``link`` is where a liaison signs in, from the operator's settings."""

    link: str | None = None

    def subject(self, digest: Digest) -> str:
        """One line."""
        new, overdue, escalated = (digest.counts.get(work, 0) for work in Work)
        return f"【审管联动】新待办 {new} 项,超期 {overdue} 项,督办 {escalated} 项"

    def body(self, organisation: str, digest: Digest) -> str:
        """The whole message."""
        new, overdue, escalated = (digest.counts.get(work, 0) for work in Work)
        lines = [
            f"{self.subject(digest)}。",
            f"单位代码 {organisation}。请登录办理,本消息不含办件内容。",
            f"New {new}, overdue {overdue}, escalated {escalated}. Sign in to see what it is.",
        ]
        return "\n".join([*lines, self.link] if self.link else lines) + "\n"

    def as_json(self, organisation: str, digest: Digest, liaison: Liaison) -> bytes:
        """For a command or an HTTP hook: gateways make of it what they send."""
        message = {
            "id": digest.id,
            "organisation": organisation,
            "to": liaison.address,
            "name": liaison.name,
            "counts": {work.value: digest.counts.get(work, 0) for work in Work},
            "subject": self.subject(digest),
            "text": self.body(organisation, digest),
            "link": self.link,
        }
        return json.dumps(message, ensure_ascii=False).encode()

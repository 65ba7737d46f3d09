"""``python -m deploy.grafana``: write the dashboards, or with ``--check`` say which are stale."""

import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.books import BOOKS
from deploy.grafana.credit import CREDIT
from deploy.grafana.feeds import FEEDS
from deploy.grafana.loops import LOOPS
from deploy.grafana.overview import OVERVIEW
from deploy.grafana.panel import Page
from deploy.grafana.platform import PLATFORM

PAGES = (OVERVIEW, LOOPS, FEEDS, CREDIT, PLATFORM, BOOKS)
FOLDER = Path(__file__).with_name("dashboards")


def written(page: Page) -> str:
    """The page as Grafana reads it."""
    return (
        JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode(page.build().build())
        + "\n"
    )


def main() -> int:
    """Write, or compare."""
    wanted = {FOLDER / f"{page.uid}.json": written(page) for page in PAGES}
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    stale += [path for path in FOLDER.glob("*.json") if path not in wanted]
    for path in stale:
        print(f"{path}: stale, run python -m deploy.grafana")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())

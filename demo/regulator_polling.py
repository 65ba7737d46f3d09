"""A sample regulator that polls its feed over HTTP: ``GET /v1/feeds/{organisation}/entries``.

Stand-alone: imports nothing of this repository. Runs until it is told to stop (SIGTERM).
"""

import argparse
import json
import signal
import sys

from regulating import Regulator


def main() -> None:
    """Poll, work, remember the cursor; print what was done when told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "key", "organisation", "hand-over-to"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    regulator = Regulator(
        options.url, options.key, options.organisation, hand_over_to=options.hand_over_to
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cursor: dict[str, str] = {}
    try:
        while True:
            page = regulator.api.get(
                f"/v1/feeds/{options.organisation}/entries", limit=500, wait=5, **cursor
            ).raise_for_status()
            regulator.handle(page.json())
            # Kept only after the work is done: dying in between means reading the page again.
            cursor = {"after": page.headers["Linkage-Cursor"]}
            if not regulator.counts["claimed"]:
                regulator.claim(3)
    finally:
        print(json.dumps(regulator.counts, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()

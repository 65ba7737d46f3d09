"""``python -m deploy.bundle FOLDER``: make the bundle, where there is a network."""

import sys
from pathlib import Path

from deploy.bundle.pack import pack


def main() -> int:
    """Make it, and say where it is and what to compare it by."""
    bundle, digest = pack(Path(sys.argv[1] if len(sys.argv) > 1 else "dist"))
    print(f"{digest}  {bundle}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

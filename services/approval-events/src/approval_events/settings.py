"""What this service is told by its environment."""

from pathlib import Path

from linkage_runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """The shared settings; the worker keeps nothing on disk, but faust wants a folder."""

    stream_dir: Path = Path(".linkage/streams")
    """``LINKAGE_STREAM_DIR``."""

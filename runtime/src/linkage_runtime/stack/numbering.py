"""Numbers the feeds anew after a restore: places that were read then are given to others now.

Whoever read further than the backup reaches would skip as many new entries. A cursor of another
epoch is answered 410 and begins again, and so does every subscription.
"""

from typing import Any

import pymongo


def number_anew(mongo: str) -> None:
    """Forget the epoch; provisioning gives a new one."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo)
    try:
        client["supervision_push"]["watermarks"].delete_one({"_id": "epoch"})
    finally:
        client.close()

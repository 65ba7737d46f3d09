"""Subscriptions as MongoDB keeps them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from linkage_contracts.codes import Channel, RiskClass
from supervision_push.domain.answer import Cause
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.preferences import Filter, Preferences
from supervision_push.domain.subscription import (
    Change,
    Parked,
    Replay,
    Subscription,
    SubscriptionState,
    Suspicion,
)
from supervision_push.domain.trouble import Trouble


def document_of(one: Subscription) -> dict[str, Any]:
    """All of it but its history."""
    return {
        "_id": one.id,
        "organisation": one.organisation,
        "channel": str(one.channel),
        "name": one.name,
        "endpoint": one.endpoint,
        "topic": one.topic,
        "preferences": _preferences_document(one.preferences),
        "sealed_secret": one.sealed_secret,
        "old_secret": one.old_secret,
        "old_secret_until": one.old_secret_until,
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "edited_at": one.edited_at,
        "state": str(one.state),
        "position": {
            "epoch": one.position.epoch,
            "partition": one.position.partition,
            "offset": one.position.offset,
        },
        "trouble": one.trouble and _trouble_document(one.trouble),
        "pace": one.pace,
        "suspicion": one.suspicion and _suspicion_document(one.suspicion),
        "parked": [_parked_document(parked) for parked in one.parked],
        "replay": one.replay and {"upto": one.replay.upto, "back_to": one.replay.back_to},
        "delivered_at": one.delivered_at,
        "processed": one.processed,
        "revision": one.revision,
    }


def subscription_in(document: Mapping[str, Any]) -> Subscription:
    """What ``document_of`` wrote."""
    plain = {
        name: document[name]
        for name in (
            *("organisation", "name", "endpoint", "topic", "sealed_secret", "old_secret"),
            *("old_secret_until", "created_at", "verified_at", "edited_at", "pace"),
            *("delivered_at", "processed", "revision"),
        )
    }
    trouble, suspicion, replay = (document[key] for key in ("trouble", "suspicion", "replay"))
    return Subscription(
        **plain,
        id=document["_id"],
        channel=Channel(document["channel"]),
        preferences=_preferences_in(document["preferences"]),
        state=SubscriptionState(document["state"]),
        position=Cursor(**document["position"]),
        trouble=Trouble(**trouble | {"cause": Cause(trouble["cause"])}) if trouble else None,
        suspicion=Suspicion(**suspicion) if suspicion else None,
        parked=tuple(
            Parked(**parked | {"cause": Cause(parked["cause"])}) for parked in document["parked"]
        ),
        replay=Replay(**replay) if replay else None,
    )


def change_document(change: Change) -> dict[str, Any]:
    """A line of history."""
    return {"at": change.at, "by": change.by, "what": change.what, "detail": change.detail}


def change_in(document: Mapping[str, Any]) -> Change:
    """What ``change_document`` wrote."""
    return Change(**document)


def _preferences_document(preferences: Preferences) -> dict[str, Any]:
    chosen = preferences.filter
    return {
        "items": sorted(chosen.items),
        "regions": sorted(chosen.regions),
        "types": sorted(chosen.types),
        "risk_classes": sorted(str(one) for one in chosen.risk_classes),
        "batch_size": preferences.batch_size,
        "delay_ms": round(preferences.delay.total_seconds() * 1000),
        "rate": preferences.rate,
    }


def _preferences_in(document: Mapping[str, Any]) -> Preferences:
    return Preferences(
        filter=Filter(
            items=frozenset(document["items"]),
            regions=frozenset(document["regions"]),
            types=frozenset(document["types"]),
            risk_classes=frozenset(RiskClass(one) for one in document["risk_classes"]),
        ),
        batch_size=document["batch_size"],
        delay=timedelta(milliseconds=document["delay_ms"]),
        rate=document["rate"],
    )


def _trouble_document(trouble: Trouble) -> dict[str, Any]:
    return {
        "failures": trouble.failures,
        "since": trouble.since,
        "cause": str(trouble.cause),
        "detail": trouble.detail,
        "retry_at": trouble.retry_at,
    }


def _suspicion_document(suspicion: Suspicion) -> dict[str, Any]:
    return {
        "within": suspicion.within,
        "tries": suspicion.tries,
        "refused": suspicion.refused,
        "neighbour_passed": suspicion.neighbour_passed,
    }


def _parked_document(parked: Parked) -> dict[str, Any]:
    return {
        "party": parked.party,
        "first": parked.first,
        "since": parked.since,
        "cause": str(parked.cause),
        "detail": parked.detail,
        "redeliver": parked.redeliver,
    }

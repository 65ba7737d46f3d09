"""CloudEvents 1.0 in structured JSON mode, as every event here travels."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from linkage_contracts.ids import Id


class Value(BaseModel):
    """A frozen part of an event. Readers ignore fields they don't know, so fields may be added."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_temporal="iso8601")


class Event(Value):
    """What all events share; each type narrows ``type`` to one literal and gives ``data`` a model.

    Three clocks are kept apart: ``time`` is when the fact occurred, ``recordedtime`` when this
    system published it; when a reader received it is that reader's own business.
    """

    specversion: Literal["1.0"] = "1.0"
    id: Id
    type: str
    source: str
    """``/organisations/{id}`` of the authority in whose name the fact stands."""
    subject: Id
    """The decision, or the result where no decision is known."""
    time: AwareDatetime
    recordedtime: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    partitionkey: str
    """The Kafka key: the party's, or on feeds the recipient's."""
    emitter: str
    """The organisation whose key sent it: a shared platform emits for many authorities."""
    traceparent: str | None = None

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, Chinese not escaped, unset options left out."""
        return self.model_dump_json(exclude_none=True).encode()

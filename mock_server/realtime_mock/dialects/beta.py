"""The beta dialect: the shapes, names and order of events that the API had until 2026-05-12."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast

from realtime_mock.api_error import ApiError
from realtime_mock.dialects.beta_errors import beta_error
from realtime_mock.dialects.beta_items import beta_content_part, beta_item, beta_response, ga_item, is_beta_item
from realtime_mock.dialects.beta_sessions import (
    DEFAULT_MODALITIES,
    DEFAULT_TEMPERATURE,
    beta_modalities,
    beta_session,
    beta_transcription_session,
    ga_response_settings,
    ga_session,
    ga_transcription_session,
    mapping,
)
from realtime_mock.registry import SchemaRegistry

Event = dict[str, Any]

RENAMED = {
    "conversation.item.added": "conversation.item.created",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
}
"""What the beta calls events of GA."""

_UNKNOWN = frozenset(
    {
        "conversation.item.done",
        "conversation.item.input_audio_transcription.segment",
        "input_audio_buffer.dtmf_event_received",
        "input_audio_buffer.timeout_triggered",
    }
)
_UNKNOWN_PREFIXES = ("mcp_list_tools.", "response.mcp_call")
"""Events that beta does not have. `conversation.item.created` alone says that an item is there."""

_GA_ONLY_KEYS = ("obfuscation", "languages")

_REQUESTS = {"name": "requests", "limit": 20_000, "remaining": 19_999, "reset_seconds": 0.003}
"""The entry of `rate_limits.updated` that GA no longer has (recorded)."""


class BetaDialect:
    """The codec of one beta session.

    What a client sends is judged by the beta schemas before it is translated. What only beta has, such as
    `temperature`, is remembered here and given back.

    Args:
        registry: the schemas; the dialect picks its own.
        transport: what the session runs on.
        new_event_id: makes the ids of events that GA sends elsewhere or not at all.
        tokens_per_minute: the limit to report before the session has reported any.
        asked: the flat session that a client secret of the beta API was asked for with.
    """

    notice: str | None = (
        "beta dialect: the service retired it on 2026-05-12 and answers beta_api_shape_disabled; "
        "`--beta retired` does the same"
    )

    def __init__(
        self,
        registry: SchemaRegistry,
        *,
        transport: Literal["websocket", "webrtc"],
        new_event_id: Callable[[], str],
        tokens_per_minute: int,
        asked: Mapping[str, Any] | None = None,
    ) -> None:
        self._registry = registry.dialect("beta")
        self._transport = transport
        self._new_event_id = new_event_id
        self._tokens: Mapping[str, Any] = {
            "name": "tokens",
            "limit": tokens_per_minute,
            "remaining": tokens_per_minute,
            "reset_seconds": 0.0,
        }
        self._memory = _remembered(asked or {})
        self._asked: dict[str, Any] = {}
        self._asked_temperature: float | None = None
        self._temperatures: dict[str, float] = {}
        self._unlimited: set[str] = set()
        self._refused: ApiError | None = None
        self._decoders: dict[str, Callable[[Event], Event]] = {
            "session.update": self._decode_update,
            "transcription_session.update": _decode_transcription_update,
            "conversation.item.create": _decode_item,
            "response.create": self._decode_response,
        }
        self._encoders: dict[str, Callable[[Event], list[Event]]] = {
            "session.created": self._encode_session,
            "session.updated": self._encode_updated,
            "error": self._encode_error,
            "rate_limits.updated": self._remember_limits,
            "response.created": self._encode_created,
            "response.done": self._encode_done,
            "response.output_item.added": self._encode_first_item,
        }

    def decode(self, event: object) -> object | ApiError:
        """A client's event as GA has it, or the error that refuses it."""
        error = self._registry.first_error(event, transport=self._transport)
        if error is not None:
            self._refused = error
            return error
        valid = cast("Event", event)
        decoder = self._decoders.get(valid["type"])
        return decoder(valid) if decoder else valid

    def encode(self, event: Event) -> list[Event]:
        """What beta sends for an event of the session. A type that neither dialect knows passes as it is."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return [event]
        if kind in _UNKNOWN or kind.startswith(_UNKNOWN_PREFIXES):
            return []
        encoder = self._encoders.get(kind)
        return encoder(event) if encoder else _encode_plain(kind, event)

    def first_server_error(self, event: object) -> str | None:
        """How the event breaks its beta schema, or None."""
        return self._registry.first_server_error(event)

    def describe(self, session: Mapping[str, Any], *, client_secret: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A session object of ours as beta has it, with the key that was minted for it."""
        if session.get("type") == "transcription":
            return beta_transcription_session(session, client_secret=client_secret)
        modalities = beta_modalities(session.get("output_modalities"), speaking=self._speaking())
        return beta_session(
            session, modalities=modalities, temperature=self._temperature(), client_secret=client_secret
        )

    # From the client

    def _decode_update(self, event: Event) -> Event:
        self._asked = _remembered(event["session"])
        return {**event, "session": ga_session(event["session"])}

    def _decode_response(self, event: Event) -> Event:
        given = event.get("response")
        if given is None:
            return event
        self._asked_temperature = given.get("temperature")
        response = ga_response_settings(given)
        if given.get("input") is not None:
            response["input"] = [ga_item(item) for item in given["input"]]
        return {**event, "response": response}

    # To the client

    def _encode_session(self, event: Event) -> list[Event]:
        session = mapping(event.get("session"))
        # Beta names these events after the kind of session (recorded; `.created` is in no SDK type).
        prefix = "transcription_" if session.get("type") == "transcription" else ""
        return [{**event, "type": f"{prefix}{event['type']}", "session": self.describe(session)}]

    def _encode_updated(self, event: Event) -> list[Event]:
        self._memory |= self._asked
        self._asked = {}
        return self._encode_session(event)

    def _encode_error(self, event: Event) -> list[Event]:
        # An update or a response that was refused leaves nothing to remember.
        self._asked = {}
        self._asked_temperature = None
        error = event.get("error")
        return [event if self._is_own(error) else {**event, "error": beta_error(error)}]

    def _is_own(self, error: object) -> bool:
        """Whether this dialect refused the event itself: its paths are beta's, though some are GA's as well."""
        told = (mapping(error).get("message"), mapping(error).get("param"))
        return self._refused is not None and told == (self._refused.message, self._refused.param)

    def _remember_limits(self, event: Event) -> list[Event]:
        """GA reports after a response; beta does as the next one begins to answer."""
        limits = event.get("rate_limits")
        for limit in limits if isinstance(limits, list) else ():
            if mapping(limit).get("name") == "tokens":
                self._tokens = limit
        return []

    def _encode_created(self, event: Event) -> list[Event]:
        response_id = _id_of(event.get("response"))
        self._unlimited.add(response_id)
        self._temperatures[response_id] = self._asked_temperature or self._temperature()
        self._asked_temperature = None
        return self._encode_response(event)

    def _encode_done(self, event: Event) -> list[Event]:
        encoded = self._encode_response(event)
        response_id = _id_of(event.get("response"))
        # Cancelled before it made anything, it never reports limits (recorded).
        self._unlimited.discard(response_id)
        self._temperatures.pop(response_id, None)
        return encoded

    def _encode_response(self, event: Event) -> list[Event]:
        response = mapping(event.get("response"))
        modalities = beta_modalities(response.get("output_modalities"), speaking=self._speaking())
        temperature = self._temperatures.get(_id_of(response), self._temperature())
        flat = beta_response(event.get("response"), modalities=modalities, temperature=temperature)
        return [{**event, "response": flat}]

    def _encode_first_item(self, event: Event) -> list[Event]:
        """`response.created`, then `rate_limits.updated`, then the first item (recorded)."""
        encoded = _encode_plain("response.output_item.added", event)
        response_id = _text(event.get("response_id"))
        if response_id not in self._unlimited:
            return encoded
        self._unlimited.discard(response_id)
        limits = {
            "type": "rate_limits.updated",
            "event_id": self._new_event_id(),
            "rate_limits": [dict(_REQUESTS), dict(self._tokens)],
        }
        return [limits, *encoded]

    def _speaking(self) -> object:
        """What `modalities` says while the model speaks: what the client asked for, in its order."""
        return self._memory.get("modalities", DEFAULT_MODALITIES)

    def _temperature(self) -> float:
        return float(self._memory.get("temperature", DEFAULT_TEMPERATURE))


def _id_of(response: object) -> str:
    return _text(mapping(response).get("id"))


def _text(value: object) -> str:
    """A key for what should be an id: a scenario may write anything in its place."""
    return value if isinstance(value, str) else ""


def _decode_transcription_update(event: Event) -> Event:
    return {**event, "type": "session.update", "session": ga_transcription_session(event["session"])}


def _decode_item(event: Event) -> Event:
    return {**event, "item": ga_item(event["item"])}


def _encode_plain(kind: str, event: Event) -> list[Event]:
    """An event whose parts alone differ."""
    if "item" in event and not is_beta_item(event["item"]):
        return []
    encoded = {key: value for key, value in event.items() if key not in _GA_ONLY_KEYS}
    encoded["type"] = RENAMED.get(kind, kind)
    if "item" in event:
        encoded["item"] = beta_item(event["item"])
    if "part" in event:
        encoded["part"] = beta_content_part(event["part"])
    return [encoded]


def _remembered(flat: Mapping[str, Any]) -> dict[str, Any]:
    """What GA has no place for. Of modalities only those with audio: text alone GA has too."""
    kept = {}
    if flat.get("temperature") is not None:
        kept["temperature"] = flat["temperature"]
    if "audio" in (flat.get("modalities") or ()):
        kept["modalities"] = list(flat["modalities"])
    return kept

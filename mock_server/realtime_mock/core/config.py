"""The session object: made from defaults, changed by partial updates.

An update is merged key by key, also inside `audio` and `turn_detection` (recorded). It is a pure function:
a session whose update fails anywhere keeps its old object whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from realtime_mock.core import defaults, errors
from realtime_mock.core.mcp_tools import check_tools

_REPLACED = ("output_modalities", "tool_choice", "max_output_tokens", "truncation")
"""Keys that an update replaces; null leaves them as they are."""

_CLEARED = ("tracing", "prompt", "include")
"""Keys that an update replaces; null clears them."""


class Configuration:
    """The session object as it stands. `session` is replaced whole, never changed in place."""

    def __init__(self, session: Mapping[str, Any]) -> None:
        self.session = cast("dict[str, Any]", session)

    @property
    def is_transcription(self) -> bool:
        """Whether this session only transcribes."""
        return bool(self.session["type"] == "transcription")

    @property
    def model(self) -> str:
        """The model of a realtime session; a transcription session has none."""
        return str(self.session.get("model") or "")

    @property
    def audio_input(self) -> Mapping[str, Any]:
        """`audio.input`: format, transcription, noise reduction, turn detection."""
        audio_input: Mapping[str, Any] = self.session["audio"]["input"]
        return audio_input

    def update(self, update: Mapping[str, Any], *, has_spoken: bool) -> None:
        """Merge a valid `session.update`.

        Raises:
            ClientFault: the update asks for what it may not change; nothing is changed then.
        """
        check_update(self.session, update, has_spoken=has_spoken)
        self.session = merge(self.session, update)


def new_session(
    session_id: str, *, model: str, given: Mapping[str, Any] | None = None, expires_at: int = 0
) -> dict[str, Any]:
    """The full session object for a connection, a call or a client secret.

    Args:
        model: the model of the connection; a `model` inside `given` wins.
        given: a session as a client sends it (already valid by its schema), or None.
        expires_at: Unix seconds; 0 in the body that answers a client secret, as recorded.

    Raises:
        ClientFault: MCP tools that contradict themselves.
    """
    given = given or {}
    check_tools(given.get("tools"), path="session.tools")
    if given.get("type") == "transcription":
        return merge(defaults.transcription_session(session_id, expires_at=expires_at), given)
    fresh = defaults.realtime_session(session_id, model=given.get("model") or model, expires_at=expires_at)
    return merge(fresh, given) if given else fresh


def merge(session: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """The session after a valid `session.update` of its own type.

    `model` is locked: an update that names one is accepted and changes nothing (SDKs send it each time).
    `instructions: ""` brings the default instructions back: recorded, although the documents say it clears them.
    """
    merged = dict(session)
    for key in _REPLACED:
        if update.get(key) is not None and key in merged:
            merged[key] = update[key]
    for key in _CLEARED:
        if key in update and key in merged:
            merged[key] = update[key]
    if update.get("tools") is not None:
        merged["tools"] = [_echoed_tool(tool) for tool in update["tools"]]
    if "instructions" in update:
        merged["instructions"] = update["instructions"] or defaults.INSTRUCTIONS
    if update.get("audio") is not None:
        merged["audio"] = _merge_audio(session, update["audio"])
    return merged


def check_update(session: Mapping[str, Any], update: Mapping[str, Any], *, has_spoken: bool) -> None:
    """Refuse what a valid update may still not do.

    Raises:
        ClientFault: an update of the other session type; another voice once the assistant has spoken.
    """
    if update["type"] != session["type"]:
        raise errors.wrong_session_type(update["type"], session["type"])
    voice = ((update.get("audio") or {}).get("output") or {}).get("voice")
    if has_spoken and voice is not None and voice != session["audio"]["output"]["voice"]:
        raise errors.cannot_update_voice()


def _merge_audio(session: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    audio = dict(session["audio"])
    if update.get("input") is not None:
        audio["input"] = _merge_input(audio["input"], update["input"], model=session.get("model"))
    if update.get("output") is not None and "output" in audio:
        audio["output"] = _merge_output(audio["output"], update["output"])
    return audio


def _merge_input(current: Mapping[str, Any], update: Mapping[str, Any], *, model: str | None) -> dict[str, Any]:
    merged = dict(current)
    if update.get("format") is not None:
        merged["format"] = _echoed_format(update["format"])
    if "noise_reduction" in update:
        merged["noise_reduction"] = update["noise_reduction"]
    if "transcription" in update:
        merged["transcription"] = _echoed_transcription(current["transcription"], update["transcription"])
    if "turn_detection" in update:
        merged["turn_detection"] = _merge_turn_detection(
            current["turn_detection"], update["turn_detection"], model=model
        )
    return merged


def _merge_output(current: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(current)
    if update.get("format") is not None:
        merged["format"] = _echoed_format(update["format"])
    for key in ("voice", "speed"):
        if update.get(key) is not None:
            merged[key] = update[key]
    return merged


def _merge_turn_detection(
    current: Mapping[str, Any] | None, update: Mapping[str, Any] | None, *, model: str | None
) -> dict[str, Any] | None:
    """Null turns detection off; another type starts from its defaults; the same type keeps what is not named."""
    if update is None:
        return None
    if current is not None and current["type"] == update["type"]:
        base = current
    elif update["type"] == "semantic_vad":
        base = defaults.semantic_vad()
    elif model is None:
        base = defaults.transcription_session("", expires_at=0)["audio"]["input"]["turn_detection"]
    else:
        base = defaults.turn_detection(model)
    given = {key: value for key, value in update.items() if value is not None or key == "idle_timeout_ms"}
    return {**base, **given}


def _echoed_format(given: Mapping[str, Any]) -> dict[str, Any]:
    if given.get("type") in ("audio/pcmu", "audio/pcma"):
        return {"type": given["type"]}
    return {"type": "audio/pcm", "rate": 24000}


def _echoed_transcription(current: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """`{model, language, prompt}`, and `languages` where given; `delay` is taken but never echoed (recorded)."""
    if given is None:
        return None
    known = {**(current or {}), **{key: value for key, value in given.items() if value is not None}}
    echoed = {key: known.get(key) for key in ("model", "language", "prompt")}
    if "languages" in known:
        echoed["languages"] = known["languages"]
    return echoed


def _echoed_tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """The tool with its keys in the order of the wire."""
    order = ("type", "name", "description", "parameters")
    known = {key: tool[key] for key in order if tool.get(key) is not None}
    rest = {key: value for key, value in tool.items() if key not in order and value is not None}
    return {**known, **rest}

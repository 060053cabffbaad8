"""Sessions and settings of a response: flat in beta, nested in GA.

Client values are valid by their beta schemas. Server values are read without trust, since a scenario may have
written them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_MODALITIES = ("audio", "text")
DEFAULT_TEMPERATURE = 0.8
"""What a session has where the client asked for nothing else (recorded)."""

_GA_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_BETA_FORMATS = {ga["type"]: beta for beta, ga in _GA_FORMATS.items()}

_CLEARED_INPUT = {
    "input_audio_transcription": "transcription",
    "input_audio_noise_reduction": "noise_reduction",
    "turn_detection": "turn_detection",
}
"""Input settings that null turns off; of all others null counts as absent."""


def ga_session(flat: Mapping[str, Any]) -> dict[str, Any]:
    """A beta session that a client sends, as GA has it. `temperature` and `client_secret` have no place there."""
    audio = {key: part for key, part in (("input", _ga_input(flat)), ("output", _ga_output(flat))) if part}
    session = {
        "type": "realtime",
        "model": flat.get("model"),
        "instructions": flat.get("instructions"),
        "output_modalities": _ga_modalities(flat.get("modalities")),
        "tools": _ga_tools(flat.get("tools")),
        "tool_choice": flat.get("tool_choice"),
        "max_output_tokens": flat.get("max_response_output_tokens"),
        "audio": audio or None,
    }
    tracing = {"tracing": flat["tracing"]} if "tracing" in flat else {}
    return {**_without_nulls(session), **tracing}


def ga_transcription_session(flat: Mapping[str, Any]) -> dict[str, Any]:
    """A beta transcription session that a client sends, as GA has it."""
    audio = _ga_input(flat)
    include = {"include": flat["include"]} if "include" in flat else {}
    return {"type": "transcription", **({"audio": {"input": audio}} if audio else {}), **include}


def ga_response_settings(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a `response.create`, as GA has them, but for `input`."""
    output = _without_nulls({"format": _ga_format(flat.get("output_audio_format")), "voice": flat.get("voice")})
    settings = {
        "output_modalities": _ga_modalities(flat.get("modalities")),
        "instructions": flat.get("instructions"),
        "audio": {"output": output} if output else None,
        "tools": _ga_tools(flat.get("tools")),
        "tool_choice": flat.get("tool_choice"),
        "max_output_tokens": flat.get("max_response_output_tokens") or flat.get("max_output_tokens"),
        "conversation": flat.get("conversation"),
        "metadata": flat.get("metadata"),
    }
    return _without_nulls(settings)


def beta_session(
    session: Mapping[str, Any],
    *,
    modalities: object,
    temperature: float,
    client_secret: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A session of ours as beta has it: the keys recorded in February 2025 and those that came by the end of 2025."""
    audio = mapping(session.get("audio"))
    output = mapping(audio.get("output"))
    return {
        "object": session.get("object"),
        "id": session.get("id"),
        "model": session.get("model"),
        "expires_at": session.get("expires_at"),
        "modalities": modalities,
        "instructions": session.get("instructions"),
        "voice": beta_voice(output.get("voice")),
        **_beta_input(mapping(audio.get("input"))),
        "output_audio_format": beta_format(output.get("format")),
        "speed": output.get("speed"),
        "tools": _beta_tools(session.get("tools")),
        "tool_choice": _beta_tool_choice(session.get("tool_choice")),
        "temperature": temperature,
        "max_response_output_tokens": session.get("max_output_tokens"),
        "tracing": session.get("tracing"),
        "truncation": session.get("truncation"),
        "prompt": session.get("prompt"),
        "include": session.get("include"),
        "client_secret": client_secret,
    }


def beta_transcription_session(
    session: Mapping[str, Any], *, client_secret: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A transcription session of ours as beta has it, in the keys recorded in June 2025."""
    return {
        "object": session.get("object"),
        "id": session.get("id"),
        "expires_at": session.get("expires_at"),
        **_beta_input(mapping(mapping(session.get("audio")).get("input"))),
        "include": session.get("include"),
        "client_secret": client_secret,
    }


def beta_modalities(output_modalities: object, *, speaking: object = DEFAULT_MODALITIES) -> list[Any]:
    """GA names one modality; beta names text beside audio, in the order `speaking` that the client chose."""
    speaks = isinstance(output_modalities, list) and "audio" in output_modalities
    return [*speaking] if speaks and isinstance(speaking, list | tuple) else ["text"]


def beta_format(given: object) -> object:
    """The name of an audio format; what is no format of ours stays as it is."""
    kind = mapping(given).get("type")
    return _BETA_FORMATS.get(kind, given) if isinstance(kind, str) else given


def beta_voice(given: object) -> object:
    """A voice by name: a custom one is an object in GA."""
    return given.get("id") if isinstance(given, Mapping) else given


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def _ga_input(flat: Mapping[str, Any]) -> dict[str, Any]:
    audio: dict[str, Any] = {
        ga: None if flat[beta] is None else _without_nulls(flat[beta])
        for beta, ga in _CLEARED_INPUT.items()
        if beta in flat
    }
    given = _ga_format(flat.get("input_audio_format"))
    return audio if given is None else {"format": given, **audio}


def _ga_output(flat: Mapping[str, Any]) -> dict[str, Any]:
    output = {
        "format": _ga_format(flat.get("output_audio_format")),
        "voice": flat.get("voice"),
        "speed": flat.get("speed"),
    }
    return _without_nulls(output)


def _beta_input(audio: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "turn_detection": audio.get("turn_detection"),
        "input_audio_format": beta_format(audio.get("format")),
        "input_audio_transcription": audio.get("transcription"),
        "input_audio_noise_reduction": audio.get("noise_reduction"),
    }


def _ga_format(name: str | None) -> dict[str, Any] | None:
    return None if name is None else dict(_GA_FORMATS[name])


def _ga_modalities(given: list[str] | None) -> list[str] | None:
    if given is None:
        return None
    return ["audio"] if "audio" in given else ["text"]


def _ga_tools(given: list[dict[str, Any]] | None) -> list[Any] | None:
    return None if given is None else [_without_nulls(tool) for tool in given]


def _beta_tools(tools: object) -> object:
    """The functions among the tools: beta knows no MCP servers, which a key of the GA API may bring along."""
    return [tool for tool in tools if mapping(tool).get("type") != "mcp"] if isinstance(tools, list) else tools


def _beta_tool_choice(choice: object) -> object:
    return "auto" if mapping(choice).get("type") == "mcp" else choice


def _without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: member for key, member in value.items() if member is not None}

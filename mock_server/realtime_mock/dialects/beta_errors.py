"""Errors of a session that speaks GA, with the paths that a beta client knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PATHS = (
    ("session.audio.input.turn_detection", "session.turn_detection"),
    ("session.audio.input.transcription", "session.input_audio_transcription"),
    ("session.audio.input.noise_reduction", "session.input_audio_noise_reduction"),
    ("session.audio.input.format", "session.input_audio_format"),
    ("session.audio.output.format", "session.output_audio_format"),
    ("session.audio.output.voice", "session.voice"),
    ("session.audio.output.speed", "session.speed"),
    ("session.output_modalities", "session.modalities"),
    ("session.max_output_tokens", "session.max_response_output_tokens"),
    ("response.audio.output.format", "response.output_audio_format"),
    ("response.audio.output.voice", "response.voice"),
    ("response.output_modalities", "response.modalities"),
    ("response.max_output_tokens", "response.max_response_output_tokens"),
)


def beta_error(error: object) -> object:
    """The `error` object with its `param` as a beta path, in its message too."""
    param = error.get("param") if isinstance(error, Mapping) else None
    if not isinstance(error, Mapping) or not isinstance(param, str):
        return error
    path = beta_path(param)
    return {**error, "message": _renamed(error.get("message"), param, path), "param": path}


def beta_path(path: str) -> str:
    """A path of a GA event as beta has it: "session.audio.output.voice" is "session.voice"."""
    for ga, beta in _PATHS:
        if path == ga or path.startswith((f"{ga}.", f"{ga}[")):
            return beta + path.removeprefix(ga)
    return path


def _renamed(message: Any, path: str, new_path: str) -> Any:
    return message.replace(f"'{path}'", f"'{new_path}'") if isinstance(message, str) else message

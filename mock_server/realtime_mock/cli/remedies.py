"""What a developer can do about an error that the mock answered with."""

from __future__ import annotations

from collections.abc import Mapping

_SESSION_FIELDS = {
    "modalities": 'the GA API calls it `session.output_modalities`, and takes `["audio"]` or `["text"]`',
    "voice": "the GA API wants it at `session.audio.output.voice`",
    "speed": "the GA API wants it at `session.audio.output.speed`",
    "input_audio_format": 'the GA API wants `session.audio.input.format` like `{"type": "audio/pcmu"}`',
    "output_audio_format": 'the GA API wants an object at `session.audio.output.format`',
    "input_audio_transcription": "the GA API wants it at `session.audio.input.transcription`",
    "input_audio_noise_reduction": "the GA API wants it at `session.audio.input.noise_reduction`",
    "turn_detection": "the GA API wants it at `session.audio.input.turn_detection`",
    "max_response_output_tokens": "the GA API calls it `session.max_output_tokens`",
    "temperature": "the GA API has no temperature: remove it",
}
"""Keys of the beta's flat session, and where the GA API has them."""

_RESPONSE_FIELDS = {
    "modalities": "the GA API calls it `response.output_modalities`",
    "voice": "the GA API wants it at `response.audio.output.voice`",
    "output_audio_format": "the GA API wants it at `response.audio.output.format`",
    "max_response_output_tokens": "the GA API calls it `response.max_output_tokens`",
    "temperature": "the GA API has no temperature: remove it",
}

_PARAMS = {
    "session.type": 'say which session it is: `"type": "realtime"` or `"type": "transcription"`',
    "item.type": "say which item it is: `message`, `function_call`, `function_call_output`, ...",
}

_CODES = {
    "beta_api_shape_disabled": "drop the `OpenAI-Beta: realtime=v1` header or subprotocol and use the GA event names; "
    "`--beta serve` serves the beta API all the same",
    "cannot_update_voice": "set the voice before the first answer is spoken",
    "conversation_already_has_active_response": "wait for `response.done`, or send `response.cancel` first",
    "input_audio_buffer_commit_empty": "append at least 100 ms of audio before the commit; with turn detection the "
    "server commits by itself",
    "invalid_api_key": "use any key that starts with `sk-`, or a client secret that this mock minted",
    "invalid_event": "send a JSON object with a `type` in a text frame",
    "invalid_json": "send one JSON object per text frame",
    "invalid_model": "name a Realtime model, such as `gpt-realtime`",
    "invalid_tool_call_id": "answer with the `call_id` of the function call item",
    "invalid_type": "change the JSON type of the value",
    "invalid_value": "use one of the values named",
    "missing_model": "add `?model=gpt-realtime` to the address",
    "missing_required_parameter": "add the key",
    "response_cancel_not_active": "harmless: the response had ended already",
    "unknown_parameter": "remove the key, or check how it is spelled: the service discards the whole event",
}


def remedy(error: Mapping[str, object]) -> str | None:
    """What to change so that this API error does not come back, where something is known.

    `error` has the keys of the API's error object.
    """
    code, param = error.get("code"), error.get("param")
    if code == "unknown_parameter" and isinstance(param, str):
        parent, _, key = param.rpartition(".")
        renamed = {"session": _SESSION_FIELDS, "response": _RESPONSE_FIELDS}.get(parent, {})
        return renamed.get(key, _CODES["unknown_parameter"])
    if code == "missing_required_parameter" and isinstance(param, str) and param in _PARAMS:
        return _PARAMS[param]
    if not isinstance(code, str):
        return None
    return _CODES.get(code) or _of_limits(code)


def _of_limits(code: str) -> str | None:
    if "_above_max" in code or "_below_min" in code:
        return "keep the value within the limit named"
    return None

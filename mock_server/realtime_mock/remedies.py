"""What a developer can do about an error that the mock answered with."""

from __future__ import annotations

from collections.abc import Mapping

_SESSION_FIELDS = {
    "modalities": 'the GA API calls it `session.output_modalities`, and takes `["audio"]` or `["text"]`',
    "voice": "the GA API wants it at `session.audio.output.voice`",
    "speed": "the GA API wants it at `session.audio.output.speed`",
    "input_audio_format": 'the GA API wants `session.audio.input.format` like `{"type": "audio/pcmu"}`',
    "output_audio_format": "the GA API wants an object at `session.audio.output.format`",
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

_WORDS = (
    ("Supported ", "use one of the values named"),
    ("Value must be", "use the value named"),
    ("base64", "encode the bytes of the audio in standard base64, with its padding"),
    ("too large", "send less in one message: audio in pieces of 100 ms, say"),
    ("exceeds limit", "send less in one message: audio in pieces of 100 ms, say"),
    ("larger than this server accepts", "send a smaller body"),
    ("item with id", "name an item that `conversation.item.added` has announced and nobody has deleted"),
    ("Item with item_id", "name an item that `conversation.item.added` has announced and nobody has deleted"),
    ("is already shorter than", "truncate at what has been played, never beyond the end of the audio"),
    ("Only model output audio", "truncate only what the assistant spoke"),
    ("session update event to a", "keep the `session.type` that the session was opened with"),
    ("bearer or basic", "send the header `Authorization: Bearer sk-mock`; any such key will do"),
    ("failed to unmarshal SDP: EOF", "post the offer with its last line end: do not trim it"),
    ("could not parse the JSON", "send valid JSON"),
    ("Unsupported content type", "post `application/sdp`, or a form with the parts `sdp` and `session`"),
    ("WebSocket upgrade", "connect by WebSocket (`ws://`); an SDP offer goes to `/v1/realtime/calls`"),
)
"""Told by words of the message: of one code there are several faults, and some faults have no code."""

_CODES = {
    "beta_api_shape_disabled": "drop the `OpenAI-Beta: realtime=v1` header or subprotocol and use the GA event names; "
    "`--beta serve` serves the beta API all the same",
    "call_id_not_found": "name a call that goes on: its id is the last part of `Location`",
    "cannot_update_voice": "set the voice before the first answer is spoken",
    "conversation_already_has_active_response": "wait for `response.done`, or send `response.cancel` first",
    "input_audio_buffer_commit_empty": "append at least 100 ms of audio before the commit; with turn detection the "
    "server commits by itself",
    "invalid_api_key": "use any key that starts with `sk-`, or a client secret that this mock minted",
    "invalid_event": "send a JSON object with a `type` in a text frame",
    "invalid_intent": "the only intent is `?intent=transcription`; a realtime session has none",
    "invalid_json": "send one JSON object per text frame",
    "invalid_model": "name a Realtime model, such as `gpt-realtime`",
    "invalid_offer": "post what the peer connection's `createOffer` gave, as it is",
    "invalid_tool_call_id": "answer with the `call_id` of the function call item",
    "invalid_type": "change the JSON type of the value",
    "missing_model": "add `?model=gpt-realtime` to the address",
    "missing_required_parameter": "add the key",
    "response_cancel_not_active": "harmless: the response had ended already",
    "unknown_parameter": "remove the key, or check how it is spelled: the service discards the whole event",
}

_SAY_IT_THEMSELVES = {"invalid_scenario", "invalid_fault", "invalid_expectation"}
"""Refusals by the control API, whose messages end with the remedy."""


def remedy(error: Mapping[str, object]) -> str | None:
    """What to change so that this API error does not come back, where something is known.

    `error` has the keys of the API's error object.
    """
    code, param = error.get("code"), error.get("param")
    if code in _SAY_IT_THEMSELVES:
        return None
    if code == "unknown_parameter" and isinstance(param, str):
        parent, _, key = param.rpartition(".")
        renamed = {"session": _SESSION_FIELDS, "response": _RESPONSE_FIELDS}.get(parent, {})
        return renamed.get(key, _CODES["unknown_parameter"])
    if code == "missing_required_parameter" and isinstance(param, str) and param in _PARAMS:
        return _PARAMS[param]
    told = _of_words(str(error.get("message") or ""))
    if told is not None or not isinstance(code, str):
        return told
    return _CODES.get(code) or _of_limits(code)


def _of_words(message: str) -> str | None:
    for words, advice in _WORDS:
        if words in message:
            return advice
    return None


def _of_limits(code: str) -> str | None:
    if "_above_max" in code or "_below_min" in code:
        return "keep the value within the limit named"
    return None

"""The faults of a live session, in the service's recorded words.

Each function returns a `ClientFault` to raise. A text marked UNSURE was never captured: its wording is ours.
"""

from __future__ import annotations

from realtime_mock.api_error import ApiError, ClientFault


def invalid_audio() -> ClientFault:
    """Base64 that does not decode. Its `param` is that of a beta recording; GA is UNSURE."""
    return _fault(
        "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an invalid value.",
        code="invalid_value",
        param="audio.audio",
    )


def commit_too_small(buffered_ms: float) -> ClientFault:
    """A commit of less than 100 ms."""
    return _fault(
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
        f"but buffer only has {buffered_ms:.2f}ms of audio.",
        code="input_audio_buffer_commit_empty",
    )


def active_response(response_id: str) -> ClientFault:
    """A second `response.create` on the default conversation."""
    return _fault(
        f"Conversation already has an active response in progress: {response_id}. "
        "Wait until the response is finished before creating a new one.",
        code="conversation_already_has_active_response",
    )


def cancel_not_active() -> ClientFault:
    """A `response.cancel` that finds nothing to cancel."""
    return _fault("Cancellation failed: no active response found", code="response_cancel_not_active")


def unknown_tool_call(call_id: str) -> ClientFault:
    """A function's output for a call that never was."""
    return _fault(f"Tool call ID '{call_id}' not found in conversation.", code="invalid_tool_call_id")


def unknown_previous_item(item_id: str) -> ClientFault:
    """A `previous_item_id` that is not in the conversation. An error is certain, its text UNSURE."""
    return _fault(f"Error creating item: the previous item with id '{item_id}' does not exist.", code="invalid_value")


def unknown_reference(item_id: str) -> ClientFault:
    """An `item_reference` to nothing. UNSURE."""
    return _fault(f"Item with item_id not found: {item_id}", code="invalid_value", param="response.input")


def delete_unknown_item(item_id: str) -> ClientFault:
    """A deletion of an unknown or already deleted item."""
    return _fault(
        f"Error deleting item: the item with id '{item_id}' does not exist.", code="item_delete_invalid_item_id"
    )


def retrieve_unknown_item(item_id: str) -> ClientFault:
    """A retrieval of an unknown or deleted item."""
    return _fault(
        f"Error retrieving item: the item with id '{item_id}' does not exist.", code="item_retrieve_invalid_item_id"
    )


def truncate_unknown_item(item_id: str) -> ClientFault:
    """A truncation of an unknown item. The code is recorded, the text UNSURE."""
    return _fault(f"Item with item_id not found: {item_id}", code="item_truncate_invalid_item_id")


def truncate_not_audio() -> ClientFault:
    """A truncation of anything but the model's own audio."""
    return _fault("Only model output audio messages can be truncated", code="unsupported_content_type")


def truncate_too_long(audio_ms: int, asked_ms: int) -> ClientFault:
    """A truncation beyond the end of the audio."""
    return _fault(f"Audio content of {audio_ms}ms is already shorter than {asked_ms}ms", code="invalid_value")


def cannot_update_voice() -> ClientFault:
    """Another voice after the assistant has spoken; the whole update is refused."""
    return _fault("Cannot update a conversation's voice if assistant audio is present.", code="cannot_update_voice")


def wrong_session_type(update: str, session: str) -> ClientFault:
    """An update of the other session type. Recorded for transcription on realtime; the reverse is UNSURE."""
    return _fault(
        f"Passing a {update} session update event to a {session} session is not allowed.", code="invalid_parameter"
    )


def transcription_model(model: str) -> ApiError:
    """A transcription update where the connection itself was opened with a transcription model. It ends the session."""
    return ApiError(f'Model "{model}" is not supported in transcription mode.', code="invalid_model")


def no_responses(event_type: str) -> ClientFault:
    """A response asked of a transcription session, which has none. UNSURE."""
    message = f"Event '{event_type}' is not supported in transcription sessions."
    return _fault(message, code="invalid_value", param="type")


def context_too_long() -> ClientFault:
    """A conversation over the context with `truncation: "disabled"`. An error is documented, its text UNSURE."""
    return _fault("The conversation exceeds the model's input token limit.", code="context_length_exceeded")


def session_expired(lifetime: float) -> ApiError:
    """The end of a session's time, in the recorded words for 60 minutes."""
    return ApiError(f"Your session hit the maximum duration of {lifetime / 60:g} minutes.", code="session_expired")


def duplicate_mcp_server(server_label: str, *, param: str) -> ClientFault:
    """Two MCP servers of one name. An error is documented, its code and text are UNSURE."""
    return _fault(f"Duplicate server_label '{server_label}' in tools.", code="invalid_value", param=param)


def mcp_server_in_two_places(first: str, second: str, *, param: str) -> ClientFault:
    """An MCP server with, say, a URL and a connector. An error is documented, its code and text are UNSURE."""
    message = f"'{first}' and '{second}' cannot be used together: an MCP server is in one place."
    return _fault(message, code="invalid_value", param=param)


def mcp_server_nowhere(*, param: str) -> ClientFault:
    """An MCP server without any place. An error is documented, its code and text are UNSURE."""
    message = "One of 'server_url', 'connector_id' or 'tunnel_id' is required for a new MCP server."
    return _fault(message, code="missing_required_parameter", param=param)


def mcp_two_authorizations(*, param: str) -> ClientFault:
    """A token and an `Authorization` header. An error is documented, its code and text are UNSURE."""
    message = "'authorization' cannot be used together with an 'Authorization' header."
    return _fault(message, code="invalid_value", param=param)


def unknown_approval_request(request_id: str) -> ClientFault:
    """An answer to an approval request that never was, or that has its answer. UNSURE."""
    message = f"Approval request with id '{request_id}' not found or already answered."
    return _fault(message, code="invalid_value", param="item.approval_request_id")


def scripted(error: ApiError) -> ClientFault:
    """A refusal that a scenario asks for."""
    return ClientFault(error, scripted=True)


def _fault(message: str, *, code: str | None, param: str | None = None) -> ClientFault:
    return ClientFault(ApiError(message, code=code, param=param))

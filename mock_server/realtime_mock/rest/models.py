"""Which models a request may name."""

from __future__ import annotations

from aiohttp import web

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.core.defaults import is_transcription_model
from realtime_mock.wire import printable


def check_model(request: web.Request, model: str | None) -> None:
    """Let a request go on with a model that it names, in its query or its session.

    By its name alone: whatever is called "realtime" or "audio" (as the models that the official SDK lists for a
    session are), or transcribes. Below `/openai`, where Azure's clients ask, a
    name is a deployment's and may be any.

    Raises:
        ClientFault: the model is of another kind, in the recorded words.
    """
    if not model or "realtime" in model or "audio" in model or is_transcription_model(model) or _is_azure(request):
        return
    message = (
        f'Model "{printable(model, limit=200)}" is not supported in realtime mode. '
        "See https://platform.openai.com/docs/models for a list of supported models."
    )
    raise ClientFault(ApiError(message, code="invalid_model"))


def _is_azure(request: web.Request) -> bool:
    return request.path.lstrip("/").startswith("openai")

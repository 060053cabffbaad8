"""What a request gets when something is to go wrong: in the service's words where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime_mock.api_error import ApiError


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer in place of the API's."""

    status: int
    error: ApiError
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a WebSocket is refused: 101, this error as an event, this close code."""

    code: int
    error: ApiError


_SERVER_ERROR = ApiError(
    "The server had an error while processing your request. Sorry about that!", type="server_error"
)
_BAD_KEY = ApiError(
    "Incorrect API key provided: sk-mock. You can find your API key at https://platform.openai.com/account/api-keys.",
    code="invalid_api_key",
)
_NO_PERMISSION = ApiError(
    "You have insufficient permissions for this operation. Missing scopes: api.model.realtime.request.",
    code="insufficient_permissions",
)
"""The text depends on the key's scopes; the code is UNSURE."""
_NO_MODEL = ApiError("The model does not exist or you do not have access to it.", code="model_not_found")
"""UNSURE: the text depends on the model."""

NAMED_ANSWERS: Mapping[str, Answer] = {
    "quota": Answer(
        429,
        ApiError(
            "You exceeded your current quota, please check your plan and billing details.",
            code="insufficient_quota",
            type="insufficient_quota",
        ),
    ),
    "rate_limit": Answer(
        429,
        ApiError(
            "Rate limit reached for requests. Please try again in 1s.", code="rate_limit_exceeded", type="requests"
        ),
        {"Retry-After": "1"},
    ),
    "unauthorized": Answer(401, _BAD_KEY),
    "forbidden": Answer(403, _NO_PERMISSION),
    "not_found": Answer(404, _NO_MODEL),
    "server_error": Answer(500, _SERVER_ERROR),
    "unavailable": Answer(
        503,
        ApiError("The server is overloaded. Please try again later.", type="server_error"),
        {"Retry-After": "1"},
    ),
}
"""Answers by name."""

NAMED_CLOSES: Mapping[str, Refusal] = {
    "credit": Refusal(
        4000, ApiError("Credit balance exhausted.", code="credit_balance_exhausted", type="insufficient_quota")
    ),
    "permissions": Refusal(3000, _NO_PERMISSION),
    "model_not_found": Refusal(4004, _NO_MODEL),
    "unauthorized": Refusal(3000, _BAD_KEY),
    "server_error": Refusal(4000, _SERVER_ERROR),
}
"""Closes by name. The codes of `credit` and `server_error` are ours: none was captured."""


def refusal_reason(error: ApiError) -> str:
    """What the close frame of a refused WebSocket says.

    "reason = error.type + (. + error.code if not null)": observed on every refused connection.
    """
    return error.type if error.code is None else f"{error.type}.{error.code}"

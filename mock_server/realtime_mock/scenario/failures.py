"""What the service says when a response fails: the words a scenario need not repeat, with its placeholders."""

from __future__ import annotations

from realtime_mock.api_error import ApiError

_SERVER_ERROR = ApiError(
    "The server had an error while processing your request. Sorry about that! You can retry your request, or contact "
    "us through our help center at help.openai.com if the error persists. (Please include the session ID $session.id "
    "in your message.)",
    type="server_error",
)
_KNOWN = {
    error.code: error
    for error in (
        ApiError(
            "You exceeded your current quota, please check your plan and billing details.",
            code="insufficient_quota",
            type="insufficient_quota",
        ),
        # The type is literally "tokens" on the wire.
        ApiError(
            "Rate limit reached for $session.model in organization org-mock on tokens per min (TPM): Limit 40000, "
            "Used 39500, Requested 1000. Please try again in 0.750s.",
            code="rate_limit_exceeded",
            type="tokens",
        ),
        ApiError(
            "You have insufficient permissions for this operation. Missing scopes: model.request.",
            code="inference_not_authorized_error",
        ),
    )
}


def complete(*, code: str | None, type: str | None, message: str | None) -> ApiError:  # noqa: A002 - the API's name
    """The error of a failed response: what is not given comes from the service's own wording of `code`.

    An unknown code is a `server_error`, like no code at all.
    """
    known = _KNOWN.get(code, _SERVER_ERROR)
    return ApiError(message or known.message, code=code, type=type or known.type)

"""Every HTTP error in the API's own shape."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.transports.sdp import InvalidOffer
from realtime_mock.wire import printable

API_ERROR = web.ResponseKey("api_error", ApiError)
"""The key under which an answer carries its `ApiError` to the journal."""

REASON = web.ResponseKey("reason", str)
"""The same for what the journal tells of a refusal, and the client is not told."""


class HttpFault(ClientFault):
    """A request that is answered with an error status."""

    def __init__(self, status: int, error: ApiError, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.headers = headers


FAULTS = (HttpFault, InvalidOffer, ClientFault, web.HTTPException)
"""What a handler raises for a request that it refuses."""


def error_answer(status: int, error: ApiError, *, headers: Mapping[str, str] | None = None) -> web.Response:
    """The answer to a request that failed: `{"error": {message, type, param, code}}`."""
    body = {"message": error.message, "type": error.type, "param": error.param, "code": error.code}
    response = web.Response(body=json.dumps({"error": body}).encode(), status=status, headers=headers)
    # Recorded without a charset, which JSON does not have.
    response.headers["Content-Type"] = "application/json"
    response[API_ERROR] = error
    return response


def answer_fault(
    request: web.Request, fault: HttpFault | InvalidOffer | ClientFault | web.HTTPException
) -> web.Response:
    """The answer to a request that raised one of `FAULTS`.

    Raises:
        HTTPException: what was raised is an answer already, and no error.
    """
    match fault:
        case HttpFault():
            return error_answer(fault.status, fault.error, headers=fault.headers)
        case InvalidOffer():
            response = error_answer(400, fault.error)
            response[REASON] = fault.reason
            return response
        case ClientFault():
            return error_answer(400, fault.error)
        case _:
            if fault.status < 400:
                raise fault
            return error_answer(fault.status, _described(request, fault), headers=_kept_headers(fault))


def _described(request: web.Request, answer: web.HTTPException) -> ApiError:
    path = printable(request.path)
    match answer.status:
        case 404:
            where = " GET /_mock/openapi.json lists the paths of the control API." if path.startswith("/_mock") else ""
            return ApiError(f"Invalid URL ({request.method} {path}){where and '.'}{where}")
        case 405:
            return ApiError(f"Not allowed to {request.method} on {path}.", code="method_not_supported")
        case 413:
            return ApiError("The request body is larger than this server accepts.", code="request_too_large")
        case _:
            return ApiError(printable(answer.text or answer.reason))


def _kept_headers(answer: web.HTTPException) -> dict[str, str]:
    return {"Allow": answer.headers["Allow"]} if "Allow" in answer.headers else {}

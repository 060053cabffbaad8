"""Servers that answer HTTP requests wrongly, by the check that each trips."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.negative.breaking import Negative, change

from realtime_conformance.targets.base import Answer, Opening, Request

Where = Callable[[Request, Answer], bool]


def anywhere(_request: Request, _answer: Answer) -> bool:
    return True


def by_path(*ends: str) -> Where:
    return lambda request, _answer: request.path.endswith(ends)


def by_body(part: str) -> Where:
    return lambda request, _answer: part in request.body.decode()


def by_key(key: str) -> Where:
    return lambda request, _answer: request.key == key


def by_status(status: int) -> Where:
    return lambda _request, answer: answer.status == status


def by_method(method: str) -> Where:
    return lambda request, _answer: request.method == method


def answers(where: Where = anywhere, **values: Any) -> Negative:
    """Some answers have another status, other headers or another body."""

    def broken(request: Request, answer: Answer) -> Answer:
        return replace(answer, **values) if where(request, answer) else answer

    return Negative(answers=broken)


def says(where: Where = anywhere, **values: Any) -> Negative:
    """Some answers have a JSON body with another value at a place, `session__type="x"`; `...` takes it away."""

    def broken(request: Request, answer: Answer) -> Answer:
        if not where(request, answer) or not isinstance(answer.json, dict):
            return answer
        body = answer.json
        for place, value in values.items():
            *path, last = place.split("__")
            parent = body
            for key in path:
                parent = parent[key]
            if value is ...:
                del parent[last]
            else:
                parent[last] = value(parent[last]) if callable(value) else value
        return replace(answer, body=json.dumps(body).encode())

    return Negative(answers=broken)


def without_header(name: str, where: Where = anywhere) -> Negative:
    def broken(request: Request, answer: Answer) -> Answer:
        left = {key: value for key, value in answer.headers.items() if key != name}
        return replace(answer, headers=left) if where(request, answer) else answer

    return Negative(answers=broken)


def with_header(name: str, value: str) -> Negative:
    return Negative(answers=lambda _request, answer: replace(answer, headers={**answer.headers, name: value}))


def knows_no_secrets(opening: Opening) -> Opening:
    return replace(opening, key="undefined")


def following(negative: Negative, *follows: str) -> Negative:
    return replace(negative, follows=follows)


OFFER_IS = {
    "garbage": lambda request, _answer: request.body == b"hello\r\n",
    "empty": lambda request, _answer: request.body == b"",
    "without-the-last-line-end": lambda request, _answer: request.body.endswith(b"262144"),
}

NEGATIVES = {
    "HTTP-001.status": answers(status=201),
    "HTTP-001.fits-its-schema": says(session__audio=5),
    "HTTP-001.begins-with-ek": says(value="sk-1"),
    "HTTP-001.lasts-ten-minutes": says(expires_at=lambda at: at + 3_600),
    "HTTP-001.session-type": says(session__type="transcription"),
    "HTTP-001.session-is-whole": says(session__instructions=...),
    "HTTP-002.as-asked": says(by_status(200), expires_at=lambda at: at + 540),
    "HTTP-002.too-short": answers(by_body('"seconds": 9}'), status=200),
    "HTTP-002.too-long": answers(by_body('"seconds": 7201}'), status=200),
    "HTTP-002.code": says(by_status(400), error__code="invalid_value"),
    "HTTP-003.opens": Negative(opening=knows_no_secrets, follows=("has-its-instructions", "has-its-modalities")),
    "HTTP-003.has-its-instructions": Negative(change("session.created", session__instructions="")),
    "HTTP-003.has-its-modalities": Negative(change("session.created", session__output_modalities=["audio"])),
    "HTTP-004.status": answers(by_path("/calls"), status=200),
    "HTTP-004.is-sdp": answers(by_path("/calls"), body=b"{}"),
    "HTTP-005.status": answers(status=201),
    "HTTP-005.session-type": says(session__type="realtime"),
    "HTTP-006.no-json": answers(lambda request, _: request.body.endswith(b": "), status=500),
    "HTTP-006.unknown-parameter": answers(by_body("nonsense"), status=200),
    "HTTP-006.names-the-parameter": says(by_body("nonsense"), error__param=None),
    "HTTP-006.error-body": says(by_body("nonsense"), error__message=...),
    "HTTP-007.without-a-key": answers(by_key(""), status=403),
    "HTTP-007.without-a-key-code": says(by_key(""), error__code="no_key"),
    "HTTP-007.with-a-wrong-key": answers(by_key("undefined"), status=403),
    "HTTP-007.with-a-wrong-key-code": says(by_key("undefined"), error__code=None),
    "HTTP-007.error-body": says(error__message=...),
    "HTTP-008.without-a-key": answers(by_key(""), status=403),
    "HTTP-008.with-a-wrong-key": answers(by_key("undefined"), status=201),
    "HTTP-009.preflight-is-answered": answers(by_method("OPTIONS"), status=405),
    "HTTP-009.origin-is-allowed": without_header("access-control-allow-origin", by_method("OPTIONS")),
    "HTTP-009.headers-are-allowed": without_header("access-control-allow-headers"),
    "HTTP-009.answer-can-be-read": without_header("access-control-allow-origin", by_method("POST")),
    "HTTP-009.location-can-be-read": without_header("access-control-expose-headers"),
    "HTTP-010.status": answers(by_path("/calls"), status=200),
    "HTTP-010.is-sdp": answers(by_path("/calls"), body=b"{}"),
    "HTTP-010.content-type": with_header("content-type", "text/html"),
    "HTTP-010.has-a-location": following(without_header("location"), "location-is-relative"),
    "HTTP-010.location-is-relative": with_header("location", "http://127.0.0.1/v1/realtime/calls/rtc_1"),
    "HTTP-011.form": answers(by_body("Content-Type: application/sdp"), status=415),
    "HTTP-011.parts-need-no-type": answers(by_body('name="sdp"\r\n\r\n'), status=400),
    **{f"HTTP-012.{name}": answers(where, status=201) for name, where in OFFER_IS.items()},
    **{f"HTTP-012.{name}-code": says(where, error__code="no_such_code") for name, where in OFFER_IS.items()},
    "HTTP-012.error-body": says(error__message=...),
    "HTTP-013.json": answers(by_body('{"sdp"'), status=415),
    "HTTP-013.json-code": says(by_body('{"sdp"'), error__code=None),
    "HTTP-013.no-offer": answers(lambda request, _: b"sdp" not in request.body, status=500),
    "HTTP-013.wrong-session": answers(by_body("nonsense"), status=201),
    "HTTP-013.error-body": says(by_body("nonsense"), error__message=...),
    "HTTP-014.status": answers(by_status(200), status=202),
    "HTTP-014.body-is-empty": answers(by_status(200), body=b"{}"),
    "HTTP-014.once": answers(by_status(404), status=200),
    "HTTP-015.status": answers(status=400),
    "HTTP-015.code": says(error__code=None),
    "HTTP-015.param-is-empty": says(error__param=None),
    "HTTP-015.error-body": says(error__message=...),
    **{f"HTTP-016.{action}": answers(by_path(action), status=400) for action in ("accept", "reject", "refer")},
    "HTTP-016.code": says(by_path("refer"), error__code=None),
    "HTTP-017.double-slashes": answers(by_path("//client_secrets"), status=404),
    "HTTP-017.request-id": without_header("x-request-id"),
    "HTTP-017.unknown": answers(by_path("/no_such_path"), status=400),
    "HTTP-017.error-body": answers(by_path("/no_such_path"), body=b"<h1>Not Found</h1>"),
    "HTTP-017.other-method": answers(by_method("GET"), status=200),
}

"""The HTTP API beside the connections: client secrets, offers, hanging up, keys, pages of other origins."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from realtime_conformance.case import case
from realtime_conformance.checks import Checks, Unreached
from realtime_conformance.forms import OFFER, body_fault, call_body, form, json_body
from realtime_conformance.server import Server
from realtime_conformance.server_cases.attempts import attempt
from realtime_conformance.targets.base import Answer, Opening, Request

SECRETS = "/realtime/client_secrets"
CALLS = "/realtime/calls"
WRONG_KEY = "undefined"
ORIGIN = "https://app.example.com"
UNKNOWN_CALL = "rtc_conformance_no_such_call"
TEN_MINUTES = (570.0, 630.0)
INSTRUCTIONS = "Answer in Latin."


@case("HTTP-001", "A client secret is minted", needs=["http", "client-secrets"])
async def minted(server: Server, checks: Checks) -> None:
    answer = await _mint(server, {"session": {"type": "realtime", "model": server.target.model}})
    checks.equal("status", answer.status, 200)
    secret = _object(answer)
    fault = body_fault("client_secrets.response", secret)
    checks.that("fits-its-schema", fault is None, expected="a body of the schema", actual=fault)
    value = str(secret.get("value"))
    checks.that("begins-with-ek", value.startswith("ek_"), expected="ek_...", actual=value[:6])
    checks.within("lasts-ten-minutes", _seconds_left(answer), *TEN_MINUTES, note="seconds")
    session = secret.get("session") or {}
    checks.equal("session-type", session.get("type"), "realtime")
    checks.has("session-is-whole", session, ["id", "object", "model", "audio", "output_modalities", "instructions"])


@case("HTTP-002", "A client secret lasts as long as is asked for", needs=["http", "client-secrets"])
async def lifetime(server: Server, checks: Checks) -> None:
    asked = await _mint(server, _expiring(60))
    checks.within("as-asked", _seconds_left(asked), 30.0, 90.0, note="seconds")
    for slug, seconds, code in (
        ("too-short", 9, "integer_below_min_value"),
        ("too-long", 7201, "integer_above_max_value"),
    ):
        answer = await _mint(server, _expiring(seconds))
        checks.equal(slug, answer.status, 400)
        checks.equal("code", _error(answer).get("code"), code, note=slug)


@case("HTTP-003", "A client secret opens its session", needs=["http", "client-secrets", "websocket"])
async def secret_opens(server: Server, checks: Checks) -> None:
    asked = {"instructions": INSTRUCTIONS, "output_modalities": ["text"]}
    value = await _secret(server, {"type": "realtime", "model": server.target.model, **asked})
    tried = await attempt(server, Opening(key=value, query={}))
    checks.that("opens", tried.is_open, expected="session.created", actual=(tried.status, tried.kinds, tried.error))
    session = tried.events[0].get("session", {}) if tried.is_open else {}
    checks.equal("has-its-instructions", session.get("instructions"), INSTRUCTIONS)
    checks.equal("has-its-modalities", session.get("output_modalities"), ["text"])


@case("HTTP-004", "A page posts its offer with a client secret", needs=["http", "client-secrets", "webrtc"])
async def secret_calls(server: Server, checks: Checks) -> None:
    value = await _secret(server, {"type": "realtime", "model": server.target.model})
    body, headers = call_body(OFFER, None)
    answer = await server.request(Request("POST", CALLS, body, headers, key=value))
    checks.equal("status", answer.status, 201)
    checks.that("is-sdp", answer.text.startswith("v=0"), expected="v=0...", actual=answer.text[:40])
    await _hang_up(server, answer)


@case("HTTP-005", "A client secret of a transcription", needs=["http", "client-secrets", "transcription-sessions"])
async def transcription_secret(server: Server, checks: Checks) -> None:
    answer = await _mint(server, {"session": {"type": "transcription"}})
    checks.equal("status", answer.status, 200)
    session = _object(answer).get("session") or {}
    checks.equal("session-type", session.get("type"), "transcription")


@case("HTTP-006", "A body that is wrong is refused", needs=["http", "client-secrets"])
async def wrong_bodies(server: Server, checks: Checks) -> None:
    _, headers = json_body({})
    broken = await server.request(Request("POST", SECRETS, b'{"session": ', headers))
    checks.equal("no-json", broken.status, 400)
    unknown = await _mint(server, {"session": {"type": "realtime", "nonsense": 1}})
    checks.equal("unknown-parameter", unknown.status, 400)
    error = _error(unknown)
    named = (error.get("code"), error.get("param"))
    checks.equal("names-the-parameter", named, ("unknown_parameter", "session.nonsense"))
    for answer in (broken, unknown):
        _check_error(checks, answer)


@case("HTTP-007", "Requests without a right key are refused", needs=["http", "keys"])
async def keys(server: Server, checks: Checks) -> None:
    body, headers = json_body({"session": {"type": "realtime", "model": server.target.model}})
    for slug, key, code in (("without-a-key", "", None), ("with-a-wrong-key", WRONG_KEY, "invalid_api_key")):
        answer = await server.request(Request("POST", SECRETS, body, headers, key=key))
        checks.equal(slug, answer.status, 401)
        checks.equal(f"{slug}-code", _error(answer).get("code", "no error"), code)
        _check_error(checks, answer)


@case("HTTP-008", "An offer needs a key", needs=["http", "keys", "webrtc"])
async def keys_of_calls(server: Server, checks: Checks) -> None:
    body, headers = call_body(OFFER, {"type": "realtime", "model": server.target.model})
    for slug, key in (("without-a-key", ""), ("with-a-wrong-key", WRONG_KEY)):
        answer = await server.request(Request("POST", CALLS, body, headers, key=key))
        checks.equal(slug, answer.status, 401)


@case("HTTP-009", "A page of another origin may post an offer", needs=["http", "cors", "webrtc"])
async def cross_origin(server: Server, checks: Checks) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = await server.request(Request("OPTIONS", CALLS, headers={"Origin": ORIGIN, **asked}, key=""))
    checks.within("preflight-is-answered", preflight.status, 200, 299)
    checks.one_of("origin-is-allowed", preflight.headers.get("access-control-allow-origin"), ["*", ORIGIN])
    allowed = _listed(preflight, "access-control-allow-headers")
    checks.that(
        "headers-are-allowed",
        {"authorization", "content-type"} <= allowed or ("*" in allowed and "authorization" in allowed),
        expected="authorization, content-type",
        actual=sorted(allowed),
    )
    answer = await server.offer(opening=Opening(headers={"Origin": ORIGIN}))
    checks.one_of("answer-can-be-read", answer.headers.get("access-control-allow-origin"), ["*", ORIGIN])
    exposed = _listed(answer, "access-control-expose-headers")
    checks.that("location-can-be-read", "location" in exposed, expected="location", actual=sorted(exposed))
    await _hang_up(server, answer)


@case("HTTP-010", "An offer is answered", needs=["http", "webrtc"])
async def offered(server: Server, checks: Checks) -> None:
    answer = await server.offer()
    checks.equal("status", answer.status, 201)
    checks.that("is-sdp", answer.text.startswith("v=0"), expected="v=0...", actual=answer.text[:40])
    kind = answer.headers.get("content-type", "").partition(";")[0]
    checks.one_of("content-type", kind, ["text/plain", "application/sdp"])
    location = answer.headers.get("location", "")
    checks.that("has-a-location", bool(location), expected="the header Location", actual=location)
    as_recorded = re.fullmatch(r"/v1/realtime/calls/rtc_[A-Za-z0-9_]+", location)
    checks.that("location-is-relative", as_recorded is not None, expected="/v1/realtime/calls/rtc_...", actual=location)
    await _hang_up(server, answer)


@case("HTTP-011", "A form is taken as a server sends it, and as a page does", needs=["http", "webrtc"])
async def plain_form(server: Server, checks: Checks) -> None:
    session = json_body({"type": "realtime", "model": server.target.model})[0]
    for slug, kinds in (("form", ("application/sdp", "application/json")), ("parts-need-no-type", ("", ""))):
        body, headers = form([("sdp", kinds[0], OFFER.encode()), ("session", kinds[1], session)])
        answer = await server.request(Request("POST", CALLS, body, headers))
        if checks.equal(slug, answer.status, 201):
            await _hang_up(server, answer)


@case("HTTP-012", "An offer that is none is refused", needs=["http", "webrtc"])
async def wrong_offers(server: Server, checks: Checks) -> None:
    path = f"{CALLS}?{urlencode({'model': server.target.model})}"
    for slug, offer, code in (
        ("garbage", "hello\r\n", "invalid_offer"),
        ("empty", "", "invalid_offer"),
        ("without-the-last-line-end", OFFER.strip(), None),
    ):
        body, headers = call_body(offer, None)
        answer = await server.request(Request("POST", path, body, headers))
        checks.equal(slug, answer.status, 400)
        checks.equal(f"{slug}-code", _error(answer).get("code", "no error"), code)
        _check_error(checks, answer)


@case("HTTP-013", "A request for a call that is wrong is refused", needs=["http", "webrtc"])
async def wrong_requests(server: Server, checks: Checks) -> None:
    body, headers = json_body({"sdp": OFFER})
    answer = await server.request(Request("POST", CALLS, body, headers))
    checks.equal("json", answer.status, 400)
    checks.equal("json-code", _error(answer).get("code"), "unsupported_content_type")
    body, headers = form([("session", "application/json", b'{"type": "realtime"}')])
    answer = await server.request(Request("POST", CALLS, body, headers))
    checks.equal("no-offer", answer.status, 400)
    body, headers = call_body(OFFER, {"type": "realtime", "model": server.target.model, "nonsense": 1})
    answer = await server.request(Request("POST", CALLS, body, headers))
    checks.equal("wrong-session", answer.status, 400)
    _check_error(checks, answer)


@case("HTTP-014", "A call is hung up", needs=["http", "webrtc"])
async def hung_up(server: Server, checks: Checks) -> None:
    answer = await server.offer()
    first = await _hang_up(server, answer)
    checks.equal("status", first.status, 200)
    checks.equal("body-is-empty", first.body, b"")
    again = await _hang_up(server, answer)
    checks.equal("once", again.status, 404)


@case("HTTP-015", "A call that is none cannot be hung up", needs=["http", "webrtc"])
async def hung_up_unknown(server: Server, checks: Checks) -> None:
    answer = await server.request(Request("POST", f"{CALLS}/{UNKNOWN_CALL}/hangup"))
    checks.equal("status", answer.status, 404)
    error = _error(answer)
    checks.equal("code", error.get("code"), "call_id_not_found")
    checks.equal("param-is-empty", error.get("param"), "")
    _check_error(checks, answer)


@case("HTTP-016", "A telephone call that is none is refused", needs=["http", "sip"])
async def unknown_telephone_call(server: Server, checks: Checks) -> None:
    bodies: Mapping[str, Mapping[str, object]] = {
        "accept": {"type": "realtime", "model": server.target.model},
        "reject": {"status_code": 486},
        "refer": {"target_uri": "tel:+14155550123"},
    }
    for action, value in bodies.items():
        body, headers = json_body(value)
        answer = await server.request(Request("POST", f"{CALLS}/{UNKNOWN_CALL}/{action}", body, headers))
        checks.equal(action, answer.status, 404)
        checks.equal("code", _error(answer).get("code"), "call_id_not_found", note=action)


@case("HTTP-017", "Paths are read generously, and unknown ones refused", needs=["http", "client-secrets"])
async def paths(server: Server, checks: Checks) -> None:
    body, headers = json_body({"session": {"type": "realtime", "model": server.target.model}})
    doubled = await server.request(Request("POST", SECRETS.replace("/", "//"), body, headers))
    checks.equal("double-slashes", doubled.status, 200)
    checks.that(
        "request-id", bool(doubled.headers.get("x-request-id")), expected="X-Request-Id", actual=doubled.headers
    )
    unknown = await server.request(Request("POST", "/realtime/no_such_path", body, headers))
    checks.equal("unknown", unknown.status, 404)
    _check_error(checks, unknown)
    method = await server.request(Request("GET", SECRETS))
    checks.one_of("other-method", method.status, [404, 405])


async def _mint(server: Server, value: object) -> Answer:
    body, headers = json_body(value)
    return await server.request(Request("POST", SECRETS, body, headers))


async def _secret(server: Server, session: Mapping[str, object]) -> str:
    """The value of a new client secret.

    Raises:
        Unreached: none was minted.
    """
    answer = await _mint(server, {"session": session})
    value = _object(answer).get("value")
    if not isinstance(value, str):
        raise Unreached(f"no client secret was minted: {answer.status} {answer.text[:200]}")
    return value


async def _hang_up(server: Server, created: Answer) -> Answer:
    """Hang up the call that an answer is about, so that no server waits for it.

    Raises:
        Unreached: it is about none.
    """
    name = created.headers.get("location", "").rstrip("/").rpartition("/")[2]
    if created.status != 201 or not name:
        raise Unreached(f"there is no call: {created.status} {created.text[:200]}")
    return await server.request(Request("POST", f"{CALLS}/{name}/hangup"))


def _expiring(seconds: int) -> dict[str, Any]:
    return {"expires_after": {"anchor": "created_at", "seconds": seconds}, "session": {"type": "realtime"}}


def _seconds_left(answer: Answer) -> float:
    """How long a client secret lasts, by the clock of the server."""
    dated = answer.headers.get("date")
    now = time.time() if dated is None else parsedate_to_datetime(dated).timestamp()
    expires_at = _object(answer).get("expires_at")
    return float(expires_at) - now if isinstance(expires_at, int | float) else -1.0


def _object(answer: Answer) -> dict[str, Any]:
    return answer.json if isinstance(answer.json, dict) else {}


def _error(answer: Answer) -> dict[str, Any]:
    error = _object(answer).get("error")
    return error if isinstance(error, dict) else {}


def _check_error(checks: Checks, answer: Answer) -> None:
    """Check `error-body`: the body of an error is one."""
    fault = body_fault("error", answer.json)
    checks.that("error-body", fault is None, expected="a body of the schema `error`", actual=fault or answer.text[:200])


def _listed(answer: Answer, header: str) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get(header, "").split(",") if name.strip()}


CASES = (
    minted,
    lifetime,
    secret_opens,
    secret_calls,
    transcription_secret,
    wrong_bodies,
    keys,
    keys_of_calls,
    cross_origin,
    offered,
    plain_form,
    wrong_offers,
    wrong_requests,
    hung_up,
    hung_up_unknown,
    unknown_telephone_call,
    paths,
)

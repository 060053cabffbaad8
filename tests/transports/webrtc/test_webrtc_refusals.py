"""Requests that open no call: each gets one error in the API's shape, one journal entry, and leaves nothing."""

from typing import Any

import aiohttp
import pytest

from realtime_mock.settings import Settings

KEY = {"Authorization": "Bearer sk-test"}
SDP = {**KEY, "Content-Type": "application/sdp"}
INVALID_OFFER = {
    "message": "Invalid SDP offer. Please try again with a WHIP-compliant offer.",
    "type": "invalid_request_error",
    "param": None,
    "code": "invalid_offer",
}
EOF = {
    "message": "Failed to parse offer: failed to unmarshal SDP: EOF",
    "type": "invalid_request_error",
    "param": None,
    "code": None,
}


async def post(mock: Any, http: Any, data: Any, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with http.post(f"{mock.base_url}/realtime/calls", data=data, headers=headers) as response:
        return response.status, (await response.json())["error"]


def assert_left_nothing(mock: Any) -> None:
    [entry] = mock.journal.entries()
    assert (entry.kind, entry.channel, entry.valid) == ("http", "http", False)
    assert mock.sessions == ()


@pytest.mark.parametrize("body", [b"", b"hello", b'{"sdp": "x"}', b"\xff\xfe\x00", b"\0" * 100])
async def test_a_body_that_is_no_sdp(mock: Any, http: Any, body: bytes) -> None:
    assert await post(mock, http, body, SDP) == (400, INVALID_OFFER)
    assert_left_nothing(mock)


@pytest.mark.parametrize("attribute", ["a=fingerprint", "a=ice-ufrag", "a=ice-pwd"])
async def test_an_offer_without_what_it_needs(caller_offer: str, mock: Any, http: Any, attribute: str) -> None:
    body = caller_offer.replace(attribute, "a=nothing")
    assert await post(mock, http, body, SDP) == (400, INVALID_OFFER)
    assert_left_nothing(mock)


async def test_an_offer_cut_before_its_last_line_end(caller_offer: str, mock: Any, http: Any) -> None:
    assert await post(mock, http, caller_offer.strip(), SDP) == (400, EOF)
    assert_left_nothing(mock)


async def test_the_journal_knows_more_of_a_refused_offer_than_the_client(mock: Any, http: Any) -> None:
    await post(mock, http, b"hello", SDP)
    [entry] = mock.journal.entries()
    assert entry.event["reason"] == "not SDP: it does not start with v=0"


async def test_an_offer_of_video_only(new_caller: Any, mock: Any, http: Any) -> None:
    caller = new_caller()
    caller.pc.add_transceiver("video")
    assert await post(mock, http, await caller.offer(), SDP) == (400, INVALID_OFFER)
    assert_left_nothing(mock)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "application/octet-stream", "nonsense"]
)
async def test_another_content_type(caller_offer: str, mock: Any, http: Any, content_type: str) -> None:
    status, error = await post(mock, http, caller_offer, {**KEY, "Content-Type": content_type})
    assert (status, error["code"]) == (400, "unsupported_content_type")
    assert_left_nothing(mock)


async def test_no_key(caller_offer: str, mock: Any, http: Any) -> None:
    status, error = await post(mock, http, caller_offer, {"Content-Type": "application/sdp"})
    assert (status, error["message"]) == (401, "Missing bearer or basic authentication in header")
    assert_left_nothing(mock)


class TestBodyLimit:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(port=0, max_body_bytes=20_000)

    async def test_a_body_over_the_limit(self, caller_offer: str, mock: Any, http: Any) -> None:
        status, error = await post(mock, http, caller_offer + "a=x\r\n" * 5000, SDP)
        assert (status, error["type"]) == (413, "invalid_request_error")
        assert_left_nothing(mock)

    async def test_a_form_over_the_limit(self, caller_offer: str, mock: Any, http: Any) -> None:
        status, error = await post(mock, http, form(caller_offer, session=" " * 30_000), KEY)
        assert (status, error["type"]) == (413, "invalid_request_error")
        assert_left_nothing(mock)


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ("{", None, "session"),
        ("[]", "invalid_type", "session"),
        ("{}", "missing_required_parameter", "session.type"),
        ('{"type": "realtime", "voice": "alloy"}', "unknown_parameter", "session.voice"),
        ('{"type": "realtime", "output_modalities": ["smell"]}', "invalid_value", "session.output_modalities[0]"),
    ],
)
async def test_a_session_that_is_not_valid(
    caller_offer: str, mock: Any, http: Any, session: str, code: str | None, param: str
) -> None:
    status, error = await post(mock, http, form(caller_offer, session=session), KEY)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert_left_nothing(mock)


async def test_a_form_without_an_offer(mock: Any, http: Any) -> None:
    status, error = await post(mock, http, form(None, session='{"type": "realtime"}'), KEY)
    assert (status, error["code"], error["param"]) == (400, "missing_required_parameter", "sdp")
    assert_left_nothing(mock)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data;x",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
    ],
)
@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n--x--", b"\xff--x\r\nContent-Disposition: form-data\r\n"])
async def test_a_broken_form(mock: Any, http: Any, content_type: str, body: bytes) -> None:
    status, error = await post(mock, http, body, {**KEY, "Content-Type": content_type})
    assert (status, error["code"]) == (400, "missing_required_parameter")
    assert_left_nothing(mock)


@pytest.mark.parametrize("call_id", ["rtc_u0_never", "x", "%00", "sess_1"])
async def test_hanging_up_what_never_was(mock: Any, http: Any, call_id: str) -> None:
    async with http.post(f"{mock.base_url}/realtime/calls/{call_id}/hangup", headers=KEY) as response:
        assert response.status == 404
        assert await response.json() == {
            "error": {
                "message": "No session found for the provided call_id",
                "type": "invalid_request_error",
                "param": "",
                "code": "call_id_not_found",
            }
        }


def form(sdp: str | None, *, session: str) -> aiohttp.FormData:
    made = aiohttp.FormData(default_to_multipart=True)
    if sdp is not None:
        made.add_field("sdp", sdp)
    made.add_field("session", session)
    return made


@pytest.fixture
async def caller_offer(new_caller: Any) -> str:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    return await caller.offer()

"""No key, cookie or address gets into a recording."""

from __future__ import annotations

import pytest

from realtime_mock.recording.scrubbing import SCRUBBED, Scrubber

SDP = (
    "v=0\r\no=- 1 2 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\na=ice-ufrag:abcd\r\na=ice-pwd:secretsecret\r\n"
    "a=candidate:1 1 udp 1 198.51.100.7 3478 typ host\r\na=candidate:2 1 udp 1 2606:4700::6812:1 443 typ host\r\n"
    "a=candidate:3 1 udp 1 0f3e-a1.local 5000 typ host\r\n"
)


@pytest.mark.parametrize(
    "text, scrubbed",
    [
        ("my key is sk-proj-Abc_123", "my key is sk-scrubbed"),
        ('{"value": "ek_68a1b2c3d4"}', '{"value": "ek_scrubbed"}'),
        ("Authorization: Bearer abcdefghijklmnopqrst", f"Authorization: Bearer {SCRUBBED}"),
        ("openai-insecure-api-key.abc123", f"openai-insecure-api-key.{SCRUBBED}"),
        ("in /home/jane/talk.wav", "in /home/user/talk.wav"),
        ("in C:\\Users\\jane\\talk.wav", "in C:\\Users\\user\\talk.wav"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl", SCRUBBED),
    ],
)
def test_secrets_leave_a_text(text: str, scrubbed: str):
    assert Scrubber().text(text) == scrubbed


@pytest.mark.parametrize("text", ["A task-force of 10.0.0.1 bearers", "Bearer tokens are basic", "risk-free", "/homes"])
def test_ordinary_words_stay(text: str):
    assert Scrubber().text(text) == text


def test_a_session_description_keeps_its_ports_and_loses_its_addresses():
    scrubbed = Scrubber().text(SDP)
    for address in ("203.0.113.9", "198.51.100.7", "2606:4700", "0f3e-a1", "secretsecret", "abcd"):
        assert address not in scrubbed
    assert "a=candidate:1 1 udp 1 192.0.2.1 3478 typ host\r\n" in scrubbed
    assert "a=candidate:2 1 udp 1 2001:db8::1 443 typ host\r\n" in scrubbed
    assert scrubbed.count("\r\n") == SDP.count("\r\n")


def test_of_headers_only_known_ones_stay_and_of_credentials_that_they_were_there():
    given = [
        ("Authorization", "Bearer custom-key-1"),
        ("X-Forwarded-For", "203.0.113.9"),
        ("OpenAI-Beta", "realtime=v1"),
    ]
    assert Scrubber().headers(given) == {"authorization": SCRUBBED, "openai-beta": "realtime=v1"}


@pytest.mark.parametrize(
    "shown",
    [
        lambda scrubber: scrubber.headers([("api-key", "0123456789abcdef")]),
        lambda scrubber: scrubber.headers([("Authorization", "Bearer 0123456789abcdef")]),
        lambda scrubber: scrubber.address("/v1/realtime?api-key=0123456789abcdef&model=m"),
        lambda scrubber: scrubber.headers(
            [("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.0123456789abcdef")]
        ),
    ],
)
def test_a_credential_that_was_seen_is_found_wherever_it_stands(shown):
    scrubber = Scrubber()
    assert "0123456789abcdef" not in str(shown(scrubber))
    assert scrubber.text("echo 0123456789abcdef") == f"echo {SCRUBBED}"


def test_the_credentials_of_an_mcp_server_leave_an_event():
    tool = {"type": "mcp", "authorization": "token", "headers": {"X-Key": "k"}, "server_url": "https://mcp.example"}
    assert Scrubber().value({"tools": [tool]}) == {
        "tools": [{**tool, "authorization": SCRUBBED, "headers": {"X-Key": SCRUBBED}}]
    }


def test_an_address_keeps_its_other_parameters():
    address = Scrubber().address("/v1/realtime?model=gpt-realtime&api-key=0123456789")
    assert address == f"/v1/realtime?model=gpt-realtime&api-key={SCRUBBED}"

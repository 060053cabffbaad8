"""The SDP profiles: each answer against the recorded ones, with nothing masked but what differs from call to call."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiortc.mediastreams import AudioStreamTrack

from realtime_mock.settings import SdpProfile
from realtime_mock.transports.peer import accept_offer, new_peer
from realtime_mock.transports.sdp import read_offer

RECORDED = Path(__file__).parents[3] / "shared/reference/protocol/sdp"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded SDP is not part of this checkout")

OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=ice-ufrag:OvK6",
        "a=ice-pwd:ntNbEDm4kMAhE80nh2FIW",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtpmap:96 opus/48000/2",
        "m=video 9 UDP/TLS/RTP/SAVPF 97",
        "a=mid:v",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:1",
        "",
    )
)
LEGACY = OFFER.replace("UDP/DTLS/SCTP webrtc-datachannel", "DTLS/SCTP 5000")
CHANGING = (
    (r"^o=.*", "o="),
    (r"^(a=fingerprint:sha-\d+|a=ice-ufrag|a=ice-pwd).*", r"\1"),
    (r"^a=candidate:\S+ 1 udp \d+ \S+ \d+ typ host( ufrag)?.*", r"a=candidate udp host\1"),
    (r"^a=ssrc:\d+", "a=ssrc"),
)

UNSAID = ["a=rtcp-rsize"]
"""The service says this whether it was offered or not; aiortc's offers do not."""

Answer = Callable[[str, SdpProfile], Awaitable[list[str]]]


@pytest.fixture
async def answer() -> AsyncIterator[Answer]:
    peers = []

    async def answer(offer: str, profile: SdpProfile) -> list[str]:
        peers.append(peer := new_peer())
        text = await accept_offer(
            peer,
            read_offer(offer),
            track=AudioStreamTrack() if read_offer(offer).plays_audio else None,
            hosts=("127.0.0.1",),
            profile=profile,
            largest_message=1000,
            on_undecodable=lambda data: None,
            on_vanished=lambda: None,
        )
        assert text.endswith("\r\n")
        return text.split("\r\n")[:-1]

    yield answer
    for peer in peers:
        await peer.close()


def steady(lines: list[str]) -> list[str]:
    """The lines without what differs from call to call; several candidates in a row are one."""
    found: list[str] = []
    for line in map(masked, lines):
        if not (line.startswith("a=candidate") and found[-1:] == [line]):
            found.append(line)
    return found


def masked(line: str) -> str:
    for pattern, kept in CHANGING:
        line = re.sub(pattern, kept, line)
    return line


def recorded_answer(name: str) -> list[str]:
    """A recorded answer without what this server lacks: G.711 and candidates for TCP."""
    lines = (RECORDED / f"answer__{name}.sdp").read_text().splitlines()
    return steady([line.replace("96 0 8", "96") for line in lines if "PCM" not in line and " tcp " not in line])


@recorded
@pytest.mark.parametrize(
    ("profile", "name"),
    [("service", "openai_2026-09-29"), ("service-active", "test_openai_ws__test_webrtc_sideband_text_turn")],
)
async def test_the_answer_is_the_recorded_one(answer: Answer, profile: SdpProfile, name: str) -> None:
    offer = (RECORDED / "offer__aiortc_2026-09-29.sdp").read_bytes().decode()
    ours = steady(await answer(offer, profile))
    theirs = recorded_answer(name)
    assert [line for line in theirs if line not in ours] == UNSAID
    assert ours == [line for line in theirs if line not in UNSAID]


@pytest.mark.parametrize(("profile", "setup"), [("service", "passive"), ("service-active", "active")])
async def test_who_begins_the_handshake(answer: Answer, profile: SdpProfile, setup: str) -> None:
    lines = await answer(OFFER, profile)
    assert [line for line in lines if "setup" in line] == [f"a=setup:{setup}"] * 2
    passive = await answer(OFFER.replace("actpass", "passive"), profile)
    assert [line for line in passive if "setup" in line] == ["a=setup:active"] * 2


@pytest.mark.parametrize("profile", ["service", "service-active"])
async def test_to_a_lite_client_this_server_is_not_lite(answer: Answer, profile: SdpProfile) -> None:
    assert "a=ice-lite" in await answer(OFFER, profile)
    assert "a=ice-lite" not in await answer(OFFER.replace("t=0 0\r\n", "t=0 0\r\na=ice-lite\r\n"), profile)


async def test_the_stack_answers_in_its_own_way(answer: Answer) -> None:
    lines = steady(await answer(OFFER, "aiortc"))
    transport = [
        "a=candidate udp host",
        "a=end-of-candidates",
        "a=ice-ufrag",
        "a=ice-pwd",
        *(f"a=fingerprint:sha-{bits}" for bits in (256, 384, 512)),
        "a=setup:active",
    ]
    start, video, channel = (index for index, line in enumerate(lines) if line.startswith("m="))
    assert lines[:start] == ["v=0", "o=", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=msid-semantic:WMS *"]
    assert lines[start + 2 : video][-len(transport) :] == transport
    assert lines[video:channel] == ["m=video 0 UDP/TLS/RTP/SAVPF 97", "c=IN IP4 0.0.0.0", "a=mid:v", "a=inactive"]
    assert lines[channel + 2 :] == ["a=mid:1", "a=sctp-port:5000", "a=max-message-size:1073741823", *transport]


async def test_the_stack_answers_in_the_notation_of_the_offer(answer: Answer) -> None:
    lines = await answer(LEGACY.replace("a=group:BUNDLE 0 1\r\n", "").replace("m=audio 9", "m=audio 0"), "aiortc")
    channel = next(line for line in lines if line.startswith("m=application"))
    assert re.fullmatch(r"m=application \d+ DTLS/SCTP 5000", channel)
    assert "a=sctpmap:5000 webrtc-datachannel 65535" in lines
    assert [line for line in lines if line.startswith(("a=group", "a=sctp-port"))] == []

"""Answers: written like the recorded ones where that is true of this server."""

import re
from pathlib import Path

import pytest

from realtime_mock.transports.sdp import read_offer
from realtime_mock.transports.sdp_answer import write_answer

RECORDED = Path(__file__).parents[3] / "shared/reference/protocol/sdp"

FINGERPRINT = ":".join(["AB"] * 32)
LOCAL_TRANSPORT = f"""a=candidate:1f 1 udp 2130706431 127.0.0.1 57717 typ host
a=candidate:2f 1 udp 2130706431 192.0.2.2 36404 typ host
a=end-of-candidates
a=ice-ufrag:tqfZ
a=ice-pwd:SBIaoaU4lVuiLwn5GkePnq
a=fingerprint:sha-256 {FINGERPRINT}
a=fingerprint:sha-384 {FINGERPRINT}
a=setup:active
"""
LOCAL_AUDIO = f"""m=audio 57717 UDP/TLS/RTP/SAVPF 111
c=IN IP4 127.0.0.1
a=sendrecv
a=mid:0
a=msid:1a2b 3c4d
a=rtcp:9 IN IP4 0.0.0.0
a=rtcp-mux
a=ssrc:1763581150 cname:5e6f
a=rtpmap:111 opus/48000/2
{LOCAL_TRANSPORT}"""
LOCAL_CHANNEL = f"""m=application 57717 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 127.0.0.1
a=mid:1
a=sctp-port:5000
a=max-message-size:262144
{LOCAL_TRANSPORT}"""
LOCAL_SESSION = "v=0\no=- 4004 4005 IN IP4 0.0.0.0\ns=-\nt=0 0\n"

OFFER_TRANSPORT = f"a=ice-ufrag:OvK6\na=ice-pwd:ntNbEDm4kMAhE80nh2FIW\na=fingerprint:sha-256 {FINGERPRINT}\n"
OFFER_SESSION = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE 0 1\n" + OFFER_TRANSPORT
OFFER_AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\na=mid:0\na=rtcp-mux\na=rtcp-rsize\na=rtpmap:111 opus/48000/2\n"
OFFER_CHANNEL = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:1\n"
OFFER_VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\na=mid:2\na=rtpmap:96 VP8/90000\n"


def answer(offer: list[str], local: list[str]) -> list[str]:
    text = write_answer(read_offer(crlf(*offer)), crlf(LOCAL_SESSION, *local))
    assert text.endswith("\r\n")
    return text.split("\r\n")[:-1]


def crlf(*parts: str) -> str:
    return "".join(parts).replace("\n", "\r\n")


def test_the_answer_has_the_recorded_shape() -> None:
    assert answer([OFFER_SESSION, OFFER_AUDIO, OFFER_CHANNEL], [LOCAL_AUDIO, LOCAL_CHANNEL]) == [
        "v=0",
        "o=- 4004 4005 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=msid-semantic:WMS *",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=ice-lite",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=setup:active",
        "a=mid:0",
        "a=ice-ufrag:tqfZ",
        "a=ice-pwd:SBIaoaU4lVuiLwn5GkePnq",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=ssrc:1763581150 cname:realtimeapi",
        "a=ssrc:1763581150 msid:realtimeapi audio",
        "a=ssrc:1763581150 mslabel:realtimeapi",
        "a=ssrc:1763581150 label:audio",
        "a=msid:realtimeapi audio",
        "a=sendrecv",
        "a=candidate:1f 1 udp 2130706431 127.0.0.1 57717 typ host ufrag tqfZ",
        "a=candidate:2f 1 udp 2130706431 192.0.2.2 36404 typ host ufrag tqfZ",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=setup:active",
        "a=mid:1",
        "a=sendrecv",
        "a=sctp-port:5000",
        "a=max-message-size:1073741823",
        "a=ice-ufrag:tqfZ",
        "a=ice-pwd:SBIaoaU4lVuiLwn5GkePnq",
    ]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded SDP is not part of this checkout")
def test_the_lines_come_in_the_recorded_order() -> None:
    recorded = (RECORDED / "answer__openai_2026-09-29.sdp").read_text()
    ours = answer([OFFER_SESSION, OFFER_AUDIO, OFFER_CHANNEL], [LOCAL_AUDIO, LOCAL_CHANNEL])
    assert kinds(ours) == [kind for kind in kinds(recorded.splitlines()) if kind != "PCM"]


def kinds(lines: list[str]) -> list[str]:
    """The attribute of each line, without repetition; the lines of codecs that only the service offers are marked."""
    found: list[str] = []
    for line in lines:
        kind = "PCM" if "PCM" in line else re.split("[:; ]", line)[0]
        if found[-1:] != [kind]:
            found.append(kind)
    return found


def test_video_is_answered_in_its_place_as_rejected() -> None:
    session = OFFER_SESSION.replace("BUNDLE 0 1", "BUNDLE 2 0 1")
    lines = answer([session, OFFER_VIDEO, OFFER_AUDIO, OFFER_CHANNEL], [LOCAL_AUDIO, LOCAL_CHANNEL])
    assert [line for line in lines if line.startswith("m=")] == [
        "m=video 0 UDP/TLS/RTP/SAVPF 96 97",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ]
    assert "a=group:BUNDLE 0 1" in lines
    start = lines.index("m=video 0 UDP/TLS/RTP/SAVPF 96 97")
    assert lines[start + 1 : start + 4] == ["c=IN IP4 0.0.0.0", "a=mid:2", "a=inactive"]


def test_candidates_stand_in_the_first_served_section() -> None:
    session = OFFER_SESSION.replace("BUNDLE 0 1", "BUNDLE 1 0")
    lines = answer([session, OFFER_CHANNEL, OFFER_AUDIO], [LOCAL_CHANNEL, LOCAL_AUDIO])
    candidate = next(index for index, line in enumerate(lines) if line.startswith("a=candidate"))
    assert lines.index("m=application 9 UDP/DTLS/SCTP webrtc-datachannel") < candidate
    assert candidate < lines.index("m=audio 9 UDP/TLS/RTP/SAVPF 111")


def test_to_a_client_that_only_speaks_no_stream_is_announced() -> None:
    lines = answer(
        [OFFER_SESSION, OFFER_AUDIO + "a=sendonly\n", OFFER_CHANNEL],
        [LOCAL_AUDIO.replace("a=sendrecv", "a=recvonly"), LOCAL_CHANNEL],
    )
    assert "a=recvonly" in lines
    assert [line for line in lines if "realtimeapi" in line] == []


def test_an_offer_without_a_group_is_answered_without_one() -> None:
    session = OFFER_SESSION.replace("a=group:BUNDLE 0 1\n", "")
    lines = answer([session, OFFER_AUDIO.replace("a=mid:0\n", "")], [LOCAL_AUDIO])
    assert [line for line in lines if line.startswith(("a=group", "a=mid"))] == []


def test_the_older_notation_of_data_channels_is_answered_in_kind() -> None:
    legacy = "m=application 9 DTLS/SCTP 5001\na=mid:1\na=sctpmap:5001 webrtc-datachannel 1024\n"
    lines = answer([OFFER_SESSION, OFFER_AUDIO, legacy], [LOCAL_AUDIO, LOCAL_CHANNEL])
    start = lines.index("m=application 9 DTLS/SCTP 5000")
    assert lines[start + 5 : start + 7] == [
        "a=sctpmap:5000 webrtc-datachannel 65535",
        "a=max-message-size:1073741823",
    ]

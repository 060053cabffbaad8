"""Offers: what is accepted, what is refused and with which words, what reaches the WebRTC stack."""

from pathlib import Path

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.transports.sdp import INVALID_OFFER, TRUNCATED_OFFER, InvalidOffer, read_offer

RECORDED = Path(__file__).parents[3] / "shared/reference/protocol/sdp"

SESSION = """v=0
o=- 7670955579292863595 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
"""
TRANSPORT = """a=ice-ufrag:OvK6
a=ice-pwd:ntNbEDm4kMAh/E80nh2FIW/+
a=ice-options:trickle
a=fingerprint:sha-256 03:8F:9D:D3:E8:C1:17:FA:9E:32:E8:43:1C:55:B8:9C:FA:E9:0B:0A:67:E5:23:15:90:7F:45:D1:AD:6B:C6:8A
a=setup:actpass
"""
AUDIO = f"""m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{TRANSPORT}a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:- 833ff789-3909-4b1c-b340-4637cd59db21
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=ssrc:4154267878 cname:oz46CtuikssyPsPG
"""
CHANNEL = f"""m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
{TRANSPORT}a=mid:1
a=sctp-port:5000
a=max-message-size:262144
"""
VIDEO = f"""m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
{TRANSPORT}a=mid:2
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
"""


def crlf(*parts: str) -> str:
    return "".join(parts).replace("\n", "\r\n")


BROWSER = crlf(SESSION, AUDIO, CHANNEL)


def refusal(text: str) -> InvalidOffer:
    with pytest.raises(InvalidOffer) as caught:
        read_offer(text)
    return caught.value


def test_a_browsers_offer_is_served_whole() -> None:
    offer = read_offer(BROWSER)
    assert (offer.audio, offer.channel, offer.plays_audio, offer.max_message_size) == (0, 1, True, 262144)


def test_the_stack_sees_only_what_it_needs() -> None:
    assert read_offer(BROWSER).for_peer().split("\r\n") == [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=ice-ufrag:OvK6",
        "a=ice-pwd:ntNbEDm4kMAh/E80nh2FIW/+",
        "a=fingerprint:sha-256 03:8F:9D:D3:E8:C1:17:FA:9E:32:E8:43:1C:55:B8:9C:FA:E9:0B:0A:67:E5:23:15:90:7F:45:D1:AD:"
        "6B:C6:8A",
        "a=setup:actpass",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "",
    ]


@pytest.mark.parametrize("candidate", ["192.0.2.1 4321", "5b0b7b0c.local 50000", "fe80::1 9"])
def test_candidates_are_left_out(candidate: str) -> None:
    lines = f"a=candidate:1 1 udp 2113937151 {candidate} typ host\na=end-of-candidates\n"
    assert read_offer(crlf(SESSION, AUDIO, lines, CHANNEL)).for_peer() == read_offer(BROWSER).for_peer()


def test_the_data_channel_may_come_first() -> None:
    text = crlf(SESSION.replace("BUNDLE 0 1", "BUNDLE 1 0"), CHANNEL, AUDIO)
    offer = read_offer(text)
    assert (offer.channel, offer.audio) == (0, 1)
    assert offer.for_peer().index("m=application") < offer.for_peer().index("m=audio")


def test_audio_alone_and_a_data_channel_alone_are_calls() -> None:
    alone = read_offer(crlf(SESSION.replace("BUNDLE 0 1", "BUNDLE 0"), AUDIO))
    assert (alone.audio, alone.channel) == (0, None)
    data = read_offer(crlf(SESSION.replace("BUNDLE 0 1", "BUNDLE 1"), CHANNEL))
    assert (data.audio, data.channel, data.plays_audio) == (None, 0, False)


@pytest.mark.parametrize(
    ("direction", "hears_us"), [("sendrecv", True), ("recvonly", True), ("sendonly", False), ("inactive", False)]
)
def test_audio_is_played_to_whoever_wants_to_hear_it(direction: str, hears_us: bool) -> None:
    offer = read_offer(crlf(SESSION, AUDIO.replace("a=sendrecv", f"a={direction}"), CHANNEL))
    assert offer.plays_audio is hears_us


def test_video_beside_audio_is_not_served() -> None:
    offer = read_offer(crlf(SESSION.replace("BUNDLE 0 1", "BUNDLE 2 0 1"), VIDEO, AUDIO, CHANNEL))
    assert offer.served == (1, 2)
    assert "m=video" not in offer.for_peer()


def test_a_second_audio_section_is_not_served() -> None:
    second = AUDIO.replace("a=mid:0", "a=mid:3")
    assert read_offer(crlf(SESSION.replace("BUNDLE 0 1", "BUNDLE 0 3 1"), AUDIO, second, CHANNEL)).served == (0, 2)


def test_one_transport_is_described_by_the_first_bundled_section() -> None:
    other = CHANNEL.replace("OvK6", "xNB3").replace("ntNbEDm4kMAh/E80nh2FIW/+", "imPFbPwvIpZaDrxqpdwWiI")
    assert read_offer(crlf(SESSION, AUDIO, other)).transport == read_offer(BROWSER).transport


def test_the_transport_may_be_described_once_for_all() -> None:
    bare = crlf(SESSION, TRANSPORT, AUDIO.replace(TRANSPORT, ""), CHANNEL.replace(TRANSPORT, ""))
    assert read_offer(bare).transport == read_offer(BROWSER).transport


def test_the_older_notation_of_data_channels_is_read() -> None:
    legacy = f"m=application 9 DTLS/SCTP 5000\n{TRANSPORT}a=mid:1\na=sctpmap:5000 webrtc-datachannel 1024\n"
    offer = read_offer(crlf(SESSION, AUDIO, legacy))
    assert (offer.channel, offer.max_message_size) == (1, 65536)


@pytest.mark.parametrize(("stated", "limit"), [("0", 0), ("1000", 1000), ("", 65536), ("many", 65536), ("-1", 65536)])
def test_a_client_says_how_much_it_takes(stated: str, limit: int) -> None:
    assert read_offer(BROWSER.replace("size:262144", f"size:{stated}")).max_message_size == limit


def test_an_offer_that_does_not_say_takes_64_kib() -> None:
    assert read_offer(BROWSER.replace("a=max-message-size:262144\r\n", "")).max_message_size == 65536


def test_lines_may_end_without_carriage_returns() -> None:
    assert read_offer(BROWSER.replace("\r\n", "\n")) == read_offer(BROWSER)


@pytest.mark.parametrize("cut", [BROWSER.rstrip("\r\n"), BROWSER[:-1], BROWSER[:200], "v=0\r\no=-"])
def test_an_offer_cut_before_its_last_line_end_is_truncated(cut: str) -> None:
    assert refusal(cut).error == TRUNCATED_OFFER


@pytest.mark.parametrize("text", ["", "hello", "hello\r\n", '{"sdp": "v=0"}', "\ufeff" + BROWSER, "v=1\r\n", "v=0"])
def test_a_body_that_is_no_sdp_is_an_invalid_offer(text: str) -> None:
    assert refusal(text).error == INVALID_OFFER


NOTHING_TO_SERVE = "no audio in Opus, PCMU or PCMA and no data channel"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (crlf(SESSION), f"{NOTHING_TO_SERVE} among its media: none"),
        (crlf(SESSION, VIDEO), f"{NOTHING_TO_SERVE} among its media: video"),
        (crlf(SESSION, AUDIO.replace("111 63 9 0 8", "9")), NOTHING_TO_SERVE),
        (crlf(SESSION, AUDIO.replace("m=audio 9", "m=audio 0")), NOTHING_TO_SERVE),
        (BROWSER.replace("a=ice-ufrag:OvK6\r\n", ""), "no usable ice-ufrag and ice-pwd"),
        (BROWSER.replace("a=ice-ufrag:OvK6", "a=ice-ufrag"), "no usable ice-ufrag and ice-pwd"),
        (BROWSER.replace("a=ice-pwd:ntNbEDm4kMAh/E80nh2FIW/+\r\n", ""), "no usable ice-ufrag and ice-pwd"),
        (BROWSER.replace("a=fingerprint:", "a=fingertip:"), "no usable fingerprint"),
        (BROWSER.replace("a=fingerprint:sha-256", "a=fingerprint:md5"), "no usable fingerprint"),
        (BROWSER.replace("03:8F", "zz:zz"), "no usable fingerprint"),
        (BROWSER.replace("actpass", "holdconn"), "setup 'holdconn'"),
        (BROWSER.replace("a=rtcp-mux\r\n", ""), "audio without rtcp-mux"),
        (BROWSER.replace("BUNDLE 0 1", "BUNDLE 0"), "audio and data channel do not share one transport"),
        (BROWSER.replace("a=group:BUNDLE 0 1\r\n", ""), "audio and data channel do not share one transport"),
        (BROWSER.replace("a=mid:1", "a=mid:0"), "audio and data channel do not share one transport"),
        (BROWSER.replace("a=sctp-port:5000", "a=sctp-port:no"), "not an SCTP port: 'no'"),
        (BROWSER.replace("m=audio 9 UDP", "m=audio nine UDP"), "not a media line"),
        (BROWSER.replace("c=IN IP4", "IN IP4"), "not an SDP line: 'IN IP4 0.0.0.0'"),
    ],
)
def test_an_unusable_offer_is_refused_for_a_reason(text: str, reason: str) -> None:
    fault = refusal(text)
    assert fault.error == INVALID_OFFER
    assert fault.reason.startswith(reason)


@given(st.integers(0, len(BROWSER)), st.integers(0, 60), st.text(max_size=20))
def test_no_offer_raises_anything_else(start: int, length: int, replacement: str) -> None:
    try:
        offer = read_offer(BROWSER[:start] + replacement + BROWSER[start + length :])
    except InvalidOffer:
        return
    parsed = SessionDescription.parse(offer.for_peer())
    assert [media.kind for media in parsed.media] == [offer.description.media[index].kind for index in offer.served]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded SDP is not part of this checkout")
def test_a_recorded_offer_is_accepted() -> None:
    recorded = (RECORDED / "offer__aiortc_2026-09-29.sdp").read_text()
    assert read_offer(crlf(recorded.replace("\r\n", "\n"))).served == (0, 1)


@pytest.mark.parametrize(
    ("formats", "codec", "payload_type"),
    [
        ("111 63 9 0 8", "opus/48000/2", "111"),
        ("0 111", "opus/48000/2", "111"),
        ("9 0 8", "pcmu/8000", "0"),
        ("8", "pcma/8000", "8"),
    ],
)
def test_opus_is_preferred_to_pcmu_and_pcma(formats: str, codec: str, payload_type: str) -> None:
    offer = read_offer(crlf(SESSION, AUDIO.replace("111 63 9 0 8", formats)))
    [section] = offer.description.media
    assert (offer.codec, section.payload_type(codec)) == (codec, payload_type)

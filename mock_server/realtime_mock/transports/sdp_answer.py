"""Writes the SDP answer from the values that the WebRTC stack chose: the way the service does, or the stack's own way.

The order of lines, `ice-lite`, the stream `realtimeapi audio`, the `cname`, the one session-level
fingerprint, candidates in the first section only and with a `ufrag` each, and
`max-message-size:1073741823` are as recorded in July to September 2026. `setup` is the stack's:
the service said `active` to an `actpass` offer until August, and has said `passive` since.

Where the recorded answers differ, because ours has to be true for this server:

- no `ice-lite` to a client that is itself lite: one of the two has to send the connectivity checks;
- one codec, Opus where it is offered: recorded answers to aiortc's offers list PCMU and PCMA as well, those to
  libwebrtc's do not;
- candidates are UDP on this machine's addresses; the service adds passive TCP ones;
- `ice-ufrag` has the stack's own shape, without the service's `/u1/` parts;
- video, further audio sections and audio in other codecs are answered with port 0; what the service does is unknown.
"""

from __future__ import annotations

import re

from realtime_mock.transports.sdp import (
    Description,
    Offer,
    Section,
    is_legacy_channel,
    read_description,
    rtpmap,
)

MAX_MESSAGE_SIZE = 1073741823
"""What the service says it takes in one data channel message."""

OPUS = "opus/48000/2"
OPUS_PARAMETERS = "minptime=10;useinbandfec=1"
STREAM = "realtimeapi"
TRACK = "audio"


def write_answer(offer: Offer, local: str) -> str:
    """Answer `offer` as the service does, with the transport, candidates and ids of `local`, the stack's description.

    `ice-lite` promises less than this server does: it checks connectivity too, but leaves it to the client to
    decide, as a lite one does.
    """
    ours = read_description(local)
    lines = ["v=0", f"o={ours.origin}", "s=-", "t=0 0", "a=msid-semantic:WMS *", _fingerprint(ours)]
    if offer.description.session.value("ice-lite") is None:
        lines.append("a=ice-lite")
    if offer.description.session.value("extmap-allow-mixed") is not None:
        lines.append("a=extmap-allow-mixed")
    media = offer.description.media
    if offer.bundled:
        lines.append("a=group:BUNDLE " + " ".join(media[index].mid or "" for index in offer.served))
    answers = dict(zip(offer.served, ours.media, strict=True))
    for index, section in enumerate(media):
        if index not in answers:
            lines += _rejected(section)
        elif index == offer.audio:
            lines += _audio(section, answers[index])
        else:
            lines += _channel(section, answers[index])
        if index == offer.served[0]:
            lines += _candidates(answers[index])
    return "\r\n".join(lines) + "\r\n"


def write_stack_answer(offer: Offer, local: str) -> str:
    """Answer `offer` with `local`, the stack's own description, line by line.

    The stack was shown a rewritten offer, so its answer is put back into the notation of the real one: sections that
    are not served, names, and the transport of an `m=` line. `max-message-size` says what this server takes.
    """
    head, *parts = re.split(r"(?<=\n)(?=m=)", local)
    answers = dict(zip(offer.served, parts, strict=True))
    lines = [line for line in head.splitlines() if offer.bundled or not line.startswith("a=group:")]
    for index, section in enumerate(offer.description.media):
        lines += _as_offered(section, answers[index].splitlines()) if index in answers else _rejected(section)
    return "\r\n".join(lines) + "\r\n"


def _as_offered(section: Section, lines: list[str]) -> list[str]:
    kind, port, _, formats = lines[0].split(" ", 3)
    written = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name == "a=max-message-size":
            written.append(f"{name}:{MAX_MESSAGE_SIZE}")
        elif name == "a=sctp-port" and is_legacy_channel(section):
            formats = value
            written.append(f"a=sctpmap:{value} webrtc-datachannel 65535")
        elif name != "a=mid" or section.mid is not None:
            written.append(line)
    return [f"{kind} {port} {section.profile} {formats}", *written]


def _fingerprint(ours: Description) -> str:
    values = ours.media[0].values("fingerprint")
    return "a=fingerprint:" + next(value for value in values if value.startswith("sha-256 "))


def _rejected(section: Section) -> list[str]:
    head = f"m={section.kind} 0 {section.profile} {' '.join(section.formats)}"
    return [head, "c=IN IP4 0.0.0.0", *_named(section), "a=inactive"]


def _audio(section: Section, ours: Section) -> list[str]:
    number, codec_line = rtpmap(section)
    lines = [f"m=audio 9 {section.profile} {number}", "c=IN IP4 0.0.0.0", *_setup(section, ours)]
    lines += [*_credentials(ours), "a=rtcp-mux"]
    if section.value("rtcp-rsize") is not None:
        lines.append("a=rtcp-rsize")
    lines.append(codec_line)
    if section.codec == OPUS:
        lines.append(f"a=fmtp:{number} {OPUS_PARAMETERS}")
    if ours.direction in ("sendrecv", "sendonly"):
        lines += _stream(ours)
    return [*lines, f"a={ours.direction}"]


def _stream(ours: Section) -> list[str]:
    ssrc = (ours.value("ssrc") or "").partition(" ")[0]
    labels = (f"cname:{STREAM}", f"msid:{STREAM} {TRACK}", f"mslabel:{STREAM}", f"label:{TRACK}")
    return [*(f"a=ssrc:{ssrc} {label}" for label in labels), f"a=msid:{STREAM} {TRACK}"]


def _channel(section: Section, ours: Section) -> list[str]:
    port = ours.value("sctp-port")
    if is_legacy_channel(section):
        formats, port_line = str(port), f"a=sctpmap:{port} webrtc-datachannel 65535"
    else:
        formats, port_line = " ".join(section.formats), f"a=sctp-port:{port}"
    return [
        f"m=application 9 {section.profile} {formats}",
        "c=IN IP4 0.0.0.0",
        *_setup(section, ours),
        "a=sendrecv",
        port_line,
        f"a=max-message-size:{MAX_MESSAGE_SIZE}",
        *_credentials(ours),
    ]


def _setup(section: Section, ours: Section) -> list[str]:
    return [f"a=setup:{ours.value('setup')}", *_named(section)]


def _credentials(ours: Section) -> list[str]:
    return [f"a=ice-ufrag:{ours.value('ice-ufrag')}", f"a=ice-pwd:{ours.value('ice-pwd')}"]


def _named(section: Section) -> list[str]:
    return [] if section.mid is None else [f"a=mid:{section.mid}"]


def _candidates(ours: Section) -> list[str]:
    ufrag = ours.value("ice-ufrag")
    return [f"a=candidate:{value} ufrag {ufrag}" for value in ours.values("candidate")]

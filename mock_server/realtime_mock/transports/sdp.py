"""Reads a client's SDP offer and judges it before any WebRTC stack sees it.

aiortc accepts what it should refuse (an empty body, an offer without fingerprint) and raises on
what it should tolerate (a video section), so nothing reaches it but `Offer.for_peer`: an offer
written anew from the few values that matter. Left out on purpose are candidates (the client's
checks find us; a `.local` name costs a second, and `end-of-candidates` beside one ends the call),
all codecs but the one that is chosen, and header extensions.

Recorded answers to bad offers: `unmarshal SDP: EOF` for one cut before its last line end, and
`invalid_offer` (an older recording) for the others, whatever is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from realtime_mock.api_error import ApiError, ClientFault

TRUNCATED_OFFER = ApiError("Failed to parse offer: failed to unmarshal SDP: EOF")
INVALID_OFFER = ApiError("Invalid SDP offer. Please try again with a WHIP-compliant offer.", code="invalid_offer")

DEFAULT_MAX_MESSAGE_SIZE = 65536
"""Bytes a client takes in one message when its offer does not say (RFC 8841, section 6.1)."""

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
FINGERPRINT_HASHES = ("sha-256", "sha-384", "sha-512")

CODECS = {"opus/48000/2": "opus/48000/2", "pcmu/8000": "PCMU/8000", "pcma/8000": "PCMA/8000"}
"""The codecs that are served and how SDP writes them, the preferred one first."""

_STATIC_TYPES = {"0": "pcmu/8000", "8": "pcma/8000"}
"""Payload types that need no `rtpmap` (RFC 3551, section 6)."""

_DYNAMIC_TYPES = frozenset(str(number) for number in range(96, 128))
_LINE = re.compile(r"[a-z]=[^\r\n]*")
_MEDIA_LINE = re.compile(r"([a-zA-Z0-9]+) ([0-9]{1,5})(?:/[0-9]+)? ([A-Za-z0-9/]+) (\S+(?: \S+)*)")
_NUMBER = re.compile(r"[0-9]{1,18}")
_TOKEN = re.compile(r"[!-~]+")
_FINGERPRINT = re.compile(r"(\S+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)")


class InvalidOffer(ClientFault):
    """An offer that cannot become a call; `reason` says why, for the journal and not for the client."""

    def __init__(self, reason: str, *, error: ApiError = INVALID_OFFER) -> None:
        super().__init__(error)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Section:
    """One `m=` section, or the lines before the first one (whose `kind` is empty)."""

    kind: str = ""
    port: int = 0
    profile: str = ""
    formats: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def value(self, name: str) -> str | None:
        """The value of the first attribute `name`, empty for a bare one, or None where there is none."""
        return next((value for key, value in self.attributes if key == name), None)

    def values(self, name: str) -> tuple[str, ...]:
        """The values of all attributes `name`, in order."""
        return tuple(value for key, value in self.attributes if key == name)

    @property
    def mid(self) -> str | None:
        """The section's name within the description."""
        return self.value("mid")

    @property
    def direction(self) -> str:
        """Which way media flows, seen from whoever wrote the section."""
        return next((name for name in DIRECTIONS if self.value(name) is not None), "sendrecv")

    @property
    def codec(self) -> str | None:
        """The codec of `CODECS` that an answer chooses; None where there is none of them."""
        return next((codec for codec in CODECS if self.payload_type(codec) is not None), None)

    def payload_type(self, codec: str) -> str | None:
        """What stands for a codec here; None where nothing does."""
        return _payload_types(self).get(codec)


@dataclass(frozen=True, slots=True)
class Description:
    """A session description, split into its sections."""

    origin: str
    session: Section
    media: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Transport:
    """How to reach and recognise the client: one transport carries every served section."""

    ufrag: str
    pwd: str
    fingerprints: tuple[str, ...]
    setup: str


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that can be answered: which of its sections are served, and over which transport.

    `audio` and `channel` are indexes into `media`; every other section is answered as rejected.
    """

    description: Description
    transport: Transport
    audio: int | None
    channel: int | None

    @property
    def served(self) -> tuple[int, ...]:
        """The indexes of the served sections, in the order of the offer."""
        return tuple(sorted(index for index in (self.audio, self.channel) if index is not None))

    @property
    def bundled(self) -> bool:
        """Whether the offer groups its sections; the answer then does the same."""
        return bool(_bundle(self.description.session))

    @property
    def plays_audio(self) -> bool:
        """Whether the client wants to hear us."""
        return self.audio is not None and self.description.media[self.audio].direction in ("sendrecv", "recvonly")

    @property
    def codec(self) -> str | None:
        """The codec of the audio, by its name in `CODECS`; None where no audio is served."""
        return None if self.audio is None else self.description.media[self.audio].codec

    @property
    def max_message_size(self) -> int:
        """The largest message, in bytes, that the client takes on its data channel; 0 is unlimited."""
        stated = None if self.channel is None else self.description.media[self.channel].value("max-message-size")
        return DEFAULT_MAX_MESSAGE_SIZE if stated is None or _NUMBER.fullmatch(stated) is None else int(stated)

    def for_peer(self) -> str:
        """The offer written anew, with nothing in it but what the WebRTC stack needs."""
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(self._name(index) for index in self.served))
        if self.description.session.value("ice-lite") is not None:
            lines.append("a=ice-lite")
        lines += [f"a=ice-ufrag:{self.transport.ufrag}", f"a=ice-pwd:{self.transport.pwd}"]
        lines += [f"a=fingerprint:{fingerprint}" for fingerprint in self.transport.fingerprints]
        lines.append(f"a=setup:{self.transport.setup}")
        for index in self.served:
            section = self.description.media[index]
            lines += _audio_lines(section) if index == self.audio else self._channel_lines(section)
            lines += ["c=IN IP4 0.0.0.0", f"a=mid:{self._name(index)}"]
        return "\r\n".join(lines) + "\r\n"

    def _channel_lines(self, section: Section) -> list[str]:
        return [
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            f"a=sctp-port:{sctp_port(section)}",
            f"a=max-message-size:{self.max_message_size}",
        ]

    def _name(self, index: int) -> str:
        return self.description.media[index].mid or str(index)


def read_offer(text: str) -> Offer:
    """Read and judge an offer.

    Raises:
        InvalidOffer: it is no SDP, was cut short, or offers nothing that a call can be made of.
    """
    if re.match(r"v=0\r?\n", text) is None:
        raise InvalidOffer("not SDP: it does not start with v=0")
    if not text.endswith("\n"):
        raise InvalidOffer("cut before its last line end", error=TRUNCATED_OFFER)
    description = read_description(text)
    audio = _first(description, _is_usable_audio)
    channel = _first(description, _is_channel)
    if audio is None and channel is None:
        raise InvalidOffer(_nothing_to_serve(description))
    if channel is not None:
        sctp_port(description.media[channel])
    served = [description.media[index] for index in (audio, channel) if index is not None]
    _require_one_transport(description, served)
    return Offer(description, _transport(description, served), audio, channel)


def read_description(text: str) -> Description:
    """Split a session description into sections.

    Raises:
        InvalidOffer: a line is no SDP line, or an `m=` line is malformed.
    """
    groups: list[list[str]] = [[]]
    origin = ""
    for line in re.split(r"\r?\n", text.rstrip("\r\n")):
        if _LINE.fullmatch(line) is None:
            raise InvalidOffer(f"not an SDP line: {line[:80]!r}")
        if line.startswith("m="):
            groups.append([])
        if line.startswith("o="):
            origin = line[2:]
        groups[-1].append(line)
    session = Section(attributes=_attributes(groups[0]))
    return Description(origin, session, tuple(_section(lines) for lines in groups[1:]))


def sctp_port(section: Section) -> int:
    """The SCTP port of an `m=application` section, in today's or the older notation.

    Raises:
        InvalidOffer: it is no port.
    """
    stated = section.formats[0] if is_legacy_channel(section) else section.value("sctp-port") or "5000"
    if _NUMBER.fullmatch(stated) is None or not 0 < int(stated) < 65536:
        raise InvalidOffer(f"not an SCTP port: {stated[:20]!r}")
    return int(stated)


def is_legacy_channel(section: Section) -> bool:
    """Whether the section announces its data channels the way browsers did before 2019."""
    return section.profile == "DTLS/SCTP"


@lru_cache(maxsize=64)
def _payload_types(section: Section) -> dict[str, str]:
    """The first payload type of each codec of a section that aiortc keeps (RFC 3551, section 3)."""
    maps = (value.partition(" ") for value in section.values("rtpmap"))
    named = {**_STATIC_TYPES, **{number: name.strip().lower().removesuffix("/1") for number, _, name in maps}}
    allowed = _DYNAMIC_TYPES | _STATIC_TYPES.keys()
    return {named[each]: each for each in reversed(section.formats) if each in allowed and each in named}


def rtpmap(section: Section) -> tuple[str, str]:
    """The payload type of the codec that was chosen, and the line that says so."""
    assert section.codec is not None  # noqa: S101 - a section without is not served
    number = section.payload_type(section.codec) or ""
    return number, f"a=rtpmap:{number} {CODECS[section.codec]}"


def _audio_lines(section: Section) -> list[str]:
    number, line = rtpmap(section)
    return [f"m=audio 9 UDP/TLS/RTP/SAVPF {number}", f"a={section.direction}", "a=rtcp-mux", line]


def _section(lines: list[str]) -> Section:
    match = _MEDIA_LINE.fullmatch(lines[0][2:])
    if match is None:
        raise InvalidOffer(f"not a media line: {lines[0][:80]!r}")
    kind, port, profile, formats = match.groups()
    return Section(kind, int(port), profile, tuple(formats.split(" ")), _attributes(lines))


def _attributes(lines: list[str]) -> tuple[tuple[str, str], ...]:
    parts = (line[2:].partition(":") for line in lines if line.startswith("a="))
    return tuple((name, value) for name, _, value in parts)


def _bundle(session: Section) -> tuple[str, ...]:
    groups = (value.split() for value in session.values("group"))
    return next((tuple(group[1:]) for group in groups if group[:1] == ["BUNDLE"]), ())


def _first(description: Description, is_wanted: Callable[[Section], bool]) -> int | None:
    return next((index for index, section in enumerate(description.media) if is_wanted(section)), None)


def _is_usable_audio(section: Section) -> bool:
    return section.kind == "audio" and _is_enabled(section) and section.codec is not None


def _is_channel(section: Section) -> bool:
    speaks = "webrtc-datachannel" in section.formats or is_legacy_channel(section)
    return section.kind == "application" and _is_enabled(section) and speaks


def _is_enabled(section: Section) -> bool:
    return section.port != 0 or section.value("bundle-only") is not None


def _nothing_to_serve(description: Description) -> str:
    kinds = [section.kind for section in description.media]
    return f"no audio in Opus, PCMU or PCMA and no data channel among its media: {', '.join(kinds) or 'none'}"


def _require_one_transport(description: Description, served: list[Section]) -> None:
    names = [section.mid for section in served]
    if any(name is not None and _TOKEN.fullmatch(name) is None for name in names):
        raise InvalidOffer("a mid is not a token")
    if any(section.kind == "audio" and section.value("rtcp-mux") is None for section in served):
        raise InvalidOffer("audio without rtcp-mux")
    bundle = _bundle(description.session)
    if len(served) > 1 and (len(set(names)) < len(names) or not set(names) <= set(bundle)):
        raise InvalidOffer("audio and data channel do not share one transport: they are not in one BUNDLE group")


def _transport(description: Description, served: list[Section]) -> Transport:
    """Find the transport's description: in the first served section of the bundle, else before all sections."""
    order = _bundle(description.session)
    places = sorted(served, key=lambda section: order.index(section.mid) if section.mid in order else len(order))
    sources = (*places, description.session)
    ufrag, pwd = _attribute(sources, "ice-ufrag"), _attribute(sources, "ice-pwd")
    if _TOKEN.fullmatch(ufrag) is None or _TOKEN.fullmatch(pwd) is None:
        raise InvalidOffer("no usable ice-ufrag and ice-pwd")
    fingerprints = next((found for source in sources if (found := _fingerprints(source))), ())
    if not fingerprints:
        raise InvalidOffer("no usable fingerprint")
    setup = _attribute(sources, "setup") or "actpass"
    if setup not in ("actpass", "active", "passive"):
        raise InvalidOffer(f"setup {setup[:20]!r}")
    return Transport(ufrag, pwd, fingerprints, setup)


def _attribute(sources: tuple[Section, ...], name: str) -> str:
    return next((value.strip() for source in sources if (value := source.value(name)) is not None), "")


def _fingerprints(section: Section) -> tuple[str, ...]:
    matches = (_FINGERPRINT.fullmatch(value.strip()) for value in section.values("fingerprint"))
    return tuple(
        f"{match[1].lower()} {match[2].upper()}"
        for match in matches
        if match is not None and match[1].lower() in FINGERPRINT_HASHES
    )

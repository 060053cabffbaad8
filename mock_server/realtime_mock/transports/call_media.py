"""The audio of one call: over the plane that all calls share, or over tracks of aiortc."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from aiortc import MediaStreamTrack, RTCPeerConnection

from realtime_mock.core.effects import PlayoutReport
from realtime_mock.core.hearing import Span
from realtime_mock.media.codecs import CODECS, Codec
from realtime_mock.media.listener import CallListener
from realtime_mock.media.microphone import Microphone
from realtime_mock.media.plane import CallAudio, MediaPlane, Terms
from realtime_mock.media.speaker import CallSpeaker, SpeakerTrack
from realtime_mock.settings import MediaMode
from realtime_mock.transports.rtp_link import RtpLink
from realtime_mock.transports.sdp import Offer, read_description


class Ears(Protocol):
    """Who hears what the client says."""

    def hear(self, pcm: bytes, lost: Sequence[Span] = (), /) -> None:
        """Take 24 kHz mono PCM; `lost` are the samples in it that fill what never arrived."""
        ...

    def listens(self) -> bool:
        """Whether audio has to be decoded at once: it may wait for `CallMedia.flush` otherwise."""
        ...


class CallMedia(Protocol):
    """The audio of a call, from its answer to its end."""

    @property
    def speaker(self) -> CallSpeaker | None:
        """What plays the session's speech; None where the client does not listen."""
        ...

    @property
    def track(self) -> MediaStreamTrack | None:
        """What the connection sends by itself."""
        ...

    def answered(self, peer: RTCPeerConnection, answer: str) -> None:
        """Arrange for what comes once the client has the answer."""
        ...

    def connected(self) -> None:
        """Begin to send."""
        ...

    def is_heard(self) -> bool:
        """Whether the client has just been heard."""
        ...

    def flush(self) -> None:
        """Let whatever has come be heard."""
        ...

    async def close(self) -> None:
        """Send and hear nothing more."""
        ...


def new_media(
    mode: MediaMode, plane: MediaPlane, offer: Offer, *, ears: Ears, report: Callable[[PlayoutReport], None]
) -> CallMedia:
    """The audio of a call in the codec that its offer names first of those that are served."""
    if offer.codec is None:
        return NoMedia()
    codec = CODECS[offer.codec]
    if mode == "compat":
        return TrackMedia(offer, codec, ears=ears, report=report)
    return SharedMedia(plane, offer, codec, ears=ears, report=report)


def silence_of(offer: Offer) -> bytes:
    """The payload of silence in the codec of a call; nothing for one without audio."""
    return b"" if offer.codec is None else CODECS[offer.codec].silence


class NoMedia:
    """A call without audio."""

    speaker: CallSpeaker | None = None
    track: MediaStreamTrack | None = None

    def answered(self, peer: RTCPeerConnection, answer: str) -> None:
        """Nothing is to be arranged."""

    def connected(self) -> None:
        """Nothing is sent."""

    def is_heard(self) -> bool:
        """There is nothing to be heard."""
        return False

    def flush(self) -> None:
        """Nothing is heard."""

    async def close(self) -> None:
        """Nothing is left."""


class SharedMedia:
    """Audio that the plane carries: no task, no thread and no timer belongs to this call alone."""

    track: MediaStreamTrack | None = None

    def __init__(
        self, plane: MediaPlane, offer: Offer, codec: Codec, *, ears: Ears, report: Callable[[PlayoutReport], None]
    ) -> None:
        self.speaker = CallSpeaker(codec, report) if offer.plays_audio else None
        self._plane = plane
        self._offer = offer
        self._codec = codec
        self._microphone = Microphone(codec, hear=ears.hear, listens=ears.listens)
        self._link: RtpLink | None = None
        self._audio: CallAudio | None = None

    def answered(self, peer: RTCPeerConnection, answer: str) -> None:
        """Take the packets out of aiortc's hands."""
        self._link = link = RtpLink(peer, on_packet=self._receive, on_report=self._receive_report)
        self._audio = CallAudio(
            audio_terms(self._offer, self._codec, answer),
            send=link.send,
            send_report=link.send_report,
            speaker=self.speaker,
            microphone=self._microphone,
            clock=self._plane.clock,
            chance=secrets.randbits(48),
        )

    def connected(self) -> None:
        """Let the pacer send."""
        if self._audio is not None:
            self._plane.open(self._audio)

    def is_heard(self) -> bool:
        """Whether a packet has come within the last second."""
        return self._link is not None and self._link.is_heard()

    def flush(self) -> None:
        """Decode what nobody has listened to yet."""
        self._microphone.flush()

    async def close(self) -> None:
        """Leave the pacer, and say goodbye to the client."""
        if self._audio is not None:
            self._plane.close(self._audio)
            self._audio = None
        if self.speaker is not None:
            self.speaker.close()

    def _receive(self, packet: bytes) -> None:
        if self._audio is not None:
            self._audio.receive(packet)

    def _receive_report(self, packet: bytes) -> None:
        if self._audio is not None:
            self._audio.receive_report(packet)


class TrackMedia:
    """Audio over tracks, as any program with aiortc has it: only what aiortc documents is used."""

    def __init__(self, offer: Offer, codec: Codec, *, ears: Ears, report: Callable[[PlayoutReport], None]) -> None:
        self.speaker = CallSpeaker(codec, report) if offer.plays_audio else None
        self.track = SpeakerTrack(self.speaker) if self.speaker is not None else None
        self._ears = ears
        self._listener: CallListener | None = None

    def answered(self, peer: RTCPeerConnection, answer: str) -> None:  # noqa: ARG002 - the tracks know all they need
        """Listen to the client's track."""
        for transceiver in peer.getTransceivers():
            self._listener = CallListener(transceiver.receiver.track, self._ears.hear)

    def connected(self) -> None:
        """The track sends by itself."""

    def is_heard(self) -> bool:
        """Not known: aiortc keeps packets to itself."""
        return False

    def flush(self) -> None:
        """Everything has been heard."""

    async def close(self) -> None:
        """End the track, and stop listening."""
        if self._listener is not None:
            await self._listener.close()
        if self.track is not None:
            self.track.stop()
        if self.speaker is not None:
            self.speaker.close()


def audio_terms(offer: Offer, codec: Codec, answer: str) -> Terms:
    """What an answered offer says of its audio. Where we do not speak, our reports need a source all the same."""
    assert offer.audio is not None  # noqa: S101 - a codec was agreed
    section = offer.description.media[offer.audio]
    ours = read_description(answer).media[offer.audio]
    ssrc, _, name = (ours.value("ssrc") or "").partition(" ")
    return Terms(
        codec=codec,
        payload_type=int(section.payload_type(codec.name) or 0),
        ssrc=int(ssrc) if ssrc else secrets.randbits(32),
        cname=name.removeprefix("cname:"),
    )

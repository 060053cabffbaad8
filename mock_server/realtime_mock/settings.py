"""Everything that can be set, in one frozen value; the command line maps onto it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SdpProfile = Literal["service", "service-active", "aiortc"]
MediaMode = Literal["shared", "compat"]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files of a server that speaks `https` and `wss`."""

    certificate: Path
    """The server's certificate, with those between it and its authority."""
    key: Path
    """Its private key, without a passphrase."""
    authority: Path | None = None
    """What a client has to trust; None where that is not ours to know."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a mock runs. `pace` is seconds of speech sent per second; 0 means without any wait."""

    host: str = "127.0.0.1"
    port: int = 8080
    tls: TlsFiles | None = None
    """What to show to clients over TLS; None serves plain `http` and `ws`."""
    rtc_hosts: tuple[str, ...] = ()
    """Addresses offered to WebRTC clients; empty means loopback and every interface."""
    rtc_port: int | None = None
    """The one UDP port of all calls; 0 takes a free one, and with None each call has ports of its own."""
    sdp_profile: SdpProfile = "service"
    """What SDP answers look like: the service's of September 2026 or, `service-active`, of the months before, or
    those that aiortc writes."""
    media: MediaMode = "shared"
    """What carries the audio of calls: one pacer for all of them or, `compat`, tracks of aiortc, with nothing but what
    aiortc documents."""
    pace: float = 10.0
    seed: int = 0
    detector: str = "energy"
    """What finds the turns in input audio: `energy`, `webrtcvad` or `silero`."""
    session_lifetime: float = 3600.0
    """Seconds until a session ends by itself."""
    tokens_per_minute: int = 15_000_000
    """Tokens that the responses of one session may use in a minute."""
    api_keys: tuple[str, ...] = ()
    """The only keys accepted, beside client secrets; empty accepts any that looks like one."""
    one_shot_secrets: bool = False
    """Whether a client secret opens one session or call, and no second one."""
    model_bound_secrets: bool = False
    """Whether a client secret is refused where `?model=` names another model than it was minted for."""
    webhook_url: str | None = None
    """Where the webhook of an incoming telephone call goes; None sends none."""
    webhook_secret: str = "whsec_cmVhbHRpbWUtbW9jaw=="  # noqa: S105 - it guards nothing
    """Signs webhooks: `whsec_` and base64, or any text."""
    beta: Literal["serve", "retired"] = "retired"
    """Whether beta clients are served, or told that beta is over, as the service tells them since 2026-05-12."""
    validate_outgoing: bool = True
    """Whether every event of ours is checked against its schema; `serve` does not, unless it is told to."""
    control_hosts: tuple[str, ...] = ()
    """Names in `Host` that the control API answers to, beside `localhost`, addresses and `host`."""
    control_origins: tuple[str, ...] = ()
    """Origins whose pages may use the control API, such as `http://localhost:3000`; others may not."""
    control_token: str | None = None
    """What every request to the control API has to show; None asks for nothing."""
    journal_entries: int = 100_000
    """How many entries of the journal are kept in memory; the oldest go first."""
    journal_dir: Path | None = None
    """Where the journal is kept on disk too, with the audio beside it; None keeps it in memory alone."""
    log_level: str = "info"
    max_event_bytes: int = 16 * 2**20
    """Largest client event accepted on a data channel; on a WebSocket a third more, for the base64 of audio."""
    max_body_bytes: int = 1 * 2**20
    """Largest HTTP body accepted."""
    connect_timeout: float = 20.0
    """Seconds after which an offer that no ICE followed is closed."""

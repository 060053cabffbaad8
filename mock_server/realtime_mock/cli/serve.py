"""`realtime-mock serve`: a mock that runs until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import signal
import time
from pathlib import Path

import click

from realtime_mock.cli.control import control_options
from realtime_mock.cli.live import LiveLines
from realtime_mock.cli.media import check_media, media_options
from realtime_mock.cli.options import (
    Beta,
    beta_option,
    fault_option,
    read_faults,
    read_scenario,
    scenario_option,
    sdp_profile_option,
)
from realtime_mock.cli.tls import tls_files, tls_options, trust_lines
from realtime_mock.clock import VirtualClock
from realtime_mock.faults.model import Fault
from realtime_mock.media.detectors import DetectorUnavailable
from realtime_mock.rest.guard import OriginInvalid
from realtime_mock.rest.webhooks import WebhookSecretInvalid
from realtime_mock.scenario.model import Scenario
from realtime_mock.server import PortTaken, RealtimeMock
from realtime_mock.settings import MediaMode, SdpProfile, Settings
from realtime_mock.tls import TlsUnusable

DEFAULTS = Settings()
CANNOT_LISTEN = 2
"""Exit status where the address cannot be had."""


@click.command()
@click.option("--host", default=DEFAULTS.host, show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULTS.port, show_default=True, help="0 picks a free port."
)
@tls_options
@media_options
@sdp_profile_option
@scenario_option
@fault_option
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=DEFAULTS.pace,
    show_default=True,
    help="Seconds of speech sent per second over WebSocket; 0 means without any wait.",
)
@click.option(
    "--vad",
    "detector",
    default=DEFAULTS.detector,
    show_default=True,
    metavar="NAME",
    help="Voice detector: energy, webrtcvad or silero; the last two need a package of their own.",
)
@click.option(
    "--clock",
    "clock_kind",
    type=click.Choice(["real", "virtual"]),
    default="real",
    show_default=True,
    help='A virtual one stands still until POST /_mock/clock {"advance": SECONDS}.',
)
@click.option(
    "--session-lifetime",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULTS.session_lifetime,
    show_default=True,
    help="Seconds until a session ends by itself.",
)
@click.option(
    "--tokens-per-minute",
    type=click.IntRange(min=1),
    default=DEFAULTS.tokens_per_minute,
    show_default=True,
    help="Tokens that a session's responses may use in a minute.",
)
@click.option(
    "--api-key",
    "api_keys",
    multiple=True,
    metavar="KEY",
    help="The only key accepted beside client secrets; may be repeated. Default: any that looks like one.",
)
@click.option("--one-shot-secrets", is_flag=True, help="A client secret opens one session or call, and no second.")
@click.option("--model-bound-secrets", is_flag=True, help="A client secret is refused for another ?model= than its.")
@click.option("--webhook-url", metavar="URL", help="Where the webhook of a simulated telephone call goes.")
@click.option(
    "--webhook-secret",
    default=DEFAULTS.webhook_secret,
    show_default=True,
    metavar="SECRET",
    help="Signs webhooks: whsec_ and base64, or any text.",
)
@click.option(
    "--journal-entries",
    type=click.IntRange(min=1),
    default=DEFAULTS.journal_entries,
    show_default=True,
    help="How many entries of the journal are kept in memory.",
)
@click.option(
    "--journal",
    "journal_dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep the journal on disk too: a new file of JSON Lines in this directory, with the audio beside it.",
)
@control_options
@beta_option(default="serve")
@click.option("--validate-outgoing", is_flag=True, help="Check every event that leaves against its schema too.")
@click.option("--seed", type=int, default=DEFAULTS.seed, show_default=True, help="Where ids start from.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default=DEFAULTS.log_level,
    show_default=True,
    help="What the log on standard error holds; above info the live lines stay away too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready, and nothing else.")
def serve(  # noqa: PLR0913 - one argument for each option
    *,
    host: str,
    port: int,
    tls: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    rtc_hosts: tuple[str, ...],
    rtc_port: int | None,
    media: MediaMode,
    sdp_profile: SdpProfile,
    scenario: str | None,
    faults: tuple[str, ...],
    pace: float,
    detector: str,
    clock_kind: str,
    session_lifetime: float,
    tokens_per_minute: int,
    api_keys: tuple[str, ...],
    one_shot_secrets: bool,
    model_bound_secrets: bool,
    webhook_url: str | None,
    webhook_secret: str,
    journal_entries: int,
    journal_dir: Path | None,
    control_hosts: tuple[str, ...],
    control_origins: tuple[str, ...],
    control_token: str | None,
    beta: Beta,
    validate_outgoing: bool,
    seed: int,
    log_level: str,
    as_json: bool,
) -> None:
    """Serve the Realtime API until Ctrl-C.

    Prints the base URL, then one line per connection, turn and close, and for every refused event its
    type, param, reason and remedy. With --json these lines go to standard error.
    """
    check_media(media, rtc_hosts, rtc_port)
    settings = Settings(
        host=host,
        port=port,
        tls=tls_files(tls, tls_cert, tls_key),
        rtc_hosts=rtc_hosts,
        rtc_port=rtc_port,
        media=media,
        sdp_profile=sdp_profile,
        pace=pace,
        detector=detector,
        session_lifetime=session_lifetime,
        tokens_per_minute=tokens_per_minute,
        api_keys=api_keys,
        one_shot_secrets=one_shot_secrets,
        model_bound_secrets=model_bound_secrets,
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        journal_entries=journal_entries,
        journal_dir=journal_dir,
        control_hosts=control_hosts,
        control_origins=control_origins,
        control_token=control_token,
        beta=beta,
        validate_outgoing=validate_outgoing,
        seed=seed,
        log_level=log_level,
    )
    # The live lines tell what an operator wants to know; the log adds what they cannot.
    logging.basicConfig(level="WARNING" if log_level == "info" else log_level.upper())
    for library in ("aiortc", "aioice"):
        # At DEBUG they log whole session descriptions, with their passwords.
        logging.getLogger(library).setLevel(max(logging.INFO, logging.getLogger().level))
    script = read_scenario(scenario) if scenario is not None else None
    # Today, so that clients find their keys fresh; from there on it moves only by hand.
    clock = VirtualClock(start=round(time.time())) if clock_kind == "virtual" else None
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_mock(settings, script, read_faults(faults), clock), as_json=as_json))


def _mock(
    settings: Settings, scenario: Scenario | None, faults: tuple[Fault, ...], clock: VirtualClock | None
) -> RealtimeMock:
    try:
        return RealtimeMock(settings, scenario, clock=clock, faults=faults)
    except (DetectorUnavailable, OriginInvalid, TlsUnusable, WebhookSecretInvalid) as error:
        raise click.ClickException(str(error)) from None


async def _serve(mock: RealtimeMock, *, as_json: bool) -> None:
    settings = mock.settings
    try:
        await mock.__aenter__()
    except OSError as error:
        click.echo(f"realtime-mock: {_why_not(error, settings)}", err=True)
        raise SystemExit(CANNOT_LISTEN) from None
    _spare_the_collector()
    try:
        _announce(mock, as_json=as_json)
        if settings.log_level in {"debug", "info"}:
            mock.journal.listen(LiveLines(lambda line: click.echo(line, err=as_json)))
        await _until_signalled()
    finally:
        await mock.__aexit__(None, None, None)


def _spare_the_collector() -> None:
    """Have the garbage collector look at what sessions leave, and no more at what the process began with.

    Sessions are full of cycles, so it runs often; half a million objects of libraries and schemas would be looked
    through each time, for tens of milliseconds in which nothing is sent.
    """
    gc.collect()
    gc.freeze()
    # Now that little is left to look at, a full collection is no more put off by how much there was.
    gc.collect()


def _announce(mock: RealtimeMock, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ready": True, "base_url": mock.base_url, **_authority(mock.settings)}))
        return
    click.echo(f"Realtime API mock at {mock.base_url}")
    click.echo(f"  export OPENAI_BASE_URL={mock.base_url} OPENAI_API_KEY=sk-mock")
    for line in trust_lines(mock.settings):
        click.echo(line)
    click.echo("Ctrl-C stops it.")


def _authority(settings: Settings) -> dict[str, str]:
    if settings.tls is None or settings.tls.authority is None:
        return {}
    return {"certificate_authority": str(settings.tls.authority)}


async def _until_signalled() -> None:
    """Return at the first SIGINT or SIGTERM; a second one then ends the process at once."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    # Windows has no such handlers: there Ctrl-C cancels the task that waits here.
    with contextlib.suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    for number in signals:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)


def _why_not(error: OSError, settings: Settings) -> str:
    if isinstance(error, PortTaken):
        return str(error.strerror)
    if error.strerror is None:
        # An address for calls: the text names it, and what to do.
        return str(error)
    return f"cannot listen on {settings.host} port {settings.port}: {error.strerror}"

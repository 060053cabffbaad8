"""`realtime-mock speak`: speech files for microphones that are files."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_mock.audio.formats import CODINGS, RATES, Coding, FormatImpossible, format_of
from realtime_mock.core.speech import API_VOICES, SAMPLE_RATE
from realtime_mock.hearing.beacon import BeaconTooLong
from realtime_mock.hearing.saying import NothingToSay, Said
from realtime_mock.media.voice import default_voice
from realtime_mock.scenario.phrase import USER_VOICE
from realtime_mock.scenario.words import seconds, suggest

_CUSTOM_VOICE = "voice_"
_LONGEST = 300
"""Seconds of one silence."""

_OUT = click.Path(dir_okay=False, writable=True, path_type=Path, allow_dash=True)


def _duration(_context: click.Context, _option: click.Parameter, given: str) -> float:
    """`120ms`, `1.5s`, or a number of seconds, as in scenarios."""
    told = seconds(given if given.endswith("s") else f"{given}s")
    if told is None or told > _LONGEST:
        raise click.BadParameter(f"'{given}' is no duration up to {_LONGEST} s; write 120ms, 1.5s, or 2 for seconds")
    return told


@click.command()
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@click.option("-o", "--out", type=_OUT, required=True, help="The file; a name in .wav gets a WAV, another raw samples.")
@click.option(
    "--voice",
    default=USER_VOICE,
    show_default=True,
    metavar="NAME",
    help=f"Who speaks: {', '.join(API_VOICES)}. Scenarios know this one's words unless they say otherwise.",
)
@click.option("--speed", type=click.FloatRange(0.25, 1.5), default=1.0, show_default=True, help="1 is as usual.")
@click.option(
    "--rate",
    type=click.Choice([str(rate) for rate in RATES]),
    help="Samples per second: 48000 for Chromium's fake microphone. Default: 24000; 8000 for G.711.",
)
@click.option(
    "--before",
    callback=_duration,
    default="0s",
    show_default=True,
    metavar="DURATION",
    help="Silence before the first text: a call takes a moment to connect.",
)
@click.option(
    "--silence",
    callback=_duration,
    default="1s",
    show_default=True,
    metavar="DURATION",
    help="Silence behind each text: half a second ends a turn.",
)
@click.option(
    "--format",
    "coding",
    type=click.Choice(CODINGS),
    default="pcm",
    show_default=True,
    help="The samples: 16-bit PCM, or G.711 u-law or A-law.",
)
@click.option("--beacon", "with_beacon", is_flag=True, help="Tones ahead of each text that carry its words: audible.")
def speak(  # noqa: PLR0913 - one argument for each option
    *,
    texts: tuple[str, ...],
    out: Path,
    voice: str,
    speed: float,
    rate: str | None,
    before: float,
    silence: float,
    coding: Coding,
    with_beacon: bool,
) -> None:
    """Say each TEXT, one behind the other, into a file.

    What is said in the usual voice and at the usual speed is known to a mock whose scenario lists the words (`heard`,
    `phrases`). With --out - the bare samples go to standard output.
    """
    _check_voice(voice)
    said = Said(texts, voice=voice, speed=speed, before=before, silence=silence, has_beacon=with_beacon)
    try:
        form = format_of(coding, None if rate is None else int(rate))
        pcm = said.pcm(default_voice())
    except (BeaconTooLong, FormatImpossible, NothingToSay) as error:
        raise click.UsageError(str(error)) from None
    samples = form.samples(pcm)
    _write(out, form.wav(samples) if out.suffix.lower() == ".wav" else samples)
    if str(out) != "-":
        click.echo(f"{out}: {len(pcm) / (SAMPLE_RATE * 2):.1f} s")


def _check_voice(voice: str) -> None:
    if voice not in API_VOICES and not voice.startswith(_CUSTOM_VOICE):
        raise click.UsageError(f"there is no voice '{voice}'; {suggest(voice, API_VOICES)}")


def _write(out: Path, content: bytes) -> None:
    try:
        with click.open_file(str(out), "wb") as file:
            file.write(content)
    except OSError as error:
        raise click.ClickException(f"cannot write {out}: {error.strerror}") from None

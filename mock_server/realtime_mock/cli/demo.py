"""`realtime-mock demo`: one spoken question to a mock of its own, and the answer as a WAV file."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import click

from realtime_mock.audio.wav import write_wav
from realtime_mock.cli.caller import HEARD_RATE, Caller, CallFailed, trim_silence
from realtime_mock.core.speech import Speech
from realtime_mock.media.voice import default_voice
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

QUESTION = "Hello. Can you hear me?"
DEADLINE = 25.0
"""Seconds after which the demo gives up."""

SESSION = {"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "marin"}}}


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=Path("answer.wav"),
    show_default=True,
    help="Where the answer is written, as a 16-bit WAV.",
)
def demo(out: Path) -> None:
    """Call a mock of its own over WebRTC, ask it something, and keep the answer.

    Prints the events as they pass. The exit status is 1, with the reason, if nothing was heard.
    """
    if not out.absolute().parent.is_dir():
        raise click.ClickException(f"cannot write {out}: there is no such directory")
    question = default_voice().speak(QUESTION, voice="cedar", speed=1.0)
    click.echo(f'Asking, over WebRTC: "{QUESTION}" ({question.duration:.1f} s)')
    heard, transcripts = asyncio.run(_converse(question))
    if not heard:
        raise click.ClickException("the call was made, but nothing was heard")
    _write(out, heard)
    click.echo(f"Heard {len(heard) / 2 / HEARD_RATE:.1f} s of speech, written to {out}: {' '.join(transcripts)!r}")


async def _converse(question: Speech) -> tuple[bytes, list[str]]:
    transcripts: list[str] = []
    started_at = time.monotonic()

    def show(event: dict[str, Any]) -> None:
        # Where whoever read the lines is gone (`demo | head`), the call goes on to its end.
        with contextlib.suppress(BrokenPipeError):
            click.echo(f"{time.monotonic() - started_at:6.2f} s  {_line(event)}")
        if event["type"] == "response.output_audio_transcript.done":
            transcripts.append(event["transcript"])

    async with RealtimeMock(Settings(port=0)) as mock:
        caller = Caller(mock.base_url, show)
        try:
            async with asyncio.timeout(DEADLINE):
                await caller.ask(question.pcm, session=SESSION)
        except TimeoutError:
            raise click.ClickException(f"no answer was played within {DEADLINE:.0f} s") from None
        except CallFailed as error:
            raise click.ClickException(str(error)) from None
    return trim_silence(bytes(caller.heard)), transcripts


def _line(event: dict[str, Any]) -> str:
    """An event as its type and the one thing in it worth a glance."""
    match event:
        case {"delta": str(delta)} | {"transcript": str(delta)}:
            detail = repr(delta)
        case {"error": {"message": message}}:
            detail = message
        case {"response": {"status": status}}:
            detail = status
        case {"item": {"role": role}}:
            detail = role
        case {"audio_start_ms": ms} | {"audio_end_ms": ms}:
            detail = f"{ms} ms"
        case _:
            detail = ""
    return f"{event['type']}  {detail}".rstrip()


def _write(out: Path, pcm: bytes) -> None:
    try:
        write_wav(out, pcm, rate=HEARD_RATE)
    except OSError as error:
        raise click.ClickException(f"cannot write {out}: {error.strerror}") from None

"""`realtime-mock record`: a proxy that writes down what passes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import click

from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import UpstreamUnusable, upstream_at
from realtime_mock.recording.writing import AudioPlace

CANNOT_START = 2
"""Exit status where the address cannot be had, or the folder not written."""


@click.command()
@click.option(
    "--upstream",
    "address",
    required=True,
    metavar="URL",
    help="The server behind the proxy: https://api.openai.com, for example, or another mock.",
)
@click.option(
    "--out",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the recording goes. Earlier ones in it are kept.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0 picks a free port.")
@click.option(
    "--audio",
    type=click.Choice(["files", "inline", "none"]),
    default="files",
    show_default=True,
    help="Where audio goes: to WAV files, into the lines as base64, or nowhere.",
)
@click.option(
    "--upstream-ca",
    "authority",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The authority that signed the upstream's certificate, where this machine does not know it.",
)
def record(*, address: str, folder: Path, host: str, port: int, audio: AudioPlace, authority: Path | None) -> None:
    """Pass a client's sessions on to a server, and record them, until Ctrl-C.

    The client connects to the proxy with the key that the server wants. WebSockets and HTTP requests pass as they
    are; the media of a WebRTC call go directly between client and server. Keys and addresses do not get into the
    recording; what people say does.
    """
    try:
        proxy = RecordingProxy(
            upstream_at(address, authority=authority), folder, host=host, port=port, audio=audio, tell=click.echo
        )
    except UpstreamUnusable as error:
        raise click.UsageError(str(error)) from None
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_record(proxy, host=host, port=port))


async def _record(proxy: RecordingProxy, *, host: str, port: int) -> None:
    try:
        await proxy.__aenter__()
    except OSError as error:
        where = error.filename or f"{host} port {port}"
        click.echo(f"Error: cannot use {where}: {error.strerror or error}; choose another", err=True)
        raise SystemExit(CANNOT_START) from None
    try:
        click.echo(f"Recording {proxy.upstream.shown} at {proxy.origin}/v1 into {proxy.path}")
        click.echo(f"  export OPENAI_BASE_URL={proxy.origin}/v1")
        click.echo("Ctrl-C stops it.")
        await _until_signalled()
    finally:
        await proxy.__aexit__(None, None, None)
    if proxy.has_failed:
        raise SystemExit(1)


async def _until_signalled() -> None:
    """Return at the first SIGINT or SIGTERM; a second one then ends the process at once."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    # Windows has no such handlers: there Ctrl-C cancels the task that waits here.
    with contextlib.suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)

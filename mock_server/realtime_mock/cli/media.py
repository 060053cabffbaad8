"""The options of `serve` for calls: on which addresses they come in, and what carries their audio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from realtime_mock.settings import MediaMode, Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def media_options(command: Command) -> Command:
    """Add them to a command, as `rtc_hosts`, `rtc_port` and `media`."""
    options = (
        click.option(
            "--rtc-host",
            "rtc_hosts",
            multiple=True,
            help="Address offered to WebRTC clients; may be repeated. Default: loopback and every interface.",
        ),
        click.option(
            "--rtc-port",
            type=click.IntRange(0, 65535),
            help="The one UDP port of all calls, for a container or a firewall. Default: ports of its own for each.",
        ),
        click.option(
            "--media",
            type=click.Choice(get_args(MediaMode)),
            default=Settings().media,
            show_default=True,
            help="What carries audio: one pacer for all calls, or aiortc's own tracks for each.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def check_media(media: MediaMode, rtc_hosts: tuple[str, ...], rtc_port: int | None) -> None:
    """Refuse what cannot be had together.

    Raises:
        UsageError: with `compat` aiortc chooses addresses and ports.
    """
    if media == "compat" and (rtc_hosts or rtc_port is not None):
        raise click.UsageError(
            "with --media compat aiortc chooses addresses and ports: leave --rtc-host and --rtc-port out"
        )

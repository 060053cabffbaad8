"""The TLS options, and what to tell a client so that it trusts the certificate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from realtime_mock.settings import Settings, TlsFiles
from realtime_mock.tls import TlsUnusable, local_certificate, public_key_hash

Command = TypeVar("Command", bound=Callable[..., object])

_FILE = click.Path(path_type=Path)


def tls_options(command: Command) -> Command:
    """Add `--tls`, `--tls-cert` and `--tls-key`; `tls_files` reads them."""
    for option in reversed(
        [
            click.option("--tls", is_flag=True, help="Speak https and wss, with a certificate for this machine."),
            click.option("--tls-cert", type=_FILE, metavar="FILE", help="Your certificate in PEM form; implies --tls."),
            click.option("--tls-key", type=_FILE, metavar="FILE", help="Its private key in PEM form."),
        ]
    ):
        command = option(command)
    return command


def tls_files(tls: bool, certificate: Path | None, key: Path | None) -> TlsFiles | None:  # noqa: FBT001 - from the options
    """What the server shows; None for plain text.

    Raises:
        click.UsageError: one file of a pair is missing.
        click.ClickException: no certificate can be kept.
    """
    if (certificate is None) != (key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    if certificate is not None and key is not None:
        return TlsFiles(certificate, key)
    if not tls:
        return None
    try:
        return local_certificate()
    except TlsUnusable as error:
        raise click.ClickException(str(error)) from None


def trust_lines(settings: Settings) -> list[str]:
    """How Python, Node and a browser come to trust the server, a line for each; none for the user's certificate."""
    if settings.tls is None or settings.tls.authority is None:
        return []
    authority = settings.tls.authority
    trusted_key = public_key_hash(settings.tls.certificate)
    return [
        f"  certificate authority: {authority}",
        f"  Python:   export SSL_CERT_FILE={authority}",
        f"  Node:     export NODE_EXTRA_CA_CERTS={authority}",
        f"  Chromium: chromium --user-data-dir=/tmp/realtime-mock --ignore-certificate-errors-spki-list={trusted_key}",
    ]

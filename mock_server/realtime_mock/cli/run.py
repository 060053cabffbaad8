"""`realtime-mock run`: a command with a mock around it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator

import click

from realtime_mock.cli.lines import one_line
from realtime_mock.cli.live import refusal_line
from realtime_mock.cli.options import Beta, beta_option, fault_option, read_faults, read_scenario, scenario_option
from realtime_mock.cli.tls import tls_files
from realtime_mock.journal import Entry, Journal
from realtime_mock.registry import DIALECTS, SchemaRegistry, Transport
from realtime_mock.scenario.expectations import judge
from realtime_mock.scenario.model import Scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""Exit statuses of a shell whose command cannot be started."""


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@scenario_option
@fault_option
@click.option("--tls", is_flag=True, help="Speak https and wss, with a certificate that COMMAND is told to trust.")
@beta_option(default="retired")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def run(*, scenario: str | None, faults: tuple[str, ...], tls: bool, beta: Beta, command: tuple[str, ...]) -> None:
    """Run COMMAND against a mock of its own.

    The mock listens on a free port; OPENAI_BASE_URL and OPENAI_API_KEY tell COMMAND of it, and with --tls
    SSL_CERT_FILE and NODE_EXTRA_CA_CERTS say what Python and Node are to trust. The exit status
    is COMMAND's own, or 1 if it sent an event that breaks the API's schema or did not do what the scenario
    expects of it; both are listed.
    """
    script = read_scenario(scenario) if scenario is not None else None
    settings = Settings(port=0, tls=tls_files(tls, None, None), beta=beta)
    raise SystemExit(asyncio.run(_run(command, script, RealtimeMock(settings, script, faults=read_faults(faults)))))


async def _run(command: tuple[str, ...], scenario: Scenario | None, mock: RealtimeMock) -> int:
    async with mock:
        invalid = _collect_invalid(mock.journal)
        try:
            status = await _child(command, _environment(mock))
        except FileNotFoundError:
            return _cannot_start(command[0], "no such command", NOT_FOUND)
        except OSError as error:
            return _cannot_start(command[0], error.strerror or str(error), NOT_EXECUTABLE)
    unmet = judge(scenario.expect if scenario else (), mock.journal.entries())
    for entry in invalid:
        click.echo(f"realtime-mock: {entry.session_id or entry.channel}  {one_line(refusal_line(entry))}", err=True)
    for complaint in unmet:
        for line in str(complaint).splitlines():
            click.echo(f"realtime-mock: {one_line(line)}", err=True)
    return 1 if invalid or unmet else status


def _environment(mock: RealtimeMock) -> dict[str, str]:
    environment = {**os.environ, "OPENAI_BASE_URL": mock.base_url, "OPENAI_API_KEY": "sk-mock"}
    if mock.settings.tls is not None and mock.settings.tls.authority is not None:
        authority = str(mock.settings.tls.authority)
        environment |= {"SSL_CERT_FILE": authority, "NODE_EXTRA_CA_CERTS": authority}
    return environment


async def _child(command: tuple[str, ...], environment: dict[str, str]) -> int:
    """Run the command to its end and give its status as a shell would: 128 and the signal that killed it."""
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    with _passing_signals_to(process):
        status = await process.wait()
    return status if status >= 0 else 128 - status


@contextlib.contextmanager
def _passing_signals_to(process: asyncio.subprocess.Process) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, _pass_on, process, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _pass_on(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    # A terminal gives Ctrl-C to the child itself: it is not to get it twice.
    if number is signal.SIGINT and _in_foreground():
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _collect_invalid(journal: Journal) -> list[Entry]:
    """A list that grows with every event of a client that breaks the schema.

    An event that is refused for another reason (a create during a response, a scripted error) is not one, nor is one
    that a fault has spoiled.
    """
    registry = SchemaRegistry.bundled()
    invalid: list[Entry] = []

    def judge(entry: Entry) -> None:
        if entry.valid or entry.kind != "event" or entry.direction != "in" or entry.fault is not None:
            return
        if entry.event is None or entry.error in _schema_errors(registry, entry):
            invalid.append(entry)

    journal.listen(judge)
    return invalid


def _schema_errors(registry: SchemaRegistry, entry: Entry) -> list[object]:
    """What the schemas of each dialect say of an event. The session went by one of them."""
    transport: Transport = "webrtc" if entry.channel in {"data-channel", "sideband"} else "websocket"
    errors = (registry.dialect(name).first_error(entry.event, transport=transport) for name in DIALECTS)
    return [error.as_json() for error in errors if error is not None]


def _cannot_start(name: str, why: str, status: int) -> int:
    click.echo(f"realtime-mock: cannot run {name}: {why}", err=True)
    return status

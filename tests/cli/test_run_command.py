"""`realtime-mock run` lends a command a mock and judges what it sent."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

Process = asyncio.subprocess.Process
Start = Callable[..., Awaitable[Process]]

CLIENT = """
import asyncio, json, os, sys
import aiohttp

async def main(events):
    headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    url = os.environ["OPENAI_BASE_URL"] + "/realtime?model=gpt-realtime"
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.ws_connect(url) as socket:
            await socket.receive_json(timeout=10)
            for event in events:
                await socket.send_str(event)
                print((await socket.receive_json(timeout=10))["type"])

asyncio.run(main(sys.argv[1:]))
"""


async def ended(process: Process) -> tuple[int, str, str]:
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def run_client(start: Start, *events: str) -> tuple[int, str, str]:
    return await ended(await start("run", "--", sys.executable, "-c", CLIENT, *events))


async def test_valid_events_leave_the_status_to_the_command(start: Start) -> None:
    assert await run_client(start, '{"type": "input_audio_buffer.clear"}') == (0, "input_audio_buffer.cleared\n", "")


async def test_an_event_that_breaks_the_schema_is_listed_and_fails(start: Start) -> None:
    status, out, err = await run_client(start, '{"type": "input_audio_buffer.clear", "now": true}')
    assert (status, out) == (1, "error\n")
    assert err.partition("  ")[2] == (
        "refused input_audio_buffer.clear | param now | unknown_parameter: Unknown parameter: 'now'."
        " | remedy: remove the key, or check how it is spelled: the service discards the whole event\n"
    )


async def test_what_is_not_json_fails(start: Start) -> None:
    assert (await run_client(start, "{oops"))[0] == 1


async def test_an_event_refused_for_another_reason_does_not_fail(start: Start) -> None:
    assert await run_client(start, '{"type": "response.cancel"}') == (0, "error\n", "")


EXPECTING = """
scenario: polite
expect:
  - {type: session.update, session: {instructions: {$any: true}}}
  - {event: input_audio_buffer.clear, at_most: 1}
"""


async def run_expecting(start: Start, folder: Path, *events: str) -> tuple[int, str, str]:
    file = folder / "polite.yaml"
    file.write_text(EXPECTING)
    return await ended(await start("run", "--scenario", file, "--", sys.executable, "-c", CLIENT, *events))


async def test_a_client_that_does_what_is_expected_succeeds(start: Start, tmp_path: Path) -> None:
    update = '{"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}}'
    assert await run_expecting(start, tmp_path, update) == (0, "session.updated\n", "")


async def test_what_a_client_leaves_undone_or_overdoes_is_listed_and_fails(start: Start, tmp_path: Path) -> None:
    update, clear = (
        '{"type": "session.update", "session": {"type": "realtime"}}',
        '{"type": "input_audio_buffer.clear"}',
    )
    status, _, err = await run_expecting(start, tmp_path, update, clear, clear)
    assert status == 1
    lines = [line.partition("realtime-mock: ")[2].split(" of sess_")[0] for line in err.splitlines()]
    assert lines[0].startswith("expected session.update")
    assert lines[0].endswith("at least once; it occurred 0 times")
    assert lines[1].startswith("  nearest: entry ")
    assert lines[2] == "expected input_audio_buffer.clear at most once; it occurred twice"
    assert lines[3].startswith("  entries: ")


@pytest.mark.parametrize("status", [0, 1, 3, 255])
async def test_the_status_is_the_command_s_own(start: Start, status: int) -> None:
    process = await start("run", "--", sys.executable, "-c", f"raise SystemExit({status})")
    assert await ended(process) == (status, "", "")


async def test_a_command_killed_by_a_signal_ends_as_in_a_shell(start: Start) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert (await ended(await start("run", "--", sys.executable, "-c", code)))[0] == 128 + signal.SIGKILL


async def test_a_missing_command_is_127_and_one_line(start: Start) -> None:
    process = await start("run", "--", "no-such-command-here")
    assert await ended(process) == (127, "", "realtime-mock: cannot run no-such-command-here: no such command\n")


async def test_a_file_that_is_no_program_is_126(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "plain"
    file.write_text("text")
    assert (await ended(await start("run", "--", file)))[0] == 126


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_reaches_the_command(start: Start, number: signal.Signals) -> None:
    code = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    process = await start("run", "--", sys.executable, "-c", code)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    assert (await ended(process))[0] == 7


async def test_the_command_s_own_options_are_left_alone(start: Start) -> None:
    process = await start("run", "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port", "--help")
    assert (await ended(process))[1] == "['--port', '--help']\n"


async def test_no_command_is_a_wrong_use(start: Start) -> None:
    assert (await ended(await start("run")))[0] == 2

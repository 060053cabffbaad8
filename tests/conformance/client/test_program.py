"""A command runs in a group of its own, for a bounded time, and all of the group ends with it."""

import os
import select
import sys

import pytest

from realtime_conformance.client.program import CannotStart, Command, Outcome


async def run(code: str, *, within: float = 20.0) -> Outcome:
    return await Command([sys.executable, "-c", code]).run({"TOLD": "so"}, within=within)


async def test_its_lines_and_its_status_are_kept():
    outcome = await run("import os; print(os.environ['TOLD']); print('und'); raise SystemExit(3)")
    assert ([line.text for line in outcome.lines], outcome.status) == (["so", "und"], 3)


async def test_the_end_of_its_error_stream_is_kept():
    outcome = await run("import sys; sys.stderr.write('x' * 100_000 + 'the end')")
    assert outcome.errors.endswith("the end")
    assert len(outcome.errors) <= 4_000


async def test_a_line_without_an_end_is_a_line():
    outcome = await run("import sys; sys.stdout.write('no newline')")
    assert [line.text for line in outcome.lines] == ["no newline"]


async def test_a_line_beyond_all_measure_is_passed_over():
    outcome = await run("print('x' * (5 * 2**20)); print('after it')")
    assert [line.text for line in outcome.lines][-1] == "after it"


async def test_one_that_hangs_is_ended():
    outcome = await run("import time; print('here', flush=True); time.sleep(60)", within=1.0)
    assert (outcome.status, [line.text for line in outcome.lines]) == (None, ["here"])


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a foreign process ends")
async def test_what_it_started_ends_with_it():
    code = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
"""
    outcome = await run(code)
    pid = int(outcome.lines[0].text)
    assert outcome.status == 0
    assert has_ended(pid)


async def test_one_that_is_not_there_says_so():
    with pytest.raises(CannotStart, match="cannot start 'no-such-driver'"):
        await Command(["no-such-driver"]).run({}, within=1)


def test_a_command_is_typed_as_in_a_shell():
    assert Command.of("node 'my driver.mjs' --call").words == ("node", "my driver.mjs", "--call")


def test_a_command_with_an_open_quote_is_refused():
    with pytest.raises(CannotStart, match="No closing quotation"):
        Command.of("node 'driver.mjs")


async def test_an_empty_command_says_what_to_write():
    with pytest.raises(CannotStart, match="--command"):
        await Command([]).run({}, within=1)


def has_ended(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)

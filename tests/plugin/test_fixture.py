"""The fixture `realtime_mock`, in runs of pytest as a user's."""

from __future__ import annotations

import socket

import pytest

from realtime_mock import Settings, serve_in_thread

INI = "[pytest]\nasyncio_mode = auto\n"


def test_a_good_test_passes(run_pytest):
    run = run_pytest("""
        def test_good(realtime_mock):
            realtime_mock.expect("response.create", count=1)
            with dialled(realtime_mock) as client:
                client.ask()
    """)
    assert run.outcomes == {"passed": 1}, run.output


def test_what_is_wrong_fails_at_the_end_with_a_readable_journal(run_pytest):
    run = run_pytest("""
        def test_unmet(realtime_mock):
            realtime_mock.expect("response.cancel")

        def test_invalid(realtime_mock):
            with dialled(realtime_mock) as client:
                client.send(type="session.update", session={"type": "realtime", "voice": "alloy"})
                client.until("error")

        def test_idle_excuse(realtime_mock):
            realtime_mock.allow_invalid(code="unknown_parameter")
    """)
    assert run.outcomes == {"passed": 3, "error": 3}
    assert run.output.count("1. expected response.cancel at least once; it occurred 0 times") == 1
    assert "Unknown parameter: 'session.voice'. [unknown_parameter]" in run.output
    assert "remedy: the GA API wants it at `session.audio.output.voice`; if the test is about that: " in run.output
    assert "realtime_mock.allow_invalid(type='session.update', code='unknown_parameter')" in run.output
    assert "-> session.update" in run.output
    assert "excuses an event that the client never sent" in run.output
    assert "Traceback" not in run.output
    assert "pytest_plugin.py" not in run.output


def test_a_test_that_fails_by_itself_shows_what_passed_and_is_not_judged(run_pytest):
    run = run_pytest("""
        def test_fails(realtime_mock):
            realtime_mock.expect("response.cancel")
            with dialled(realtime_mock) as client:
                client.ask()
            assert False
    """)
    assert run.outcomes == {"failed": 1}
    assert "- realtime-mock -" in run.output
    assert "<- response.done" in run.output
    assert "expected response.cancel" not in run.output


def test_a_test_that_is_skipped_or_expected_to_fail_is_not_judged(run_pytest):
    run = run_pytest("""
        def test_skips(realtime_mock):
            realtime_mock.expect("response.cancel")
            pytest.skip("not today")

        @pytest.mark.xfail(strict=True)
        def test_xfails(realtime_mock):
            realtime_mock.expect("response.cancel")
            assert False
    """)
    assert run.outcomes == {"skipped": 1, "xfailed": 1}, run.output


def test_a_mistake_is_shown_where_the_test_made_it(run_pytest):
    run = run_pytest("""
        def test_wrong(realtime_mock):
            realtime_mock.scenario("scenario: x\\nrulse: []")
    """)
    assert run.outcomes == {"failed": 1}
    assert "did you mean 'rules'" in run.output
    assert "control.py" not in run.output


def test_the_marker_names_a_file_beside_the_test_or_a_bundled_scenario(run_pytest):
    scenario = "scenario: w\nrules: [{on: response.create, turns: [{say: It rains.}]}]\n"
    run = run_pytest(
        """
        @pytest.mark.realtime_scenario("weather.yaml")
        def test_file(realtime_mock):
            with dialled(realtime_mock) as client:
                assert client.ask() == "It rains."

        @pytest.mark.realtime_scenario("greeting")
        def test_bundled(realtime_mock):
            with dialled(realtime_mock) as client:
                assert client.ask() != "It rains."

        @pytest.mark.realtime_scenario("wether.yaml")
        def test_missing(realtime_mock):
            pass

        @pytest.mark.realtime_scenario("weather.yaml")
        def test_without_the_fixture():
            pass
        """,
        "--strict-markers",
        weather__yaml=scenario,
    )
    assert run.outcomes == {"passed": 2, "error": 2}, run.output
    assert "wether.yaml cannot be read" in run.output
    assert "no effect without the fixture realtime_mock" in run.output


def test_each_run_starts_a_mock_of_its_own_with_the_settings_given(run_pytest):
    run = run_pytest(
        """
        def test_settings(realtime_mock, realtime_mock_settings):
            assert (realtime_mock_settings.pace, realtime_mock_settings.seed) == (3.0, 9)
            assert realtime_mock_settings.beta == "retired"
            with dialled(realtime_mock) as client:
                client.ask()
        """,
        "--realtime-mock-set=seed=9",
        *("-p", "no:asyncio", "-W", "error"),
        url=None,
        pytest__ini="[pytest]\nrealtime_mock_settings =\n    pace=3\n    seed=8\n",
    )
    assert run.outcomes == {"passed": 1}, run.output


def test_a_fixture_of_the_user_s_takes_the_place_of_the_settings(run_pytest):
    run = run_pytest(
        """
        import dataclasses

        @pytest.fixture(scope="session")
        def realtime_mock_settings(realtime_mock_settings):
            return dataclasses.replace(realtime_mock_settings, api_keys=("sk-only",))

        def test_settings(realtime_mock_settings):
            assert realtime_mock_settings.api_keys == ("sk-only",)
        """
    )
    assert run.outcomes == {"passed": 1}, run.output


def test_a_mock_that_cannot_be_had_is_an_error_with_its_remedy(run_pytest, free_port):
    test = "def test_it(realtime_mock): pass"
    for option, remedy in (
        ("--realtime-mock-set=pce=1", "there is no setting 'pce'; did you mean 'pace'"),
        ("--realtime-mock-set=detector=ears", "'ears'"),
        (f"--realtime-mock-url=http://127.0.0.1:{free_port}", "start one: realtime-mock serve"),
    ):
        run = run_pytest(test, option, url=None)
        assert run.outcomes == {"error": 1}
        assert remedy in run.output
        assert "pytest_plugin.py" not in run.output


def test_a_port_that_is_taken_is_told(run_pytest):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = run_pytest("def test_it(realtime_mock): pass", f"--realtime-mock-set=port={port}", url=None)
    assert run.outcomes == {"error": 1}
    assert f"port {port} on 127.0.0.1 is taken" in run.output


def test_a_mock_that_asks_for_a_token_is_given_it(run_pytest):
    with serve_in_thread(Settings(port=0, control_token="secret")) as mock:
        run = run_pytest("def test_it(realtime_mock): pass", "--realtime-mock-token=secret", url=mock.base_url)
        assert run.outcomes == {"passed": 1}, run.output
        run = run_pytest("def test_it(realtime_mock): pass", url=mock.base_url)
        assert "token" in run.output


ASYNC = """
    from websockets.asyncio.client import connect as dial

    async def test_waits(realtime_mock):
        headers = {"Authorization": f"Bearer {realtime_mock.api_key}"}
        realtime_mock.expect("response.create")
        url = realtime_mock.ws_url + "?model=gpt-realtime"
        async with dial(url, additional_headers=headers, max_queue=None) as socket:
            await socket.send(json.dumps({"type": "response.create"}))
            await realtime_mock.aio.wait_for("response.done")

    async def test_blocks(realtime_mock):
        realtime_mock.wait_for("response.done")
"""


def test_asynchronous_tests_work_with_pytest_asyncio(run_pytest):
    run = run_pytest(ASYNC, pytest__ini=INI)
    assert run.outcomes == {"passed": 1, "failed": 1}, run.output
    assert "await realtime_mock.aio.wait_for" in run.output


ANYIO = """
    import anyio

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return BACKEND

    async def test_waits(realtime_mock):
        def talk():
            with dialled(realtime_mock) as client:
                client.ask()
                client.until("response.done")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.to_thread.run_sync, talk)
            await realtime_mock.aio.wait_for("response.done")

    async def test_blocks(realtime_mock):
        realtime_mock.wait_for("response.done")
"""


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_asynchronous_tests_work_with_anyio(run_pytest, backend):
    pytest.importorskip(backend)
    run = run_pytest(ANYIO.replace("BACKEND", repr(backend)), "-p", "no:asyncio")
    assert run.outcomes == {"passed": 1, "failed": 1}, run.output
    assert "await realtime_mock.aio.wait_for" in run.output


def test_nothing_is_missed_where_no_asyncio_plugin_is(run_pytest):
    run = run_pytest(
        """
        def test_it(realtime_mock):
            assert realtime_mock.sessions == []
        """,
        *("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:timeout", "-p", "no:xdist"),
        *("-W", "error", "--strict-config"),
    )
    assert run.outcomes == {"passed": 1}, run.output


def test_the_plugin_can_be_switched_off(run_pytest):
    run = run_pytest("def test_it(): pass", "-p", "no:realtime_mock", "-p", "no:realtime_mock.pytest_plugin")
    assert run.outcomes == {"passed": 1}, run.output

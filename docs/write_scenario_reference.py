"""Writes docs/reference/scenarios.md from the bundled scenarios: `python docs/write_scenario_reference.py`.

A case is what a real project reported, under a short name of ours; a file's comment names its cases after "Cases:".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from realtime_mock.scenario.document import read_document
from realtime_mock.scenario.loader import bundled_scenarios

PAGE = Path(__file__).parent / "reference" / "scenarios.md"
HEAD = """\
# The bundled scenarios

Made from the files in `fixtures/scenarios` by `python docs/write_scenario_reference.py`.

`realtime-mock serve --scenario NAME` plays one; the comment at the head of its file says what to send. The cases are
what clients of the service met: each links to the report that it repeats. [The scenario format](scenario-format.md)
tells how to write your own.
"""
BY_DEFAULT_HEAD = """\
## What the mock does by itself

These cases need no scenario; the one named sets the scene.

| case | what the mock does | scenario |
| --- | --- | --- |
"""
BY_DEFAULT = {
    "BARGE/4": ("Refuses a cancel with nothing active: `response_cancel_not_active`.", "interruption"),
    "CONN/5": ("Starts every session anew, with ids of its own.", "reconnect"),
    "DC/3": ("Sends one JSON object in each message of a data channel.", "large-events"),
    "GA/3": ("Refuses an update without `session.type`: `missing_required_parameter`.", "ga-only"),
    "GA/4": ("Refuses flat keys (`unknown_parameter`) and wrong nulls (`invalid_type`).", "ga-only"),
    "RESP/1": ("Refuses a second response and names the active one.", "interruption"),
    "SESS/1": ("Refuses another voice once one was heard: `cannot_update_voice`.", "voice-locked"),
    "TOOL/3": ("Says nothing about a tool's output until it is asked for a response.", "tool-call"),
    "TRUNC/1": ("Refuses to truncate beyond the audio, with both lengths in the message.", "truncation"),
    "TRUNC/5": ("Refuses a truncation without one of its fields: `missing_required_parameter`.", "truncation"),
    "TRUNC/6": ("Truncates by itself on a call, and leaves it to the client on a WebSocket.", "interruption"),
    "TRUNC/7": ("Retrieves a truncated item shorter and without its transcript.", "truncation"),
    "VAD/1": ("Refuses to commit less than 100 ms, with the length that it found.", "manual-turns"),
    "VAD/2": ("Lets the client commit while the detector listens.", "manual-turns"),
    "VAD/3": ("Loses nothing between turns, nor in empty or odd appends.", "adjacent-turns"),
}
LATER_HEAD = """\
## What no scenario can show

| case | why |
| --- | --- |
"""
LATER = {
    "CI/1": "Tests without a key, in parallel, on a free port: the pytest plugin.",
    "CI/2": "The same: a mock needs no secret, so tests run on pull requests of forks.",
    "CI/3": "Recording and replaying: `realtime-mock record`, `replay`; any scenario is a script to replay against.",
    "CI/4": "An application from end to end in a browser is a recipe, with any scenario.",
    "CI/5": "A microphone in a page is a recipe of the browser, with any scenario.",
    "CI/6": "How each SDK is pointed at another base URL: `docs/clients`.",
    "CI/7": "How many calls a core carries is measured, not played.",
    "CI/8": "Looking into sessions, sending events and making faults by hand is the control API.",
    "CONN/6": "Whether a client leaks sockets is judged by the client suite; `reconnect` sets the scene.",
    "EVT/6": "A report of what changed between versions of the schemas is a tool of its own.",
    "GA/5": "Judging a recording by the API of today is a command: `realtime-mock lint`.",
    "RESP/4": "Whether a client waits is judged by the client suite; `slow-cancel` sets the scene.",
    "RESP/6": "Whether a client ever creates twice is judged by the client suite; `interruption` sets the scene.",
    "SDP/1": "An offer is judged before there is a session: the mock refuses as the service does (`sdp.md`).",
    "SDP/2": "The answer keeps the order of the offer, whatever is played (`sdp.md`).",
    "SDP/3": "The `Location` header carries the call's id, whatever is played (`http.md`).",
    "SRV/1": "How well servers keep to the protocol is told by the conformance suite.",
}
_CASE = re.compile(r"[A-Z]+/[0-9]+")
_THREAD = re.compile(r"([\w.-]+/[\w.-]+)#([0-9]+)")


def page() -> str:
    """The whole page."""
    rows = ["| scenario | what it does | cases |", "| --- | --- | --- |"]
    for name, text in _texts().items():
        rows.append(f"| [{name}](../../fixtures/scenarios/{name}.yaml) | {_description(text)} | {_linked(text)} |")
    by_default = [f"| {case} | {what} | `{name}` |" for case, (what, name) in BY_DEFAULT.items()]
    later = [f"| {case} | {why} |" for case, why in LATER.items()]
    return "\n".join([HEAD, *rows, "", BY_DEFAULT_HEAD + "\n".join(by_default), "", LATER_HEAD + "\n".join(later), ""])


def cases() -> Mapping[str, list[str]]:
    """The scenarios of each case."""
    found: dict[str, list[str]] = {}
    for name, text in _texts().items():
        for case in _CASE.findall(_named_cases(text)):
            found.setdefault(case, []).append(name)
    return found


def _texts() -> Mapping[str, str]:
    return {name: file.read_text(encoding="utf-8") for name, file in bundled_scenarios().items()}


def _description(text: str) -> str:
    document = read_document(text, "scenario")
    description = document.value["description"].value if isinstance(document.value, Mapping) else ""
    return str(description)


def _named_cases(text: str) -> str:
    """The part of a file's comment that names its cases, on one line."""
    found = re.search(r"^# Cases: (.*?)\n#\n", text, re.DOTALL | re.MULTILINE)
    return " ".join(found[1].replace("\n#", " ").split()) if found else ""


def _linked(text: str) -> str:
    return _THREAD.sub(r"[\1#\2](https://github.com/\1/issues/\2)", _named_cases(text))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

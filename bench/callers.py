"""Runs `callers.mjs`: calls made by another process, on another WebRTC stack, on the second core."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import servers
from figures import npm_installed

from realtime_mock.media import opus

PACKAGE = "node-datachannel"
DEADLINE = 30.0
SPEECH_SECONDS, CYCLE_SECONDS = 1.2, 6.0

Mode = Literal["vad", "deaf", "plain"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the callers saw in the time of measurement, in milliseconds, and what the server used of its core."""

    calls: int
    late_p50: float
    late_p99: float
    gap_p99: float
    gap_max: float
    rate: float
    dropped: int
    load_late_p99: float
    cpu_percent: float
    events: dict[str, int]
    times: list[dict[str, float]]

    @property
    def keeps_pace(self) -> bool:
        """Within 20 ms late and 40 ms apart at the 99th percentile, and neither a packet nor a call is missing."""
        return self.late_p99 <= 20 and self.gap_p99 <= 40 and self.rate >= 49 and not self.dropped

    @property
    def cpu_ms_per_call_second(self) -> float:
        """Milliseconds of processor time that a second of one call takes."""
        return self.cpu_percent * 10 / self.calls


def has_callers() -> bool:
    """Whether Node and npm are there."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def call(server: servers.Server, *, calls: int, mode: Mode, seconds: float, settle: float = 2.0) -> Answered:
    """Make calls, measure for so many seconds, and hang up."""
    stages, used = _run(
        server,
        {
            "calls": calls,
            "mode": mode,
            "seconds": seconds,
            "settle": settle,
            "microphones": True,
            "probes": min(calls, 8),
        },
    )
    figures = {key: value for key, value in stages["done"].items() if key != "stage"}
    return Answered(calls=calls, cpu_percent=100 * used / seconds, **figures)


def call_one_by_one(server: servers.Server, *, calls: int) -> list[dict[str, float]]:
    """Make calls, each when the one before has hung up; give the milliseconds from the POST to `answer`, `channel` and
    `audio` of each."""
    stages, _ = _run(server, {"calls": calls, "mode": "plain", "microphones": False, "probes": 1, "one_by_one": True})
    times: list[dict[str, float]] = stages["done"]["times"]
    return times


def _run(server: servers.Server, order: dict[str, Any]) -> tuple[dict[str, Any], float]:
    packets = [base64.b64encode(packet).decode() for packet in microphone_packets()]
    order = {**order, "url": f"http://127.0.0.1:{server.port}", "packets": packets}
    node = shutil.which("node") or "node"
    command = [node, str(servers.HERE / "callers.mjs"), str(npm_installed(PACKAGE))]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(process.pid, {servers.LOAD_CORE})
        assert process.stdin is not None
        json.dump(order, process.stdin)
        process.stdin.close()
        return _follow(process, server)
    finally:
        process.kill()
        process.wait()


def microphone_packets() -> list[bytes]:
    """A cycle of what a microphone sends: something as loud as speech, then silence that is not digital."""
    samples = int(24_000 * CYCLE_SECONDS)
    moments = np.arange(samples) / 24_000
    voice = 9000 * np.sin(2 * np.pi * 200 * moments + 5 * np.sin(2 * np.pi * 4 * moments))
    hum = 8 * np.sin(2 * np.pi * 50 * moments) + np.random.default_rng(1).normal(0, 4, samples)
    pcm = np.rint(np.where(moments < SPEECH_SECONDS, voice, 0) + hum).astype("<i2").tobytes()
    return list(opus.encode(pcm))[: int(CYCLE_SECONDS * 50)]


def _follow(process: subprocess.Popen[str], server: servers.Server) -> tuple[dict[str, Any], float]:
    assert process.stdout is not None
    stages: dict[str, Any] = {}
    used = 0.0
    for line in process.stdout:
        told = json.loads(line)
        stages[told["stage"]] = told
        if told["stage"] == "measuring":
            used = -server.cpu_seconds()
        elif told["stage"] == "measured":
            used += server.cpu_seconds()
        elif told["stage"] == "failed":
            raise RuntimeError(told["error"])
        elif told["stage"] == "done":
            process.wait(DEADLINE)
    if "done" not in stages:
        raise RuntimeError(f"the callers ended with status {process.wait()}")
    return stages, used

"""The sides of a comparison: each a server in a process of its own, pinned to the first core."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import npm_installed, package_version

HERE = Path(__file__).resolve().parent
SERVER_CORE, LOAD_CORE = 0, 1
START_TIMEOUT = 60.0
AIMOCK = "@copilotkit/aimock"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, and what it costs."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time used so far, by the process and its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Memory held now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        """Files and sockets open now."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def threads(self) -> int:
        """Threads alive now."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))


@contextlib.contextmanager
def ours(*options: str, name: str = "realtime-mock") -> Iterator[Server]:
    """`realtime-mock serve` with these options."""
    command = [sys.executable, "-c", "from realtime_mock.cli import main; main()", "serve", "--log-level", "error"]
    with _running(name, lambda port: [*command, "--port", str(port), *options]) as server:
        yield server


@contextlib.contextmanager
def bare() -> Iterator[Server]:
    """aiohttp and orjson with nothing around them, playing the same turn: what Python costs at least."""
    with _running("bare aiohttp", lambda port: [sys.executable, str(HERE / "bare_server.py"), str(port)]) as server:
        yield server


@contextlib.contextmanager
def plain_aiortc() -> Iterator[Server]:
    """A plain answerer with aiortc, that plays a sound and reads what the client says."""
    with _running("plain aiortc", lambda port: [sys.executable, str(HERE / "plain_answerer.py"), str(port)]) as server:
        yield server


@contextlib.contextmanager
def aimock(answer: str) -> Iterator[Server]:
    """The npm package `@copilotkit/aimock`, newest release, playing the same turn."""
    folder = npm_installed(AIMOCK)
    script = folder / "serve.mjs"
    script.write_text(
        'import { LLMock } from "@copilotkit/aimock";\n'
        "const mock = new LLMock({ port: Number(process.argv[2]), latency: 0, chunkSize: 4, logLevel: 'silent' });\n"
        "mock.addFixture({ match: {}, response: { content: process.argv[3] } });\n"
        "await mock.start();\n",
        encoding="utf-8",
    )
    node = shutil.which("node") or "node"
    with _running(f"aimock {package_version(AIMOCK)}", lambda port: [node, str(script), str(port), answer]) as server:
        yield server


def has_aimock() -> bool:
    """Whether Node and npm are there to install it."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def pin_load() -> None:
    """Keep this process off the servers' core."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {LOAD_CORE})


@contextlib.contextmanager
def _running(name: str, command: Callable[[int], Sequence[str]]) -> Iterator[Server]:
    port = _free_port()
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL)
    try:
        os.sched_setaffinity(process.pid, {SERVER_CORE})
        _until_listening(port, process)
        yield Server(name, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    import socket  # noqa: PLC0415 - the one place that needs it

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listened on port {port} within {START_TIMEOUT:.0f} s")

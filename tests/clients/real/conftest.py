"""Real clients in environments of their own, driven by the code blocks of `docs/clients`.

The files and commands of a page are run as they stand. Its install commands go to a cache, where each distinct
command is run once; `REALTIME_MOCK_CLIENTS_DIR` says where that is.
"""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import realtime_mock
from realtime_mock._resources import fixtures_dir
from realtime_mock.server import RealtimeMock
from realtime_mock.tls import cache_dir

if TYPE_CHECKING:
    from playwright.async_api import Page as BrowserPage

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "clients"
SOURCES = str(Path(realtime_mock.__file__).parent.parent)
QUESTION = ROOT / "fixtures" / "audio" / "question-24k.wav"
DEADLINE = 60.0
INSTALL_DEADLINE = 600.0

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # Without `%noloop` the question would be said again and again, and interrupt its own answer.
    f"--use-file-for-fake-audio-capture={fixtures_dir() / 'audio' / 'question.wav'}%noloop",
)

BLOCK = re.compile(r"(?:Save this as `(?P<file>[^`]+)`[^\n]*\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
OUTCOME: pytest.StashKey[tuple[str, float]] = pytest.StashKey()
ROWS: pytest.StashKey[list[tuple[str, float, str, str]]] = pytest.StashKey()
INSTALLED: pytest.StashKey[str] = pytest.StashKey()


@dataclass(frozen=True)
class Command:
    """What is typed, and what is then shown; a line of `...` stands for any lines."""

    typed: str
    shown: str


@dataclass
class Page:
    """A page of `docs/clients`: its files, then its commands, in its order."""

    name: str
    files: dict[str, str] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    exports: str = ""
    """What is typed where a mock runs already."""
    shown: str = ""
    """What a browser shows at the end."""

    @classmethod
    def named(cls, name: str, replaced: Mapping[str, str]) -> Page:
        """The page, with these texts in it replaced: the address of the mock, which no test can fix."""
        page = cls(name)
        text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        for block in BLOCK.finditer(text):
            if block["file"]:
                page.files[block["file"]] = block["text"]
            elif block["kind"] == "console":
                page.commands += console(block["text"])
            elif block["kind"] == "sh" and block["text"].startswith("export "):
                page.exports = block["text"]
            elif block["kind"] == "text":
                page.shown = block["text"]
        return page


def console(text: str) -> Iterator[Command]:
    for part in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        if part.strip():
            typed, _, shown = part.removeprefix("$ ").partition("\n")
            yield Command(typed, shown)


@dataclass
class Desk:
    """An empty directory with the client installed, the question as `question.wav`, and `realtime-mock` to run."""

    directory: Path
    environment: dict[str, str]
    installed: list[str] = field(default_factory=list)

    async def follow(self, name: str, replaced: Mapping[str, str] | None = None) -> Page:
        """Do what the page says, and see what it shows."""
        page = Page.named(name, replaced or {})
        self.lay_out(page)
        for command in page.commands:
            if is_install(command.typed):
                self.install(command.typed)
                continue
            printed = await self.run(command.typed)
            assert matches(command.shown, printed), f"$ {command.typed}\n{printed}"
        return page

    async def follow_exports(self, name: str, mock: RealtimeMock) -> None:
        """Run the page's last program against a mock that runs already, with what the page exports for that."""
        address = mock.base_url.removesuffix("/v1")
        page = Page.named(name, {"127.0.0.1:8080": address.partition("://")[2]})
        assert f"OPENAI_BASE_URL={mock.base_url} " in page.exports
        exports = page.exports
        if mock.settings.tls is not None:
            exports = exports.replace("~/.cache/realtime-mock/tls/ca.pem", str(mock.settings.tls.authority))
        self.lay_out(page)
        for command in page.commands:
            if is_install(command.typed):
                self.install(command.typed)
        program = page.commands[-1].typed.partition(" -- ")[2]
        printed = await self.run(f"{exports}\n{program}")
        assert matches(page.commands[-1].shown, printed), printed

    def lay_out(self, page: Page) -> None:
        """Put the page's files, and the question, on the desk."""
        for name, text in page.files.items():
            (self.directory / name).write_text(text, encoding="utf-8")
        shutil.copy(QUESTION, self.directory / "question.wav")

    def install(self, command: str) -> None:
        """Lend the desk what an `npm install` or `python3 -m pip install` of the page installs."""
        words = shlex.split(command)
        if words[:2] == ["npm", "install"]:
            environment = npm_environment(words[2:])
            (self.directory / "node_modules").symlink_to(environment / "node_modules")
            package = re.sub(r"(?<=.)@[^/]*$", "", words[2])
            manifest = environment / "node_modules" / package / "package.json"
            self.installed.append(f"{package} {json.loads(manifest.read_text())['version']} (npm)")
        else:
            environment = pip_environment(words[4:])
            self.environment["PATH"] = f"{environment / 'bin'}{os.pathsep}{self.environment['PATH']}"
            self.installed.append(f"{words[4]} {pip_version(environment, words[4])} (PyPI)")

    async def run(self, command: str) -> str:
        """What the command prints; it must end well and in time."""
        async with asyncio.timeout(DEADLINE):
            process = await asyncio.create_subprocess_exec(
                *("bash", "-c", command),
                cwd=self.directory,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            try:
                out, err = await process.communicate()
            finally:
                if process.returncode is None:
                    # With it the mock and the client that it started.
                    os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode == 0, f"{out.decode()}\n{err.decode()[-4000:]}"
        return out.decode()


def is_install(command: str) -> bool:
    return command.startswith(("npm install ", "python3 -m pip install "))


def npm_environment(packages: list[str]) -> Path:
    if shutil.which("npm") is None:
        skip_or_fail("no npm here (Node 20 or newer)")
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", *packages]
    return installed("npm", packages, lambda directory: [command], environment=None)


def pip_environment(packages: list[str]) -> Path:
    def commands(directory: Path) -> list[list[str]]:
        python = str(directory / "bin" / "python")
        return [[sys.executable, "-m", "venv", str(directory)], [python, "-m", "pip", "install", "-q", *packages]]

    # A path meant for this interpreter would let the new one see this one's packages.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return installed("pip", packages, commands, environment=clean)


def installed(tool, packages, commands, *, environment) -> Path:
    """The directory where these packages are; made at the first call, and again after one that failed."""
    home = Path(os.environ.get("REALTIME_MOCK_CLIENTS_DIR") or cache_dir() / "clients")
    directory = home / f"{tool}-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:12]}"
    done = directory / "installed"
    if done.exists():
        return directory
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for command in commands(directory):
        result = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=INSTALL_DEADLINE
        )
        if result.returncode != 0:
            skip_or_fail(f"cannot install {' '.join(packages)}: {result.stderr.strip()[-300:]}")
    done.touch()
    return directory


def pip_version(environment: Path, requirement: str) -> str:
    name = re.split(r"[\[<>=~]", requirement)[0]
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    return subprocess.run(
        [environment / "bin" / "python", "-c", code], capture_output=True, text=True, timeout=DEADLINE
    ).stdout.strip()


def skip_or_fail(reason: str) -> None:
    """Skip; or fail, where the clients are required."""
    if "REALTIME_MOCK_REQUIRE_CLIENTS" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows; `...` on a line of its own stands for any lines."""
    pattern = "".join("*" if line == "..." else line.replace("[", "[[]") + "\n" for line in shown.splitlines())
    return fnmatch.fnmatchcase(printed, pattern)


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "realtime-mock"
    code = "from realtime_mock.cli import main; main(prog_name='realtime-mock')"
    # Not in PYTHONPATH, which the client would inherit.
    code = f"import sys; sys.path.insert(0, {SOURCES!r}); {code}"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n')
    command.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    own = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    desk = Desk(work, inherited | own)
    yield desk
    request.node.stash[INSTALLED] = ", ".join(desk.installed)


@pytest.fixture
async def open_browser() -> AsyncIterator[Callable[..., Awaitable[BrowserPage]]]:
    """Opens Chromium with an empty page, and with these flags beside the usual ones."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None or find_spec("playwright") is None:
        skip_or_fail("no Chromium or no Playwright here (apt install chromium; pip install playwright)")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browsers = []

        async def launch(*flags: str) -> BrowserPage:
            browsers.append(await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags]))
            page = await browsers[-1].new_page()
            page.set_default_timeout(60_000)
            return page

        yield launch
        for browser in browsers:
            await browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" or report.outcome != "passed":
        item.stash[OUTCOME] = (report.outcome, report.duration)
    if report.when == "teardown" and item.get_closest_marker("clients"):
        row = (*item.stash[OUTCOME], item.name, item.stash.get(INSTALLED, ""))
        item.config.stash.setdefault(ROWS, []).append(row)
    return report


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("real clients")
    for outcome, seconds, name, packages in rows:
        terminalreporter.write_line(f"{outcome:8} {seconds:5.1f} s  {name:48} {packages}")

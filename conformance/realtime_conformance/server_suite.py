"""The server suite as a whole: what is run against a target, and the target that a URL stands for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal

import aiohttp

from realtime_conformance.capabilities import without
from realtime_conformance.case import Case, selected
from realtime_conformance.checks import Unreached
from realtime_conformance.passive import judged, own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.requirement import requirement_set as checks_of_set
from realtime_conformance.runner import Plan
from realtime_conformance.server import PATIENCE, Server
from realtime_conformance.server_cases import CASES
from realtime_conformance.targets.base import Ended, Message, Opening, Refused, Silence, Target
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.targets.webrtc import WebRtcTarget
from realtime_conformance.targets.websocket import MODEL, Place, WebSocketTarget

_AGAIN = 0.25
"""Seconds until a server that is coming up is asked again."""

Transport = Literal["websocket", "webrtc"]
CORE = "core:"
"""Stands for the mock's session core on a virtual clock where a URL is asked for."""


class Unreachable(Exception):
    """There is no server to test; `str()` says what was tried, what happened and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """How a server is reached and what it does not claim.

    `transport` carries the events of sessions. `left_out` are capabilities. Without a `key` one is made up, for servers
    that want any.
    """

    url: str
    key: str | None = None
    model: str = MODEL
    transport: Transport = "websocket"
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no URL of a server, no capability, and no way to reach it.

        Raises:
            ValueError: it is not.
        """
        without(self.left_out)
        if self.is_virtual:
            return
        Place.of(self.url)

    @property
    def is_virtual(self) -> bool:
        """Whether time is virtual there, so that waiting costs nothing."""
        return self.url == CORE


@asynccontextmanager
async def reached(address: Address) -> AsyncIterator[Target]:
    """The server at an address; nothing is sent to it yet."""
    if address.is_virtual:
        core = VirtualTarget(as_call=address.transport == "webrtc")
        yield replace(core, capabilities=core.capabilities - frozenset(address.left_out))
        return
    place, capabilities = Place.of(address.url), without(address.left_out)
    async with aiohttp.ClientSession() as client:
        keys = {} if address.key is None else {"key": address.key}
        by_transport = WebRtcTarget if address.transport == "webrtc" else WebSocketTarget
        yield by_transport(place, capabilities, client, model=address.model, **keys)


def server_plan(
    target: Target,
    *,
    wanted: Iterable[str] = (),
    requirement_set: str | None = None,
    scale: float = 1.0,
    jobs: int = 1,
    with_slow: bool = False,
) -> Plan[Server]:
    """What the suite does with a target.

    Args:
        target: the server.
        wanted: ids of areas, cases and checks; everything where there are none.
        requirement_set: the name of a frozen set of checks; what came later is left out.
        scale: multiplies every wait and every deadline.
        jobs: cases that run at once.
        with_slow: whether cases run too that wait for real seconds.

    Raises:
        ValueError: something wanted names nothing.
        RequirementError: there is no such requirement set.
    """
    known = Requirements.read("server")
    words = tuple(wanted)
    # What judges a stream is asked wherever whole cases run.
    checks = selected(known.checks, (*words, "WIRE") if any("." not in word for word in words) else words)
    if requirement_set is not None:
        frozen = checks_of_set(requirement_set)
        checks = tuple(check for check in checks if check in frozen)

    @asynccontextmanager
    async def new_subject(_case: Case[Server]) -> AsyncIterator[Server]:
        yield Server(target, scale=scale)

    async def probe() -> str | None:
        try:
            await greet(target, scale=scale)
        except Unreachable as error:
            return str(error)
        return None

    return Plan(
        cases=CASES,
        wanted=frozenset(checks),
        requirements=known,
        capabilities=target.capabilities,
        new_subject=new_subject,
        judge_stream=judged,
        own_fault=own_fault,
        scale=scale,
        jobs=jobs,
        with_slow=with_slow,
        probe=probe,
    )


async def greet(target: Target, *, scale: float = 1.0, wait: float = 0.0) -> None:
    """See that a server is there: it opens a session and says something.

    Args:
        target: the server.
        scale: multiplies the seconds that it has.
        wait: seconds in which it may still come up.

    Raises:
        Unreachable: it does not.
    """
    until = time.monotonic() + wait
    while True:
        try:
            return await _greet(target, scale)
        except Unreachable:
            if time.monotonic() >= until:
                raise
        await asyncio.sleep(_AGAIN)


async def _greet(target: Target, scale: float) -> None:
    try:
        await _greeted(target, PATIENCE * scale)
    except Refused as refusal:
        raise Unreachable(f"{target.name} answered {refusal.answer.status}. {_remedy(refusal.answer.status)}") from None
    except Silence as silence:
        raise Unreachable(
            f"{target.name} takes connections, but {silence}. A session begins with session.created; a server that is "
            "only slow gets more time by --timeout-scale."
        ) from None
    except Ended as end:
        raise Unreachable(f"{target.name} took the connection and ended it: {end}") from None
    except Unreached as error:
        raise Unreachable(f"{error}. Is the server running, and is this its address?") from None


async def _greeted(target: Target, patience: float) -> None:
    try:
        async with asyncio.timeout(2 * patience), target.connect(Opening()) as connection:
            first = await connection.receive(patience)
    except TimeoutError:
        raise Silence(f"no connection was opened within {2 * patience:g} s") from None
    if error := _error_of(first):
        raise Unreachable(f"{target.name} begins with an error: {error} Look at --api-key and --model.")


def _error_of(message: Message) -> str | None:
    try:
        event = json.loads(message)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("type") != "error":
        return None
    error = event.get("error")
    return str(error.get("message") if isinstance(error, dict) else error)


def _remedy(status: int) -> str:
    match status:
        case 401 | 403:
            return "It wants another key: give it by --api-key."
        case 404 | 405:
            return "There is no Realtime API below this URL: look at its path, and at --model."
        case _:
            return "The suite asked for a session at /realtime below /v1, with ?model=; the server's log may say more."

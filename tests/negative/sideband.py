"""Servers that get sidebands wrong, by the check that each trips."""

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tests.negative.breaking import Breakage, BrokenConnection, Negative, add, change, drop
from tests.negative.webrtc import StaysOpen, deaf

from realtime_conformance.targets.base import Opening, Refused, Silence

STARTED = "output_audio_buffer.started"
DONE, UPDATED = "response.done", "session.updated"
AUDIO = {"type": "response.output_audio.delta", "delta": ""}
CREATED = {"type": "session.created", "event_id": "event_x", "session": {"type": "realtime"}}


def on_sideband(breakage: Breakage, *first: dict[str, Any]) -> Negative:
    """Only what comes over sidebands is broken; `first` comes before everything else there."""

    def broken(connection: Any) -> Any:
        if connection.has_microphone:
            return connection
        changed = BrokenConnection(connection, Negative(breakage))
        changed._waiting += first
        return changed

    return Negative(connection=broken)


def on_call(breakage: Breakage) -> Negative:
    """Only what comes over data channels is broken."""

    def broken(connection: Any) -> Any:
        return BrokenConnection(connection, Negative(breakage)) if connection.has_microphone else connection

    return Negative(connection=broken)


class Nothing:
    """A connection on which nothing ever comes."""

    has_microphone = False

    def now(self) -> float:
        return 0.0

    async def receive(self, within: float) -> str:
        raise Silence(f"nothing came within {within:g} s")


@asynccontextmanager
async def anyone_attaches(target: Any, call_id: str, opening: Opening) -> Any:
    """Even a call that is none has a sideband."""
    try:
        async with target.attach(call_id, opening) as connection:
            yield connection
    except Refused:
        yield Nothing()


def takes(key: str) -> Any:
    """A server that takes this key for a right one."""
    return lambda opening: replace(opening, key=None) if opening.key == key else opening


def answered(**values: Any) -> Negative:
    return Negative(answers=lambda _request, answer: replace(answer, **values))


NEGATIVES = {
    "SIDE-001.begins-silent": on_sideband(drop(), CREATED),
    "SIDE-001.updates": on_sideband(change(UPDATED, session__instructions="")),
    "SIDE-001.one-session": on_sideband(change(UPDATED, session__id="sess_x")),
    "SIDE-001.call-is-told": on_call(change(UPDATED, session__instructions="")),
    "SIDE-001.is-told-of-the-call": on_sideband(change(UPDATED, nth=2, session__output_modalities=[])),
    "SIDE-002.user-hears-it": Negative(heard=deaf),
    "SIDE-002.is-told-of-playback": on_sideband(drop(STARTED)),
    "SIDE-002.is-told-of-the-answer": on_sideband(drop(DONE)),
    "SIDE-002.gets-no-audio": on_sideband(add(AUDIO, after=STARTED)),
    "SIDE-003.status": answered(status=401),
    "SIDE-003.code": answered(body=b"{}"),
    "SIDE-004.call-goes-on": on_call(change(DONE, response__status="failed")),
    "SIDE-004.another-can-attach": on_sideband(change(UPDATED, session__instructions="")),
    "SIDE-005.is-closed": Negative(
        connection=lambda connection: connection if connection.has_microphone else StaysOpen(connection)
    ),
    "SIDE-005.none-attaches": Negative(attach=anyone_attaches),
    "SIDE-006.answers": on_sideband(change(DONE, response__status="failed")),
    "SIDE-006.user-hears-it": Negative(heard=deaf),
    "SIDE-007.wrong-key-is-refused": Negative(opening=takes("undefined")),
    "SIDE-007.no-key-is-refused": Negative(opening=takes("")),
}

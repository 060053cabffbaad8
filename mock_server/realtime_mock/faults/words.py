"""How the settings of a kind of fault are read: one `Word` for each word that a fault may be of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime_mock.faults.model import Always, Kind, OnConnect, OnEvent, OnRequest, Trigger
from realtime_mock.scenario.document import Node

EVENTS: tuple[type[Trigger], ...] = (Always, OnEvent)
"""For what happens to single events."""

REQUESTS: tuple[type[Trigger], ...] = (Always, OnRequest, OnConnect)
"""For what happens to requests, and to attempts to connect."""

ANYWHERE: tuple[type[Trigger], ...] = (Always, OnEvent, OnRequest, OnConnect)
"""For what can happen at any moment."""


@dataclass(frozen=True, slots=True)
class Word:
    """A kind of fault, for the reader.

    Args:
        read: the settings under the word, given what the fault is `on`; raises a located `ScenarioError`.
        on: the triggers that it can have.
        remedy: what to write under `on`, for whoever wrote something else.
    """

    read: Callable[[Node, Trigger], Kind]
    on: tuple[type[Trigger], ...]
    remedy: str


def says_nothing(node: Node) -> bool:
    """Whether a word comes without settings: `drop:`, `drop: {}` or `drop: true`."""
    return node.value is None or node.value is True or node.value in ({}, ())

"""What a user may choose about the events that are generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Audio = Literal["small", "realistic"]


@dataclass(frozen=True, slots=True)
class Options:
    """How values are drawn where the schema leaves it open.

    `audio`: base64 of a few bytes, or of 20 to 200 ms of PCM. `unknown_fields`: whether objects that may hold more keys
    than the schema names do so, as those of a later server will. `unicode`: texts of any characters, or of ASCII alone.
    `as_recorded`: whether what was always there in recordings is.
    """

    audio: Audio = "small"
    unknown_fields: bool = False
    unicode: bool = True
    as_recorded: bool = False

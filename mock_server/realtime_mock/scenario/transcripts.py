"""What a scenario says that the user said: the list `transcripts`."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_mock.api_error import ApiError
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.model import Transcript

UNINTELLIGIBLE = ApiError(
    "The audio could not be transcribed.", code="audio_unintelligible", type="transcription_error"
)
"""A failed transcription where the scenario gives no other words. The API reference shows this one."""

_WHAT = "a transcript"


def read_transcripts(node: Node) -> tuple[Transcript, ...]:
    """One transcript for each spoken turn, in their order."""
    return tuple(map(_transcript, fields.elements(node, what="'transcripts'")))


def _transcript(node: Node) -> Transcript:
    """Text alone is what the service writes; a mapping can also say when, or that it fails or never comes."""
    if isinstance(node.value, str):
        return Transcript(node.value)
    given = fields.mapping(node, what=_WHAT, allowed=("text", "after", "fail", "never"))
    _check_one_fate(node, given)
    after = fields.duration(given["after"], what="'after'") if "after" in given else None
    text = fields.any_text(given["text"], what=f"'text' of {_WHAT}") if "text" in given else None
    error = _error(given["fail"]) if "fail" in given else None
    never = "never" in given and fields.flag(given["never"], what=f"'never' of {_WHAT}")
    return Transcript(text, after, error, never)


def _check_one_fate(node: Node, given: Mapping[str, Node]) -> None:
    if not given:
        raise node.error(f"{_WHAT} says nothing; use one of: text, after, fail, never")
    if "never" in given and len(given) > 1:
        raise node.keys["never"].error("a transcript that never comes has nothing else; remove the other keys")
    if "fail" in given and "text" in given:
        raise node.keys["text"].error("a transcription that fails has no text; remove 'text' or 'fail'")


def _error(node: Node) -> ApiError:
    what = f"'fail' of {_WHAT}"
    given = fields.mapping(node, what=what, allowed=("type", "code", "message"))
    words = {key: fields.text(value, what=f"'{key}' of {what}") for key, value in given.items()}
    return ApiError(
        words.get("message", UNINTELLIGIBLE.message),
        code=words.get("code", UNINTELLIGIBLE.code),
        type=words.get("type", UNINTELLIGIBLE.type),
    )

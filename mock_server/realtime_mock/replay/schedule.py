"""When the mock gets what: the client's messages and the user's speech, each at its place.

The rule is that of the package: an input comes right before the recorded event that answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from realtime_mock.replay.progress import Progress, is_main
from realtime_mock.replay.recording import Event, Frame, Recording, at, text_at

APPEND = "input_audio_buffer.append"
SPEECH = ("input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped")
TIMEOUT = "input_audio_buffer.timeout_triggered"
_ENDS_OF_SPEECH = (SPEECH[1], TIMEOUT)

ANSWERS = {
    "session.update": "session.updated",
    "conversation.item.create": "conversation.item.added",
    "conversation.item.delete": "conversation.item.deleted",
    "conversation.item.retrieve": "conversation.item.retrieved",
    "conversation.item.truncate": "conversation.item.truncated",
    "input_audio_buffer.commit": "input_audio_buffer.committed",
    "input_audio_buffer.clear": "input_audio_buffer.cleared",
    "output_audio_buffer.clear": "output_audio_buffer.cleared",
    "response.create": "response.created",
    "response.cancel": "response.done",
}
"""The event that answers each client event, where an error does not."""


@dataclass(frozen=True, slots=True)
class Input:
    """Something that the mock gets once it has come as far as `after`.

    `frame` is the client's message, or the `speech_*` event that the detector is to repeat.
    `answer` is the event that answers a message, None where the recording shows none.
    """

    after: Progress
    frame: Frame
    answer: Frame | None = None


def schedule(recording: Recording) -> list[Input]:
    """Everything that the mock gets, in order."""
    placed = [*_messages(recording), *_speech(recording)]
    placed.sort(key=lambda entry: entry[0])
    before = _progress_before(recording)
    return [Input(_combined(before[place], before[text]), frame, answer) for place, text, frame, answer in placed]


_Placed = tuple[int, int, Frame, Frame | None]
"""The frames before which all events, and all text, must have come; what is given; what answers it."""


def _combined(events: Progress, text: Progress) -> Progress:
    return Progress(events.events, max(events.characters, text.characters))


def _progress_before(recording: Recording) -> list[Progress]:
    """What the server had sent before each frame."""
    before = [Progress()]
    for frame in recording.frames:
        before.append(before[-1] if frame.sent else before[-1].behind(frame.event))
    return before


def _messages(recording: Recording) -> Iterator[_Placed]:
    """The client's messages. The service takes them in order, so each is answered behind the one before."""
    answers = Answers(recording)
    place = 0
    for frame in recording.sent:
        answer = answers.take(frame)
        place = max(place, frame.number if answer is None else answer.number)
        first = place
        if answer is not None and answer.type == "response.done":
            first = _closing_of(recording, frame, answer)
        yield first, place, frame, answer


def _speech(recording: Recording) -> Iterator[_Placed]:
    for frame in recording.received:
        if frame.type not in SPEECH:
            continue
        text = frame.number
        if frame.type == SPEECH[0]:
            text = max(text, _interrupted_until(recording, frame))
        yield frame.number, text, frame, None


def _interrupted_until(recording: Recording, started: Frame) -> int:
    """The `response.done` of the response that this speech interrupts, or 0."""
    for frame in recording.frames[started.number :]:
        if frame.type == "response.created":
            break
        if frame.type == "response.done":
            reason = at(frame.event, "response.status_details.reason")
            return frame.number if reason == "turn_detected" else 0
    return 0


def _closing_of(recording: Recording, cancel: Frame, done: Frame) -> int:
    """The first event of those that end a cancelled response: behind the cancel, of an item that stays incomplete."""
    cut = {text_at(item, "id") for item in done.event["response"]["output"] if at(item, "status") == "incomplete"}
    for frame in recording.frames[cancel.number : done.number]:
        if frame.type.endswith(".done") and cut & {text_at(frame.event, "item_id"), text_at(frame.event, "item.id")}:
            return frame.number
    return done.number


class Answers:
    """Finds the answer of each message; every event answers at most one."""

    def __init__(self, recording: Recording) -> None:
        self._candidates = [frame for frame in recording.received if _can_answer(frame)]
        self._made = made_by_the_server(recording)

    def take(self, message: Frame) -> Frame | None:
        """The first event behind the message, and behind the answer before, that can answer it."""
        if message.type == APPEND:
            return None
        for place, frame in enumerate(self._candidates):
            if frame.number > message.number and self._answers(frame, message):
                del self._candidates[: place + 1]
                return frame
        return None

    def _answers(self, frame: Frame, message: Frame) -> bool:
        if frame.type == "error":
            named = at(frame.event, "error.event_id")
            return named is None or named == message.event.get("event_id")
        if frame.type != ANSWERS.get(message.type) or frame.number in self._made:
            return False
        check = _CHECKS.get(message.type)
        return check is None or check(frame.event, message.event)


def _can_answer(frame: Frame) -> bool:
    return frame.type == "error" or frame.type in ANSWERS.values()


def _is_item_of(added: Event, create: Event) -> bool:
    given = [(key, at(create, f"item.{key}")) for key in ("id", "type", "role", "call_id")]
    return all(added["item"].get(key) == value for key, value in given if value is not None)


def _is_cancelled(done: Event, cancel: Event) -> bool:
    is_answer = at(done, "response.status_details.reason") == "client_cancelled"
    return is_answer and cancel.get("response_id") in (None, done["response"]["id"])


_CHECKS: dict[str, Callable[[Event, Event], bool]] = {
    "conversation.item.create": _is_item_of,
    "response.cancel": _is_cancelled,
}


def made_by_the_server(recording: Recording) -> set[int]:
    """The numbers of frames that answer no message: what voice detection and responses do by themselves."""
    main = [frame for frame in recording.received if is_main(frame.event)]
    generated = {text_at(frame.event, "item.id") for frame in main if frame.type == "response.output_item.added"}
    spoken = {frame.event["item_id"] for frame in main if frame.type in _ENDS_OF_SPEECH}
    made = set()
    for before, frame in pairwise(main):
        match frame.type:
            case "input_audio_buffer.committed":
                is_own = frame.event["item_id"] in spoken
            case "conversation.item.added":
                is_own = before.type == TIMEOUT or text_at(frame.event, "item.id") in generated | spoken
            case "response.created":
                is_own = before.type == "conversation.item.done" and text_at(before.event, "item.id") in spoken
            case _:
                is_own = False
        if is_own:
            made.add(frame.number)
    return made

"""Words: how many of a hundred listed phrases are heard right, by every way that speech takes to the mock.

The ways are the project's own transports: WebSocket with PCM and G.711, a call by libwebrtc (`wrtc`), which shares no
code with the mock, with Opus at 16 and 24 kbit/s, with one packet in twenty lost and with none, and the
microphone of a page in Chromium. What was said, by whom, and the seeds were not used to choose how the ear decides.

    python bench hearing [--short]

All of it takes about half an hour: calls and pages speak in real time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec

import hearing_paths as paths
from figures import Figure
from hearing_phrases import OTHER_VOICES, VOICES, as_recorded, babble, noises, phrases

from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.hearing.ear import Ear, Rules
from realtime_mock.media.codecs import OPUS, PCMU, Codec
from realtime_mock.media.voice import default_voice
from realtime_mock.scenario.model import Phrase, Scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

SEED = 2026
LISTED = 100
FIXED = Rules(base=0.3, per_noise=0.0, for_loss=0.1, most=0.4, apart=0.0, most_hidden=10**6)
"""The thresholds that the ear would have if they were the same on every line and for every list of phrases."""

LOSS = {"rtp_loss": {"direction": "in"}, "probability": 0.05}
_AT_ONCE = 4
"""Calls that speak at the same time."""

_VOICE = default_voice()
"""One for all, since it keeps what it has said."""

Carry = Callable[[RealtimeMock, Sequence[bytes]], Awaitable[list[paths.Answer]]]


@dataclass(frozen=True, slots=True)
class Path:
    """One way for speech; `trials` is how much is said on it in each voice."""

    name: str
    carry: Carry
    trials: int
    loses: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One sound, and the phrase that it is, None where a scenario does not list it."""

    pcm: bytes = field(repr=False)
    says: str | None


def measure(*, short: bool) -> list[Figure]:
    """The figures of every way that there is here."""
    figures: list[Figure] = []
    for path in _paths(short=short):
        figures += asyncio.run(_on(path))
    if not short:
        figures += asyncio.run(_false_alarms())
    return [*figures, *_thresholds(trials=20 if short else 150), *_costs(short=short)]


def _paths(*, short: bool) -> Iterator[Path]:
    for name, form in (("PCM", "audio/pcm"), ("u-law", "audio/pcmu"), ("A-law", "audio/pcma")):
        yield Path(f"WebSocket, {name}", partial(_websocket, form=form), 20 if short else 200)
    if find_spec("webrtc") is not None:
        for kbit in (24, 16):
            if not short:
                yield Path(f"call, Opus {kbit}", partial(_calls, kbit=kbit), 100)
            yield Path(f"call, Opus {kbit}, 5 % lost", partial(_calls, kbit=kbit), 8 if short else 100, loses=True)
    if find_spec("playwright") is not None and paths.chromium() is not None and not short:
        yield Path("Chromium's microphone", paths.browser, 60)


async def _websocket(mock: RealtimeMock, sounds: Sequence[bytes], *, form: str) -> list[paths.Answer]:
    return await paths.websocket(mock, sounds, form)


async def _calls(mock: RealtimeMock, sounds: Sequence[bytes], *, kbit: int) -> list[paths.Answer]:
    """The sounds shared among a few calls."""
    answers: list[paths.Answer] = [paths.Answer()] * len(sounds)
    calls = []
    for first in range(_AT_ONCE):
        ready = asyncio.Event()
        calls.append(asyncio.create_task(paths.call(mock, sounds[first::_AT_ONCE], kbit=kbit, ready=ready)))
        await ready.wait()
    for first, call in enumerate(calls):
        answers[first::_AT_ONCE] = await call
    return answers


async def _on(path: Path) -> list[Figure]:
    """What becomes of listed and of unlisted phrases on one way, in each voice."""
    right, wrong, unknown, taken, delays = [], [], [], [], []
    for number, voice in enumerate(VOICES):
        drawn = phrases(LISTED, path.trials // 2, seed=SEED + number)
        trials = _trials(drawn.listed, drawn.unlisted, voice=voice, count=path.trials, seed=SEED + number)
        answers = await _carried(path, drawn.listed, trials, voice=voice)
        listed = [(trial, answer) for trial, answer in zip(trials, answers, strict=True) if trial.says is not None]
        others = [answer for trial, answer in zip(trials, answers, strict=True) if trial.says is None]
        right.append(_percent(answer.says == trial.says for trial, answer in listed))
        unknown.append(_percent(answer.says is None for _, answer in listed))
        wrong.append(_percent(answer.says not in (None, trial.says) for trial, answer in listed))
        taken.append(_percent(answer.says is not None for answer in others))
        delays.append(_middle([answer.delay for answer in answers if answer.delay is not None]))
    return [
        _figure("of listed phrases heard right", "%", path.name, right),
        _figure("of listed phrases heard wrong", "%", path.name, wrong),
        _figure("of listed phrases not known", "%", path.name, unknown),
        _figure("of unlisted near-misses taken for a listed phrase", "%", path.name, taken),
        _figure("from the end of speech to the words", "ms", path.name, delays),
    ]


async def _carried(path: Path, listed: Sequence[str], trials: Sequence[Trial], *, voice: str) -> list[paths.Answer]:
    scenario = Scenario(
        "bench", phrases=[Phrase(says, voice=voice) for says in listed], faults=[LOSS] if path.loses else []
    )
    async with RealtimeMock(Settings(port=0), scenario, voice=_VOICE) as mock:
        # What it takes to teach is measured by itself.
        await mock.factory.ears.taught(scenario)
        return await path.carry(mock, [trial.pcm for trial in trials])


def _trials(listed: Sequence[str], unlisted: Sequence[str], *, voice: str, count: int, seed: int) -> list[Trial]:
    """So many listed phrases and all the unlisted ones, as a microphone gives them, in any order."""
    chance = random.Random(seed)
    texts = [*((chance.choice(listed), True) for _ in range(count)), *((text, False) for text in unlisted)]
    chance.shuffle(texts)
    return [
        Trial(as_recorded(_VOICE.speak(text, voice=voice, speed=1.0).pcm, chance), text if is_listed else None)
        for text, is_listed in texts
    ]


async def _false_alarms() -> list[Figure]:
    """What is no listed phrase at all: noise, voices at once, and listed phrases in other voices."""
    voice, said = VOICES[0], _VOICE
    listed = phrases(LISTED, 0, seed=SEED).listed
    chance = random.Random(SEED)
    others = [(text, name) for name in OTHER_VOICES for text in listed]
    sounds: dict[str, list[bytes]] = {
        "noise": list(noises(150, seed=SEED)),
        "four voices at once": list(babble(said, listed, 150, seed=SEED)),
        "other voices": [said.speak(text, voice=name, speed=1.0).pcm for text, name in others],
    }
    path = Path("WebSocket, PCM", partial(_websocket, form="audio/pcm"), 0)
    figures = []
    for name, given in sounds.items():
        trials = [Trial(as_recorded(pcm, chance), None) for pcm in given]
        answers = await _carried(path, listed, trials, voice=voice)
        figures.append(_figure("taken for a phrase", "%", name, [_percent(a.says is not None for a in answers)]))
        if name == "other voices":
            right = _percent(answer.says == text for answer, (text, _) in zip(answers, others, strict=True))
            figures.append(_figure("taken for the phrase that was said", "%", name, [right]))
    return figures


def _thresholds(*, trials: int) -> list[Figure]:
    """What it helps that thresholds go by the line and by the closest phrases: the same sounds, heard with both."""
    voice, said = VOICES[0], _VOICE
    drawn = phrases(LISTED, trials // 2, seed=SEED)
    taught = [(says, said.speak(says, voice=voice, speed=1.0).pcm) for says in drawn.listed]
    given = _trials(drawn.listed, drawn.unlisted, voice=voice, count=trials, seed=SEED)
    lines = {
        "u-law": [_over(PCMU, trial.pcm) for trial in given],
        "Opus 32": [_over(OPUS, trial.pcm) for trial in given],
    }
    figures = []
    for side, rules in (("fixed", FIXED), ("by line and phrases", Rules())):
        ear = Ear(taught, rules=rules)
        for line, sounds in lines.items():
            heard = [ear.hear(sound).says for sound in sounds]
            pairs = list(zip(given, heard, strict=True))
            right = _percent(says == trial.says for trial, says in pairs if trial.says is not None)
            taken = _percent(says is not None for trial, says in pairs if trial.says is None)
            figures.append(_figure(f"{line}: listed phrases heard right", "%", f"thresholds {side}", [right]))
            figures.append(_figure(f"{line}: near-misses taken for a phrase", "%", f"thresholds {side}", [taken]))
    return sorted(figures, key=lambda figure: figure.quantity)


def _over(codec: Codec, pcm: bytes) -> bytes:
    decoder = codec.new_decoder()
    return decoder.decode(*codec.encode(pcm))


def _costs(*, short: bool) -> list[Figure]:
    """What hearing and teaching take of the processor."""
    figures = []
    for count in (10, 100) if short else (10, 100, 500):
        listed = phrases(count, 0, seed=SEED).listed
        sounds = [(says, _VOICE.speak(says, voice=VOICES[0], speed=1.0).pcm) for says in listed]
        before = time.process_time()
        ear = Ear(sounds)
        taught = (time.process_time() - before) * 1000 / count
        ear.hear(sounds[0][1])
        rounds = [_hearing_cost(ear, [pcm for _, pcm in sounds[start : start + 10]]) for start in range(0, 10 * 3, 10)]
        figures += [
            _figure("processor for a second of speech", "ms", f"{count} phrases", [cost for cost in rounds if cost]),
            _figure("processor to teach a phrase", "ms", f"{count} phrases", [taught]),
        ]
    return figures


def _hearing_cost(ear: Ear, sounds: Sequence[bytes]) -> float:
    before = time.process_time()
    for sound in sounds:
        ear.hear(sound)
    seconds = sum(map(len, sounds)) / (2 * SAMPLE_RATE)
    return (time.process_time() - before) * 1000 / seconds if seconds else 0.0


def _figure(quantity: str, unit: str, side: str, rounds: Sequence[float]) -> Figure:
    return Figure("hearing", quantity, unit, side, tuple(rounds))


def _percent(hits: Iterable[bool]) -> float:
    found = list(hits)
    return 100 * sum(found) / len(found) if found else 0.0


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0

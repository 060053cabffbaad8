"""What is said in the benchmark of hearing: phrases, others that differ from them in a word, and mere sounds.

Nothing of it was used to choose how the ear decides: neither phrases, nor the voices that say them, nor seeds.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from realtime_mock.audio.pcm import pcm_of, samples_of
from realtime_mock.core.speech import SAMPLE_RATE, Voice

VOICES = ("sage", "verse")
OTHER_VOICES = ("ash", "shimmer", "ballad")

_TEMPLATES = (
    "I want to rent a {car} from {day} to Sunday",
    "do you have a table for {count} on {day} evening",
    "please move my appointment to {day} {part}",
    "I have lost my {thing}",
    "I have left my {thing} at the {place}",
    "send {food} and {drink} to the {place}",
    "somebody has stolen my {thing}",
    "how do I reset the {device}",
    "the {device} does not work any more",
    "read me the news about {topic}",
    "tell me something about {topic}",
    "I am calling about order number {digit} {other} {third}",
    "my date of birth is the {ordinal} of {month}",
    "which bus goes to the {place}",
    "when does the {place} close on {day}",
    "add {food} and {drink} to my shopping list",
    "do you deliver {food} to the {place}",
    "can you speak a little {manner}",
    "I did not understand the last {unit}",
    "open the {room} door",
    "is anybody in the {room}",
    "call me at {digit} {third} {other} tomorrow",
    "the light in the {room} is broken",
    "goodbye",
    "go back",
    "yes please",
    "no thank you",
)
_WORDS = {
    "car": ("small car", "van", "motorcycle", "truck"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    "count": ("two", "four", "six", "eight"),
    "part": ("morning", "afternoon", "evening"),
    "thing": ("passport", "credit card", "wallet", "phone", "luggage"),
    "device": ("router", "printer", "thermostat", "television"),
    "topic": ("football", "politics", "space travel", "gardening"),
    "digit": ("one", "three", "seven"),
    "other": ("two", "five", "nine"),
    "third": ("zero", "four", "eight"),
    "ordinal": ("first", "second", "third", "fifth", "ninth", "tenth", "twelfth"),
    "month": ("January", "February", "March", "April", "July", "August", "November", "December"),
    "place": ("museum", "airport", "harbour", "stadium", "cinema", "theatre"),
    "food": ("bread", "noodles", "tomatoes", "cheese", "apples", "mushrooms"),
    "drink": ("milk", "orange juice", "coffee", "lemonade"),
    "manner": ("louder", "slower", "faster"),
    "unit": ("word", "sentence", "question"),
    "room": ("cellar", "attic", "nursery", "hall"),
}


@dataclass(frozen=True, slots=True)
class Phrases:
    """Those that a scenario lists, and others of the same templates: nearly all differ from a listed one in a word."""

    listed: tuple[str, ...]
    unlisted: tuple[str, ...]


def phrases(listed: int, unlisted: int, *, seed: int) -> Phrases:
    """So many of each, drawn by the seed."""
    every = list(_every())
    random.Random(seed).shuffle(every)
    return Phrases(tuple(every[:listed]), tuple(every[listed : listed + unlisted]))


def as_recorded(pcm: bytes, chance: random.Random) -> bytes:
    """Speech as a microphone gives it: 12 dB softer to 6 dB louder, over noise at -66 dBFS, silence around it."""
    gain = 10 ** (chance.uniform(-12, 6) / 20)
    before, behind = (np.zeros(int(chance.uniform(*span) * SAMPLE_RATE)) for span in ((0.3, 0.5), (0.7, 0.9)))
    sound = np.concatenate((before, samples_of(pcm) * gain, behind))
    noise = np.random.RandomState(chance.randrange(2**31)).standard_normal(len(sound))
    return pcm_of(sound + noise * 32768 * 10 ** (-66 / 20))


def noises(count: int, *, seed: int) -> Iterator[bytes]:
    """White noise and noise whose power falls with the frequency, one to three seconds at -30 to -15 dBFS."""
    chance = random.Random(seed)
    for number in range(count):
        length = int(chance.uniform(1, 3) * SAMPLE_RATE)
        white = np.random.RandomState(chance.randrange(2**31)).standard_normal(length)
        spectrum = np.fft.rfft(white)
        shaped = spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))) if number % 2 else spectrum
        sound = np.fft.irfft(shaped, length)
        level = 32768 * 10 ** (chance.uniform(-30, -15) / 20)
        yield pcm_of(sound * level / np.sqrt(np.mean(sound**2)))


def babble(voice: Voice, said: Sequence[str], count: int, *, seed: int) -> Iterator[bytes]:
    """Four voices at once."""
    chance = random.Random(seed)
    for _ in range(count):
        sounds = [
            samples_of(voice.speak(chance.choice(said), voice=name, speed=1.0).pcm)
            for name in chance.sample((*OTHER_VOICES, "coral", "marin"), 4)
        ]
        mixed = np.zeros(max(map(len, sounds)))
        for sound in sounds:
            mixed[: len(sound)] += sound / 2
        yield pcm_of(mixed)


def _every() -> Iterator[str]:
    for template in _TEMPLATES:
        names = [name for name in _WORDS if f"{{{name}}}" in template]
        for chosen in itertools.product(*(_WORDS[name] for name in names)):
            yield template.format(**dict(zip(names, chosen, strict=True)))

"""What an ear is taught: the sound of every phrase, in the voice that will say it or as it was recorded."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_mock.core.speech import Voice
from realtime_mock.hearing.ear import Ear
from realtime_mock.scenario.phrase import Phrase


def sound_of(phrase: Phrase, voice: Voice) -> bytes:
    """24 kHz PCM of a phrase."""
    if phrase.recording is not None:
        return phrase.recording.pcm
    return voice.speak(phrase.says, voice=phrase.voice, speed=phrase.speed).pcm


def teach(phrases: Iterable[Phrase], voice: Voice) -> Ear:
    """An ear that knows these phrases. Takes about 5 ms for each."""
    return Ear([(phrase.says, sound_of(phrase, voice)) for phrase in phrases])


def warnings(ear: Ear) -> list[str]:
    """A sentence for each pair of phrases that may be taken for one another, and for each that has no sound."""
    close = [
        f'"{pair.one}" and "{pair.other}" sound nearly alike ({pair.likeness:.2f} of 1 where they differ most): '
        "one may be heard as the other, or neither be known on a bad line; say one of them in other words"
        for pair in ear.close_pairs()
    ]
    silent = [f'"{says}" has no sound, so it is never heard; write words that can be spoken' for says in ear.silent]
    return [*silent, *close]

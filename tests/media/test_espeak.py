"""What is particular to espeak-ng."""

import subprocess
import sys
from pathlib import Path

import pytest

espeakng_loader = pytest.importorskip(
    "espeakng_loader", reason="espeakng-loader is not installed (realtime-mock[speech])"
)

from realtime_mock.media import espeak  # noqa: E402 - needs the loader
from realtime_mock.media.espeak import EspeakError, EspeakSynthesizer  # noqa: E402
from realtime_mock.media.voice import SentenceVoice, default_voice, tone_voice  # noqa: E402


def say(text: str, synthesizer: EspeakSynthesizer | None = None) -> bytes:
    return b"".join((synthesizer or EspeakSynthesizer()).say([text], voice="alloy", speed=1.0))


def test_another_process_says_the_same_bytes() -> None:
    script = (
        "import sys; from realtime_mock.media.voice import default_voice;"
        "sys.stdout.buffer.write(default_voice().speak('Hello there.', voice='ash', speed=1.0).pcm)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=True)
    assert done.stdout == default_voice().speak("Hello there.", voice="ash", speed=1.0).pcm


def test_a_data_path_too_long_for_espeak_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    (deep / "data").symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    expected = say("Hello.")
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep / "data"))
    assert say("Hello.") == expected


def test_missing_data_is_an_error_and_not_the_end_of_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    with pytest.raises(EspeakError, match="initialization"):
        EspeakSynthesizer()


def test_a_library_that_does_not_load_leaves_the_numpy_voice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken.so").write_bytes(b"not a library")
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "broken.so"))
    spoken = default_voice().speak("Hello.", voice="alloy", speed=1.0)
    assert spoken == tone_voice().speak("Hello.", voice="alloy", speed=1.0)


@pytest.mark.parametrize("markup", ["<break time='9s'/>", "[[h@l'oU]]", "\x01150s", "&lt;"])
def test_markup_is_not_obeyed(markup: str) -> None:
    voice = SentenceVoice(EspeakSynthesizer())
    plain, marked = (voice.speak(text, voice="alloy", speed=1.0) for text in ("Hello.", f"Hello {markup}."))
    assert plain.duration + 0.2 < marked.duration < plain.duration + 4.0


def test_an_abandoned_utterance_frees_the_library() -> None:
    synthesizer = EspeakSynthesizer()
    abandoned = synthesizer.say(["One.", "Two."], voice="alloy", speed=1.0)
    next(abandoned)
    abandoned.close()
    assert say("Hello.", synthesizer) == say("Hello.")
    assert espeak._library_lock.acquire(blocking=False)
    espeak._library_lock.release()


def test_the_link_to_the_data_goes_with_the_synthesizer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(espeak, "_LONGEST_DATA_PATH", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    synthesizer = EspeakSynthesizer()
    assert len(list(tmp_path.iterdir())) == 1
    del synthesizer
    assert list(tmp_path.iterdir()) == []
    assert Path(espeakng_loader.get_data_path()).is_dir()

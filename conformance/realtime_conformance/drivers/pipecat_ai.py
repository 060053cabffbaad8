"""Driver for pipecat-ai (PyPI), `OpenAIRealtimeLLMService`: `python pipecat_ai.py`, where it is installed.

The framework holds the conversation; here is only its user, at both ends of a pipeline. What the user is told of
failures is what comes up the pipeline as an `ErrorFrame`.
"""

import asyncio
import importlib.metadata
import json
import os
import sys
import time
import wave

from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames import frames
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.workers.runner import WorkerRunner

CAN = [
    *("websocket", "converse", "speak", "tools", "interrupt-by-voice", "long", "text-output"),
    *("truncates", "transcribes"),
    *("reports-answers", "reports-audio", "reports-user", "reports-calls", "reports-errors", "reports-closes"),
]
CHUNK = 4_800
TOLD = {name.removeprefix("REALTIME_").lower(): value for name, value in os.environ.items()}


def write(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def tell(report, **what):
    write({"report": report, **what})


class Player:
    """What comes is played in real time, and stops where the framework says so."""

    seconds = 0.0
    until = 0.0

    def play(self, size):
        self.until = max(self.until, time.monotonic()) + size / 48_000
        self.seconds += size / 48_000

    def stop(self):
        now = time.monotonic()
        self.seconds -= max(0.0, self.until - now)
        self.until = now


class Ears(FrameProcessor):
    """Sits behind the service: what its user reads and hears."""

    def __init__(self):
        super().__init__()
        self.player = Player()
        self.words = []
        self.calls = False
        self.over, self.heard = asyncio.Event(), asyncio.Event()

    def begin(self):
        self.over.clear()
        self.heard.clear()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        match frame:
            case frames.TTSAudioRawFrame():
                self.player.play(len(frame.audio))
                self.heard.set()
            # In speech each piece of text comes as both; in writing there is no TTS.
            case frames.TTSTextFrame():
                self.words.append(frame.text)
            case frames.LLMTextFrame() if TOLD["modality"] == "text":
                self.words.append(frame.text)
            case frames.InterruptionFrame():
                self.player.stop()
            case frames.FunctionCallsStartedFrame():
                self.calls = True
            case frames.LLMFullResponseEndFrame():
                self.end()
        await self.push_frame(frame, direction)

    def end(self):
        text, self.words = "".join(self.words).strip(), []
        if text:
            tell("answer", text=text)
        # After calls the framework asks for another response by itself.
        if not self.calls:
            self.over.set()
        self.calls = False


class Eyes(FrameProcessor):
    """Sits before the service: what comes up the pipeline."""

    def __init__(self, ears):
        super().__init__()
        self.ears = ears

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        match frame:
            case frames.TranscriptionFrame():
                tell("user", text=frame.text)
            case frames.ErrorFrame():
                tell("error", message=str(frame.error))
                self.ears.over.set()
        await self.push_frame(frame, direction)


class Talk:
    """What the user does."""

    def __init__(self, worker, context, eyes, ears):
        self.worker, self.context, self.eyes, self.ears = worker, context, eyes, ears

    async def perform(self):
        exercises = {"speak": self.speak_turns, "interrupt": self.interrupt}
        await exercises.get(TOLD["exercise"], self.converse)()
        await self.worker.queue_frame(frames.EndFrame())

    async def converse(self):
        await self.begin()
        await self.ears.over.wait()
        for text in json.loads(TOLD["texts"])[1:]:
            self.ears.begin()
            message = [{"role": "user", "content": text}]
            # Behind the user's aggregator, which would keep it from the service.
            await self.eyes.push_frame(frames.LLMMessagesAppendFrame(messages=message, run_llm=True))
            await self.ears.over.wait()

    async def speak_turns(self):
        # The service sends no audio before its session is set up.
        await asyncio.sleep(0.5)
        for _ in range(int(TOLD["turns"])):
            self.ears.begin()
            await self.speak()
            await self.ears.over.wait()

    async def interrupt(self):
        await self.begin()
        await self.ears.heard.wait()
        await asyncio.sleep(float(TOLD["interrupt_after"]))
        self.ears.begin()
        speaking = asyncio.create_task(self.speak())
        await self.ears.over.wait()
        # The answer to what is said may begin before all of it is said.
        self.ears.begin()
        await asyncio.gather(speaking, self.ears.over.wait())

    async def begin(self):
        self.ears.begin()
        await self.worker.queue_frame(frames.LLMContextFrame(self.context))

    async def speak(self):
        with wave.open(TOLD["audio"]) as file:
            audio = file.readframes(file.getnframes())
        for start in range(0, len(audio), CHUNK):
            await self.worker.queue_frame(frames.InputAudioRawFrame(audio[start : start + CHUNK], 24_000, 1))
            await asyncio.sleep(0.01)


async def run(params):
    tell("call", name=params.function_name, arguments=dict(params.arguments))
    await params.result_callback(TOLD["function_output"])


def new_service():
    transcription = events.InputAudioTranscription(model="gpt-4o-mini-transcribe")
    properties = events.SessionProperties(
        instructions=TOLD["instructions"],
        output_modalities=[TOLD["modality"]],
        audio=events.AudioConfiguration(input=events.AudioInput(transcription=transcription)),
    )
    return OpenAIRealtimeLLMService(
        api_key=os.environ["OPENAI_API_KEY"],
        base_url=TOLD["url"],
        settings=OpenAIRealtimeLLMService.Settings(model=TOLD["model"], session_properties=properties),
    )


def new_context(llm):
    messages = [{"role": "user", "content": json.loads(TOLD["texts"])[0]}]
    schemas = []
    for tool in json.loads(TOLD["tools"]):
        llm.register_function(tool["name"], run)
        parameters = tool["parameters"]
        schemas.append(
            FunctionSchema(tool["name"], tool["description"], parameters["properties"], parameters["required"])
        )
    return LLMContext(messages, tools=ToolsSchema(standard_tools=schemas)) if schemas else LLMContext(messages)


async def main():
    llm = new_service()
    context = new_context(llm)
    pair = LLMContextAggregatorPair(context)
    ears = Ears()
    eyes = Eyes(ears)
    worker = PipelineWorker(Pipeline([pair.user(), eyes, llm, ears, pair.assistant()]), enable_rtvi=False)
    runner = WorkerRunner()
    await runner.add_workers(worker)
    await asyncio.gather(runner.run(), Talk(worker, context, eyes, ears).perform())
    tell("heard", seconds=ears.player.seconds)


if TOLD.get("exercise") == "describe":
    version = importlib.metadata.version("pipecat-ai")
    write({"driver": "pipecat-ai (PyPI), OpenAIRealtimeLLMService", "version": version, "can": CAN})
else:
    asyncio.run(main())

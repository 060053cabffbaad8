"""What a user would write with aiortc: answers calls, plays a sound, and reads what the client says.

python bench/plain_answerer.py PORT
"""

from __future__ import annotations

import asyncio
import fractions
import itertools
import sys
import time

import numpy as np
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

RATE, SAMPLES = 24_000, 480
MOMENTS = np.arange(RATE * 4) / RATE
SPEECH = np.rint(
    9000 * np.sin(2 * np.pi * 220 * MOMENTS + 8 * np.sin(2 * np.pi * 3 * MOMENTS)) * np.sin(np.pi * 4 * MOMENTS) ** 2
).astype("<i2")


class Sound(MediaStreamTrack):
    """Four seconds of sound again and again, 20 ms at a time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._start: float | None = None
        self._frames = itertools.count()

    async def recv(self) -> AudioFrame:
        """The frame that is due next, when it is due."""
        number = next(self._frames)
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        await asyncio.sleep(max(0.0, self._start + number * 0.02 - now))
        at = number * SAMPLES % (len(SPEECH) - SAMPLES)
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(SPEECH[at : at + SAMPLES].tobytes())
        frame.pts, frame.sample_rate, frame.time_base = number * SAMPLES, RATE, fractions.Fraction(1, RATE)
        return frame


async def read(track: MediaStreamTrack) -> None:
    """Take every frame, and do nothing with it."""
    while True:
        try:
            await track.recv()
        except MediaStreamError:
            return


class Answerer:
    """The calls."""

    def __init__(self) -> None:
        self._peers: dict[str, RTCPeerConnection] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.on("track", self._read)
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        peer.addTrack(Sound())
        await peer.setLocalDescription(await peer.createAnswer())
        name = f"/v1/realtime/calls/{len(self._peers)}"
        self._peers[name] = peer
        return web.Response(status=201, text=peer.localDescription.sdp, headers={"Location": name})

    async def hang_up(self, request: web.Request) -> web.Response:
        """The end of one."""
        await self._peers[request.path.removesuffix("/hangup")].close()
        return web.Response()

    def _read(self, track: MediaStreamTrack) -> None:
        task = asyncio.create_task(read(track))
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)


if __name__ == "__main__":
    answerer = Answerer()
    app = web.Application()
    app.router.add_post("/v1/realtime/calls", answerer.answer)
    app.router.add_post("/v1/realtime/calls/{number}/hangup", answerer.hang_up)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)

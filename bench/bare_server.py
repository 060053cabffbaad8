"""The floor: aiohttp and orjson play a text turn, and check, journal and remember nothing.

python bench/bare_server.py PORT
"""

from __future__ import annotations

import sys

import orjson
from aiohttp import WSMsgType, web
from turn import ANSWER

PIECES = [ANSWER[at : at + 4] for at in range(0, len(ANSWER), 4)]


async def connect(request: web.Request) -> web.WebSocketResponse:
    """One session: an answer to each `response.create`."""
    socket = web.WebSocketResponse(compress=False, max_msg_size=32 * 2**20)
    await socket.prepare(request)
    await send(socket, "session.created", session={"id": "sess_1", "type": "realtime", "instructions": ""})
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        event = orjson.loads(message.data)
        if event["type"] == "conversation.item.create":
            await send(socket, "conversation.item.added", previous_item_id=None, item=event["item"])
        elif event["type"] == "response.create":
            await respond(socket)
    return socket


async def respond(socket: web.WebSocketResponse) -> None:
    """The events of a text response."""
    response = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": []}
    item = {"id": "item_1", "type": "message", "role": "assistant", "content": []}
    where = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    await send(socket, "response.created", response=response)
    await send(socket, "response.output_item.added", response_id="resp_1", output_index=0, item=item)
    await send(socket, "response.content_part.added", **where, part={"type": "text", "text": ""})
    for piece in PIECES:
        await send(socket, "response.output_text.delta", **where, delta=piece)
    await send(socket, "response.output_text.done", **where, text=ANSWER)
    await send(socket, "response.content_part.done", **where, part={"type": "text", "text": ANSWER})
    await send(socket, "response.output_item.done", response_id="resp_1", output_index=0, item=item)
    await send(socket, "response.done", response={**response, "status": "completed", "output": [item]})


async def send(socket: web.WebSocketResponse, kind: str, **fields: object) -> None:
    """One event."""
    await socket.send_str(orjson.dumps({"type": kind, "event_id": "event_1", **fields}).decode())


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/v1/realtime", connect)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)

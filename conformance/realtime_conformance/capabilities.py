"""What a server or a client may claim, and what follows where it does not: cases that need it are skipped."""

from __future__ import annotations

from collections.abc import Iterable

SERVER: dict[str, str] = {
    "audio": "answers with speech",
    "tools": "calls functions",
    "images": "looks at images",
    "audio-events": "takes and gives audio as events, as it does on a WebSocket",
    "vad": "finds the turns of a user who speaks (`server_vad`)",
    "semantic-vad": "finds turns by what is said (`semantic_vad`)",
    "idle-timeout": "notices a user who says nothing (`idle_timeout_ms`)",
    "transcription": "writes down what the user said",
    "truncation": "truncates its own audio messages",
    "out-of-band": "makes responses outside the conversation, several at once",
    "g711": "takes and gives G.711",
    "usage": "counts tokens",
    "mcp": "uses the tools of MCP servers",
    "keys": "asks for an API key and refuses a wrong one",
    "http": "has the HTTP API beside its WebSocket",
    "client-secrets": "mints client secrets",
    "webrtc": "answers SDP offers, and holds the calls that follow",
    "sideband": "attaches a WebSocket to a call",
    "sip": "answers telephone calls",
    "cors": "lets web pages of other origins use its HTTP API",
    "websocket": "takes WebSocket connections",
    "transcription-sessions": "has sessions that transcribe and do not answer",
}
"""Each capability of a server, with what it means in a sentence that begins with the server."""

VIRTUAL_CLOCK = "virtual-clock"
"""What only a server inside this process has: its hours cost nothing. Nothing reached by URL claims it."""

CLIENT: dict[str, str] = {
    "websocket": "connects over a WebSocket",
    "webrtc": "places a call",
    "converse": "lets its user write, and asks for answers",
    "speak": "lets its user speak, and leaves it to the server to find the turns",
    "tools": "runs functions that the model calls",
    "interrupt": "stops an answer when its user asks for that",
    "interrupt-early": "stops an answer of which nothing has come yet",
    "interrupt-by-voice": "stops an answer that its user talks over",
    "reconnect": "connects again by itself when it has lost its connection",
    "long": "holds conversations of many turns, with texts of any length",
    "text-output": "asks for answers in writing",
    "truncates": "tells a server on a WebSocket how much of an answer was heard",
    "restores": "gives a new session the conversation of the lost one",
    "retries": "asks again when a response was refused",
    "patience": "does not wait for ever for what a server should send",
    "transcribes": "asks for what its user said in writing",
    "reports-answers": "shows its user what the assistant says (report `answer`)",
    "reports-audio": "knows how much its user was given to hear (report `heard`)",
    "reports-user": "shows its user what they said (report `user`)",
    "reports-calls": "tells which functions it ran (report `call`)",
    "reports-errors": "tells its user, or the application, what failed (report `error`)",
    "reports-closes": "tells its user, or the application, that the connection is over (report `closed`)",
}
"""Each capability of a client, with what it means in a sentence that begins with the client."""


def without(left_out: Iterable[str]) -> frozenset[str]:
    """Every capability of a server but these.

    Raises:
        ValueError: one is none.
    """
    names = set(left_out)
    unknown = sorted(names - set(SERVER))
    if unknown:
        raise ValueError(f"there is no capability {', '.join(unknown)}; there are: {', '.join(SERVER)}")
    return frozenset(SERVER) - names

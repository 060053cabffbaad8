"""Ids in the shapes that the service uses, from a seed: the same session gets the same ids every time.

Recorded shapes (GA, 2026): `event_`, `resp_`, `item_`, `conv_`, `sess_` and 21 characters, the first five
shared by a session; `call_` and 16; `event_` and 16 hex digits on playback events; a WebRTC call `rtc_u0_X`
whose session is `sess_u0_X`.
"""

from __future__ import annotations

import hashlib

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TO_ALPHABET = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_TO_HEX = bytes(b"0123456789abcdef"[byte % 16] for byte in range(256))
_BLOCK = 4096
_BEGINNING = 128


class IdFactory:
    """An endless supply of ids for one session, a pure function of `seed` and the session's `number`."""

    def __init__(self, seed: int = 0, number: int = 0) -> None:
        self._key = f"{seed}/{number}".encode()
        self._block = ""
        self._size = 0
        self._number = 0
        self._used = 0
        self._prefix = self._letters(5)
        self._event_prefix = "event_" + self._prefix

    def session(self) -> str:
        """The id of a WebSocket session, `sess_` and 21 characters."""
        return self._prefixed("sess_")

    def call(self) -> tuple[str, str]:
        """The ids of a call's session and of the call itself; they share their suffix."""
        suffix = f"u0_{self._prefix}{self._letters(16)}"
        return f"sess_{suffix}", f"rtc_{suffix}"

    def event(self) -> str:
        """The `event_id` of an ordinary server event."""
        return self._prefixed("event_")

    def playback_event(self) -> str:
        """The `event_id` of an `output_audio_buffer.*` event: 16 hex digits, as recorded."""
        return "event_" + self._hex(16)

    def item(self) -> str:
        """The id of a conversation item."""
        return self._prefixed("item_")

    def response(self) -> str:
        """The id of a response."""
        return self._prefixed("resp_")

    def conversation(self) -> str:
        """The id of the default conversation."""
        return self._prefixed("conv_")

    def function_call(self) -> str:
        """The `call_id` of a function call: `call_` and 16 characters."""
        return "call_" + self._letters(16)

    def client_secret(self) -> str:
        """An ephemeral key: `ek_` and 32 hex digits."""
        return "ek_" + self._hex(32)

    def padding(self, length: int) -> str:
        """Random letters and digits, for `obfuscation`."""
        return self._letters(length)

    def padded_event(self, length: int) -> tuple[str, str]:
        """`padding` and then `event`, in one go: every delta needs both. There is no padding of less than nothing."""
        length = max(0, length)
        at, middle = self._used, self._used + length
        end = middle + 16
        if end > len(self._block):
            return self.padding(length), self.event()
        self._used = end
        return self._block[at:middle], self._event_prefix + self._block[middle:end]

    def _prefixed(self, kind: str) -> str:
        return kind + self._prefix + self._letters(16)

    def _letters(self, count: int) -> str:
        # Two ids for each event: the usual case makes no further call.
        at = self._used
        if at + count > len(self._block):
            at = self._take(count)
        else:
            self._used = at + count
        return self._block[at : at + count]

    def _hex(self, count: int) -> str:
        at = self._take(count)
        return self._digest()[at : at + count].translate(_TO_HEX).decode()

    def _take(self, count: int) -> int:
        """Where in the block the next `count` characters begin."""
        at = self._used
        if at + count > _BLOCK:
            self._number += 1
            self._block = ""
            at = 0
        if at + count > len(self._block):
            # The beginning of a longer digest is the shorter one: a session that idles keeps little.
            self._size = _BEGINNING if at + count <= _BEGINNING else _BLOCK
            self._block = self._digest().translate(_TO_ALPHABET).decode()
        self._used = at + count
        return at

    def _digest(self) -> bytes:
        return hashlib.shake_128(self._key + b"/%d" % self._number).digest(self._size)

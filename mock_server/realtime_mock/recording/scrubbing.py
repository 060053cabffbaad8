"""What must not stand in a recording: keys, cookies, addresses, and the names of people's folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

SCRUBBED = "[scrubbed]"

HEADERS_KEPT = frozenset(
    {
        "accept",
        "content-length",
        "content-type",
        "location",
        "openai-beta",
        "openai-processing-ms",
        "openai-version",
        "retry-after",
        "sec-websocket-protocol",
        "user-agent",
        "x-request-id",
    }
)
"""Headers that are kept. Of credentials only that they were there is told; all other headers are left out."""

_CREDENTIALS = frozenset({"authorization", "api-key", "x-api-key", "cookie"})
_SECRET_KEYS = frozenset({"authorization", "api_key", "apikey", "api-key", "client_secret", "access_token", "password"})
_SECRET_PARAMS = frozenset({"api-key", "api_key", "key", "token", "access_token", "safety_identifier"})
_KEY_PROTOCOLS = re.compile(r"(openai-insecure-api-key|openai-organization|openai-project)\.[^\s,]+")

_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("sk-", re.compile(r"\bsk-[A-Za-z0-9_-]{4,}"), "sk-scrubbed"),
    ("ek_", re.compile(r"\bek_[A-Za-z0-9_-]{4,}"), "ek_scrubbed"),
    ("whsec_", re.compile(r"\bwhsec_[A-Za-z0-9+/=]{4,}"), "whsec_scrubbed"),
    ("eyJ", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), SCRUBBED),
    ("Bearer ", re.compile(r"\bBearer +[A-Za-z0-9._~+/=-]{16,}"), f"Bearer {SCRUBBED}"),
    ("openai-", _KEY_PROTOCOLS, rf"\1.{SCRUBBED}"),
    ("/home/", re.compile(r"/home/[^/\s\"'<>:]+"), "/home/user"),
    ("/Users/", re.compile(r"/Users/[^/\s\"'<>:]+"), "/Users/user"),
    (":\\", re.compile(r"\b([A-Za-z]:\\+Users\\+)[^\\\s\"'<>:]+"), r"\1user"),
)
"""What is looked for: a part that must be there, which is found fast in a long text; the whole; what replaces it."""

_IPV4 = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:]+(?:%\w+)?(?![\w:])")
_MDNS = re.compile(r"\b[0-9a-f-]+\.local\b", re.IGNORECASE)
_SDP_ADDRESS = re.compile(r"^(?:o=|c=|a=candidate:|a=rtcp:)")
_SDP_SECRET = re.compile(r"^(a=(?:ice-ufrag|ice-pwd|crypto):).*$")

_SHORTEST_SECRET = 8


class Scrubber:
    """Takes secrets out of what is to be written. It learns the credentials of each client that it is shown."""

    def __init__(self) -> None:
        self._learned: tuple[str, ...] = ()

    def learn(self, secret: str) -> None:
        """Take this text out wherever it stands; what is too short to be a key is left."""
        if len(secret) >= _SHORTEST_SECRET and secret not in self._learned:
            # A new tuple: another thread may be going through the old one.
            self._learned = (*self._learned, secret)

    def value(self, value: object) -> Any:
        """A JSON value without its secrets."""
        match value:
            case Mapping():
                fields = {key: self._field(str(key), inner) for key, inner in value.items()}
                is_mcp = value.get("type") == "mcp" and isinstance(value.get("headers"), Mapping)
                return {**fields, "headers": dict.fromkeys(value["headers"], SCRUBBED)} if is_mcp else fields
            case list() | tuple():
                return [self.value(inner) for inner in value]
            case str():
                return self.text(value)
            case _:
                return value

    def text(self, text: str) -> str:
        """A text without its secrets; where it is a session description, without addresses as well."""
        for secret in self._learned:
            text = text.replace(secret, SCRUBBED)
        for part, pattern, stand_in in _PATTERNS:
            if part in text:
                text = pattern.sub(stand_in, text)
        return _without_addresses(text) if text.startswith("v=0") else text

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """The headers that are kept, by their names in lower case."""
        kept = {}
        for name, value in headers:
            key = name.lower()
            if key in _CREDENTIALS:
                self._learn_credential(value)
                kept[key] = SCRUBBED
            elif key in HEADERS_KEPT:
                self._learn_protocols(value)
                kept[key] = self.text(value)
        return kept

    def address(self, path_and_query: str) -> str:
        """The path and query of a request."""
        path, mark, query = path_and_query.partition("?")
        return f"{self.text(path)}{mark}{'&'.join(map(self._parameter, parse_qsl(query, keep_blank_values=True)))}"

    def _field(self, key: str, value: object) -> object:
        is_secret = key.lower() in _SECRET_KEYS and isinstance(value, str) and value
        return SCRUBBED if is_secret else self.value(value)

    def _parameter(self, given: tuple[str, str]) -> str:
        name, value = given
        if name.lower() in _SECRET_PARAMS:
            self.learn(value)
            value = SCRUBBED
        return f"{quote(name)}={quote(self.text(value), safe='[]:/,')}"

    def _learn_credential(self, value: str) -> None:
        self.learn(value)
        self.learn(value.rpartition(" ")[2])

    def _learn_protocols(self, value: str) -> None:
        for found in _KEY_PROTOCOLS.finditer(value):
            self.learn(found[0].partition(".")[2])


def _without_addresses(sdp: str) -> str:
    return "".join(map(_sdp_line, sdp.splitlines(keepends=True)))


def _sdp_line(line: str) -> str:
    if _SDP_ADDRESS.match(line):
        line = _MDNS.sub("host.local", _IPV4.sub("192.0.2.1", line))
        return _IPV6.sub("2001:db8::1", line)
    end = line[len(line.rstrip("\r\n")) :]
    return _SDP_SECRET.sub(rf"\g<1>{SCRUBBED}", line.rstrip("\r\n")) + end

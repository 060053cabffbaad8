"""Who is asking: the key of a request, and what it may open."""

from __future__ import annotations

import re

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.secret_store import ClientSecret, SecretStore
from realtime_mock.transports.websocket import offered_protocols

_KEY_PROTOCOL = "openai-insecure-api-key."
_MISSING = ApiError("Missing bearer or basic authentication in header")

_LOOKS_LIKE_A_KEY = re.compile(r"[!-~]+")
_SLIPS = frozenset({"undefined", "null", "None"})
"""What a variable that was never set becomes in a header."""


class Unauthorized(HttpFault):
    """A key is missing, malformed or expired: 401 on HTTP, 3000 on a WebSocket."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(401, error)


class Authenticator:
    """Accepts any key that looks like one, and knows the client secrets among them."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    def authenticate(self, request: web.Request) -> ClientSecret | None:
        """The client secret that this request carries, or None for an ordinary key.

        Raises:
            Unauthorized: no key, none that looks like one, or a client secret that has expired.
        """
        key = key_of(request)
        if key is None:
            raise Unauthorized(_MISSING)
        if not _LOOKS_LIKE_A_KEY.fullmatch(key) or key in _SLIPS or self._secrets.has_expired(key):
            raise Unauthorized(_incorrect(key))
        return self._secrets.find(key)


def key_of(request: web.Request) -> str | None:
    """The key in `Authorization: Bearer`, in `api-key`, or in the subprotocol `openai-insecure-api-key.K`."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    if request.headers.get("api-key"):
        return request.headers["api-key"]
    for protocol in offered_protocols(request):
        if protocol.startswith(_KEY_PROTOCOL):
            return protocol.removeprefix(_KEY_PROTOCOL)
    return None


def _incorrect(key: str) -> ApiError:
    """The recorded words; the key is masked but for its ends."""
    masked = f"{key[:3]}***{key[-4:]}" if len(key) > 12 else "***"
    shown = masked.encode("ascii", "replace").decode()
    return ApiError(
        f"Incorrect API key provided: {shown}. "
        "You can find your API key at https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )

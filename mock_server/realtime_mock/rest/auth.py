"""Who is asking: the key of a request, and what it may open."""

from __future__ import annotations

import re

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.lanes import KEY_PREFIX
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.secret_store import ClientSecret, SecretStore
from realtime_mock.sessions import DEFAULT_MODEL
from realtime_mock.settings import Settings
from realtime_mock.transports.websocket import offered_protocols
from realtime_mock.wire import printable

_KEY_PROTOCOL = "openai-insecure-api-key."
_MISSING = ApiError("Missing bearer or basic authentication in header")
_USED = ApiError("already used", code="ephemeral_token_already_used")
"""UNSURE: as a third party quotes it; the service lets a secret be used again, as far as is documented."""

_SHOWN_FIRST, _SHOWN_LAST = 8, 4
_SHORTEST_MASKED = 12
_LONGEST_SHOWN = 200

_LOOKS_LIKE_A_KEY = re.compile(r"[!-~]+")
_SLIPS = frozenset({"undefined", "null", "None"})
"""What a variable that was never set becomes in a header."""


class Unauthorized(HttpFault):
    """A key is missing, malformed or expired: 401 on HTTP, 3000 on a WebSocket."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(401, error)


class Authenticator:
    """Judges keys: by default any that looks like one will do, with `api_keys` only those. Knows client secrets.

    Args:
        secrets: the client secrets minted so far.
        settings: `api_keys`, `one_shot_secrets` and `model_bound_secrets` are read.
    """

    def __init__(self, secrets: SecretStore, settings: Settings | None = None) -> None:
        self._secrets = secrets
        self._settings = settings or Settings()

    def authenticate(self, request: web.Request) -> ClientSecret | None:
        """The client secret that this request carries, or None for an ordinary key.

        Raises:
            Unauthorized: no key, a wrong one, or a client secret that has expired.
        """
        key = key_of(request)
        if key is None:
            raise Unauthorized(_MISSING)
        secret = self._secrets.find(key)
        if self._secrets.has_expired(key) or (secret is None and not self._accepts(key)):
            raise Unauthorized(_incorrect(key))
        return secret

    def admit(self, request: web.Request) -> ClientSecret | None:
        """Do what `authenticate` does for a request that opens a session, which spends a one-shot secret.

        Raises:
            Unauthorized: as `authenticate`, or the secret is spent.
            HttpFault: 400, the secret is bound to another model than the URL's.
        """
        secret = self.authenticate(request)
        if secret is None:
            return None
        if self._settings.model_bound_secrets:
            _check_model(secret, request.query.get("model"))
        if self._settings.one_shot_secrets and not self._secrets.spend(secret):
            raise Unauthorized(_USED)
        return secret

    def _accepts(self, key: str) -> bool:
        if self._settings.api_keys and not key.startswith(KEY_PREFIX):
            return key in self._settings.api_keys
        return _LOOKS_LIKE_A_KEY.fullmatch(key) is not None and key not in _SLIPS


def key_of(request: web.Request) -> str | None:
    """The key in `Authorization: Bearer`, in the subprotocol `openai-insecure-api-key.K`, or as Azure's clients do.

    Those have it in a header `api-key`, or in the query by the same name.
    """
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    if request.headers.get("api-key"):
        return request.headers["api-key"]
    for protocol in offered_protocols(request):
        if protocol.startswith(_KEY_PROTOCOL):
            return protocol.removeprefix(_KEY_PROTOCOL)
    return request.query.get("api-key") or None


def masked(key: str) -> str:
    """The key as the service shows it: 8 characters, a star for each one hidden, and at most the last 4.

    Short ones are shown whole: "Incorrect API key provided: undefined" helps more users than it harms.
    """
    if len(key) < _SHORTEST_MASKED:
        return key
    hidden = max(len(key) - _SHOWN_FIRST - _SHOWN_LAST, 1)
    return key[:_SHOWN_FIRST] + "*" * hidden + key[_SHOWN_FIRST + hidden :]


def _check_model(secret: ClientSecret, model: str | None) -> None:
    own = secret.session.get("model") or DEFAULT_MODEL
    if model and secret.session.get("type") == "realtime" and model != own:
        message = f"Model '{model}' does not match the client secret, which is for '{own}'."
        raise HttpFault(400, ApiError(message, code="invalid_model", param="model"))


def _incorrect(key: str) -> ApiError:
    """The recorded words."""
    shown = masked(printable(key, limit=_LONGEST_SHOWN)).encode("ascii", "replace").decode()
    return ApiError(
        f"Incorrect API key provided: {shown}. "
        "You can find your API key at https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )

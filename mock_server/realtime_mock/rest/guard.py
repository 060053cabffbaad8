"""Who may use the control API: whoever is on the developer's side, and no page on the web.

A page that a developer visits can send requests to the loopback address, and by DNS rebinding under a name of its
own. What tells it apart is what a browser adds to its requests and a page cannot change: `Host`, `Origin` (Fetch
standard) and `Sec-Fetch-Site` (Fetch Metadata).
"""

from __future__ import annotations

import hmac
import ipaddress
import re

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.rest.cors import is_control
from realtime_mock.rest.errors import HttpFault
from realtime_mock.settings import Settings
from realtime_mock.wire import printable

TOKEN_HEADER = "X-Realtime-Mock-Token"  # noqa: S105 - the name of a header

_OWN_SITES = frozenset({"same-origin", "none"})
"""`Sec-Fetch-Site` of the mock's own pages, and of what a person typed into the address bar."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]+")
_PREFLIGHT_SECONDS = "600"


class OriginInvalid(ValueError):
    """What was given as an origin is none; the text says what to write."""


class Guard:
    """Lets requests to the control API pass, or refuses them.

    Raises:
        OriginInvalid: one of `settings.control_origins` is no origin.
    """

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(map(_plain_name, (settings.host, *settings.control_hosts)))
        self._origins = frozenset(map(_plain_origin, settings.control_origins))
        self._token = settings.control_token

    def check(self, request: web.Request) -> web.StreamResponse | None:
        """Let pass what may pass; answer the preflight of a page that may ask.

        Raises:
            HttpFault: 403, it comes from elsewhere; 401, it has no token where one is asked for.
        """
        if not is_control(request):
            return None
        self._check_host(request)
        self._check_origin(request)
        if _is_preflight(request) and self._is_allowed_origin(request):
            return _preflight_answer(request)
        self._check_token(request)
        return None

    async def finish(self, request: web.Request, response: web.StreamResponse) -> None:
        """Say in each answer of the control API which pages may read it."""
        if not is_control(request):
            return
        response.headers["X-Content-Type-Options"] = "nosniff"
        if self._is_allowed_origin(request):
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Vary"] = "Origin"
        else:
            response.headers["Cross-Origin-Resource-Policy"] = "same-origin"

    def _check_host(self, request: web.Request) -> None:
        """A page that rebinds a name to this machine sends that name; an address it cannot rebind."""
        for host in request.headers.getall("Host", ()):
            name = _plain_name(_without_port(host))
            if name not in self._hosts and not _is_loopback_name(name) and not _is_address(name):
                raise _refused(
                    f"The control API is not for requests to the host '{printable(name, limit=100)}'. "
                    f"Ask for localhost or an address, or allow it: serve --control-host {printable(name, limit=100)}",
                    "control_host_refused",
                )

    def _check_origin(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        if origin is not None:
            if not self._is_allowed_origin(request) and origin.lower() != _own_origin(request):
                shown = printable(origin, limit=100)
                raise _refused(
                    f"The control API is not for pages from '{shown}'. "
                    f"Ask from outside a browser, or allow the page: serve --control-origin {shown}",
                    "control_origin_refused",
                )
        elif request.headers.get("Sec-Fetch-Site", "none").lower() not in _OWN_SITES:
            # An image, a script, a frame or a link of a page: such requests name no origin.
            raise _refused(
                "The control API is not for pages from elsewhere. Ask from outside a browser, "
                "or by fetch from a page that is allowed: serve --control-origin ORIGIN",
                "control_origin_refused",
            )

    def _check_token(self, request: web.Request) -> None:
        if self._token is None:
            return
        given = [request.headers.get(TOKEN_HEADER, "")]
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            given.append(bearer.strip())
        if not any(hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode()) for token in given):
            message = (
                "The control API of this mock wants its token (serve --control-token). "
                f"Send it as the header Authorization: Bearer TOKEN, or {TOKEN_HEADER}: TOKEN."
            )
            error = ApiError(message, code="control_token_refused")
            raise HttpFault(401, error, headers={"WWW-Authenticate": "Bearer"})

    def _is_allowed_origin(self, request: web.Request) -> bool:
        return request.headers.get("Origin", "").lower() in self._origins


def _is_preflight(request: web.Request) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _preflight_answer(request: web.Request) -> web.Response:
    headers = {
        "Access-Control-Allow-Methods": request.headers["Access-Control-Request-Method"],
        "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
    }
    wanted = request.headers.get("Access-Control-Request-Headers")
    if wanted:
        headers["Access-Control-Allow-Headers"] = wanted
    return web.Response(status=204, headers=headers)


def _own_origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.headers.get('Host', '')}".lower()


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0][1:]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _plain_name(name: str) -> str:
    return name.strip().lower().removesuffix(".")


def _is_loopback_name(name: str) -> bool:
    """Nobody can have these names lead elsewhere (RFC 6761, section 6.3)."""
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _plain_origin(origin: str) -> str:
    plain = origin.strip().lower().removesuffix("/")
    if not _ORIGIN.fullmatch(plain):
        raise OriginInvalid(f"'{origin}' is no origin; write one such as http://localhost:3000")
    return plain


def _refused(message: str, code: str) -> HttpFault:
    return HttpFault(403, ApiError(message, code=code))

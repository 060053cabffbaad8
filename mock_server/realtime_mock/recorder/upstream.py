"""The server behind the proxy: its address, its certificate, and why it cannot be reached."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "content-length",
    }
)
"""Headers that concern one connection (RFC 9110, section 7.6.1), or that are made anew."""


class UpstreamUnusable(Exception):
    """The address or the certificate of the upstream cannot be used; the text says what to give instead."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests go. `prefix` is a path that stands in the address and that the client's paths need not repeat."""

    origin: URL
    prefix: str = ""
    tls: ssl.SSLContext | None = None

    @property
    def shown(self) -> str:
        """Scheme and host, for people."""
        return str(self.origin).rstrip("/")

    def target(self, path_and_query: str) -> URL:
        """The address that a client's request goes to."""
        path = path_and_query
        if self.prefix and not (f"{path}/").startswith((f"{self.prefix}/", f"{self.prefix}?")):
            path = f"{self.prefix}{path}"
        return URL(f"{self.shown}{path}", encoded=True)


def upstream_at(address: str, *, authority: Path | None = None) -> Upstream:
    """The upstream at an address such as `https://api.openai.com` or `wss://host/v1`.

    Certificates are always checked, against the authorities of this machine, or against the one in the file
    `authority` alone.

    Raises:
        UpstreamUnusable: It is no such address, or no such file.
    """
    try:
        url = URL(address)
    except ValueError:
        url = URL()
    if url.scheme not in _SCHEMES or not url.host:
        raise UpstreamUnusable(f"'{address}' is no address of a server; write one like https://api.openai.com")
    if url.user or url.password or url.query_string or url.fragment:
        raise UpstreamUnusable("the address holds more than a server and a path; give keys and queries to the client")
    origin = url.origin().with_scheme(_SCHEMES[url.scheme]) if url.scheme in ("http", "https") else _as_http(url)
    return Upstream(origin, url.raw_path.rstrip("/"), _context(authority))


def passed_on(
    headers: aiohttp.typedefs.LooseHeaders, *, besides: frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    """The headers that a proxy passes on."""
    items = headers.items() if hasattr(headers, "items") else headers
    return [(name, value) for name, value in items if name.lower() not in _HOP_BY_HOP | besides]


def why_not(error: BaseException) -> str:
    """Why the upstream could not be reached, and what to do."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            why = error.certificate_error
            return f"its certificate is not trusted ({why}); give the file of its authority with --upstream-ca"
        case aiohttp.ClientConnectorSSLError():
            return f"TLS failed ({error.os_error}); check the scheme and the port of --upstream"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known; check --upstream and the network"
        case aiohttp.ClientConnectorError():
            return f"{error.strerror or error.os_error}; check --upstream, and that the server runs"
        case TimeoutError():
            return "it does not answer; check --upstream and the network"
        case _:
            return str(error) or type(error).__name__


def _as_http(url: URL) -> URL:
    scheme = _SCHEMES[url.scheme]
    port = f":{url.explicit_port}" if url.explicit_port else ""
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host
    return URL(f"{scheme}://{host}{port}")


def _context(authority: Path | None) -> ssl.SSLContext | None:
    if authority is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(authority))
    except (OSError, ssl.SSLError) as error:
        raise UpstreamUnusable(f"{authority} holds no certificates that can be read: {error}") from None

"""A certificate for this machine, and the sockets that show it.

Some clients speak `https` and `wss` only: the official Node SDK refuses every other scheme. The certificate is made
with `cryptography`, which aiortc needs anyway, so that it costs no further dependency.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import ipaddress
import os
import shutil
import ssl
import sys
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from realtime_mock.settings import TlsFiles

HOST_NAMES = ("localhost", "api.openai.com")
"""The certificate's names; the second serves clients whose URL is fixed and whose name lookup is mapped here."""

ADDRESSES = ("127.0.0.1", "::1")

_AUTHORITY, _CERTIFICATE, _KEY = "ca.pem", "cert.pem", "key.pem"

_VALID = dt.timedelta(days=820)
"""Apple's systems refuse an added certificate that lives longer than 825 days."""

_RENEWED_BEFORE = dt.timedelta(days=7)


class TlsUnusable(Exception):
    """A certificate or key cannot be used; `str()` is one line that names the file and the fault."""


def cache_dir() -> Path:
    """Where this user's programs keep what they can make again: the place for `local_certificate`."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "realtime-mock"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "realtime-mock"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "realtime-mock"


def local_certificate(directory: Path | None = None) -> TlsFiles:
    """The certificate for `HOST_NAMES` and `ADDRESSES` in `directory`, made at the first call and kept.

    It is signed by an authority whose key is thrown away at once: who trusts the authority trusts this one
    certificate and no other. Only this user can read the certificate's own key.

    Args:
        directory: `cache_dir() / "tls"` by default.

    Raises:
        TlsUnusable: the directory cannot be written.
    """
    home = directory or cache_dir() / "tls"
    files = TlsFiles(home / _CERTIFICATE, home / _KEY, home / _AUTHORITY)
    try:
        if not _is_fresh(files):
            _replace(home)
    except OSError as error:
        raise TlsUnusable(f"cannot keep a certificate in {home}: {error.strerror or error}") from None
    return files


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """What a server listens with.

    Raises:
        TlsUnusable: a file is missing or is no PEM, or the key is not the certificate's.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    for path in (files.certificate, files.key):
        _must_read(path)
    try:
        # A key that asks for a passphrase would stop a server at its terminal.
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        raise TlsUnusable(_fault(files, error)) from None
    return context


def public_key_hash(certificate: Path) -> str:
    """The base64 SHA-256 of the certificate's public key, as Chromium's flag for one trusted certificate takes it."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def _must_read(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise TlsUnusable(f"cannot read {path}: {error.strerror or error}") from None


def _fault(files: TlsFiles, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{files.key} is not the key of the certificate in {files.certificate}"
    if b"PRIVATE KEY-----" not in files.key.read_bytes():
        return f"{files.key} holds no private key in PEM form"
    try:
        x509.load_pem_x509_certificates(files.certificate.read_bytes())
    except ValueError:
        return f"{files.certificate} holds no certificate in PEM form"
    try:
        serialization.load_pem_private_key(files.key.read_bytes(), password=None)
    except TypeError:
        return f"{files.key} asks for a passphrase; give a key without one"
    except (ValueError, UnsupportedAlgorithm):
        return f"the private key in {files.key} cannot be read"
    return f"{files.certificate} and {files.key} cannot be used: {error.reason or error}"


def _is_fresh(files: TlsFiles) -> bool:
    try:
        leaf = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        server_context(files)
    except (FileNotFoundError, ValueError, TlsUnusable):
        return False
    if files.authority is None or not files.authority.exists():
        return False
    return leaf.not_valid_after_utc - _now() > _RENEWED_BEFORE


def _replace(home: Path) -> None:
    """Put a new certificate in `home` as a whole directory: no other process ever sees half of a pair."""
    home.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix="tls-", dir=home.parent))
    _write_pair(new)
    old = Path(tempfile.mkdtemp(prefix="old-", dir=home.parent))
    with contextlib.suppress(FileNotFoundError):
        home.rename(old / "tls")
    try:
        new.rename(home)
    except OSError:
        # Another process was first; its certificate is as good.
        if not home.exists():
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def _write_pair(directory: Path) -> None:
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(authority_key)
    certificate = _leaf(key.public_key(), authority, authority_key)
    (directory / _AUTHORITY).write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (directory / _CERTIFICATE).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(directory / _KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(*form))


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("realtime-mock local authority")
    return (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    public: ec.EllipticCurvePublicKey, authority: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in HOST_NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    return (
        _builder(_name("realtime-mock"), authority.subject, public)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    # An hour back, for clocks that are not quite together.
    begins = _now() - dt.timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _VALID)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)

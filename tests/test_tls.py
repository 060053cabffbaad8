"""The certificate that the mock makes, and pairs that it cannot use."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from realtime_mock import tls
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings, TlsFiles
from realtime_mock.tls import TlsUnusable, cache_dir, local_certificate, server_context

openai = pytest.importorskip("openai", reason="the openai package is not installed")

DEADLINE = 20.0


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    return local_certificate(tmp_path / "tls")


def leaf(files: TlsFiles) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.certificate.read_bytes())


def trusting(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files.authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def test_the_certificate_is_kept(files, tmp_path):
    before = leaf(files)
    assert leaf(local_certificate(tmp_path / "tls")) == before


@pytest.mark.parametrize("lost", ["ca.pem", "cert.pem", "key.pem"])
def test_a_damaged_certificate_is_made_anew(files, tmp_path, lost):
    before = leaf(files)
    (tmp_path / "tls" / lost).unlink()
    assert leaf(local_certificate(tmp_path / "tls")) != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tls"]


def test_a_certificate_that_soon_ends_is_made_anew(files, tmp_path, monkeypatch):
    before = leaf(files)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=814)
    monkeypatch.setattr(tls, "_now", lambda: later)
    assert leaf(local_certificate(tmp_path / "tls")).not_valid_before_utc > before.not_valid_before_utc


def test_only_the_user_reads_the_key(files):
    assert stat.S_IMODE(files.key.stat().st_mode) == 0o600


def test_the_cache_follows_the_desktop_standard(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "realtime-mock"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TlsUnusable, match=r"^cannot keep a certificate in .*/file/tls: Not a directory$"):
        local_certificate(tmp_path / "file" / "tls")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "api.openai.com"])
async def test_strict_clients_trust_every_name(files, name):
    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with asyncio.timeout(DEADLINE):
        server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=server_context(files))
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting(files), server_hostname=name)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.close()
        server.close()


async def test_the_python_sdk_speaks_https_and_wss(files, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    async with (
        asyncio.timeout(DEADLINE),
        RealtimeMock(Settings(port=0, tls=files)) as mock,
        openai.AsyncOpenAI(base_url=mock.base_url, api_key="sk-test") as client,
    ):
        assert mock.base_url.startswith("https://127.0.0.1:")
        secret = await client.realtime.client_secrets.create(session={"type": "realtime", "model": "gpt-realtime"})
        browser = openai.AsyncOpenAI(base_url=mock.base_url, api_key=secret.value)
        async with browser, browser.realtime.connect(model="gpt-realtime") as connection:
            await connection.response.create(response={"output_modalities": ["text"]})
            kinds = [(await connection.recv()).type]
            while kinds[-1] != "response.done":
                kinds.append((await connection.recv()).type)
    assert kinds[:2] == ["session.created", "response.created"]


async def test_a_client_that_does_not_trust_the_authority_is_refused(files, tmp_path):
    other = local_certificate(tmp_path / "other")
    async with asyncio.timeout(DEADLINE), RealtimeMock(Settings(port=0, tls=files)) as mock:
        port = int(mock.base_url.split(":")[2].partition("/")[0])
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=trusting(other))


def refused(certificate: Path, key: Path) -> str:
    with pytest.raises(TlsUnusable) as wrong:
        RealtimeMock(Settings(tls=TlsFiles(certificate, key)))
    return str(wrong.value)


def test_a_key_of_another_certificate_is_named(files, tmp_path):
    other = local_certificate(tmp_path / "other")
    assert refused(files.certificate, other.key) == (
        f"{other.key} is not the key of the certificate in {files.certificate}"
    )


def test_a_missing_file_is_named(files, tmp_path):
    missing = tmp_path / "none"
    assert refused(files.certificate, missing) == f"cannot read {missing}: No such file or directory"


def test_files_the_wrong_way_round_are_named(files):
    assert refused(files.key, files.certificate) == f"{files.certificate} holds no private key in PEM form"


def test_a_file_without_a_certificate_is_named(files, tmp_path):
    text = tmp_path / "text.pem"
    text.write_text("hello")
    assert refused(text, files.key) == f"{text} holds no certificate in PEM form"


def test_a_key_with_a_passphrase_is_named(files, tmp_path):
    from cryptography.hazmat.primitives import serialization as form

    key = form.load_pem_private_key(files.key.read_bytes(), password=None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"secret"))
    )
    assert refused(files.certificate, locked) == f"{locked} asks for a passphrase; give a key without one"

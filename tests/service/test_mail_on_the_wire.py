"""A mail has no header or recipient that we did not write; with TLS, only a server vouched for gets it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from screening.service.delivery import one_line
from screening.service.patient import Service
from screening.storage.outbox import Notice
from tests.actors import Clock
from tests.desk.making import send

from .conftest import Inbox


@given(st.text())
def test_no_text_makes_a_second_header(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not set("\r\n\x85\u2028\u2029\x00") & set(line)


@pytest.mark.parametrize(
    "nasty",
    [
        "a@example.org\r\nBcc: x@example.org",
        "a@example.org\u2028Bcc: x",
        "a@example.org, b@example.org",
        "",
        "@",
        "a b@example.org",
    ],
)
def test_an_address_with_more_in_it_is_given_up(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, nasty: str
) -> None:
    send(service, reach_by=["email"], email=nasty) if nasty else None
    delivery(serve()).run()
    assert all(to == "reception@example.org" for to, _ in inbox.mails)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\x85", "\u2028", "\r"])
def test_a_name_with_line_ends_makes_no_header(delivery: Any, end: str, clock: Clock) -> None:
    made = delivery(1, clinic_name=f"Clinic{end}Bcc: x@example.org")
    notice = Notice("ab" * 16, "new_request", f"R{end}Bcc: y@example.org", "a@example.org", clock.now, 1)
    message = made.message(notice, {"reference": notice.reference})
    assert message["Bcc"] is None
    head = bytes(message).partition(b"\r\n\r\n")[0].lower()
    assert not [line for line in head.splitlines() if line.startswith(b"bcc")]


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, private


def test_tls_is_used_and_the_server_is_checked(
    service: Service, serve: Any, delivery: Any, inbox: Inbox, tmp_path: Path, clock: Clock
) -> None:
    public, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    port = serve(tls_context=context, require_starttls=True)
    send(service)
    secure = {"smtp_host": "localhost", "smtp_tls": "starttls"}
    assert delivery(port, **secure).run().put_off == 1  # nobody vouches for this server
    clock.forward(hours=1)
    assert delivery(port, **secure, smtp_ca=public).run().sent == 1
    assert len(inbox.mails) == 1


def test_a_server_without_tls_gets_nothing(service: Service, serve: Any, delivery: Any, inbox: Inbox) -> None:
    send(service)
    assert delivery(serve(), smtp_tls="starttls").run().sent == 0
    assert inbox.mails == []

"""What holds a passkey: a device that signs whatever it is told to, honest or not."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from tests.actors import Page

ORIGIN, HOST = "http://localhost", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40  # flags of authenticator data


@dataclass(frozen=True)
class Ceremony:
    """What a page asked the browser for, and where the answer goes."""

    challenge: bytes
    action: str
    token: str


def begin(client: FlaskClient, path: str, **typed: str) -> Ceremony:
    """Press the button of the page for signing in, or for another passkey."""
    token = Page(client.get(path)).token
    page = Page(client.post(path, data={"csrf_token": token} | typed))
    (form,) = (one for one in page.elements("form") if "data-passkey" in one)
    asked = json.loads(form["data-passkey-options"])
    return Ceremony(base64url_to_bytes(asked["challenge"]), form["action"], page.token)


def answer(client: FlaskClient, to: Ceremony, credential: str, token: str = "") -> Page:
    """Send what a device said; `token` of another session than the one that asked."""
    data = {"csrf_token": token or to.token, "credential": credential}
    return Page(client.post(to.action, data=data))


@dataclass
class Device:
    """One key pair."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(32))
    used: int = 0

    def makes(self, challenge: bytes, statement: dict[str, Any] | None = None, **more: Any) -> str:
        """Its key, as a browser sends it; `statement` says who made the device."""
        attested = {"fmt": "none", "attStmt": {}} | (statement or {})
        attested["authData"] = self._says(HOST, PRESENT | VERIFIED, new=True)
        client = _client("webauthn.create", challenge, ORIGIN)
        return self._sent({"clientDataJSON": client, "attestationObject": encode_cbor(attested)}, **more)

    def signs(
        self,
        challenge: bytes,
        *,
        origin: str = ORIGIN,
        host: str = HOST,
        flags: int = PRESENT | VERIFIED,
        kind: str = "webauthn.get",
        counts: int = 1,
    ) -> str:
        """A challenge, as a browser sends it."""
        self.used += counts
        client, says = _client(kind, challenge, origin), self._says(host, flags)
        signed = self.key.sign(says + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._sent({"clientDataJSON": client, "authenticatorData": says, "signature": signed})

    def _says(self, host: str, flags: int, *, new: bool = False) -> bytes:
        head = hashlib.sha256(host.encode()).digest()
        head += bytes([flags | (ATTESTED if new else 0)]) + self.used.to_bytes(4, "big")
        return head + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public() if new else head

    def _public(self) -> bytes:
        at = self.key.public_key().public_numbers()
        kind, algorithm, curve = (1, 2), (3, -7), (-1, 1)  # elliptic, ES256, P-256
        point = ((-2, at.x.to_bytes(32, "big")), (-3, at.y.to_bytes(32, "big")))
        return encode_cbor(dict((kind, algorithm, curve, *point)))

    def _sent(self, response: dict[str, bytes], **more: Any) -> str:
        written = {name: bytes_to_base64url(value) for name, value in response.items()}
        named = bytes_to_base64url(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": written} | more)


def _client(kind: str, challenge: bytes, origin: str) -> bytes:
    said = {"type": kind, "challenge": bytes_to_base64url(challenge), "origin": origin}
    return json.dumps(said).encode()

"""A small OpenID Connect issuer on this machine, whose keys a test can turn over, and which it can stop."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AUDIENCE = "designate-tests"

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class TestIssuer:
    """Discovery document and keys over HTTP; tokens as a test wants them."""

    __test__ = False

    def __init__(self) -> None:
        self.keys: dict[str, tuple[Private, str]] = {}
        self.asked: list[str] = []
        self.discovery: dict[str, Any] = {}
        self.add("rsa-1", "RS256")
        self.add("ec-1", "ES256")
        self._port = 0
        self.start()
        self.discovery = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}

    @property
    def url(self) -> str:
        """Its name, which is its address."""
        return f"http://127.0.0.1:{self._port}"

    def add(self, kid: str, algorithm: str) -> None:
        """A new key."""
        made: Private = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else _rsa()
        self.keys[kid] = (made, algorithm)

    def public_pem(self, kid: str) -> bytes:
        """A public key, as everyone may have it."""
        return self.keys[kid][0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        out = []
        for kid, (key, algorithm) in self.keys.items():
            public: Any = key.public_key()
            maker: Any = jwt.algorithms.ECAlgorithm if algorithm == "ES256" else jwt.algorithms.RSAAlgorithm
            out.append({**maker.to_jwk(public, as_dict=True), "kid": kid, "use": "sig", "alg": algorithm})
        return {"keys": out}

    def token(self, kid: str = "rsa-1", header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that holds, but for what the test changes; a claim that is None is left out."""
        now = int(time.time())
        body = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "maria",
            "iat": now,
            "exp": now + 600,
            "roles": ["designate-planner"],
            "workspace": "default",
            **claims,
        }
        key, algorithm = self.keys[kid]
        head = {"kid": kid, "typ": "at+jwt", **(header or {})}
        return jwt.encode({k: v for k, v in body.items() if v is not None}, key, algorithm, head)

    def start(self) -> None:
        """Answer, at the same address as before."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                found = {"/.well-known/openid-configuration": issuer.discovery, "/keys": issuer.jwks()}.get(self.path)
                body = json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)

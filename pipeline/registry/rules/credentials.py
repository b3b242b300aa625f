"""Passwords of REGISTERED trunks: made here, shown once, kept as the hash that SIP digest authentication needs."""

import secrets
from hashlib import sha256

_PASSWORD_BYTES = 24


def new_password() -> str:
    """192 random bits as text that every PBX takes."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def digest_of(user_name: str, realm: str, password: str) -> str:
    """H(A1) of SIP digest with SHA-256 (RFC 8760): an SBC can verify with it, nobody can read the password from it."""
    return sha256(f"{user_name}:{realm}:{password}".encode()).hexdigest()

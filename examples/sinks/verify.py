#!/usr/bin/env python3
"""Verifies one webhook request: verify.py ID TIMESTAMP SIGNATURE < BODY, the key in TECRAX_HMAC.

ID, TIMESTAMP and SIGNATURE are the headers webhook-id, webhook-timestamp and webhook-signature.
"""
import base64
import hashlib
import hmac
import os
import sys
import time

MAX_AGE = 300  # seconds: an older request is a replay


def verify(key: str, identity: str, timestamp: str, signature: str, body: bytes) -> bool:
    secret = base64.b64decode(key[6:]) if key.startswith("whsec_") else key.encode()
    signed = f"{identity}.{timestamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(timestamp)) <= MAX_AGE
    return fresh and any(hmac.compare_digest(wanted, given) for given in signature.split())


if __name__ == "__main__":
    sys.exit(0 if verify(os.environ["TECRAX_HMAC"], *sys.argv[1:4], sys.stdin.buffer.read()) else 1)

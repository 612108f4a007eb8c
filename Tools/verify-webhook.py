#!/usr/bin/env python3
"""verify-webhook.py [--secret-file FILE] [--age SECONDS] DELIVERY TIMESTAMP SIGNATURE BODY-FILE: whether a delivery came from the
platform and is whole.

The secret that was shown when the subscription was made stands in SUBAN_WEBHOOK_SECRET, or in FILE: on a command line
every user of the machine could read it. DELIVERY, TIMESTAMP and SIGNATURE are the headers suban-delivery,
suban-timestamp and suban-signature; BODY-FILE holds the body's bytes as they came. A delivery whose timestamp is further
than SECONDS from this machine's clock, behind or ahead, is an old one that somebody sends again: 300 where nothing is
said; --age 0 asks for no age, for one that was kept. Standard library and openssl only
(Docs/formats/changes.md, section 4). Ends with 0 when it is genuine, 1 when not, 2 when it could not be asked so.
"""
import argparse
import hashlib
import hmac
import os
import subprocess
import sys
import time


def sm3(data):
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        # A Python whose OpenSSL was built without it; the secret goes in as data, never as an argument.
        command = ["openssl", "dgst", "-sm3", "-binary"]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def hmac_sm3(key, message):
    """RFC 2104 with blocks of 64 bytes."""
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    return sm3(bytes(byte ^ 0x5C for byte in key) + sm3(bytes(byte ^ 0x36 for byte in key) + message))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secret-file")
    parser.add_argument("--age", type=int, default=300)
    for name in ("delivery", "timestamp", "signature", "body"):
        parser.add_argument(name)
    asked = parser.parse_args()
    if asked.age < 0:
        parser.error("--age is a number of seconds, or 0 for any age")
    try:
        if asked.secret_file:
            with open(asked.secret_file, encoding="utf-8") as file:
                secret = file.read().strip()
        else:
            secret = os.environ.get("SUBAN_WEBHOOK_SECRET", "").strip()
        with open(asked.body, "rb") as file:
            body = file.read()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not secret:
        parser.error("no secret: put it into SUBAN_WEBHOOK_SECRET, or name its file with --secret-file")
    # Headers are text of whoever sent them; bytes that are none come here as they were.
    headers = f"suban-webhook-1\n{asked.delivery}\n{asked.timestamp}\n".encode(errors="surrogateescape")
    wanted = "hmac-sm3=" + hmac_sm3(secret.encode(errors="surrogateescape"), headers + body).hex()
    is_genuine = hmac.compare_digest(wanted.encode(), asked.signature.encode(errors="surrogateescape"))
    if not is_genuine:
        print("not genuine: the secret, a header or the body differs")
        return 1
    # Signed, so these are digits; the platform writes milliseconds.
    seconds = time.time() - int(asked.timestamp) / 1000
    if asked.age and abs(seconds) > asked.age:
        where = "old" if seconds > 0 else "ahead of this clock"
        print(f"not taken: genuine, but {abs(seconds):.0f} seconds {where}; it may have been sent again by somebody else")
        return 1
    print("genuine")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""verify-webhook.py SECRET DELIVERY TIMESTAMP SIGNATURE BODY-FILE: whether a delivery came from the platform and is whole.

SECRET was shown when the subscription was made; the next three are the headers suban-delivery, suban-timestamp and
suban-signature; BODY-FILE holds the body's bytes as they came. Standard library and openssl only
(Docs/formats/changes.md, section 4). Ends with 0 when it is genuine, 1 when not.
"""
import hmac
import subprocess
import sys


def main(secret, delivery, timestamp, signature, path):
    with open(path, "rb") as file:
        message = f"suban-webhook-1\n{delivery}\n{timestamp}\n".encode() + file.read()
    command = ["openssl", "dgst", "-sm3", "-mac", "HMAC", "-macopt", f"key:{secret}"]
    answer = subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode()
    wanted = "hmac-sm3=" + answer.split()[-1]
    is_genuine = hmac.compare_digest(wanted, signature)
    print("genuine" if is_genuine else "not genuine: the secret, a header or the body differs")
    return 0 if is_genuine else 1


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

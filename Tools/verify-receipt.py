#!/usr/bin/env python3
"""Checks a Suban receipt with nothing but Python's standard library and the openssl command (3.0 or newer).

    verify-receipt.py RECEIPT.json --trust ROOT.pem

Prints one line and exits 0 when the receipt is good: "sealed" (the entry is in the log under a signed head) or
"promise" (the log has signed that it will put it in). Exits 1 when it is not, 2 when a file cannot be read.
The bytes are specified in Docs/formats/log.md.
"""
import argparse, base64, datetime, json, os, re, subprocess, sys, tempfile, time

DISTID = "distid:1234567812345678"
LOG = "2.25.156976476587300553328363153663220733081"  # extended key usage of a log's certificate
KEYS = set("certificates content entry format head path promise salt sequence".split())
ENTRY = set("act actor actorKind after at before id object outcome purpose request role subject v".split())

class Bad(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Bad(what)


def canonical(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("\\b", "\\u0008").replace("\\f", "\\u000c").encode()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    done = openssl("dgst", "-sm3", "-binary", data=data)
    need(done.returncode == 0 and len(done.stdout) == 32, "openssl has no SM3")
    return done.stdout


def raw(text):
    value = base64.b64decode(text, validate=True)
    need(base64.b64encode(value).decode() == text, "Base64 that is not in its one form")
    return value


def digest(text):
    need(isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text), "a digest that is not 64 digits")
    return bytes.fromhex(text)


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def signed(folder, key, signature, message):
    done = openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID,
                   "-signature", write(folder, "signature", raw(signature)), write(folder, "message", message))
    return done.returncode == 0 and b"Verified OK" in done.stdout


def public_key(folder, certificates, trust, moment):
    """Checks the certificates hop by hop up to the trusted ones; gives the first one's key file and log name."""
    need(certificates, "no certificate")
    paths = []
    for index, text in enumerate(certificates):
        pem = openssl("x509", "-inform", "DER", data=raw(text))
        need(pem.returncode == 0, "a certificate that cannot be read")
        again = openssl("x509", "-outform", "DER", data=pem.stdout)
        need(again.stdout == raw(text), "a certificate that is not in its one form")
        paths.append(write(folder, f"{index}.pem", pem.stdout))
    for path, issuer in zip(paths, paths[1:] + [trust]):
        done = openssl("verify", "-vfyopt", DISTID, "-attime", str(moment // 1000), "-partial_chain",
                       "-trusted", issuer, path)
        need(done.returncode == 0, "a certificate that does not lead to the trusted one")
    # All certificates of the platform lead to one root; only a log's may sign heads. One that you trust itself may too.
    named = openssl("x509", "-in", paths[0], "-outform", "DER").stdout == openssl("x509", "-in", trust, "-outform", "DER").stdout
    usage = openssl("x509", "-in", paths[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode()
    need(named or LOG in re.split(r"[\s,]+", usage), "a certificate that is not one of a log")
    pem = openssl("x509", "-in", paths[0], "-noout", "-pubkey").stdout
    der = openssl("pkey", "-pubin", "-outform", "DER", data=pem).stdout
    name = openssl("x509", "-in", paths[0], "-noout", "-subject", "-nameopt", "multiline,utf8,-esc_msb").stdout.decode()
    name = "".join(line.split("=", 1)[1].strip() for line in name.splitlines() if "commonName" in line)
    return write(folder, "key.pem", pem), sm3(der).hex(), name


def leads(leaf, sequence, size, path):
    """The root that the path gives (RFC 9162, section 2.1.3.2)."""
    need(0 <= sequence < size, "a number outside the tree")
    node, last = leaf, size - 1
    for sibling in path:
        need(last > 0, "a path that is too long")
        if sequence & 1 or sequence == last:
            node = sm3(b"\1" + sibling + node)
            while not sequence & 1 and sequence:
                sequence, last = sequence >> 1, last >> 1
        else:
            node = sm3(b"\1" + node + sibling)
        sequence, last = sequence >> 1, last >> 1
    need(last == 0, "a path that is too short")
    return node


def check(data, trust, folder, tolerance):
    receipt = json.loads(data.decode())
    need(isinstance(receipt, dict) and set(receipt) == KEYS and canonical(receipt) == data, "not written as a receipt")
    need(receipt["format"] == "suban-receipt-1", "another format")
    text = receipt["entry"].encode()
    entry = json.loads(text)
    need(set(entry) == ENTRY and entry["v"] == 1 and canonical(entry) == text, "an entry not written as one")
    need((receipt["content"] is None) == (receipt["salt"] is None), "content without salt")
    if receipt["content"] is not None:
        salt = bytes.fromhex(receipt["salt"])
        need(len(salt) == 16 and salt.hex() == receipt["salt"], "a salt that is not 32 digits")
        need(sm3(salt + receipt["content"].encode()).hex() == entry["after"], "content that is not the entry's")
    leaf = sm3(b"\0" + text)
    promise, head = receipt["promise"], receipt["head"]
    need((promise is None) != (head is None), "neither promise nor proof, or both")
    moment = (promise or head)["at"]
    need(moment <= (time.time() + tolerance) * 1000, "signed at a time that is yet to come")
    key, log, name = public_key(folder, receipt["certificates"], trust, moment)
    when = datetime.datetime.fromtimestamp(moment / 1000, datetime.timezone.utc).isoformat(timespec="seconds")
    what = f"{entry['act']} {entry['object']} by {entry['actor']} ({entry['role']}); signed by {name}, log {log}"
    if promise is not None:
        need(set(promise) == {"at", "signature"} and receipt["path"] is receipt["sequence"] is None, "mixed evidence")
        message = {"at": moment, "entry": leaf.hex(), "kind": "suban-promise-1", "log": log}
        need(signed(folder, key, promise["signature"], canonical(message)), "a promise that is not signed by the log")
        return f"promise: the log signed at {when} that it will take in {what}"
    need(set(head) == {"at", "log", "root", "signature", "size"} and head["log"] == log, "a head of another log")
    message = {"at": moment, "kind": "suban-head-1", "log": log, "root": head["root"], "size": head["size"]}
    need(signed(folder, key, head["signature"], canonical(message)), "a head that is not signed by the log")
    root = leads(leaf, receipt["sequence"], head["size"], [digest(node) for node in receipt["path"]])
    need(root == digest(head["root"]), "a path that does not lead to the signed root")
    return f"sealed: entry {receipt['sequence']} of {head['size']}, head signed at {when}: {what}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("receipt")
    parser.add_argument("--trust", required=True, help="PEM with the root or issuing certificate that you trust")
    parser.add_argument("--tolerance", type=int, default=300, help="seconds that a clock may be ahead of this one")
    arguments = parser.parse_args()
    try:
        with open(arguments.receipt, "rb") as file:
            data = file.read()
        open(arguments.trust, "rb").close()
    except OSError as error:
        sys.exit(print(error, file=sys.stderr) or 2)
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(check(data, arguments.trust, folder, arguments.tolerance))
    except (Bad, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.exit(print(f"invalid: {error}") or 1)

if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks many proofs of a Suban log at once, with Python's standard library and the openssl command (3.0 or newer).

    verify-proofs.py EXTRACT.json --trust ROOT.pem [--heads HEADS.jsonl --consistency ANSWERS.jsonl]

EXTRACT.json: an extract of the log (Docs/formats/log.md, section 8), as archives hold one. HEADS.jsonl: signed heads as witness.py
keeps them; ANSWERS.jsonl: answers of /api/v1/log/consistency between those, a line each. Exits 0 when all hold, 1 when not, 2 unread.
"""
import argparse, base64, functools, hashlib, json, os, re, subprocess, sys, tempfile

DISTID, LOG = "distid:1234567812345678", "2.25.156976476587300553328363153663220733081"


def need(holds, what):
    if not holds:
        raise ValueError(what)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:  # a Python whose OpenSSL was built without it
        return openssl("dgst", "-sm3", "-binary", data=data).stdout


@functools.cache
def node(left, right):
    return sm3(b"\1" + left + right)


def leads(leaf, sequence, size, path):
    """The root that an inclusion proof gives (RFC 9162, section 2.1.3.2)."""
    last = size - 1
    for sibling in path:
        need(last > 0, "a path that is too long")
        if sequence & 1 or sequence == last:
            leaf = node(sibling, leaf)
            while sequence and not sequence & 1:
                sequence, last = sequence >> 1, last >> 1
        else:
            leaf = node(leaf, sibling)
        sequence, last = sequence >> 1, last >> 1
    need(last == 0, "a path that is too short")
    return leaf


def extends(old_size, old_root, size, root, path):
    """Whether the later tree only adds to the earlier (RFC 9162, section 2.1.4.2)."""
    if old_size == size:
        return old_root == root and not path
    path = ([old_root] if old_size & (old_size - 1) == 0 else []) + path
    first, last, old, new = old_size - 1, size - 1, path[0], path[0]
    while first & 1:
        first, last = first >> 1, last >> 1
    for sibling in path[1:]:
        need(last > 0, "a path that is too long")
        if first & 1 or first == last:
            old, new = node(sibling, old), node(sibling, new)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            new = node(new, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, root)


def check(extract, heads, answers, trust, folder):
    head, way = extract["head"], [os.path.join(folder, f"{index}.pem") for index, _ in enumerate(extract["certificates"])]
    for text, path in zip(extract["certificates"], way):
        openssl("x509", "-inform", "DER", "-out", path, data=base64.b64decode(text, validate=True))
    for below, above in zip(way, way[1:] + [trust]):
        done = openssl("verify", "-vfyopt", DISTID, "-attime", str(head["at"] // 1000), "-partial_chain", "-trusted", above, below)
        need(done.returncode == 0, "a certificate that does not lead to the trusted one")
    hashes = [{*openssl("x509", "-in", one, "-noout", "-subject_hash", "-issuer_hash").stdout.split()} for one in way[1:]]
    need(len({*extract["certificates"]}) == len(way) and all(len(two) == 2 for two in hashes), "a certificate that is left over")
    usage = re.split(r"[\s,]+", openssl("x509", "-in", way[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode())
    need(LOG in usage, "a certificate that is not one of a log")
    key, sizes = os.path.join(folder, "key.pem"), {}
    openssl("x509", "-in", way[0], "-noout", "-pubkey", "-out", key)
    log = sm3(openssl("pkey", "-pubin", "-in", key, "-outform", "DER").stdout).hex()
    for one in [head, *heads]:
        said = {"at": one["at"], "kind": "suban-head-1", "log": log, "root": one["root"], "size": one["size"]}
        with open(os.path.join(folder, "signature"), "wb") as file:
            file.write(base64.b64decode(one["signature"], validate=True))
        done = openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature", file.name,
                       data=json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
        need(done.returncode == 0 and one["log"] == log, f"a head over {one['size']} entries that the log did not sign")
        need(sizes.setdefault(one["size"], one["root"]) == one["root"], f"two roots over {one['size']} entries")
    for number, line in ((one["sequence"], one) for one in extract["entries"]):
        leaf = bytes.fromhex(line["leaf"]) if "leaf" in line else sm3(b"\0" + line["entry"].encode())
        need(0 <= number < head["size"], f"entry {number}: not in the tree")
        root = leads(leaf, number, head["size"], [bytes.fromhex(one) for one in line["path"]])
        need(root.hex() == head["root"], f"entry {number}: a path that does not lead to the signed root")
    for one in answers:
        old, new, path = one["from"], one["to"], [bytes.fromhex(each) for each in one["path"]]
        need(0 < old <= new and extends(old, bytes.fromhex(sizes[old]), new, bytes.fromhex(sizes[new]), path),
             f"the head over {new} entries does not extend that over {old}")
    return f"good: {len(extract['entries'])} entries of {head['size']}, {len(answers)} proofs of growth between {len(sizes)} heads"


def main():
    options, file = argparse.ArgumentParser(description=__doc__.splitlines()[0]), argparse.FileType(encoding="utf-8")
    options.add_argument("extract", type=file)
    options.add_argument("--trust", required=True, type=file, help="PEM with the root that you trust")
    for name in ("--heads", "--consistency"):
        options.add_argument(name, type=file, default=os.devnull)
    given = options.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            heads, answers = ([json.loads(line) for line in one if line.strip()] for one in (given.heads, given.consistency))
            print(check(json.load(given.extract), heads, answers, given.trust.name, folder))
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        return print(f"bad: {error}") or 1


if __name__ == "__main__":
    sys.exit(main())

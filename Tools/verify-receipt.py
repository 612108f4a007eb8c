#!/usr/bin/env python3
"""Checks a Suban receipt with nothing but Python's standard library and the openssl command (3.0 or newer).

    verify-receipt.py RECEIPT.json --trust ROOT.pem [--crl LIST.crl …]

Prints one line and exits 0 when the receipt is good: "sealed" (the entry is in the log under a signed head) or
"promise" (the log has signed that it will put it in). Exits 1 when it is not, 2 when a file or ROOT.pem cannot be read.
Lists of what an authority revoked (DER) count where they are given: the time of signing is the log's word, so that its
certificate must not have been revoked until now. The bytes are specified in Docs/formats/log.md.
"""
import argparse, base64, calendar, datetime, json, os, re, subprocess, sys, tempfile, time

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


def trusted(path):
    """The certificates of a PEM file that can be read, as PEM."""
    with open(path, encoding="latin-1") as file:
        blocks = re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read(), re.S)
    return [one for one in (openssl("x509", data=block.encode("latin-1")).stdout for block in blocks) if one]


def need_no_more(certificates, trust):
    """Of a way that holds hop by hop: each certificate once, none behind a trusted one, and no root but as the signer itself."""
    need(len(set(certificates)) == len(certificates), "a certificate that is left over: twice the same")
    need(not set(certificates[:-1]) & set(trust), "a certificate that is left over: behind a trusted one")
    for one in certificates[1:]:
        words = openssl("x509", "-noout", "-subject", "-issuer", "-nameopt", "RFC2253", data=one).stdout.decode()
        subject, issuer = (line.split("=", 1)[1] for line in words.splitlines())
        need(subject != issuer, "a certificate that is left over: the root")


def revoked(lists, certificate, issuer, signed, asked, folder):
    """Whether one of the lists that the issuer signed names the certificate up to the moment asked about, or none of them reaches
    to that of the signature. OpenSSL's own check cannot be told the user identifier. Moments are seconds since 1970."""
    serial = int(openssl("x509", "-in", certificate, "-noout", "-serial").stdout.decode().split("=")[1], 16)
    with open(issuer) as file:  # of the trusted ones there may be several
        issuers = re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read(), re.S)
    keys = [write(folder, f"issuer-{index}.pem", openssl("x509", "-noout", "-pubkey", data=one.encode()).stdout)
            for index, one in enumerate(issuers)]
    reaches = None
    for path in lists:
        with open(path, "rb") as file:
            data = file.read()
        shape = openssl("asn1parse", "-inform", "DER", data=data).stdout.decode(errors="replace")
        parts = [tuple(map(int, one)) for one in re.findall(r"(?m)^ *(\d+):d=1 +hl= *(\d+) +l= *(\d+) ", shape)]
        need(len(parts) == 3, "a revocation list that cannot be read")
        (start, head, size), _, (last, last_head, last_size) = parts
        signature = write(folder, "list.sig", data[last + last_head + 1:last + last_head + last_size])
        text = data[start:start + head + size]
        if all(openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature", signature, data=text).returncode
               for key in keys):
            continue  # another authority's
        words = openssl("crl", "-inform", "DER", "-noout", "-text", data=data).stdout.decode(errors="replace")
        need(": critical" not in words, "a revocation list of another kind")
        for number, day in re.findall(r"Serial Number: ([0-9A-F]+)\s+Revocation Date: (.+) GMT", words):
            if int(number, 16) == serial and said(day) <= asked:
                return True
        until = re.search(r"Next Update: (.+) GMT", words)
        reaches = reaches or bool(until and signed < said(until[1]))
    return reaches is False


def said(text):
    """A time as openssl writes it."""
    return calendar.timegm(time.strptime(text, "%b %d %H:%M:%S %Y"))


def public_key(folder, certificates, trust, moment, lists):
    """Checks the certificates hop by hop up to the trusted ones; gives the first one's key file and log name."""
    need(certificates, "no certificate")
    paths, pems = [], []
    for index, text in enumerate(certificates):
        pem = openssl("x509", "-inform", "DER", data=raw(text))
        need(pem.returncode == 0, "a certificate that cannot be read")
        again = openssl("x509", "-outform", "DER", data=pem.stdout)
        need(again.stdout == raw(text), "a certificate that is not in its one form")
        pems.append(pem.stdout)
        paths.append(write(folder, f"{index}.pem", pem.stdout))
    for path, issuer in zip(paths, paths[1:] + [trust]):
        done = openssl("verify", "-vfyopt", DISTID, "-attime", str(moment // 1000), "-partial_chain",
                       "-trusted", issuer, path)
        need(done.returncode == 0, "a certificate that does not lead to the trusted one")
        need(not revoked(lists, path, issuer, moment // 1000, max(time.time(), moment // 1000), folder), "a certificate that was revoked")
    anchors = trusted(trust)
    need_no_more(pems, anchors)
    # All certificates of the platform lead to one root; only a log's may sign heads. One that you trust itself may too.
    usage = openssl("x509", "-in", paths[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode()
    need(pems[0] in anchors or LOG in re.split(r"[\s,]+", usage), "a certificate that is not one of a log")
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


def check(data, trust, lists, folder, tolerance):
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
    need(type(moment) is int, "no moment")
    need(moment <= (time.time() + tolerance) * 1000, "signed at a time that is yet to come")
    key, log, name = public_key(folder, receipt["certificates"], trust, moment, lists)
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
    parser.add_argument("--crl", action="append", default=[], help="a revocation list (DER); several may be given")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names, in whatever the terminal writes
    try:
        with open(arguments.receipt, "rb") as file:
            data = file.read()
        for path in [arguments.trust, *arguments.crl]:
            open(path, "rb").close()
        if not trusted(arguments.trust):
            raise ValueError(f"{arguments.trust} holds no certificate")
    except (OSError, ValueError) as error:
        sys.exit(print(f"cannot read: {error}", file=sys.stderr) or 2)
    try:
        with tempfile.TemporaryDirectory() as folder:
            trust = write(folder, "trust.pem", b"".join(trusted(arguments.trust)))
            print(check(data, trust, arguments.crl, folder, arguments.tolerance))
    except (Bad, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        sys.exit(print(f"invalid: {error}") or 1)

if __name__ == "__main__":
    main()

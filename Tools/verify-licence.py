#!/usr/bin/env python3
"""Checks a Suban credential (licence or e-seal record) with Python's standard library and the openssl command.

    verify-licence.py LICENCE.json --trust ROOT.pem [--crl LIST.crl …] [--day YYYY-MM-DD]

Prints who signed what, and exits 0 when the file is good; 1 when it is not, 2 when a file, ROOT.pem or the day cannot be read.
Lists of what an authority revoked (DER) count where they are given: the time of signing is the issuer's word, so that his
certificate must not have been revoked until the day asked about. Whether the licence was withdrawn since, no file can tell:
ask the platform. The bytes are specified in Docs/formats/credential.md.
"""
import argparse, base64, calendar, datetime, json, os, re, subprocess, sys, tempfile, time

DISTID = "distid:1234567812345678"
ISSUER = "2.25.102146297233537630421206107769184928885"  # extended key usage of an issuer's certificate
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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


def raw(text):
    value = base64.b64decode(text, validate=True)
    need(base64.b64encode(value).decode() == text, "Base64 that is not in its one form")
    return value


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def identifier_fits(text):
    """GB/T 36904: the check character by ISO/IEC 7064 MOD 37,36 over the parts."""
    parts = text.removeprefix("1.2.156.3005.2.").split(".")
    need(text.startswith("1.2.156.3005.2.") and len(parts) == 5, "no identifier of GB/T 36904")
    product = 36
    for character in "".join(parts[:4]):
        product = 2 * ((product + ALPHABET.index(character)) % 36 or 36) % 37
    return ALPHABET[(37 - product) % 36] == parts[4]


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


def check(data, trust, lists, day, folder):
    file = json.loads(data.decode())
    need(isinstance(file, dict) and set(file) == {"certificates", "format", "record", "signature"}
         and canonical(file) == data, "not written as a credential")
    need(file["format"] == "suban-credential-1", "another format")
    text = file["record"].encode()
    record = json.loads(text)
    asked = calendar.timegm(time.strptime(day, "%Y-%m-%d")) + 16 * 3600  # the end of the day in Asia/Shanghai
    need(type(record["issuedAt"]) is int and record["issuedAt"] // 1000 < asked + 300, "signed at a time that is yet to come")
    need(identifier_fits(record["identifier"]), "a wrong check character in the identifier")
    need(file["certificates"], "no certificate")
    paths, pems = [], []
    for index, certificate in enumerate(file["certificates"]):
        pem = openssl("x509", "-inform", "DER", data=raw(certificate))
        need(pem.returncode == 0, "a certificate that cannot be read")
        need(openssl("x509", "-outform", "DER", data=pem.stdout).stdout == raw(certificate),
             "a certificate that is not in its one form")
        pems.append(pem.stdout)
        paths.append(write(folder, f"{index}.pem", pem.stdout))
    for path, issuer in zip(paths, paths[1:] + [trust]):
        done = openssl("verify", "-vfyopt", DISTID, "-attime", str(record["issuedAt"] // 1000), "-partial_chain",
                       "-trusted", issuer, path)
        need(done.returncode == 0, "a certificate that does not lead to the trusted one")
        need(not revoked(lists, path, issuer, record["issuedAt"] // 1000, asked, folder), "a certificate that was revoked")
    need_no_more(pems, trusted(trust))
    names = openssl("x509", "-in", paths[0], "-noout", "-subject", "-nameopt", "utf8,sep_multiline,-esc_msb").stdout
    lines = [line.strip() for line in names.decode().splitlines()]
    need(f"serialNumber={record['issuer']['code']}" in lines and f"O={record['issuer']['name'][:64]}" in lines,
         "a certificate of another body than the issuer")
    # Certificates from before the marks have none; every one since says for what it is.
    usage = openssl("x509", "-in", paths[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode()
    need("Extended Key Usage" not in usage or ISSUER in re.split(r"[\s,]+", usage),
         "a certificate that is not one for licences")
    key = write(folder, "key.pem", openssl("x509", "-in", paths[0], "-noout", "-pubkey").stdout)
    done = openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature",
                   write(folder, "signature", raw(file["signature"])),
                   write(folder, "message", b"suban-credential-1\n" + text))
    need(done.returncode == 0 and b"Verified OK" in done.stdout, "a signature that is not the issuer's")
    need(record["validFrom"] <= day, "not valid yet")
    need(record["validUntil"] is None or day <= record["validUntil"], "past its last day")
    holder, issuer = record["holder"], record["issuer"]
    when = datetime.datetime.fromtimestamp(record["issuedAt"] / 1000, datetime.timezone.utc).isoformat("T", "seconds")
    return (f"good: {record['name']} {record['identifier']} for {holder['name']} ({holder['code']}), signed by "
            f"{issuer['name']} ({issuer['code']}); it says at {when}; whether it stands today only the platform knows")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("licence")
    parser.add_argument("--trust", required=True, help="PEM with the root or issuing certificate that you trust")
    parser.add_argument("--day", help="the day to check for, today when left out")
    parser.add_argument("--crl", action="append", default=[], help="a revocation list (DER); several may be given")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names, in whatever the terminal writes
    zone = datetime.timezone(datetime.timedelta(hours=8))
    try:
        with open(arguments.licence, "rb") as file:
            data = file.read()
        for path in [arguments.trust, *arguments.crl]:
            open(path, "rb").close()
        if not trusted(arguments.trust):
            raise ValueError(f"{arguments.trust} holds no certificate")
        day = str(datetime.date.fromisoformat(arguments.day) if arguments.day else datetime.datetime.now(zone).date())
    except (OSError, ValueError) as error:
        sys.exit(print(f"cannot read: {error}", file=sys.stderr) or 2)
    try:
        with tempfile.TemporaryDirectory() as folder:
            trust = write(folder, "trust.pem", b"".join(trusted(arguments.trust)))
            print(check(data, trust, arguments.crl, day, folder))
    except (Bad, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        sys.exit(print(f"invalid: {error}") or 1)


if __name__ == "__main__":
    main()

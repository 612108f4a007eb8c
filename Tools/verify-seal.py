#!/usr/bin/env python3
"""Checks an electronic seal (.esl) or a sealed OFD file with Python's standard library and the openssl command.

    verify-seal.py FILE --trust ROOT.pem [--at YYYY-MM-DDTHH:MM:SSZ]

Seals and signatures are those of GB/T 38540-2020 (and GM/T 0031-2025, whose rules are the same); files those of
GB/T 33190-2016. Prints who sealed what and when, and exits 0 when everything holds; 1 with the class of the fault when
it does not; 2 when the file cannot be read. Whether a seal was suspended since, no file can tell: ask the platform.
The time of signing is the signer's word here: a timestamp in the file is not looked at.
"""
import argparse, base64, datetime, io, os, posixpath, subprocess, sys, tempfile, zipfile
from xml.etree import ElementTree

DISTID = "distid:1234567812345678"
SM2_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
ISSUERS = "2.25.262034597168498721407123468715029823649"  # extension: the certificates between signer and root
BYTES_MAX, ENTRIES_MAX = 25165824, 1000


class Bad(Exception):
    pass


def need(holds, kind, where=""):
    if not holds:
        raise Bad(f"{kind} {where}".strip())


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    return openssl("dgst", "-sm3", "-binary", data=data).stdout


# DER: a value is (tag, content, whole bytes).
def der(data, at=0, end=None):
    end = len(data) if end is None else end
    need(at + 2 <= end, "FORMAT", "DER")
    tag, first, head = data[at], data[at + 1], 2
    size = first
    if first >= 0x80:
        count = first & 0x7F
        need(1 <= count <= 4 and at + 2 + count <= end, "FORMAT", "length")
        size = int.from_bytes(data[at + 2:at + 2 + count], "big")
        head = 2 + count
        need(size >= 0x80 and data[at + 2] != 0, "FORMAT", "length")
    need(at + head + size <= end, "FORMAT", "length")
    return tag, data[at + head:at + head + size], data[at:at + head + size]


def only(data):
    value = der(data)
    need(len(value[2]) == len(data), "FORMAT", "bytes after the value")
    return value


def parts(value, tag=0x30):
    need(value[0] == tag, "FORMAT", "tag")
    found, at = [], 0
    while at < len(value[1]):
        one = der(value[1], at)
        found.append(one)
        at += len(one[2])
    return found


def of(value, tag):
    need(value[0] == tag, "FORMAT", "tag")
    return value[1]


def integer(value):
    return int.from_bytes(of(value, 0x02), "big", signed=True)


def bits(value):
    content = of(value, 0x03)
    need(content[:1] == b"\0", "FORMAT", "BIT STRING")
    return content[1:]


def oid(value):
    content, arcs, arc = of(value, 0x06), [], 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - first * 40] + arcs[1:]))


def time(value):
    text = of(value, 0x18).decode("ascii")
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.timezone.utc)


def extensions(value):
    found = {}
    for one in parts(value):
        fields = parts(one)
        found[oid(fields[0])] = of(fields[-1], 0x04)
    return found


def read_seal(value):
    fields = parts(value)
    need(len(fields) in (4, 5), "FORMAT", "SESeal: not of 2020 or 2025")
    info = parts(fields[0])
    header, code, prop = parts(info[0]), info[1], parts(info[2])
    need(of(header[0], 0x16) == b"ES" and integer(header[1]) in (4, 5), "FORMAT", "SES_Header")
    kind = integer(prop[2])
    signers = [of(one, 0x04) for one in parts(prop[3])] if kind == 1 else None
    digests = None if kind == 1 else [parts(one) for one in parts(prop[3])]
    return {
        "bytes": value[2], "info": fields[0][2], "maker": of(fields[1], 0x04), "algorithm": oid(fields[2]),
        "signature": bits(fields[3]), "code": of(code, 0x16).decode(), "name": of(prop[1], 0x0C).decode(),
        "signers": signers, "digests": digests, "from": time(prop[5]), "until": time(prop[6]),
        "extensions": extensions(info[4]) if len(info) > 4 else {},
    }


def read_signature(data):
    fields = parts(only(data))
    need(len(fields) in (4, 5), "FORMAT", "SES_Signature: not of 2020 or 2025")
    body = parts(fields[0])
    inside = {}
    if len(body) > 5:
        inside = extensions(parts(body[5], 0xA0)[0])
    return {
        "body": fields[0][2], "seal": read_seal(body[1]), "time": time(body[2]), "hash": bits(body[3]),
        "scope": of(body[4], 0x16).decode(), "extensions": inside, "signer": of(fields[1], 0x04),
        "algorithm": oid(fields[2]), "signature": bits(fields[3]),
    }


class Checker:
    def __init__(self, trust, at, folder):
        self.trust, self.at, self.folder, self.count = trust, at, folder, 0

    def file(self, data):
        self.count += 1
        path = os.path.join(self.folder, f"{self.count}")
        with open(path, "wb") as out:
            out.write(data)
        return path

    def pem(self, certificate):
        made = openssl("x509", "-inform", "DER", "-in", self.file(certificate))
        need(made.returncode == 0, "FORMAT", "certificate")
        return self.file(made.stdout)

    def text(self, certificate, *what):
        return openssl("x509", "-inform", "DER", "-in", self.file(certificate), "-noout", *what).stdout.decode()

    def name(self, certificate):
        words = self.text(certificate, "-subject", "-nameopt", "utf8,sep_multiline,lname").splitlines()
        return next((line.split("=", 1)[1].strip() for line in words if "commonName" in line), "?")

    def value(self, signed, signature, certificate, kind):
        key = openssl("x509", "-inform", "DER", "-in", self.file(certificate), "-noout", "-pubkey").stdout
        need(key, "FORMAT", "certificate")
        done = openssl("dgst", "-sm3", "-verify", self.file(key), "-sigopt", DISTID,
                       "-signature", self.file(signature), data=signed)
        need(done.returncode == 0, kind, self.name(certificate))

    def chain(self, certificate, others, moment, who):
        """openssl passes the user identifier to the first certificate only, so every hop is a command of its own."""
        use = self.text(certificate, "-ext", "keyUsage")
        need("Digital Signature" in use or "Non Repudiation" in use or "X509v3" not in use, f"{who}_CERT_USAGE")
        anchors = [base64.b64decode("".join(block.split("-----END")[0].split()))
                   for block in open(self.trust).read().split("-----BEGIN CERTIFICATE-----")[1:]]
        current, way = certificate, 0
        while way < 8:
            stamp = str(int(moment.timestamp()))
            for issuer in anchors + others:
                done = openssl("verify", "-vfyopt", DISTID, "-partial_chain", "-attime", stamp,
                               "-trusted", self.pem(issuer), self.pem(current))
                if done.returncode == 0 and (issuer != current or current in anchors):
                    if issuer in anchors:
                        return
                    current, way = issuer, way + 1
                    break
                need(b"expired" not in done.stderr and b"not yet valid" not in done.stderr, f"{who}_CERT_EXPIRED",
                     self.name(current))
            else:
                raise Bad(f"{who}_CERT_UNTRUSTED {self.name(certificate)}")
        raise Bad(f"{who}_CERT_UNTRUSTED {self.name(certificate)}")

    def issuers(self, inside):
        return [of(one, 0x04) for one in parts(only(inside[ISSUERS]))] if ISSUERS in inside else []

    def seal(self, seal, moments):
        need(seal["algorithm"] == SM2_SM3, "ALGORITHM", seal["algorithm"])
        self.value(seal["info"], seal["signature"], seal["maker"], "SEAL_SIG")
        for moment in moments:
            self.chain(seal["maker"], self.issuers(seal["extensions"]), moment, "MAKER")
        for moment in moments:
            need(seal["from"] <= moment <= seal["until"], "SEAL_EXPIRED", seal["code"])

    def signature(self, one):
        moments = [one["time"], max(one["time"], self.at)]
        need(one["time"] <= self.at + datetime.timedelta(seconds=300), "TIMESTAMP", "timeInfo lies ahead")
        for moment in moments:
            self.chain(one["signer"], self.issuers(one["extensions"]), moment, "SIGNER")
        seal = one["seal"]
        if seal["signers"] is not None:
            listed = one["signer"] in seal["signers"]
        else:
            listed = any(of(d[0], 0x13).decode().upper() in ("SM3", SM3) and of(d[1], 0x04) == sm3(one["signer"])
                         for d in seal["digests"])
        need(listed, "SIGNER_NOT_IN_SEAL", self.name(one["signer"]))
        self.seal(seal, moments)


def tree(data, name):
    lower = data.lower()
    need(b"<!doctype" not in lower and b"<!entity" not in lower and b"\0" not in data, "PKG_XML", name)
    try:
        data.decode("utf-8")
        root = ElementTree.fromstring(data)
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise Bad(f"PKG_XML {name}")
    for one in root.iter():
        one.tag = one.tag.split("}")[-1]
    return root


def unpack(data):
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise Bad("PKG_FORMAT directory")
    found, size = {}, 0
    need(len(archive.infolist()) <= ENTRIES_MAX, "PKG_LIMIT", "entries")
    for info in archive.infolist():
        name = info.filename
        folders = name.rstrip("/").split("/")
        need(name == info.orig_filename and all(p not in ("", ".", "..") for p in folders)
             and not any(c in name for c in "\\:\0"), "PKG_NAME", name)
        need(name.lower() not in (n.lower() for n in found), "PKG_DUPLICATE", name)
        size += info.file_size
        need(size <= BYTES_MAX, "PKG_LIMIT", name)
        try:
            if not name.endswith("/"):
                found[name] = archive.read(info)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
            raise Bad(f"{'PKG_DUPLICATE' if 'differ' in str(error) else 'PKG_FORMAT'} {name}")
    return found


def place(files, reference, base):
    if reference.startswith("/"):
        tries = [reference[1:]]
    else:
        tries = [posixpath.join(posixpath.dirname(base), reference), reference]
    for wanted in tries:
        for name in files:
            if name == wanted:
                return name
        for name in files:
            if name.lower() == wanted.lower():
                return name
    return None


def described(files, path, base):
    root = tree(files[path], path)
    info = root.find("SignedInfo")
    need(info is not None and info.find("References") is not None, "FORMAT", path)
    seal = info.findtext("Seal/BaseLoc")
    return {
        "path": path, "list": base, "method": (info.findtext("SignatureMethod") or "").strip(),
        "check": info.find("References").get("CheckMethod"), "value": place(files, (root.findtext("SignedValue") or "").strip(), path),
        "seal": place(files, seal.strip(), path) if seal else None,
        "references": [(one.get("FileRef") or "", (one.findtext("CheckValue") or "").strip())
                       for one in info.find("References").findall("Reference")],
    }


def check_ofd(data, checker):
    files = unpack(data)
    need("OFD.xml" in files, "PKG_FORMAT", "OFD.xml")
    for name, content in files.items():
        if name.lower().endswith(".xml"):
            tree(content, name)
    signatures = []
    for body in tree(files["OFD.xml"], "OFD.xml").findall("DocBody"):
        where = body.findtext("Signatures")
        if where:
            base = place(files, where.strip(), "OFD.xml")
            need(base, "FORMAT", where)
            for one in tree(files[base], base).findall("Signature"):
                path = place(files, one.get("BaseLoc") or "", base)
                need(path, "FORMAT", base)
                signatures.append(described(files, path, base))
    need(signatures, "NOT_SIGNED")
    for number, one in enumerate(signatures):
        need(one["method"] == SM2_SM3, "ALGORITHM", one["method"])
        need(one["value"], "FORMAT", one["path"])
        signed = read_signature(files[one["value"]])
        need(signed["algorithm"] == SM2_SM3, "ALGORITHM", signed["algorithm"])
        checker.value(signed["body"], signed["signature"], signed["signer"], "SIG_VALUE")
        need(sm3(files[one["path"]]) == signed["hash"], "DOC_HASH", one["path"])
        need(signed["scope"].lstrip("/") == one["path"], "DOC_HASH", signed["scope"])
        need(one["check"] and (one["check"] == SM3 or one["check"].upper() == "SM3"), "ALGORITHM", str(one["check"]))
        covered = set()
        for reference, value in one["references"]:
            name = place(files, reference, one["path"])
            need(name and base64.b64encode(sm3(files[name])).decode() == value, "FILE_HASH", reference)
            covered.add(name)
        allowed = {one["path"], one["value"], one["seal"], one["list"]}
        for later in signatures[number + 1:]:
            allowed |= {later["path"], later["value"], later["seal"]}
        for name in files:
            need(name in covered or name in allowed, "COVERAGE", name)
        if one["seal"]:
            need(files[one["seal"]] == signed["seal"]["bytes"], "SEAL_MISMATCH", one["seal"])
        checker.signature(signed)
        print(f"good: {one['path']} sealed with \"{signed['seal']['name']}\" ({signed['seal']['code']}) by "
              f"{checker.name(signed['signer'])}, who says at {signed['time']:%Y-%m-%d %H:%M:%SZ}")


def check_seal(data, checker):
    seal = read_seal(only(data))
    checker.seal(seal, [checker.at])
    print(f"good: seal \"{seal['name']}\" ({seal['code']}) made by {checker.name(seal['maker'])}, "
          f"valid {seal['from']:%Y-%m-%d} to {seal['until']:%Y-%m-%d}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file")
    options.add_argument("--trust", required=True, help="trusted certificates (PEM)")
    options.add_argument("--at", help="the moment asked about (UTC); now without it")
    given = options.parse_args()
    at = datetime.datetime.now(datetime.timezone.utc)
    if given.at:
        at = datetime.datetime.strptime(given.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    try:
        data = open(given.file, "rb").read()
        open(given.trust).read()
    except OSError as error:
        print(f"cannot read: {error}")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        checker = Checker(given.trust, at, folder)
        try:
            (check_ofd if data[:2] == b"PK" else check_seal)(data, checker)
        except Bad as fault:
            print(f"bad: {fault}")
            return 1
        except (IndexError, UnicodeDecodeError, ValueError) as fault:
            print(f"bad: FORMAT {fault}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks an electronic seal (.esl) or a sealed OFD file with Python's standard library and the openssl command.

    verify-seal.py FILE --trust ROOTS.pem [--crl LIST.crl …] [--at YYYY-MM-DD[THH:MM:SSZ]]

Seals and signatures are those of GB/T 38540-2020 (and GM/T 0031-2025, whose rules are the same); files those of
GB/T 33190-2016. Prints who sealed what and when, and exits 0 when everything holds; 1 with the class of the fault when
it does not (Docs/formats/ofd.md, hostile-cases.md); 2 when the file, a list, ROOTS.pem or the moment cannot be read.
ROOTS.pem holds the SM2 root and, where time stamps shall count, the P-256 root; without that the time of signing is the
signer's word, and certificates and seal have to be good at that time and now. Lists of what an authority revoked (DER)
count where they are given. Whether a seal was suspended, or a licence cancelled since, no file can tell: ask the platform.
"""
import argparse, base64, datetime, io, os, posixpath, re, struct, subprocess, sys, tempfile, zipfile, zlib
from xml.etree import ElementTree

DISTID = "distid:1234567812345678"
SM2_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
ISSUERS = "2.25.262034597168498721407123468715029823649"  # extension: the certificates between signer and root
LICENCES = "2.25.102146297233537630421206107769184928885"  # extended key usage of whoever issues licences
OTHERS = {  # those of persons and firms, of the log, of archives
    "2.25.319552243812773285611378793098654609501", "2.25.156976476587300553328363153663220733081",
    "2.25.110875681356445924284057526023344250749",
}
BYTES_MAX, ENTRIES_MAX, ELEMENTS_MAX, DEPTH_MAX = 25165824, 1000, 100000, 64
TOLERANCE = datetime.timedelta(seconds=300)
LOCAL = datetime.timezone(datetime.timedelta(hours=8))  # Asia/Shanghai
EXTRA_FIELDS = {  # that packers write of themselves, and how many bytes each takes at most; others may hold a file
    0x0001: 28, 0x000A: 32, 0x5455: 13, 0x5855: 12, 0x7855: 4, 0x7875: 11, 0xCAFE: 0,
}


class Bad(Exception):
    pass


def need(holds, kind, where=""):
    if not holds:
        raise Bad(f"{kind} {where}".strip())


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    return openssl("dgst", "-sm3", "-binary", data=data).stdout


def trusted(path):
    """The certificates of a PEM file that can be read, as DER."""
    with open(path, encoding="latin-1") as file:
        blocks = re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read(), re.S)
    made = [openssl("x509", "-outform", "DER", data=one.encode("latin-1")).stdout for one in blocks]
    return [one for one in made if one]


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
        "stamp": bits(only(of(fields[4], 0xA0))) if len(fields) > 4 else None,
    }


def said(text):
    """A time as openssl writes it."""
    moment = datetime.datetime.strptime(re.sub(r"\.\d+", "", text), "%b %d %H:%M:%S %Y")
    return moment.replace(tzinfo=datetime.timezone.utc)


class Checker:
    def __init__(self, anchors, lists, at, folder):
        self.anchors, self.lists, self.at, self.folder, self.count = anchors, lists, at, folder, 0
        self.trust = self.file(b"".join(openssl("x509", "-inform", "DER", data=one).stdout for one in anchors))
        self.stamps = any("ASN1 OID: SM2" not in self.text(one, "-text") for one in self.anchors)

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
        anchors, current, way = self.anchors, certificate, 0
        while way < 8:
            stamp = str(int(moment.timestamp()))
            for issuer in anchors + others:
                done = openssl("verify", "-vfyopt", DISTID, "-partial_chain", "-attime", stamp,
                               "-trusted", self.pem(issuer), self.pem(current))
                if done.returncode == 0 and (issuer != current or current in anchors):
                    self.revoked(current, issuer, moment, who)
                    if issuer in anchors:
                        return
                    current, way = issuer, way + 1
                    break
                need(b"expired" not in done.stderr and b"not yet valid" not in done.stderr, f"{who}_CERT_EXPIRED",
                     self.name(current))
            else:
                raise Bad(f"{who}_CERT_UNTRUSTED {self.name(certificate)}")
        raise Bad(f"{who}_CERT_UNTRUSTED {self.name(certificate)}")

    def revoked(self, certificate, issuer, moment, who):
        """What the lists that the issuer signed say; openssl's own check cannot be told the user identifier."""
        serial, reaches = int(self.text(certificate, "-serial").split("=")[1], 16), None
        for path in self.lists:
            data = open(path, "rb").read()
            fields = parts(only(data))
            key = openssl("x509", "-inform", "DER", "-in", self.file(issuer), "-noout", "-pubkey").stdout
            done = openssl("dgst", "-sm3", "-verify", self.file(key), "-sigopt", DISTID,
                           "-signature", self.file(bits(fields[2])), data=fields[0][2])
            if done.returncode != 0:
                continue  # another authority's
            words = openssl("crl", "-inform", "DER", "-noout", "-text", data=data).stdout.decode(errors="replace")
            need(": critical" not in words, "FORMAT", path)
            for number, day in re.findall(r"Serial Number: ([0-9A-F]+)\s+Revocation Date: (.+) GMT", words):
                need(int(number, 16) != serial or said(day) > moment, f"{who}_CERT_REVOKED", self.name(certificate))
            last = re.search(r"Next Update: (.+) GMT", words)
            reaches = reaches or (last and moment < said(last[1]))
        need(not self.lists or reaches is not False, f"{who}_CERT_REVOKED", "the list is out of date")

    def marks(self, certificate):
        """The extended key usages, none where the certificate has no such extension."""
        words = self.text(certificate, "-ext", "extendedKeyUsage").splitlines()[1:]
        return {one.strip() for line in words for one in line.split(",")}

    def issuers(self, inside):
        return [of(one, 0x04) for one in parts(only(inside[ISSUERS]))] if ISSUERS in inside else []

    def seal(self, seal, moments):
        need(seal["algorithm"] == SM2_SM3, "ALGORITHM", seal["algorithm"])
        self.value(seal["info"], seal["signature"], seal["maker"], "SEAL_SIG")
        for moment in moments:
            self.chain(seal["maker"], self.issuers(seal["extensions"]), moment, "MAKER")
        # All lead to one root: firms and persons too, who make no seals.
        marks = self.marks(seal["maker"])
        need(LICENCES in marks or not marks & OTHERS, "MAKER_CERT_USAGE", self.name(seal["maker"]))
        for moment in moments:
            need(seal["from"] <= moment <= seal["until"], "SEAL_EXPIRED", seal["code"])

    def proven(self, one):
        """When the time stamp says that the signature was there; None without one, or without a root for it."""
        if one["stamp"] is None or not self.stamps:
            return None
        try:
            only(one["stamp"])
        except Bad:
            raise Bad("TIMESTAMP bytes after the token")
        token = self.file(one["stamp"])
        words = openssl("ts", "-reply", "-in", token, "-token_in", "-text").stdout.decode(errors="replace")
        found = re.search(r"Time stamp: (.+) GMT", words)
        need(found, "TIMESTAMP", "token")
        moment = said(found[1])
        done = openssl("ts", "-verify", "-in", token, "-token_in", "-data", self.file(one["signature"]),
                       "-CAfile", self.trust, "-attime", str(int(moment.timestamp())))
        need(done.returncode == 0, "TIMESTAMP", "not of this signature, or of nobody who is trusted")
        return moment

    def signature(self, one):
        need(one["time"] <= self.at + TOLERANCE, "TIMESTAMP", "timeInfo lies ahead")
        wrong, proven = None, None
        try:
            proven = self.proven(one)
        except Bad as fault:
            wrong = fault  # whoever signed comes first
        moments = [proven] if proven else [one["time"], max(one["time"], self.at)]
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
        if wrong:
            raise wrong
        if proven:
            need(one["time"] <= proven + TOLERANCE and proven <= self.at + TOLERANCE, "TIMESTAMP", "genTime")
        return proven


def tree(data, name):
    lower = data.lower()
    need(b"<!doctype" not in lower and b"<!entity" not in lower and b"\0" not in data, "PKG_XML", name)
    head = lower[:lower.find(b">")] if lower.startswith(b"<?xml") else b""
    need(b"encoding" not in head or b"utf-8" in head, "PKG_XML", name)
    count = depth = 0
    root = None
    try:
        data.decode("utf-8")
        for event, one in ElementTree.iterparse(io.BytesIO(data), ("start", "end")):
            if event == "start":
                root, count, depth = one if root is None else root, count + 1, depth + 1
                need(count <= ELEMENTS_MAX and depth <= DEPTH_MAX, "PKG_XML", name)
            else:
                one.tag, depth = one.tag.split("}")[-1], depth - 1
    except (UnicodeDecodeError, ElementTree.ParseError):
        raise Bad(f"PKG_XML {name}")
    return root


def extra_fields(data, name):
    """Only 64-bit sizes, times, owners and the mark of Java, each once and no longer than it has to be.
    Gives the 64-bit sizes."""
    seen, wide = set(), b""
    while data:
        need(len(data) >= 4, "PKG_FORMAT", name)
        kind, size = struct.unpack("<HH", data[:4])
        need(kind not in seen and size <= EXTRA_FIELDS.get(kind, -1) and len(data) >= 4 + size, "PKG_FORMAT", name)
        seen.add(kind)
        wide = data[4:4 + size] if kind == 1 else wide
        data = data[4 + size:]
    return [number for number, in struct.iter_unpack("<Q", wide[:len(wide) // 8 * 8])]


def is_whole(packed, info):
    """Whether what is packed ends with its last byte: what comes after would be unseen."""
    if info.compress_type == zipfile.ZIP_STORED:
        return len(packed) == info.file_size
    opened = zlib.decompressobj(-15)
    try:
        return len(opened.decompress(packed, info.file_size + 1)) == info.file_size and opened.eof and not opened.unused_data
    except zlib.error:
        return False


def back_to_back(data, infos):
    """Headers, entries, directory and end lie one behind the other, so that no byte is left that nobody vouches for."""
    place = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        name = info.filename
        need(info.header_offset == place and data[place:place + 4] == b"PK\3\4", "PKG_FORMAT", name)
        _, flags, method, clock, day, crc, packed, size, names, extra = struct.unpack("<HHHHHIIIHH", data[place + 4:place + 30])
        place += 30 + names
        wide = extra_fields(data[place:place + extra], name)
        size = wide.pop(0) if size == 0xFFFFFFFF and wide else size
        packed = wide.pop(0) if packed == 0xFFFFFFFF and wide else packed
        told = (day >> 9) + 1980, day >> 5 & 15, day & 31, clock >> 11, clock >> 5 & 63, (clock & 31) * 2
        need(told == info.date_time, "PKG_DUPLICATE", name)
        known = (info.CRC, info.compress_size, info.file_size)
        need((flags & ~8, method) == (info.flag_bits & ~8, info.compress_type), "PKG_DUPLICATE", name)
        need((crc, packed, size) in ((known, (0, 0, 0)) if flags & 8 else (known,)), "PKG_DUPLICATE", name)
        extra_fields(info.extra, name)
        need(not info.comment, "PKG_FORMAT", name)
        place += extra
        need(is_whole(data[place:place + info.compress_size], info), "PKG_FORMAT", name)
        place += info.compress_size
        if flags & 8:  # sizes stand behind the entry, with a mark before them or without
            words = struct.pack("<III", *known)
            marked = data[place:place + 4] == b"PK\7\x08" and data[place + 4:place + 16] == words
            need(marked or data[place:place + 12] == words, "PKG_FORMAT", name)
            place += 16 if marked else 12
    end = len(data) - 22
    need(end >= place and data[end:end + 4] == b"PK\5\6", "PKG_FORMAT", "bytes after the directory")
    disks, entries, all_entries, size, start, comment = struct.unpack("<IHHIIH", data[end + 4:])
    need((disks, entries, all_entries, start, start + size, comment) == (0, len(infos), len(infos), place, end, 0),
         "PKG_FORMAT", "bytes between entries and directory")


def unpack(data):
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError):
        raise Bad("PKG_FORMAT directory")
    found, size = {}, 0
    need(len(archive.infolist()) <= ENTRIES_MAX, "PKG_LIMIT", "entries")
    for info in archive.infolist():
        name = info.filename
        folders = name.rstrip("/").split("/")
        need(name == info.orig_filename and all(p not in ("", ".", "..") for p in folders)
             and not any(c in "\\:\x7f" or c < " " for c in name) and name.count("/") < 16, "PKG_NAME", name)
        need(name.lower() not in (n.lower() for n in found), "PKG_DUPLICATE", name)
        need(info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), "PKG_FORMAT", name)
        size += info.file_size
        need(size <= BYTES_MAX, "PKG_LIMIT", name)
        try:
            content = archive.read(info)
            need(not name.endswith("/") or not content, "PKG_FORMAT", name)
            if not name.endswith("/"):
                found[name] = content
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
            raise Bad(f"{'PKG_DUPLICATE' if 'differ' in str(error) else 'PKG_FORMAT'} {name}")
    files = {name.lower() for name in found}
    for name in files:  # no file is a folder too
        need(not any(name[:at] in files for at, sign in enumerate(name) if sign == "/"), "PKG_DUPLICATE", name)
    back_to_back(data, archive.infolist())
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
        if name.lower().endswith(".xml") or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
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
    lines = []
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
        proven = checker.signature(signed)
        one["signer"] = signed["signer"]
        when = f"proven at {proven:%Y-%m-%d %H:%M:%SZ}" if proven else f"who says at {signed['time']:%Y-%m-%d %H:%M:%SZ}"
        lines.append(f"good: {one['path']} sealed with \"{signed['seal']['name']}\" ({signed['seal']['code']}) by "
                     f"{checker.name(signed['signer'])}, {when}")
    check_licence(tree(files["OFD.xml"], "OFD.xml"), [one["signer"] for one in signatures], checker)
    print("\n".join(lines))


def fits(text):
    """GB/T 36904: five parts, the last of them the check character by ISO/IEC 7064 MOD 37,36 over the others."""
    if not re.fullmatch(r"1\.2\.156\.3005\.2(\.[0-9A-Z]+){5}", text):
        return False
    signs, product = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 36
    *parts_of, check = text.split(".")[5:]
    for sign in "".join(parts_of):
        product = 2 * ((product + signs.index(sign)) % 36 or 36) % 37
    return signs[(37 - product) % 36] == check


def check_licence(root, signers, checker):
    """What a licence's own words forbid, and whether one of its signers may issue it: whoever names a field of the
    catalogue (GB/T 36903) writes a licence, and a firm's own seal certifies none."""
    fields = [(one.get("Name") or "", (one.text or "").strip()) for one in root.iter("CustomData")]
    fields = [(name, value) for name, value in fields if name.startswith(("ZZ", "CZZT", "JZJ"))]
    day = (checker.at + datetime.timedelta(hours=8)).date()
    for name, value in fields:
        need(name != "ZZBS" or not value or fits(value), "ID_CHECK", value)
    for field, kind, is_past in (("JZJYXQJZSJ", "COPY_EXPIRED", True), ("ZZYXQQSRQ", "credential.not-yet-valid", False),
                                 ("ZZYXQJZRQ", "credential.expired", True)):
        for name, value in fields:
            if name == field and re.match(r"\d{4}-\d\d-\d\d", value):
                limit = datetime.date.fromisoformat(value[:10])
                need(day <= limit if is_past else limit <= day, kind, value)
    if not fields:
        return
    issuers = {value for name, value in fields if name == "ZZBFJGDM"}
    is_copy = any(name == "JZJZZSJ" for name, _ in fields)
    for signer in signers:
        marks = checker.marks(signer)  # those from before the marks have none
        names = checker.text(signer, "-subject", "-nameopt", "utf8,sep_multiline").splitlines()
        codes = {line.strip().split("=", 1)[1].strip() for line in names if line.strip().startswith("serialNumber")}
        if not marks or LICENCES in marks and (is_copy or len(issuers) == 1 and issuers <= codes):
            return
    raise Bad("credential.issuer it calls itself a licence, and nobody who may issue it sealed it")


def check_seal(data, checker):
    seal = read_seal(only(data))
    checker.seal(seal, [checker.at])
    print(f"good: seal \"{seal['name']}\" ({seal['code']}) made by {checker.name(seal['maker'])}, "
          f"valid {seal['from']:%Y-%m-%d} to {seal['until']:%Y-%m-%d}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file")
    options.add_argument("--trust", required=True, help="trusted certificates (PEM)")
    options.add_argument("--crl", action="append", default=[], help="a revocation list (DER); several may be given")
    options.add_argument("--at", help="the moment asked about, with Z or a zone, else in Asia/Shanghai; now without it")
    given = options.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names, in whatever the terminal writes
    now = datetime.datetime.now(datetime.timezone.utc)
    try:
        at = datetime.datetime.fromisoformat(given.at.replace("Z", "+00:00")) if given.at else now
        at = (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(datetime.timezone.utc)
        with open(given.file, "rb") as file:
            data = file.read(BYTES_MAX + 1)
        anchors = trusted(given.trust)
        if not anchors:
            raise ValueError(f"{given.trust} holds no certificate")
        for path in given.crl:
            open(path, "rb").close()
    except (OSError, ValueError, OverflowError) as error:
        print(f"cannot read: {error}")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            need(len(data) <= BYTES_MAX, "PKG_LIMIT")
            checker = Checker(anchors, given.crl, at, folder)
            (check_ofd if data[:2] == b"PK" else check_seal)(data, checker)
        except Bad as fault:
            print(f"bad: {fault}")
            return 1
        except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError, struct.error) as fault:
            print(f"bad: FORMAT {fault}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks a Suban archive with nothing but Python's standard library and the openssl command (3.0 or newer).

    verify-archive.py PACKAGE.zip ROOTS.pem [--crl LIST.crl …] [--ends ALGORITHM=YYYY-MM-DD …] [--at SECONDS]

ROOTS.pem holds the trusted certificates: the SM2 root, and the P-256 root of the time stamps. --ends names the
last day on which sm3, sha256 or p256 counts. Prints what is proven and exits 0 when everything holds, 1 with the class of the first fault when something does not, 2 when a file cannot be read.
Lists of what the authorities revoked (DER) count where they are given, at the time that the stamp proves.
The bytes are specified in Docs/formats/archive.md.
"""
import argparse, base64, calendar, hashlib, json, os, re, struct, subprocess, sys, tempfile, time, zlib

DISTID = "distid:1234567812345678"
ARCHIVES = "2.25.110875681356445924284057526023344250749"  # extended key usage of an archiving certificate
LOG = "2.25.156976476587300553328363153663220733081"  # and of a log's
TOLERANCE = 300


class Bad(Exception):
    def __init__(self, code, words=""):
        super().__init__(f"{code}: {words}" if words else code)


def need(holds, code, words=""):
    if not holds:
        raise Bad(code, words)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:  # a Python whose hashlib was built without it
        return openssl("dgst", "-sm3", "-binary", data=data).stdout


def canonical(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("\\b", "\\u0008").replace("\\f", "\\u000c").encode()


def read_json(data, code, *forms):
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise Bad(code, "no JSON")
    need(isinstance(value, dict) and canonical(value) == data and value.get("format") in forms, code, "not written as one")
    return value


def raw(text, code):
    try:
        value = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise Bad(code, "Base64")
    need(base64.b64encode(value).decode() == text, code, "Base64")
    return value


# The ZIP file: nothing deflated, fixed times, no comments; so its bytes follow from the entries.

def unpack(data):
    """Names and contents in the order of the directory. The file is rebuilt from them: any other byte is a fault."""
    end = data.rfind(b"PK\5\6")
    need(end >= 0 and len(data) == end + 22, "class.PKG_FORMAT", "end")
    count, size, start = struct.unpack("<HII", data[end + 10:end + 20])
    entries, place = [], start
    for _ in range(count):
        need(data[place:place + 4] == b"PK\1\2", "class.PKG_FORMAT", "directory")
        method = struct.unpack("<H", data[place + 10:place + 12])[0]
        packed, unpacked, name_size, extra, comment = struct.unpack("<IIHHH", data[place + 20:place + 34])
        offset = struct.unpack("<I", data[place + 42:place + 46])[0]
        name = data[place + 46:place + 46 + name_size].decode()
        begin = offset + 30 + name_size
        need(method == 0 and packed == unpacked and begin + unpacked <= len(data), "class.PKG_FORMAT", name)
        entries.append((name, data[begin:begin + unpacked]))
        place += 46 + name_size + extra + comment
    need(len({name.lower() for name, _ in entries}) == len(entries), "class.PKG_DUPLICATE")
    return entries


def pack(entries):
    body, directory = b"", b""
    pieces, offset = [], 0
    for name, content in entries:
        encoded, crc = name.encode(), zlib.crc32(content)
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21, crc, len(content), len(content), len(encoded), 0)
        local = b"PK\3\4" + common + encoded
        directory += b"PK\1\2" + struct.pack("<H", MADE_BY) + common + struct.pack("<HHHII", 0, 0, 0, ATTRIBUTES, offset) + encoded
        pieces += [local, content]
        offset += len(local) + len(content)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), offset, 0)
    return b"".join(pieces) + directory + end


MADE_BY, ATTRIBUTES = 0x033F, 0o100666 << 16  # version 6.3, as on Unix; a plain file


# Certificates and signatures

def said(text):
    """A time as openssl writes it."""
    return calendar.timegm(time.strptime(text, "%b %d %H:%M:%S %Y"))


def seconds(text):
    return calendar.timegm(time.strptime(re.sub(r"\.\d+", "", text).replace(" GMT", ""), "%b %d %H:%M:%S %Y"))


def blocks(text):
    return re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", text, re.S)


def about(pem):
    """Subject, issuer, serial number and end of a certificate."""
    done = openssl("x509", "-noout", "-subject", "-issuer", "-serial", "-enddate", "-nameopt", "RFC2253", data=pem)
    found = dict(line.split("=", 1) for line in done.stdout.decode().splitlines() if "=" in line)
    return found.get("subject"), found.get("issuer"), found.get("serial"), seconds(found["notAfter"]) + 1


LEAVE_STAMPS = ("Affiliation Changed", "Superseded", "Cessation Of Operation")


class Trust:
    def __init__(self, roots, lists, folder, now, ends=None):
        self.roots, self.folder, self.now, self.lists, self.ends = roots, folder, now, lists, ends or {}

    def losses(self, certificate, issuer):
        """Days and reasons for which lists of its issuer name a certificate."""
        serial = about(certificate)[2].lstrip("0")
        for path in self.lists:
            with open(path, "rb") as file:
                form = "PEM" if file.read().startswith(b"-----") else "DER"
            done = openssl("crl", "-inform", form, "-in", path, "-noout", "-text", "-verify", "-CAfile", self.write("issuer", issuer))
            if b"verify OK" not in done.stderr:
                continue
            for entry in done.stdout.decode(errors="replace").split("Serial Number: ")[1:]:
                if entry.split(None, 1)[0].lstrip("0") == serial:
                    reason = re.search(r"Reason Code:[^\n]*\n\s*(.+)", entry)
                    yield seconds(re.search(r"Revocation Date: (.*)", entry)[1]), reason[1].strip() if reason else ""

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def chain(self, certificates, moment, usage, code, wrong):
        """Checks hop by hop up to a trusted one, with none left over; gives the first one's key file, key name and organisation."""
        need(certificates, code, "no certificate")
        paths = []
        for index, text in enumerate(certificates):
            pem = openssl("x509", "-inform", "DER", data=raw(text, code))
            need(pem.returncode == 0, code, "unreadable")
            paths.append(self.write(f"{index}.pem", pem.stdout))
        for path, issuer in zip(paths, paths[1:] + [self.roots]):
            done = openssl("verify", "-vfyopt", DISTID, "-attime", str(moment), "-partial_chain", "-trusted", issuer, path)
            need(done.returncode == 0, code, "it does not lead to a trusted one")
            need(not self.revoked(path, issuer, moment, moment), code, "revoked")
        for text, path in zip(certificates[1:], paths[1:]):
            with open(path, "rb") as file:
                subject, issuer, *_ = about(file.read())
            need(certificates.count(text) == 1 and subject != issuer, code, "a certificate that is left over")
        marks = openssl("x509", "-in", paths[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode()
        need(usage in re.split(r"[\s,]+", marks), wrong)
        pem = openssl("x509", "-in", paths[0], "-noout", "-pubkey").stdout
        der = openssl("pkey", "-pubin", "-outform", "DER", data=pem).stdout
        lines = openssl("x509", "-in", paths[0], "-noout", "-subject", "-nameopt", "multiline,utf8,-esc_msb").stdout.decode()
        who = "".join(line.split("=", 1)[1].strip() for line in lines.splitlines() if "organizationName" in line)
        return self.write("key.pem", pem), sm3(der).hex(), who

    def revoked(self, certificate, issuer, signed, asked):
        """Whether one of the lists that the issuer signed names the certificate up to the moment asked about, or none of them reaches
        to that of the signature. OpenSSL's own check cannot be told the user identifier. Moments are seconds since 1970."""
        serial = int(openssl("x509", "-in", certificate, "-noout", "-serial").stdout.decode().split("=")[1], 16)
        with open(issuer) as file:  # of the trusted ones there may be several
            issuers = re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read(), re.S)
        keys = [self.write(f"issuer-{index}.pem", openssl("x509", "-noout", "-pubkey", data=one.encode()).stdout)
                for index, one in enumerate(issuers)]
        reaches = None
        for path in self.lists:
            with open(path, "rb") as file:
                data = file.read()
            shape = openssl("asn1parse", "-inform", "DER", data=data).stdout.decode(errors="replace")
            parts = [tuple(map(int, one)) for one in re.findall(r"(?m)^ *(\d+):d=1 +hl= *(\d+) +l= *(\d+) ", shape)]
            need(len(parts) == 3, "archive.certificate", "a revocation list that cannot be read")
            (start, head, size), _, (last, last_head, last_size) = parts
            signature = self.write("list.sig", data[last + last_head + 1:last + last_head + last_size])
            text = data[start:start + head + size]
            if all(openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature", signature, data=text).returncode
                   for key in keys):
                continue  # another authority's
            words = openssl("crl", "-inform", "DER", "-noout", "-text", data=data).stdout.decode(errors="replace")
            need(": critical" not in words, "archive.certificate", "a revocation list of another kind")
            for number, day in re.findall(r"Serial Number: ([0-9A-F]+)\s+Revocation Date: (.+) GMT", words):
                if int(number, 16) == serial and said(day) <= asked:
                    return True
            until = re.search(r"Next Update: (.+) GMT", words)
            reaches = reaches or bool(until and signed < said(until[1]))
        return reaches is False

    def signed(self, key, signature, message):
        done = openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature",
                       self.write("signature", signature), self.write("message", message))
        return done.returncode == 0 and b"Verified OK" in done.stdout

    def stamped(self, token, signature, code="archive.timestamp"):
        """When the time stamp says that the signature was there, until when it counts, and whether it was taken back."""
        path = self.write("token", token)
        text = openssl("ts", "-reply", "-in", path, "-token_in", "-token_out", "-text").stdout.decode(errors="replace")
        found = re.search(r"Time stamp: (.*) GMT", text)
        named = re.search(r"Hash Algorithm: (\w+)", text)
        need(found and named, code, "unreadable")
        moment = seconds(found[1])
        need(moment <= self.now + TOLERANCE, code, "later than the moment asked about")
        done = openssl("ts", "-verify", "-data", self.write("signature", signature), "-in", path, "-token_in",
                       "-CAfile", self.roots, "-attime", str(moment))
        need(done.returncode == 0, code)
        certificates = blocks(openssl("pkcs7", "-inform", "DER", "-in", path, "-print_certs").stdout)
        with open(self.roots, "rb") as file:
            known = certificates + blocks(file.read())
        # openssl has checked the way; here it is walked again for its ends and what was revoked on it.
        marked = [one for one in certificates if b"Time Stamping" in openssl("x509", "-noout", "-text", data=one).stdout]
        need(len(marked) == 1, code, "not one authority for time stamps")
        way = marked
        while about(way[-1])[0] != about(way[-1])[1] and len(way) < 9:
            above = [one for one in known if about(one)[0] == about(way[-1])[1]]
            if not above:
                break
            way.append(above[0])
        day = [self.ends[name] for name in ("p256", "sha256", named[1].lower()) if name in self.ends]
        limit, taken = min([about(one)[3] for one in way] + day), []
        for one, issuer in zip(way, way[1:]):
            taken += [at for at, reason in self.losses(one, issuer) if reason not in LEAVE_STAMPS or at <= moment]
        return moment, min([limit] + taken), bool(taken), named[1].lower()

    def walked(self, index, seal, signature, token, renewals, contents, is_copy):
        """The way of the stamps: each counts while the next one is laid over it. When the seal was there at the latest, and
        until when the last stamp counts."""
        at, limit, taken, _ = self.stamped(token, signature)
        last = at
        for place, renewal in enumerate(renewals):
            number = str(place + 1)
            need(isinstance(renewal, dict) and set(renewal) == {"proof", "text", "timestamp"}, "archive.renewal-format", number)
            text = renewal["text"].encode()
            stated = read_json(text, "archive.renewal-format", "suban-archive-renewal-1")
            need(stated["hash"] in ("sm3", "sha256"), "archive.renewal-format", number)
            digest = (lambda data: sm3(data).hex()) if stated["hash"] == "sm3" else (lambda data: hashlib.sha256(data).hexdigest())
            need(stated["number"] == place + 1 and len(stated["before"]) == place, "archive.renewal-missing", number)
            given = {
                "before": [digest(canonical(one)) for one in renewals[:place]], "files": stated["files"],
                "format": "suban-archive-renewal-1", "hash": stated["hash"], "index": digest(index), "number": place + 1,
                "seal": digest(seal),
            }
            need(text == canonical(given), "archive.renewal-other", number)
            files = stated["files"]
            if files is None:
                need(stated["hash"] == "sm3", "archive.renewal-other", number)
            else:
                need(set(files) == {file["path"] for file in json.loads(index)["files"]}, "archive.renewal-other", number)
                for path, content in contents.items():
                    own = is_copy and path == "log/entries.json"
                    need(own or path not in files or files[path] == digest(content), "archive.renewal-other", number)
            code = "archive.renewal-stamp"
            moment, next_limit, next_taken, algorithm = self.stamped(raw(renewal["timestamp"], code), text, code)
            need(algorithm == stated["hash"], code, number)
            need(moment >= last, "archive.renewal-order", number)
            if moment >= limit:
                need(renewal["proof"] is not None, "archive.renewal-late", number)
                known = self.known(renewal["proof"].encode(), sm3(index).hex(), number)
                need(known < limit, "archive.renewal-late", number)
                at = known
            last, limit, taken = moment, next_limit, next_taken
        need(not taken, "archive.stamp-taken-back")
        return at, limit

    def known(self, data, index, number):
        """When the log knew an index at the latest, by its receipt of the sealing."""
        code = "archive.renewal-proof"
        receipt = read_json(data, code, "suban-receipt-1")
        head, text = receipt["head"], receipt["entry"].encode()
        need(head is not None and receipt["content"] is not None, code, number)
        entry = json.loads(text)
        need(canonical(entry) == text and entry["act"] == "archive.sealed", code, number)
        need(head["at"] / 1000 <= self.now + TOLERANCE, code, number)
        key, log, _ = self.chain(receipt["certificates"], head["at"] // 1000, LOG, code, code)
        message = {"at": head["at"], "kind": "suban-head-1", "log": log, "root": head["root"], "size": head["size"]}
        need(head["log"] == log and self.signed(key, raw(head["signature"], code), canonical(message)), code, number)
        path = [bytes.fromhex(node) for node in receipt["path"]]
        need(leads(sm3(b"\0" + text), receipt["sequence"], head["size"], path).hex() == head["root"], code, number)
        content = receipt["content"].encode()
        need(sm3(bytes.fromhex(receipt["salt"]) + content).hex() == entry["after"], code, number)
        need(json.loads(content)["index"] == index, code, number)
        return head["at"] / 1000

    def seal(self, data, text, kind, renewals=(), contents=None, is_copy=False):
        seal = read_json(data, "archive.seal-format", "suban-archive-seal-1")
        need(set(seal) == {"certificates", "format", "signature", "timestamp"}, "archive.seal-format")
        signature = raw(seal["signature"], "archive.seal-format")
        token = raw(seal["timestamp"], "archive.seal-format")
        moment, limit = self.walked(text, data, signature, token, renewals, contents or {}, is_copy)
        key, _, who = self.chain(seal["certificates"], int(moment), ARCHIVES, "archive.certificate", "archive.not-an-archive")
        need(self.signed(key, signature, kind.encode() + b"\n" + text), "archive.signature")
        return who, moment, limit


def leads(leaf, sequence, size, path):
    """The root that the path gives (RFC 9162, section 2.1.3.2)."""
    need(0 <= sequence < size, "archive.log", "a number outside the tree")
    node, last = leaf, size - 1
    for sibling in path:
        need(last > 0, "archive.log", "a path that is too long")
        if sequence & 1 or sequence == last:
            node = sm3(b"\1" + sibling + node)
            while not sequence & 1 and sequence:
                sequence, last = sequence >> 1, last >> 1
        else:
            node = sm3(b"\1" + node + sibling)
        sequence, last = sequence >> 1, last >> 1
    need(last == 0, "archive.log", "a path that is too short")
    return node


def check_log(data, index, contents, trust, is_copy):
    """Every entry leads to the head; in a copy, digests stand for those that the party is not given."""
    extract = read_json(data, "archive.log", "suban-log-extract-1", "suban-log-extract-2")
    withheld = sum("leaf" in line for line in extract["entries"])
    need((extract["format"] == "suban-log-extract-2") == (withheld > 0) and (is_copy or not withheld), "archive.log", "format")
    head = extract["head"]
    need(head["at"] / 1000 <= trust.now + TOLERANCE, "archive.log", "a head from the future")
    key, log, _ = trust.chain(extract["certificates"], head["at"] // 1000, LOG, "archive.log", "archive.log")
    message = {"at": head["at"], "kind": "suban-head-1", "log": log, "root": head["root"], "size": head["size"]}
    need(head["log"] == log and trust.signed(key, raw(head["signature"], "archive.log"), canonical(message)), "archive.log", "head")
    last, objects, spoken = -1, set(index["objects"]), set()
    for line in extract["entries"]:
        number = line["sequence"]
        need(number > last, "archive.log", f"entry {number}")
        last = number
        if "leaf" in line:
            need(set(line) == {"leaf", "path", "sequence"}, "archive.log", f"entry {number}")
            leaf = bytes.fromhex(line["leaf"])
        else:
            text = line["entry"].encode()
            entry = json.loads(text)
            need(canonical(entry) == text, "archive.log", f"entry {number}")
            leaf = sm3(b"\0" + text)
        root = leads(leaf, number, head["size"], [bytes.fromhex(node) for node in line["path"]])
        need(root.hex() == head["root"], "archive.log", f"entry {number}")
        if "leaf" in line:
            continue
        need(entry["object"] in objects, "archive.foreign-entry", str(number))
        spoken.add(entry["object"])
        if line["file"] is not None and line["file"] in contents:
            given = sm3(bytes.fromhex(line["salt"]) + contents[line["file"]]).hex()
            need(given == entry["after"], "archive.other-content", str(number))
    for silent in sorted(objects - spoken) if not is_copy else ():
        raise Bad("archive.log-silent", silent)
    return len(extract["entries"]), head["size"], withheld


def check(data, trust):
    entries = unpack(data)
    contents = dict(entries)
    need(entries and entries[0][0] == "archive.json", "archive.index")
    index = read_json(contents.pop("archive.json"), "archive.index", "suban-archive-1")
    text = canonical(index)
    need("archive.seal" in contents, "archive.seal-format")
    sealed = contents.pop("archive.seal")
    renewals = []
    if "archive.renewals" in contents:
        stated = read_json(contents.pop("archive.renewals"), "archive.renewal-format", "suban-archive-renewals-1")
        renewals = stated["renewals"]
        need(set(stated) == {"format", "renewals"} and renewals, "archive.renewal-format")
    is_copy = contents.get("excerpt.json", b"").startswith(b'{"format":"suban-archive-excerpt-2"')
    who, moment, limit = trust.seal(sealed, text, "suban-archive-1", renewals, contents, is_copy)
    withheld, other_log = set(), False
    if "excerpt.json" in contents:
        stated, seal = contents.pop("excerpt.json"), contents.pop("excerpt.seal", b"")
        for_bodies = sorted(file["path"] for file in index["files"] if file["access"] == "body")
        kind = read_json(stated, "archive.excerpt", "suban-archive-excerpt-1", "suban-archive-excerpt-2")["format"]
        given = {"format": kind, "index": sm3(text).hex(), "withheld": for_bodies}
        other_log = kind == "suban-archive-excerpt-2"
        if other_log:
            given["log"] = sm3(contents.get("log/entries.json", b"")).hex()
        need(stated == canonical(given), "archive.excerpt")
        trust.seal(seal, stated, kind)
        withheld = set(for_bodies)
    for file in index["files"]:
        path = file["path"]
        if path in withheld:
            continue
        need(path in contents, "archive.file-missing", path)
        if path == "log/entries.json" and other_log:  # its digest is in the archive's word for the copy
            continue
        need(len(contents[path]) == file["size"] and sm3(contents[path]).hex() == file["sm3"], "archive.file-changed", path)
    for path in contents:
        need(path in {file["path"] for file in index["files"]} - withheld, "archive.file-added", path)
    need("log/entries.json" in contents, "archive.file-missing", "log/entries.json")
    count, size, untold = check_log(contents["log/entries.json"], index, contents, trust, other_log)
    first = ["archive.json", "archive.seal"] + (["archive.renewals"] if renewals else []) + (["excerpt.json", "excerpt.seal"] if "excerpt.json" in dict(entries) else [])
    need([name for name, _ in entries] == first + sorted(contents) and pack(entries) == data, "archive.wrapping")
    when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(moment))
    matter = index["matter"]
    print(f"archive {index['number']}, package {index['version']}: {matter['title']}, {matter['number']}, {index['fonds']['name']}")
    until = time.strftime("%Y-%m-%d", time.gmtime(limit))
    if limit <= trust.now:
        print(f"only claimed: sealed by {who} not later than {when}; the last time stamp ended on {until} and was not renewed")
    else:
        print(f"sealed by {who}; a time stamp proves: not later than {when}")
    if renewals:
        print(f"the time stamp was renewed {len(renewals)} times, good until {until}")
    print(f"{len(index['files']) - len(withheld)} files whole, none added; {count} entries in the log of {size}")
    if withheld:
        print(f"a copy for the party: {len(withheld)} files for bodies only are left out, as the archive signed")
    if untold:
        print(f"{untold} entries of the log are about what others did: digests stand for them")
    print("only claimed: that the log has nothing else about the matter")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package")
    parser.add_argument("roots", help="PEM with the certificates that you trust")
    parser.add_argument("--at", type=int, default=None, help="the moment asked about, in seconds since 1970; now without it")
    parser.add_argument("--crl", action="append", default=[], help="a revocation list (DER); several may be given")
    parser.add_argument("--ends", action="append", default=[], help="ALGORITHM=YYYY-MM-DD, its last day")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names, in whatever the terminal writes
    try:
        with open(arguments.package, "rb") as file:
            data = file.read()
        for path in [arguments.roots, *arguments.crl]:
            open(path, "rb").close()
    except OSError as error:
        print(f"{arguments.package}: {error.strerror}; name a file that can be read")
        return 2
    now = time.time() if arguments.at is None else arguments.at
    try:
        ends = {name.lower(): calendar.timegm(time.strptime(day, "%Y-%m-%d")) + 86400 - 28800
                for name, day in (text.split("=") for text in arguments.ends)}
    except ValueError as error:
        print(f"{error}; --ends names an algorithm and its last day")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(data, Trust(arguments.roots, arguments.crl, folder, now, ends))
        except Bad as fault:
            print(f"invalid: {fault}")
            return 1
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error) as fault:
            print(f"invalid: class.PKG_FORMAT: {fault}")
            return 1
    print("valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())

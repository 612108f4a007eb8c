#!/usr/bin/env python3
"""Checks the signature over a whole PDF file with Python's standard library and the openssl command.

    verify-pdf.py FILE --trust P256-ROOT.pem [--at YYYY-MM-DD[THH:MM:SSZ]]

Docs/formats/pdf.md says what is signed. Prints who signed what and when, and exits 0 when everything holds; 1 with the
class of the fault when it does not; 2 when the file, P256-ROOT.pem or the moment cannot be read. Only the last signature is
looked at: it covers every byte of the file but its own digits, so that whoever made it stands for all. Of a licence its
attached fields are read: identifier, days, the last day of a copy. Lists of revoked certificates are not looked at, and
whether a licence was cancelled since, no file can tell: ask the platform.
"""
import argparse, datetime, json, os, re, subprocess, sys, tempfile, zlib

BYTES_MAX = 25165824
TOKEN = bytes.fromhex("060b2a864886f70d010910020e")  # id-aa-timeStampToken


class Bad(Exception):
    pass


def need(holds, kind):
    if not holds:
        raise Bad(kind)


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True)
    return done.returncode, done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")


def trusted(path):
    """The certificates of a PEM file that can be read, as PEM."""
    with open(path, encoding="latin-1") as file:
        blocks = re.findall("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", file.read(), re.S)
    made = [subprocess.run(["openssl", "x509"], input=one.encode("latin-1"), capture_output=True).stdout for one in blocks]
    return b"".join(made)


# DER: a value is (tag, content, whole bytes).
def der(data, at=0):
    need(at + 2 <= len(data), "PDF_FORMAT")
    tag, size, head = data[at], data[at + 1], 2
    if size >= 0x80:
        head += size & 0x7F
        need(2 < head <= 6 and at + head <= len(data), "PDF_FORMAT")
        size = int.from_bytes(data[at + 2:at + head], "big")
    need(at + head + size <= len(data), "PDF_FORMAT")
    return tag, data[at + head:at + head + size], data[at:at + head + size]


def parts(content):
    found, at = [], 0
    while at < len(content):
        found.append(der(content, at))
        at += len(found[-1][2])
    return found


def divided(pdf):
    """The signed bytes and the CMS message of the signature that covers the whole file."""
    need(pdf.startswith(b"%PDF-1.") and pdf.rstrip(b"\r\n").endswith(b"%%EOF"), "PDF_FORMAT")
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]", pdf)
    need(ranges, "NOT_SIGNED")
    whole = {tuple(map(int, one)) for one in ranges}
    whole = [one for one in whole if one[0] == 0 and one[2] + one[3] == len(pdf)]
    need(len(whole) == 1, "COVERAGE")
    _, start, end, _ = whole[0]
    need(0 < start < end and re.fullmatch(rb"<[0-9a-fA-F]+>", pdf[start:end]), "PDF_FORMAT")
    digits = pdf[start + 1:end - 1]
    need(len(digits) % 2 == 0, "PDF_FORMAT")
    message = bytes.fromhex(digits.decode())
    whole = der(message)[2]
    need(not message[len(whole):].strip(b"\0"), "PDF_FORMAT")
    return pdf[:start] + pdf[end:], whole


def stamped(message):
    """The signature value and the time-stamp token over it, None when there is none."""
    signed = parts(parts(parts(der(message)[1])[1][1])[0][1])
    signers = parts(signed[-1][1])
    need(len(signers) == 1, "PDF_FORMAT")
    fields = parts(signers[0][1])
    if fields[-1][0] != 0xA1:
        return fields[-1][1], None
    tokens = []
    for attribute in parts(fields[-1][1]):
        name, values = parts(attribute[1])
        if name[2] == TOKEN:
            tokens.append([one[2] for one in parts(values[1])])
    # Of several, two programs may take two: one token in one attribute.
    need(len(tokens) <= 1 and all(len(one) == 1 for one in tokens), "PDF_FORMAT")
    return fields[-2][1], tokens[0][0] if tokens else None


def fields(pdf):
    """Names and values of the licence's fields: of every attached JSON that has such, as whoever signed attached it."""
    found = []
    for head in re.finditer(rb"<<[^\0]{0,400}?/Type\s*/EmbeddedFile\b[^\0]{0,400}?>>\s*stream\r?\n", pdf):
        end = pdf.find(b"endstream", head.end())
        need(end >= 0, "PDF_FORMAT")
        data = pdf[head.end():end]
        try:
            if b"/FlateDecode" in head[0]:
                data = zlib.decompressobj().decompress(data, BYTES_MAX)
            value = json.loads(data.decode())
        except (zlib.error, ValueError, RecursionError):
            continue  # not the licence's data
        if isinstance(value, dict) and isinstance(value.get("fields"), list):
            found += [(str(one.get("name")), str(one.get("value"))) for one in value["fields"] if isinstance(one, dict)]
    return found


def fits(text):
    """GB/T 36904: five parts, the last of them the check character by ISO/IEC 7064 MOD 37,36 over the others."""
    if not re.fullmatch(r"1\.2\.156\.3005\.2(\.[0-9A-Z]+){5}", text):
        return False
    signs, product = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 36
    *before, check = text.split(".")[5:]
    for sign in "".join(before):
        product = 2 * ((product + signs.index(sign)) % 36 or 36) % 37
    return signs[(37 - product) % 36] == check


def check_licence(pdf, at):
    """What a licence's own words forbid (fields of GB/T 36903)."""
    day = (at.astimezone(datetime.timezone.utc) + datetime.timedelta(hours=8)).date()
    rules = {"JZJYXQJZSJ": ("COPY_EXPIRED", True), "ZZYXQQSRQ": ("credential.not-yet-valid", False),
             "ZZYXQJZRQ": ("credential.expired", True)}
    for name, value in fields(pdf):
        need(name != "ZZBS" or not value or fits(value), f"ID_CHECK {value}")
        if name in rules and re.match(r"\d{4}-\d\d-\d\d", value):
            kind, is_last = rules[name]
            limit = datetime.date.fromisoformat(value[:10])
            need(day <= limit if is_last else limit <= day, f"{kind} {value}")


def proven(folder, message, trust, now):
    """The time of the token, which has to hold at that time."""
    value, token = stamped(message)
    if token is None:
        return None
    with open(f"{folder}/value", "wb") as out:
        out.write(value)
    with open(f"{folder}/token", "wb") as out:
        out.write(token)
    _, words = openssl("ts", "-reply", "-in", f"{folder}/token", "-token_in", "-text")
    time = re.search(r"Time stamp: (\w{3} +\d+ \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT", words)
    need(time, "TIMESTAMP")
    at = datetime.datetime.strptime(f"{time[1]} {time[2]}", "%b %d %H:%M:%S %Y")
    at = at.replace(tzinfo=datetime.timezone.utc)
    status, _ = openssl(
        "ts", "-verify", "-in", f"{folder}/token", "-token_in", "-data", f"{folder}/value", "-CAfile", trust,
        "-attime", str(int(at.timestamp())),
    )
    need(status == 0 and at <= now + datetime.timedelta(seconds=300), "TIMESTAMP")
    return at


def check(pdf, trust, at):
    content, message = divided(pdf)
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/content", "wb") as out:
            out.write(content)
        with open(f"{folder}/cms", "wb") as out:
            out.write(message)
        with open(f"{folder}/trust", "wb") as out:
            out.write(trust)
        trust = f"{folder}/trust"
        arguments = [
            "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{folder}/cms", "-content", f"{folder}/content",
            "-out", os.devnull,
        ]
        status, words = openssl(*arguments, "-noverify")
        need(status == 0, "SIG_VALUE" if "verification failure" not in words else "DOC_HASH")
        time = proven(folder, message, trust, at)
        moment = str(int((time or at).timestamp()))
        status, words = openssl(
            *arguments, "-cades", "-CAfile", trust, "-attime", moment, "-signer", f"{folder}/signer.pem"
        )
        if "expired" in words or "not yet valid" in words:
            raise Bad("SIGNER_CERT_EXPIRED")
        need(status == 0, "SIGNER_CERT_UNTRUSTED")
        check_licence(pdf, at)
        _, name = openssl(
            "x509", "-in", f"{folder}/signer.pem", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus"
        )
        return name.strip().removeprefix("subject="), time


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file")
    options.add_argument("--trust", required=True, help="the root of P-256 in PEM, such as p256-root.crt")
    options.add_argument("--at", help="the moment asked about, with Z or a zone, else in Asia/Shanghai; now when left out")
    given = options.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")  # names, in whatever the terminal writes
    now = datetime.datetime.now(datetime.timezone.utc)
    try:
        at = datetime.datetime.fromisoformat(given.at.replace("Z", "+00:00")) if given.at else now
        at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
        with open(given.file, "rb") as file:
            pdf = file.read(BYTES_MAX + 1)
        trust = trusted(given.trust)
        if not trust:
            raise ValueError(f"{given.trust} holds no certificate")
    except (OSError, ValueError) as error:
        print(f"unreadable: {error}")
        return 2
    try:
        need(len(pdf) <= BYTES_MAX, "PDF_LIMIT")
        name, time = check(pdf, trust, at)
    except Bad as fault:
        print(f"bad: {fault}")
        return 1
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError):
        print("bad: PDF_FORMAT")
        return 1
    print(f"good: the whole file is signed by {name}")
    print(f"  proven: the signature was there at {time:%Y-%m-%d %H:%M:%S} UTC" if time else "  the time of signing is the signer's word only")
    return 0


if __name__ == "__main__":
    sys.exit(main())

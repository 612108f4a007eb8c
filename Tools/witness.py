#!/usr/bin/env python3
"""Keeps the heads of a Suban log for a second party, and objects when it is shown a log that forked or lost its tail.

    witness.py https://suban.example --trust ROOT.pem --keep HEADS.jsonl [--every SECONDS]

Asks the platform for its latest signed heads, checks each signature and the log's certificate, and has it prove of every head
that was shown or kept that the next larger one only adds to it (RFC 6962 with SM3, Docs/formats/log.md), at the first look
too. All that were shown are then appended to HEADS.jsonl, which nobody else should be able to write. What does not hold is
an objection: both heads are written to HEADS.jsonl.objection, signed evidence against the log, and the program ends with 1.
It ends with 2 when the platform cannot be reached or does not answer what was asked (a head without the log's certificate too),
or ROOT.pem holds no certificate; then nothing is kept. Instead of an address, file://FOLDER reads answers that were laid down there.

Python's standard library and the openssl command (3.0 or newer) are all it needs.
"""
import argparse, base64, json, os, subprocess, sys, tempfile, time, urllib.error, urllib.request

DISTID = "distid:1234567812345678"
LOG = "2.25.156976476587300553328363153663220733081"  # extended key usage of a log's certificate


class Objection(Exception):
    pass


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True)


def sm3(data):
    return openssl("dgst", "-sm3", "-binary", data=data).stdout


def node(left, right):
    return sm3(b"\x01" + left + right)


def extends(old_size, old_root, size, root, path):
    """RFC 6962, section 2.1.4.2 as RFC 9162 writes it out."""
    if old_size == size:
        return old_root == root and not path
    if old_size & (old_size - 1) == 0:
        path = [old_root] + path
    if not path:
        return False
    first, last = old_size - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node(sibling, old), node(sibling, new)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            new = node(new, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old == old_root and new == root


class Witness:
    def __init__(self, address, trust, keep, folder):
        self.address, self.trust, self.keep, self.folder = address.rstrip("/"), trust, keep, folder

    def ask(self, path):
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.loads(answer.read(4_000_000))

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data)
        return path

    def check_key(self, told):
        """The log's certificate leads to the root, hop by hop, and is one of a log."""
        way = [self.file(f"c{n}.pem", pem.encode()) for n, pem in enumerate(told["certificates"])]
        if not way:
            raise ValueError("heads without the log's certificate")
        # Each hop is a command of its own: openssl passes the user identifier to the first certificate only.
        for below, above in zip(way, way[1:-1] + [self.trust]):
            done = openssl("verify", "-vfyopt", DISTID, "-partial_chain", "-trusted", above, below)
            if done.returncode != 0:
                raise Objection(f"the log's certificate does not lead to the root: {done.stderr.decode().strip()}")
        if LOG not in openssl("x509", "-in", way[0], "-noout", "-ext", "extendedKeyUsage").stdout.decode():
            raise Objection("the certificate is not one of a log")
        key = openssl("x509", "-in", way[0], "-noout", "-pubkey").stdout
        der = openssl("pkey", "-pubin", "-outform", "DER", data=key).stdout
        if sm3(der).hex() != told["log"]:
            raise Objection("the log's name is not that of its key")
        return self.file("key.pem", key)

    def check_head(self, head, key, log):
        said = {"at": head["at"], "kind": "suban-head-1", "log": head["log"], "root": head["root"], "size": head["size"]}
        if type(head["size"]) is not int or head["size"] < 1:
            raise ValueError("a head without a size")
        message = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        signature = self.file("head.sig", base64.b64decode(head["signature"]))
        done = openssl("dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature", signature, data=message)
        if done.returncode != 0 or head["log"] != log:
            raise Objection(f"the head over {head['size']} entries is not signed by the log")

    def kept(self):
        if not os.path.exists(self.keep):
            return []
        with open(self.keep, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]

    def look(self):
        told = self.ask("/api/v1/log/heads")
        kept = self.kept()
        if kept and told["log"] != kept[-1]["log"]:
            self.object(kept[-1], told["heads"][0] if told["heads"] else None, "the log has another key")
        key = self.check_key(told)
        for head in told["heads"]:
            self.check_head(head, key, told["log"])
        if not told["heads"]:
            if kept:
                self.object(kept[-1], None, "the log shows no head any more")
            return "the log has signed no head yet"
        newest = max(told["heads"], key=lambda head: head["size"])
        last = max(kept, key=lambda head: head["size"], default=newest)
        shown = self.together(kept, told["heads"])
        if newest["size"] < last["size"]:
            self.object(last, newest, "the log has fewer entries than it had")
        known = {head["size"] for head in kept}
        order = [shown[size] for size in sorted(shown)]
        for old, new in zip(order, order[1:]):
            if not {old["size"], new["size"]} <= known:  # what was kept was proven when it was
                self.prove(old, new)
        with open(self.keep, "a", encoding="utf-8") as lines:
            for head in order:
                if head["size"] not in known:
                    lines.write(json.dumps(head, sort_keys=True, separators=(",", ":")) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
        return f"good: {newest['size']} entries, root {newest['root']}"

    def together(self, kept, told):
        """All heads by their size; two roots over one size are a fork."""
        found = {head["size"]: head for head in kept}
        for head in told:
            before = found.setdefault(head["size"], head)
            if before["root"] != head["root"]:
                self.object(before, head, f"two roots over {head['size']} entries")
        return found

    def prove(self, old, new):
        try:
            proof = self.ask(f"/api/v1/log/consistency?from={old['size']}&to={new['size']}")
        except urllib.error.HTTPError as answer:
            if answer.code == 422:  # it has signed a head over what it does not have
                self.object(old, new, f"the log does not prove its head over {new['size']} entries")
            raise
        path = [bytes.fromhex(one) for one in proof["path"]]
        if not extends(old["size"], bytes.fromhex(old["root"]), new["size"], bytes.fromhex(new["root"]), path):
            self.object(old, new, f"the head over {new['size']} entries does not extend that over {old['size']}")

    def object(self, kept, shown, why):
        with open(self.keep + ".objection", "a", encoding="utf-8") as out:
            out.write(json.dumps({"why": why, "kept": kept, "shown": shown, "at": int(time.time() * 1000)}) + "\n")
        raise Objection(why)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("address")
    options.add_argument("--trust", required=True, help="the platform's root certificate (PEM)")
    options.add_argument("--keep", required=True, help="the file of the heads that were seen")
    options.add_argument("--every", type=int, help="look again after so many seconds, without end")
    given = options.parse_args()
    if openssl("x509", "-in", given.trust, "-noout").returncode != 0:
        print(f"not reached: {given.trust} holds no certificate")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        witness = Witness(given.address, given.trust, given.keep, folder)
        while True:
            try:
                print(witness.look(), flush=True)
            except Objection as objection:
                print(f"objection: {objection}", flush=True)
                return 1
            except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
                print(f"not reached: {error}", flush=True)
                if not given.every:
                    return 2
            if not given.every:
                return 0
            time.sleep(given.every)


if __name__ == "__main__":
    sys.exit(main())

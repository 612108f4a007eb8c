#!/usr/bin/env python3
"""Computes Suban's draws for later control again, with nothing but Python's standard library.

    verify-draw.py DRAWS.json SAMPLES.json [SAMPLES.json ...]

DRAWS.json is an answer of GET /api/v1/draws, best kept since before the day; SAMPLES.json are the answers of
GET /api/v1/draws/{id} for one draw, all pages of it. Prints a line a sample and one for the whole, and exits 0 when
everything follows from the seed, 1 when something does not, 2 when a file cannot be read,
3 when the seed is not public yet, so that nobody can tell.
The bytes are specified in Docs/formats/draw.md.
"""
import argparse, json, re, sys

WORD = 0xFFFFFFFF


class Bad(Exception):
    pass


class Unreadable(Exception):
    pass


class NotYet(Exception):
    pass


def need(holds, what):
    if not holds:
        raise Bad(what)


# SM3 (GB/T 32905-2016); the hashlib of many systems does not offer it.

def turn(word, count):
    count %= 32
    return ((word << count) | (word >> (32 - count))) & WORD


def compressed(state, block):
    words = [int.from_bytes(block[i:i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ turn(words[j - 3], 15)
        words.append(x ^ turn(x, 15) ^ turn(x, 23) ^ turn(words[j - 13], 7) ^ words[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        t = 0x79CC4519 if j < 16 else 0x7A879D8A
        ss1 = turn((turn(a, 12) + e + turn(t, j)) & WORD, 7)
        ss2 = ss1 ^ turn(a, 12)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & WORD & g)
        tt1 = (ff + d + ss2 + (words[j] ^ words[j + 4])) & WORD
        tt2 = (gg + h + ss1 + words[j]) & WORD
        a, b, c, d = tt1, a, turn(b, 9), c
        e, f, g, h = tt2 ^ turn(tt2, 9) ^ turn(tt2, 17), e, turn(f, 19), g
    return [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]


def sm3(data):
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    whole = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for i in range(0, len(whole), 64):
        state = compressed(state, whole[i:i + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def hmac(key, data):
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    return sm3(bytes(k ^ 0x5C for k in key) + sm3(bytes(k ^ 0x36 for k in key) + data))


def framed(data):
    return len(data).to_bytes(4, "big") + data


def below(bound, seed, context, beacon):
    """The first number below `bound` of the stream."""
    prefix = framed(b"suban-draw-1") + framed(context) + framed(beacon)
    index = 0
    while True:
        block = hmac(seed, prefix + index.to_bytes(8, "big"))
        for i in range(0, 32, 8):
            number = int.from_bytes(block[i:i + 8], "big")
            if number < 2 ** 64 - 2 ** 64 % bound:
                return number % bound
        index += 1


def whole_number(value):
    return type(value) is int


def digest_of(samples):
    lines = ["\t".join([s["item"], str(s["rate"]), "1" if s["drawn"] else "0", str(s["at"])]) for s in samples]
    lines = sorted(line.encode() for line in lines)
    return sm3(len(lines).to_bytes(8, "big") + b"".join(map(framed, lines))).hex()


def read(path):
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read().decode())
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: {error}")
    if not isinstance(value, dict):
        raise Unreadable(f"{path}: no answer of the call")
    return value


def seed_of(draw, days, moment):
    """The seed, when it is the one that was committed to beforehand."""
    hexadecimal = re.compile("[0-9a-f]{64}")
    known = [day for day in days if day["id"] == draw["id"]]
    need(len(known) == 1, "the list of draws does not have this draw")
    for name in ("purpose", "commitment", "committedAt"):
        need(known[0][name] == draw[name], f"another {name} than in the list of draws")
    if draw["seed"] is None:
        raise NotYet("the seed is not public yet; read the draw again once it is published")
    need(hexadecimal.fullmatch(draw["seed"]) and hexadecimal.fullmatch(draw["commitment"]), "no seed of 64 digits")
    for name in ("seed", "digest", "publishedAt"):
        need(known[0][name] in (None, draw[name]), f"another {name} than in the list of draws")
    seed = bytes.fromhex(draw["seed"])
    need(sm3(seed).hex() == draw["commitment"], "the seed is not the one that was committed to")
    need(whole_number(draw["committedAt"]) and draw["committedAt"] <= moment, "committed to after the first decision")
    return seed


def check_sample(sample, seed):
    need(isinstance(sample["item"], str) and type(sample["drawn"]) is bool and whole_number(sample["at"]), "no sample")
    need(whole_number(sample["rate"]) and 0 <= sample["rate"] <= 1_000_000, "a rate that is none")
    number = below(1_000_000, seed, b"sample", sample["item"].encode())
    need((number < sample["rate"]) == sample["drawn"], f"its number is {number}, its rate {sample['rate']}")
    return f"{'drawn' if sample['drawn'] else 'not drawn'}, number {number}, rate {sample['rate']}"


def check(days, pages):
    draw = pages[0]["draw"]
    samples = [sample for page in pages for sample in page["samples"]]
    need(all(page["draw"] == draw for page in pages), "pages of different draws")
    seed = seed_of(draw, days["draws"], min([sample["at"] for sample in samples], default=draw["committedAt"]))
    wrong = 0
    for sample in samples:
        try:
            print(f"{sample['item']}: valid: {check_sample(sample, seed)}")
        except Bad as error:
            wrong += 1
            print(f"{sample['item']}: invalid: {error}")
    need(len({sample["item"] for sample in samples}) == len(samples), "an item stands there twice")
    need(len(samples) == draw["count"], f"{len(samples)} of {draw['count']} samples; save every page")
    need(digest_of(samples) == draw["digest"], "not the samples whose digest was published with the seed")
    need(wrong == 0, f"{wrong} of {len(samples)} samples do not follow from the seed")
    return f"{draw['purpose']}: valid: {len(samples)} samples, {sum(s['drawn'] for s in samples)} drawn"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("draws", help="answer of GET /api/v1/draws")
    parser.add_argument("samples", nargs="+", help="answers of GET /api/v1/draws/{id}, every page")
    arguments = parser.parse_args()
    try:
        print(check(read(arguments.draws), [read(path) for path in arguments.samples]))
    except Unreadable as error:
        sys.exit(print(error, file=sys.stderr) or 2)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        sys.exit(print(f"not answers of the calls: {error!r}", file=sys.stderr) or 2)
    except NotYet as error:
        sys.exit(print(f"not yet: {error}") or 3)
    except Bad as error:
        sys.exit(print(f"invalid: {error}") or 1)


if __name__ == "__main__":
    main()

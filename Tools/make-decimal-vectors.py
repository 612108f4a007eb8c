#!/usr/bin/env python3
"""Writes Tests/RulesTests/DecimalVectors.swift: what Python's decimal module answers at decimal128's precision.

    python3 Tools/make-decimal-vectors.py [SEED] > Tests/RulesTests/DecimalVectors.swift
"""
import decimal
import random
import sys
from decimal import Decimal

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261121
rng = random.Random(seed)
context = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
decimal.setcontext(context)


def number():
    digits = rng.choice([1, 2, 5, 9, 17, 18, 19, 20, 33, 34])
    text = str(rng.randrange(10 ** digits))
    if rng.random() < 0.25:
        text = rng.choice(["9", "5", "1"]) * digits
    point = rng.randrange(-12, 40)
    return Decimal(("-" if rng.random() < 0.5 else "") + text).scaleb(-point)


def plain(value):
    return format(value, "f")


lines = []
modes = {"up": decimal.ROUND_UP, "down": decimal.ROUND_DOWN, "halfUp": decimal.ROUND_HALF_UP,
         "halfDown": decimal.ROUND_HALF_DOWN, "halfEven": decimal.ROUND_HALF_EVEN, "floor": decimal.ROUND_FLOOR,
         "ceiling": decimal.ROUND_CEILING}
for _ in range(60):
    a, b = number(), number()
    lines.append(f"+ {plain(a)} {plain(b)} {plain(a + b)}")
    lines.append(f"- {plain(a)} {plain(b)} {plain(a - b)}")
    lines.append(f"* {plain(a)} {plain(b)} {plain(a * b)}")
    if b:
        lines.append(f"/ {plain(a)} {plain(b)} {plain(a / b)}")
    lines.append(f"sqrt {plain(abs(a))} 0 {plain(abs(a).sqrt())}")
    lines.append(f"order {plain(a)} {plain(b)} {int(a.compare(b))}")
for _ in range(60):
    a, b = number(), number()
    exact = decimal.Context(prec=200)
    if b:
        quotient = exact.divide(a, b).to_integral_value(rounding=decimal.ROUND_FLOOR)
        lines.append(f"mod {plain(a)} {plain(b)} {plain(context.plus(exact.subtract(a, exact.multiply(b, quotient))))}")
    scale = rng.randrange(-3, 12)
    name = rng.choice(sorted(modes))
    unit = Decimal(1).scaleb(-scale)
    wide = decimal.Context(prec=200)
    rounded = a if -a.as_tuple().exponent <= scale else a.quantize(unit, rounding=modes[name], context=wide)
    if len(rounded.as_tuple().digits) <= 34:
        lines.append(f"{name} {plain(a)} {scale} {plain(rounded)}")
    base, power = Decimal(rng.randrange(-30, 30)) / 4, rng.randrange(0, 20)
    if base or power:
        lines.append(f"** {plain(base)} {power} {plain(base ** power)}")
for text in ["0.1", "0.5", "1", "2", "10", "34.5", "-3", "-0.001", "123.456"]:
    lines.append(f"exp {text} 0 {plain(Decimal(text).exp())}")
for text in ["0.1", "0.5", "2", "10", "34.5", "0.001", "123456789.123", "0.99999999"]:
    lines.append(f"ln {text} 0 {plain(Decimal(text).ln())}")

print(f"// Written by Tools/make-decimal-vectors.py from seed {seed}; not edited by hand.")
print("// Each line: operation, operands, what Python's decimal module (34 digits, half to even) answers.")
print()
print('let decimalVectors = """')
for line in lines:
    print("    " + line)
print('    """')

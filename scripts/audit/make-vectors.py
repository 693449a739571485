#!/usr/bin/env python3
"""Writes the frozen vectors of the audit log, without any code of the project.

    python3 scripts/audit/make-vectors.py test/vectors

The rules are taken from RFC 8785, ECMA-262 (Number::toString) and docs/spec/audit-log.md alone.
A changed vector means a new version of the format, never a new run of this script over old files.
Standard library only.
"""
import hashlib
import json
import os
import struct
import sys

DOMAIN = b"secure-llm/audit/v1\0"

# RFC 8785, appendix B: IEEE 754 bits, and the text. Typed from the RFC, to check `number` below.
PUBLISHED = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}

MORE_NUMBERS = [1.0, -1.0, 0.1, 0.5, 1.5, 100.0, 1e20, 1e21, 1e22, 123456789012345680000.0, 1e-6,
                1e-7, 1.5e-7, 4.5, 0.002, 1e30, 2.0 ** 53 - 1, 2.0 ** 31, 1e300, 1e-300, 12.34e5,
                333333333.33333329]


def number(value):
    """ECMA-262 Number::toString, from the shortest digits (which Python's repr finds too)."""
    if value == 0:
        return "0"
    if value < 0:
        return "-" + number(-value)
    mantissa, _, exponent = ("%r" % float(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    sign = "+" if point > 0 else "-"
    head = digits if count == 1 else digits[0] + "." + digits[1:]
    return "%se%s%d" % (head, sign, abs(point - 1))


SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def string(value):
    out = []
    for character in value:
        code = ord(character)
        if code in SHORT:
            out.append(SHORT[code])
        elif code < 0x20:
            out.append("\\u%04x" % code)
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def canonical(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(string(n) + ":" + canonical(value[n]) for n in names) + "}"


VALUES = {
    "literals": [None, True, False, [], {}, ""],
    "rfc 8785 section 3.2.2": {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\nA'B\"\\\\\"/",
        "literals": [None, True, False],
    },
    "rfc 8785 section 3.2.3, order by UTF-16 units": {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    },
    "numbers as names": {"10": 1, "9": 2, "1": 3, "-1": 4, "a": 5, "": 6, "01": 7},
    "upper before lower": {"b": 1, "B": 2, "a": {"z": 1, "Z": 2}, "A": [{"y": 1, "x": 2}]},
    "a prefix before its longer name": {"ab": 1, "a": 2, "aa": 3, "a\u0000": 4},
    "every control character": "".join(map(chr, range(0x20))) + "\u007f\u0080",
    "no other escape": "/\u2028\u2029\ufeff\u00e9<>&'\U0001f512",
    "not normalised": ["\u00e9", "e\u0301"],
    "special names": {"__proto__": 1, "constructor": 2, "toString": 3, "length": 4},
    "deep": [[[[[[[[{"a": [{"b": [{}]}]}]]]]]]]],
}

H = hashlib.sha256
EVENTS = [
    ("2026-01-02T03:04:05.006Z", "keeper", {
        "type": "keeper.started",
        "layers": [{"layer": "non-dumpable", "state": "enforced", "detail": "0 \u2014 read back"},
                   {"layer": "landlock", "state": "absent", "detail": "kernel says \"no\"\n"}]}),
    ("2026-01-02T03:04:05.007Z", "engine:tiny", {"type": "key.granted", "model": "tiny",
                                                 "hashes": {"context": H(b"tiny").hexdigest()}}),
    ("2026-01-02T03:04:06.000Z", "gateway", {
        "type": "request.accepted", "request": "req_" + "0123456789abcdef" * 2,
        "client": "c-00000001", "model": "tiny", "codes": [], "counts": {"promptChars": 52}}),
    ("2026-01-02T03:04:07.123Z", "gateway", {
        "type": "request.completed", "request": "req_" + "0123456789abcdef" * 2,
        "client": "c-00000001", "model": "tiny", "codes": ["output.email", "input.invisible"],
        "counts": {"prefillMs": 12.5, "decodeMs": 1e-7, "completionTokens": 9007199254740991,
                   "Zero": -0.0, "big": 1e21}}),
    ("1999-12-31T23:59:59.999Z", "cli", {"type": "client.added", "client": "laptop"}),
    ("2026-01-02T03:04:09.000Z", "keeper", {"type": "keeper.stopped"}),
]


def chain():
    previous, records = b"\0" * 32, []
    for seq, (time, actor, event) in enumerate(EVENTS):
        body = dict(event, v=1, seq=seq, time=time, actor=actor, previous=previous.hex())
        link = H(DOMAIN + previous + canonical(body).encode()).digest()
        line = canonical(dict(body, link=link.hex()))
        records.append({"event": event, "time": time, "actor": actor, "line": line,
                        "link": link.hex()})
        previous = link
    return records


def write(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def main():
    numbers = []
    for bits, text in PUBLISHED.items():
        value = struct.unpack(">d", bytes.fromhex(bits))[0]
        assert number(value) == text, (bits, number(value), text)
        numbers.append({"bits": bits, "text": text})
    for value in MORE_NUMBERS:
        numbers.append({"bits": struct.pack(">d", value).hex(), "text": number(value)})
    values = [{"name": name, "value": value, "canonical": canonical(value)}
              for name, value in VALUES.items()]
    write(sys.argv[1], "audit-canonical.json", {"numbers": numbers, "values": values})
    write(sys.argv[1], "audit-log.json", {"records": chain()})


main()

#!/usr/bin/env python3
"""Makes test/vectors/sealed-model/vectors.json, and checks other people's sealed models.

    make_vectors.py                      writes the file (deterministic: fixed keys, salts, nonces)
    make_vectors.py --same               exit 1 unless the file is what this program would write
                    --third-opinion      and unless `cryptography` has Cobblestone-256 itself
    make_vectors.py --check FOLDER --wrapping-key FILE | --passphrase-file FILE
                                         reads a model folder that src/vault/ sealed

Every expected result is what reader.py said; nothing here was copied from the TypeScript. With
`cryptography` 50 or newer each payload is also shown to its own Cobblestone-256.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import sys

import reader

OUT = os.path.join(os.path.dirname(__file__), "../../test/vectors/sealed-model/vectors.json")
CHUNK = reader.CHUNK
SEALED = CHUNK + reader.TAG
HEADER = reader.HEADER
CREATED = "2026-01-02T03:04:05Z"
SIZES = [0, 1, 16383, 16384, 16385, 32768, 40000]


def fixed(label, count):
    return hashlib.shake_256(b"secure-llm vectors: " + label.encode()).digest(count)


FILE_KEY = fixed("file key", 32)
CONTEXT = fixed("context", 32)


def plain_of(count):
    return bytes(i * 7 % 251 for i in range(count))


def try_it(act):
    """What the reader says: its result, or its fault."""
    try:
        return act()
    except reader.Fault as fault:
        return {"fault": fault.code}


# ---------------------------------------------------------------------------------------------
# Payloads: edits on a base, so that the file stays small


def apply_edits(sealed, edits):
    for edit in edits:
        if "xor" in edit:
            at, value = edit["xor"]
            sealed = sealed[:at] + bytes([sealed[at] ^ value]) + sealed[at + 1 :]
        else:
            sealed = b"".join(
                bytes.fromhex(p) if isinstance(p, str) else sealed[p[0] : p[1]] for p in edit["pieces"]
            )
    return sealed


def expect_payload(sealed, file_key, context):
    """The result, and how many bytes a streaming reader may hand out before a fault."""
    opened = bytearray()
    try:
        for piece in reader.open_payload(io.BytesIO(sealed), file_key, context):
            opened += piece
        result = {"bytes": len(opened), "sha256": hashlib.sha256(opened).hexdigest()}
    except reader.Fault as fault:
        result = {"fault": fault.code, "openedBytes": len(opened)}
    ask_cobblestone(sealed, file_key, context, result)
    return result


def ask_cobblestone(sealed, file_key, context, result):
    """A third opinion, where the installed `cryptography` has one."""
    try:
        from cryptography.cobblestone import Cobblestone256Decryptor
        from cryptography.exceptions import InvalidTag
    except ImportError:
        return
    try:
        decryptor = Cobblestone256Decryptor(file_key, context)
        plain = decryptor.update(sealed) + decryptor.finalize()
    except (InvalidTag, ValueError):
        plain = None
    theirs = None if plain is None else hashlib.sha256(plain).hexdigest()
    if theirs != result.get("sha256"):
        raise SystemExit("cryptography.cobblestone disagrees with reader.py")


class Payloads:
    def __init__(self):
        self.bases = {}
        self.sealed = {}
        self.vectors = []
        for size in SIZES:
            self.add_base(str(size), size, CONTEXT)
        self.add_base("no-context", 100, b"")

    def add_base(self, name, size, context):
        salt = fixed(f"salt {name}", 24)
        sealed = reader.seal_payload(plain_of(size), FILE_KEY, context, salt)
        self.sealed[name] = sealed
        self.bases[name] = {
            "plainBytes": size,
            "fileKey": FILE_KEY.hex(),
            "context": context.hex(),
            "sealed": base64.b64encode(sealed).decode(),
        }

    def add(self, name, base, *edits, file_key=None, context=None):
        found = self.bases[base]
        key = bytes.fromhex(found["fileKey"]) if file_key is None else file_key
        ctx = bytes.fromhex(found["context"]) if context is None else context
        vector = {"name": name, "base": base, "edits": list(edits)}
        if file_key is not None:
            vector["fileKey"] = key.hex()
        if context is not None:
            vector["context"] = ctx.hex()
        vector["expect"] = expect_payload(apply_edits(self.sealed[base], edits), key, ctx)
        self.vectors.append(vector)


def flip(at, value=1):
    return {"xor": [at, value]}


def pieces(*parts):
    return {"pieces": list(parts)}


def payload_vectors():
    p = Payloads()
    for size in SIZES:
        p.add(f"good: {size} bytes", str(size))
    p.add("good: no context", "no-context")
    add_flips(p)
    add_cuts(p)
    add_moves(p)
    add_keys(p)
    return p


def add_flips(p):
    end = len(p.sealed["40000"])
    places = {
        "first byte of the salt": 0,
        "last byte of the salt": 23,
        "first byte of the commitment": 24,
        "last byte of the commitment": 55,
        "first byte of chunk 0": 56,
        "middle of chunk 0": 8000,
        "last byte of chunk 0": 56 + CHUNK - 1,
        "first byte of the tag of chunk 0": 56 + CHUNK,
        "last byte of the tag of chunk 0": 56 + SEALED - 1,
        "first byte of chunk 1": 56 + SEALED,
        "tag of chunk 1": 56 + SEALED + CHUNK + 7,
        "first byte of the final chunk": 56 + 2 * SEALED,
        "last byte of the final chunk": end - 17,
        "first byte of the tag of the final chunk": end - 16,
        "last byte of the tag of the final chunk": end - 1,
    }
    for name, at in places.items():
        p.add(f"flipped: {name}", "40000", flip(at, 1 if at % 2 else 0x80))
    p.add("flipped: tag of an empty payload", "0", flip(60))
    p.add("flipped: tag of the empty final chunk", "32768", flip(len(p.sealed["32768"]) - 3))
    p.add("flipped: the only byte", "1", flip(56, 0xFF))


def add_cuts(p):
    end = len(p.sealed["40000"])
    second = 56 + SEALED
    final = 56 + 2 * SEALED
    cuts = [0, 1, 23, 24, 25, 55, 56, 57, 71, 72, 73, 56 + CHUNK, second - 1, second, second + 1]
    cuts += [second + 15, second + 16, second + 17, final - 1, final, final + 1, final + 15]
    cuts += [final + 16, final + 17, end - 17, end - 16, end - 1]
    for to in cuts:
        p.add(f"cut after {to} bytes", "40000", pieces([0, to]))
    for base in ("0", "1", "16384", "32768"):
        size = len(p.sealed[base])
        p.add(f"cut by the last byte: {base}", base, pieces([0, size - 1]))
        p.add(f"cut by 16 bytes: {base}", base, pieces([0, size - 16]))
    p.add("cut at the start", "40000", pieces([1, end]))


def add_moves(p):
    end = len(p.sealed["40000"])
    head, c0, c1 = [0, 56], [56, 56 + SEALED], [56 + SEALED, 56 + 2 * SEALED]
    last = [56 + 2 * SEALED, end]
    p.add("chunks 0 and 1 swapped", "40000", pieces(head, c1, c0, last))
    p.add("chunk 0 twice", "40000", pieces(head, c0, c0, last))
    p.add("chunk 0 repeated, all later ones moved", "40000", pieces(head, c0, c0, c1, last))
    p.add("chunk 0 removed", "40000", pieces(head, c1, last))
    p.add("chunk 1 removed", "40000", pieces(head, c0, last))
    p.add("final chunk removed", "40000", pieces(head, c0, c1))
    p.add("final chunk alone", "40000", pieces(head, last))
    p.add("final chunk first", "40000", pieces(head, last, c0, c1))
    p.add("final chunk twice", "40000", pieces([0, end], last))
    p.add("header twice", "40000", pieces(head, [0, end]))
    p.add("extended by one byte", "40000", pieces([0, end], "00"))
    p.add("extended by 16 bytes", "40000", pieces([0, end], "00" * 16))
    p.add("extended by a whole payload", "1", pieces([0, 73], [0, 73]))
    p.add("empty final chunk extended by one byte", "32768", pieces([0, len(p.sealed["32768"])], "ff"))
    p.add("no chunk at all", "0", pieces(head))
    p.add("a byte changed into its tag", "1", pieces(head, [57, 73]))
    # A full chunk where the final one must be short: chunk 0 of another payload, cut to one chunk.
    p.add("ends with a full chunk", "16384", pieces([0, 56 + SEALED]))
    p.add("zeros instead of a payload", "16384", pieces("00" * 72))


def add_keys(p):
    p.add("wrong key", "40000", file_key=fixed("another file key", 32))
    p.add("wrong key by one bit", "1", file_key=FILE_KEY[:-1] + bytes([FILE_KEY[-1] ^ 1]))
    p.add("wrong key, empty payload", "0", file_key=bytes(32))
    p.add("wrong key and cut", "40000", pieces([0, 16000]), file_key=fixed("another file key", 32))
    p.add("wrong key and cut in the header", "1", pieces([0, 40]), file_key=bytes(32))
    p.add("key of 31 bytes", "1", file_key=FILE_KEY[:31])
    p.add("wrong context", "40000", context=fixed("another context", 32))
    p.add("no context where there was one", "16385", context=b"")
    p.add("a context where there was none", "no-context", context=bytes(32))
    p.add("context and salt joined elsewhere", "1", context=CONTEXT + b"\x00")


# ---------------------------------------------------------------------------------------------
# Manifests and slots: texts, given in pieces of [text, times]


def text_of(parts):
    return b"".join(part.encode("latin-1") * times for part, times in parts)


MANIFEST = {
    "format": "secure-llm/sealed-model/v1",
    "name": "tiny-model_1.0",
    "version": "Q4_1",
    "bytes": 40000,
    "sha256": hashlib.sha256(plain_of(40000)).hexdigest(),
    "templateSha256": None,
    "source": "https://example.org/tiny.gguf",
    "licence": "Apache-2.0",
    "created": CREATED,
}


def said_of_manifest(parts):
    def act():
        manifest = reader.parse_manifest(text_of(parts))
        return {"name": manifest["name"], "context": reader.manifest_context(manifest).hex()}

    return try_it(act)


def without(base, name):
    return {key: value for key, value in base.items() if key != name}


def manifest_texts():
    good = reader.canonical(MANIFEST)
    yield "good", good
    yield "good: one line feed", good + "\n"
    yield "good: with a template hash", reader.canonical({**MANIFEST, "templateSha256": "ab" * 32})
    yield "good: quote and backslash", reader.canonical({**MANIFEST, "source": 'a "b" \\ c'})
    yield "good: milliseconds", reader.canonical({**MANIFEST, "created": "2026-02-28T23:59:59.999Z"})
    yield "good: largest length", reader.canonical({**MANIFEST, "bytes": 2**52 - 1})
    yield "good: empty model", reader.canonical({**MANIFEST, "bytes": 0})
    yield "good: another name is another context", reader.canonical({**MANIFEST, "name": "b"})
    adapter = {**MANIFEST, "kind": "adapter", "architecture": "llama"}
    yield "good: an adapter", reader.canonical(adapter)
    yield "good: an adapter for an architecture with signs", reader.canonical({**adapter, "architecture": "gpt-4_o.1"})
    yield "adapter without an architecture", reader.canonical(without(adapter, "architecture"))
    yield "architecture without a kind", reader.canonical(without(adapter, "kind"))
    yield "adapter with a template", reader.canonical({**adapter, "templateSha256": "ab" * 32})
    for bad in ("model", "Adapter", "", None, 1):
        yield f"kind {bad!r}", reader.canonical({**adapter, "kind": bad})
    for bad in ("", "Llama", "-a", "a b", "a" * 65, "a\n", None, 1):
        yield f"architecture {bad!r}"[:40], reader.canonical({**adapter, "architecture": bad})
    for name in MANIFEST:
        yield f"missing {name}", reader.canonical(without(MANIFEST, name))
    yield "unknown field", reader.canonical({**MANIFEST, "extra": 1})
    yield "unknown field __proto__", reader.canonical({**MANIFEST, "__proto__": None})
    yield "duplicate name", good.replace('"bytes":', '"bytes":1,"bytes":', 1)
    yield "two line feeds", good + "\n\n"
    yield "carriage return", good + "\r\n"
    yield "a space", good.replace(":", ": ", 1)
    yield "members in another order", json.dumps(MANIFEST, separators=(",", ":"))
    yield "an escape that is not needed", good.replace("Apache", "\\u0041pache")
    yield "an escaped slash", good.replace("/v1", "\\/v1")
    yield "a byte order mark", "\xef\xbb\xbf" + good
    yield "not UTF-8", good.replace("Apache", "\xff")
    yield "a letter that is not ASCII", good.replace("Apache", "\xc3\xa9")
    yield "a delete character", good.replace("Apache", "\x7f")
    yield "a lone surrogate", good.replace("Apache", "\\ud800")
    yield "empty file", ""
    yield "not JSON", "{"
    yield "rest after the object", good + "{}"
    yield "an array", "[" + good + "]"
    yield "a string", '"x"'
    yield "null", "null"
    yield "bytes as a text", reader.canonical({**MANIFEST, "bytes": "40000"})
    yield "bytes as 1.0", good.replace(":40000,", ":40000.0,")
    yield "bytes as 4e4", good.replace(":40000,", ":4e4,")
    yield "bytes negative", reader.canonical({**MANIFEST, "bytes": -1})
    yield "bytes minus zero", good.replace(":40000,", ":-0,")
    yield "bytes with a leading zero", good.replace(":40000,", ":040000,")
    yield "bytes beyond 4 PiB", reader.canonical({**MANIFEST, "bytes": 2**52})
    yield "bytes that no double holds", reader.canonical({**MANIFEST, "bytes": 2**53 + 1})
    yield "bytes true", reader.canonical({**MANIFEST, "bytes": True})
    yield "bytes NaN", good.replace(":40000,", ":NaN,")
    yield "hash in capitals", reader.canonical({**MANIFEST, "sha256": MANIFEST["sha256"].upper()})
    yield "hash too short", reader.canonical({**MANIFEST, "sha256": "ab" * 31})
    yield "hash with a line feed", reader.canonical({**MANIFEST, "sha256": "ab" * 32 + "\n"})
    yield "hash null", reader.canonical({**MANIFEST, "sha256": None})
    yield "template hash empty", reader.canonical({**MANIFEST, "templateSha256": ""})
    for bad in ("", "Tiny", "-a", ".a", "a/b", "..", "a" * 65, "a\n", "a b", 1):
        yield f"name {bad!r}"[:40], reader.canonical({**MANIFEST, "name": bad})
    yield "version empty", reader.canonical({**MANIFEST, "version": ""})
    yield "source too long", reader.canonical({**MANIFEST, "source": "x" * 2049})
    yield "licence null", reader.canonical({**MANIFEST, "licence": None})
    yield "another format", reader.canonical({**MANIFEST, "format": "secure-llm/sealed-model/v2"})
    for bad in ("2026-02-30T00:00:00Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05+00:00"):
        yield f"created {bad}", reader.canonical({**MANIFEST, "created": bad})
    for bad in ("2026-01-02t03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z", "0000-01-02T03:04:05Z"):
        yield f"created {bad}", reader.canonical({**MANIFEST, "created": bad})


def manifest_vectors():
    vectors = [(name, [[text, 1]]) for name, text in manifest_texts()]
    good = reader.canonical(MANIFEST)
    vectors.append(("longer than 64 KiB", [[good, 1], [" ", 65536]]))
    vectors.append(("60,000 brackets", [["[", 60000]]))
    vectors.append(("nine levels", [['{"a":', 9], ["1", 1], ["}", 9]]))
    return [{"name": n, "text": parts, "expect": said_of_manifest(parts)} for n, parts in vectors]


WRAPPING_KEY = fixed("wrapping key", 32)
MODEL_CONTEXT = reader.manifest_context(MANIFEST)


def make_slot(kind, params, label, key=WRAPPING_KEY):
    about = {"kind": kind, "keyId": reader.key_id_of(key), "created": CREATED, "params": params}
    return reader.wrap_file_key(FILE_KEY, key, about, MODEL_CONTEXT, fixed(f"nonce {label}", 12))


PASSPHRASE = "correct horse battery staple"
PASSPHRASE_PARAMS = {
    "salt": base64.b64encode(fixed("passphrase salt", 16)).decode(),
    "opsLimit": 2,
    "memLimitBytes": 65536,
}
PASSPHRASE_KEY = reader.wrapping_key_of(PASSPHRASE.encode(), PASSPHRASE_PARAMS)
SLOTS = {
    "keychain": make_slot("keychain", {"account": "default"}, "keychain"),
    "file": make_slot("file", {}, "file"),
    "passphrase": make_slot("passphrase", PASSPHRASE_PARAMS, "passphrase", PASSPHRASE_KEY),
}


def slots_file(*slots):
    return {"format": "secure-llm/slots/v1", "slots": list(slots)}


def said_of_slots(parts):
    return try_it(lambda: {"keyIds": [slot["keyId"] for slot in reader.parse_slots(text_of(parts))]})


def slot_texts():
    file = SLOTS["file"]
    good = reader.canonical(slots_file(*SLOTS.values()))
    yield "good: three kinds", good + "\n"
    yield "good: no line feed", good
    yield "good: 16 slots", reader.canonical(slots_file(*[file] * 16))
    yield "no slots", reader.canonical(slots_file())
    yield "17 slots", reader.canonical(slots_file(*[file] * 17))
    yield "empty file", ""
    yield "not JSON", "slots"
    yield "pretty printed", json.dumps(slots_file(file), indent=2, sort_keys=True)
    yield "an array", reader.canonical([file])
    yield "slots an object", reader.canonical({"format": "secure-llm/slots/v1", "slots": {"0": file}})
    yield "slots null", reader.canonical({"format": "secure-llm/slots/v1", "slots": None})
    yield "missing format", reader.canonical({"slots": [file]})
    yield "another format", reader.canonical({**slots_file(file), "format": "secure-llm/slots/v2"})
    yield "unknown field of the file", reader.canonical({**slots_file(file), "extra": None})
    yield "duplicate name", good.replace('"kind":', '"kind":"file","kind":', 1)
    yield "unknown kind", reader.canonical(slots_file({**file, "kind": "tpm9"}))
    yield "kind constructor", reader.canonical(slots_file({**file, "kind": "constructor"}))
    yield "kind null", reader.canonical(slots_file({**file, "kind": None}))
    yield "kind a list", reader.canonical(slots_file({**file, "kind": ["file"]}))
    yield "slot null", reader.canonical(slots_file(None))
    for name in file:
        yield f"missing {name}", reader.canonical(slots_file(without(file, name)))
    yield "unknown field of a slot", reader.canonical(slots_file({**file, "note": "x"}))
    yield "keyId in capitals", reader.canonical(slots_file({**file, "keyId": "AB" * 8}))
    yield "keyId too long", reader.canonical(slots_file({**file, "keyId": "ab" * 9}))
    yield "created not a time", reader.canonical(slots_file({**file, "created": "today"}))
    yield "nonce too short", reader.canonical(slots_file({**file, "nonce": file["nonce"][:-4]}))
    yield "nonce base64url", reader.canonical(slots_file({**file, "nonce": "_" + file["nonce"][1:]}))
    yield "wrapped too short", reader.canonical(slots_file({**file, "wrapped": file["wrapped"][:-4]}))
    yield "wrapped too long", reader.canonical(slots_file({**file, "wrapped": file["wrapped"] + "AAAA"}))
    yield "wrapped padded", reader.canonical(slots_file({**file, "wrapped": file["wrapped"][:-1] + "="}))
    yield "params null", reader.canonical(slots_file({**file, "params": None}))
    yield "params a list", reader.canonical(slots_file({**file, "params": []}))
    yield "params nested", reader.canonical(slots_file({**file, "params": {"a": {}}}))
    yield "params with a bad name", reader.canonical(slots_file({**file, "params": {"a b": 1}}))
    yield "params __proto__", reader.canonical(slots_file({**file, "params": {"__proto__": 1}}))
    yield "nine params", reader.canonical(slots_file({**file, "params": {f"p{i}": i for i in range(9)}}))
    yield "param too long", reader.canonical(slots_file({**file, "params": {"a": "x" * 257}}))
    yield from passphrase_texts()


def passphrase_texts():
    slot = SLOTS["passphrase"]
    edits = {
        "none": {},
        "no salt": without(PASSPHRASE_PARAMS, "salt"),
        "short salt": {**PASSPHRASE_PARAMS, "salt": "AAAA"},
        "salt with loose bits": {**PASSPHRASE_PARAMS, "salt": "A" * 21 + "B=="},
        "opsLimit 0": {**PASSPHRASE_PARAMS, "opsLimit": 0},
        "opsLimit 17": {**PASSPHRASE_PARAMS, "opsLimit": 17},
        "opsLimit text": {**PASSPHRASE_PARAMS, "opsLimit": "2"},
        "memLimitBytes 8191": {**PASSPHRASE_PARAMS, "memLimitBytes": 8191},
        "memLimitBytes beyond 1 GiB": {**PASSPHRASE_PARAMS, "memLimitBytes": 2**30 + 1},
        "extra": {**PASSPHRASE_PARAMS, "lanes": 1},
    }
    for name, params in edits.items():
        yield f"passphrase params: {name}", reader.canonical(slots_file({**slot, "params": params}))


def slots_vectors():
    vectors = [(name, [[text, 1]]) for name, text in slot_texts()]
    good = reader.canonical(slots_file(SLOTS["file"]))
    vectors.append(("longer than 256 KiB", [[good, 1], [" ", 262144]]))
    return [{"name": n, "text": parts, "expect": said_of_slots(parts)} for n, parts in vectors]


def flip_base64(text, at):
    raw = bytearray(base64.b64decode(text))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


def unwrap_cases():
    file, keychain, word = SLOTS["file"], SLOTS["keychain"], SLOTS["passphrase"]
    yield "good: file", file, WRAPPING_KEY, MODEL_CONTEXT
    yield "good: keychain with params", keychain, WRAPPING_KEY, MODEL_CONTEXT
    yield "good: passphrase", word, PASSPHRASE_KEY, MODEL_CONTEXT
    yield "wrong wrapping key", file, fixed("another wrapping key", 32), MODEL_CONTEXT
    yield "wrong wrapping key by one bit", file, WRAPPING_KEY[:-1] + bytes([WRAPPING_KEY[-1] ^ 1]), MODEL_CONTEXT
    yield "wrapping key of 31 bytes", file, WRAPPING_KEY[:31], MODEL_CONTEXT
    yield "key of another slot", word, WRAPPING_KEY, MODEL_CONTEXT
    yield "slot of another model", file, WRAPPING_KEY, fixed("another context", 32)
    for at in (0, 11):
        yield f"flipped nonce, byte {at}", {**file, "nonce": flip_base64(file["nonce"], at)}, WRAPPING_KEY, MODEL_CONTEXT
    for at in (0, 31, 32, 47):
        edited = {**file, "wrapped": flip_base64(file["wrapped"], at)}
        yield f"flipped wrapped, byte {at}", edited, WRAPPING_KEY, MODEL_CONTEXT
    yield "edited keyId", {**file, "keyId": "0" * 16}, WRAPPING_KEY, MODEL_CONTEXT
    yield "edited kind", {**file, "kind": "keychain"}, WRAPPING_KEY, MODEL_CONTEXT
    yield "edited created", {**file, "created": "2026-01-02T03:04:06Z"}, WRAPPING_KEY, MODEL_CONTEXT
    yield "param added", {**file, "params": {"a": None}}, WRAPPING_KEY, MODEL_CONTEXT
    yield "param edited", {**keychain, "params": {"account": "defaulT"}}, WRAPPING_KEY, MODEL_CONTEXT
    yield "param removed", {**keychain, "params": {}}, WRAPPING_KEY, MODEL_CONTEXT
    weaker = {**PASSPHRASE_PARAMS, "opsLimit": 1}
    yield "passphrase made cheaper", {**word, "params": weaker}, PASSPHRASE_KEY, MODEL_CONTEXT
    yield "nonce of another slot", {**file, "nonce": keychain["nonce"]}, WRAPPING_KEY, MODEL_CONTEXT
    yield "wrapped of another slot", {**file, "wrapped": keychain["wrapped"]}, WRAPPING_KEY, MODEL_CONTEXT


def unwrap_vectors():
    vectors = []
    for name, slot, key, context in unwrap_cases():
        expect = try_it(lambda: {"fileKey": reader.unwrap_file_key(slot, key, context).hex()})
        vectors.append(
            {"name": name, "slot": slot, "wrappingKey": key.hex(), "context": context.hex(), "expect": expect}
        )
    return vectors


def derived_vectors():
    """Values that other parts of the project make and this format depends on."""
    return {
        "keyIds": [
            {"wrappingKey": key.hex(), "keyId": reader.key_id_of(key)}
            for key in (WRAPPING_KEY, PASSPHRASE_KEY, bytes(32))
        ],
        "passphrase": {
            "text": PASSPHRASE,
            "params": PASSPHRASE_PARAMS,
            "wrappingKey": PASSPHRASE_KEY.hex(),
        },
    }


def guard_meaning(file):
    """A vector whose name says good must open, every other must not: a slip here would hide a bug."""
    for part in ("payloads", "manifests", "slots", "unwraps"):
        for vector in file[part]:
            if vector["name"].startswith("good") != ("fault" not in vector["expect"]):
                raise SystemExit(f"{part}: {vector['name']}: the reader says {vector['expect']}")
        names = [vector["name"] for vector in file[part]]
        if len(set(names)) != len(names):
            raise SystemExit(f"{part}: a name twice")


def make_file():
    payloads = payload_vectors()
    file = {
        "format": "secure-llm/sealed-model-vectors/v1",
        "about": "made by scripts/sealed-model/make_vectors.py; see docs/spec/sealed-model.md, Vectors",
        "plain": "byte i of every plaintext is i * 7 mod 251",
        "bases": payloads.bases,
        "payloads": payloads.vectors,
        "manifests": manifest_vectors(),
        "slots": slots_vectors(),
        "unwraps": unwrap_vectors(),
        "derived": derived_vectors(),
    }
    guard_meaning(file)
    return json.dumps(file, indent=1) + "\n"


def count_vectors(text):
    file = json.loads(text)
    parts = ("payloads", "manifests", "slots", "unwraps")
    vectors = [vector for part in parts for vector in file[part]]
    bad = sum("fault" in vector["expect"] for vector in vectors)
    return f"{len(vectors)} vectors, {bad} of them bad input"


def check_folder(arguments):
    try:
        count = sum(len(piece) for piece in reader.open_folder(arguments.check, arguments))
    except reader.Fault as fault:
        print(f"{fault.code}: {fault}", file=sys.stderr)
        return 3
    print(f"ok: {count} bytes, length and SHA-256 as the manifest says")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--same", action="store_true")
    parser.add_argument("--third-opinion", action="store_true")
    parser.add_argument("--check", metavar="FOLDER")
    parser.add_argument("--wrapping-key")
    parser.add_argument("--passphrase-file")
    arguments = parser.parse_args()
    if arguments.check:
        return check_folder(arguments)
    if arguments.third_opinion:
        import cryptography.cobblestone  # noqa: F401  an ImportError here is the answer
    text = make_file()
    if arguments.same:
        with open(OUT, encoding="ascii") as stream:
            same = stream.read() == text
        print(f"{count_vectors(text)}: what this program makes" if same else "the vectors differ")
        return 0 if same else 1
    os.makedirs(os.path.dirname(OUT), exist_ok=True)
    with open(OUT, "w", encoding="ascii") as stream:
        stream.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

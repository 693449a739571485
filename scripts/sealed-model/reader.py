#!/usr/bin/env python3
"""A second reader of sealed models, written from docs/spec/sealed-model.md and nothing else.

It exists to disagree: where this program and src/vault/ differ, one of them or the specification
is wrong. It is also a way to the weights that needs no Node. Standard library and `cryptography`.

    reader.py info FOLDER
    reader.py verify FOLDER --wrapping-key FILE | --passphrase-file FILE
    reader.py open FOLDER --wrapping-key FILE > model.gguf     (plaintext leaves: think first)

A fault is one line on stderr, its code first, and exit code 3. It locks no memory and wipes
nothing: do not use it where that matters.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import stat
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

CHUNK = 16384
TAG = 16
SALT = 24
HEADER = 56
KEY = 32
MAX_CHUNKS = 1 << 38
MAX_PLAIN = MAX_CHUNKS * CHUNK - 1
MAX_MANIFEST = 64 * 1024
MAX_SLOTS_FILE = 256 * 1024

WRONG_KEY = "VAULT_WRONG_KEY"
DAMAGED = "VAULT_DAMAGED"
BAD_MANIFEST = "VAULT_MANIFEST_INVALID"
BAD_SLOTS = "VAULT_SLOTS_INVALID"


class Fault(Exception):
    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


# ---------------------------------------------------------------------------------------------
# Payload


def derive(file_key, salt, context):
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\x00" + salt + context
    out = HKDFExpand(hashes.SHA512(), 32 + 12 + 32, info).derive(file_key)
    return out[:32], out[32:44], out[44:]


def nonce_of(base_nonce, number):
    if number >= MAX_CHUNKS:
        raise Fault(DAMAGED, "too many chunks")
    return (int.from_bytes(base_nonce, "big") ^ number).to_bytes(12, "big")


def seal_payload(plain, file_key, context, salt):
    """The whole payload at once; for vectors, so the salt is given."""
    key, base_nonce, commitment = derive(file_key, salt, context)
    out = [salt, commitment]
    for number in range(len(plain) // CHUNK + 1):
        piece = plain[number * CHUNK : (number + 1) * CHUNK]
        out.append(AESGCM(key).encrypt(nonce_of(base_nonce, number), piece, None))
    return b"".join(out)


def open_payload(stream, file_key, context):
    """Yields the plaintext of one chunk after the other; `stream` has read(n)."""
    header = read_exactly(stream, HEADER)
    if len(header) < HEADER:
        raise Fault(DAMAGED, "ends inside the header")
    if len(file_key) != KEY:
        raise Fault(WRONG_KEY, "a file key has 32 bytes")
    key, base_nonce, commitment = derive(file_key, header[:SALT], context)
    if not hmac.compare_digest(commitment, header[SALT:]):
        raise Fault(WRONG_KEY, "the commitment is another one")
    number = 0
    while True:
        sealed = read_exactly(stream, CHUNK + TAG)
        if len(sealed) < TAG:
            raise Fault(DAMAGED, "cut or extended")
        try:
            plain = AESGCM(key).decrypt(nonce_of(base_nonce, number), sealed, None)
        except InvalidTag:
            raise Fault(DAMAGED, f"chunk {number}") from None
        yield plain
        if len(sealed) < CHUNK + TAG:
            return
        number += 1


def read_exactly(stream, count):
    pieces = []
    while count > 0:
        piece = stream.read(count)
        if not piece:
            break
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def plain_length(sealed_bytes):
    chunks, rest = divmod(sealed_bytes - HEADER, CHUNK + TAG)
    if sealed_bytes < HEADER or rest < TAG or chunks >= MAX_CHUNKS:
        raise Fault(DAMAGED, "no payload has this length")
    return chunks * CHUNK + rest - TAG


# ---------------------------------------------------------------------------------------------
# Canonical JSON of the two small files


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def parse_canonical(raw, limit, code):
    if len(raw) > limit:
        raise Fault(code, "too long")
    if raw.endswith(b"\n"):
        raw = raw[:-1]

    def pairs(items):
        if len({name for name, _ in items}) != len(items):
            raise ValueError("a name twice")
        return dict(items)

    def refuse(_):
        raise ValueError("not a number of ours")

    try:
        text = raw.decode("ascii")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse, parse_float=refuse)
        if re.search(r"[^\x20-\x7e]", text) or canonical(value) != text:
            raise ValueError("another spelling")
    except (ValueError, RecursionError):
        raise Fault(code, "not canonical JSON") from None
    return value


def check(condition, code, why):
    if not condition:
        raise Fault(code, why)


def matches(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def is_int(value, low, high):
    return type(value) is int and low <= value <= high


def is_printable(value, low, high):
    return matches(r"[\x20-\x7e]*", value) and low <= len(value) <= high


def is_instant(value):
    if not matches(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z", value):
        return False
    try:
        datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return value[17:19] < "60"


# ---------------------------------------------------------------------------------------------
# Manifest

MANIFEST_FIELDS = {
    "format": lambda v: v == "secure-llm/sealed-model/v1",
    "name": lambda v: matches(r"[a-z0-9][a-z0-9._-]{0,63}", v),
    "version": lambda v: is_printable(v, 1, 64),
    "bytes": lambda v: is_int(v, 0, MAX_PLAIN),
    "sha256": lambda v: matches(r"[0-9a-f]{64}", v),
    "templateSha256": lambda v: v is None or matches(r"[0-9a-f]{64}", v),
    "source": lambda v: is_printable(v, 0, 2048),
    "licence": lambda v: is_printable(v, 0, 256),
    "created": is_instant,
}
ADAPTER_FIELDS = {
    "kind": lambda v: v == "adapter",
    "architecture": lambda v: matches(r"[a-z0-9][a-z0-9_.-]{0,63}", v),
    "templateSha256": lambda v: v is None,
}


def parse_manifest(raw):
    value = parse_canonical(raw, MAX_MANIFEST, BAD_MANIFEST)
    check(isinstance(value, dict), BAD_MANIFEST, "not an object")
    fields = {**MANIFEST_FIELDS, **ADAPTER_FIELDS} if "kind" in value else MANIFEST_FIELDS
    check(set(value) == set(fields), BAD_MANIFEST, "missing or unknown field")
    for name, good in fields.items():
        check(good(value[name]), BAD_MANIFEST, f"field {name}")
    return value


def manifest_context(manifest):
    return hashlib.sha256(canonical(manifest).encode("ascii")).digest()


# ---------------------------------------------------------------------------------------------
# Slots


def open_params(params):
    return (
        isinstance(params, dict)
        and len(params) <= 8
        and all(matches(r"[a-zA-Z][a-zA-Z0-9]{0,31}", name) for name in params)
        and all(
            v is None or is_int(v, -(2**53) + 1, 2**53 - 1) or is_printable(v, 0, 256)
            for v in params.values()
        )
    )


def passphrase_params(params):
    return (
        isinstance(params, dict)
        and set(params) == {"salt", "opsLimit", "memLimitBytes"}
        and matches(r"[A-Za-z0-9+/]{21}[AQgw]==", params["salt"])
        and is_int(params["opsLimit"], 1, 16)
        and is_int(params["memLimitBytes"], 8192, 1 << 30)
    )


KINDS = {"keychain": open_params, "file": open_params, "passphrase": passphrase_params}
SLOT_FIELDS = {"kind", "keyId", "created", "params", "nonce", "wrapped"}


def check_slot(slot):
    check(isinstance(slot, dict) and set(slot) == SLOT_FIELDS, BAD_SLOTS, "fields of a slot")
    check(isinstance(slot["kind"], str) and slot["kind"] in KINDS, BAD_SLOTS, "kind")
    check(matches(r"[0-9a-f]{16}", slot["keyId"]), BAD_SLOTS, "keyId")
    check(is_instant(slot["created"]), BAD_SLOTS, "created")
    check(KINDS[slot["kind"]](slot["params"]), BAD_SLOTS, "params")
    check(matches(r"[A-Za-z0-9+/]{16}", slot["nonce"]), BAD_SLOTS, "nonce")
    check(matches(r"[A-Za-z0-9+/]{64}", slot["wrapped"]), BAD_SLOTS, "wrapped")


def parse_slots(raw):
    value = parse_canonical(raw, MAX_SLOTS_FILE, BAD_SLOTS)
    check(isinstance(value, dict) and set(value) == {"format", "slots"}, BAD_SLOTS, "fields")
    check(value["format"] == "secure-llm/slots/v1", BAD_SLOTS, "format")
    slots = value["slots"]
    check(isinstance(slots, list) and 1 <= len(slots) <= 16, BAD_SLOTS, "1 to 16 slots")
    for slot in slots:
        check_slot(slot)
    return slots


def expand_key(wrapping_key, info, count):
    return HKDF(hashes.SHA512(), count, salt=None, info=info).derive(wrapping_key)


def key_id_of(wrapping_key):
    return expand_key(wrapping_key, b"secure-llm/key-id/v1", 8).hex()


def slot_header(slot, context):
    header = {name: slot[name] for name in ("kind", "keyId", "created", "params")}
    header["format"] = "secure-llm/slot/v1"
    header["context"] = context.hex()
    return canonical(header).encode("ascii")


def wrap_file_key(file_key, wrapping_key, about, context, nonce):
    """For vectors, so the nonce is given. `about`: kind, keyId, created, params."""
    key = expand_key(wrapping_key, b"secure-llm/slot-wrap/v1", 32)
    wrapped = AESGCM(key).encrypt(nonce, file_key, slot_header(about, context))
    coded = {"nonce": base64.b64encode(nonce).decode(), "wrapped": base64.b64encode(wrapped).decode()}
    return {**about, **coded}


def unwrap_file_key(slot, wrapping_key, context):
    if len(wrapping_key) != KEY:
        raise Fault(WRONG_KEY, "a wrapping key has 32 bytes")
    key = expand_key(wrapping_key, b"secure-llm/slot-wrap/v1", 32)
    try:
        return AESGCM(key).decrypt(
            base64.b64decode(slot["nonce"]), base64.b64decode(slot["wrapped"]), slot_header(slot, context)
        )
    except InvalidTag:
        raise Fault(WRONG_KEY, f"slot {slot['keyId']}") from None


def wrapping_key_of(passphrase, params):
    """Argon2id 1.3, one lane, as libsodium's crypto_pwhash: memory in bytes there, in KiB here."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(
        salt=base64.b64decode(params["salt"]),
        length=KEY,
        iterations=params["opsLimit"],
        lanes=1,
        memory_cost=params["memLimitBytes"] // 1024,
    )
    return kdf.derive(passphrase)


# ---------------------------------------------------------------------------------------------
# Folder


def open_regular(folder, name, code):
    check(not os.path.islink(folder.rstrip("/")), code, "the folder is a symbolic link")
    try:
        descriptor = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Fault(code, f"{name}: {error.strerror}") from None
    stream = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise Fault(code, f"{name} is not a regular file")
    return stream


def read_folder(folder):
    with open_regular(folder, "manifest.json", BAD_MANIFEST) as stream:
        manifest = parse_manifest(stream.read(MAX_MANIFEST + 1))
    with open_regular(folder, "slots.json", BAD_SLOTS) as stream:
        slots = parse_slots(stream.read(MAX_SLOTS_FILE + 1))
    return manifest, slots


def file_key_of(slots, context, arguments):
    if arguments.wrapping_key:
        with open(arguments.wrapping_key, "rb") as stream:
            raw = stream.read(KEY + 1)
        wanted = [slot for slot in slots if slot["keyId"] == key_id_of(raw)]
        for slot in wanted:
            return unwrap_file_key(slot, raw, context)
    if arguments.passphrase_file:
        with open(arguments.passphrase_file, "rb") as stream:
            passphrase = stream.read().rstrip(b"\n")
        for slot in slots:
            if slot["kind"] == "passphrase":
                return unwrap_file_key(slot, wrapping_key_of(passphrase, slot["params"]), context)
    raise Fault("VAULT_SLOT_MISSING", "no slot for this key")


def open_folder(folder, arguments):
    """Yields the plaintext, and checks length and SHA-256 against the manifest at the end."""
    manifest, slots = read_folder(folder)
    context = manifest_context(manifest)
    file_key = file_key_of(slots, context, arguments)
    digest = hashlib.sha256()
    with open_regular(folder, "model.gguf.sealed", DAMAGED) as stream:
        found = plain_length(os.fstat(stream.fileno()).st_size)
        check(found == manifest["bytes"], DAMAGED, f"{found} bytes, the manifest says {manifest['bytes']}")
        for piece in open_payload(stream, file_key, context):
            digest.update(piece)
            yield piece
    check(digest.hexdigest() == manifest["sha256"], DAMAGED, "the plaintext has another SHA-256")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=["info", "verify", "open"])
    parser.add_argument("folder")
    parser.add_argument("--wrapping-key", help="a file of 32 bytes")
    parser.add_argument("--passphrase-file")
    arguments = parser.parse_args()
    try:
        manifest, slots = read_folder(arguments.folder)
        if arguments.command == "info":
            print(json.dumps(manifest, indent=2))
            for slot in slots:
                print(f"slot {slot['keyId']} {slot['kind']} {slot['created']}")
            return 0
        count = 0
        for piece in open_folder(arguments.folder, arguments):
            count += len(piece)
            if arguments.command == "open":
                sys.stdout.buffer.write(piece)
        if arguments.command == "verify":
            print(f"ok: {count} bytes")
        return 0
    except Fault as fault:
        print(f"{fault.code}: {fault}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())

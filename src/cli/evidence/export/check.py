#!/usr/bin/env python3
"""Checks an export of tecrax evidence with nothing but Python's standard library.

    python3 check.py [--key NAME+ID+BASE64] [DIR]

DIR is the export (default: the directory of this script). Without --key the key of the export itself is used:
compare it with one that you got elsewhere.

Checked: every file against SHA256SUMS and nothing beside; the signature of the checkpoint; every record (header,
body, parts, place in its sequence) and its proof of inclusion; the artifacts and the chain of every bundle and of every
reaction against the record. Exit code 0: nothing is wrong. 1: something is, one line each.
"""

import base64
import hashlib
import json
import os
import sys

WRONG = []


def wrong(place, what):
    WRONG.append(f"{place}: {what}")


def sha256(data):
    return hashlib.sha256(data).digest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


# Ed25519 (RFC 8032): the curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P, points as (X, Y, Z, T).

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    key, start = point(public), point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or start is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left, right = times(scalar, BASE), add(start, times(int.from_bytes(digest, "little") % ORDER, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# C2SP signed-note, tlog-checkpoint, tlog-proof.


def read_key(text):
    name, ident, data = text.strip().split("+", 2)
    data = base64.b64decode(data, validate=True)
    if data[0] != 1 or len(data) != 33 or sha256(name.encode() + b"\n" + data)[:4].hex() != ident:
        raise ValueError("no Ed25519 key, or its id does not fit")
    return name, bytes.fromhex(ident), data[1:]


def read_checkpoint(note, key):
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    name, ident, public = key
    for line in signatures.splitlines():
        dash, signer, data = line.split(" ")
        data = base64.b64decode(data, validate=True)
        if dash == "\u2014" and signer == name and data[:4] == ident:
            if not signed(public, text.encode(), data[4:]):
                raise ValueError("the signature does not fit: the text was changed")
            origin, size, root = text.splitlines()[:3]
            return origin, int(size), base64.b64decode(root, validate=True)
    raise ValueError("not signed by the key")


def included(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = sha256(b"\x01" + sibling + value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = sha256(b"\x01" + value + sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


# The export.


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check_sums():
    listed = {}
    for line in read("SHA256SUMS").decode().splitlines():
        digest, path = line.split("  ", 1)
        listed[path] = digest
    for directory, directories, files in os.walk("."):
        for name in directories + files:
            path = os.path.relpath(os.path.join(directory, name))
            if os.path.islink(path):
                wrong(path, "a link")
            elif name in files and path != "SHA256SUMS":
                digest = listed.pop(path, None)
                if digest is None:
                    wrong(path, "not listed in SHA256SUMS")
                elif sha256(read(path)).hex() != digest:
                    wrong(path, "another SHA-256 than in SHA256SUMS")
    for path in listed:
        wrong(path, "missing")


def check_record(at, subject, seq, before, checkpoint, note):
    """Returns the body and the leaf."""
    origin, size, root = checkpoint
    data = read(f"{at}/header.json")
    header = json.loads(data)
    if canonical(header) != data:
        wrong(f"{at}/header.json", "not canonical")
    if (header["subject"], header["seq"], header["origin"]) != (subject, seq, origin):
        wrong(f"{at}/header.json", "the header of another record")
    if before and (before[0] + 1, before[1].hex()) != (seq, header["prev"]):
        wrong(f"{at}/header.json", "not bound to the record before")
    leaf = sha256(b"\x00" + data)
    head, proof_note = read(f"{at}/proof.tlog-proof").decode().split("\n\n", 1)
    lines = head.splitlines()
    extra = [line[6:] for line in lines if line.startswith("extra ")]
    index = [int(line[6:]) for line in lines if line.startswith("index ")]
    path = [base64.b64decode(line, validate=True) for line in lines[1 + len(extra) + len(index):]]
    if lines[0] != "c2sp.org/tlog-proof@v1" or len(index) != 1 or proof_note != note:
        wrong(f"{at}/proof.tlog-proof", "not a proof to this checkpoint")
    elif extra and base64.b64decode(extra[0]) != data or not included(leaf, index[0], size, path, root):
        wrong(f"{at}/proof.tlog-proof", "does not lead from the header to the checkpoint")
    body = None
    if os.path.exists(f"{at}/body.json"):
        data = read(f"{at}/body.json")
        body = json.loads(data)
        if sha256(data).hex() != header["body"]:
            wrong(f"{at}/body.json", "not the body that the header binds")
    parts = (body or {}).get("parts", {})
    for name in os.listdir(at):
        if name not in ("header.json", "body.json", "proof.tlog-proof"):
            if sha256(read(f"{at}/{name}")).hex() != parts.get(name[:-len(".json")]):
                wrong(f"{at}/{name}", "not a part that the body binds")
    return body, leaf


def check_bundle(at, body):
    chain = ""
    manifest = json.loads(read(f"{at}/artifact_chain_manifest.json"))
    for entry in manifest["entries"]:
        digest = sha256(canonical(json.loads(read(f"{at}/{entry['path']}")))).hex()
        if digest != body["parts"].get(entry["role"]):
            wrong(f"{at}/{entry['path']}", "not the artifact that the record binds")
        step = {"algorithm": "sha256", "artifact_digest": digest, "artifact_type": entry["role"]}
        step |= {"canonicalization": "sclite-json-v0.1", "previous_chain_digest": chain, "role": entry["role"]}
        chain = sha256(canonical(step)).hex()
    if not chain == manifest["root_chain_digest"] == body["root"]:
        wrong(f"{at}/artifact_chain_manifest.json", "not the chain that the record binds")


def check_reaction(at, body):
    manifest = json.loads(read(f"{at}/reaction_chain_manifest.json"))
    if sha256(canonical(manifest)).hex() != body["parts"].get("reaction_chain_manifest"):
        wrong(f"{at}/reaction_chain_manifest.json", "not the manifest that the record binds")
    for entry in manifest["entries"]:
        digest = sha256(canonical(json.loads(read(f"{at}/{entry['path']}")))).hex()
        if not digest == body["parts"].get(entry["role"]) == entry["descriptor"]["digest"]:
            wrong(f"{at}/{entry['path']}", "not the artifact that the record binds")
    proposal = body["parts"].get("escalation_proposal")
    if proposal and sha256(canonical(json.loads(read(f"{at}/escalation_proposal.json")))).hex() != proposal:
        wrong(f"{at}/escalation_proposal.json", "not the proposal that the record binds")


def subjects(top):
    for namespace in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        names = sorted(os.listdir(f"{top}/{namespace}"))
        # The log's own records have no namespace: their numbers stand beside the pairs of a namespace of that name.
        if namespace == "log" and any(name.isdigit() for name in names):
            yield "log", f"{top}/log"
        for name in names:
            if "." in name:
                yield f"{namespace}/{name}", f"{top}/{namespace}/{name}"
            elif namespace == "escalation":
                # Escalations stand below the namespace of their target, whose name has no dot.
                for escalation in sorted(os.listdir(f"{top}/{namespace}/{name}")):
                    yield f"{namespace}/{name}/{escalation}", f"{top}/{namespace}/{name}/{escalation}"


def check(key):
    guarded("SHA256SUMS", check_sums)
    note = read("checkpoint").decode()
    checkpoint = read_checkpoint(note, read_key(key or read("checkpoint.vkey").decode()))
    records = bundles = 0
    for subject, directory in subjects("records"):
        before = None
        for seq in sorted(int(name) for name in os.listdir(directory) if name.isdigit()):
            at = f"{directory}/{seq}"
            found = guarded(at, check_record, at, subject, seq, before, checkpoint, note)
            body, leaf = found or (None, b"")
            before = (seq, leaf)
            records += 1
            if body is not None and "root" in body:
                bundle = f"bundles/{subject}/{seq}"
                guarded(bundle, check_bundle, bundle, body)
                bundles += 1
            if body is not None and "reaction_chain_manifest" in body.get("parts", {}):
                chain = f"reactions/{subject}/{seq}"
                guarded(chain, check_reaction, chain, body)
    print(f"{records} records, {bundles} bundles, log of {checkpoint[1]} records, root {checkpoint[2].hex()}")


def guarded(place, function, *arguments):
    try:
        return function(*arguments)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        wrong(place, f"can not be read: {error!r}")
        return None


def main():
    arguments = sys.argv[1:]
    key = None
    if arguments[:1] == ["--key"]:
        key, arguments = arguments[1], arguments[2:]
    os.chdir(arguments[0] if arguments else os.path.dirname(os.path.abspath(__file__)))
    guarded("checkpoint", check, key)
    for line in WRONG:
        print(f"WRONG: {line}")
    print("nothing is wrong" if not WRONG else f"{len(WRONG)} wrong")
    sys.exit(1 if WRONG else 0)


main()

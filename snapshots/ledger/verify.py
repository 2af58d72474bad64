#!/usr/bin/env python3
"""Checks that a WARC record is in a signed log. Needs Python 3 and openssl, no network.

    verify.py PUBLIC.pem PROOF.tlog-proof RECORD.warc[.gz] [CHECKPOINT]

RECORD holds one WARC record, PUBLIC.pem the public key of the log. The signature over the checkpoint
at the end of the proof is checked by openssl; the path from the record to the root of the tree (RFC 6962)
here; and, if CHECKPOINT is given, such as one with a time stamp, that the proof ends in no other.
"""
import base64, gzip, hashlib, re, subprocess, sys, tempfile


def fail(why):
    sys.exit("FAILED: " + why)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf, index, size, path):
    """The root of a tree of size leaves that path leads to from leaf number index."""
    at, last, h = index, size - 1, leaf
    for p in path:
        if last == 0:
            fail("the proof is too long")
        if at % 2 or at == last:
            h = node(p, h)
            while at % 2 == 0:
                at, last = at >> 1, last >> 1
        else:
            h = node(h, p)
        at, last = at >> 1, last >> 1
    if last:
        fail("the proof is too short")
    return h


def signed(text, line, key):
    """Whether line ('— name base64') is a signature by key over text."""
    raw = base64.b64decode(line.split(" ")[2])[4:]
    with tempfile.NamedTemporaryFile() as t, tempfile.NamedTemporaryFile() as s:
        t.write(text.encode()), t.flush(), s.write(raw), s.flush()
        return not subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", t.name,
                                   "-sigfile", s.name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


if len(sys.argv) not in (4, 5):
    sys.exit(__doc__)
key, proof, record = sys.argv[1:4]
head, text, signatures = open(proof, encoding="utf-8").read().split("\n\n", 2)
text += "\n"
lines = [l for l in head.split("\n") if not l.startswith("extra ")]
if lines[0] != "c2sp.org/tlog-proof@v1":
    fail("this is no proof")
origin, size, want = text.split("\n")[:3]
if not any(signed(text, l, key) for l in signatures.split("\n") if l.startswith("— " + origin + " ")):
    fail("the checkpoint is not signed by this key")
if len(sys.argv) == 5 and open(sys.argv[4], encoding="utf-8").read().split("\n\n", 1)[0] + "\n" != text:
    fail("the proof ends in another checkpoint than " + sys.argv[4])
raw = open(record, "rb").read()
raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
end = raw.index(b"\r\n\r\n") + 4
length = int(re.search(rb"(?im)^content-length:\s*(\d+)\s*$", raw[:end]).group(1))
if raw[end + length:] != b"\r\n\r\n":
    fail("this is not one whole WARC record")
name = re.search(rb"(?im)^warc-record-id:\s*<([^>]+)>\s*$", raw[:end]).group(1).decode()
leaf = '{"record":"%s","head":"%s","block":"%s"}' % (
    name, hashlib.sha256(raw[:end]).hexdigest(), hashlib.sha256(raw[end:end + length]).hexdigest())
path = [base64.b64decode(l) for l in lines[2:]]
got = root(hashlib.sha256(b"\0" + leaf.encode()).digest(), int(lines[1].split(" ")[1]), int(size), path)
if got != base64.b64decode(want):
    fail("this record is not the one that was logged")
print("OK: %s is leaf %s of %s leaves in the log %s" % (name, lines[1].split(" ")[1], size, origin))

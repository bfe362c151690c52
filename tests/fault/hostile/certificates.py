"""certificates.py: certificates that no tool would make, written byte by byte.

    forge = Forge(folder)              makes an authority and a key; forge.ca is its file
    forge.make("name", sans=[b"x"])    (certificate file with its chain, key file)

All are signed by one RSA key of ours: what is hostile is what stands in them.
"""
import base64
import hashlib
import os
import subprocess

CN, ORGANISATION = "550403", "55040a"
UTF8, PRINTABLE, T61, BMP, IA5, UNIVERSAL = 0x0c, 0x13, 0x14, 0x1e, 0x16, 0x1c
SAN, BASIC, EKU, UNKNOWN = "551d11", "551d13", "551d25", "2a0304"
YEARS = (b"20200101000000Z", b"20490101000000Z")


def tlv(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def number(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def numbers_of(der):
    """The INTEGERs of a SEQUENCE (or of the one in its last OCTET STRING: PKCS #8)."""
    def read(at):
        size, start = der[at + 1], at + 2
        if size & 0x80:
            start += size & 0x7f
            size = int.from_bytes(der[at + 2:start], "big")
        return der[at], start, start + size
    _, at, end = read(0)
    found = []
    while at < end:
        tag, start, at = read(at)
        if tag == 0x04:
            return numbers_of(der[start:at])
        if tag == 0x02:
            found.append(int.from_bytes(der[start:at], "big"))
    return found


def name(*parts):
    """A Name of (type, string kind, bytes)."""
    return tlv(0x30, *(tlv(0x31, tlv(0x30, tlv(0x06, bytes.fromhex(oid)), tlv(kind, text))) for oid, kind, text in parts))


def common_name(text, kind=UTF8):
    return name((CN, kind, text))


def extension(oid, value, critical=False):
    return tlv(0x30, tlv(0x06, bytes.fromhex(oid)), b"\x01\x01\xff" if critical else b"", tlv(0x04, value))


SHA256_RSA = tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d01010b")), b"\x05\x00")
IS_CA = extension(BASIC, tlv(0x30, b"\x01\x01\xff"), critical=True)
AUTHORITY = common_name(b"Hostile authority")


class Forge:
    def __init__(self, folder):
        self.folder, self.serial = folder, 1
        self.key = os.path.join(folder, "forge.key")
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, stderr=subprocess.DEVNULL)
        with open(self.key, encoding="ascii") as file:
            der = base64.b64decode("".join(line for line in file if "-----" not in line))
        _, self.modulus, exponent, self.secret, self.p, self.q = numbers_of(der)[:6]
        key = tlv(0x30, number(self.modulus), number(exponent))
        self.public = tlv(0x30, tlv(0x30, tlv(0x06, bytes.fromhex("2a864886f70d010101")), b"\x05\x00"), tlv(0x03, b"\0" + key))
        self.ca = self._write("forge-ca", [self.certificate(AUTHORITY, AUTHORITY, [IS_CA])])

    def sign(self, data):
        digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
        padded = b"\0\x01" + b"\xff" * (253 - len(digest)) + b"\0" + digest
        message = int.from_bytes(padded, "big")
        # By the Chinese remainder theorem, as it is four times as fast.
        by_p, by_q = (pow(message, self.secret % (prime - 1), prime) for prime in (self.p, self.q))
        return (by_q + self.q * ((by_p - by_q) * pow(self.q, -1, self.p) % self.p)).to_bytes(256, "big")

    def certificate(self, subject, issuer, extensions, years=YEARS):
        self.serial += 1
        body = tlv(0x30, tlv(0xa0, number(2)), number(self.serial), SHA256_RSA, issuer,
                   tlv(0x30, *(tlv(0x18, year) for year in years)), subject, self.public,
                   tlv(0xa3, tlv(0x30, *extensions)) if extensions else b"")
        return tlv(0x30, body, SHA256_RSA, tlv(0x03, b"\0" + self.sign(body)))

    def _write(self, called, certificates):
        path = os.path.join(self.folder, called + ".pem")
        with open(path, "wb") as file:
            for der in certificates:
                file.write(b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n")
        return path

    def make(self, called, subject=common_name(b"localhost"), sans=(b"localhost",), issuer=AUTHORITY, more=(), years=YEARS,
             above=()):
        """above: certificates sent along."""
        extensions = list(more)
        if sans:
            extensions.append(extension(SAN, tlv(0x30, *(tlv(0x82, san) for san in sans))))
        leaf = self.certificate(subject, issuer, extensions, years)
        return self._write(called, [leaf, *above]), self.key

    def chain(self, called, length, trusted=AUTHORITY):
        """A valid chain with that many authorities between the trusted one and the server's."""
        above, issuer = [], trusted
        for step in range(length):
            subject = common_name(b"Step %d" % step)
            above.insert(0, self.certificate(subject, issuer, [IS_CA]))
            issuer = subject
        return self.make(called, issuer=issuer, above=above)


def hostile(forge, dirty, zalgo):
    """{name: function that makes it}: the certificates of the table."""
    def san(count):
        return [b"other%d.test" % number for number in range(count)]
    other = (b"other.test",)
    # A name in invalid UTF-8 does not get past OpenSSL; the other kinds take any byte.
    kinds = [(ORGANISATION, kind, dirty) for kind in (PRINTABLE, T61, IA5)]
    text = dirty.decode("utf-8", "ignore")
    kinds += [(ORGANISATION, BMP, "".join(char for char in text if char < "\U00010000").encode("utf-16-be")),
              (ORGANISATION, UNIVERSAL, text.encode("utf-32-be")), (CN, UTF8, text.encode())]
    dirty_name = common_name(text.encode())
    unknown = common_name(b"Nobody")
    heavy = [forge.certificate(common_name(b"Ballast"), AUTHORITY, [IS_CA, extension(UNKNOWN, b"x" * (1 << 20))])]
    wrong = {"sans": other}
    options = {
        "honest": {}, "hundred names": {"sans": [*san(99), b"localhost"]}, "hundred other names": {"sans": san(100)},
        "3000 names": {"sans": [*san(3000), b"localhost"]}, "3000 other names": {"sans": san(3000)},
        "10000 names": {"sans": [*san(10000), b"localhost"]},
        "nul in a name": {"sans": [b"localhost\0.evil.test"]},
        "nul in the common name": {"subject": common_name(b"localhost\0.evil.test"), "sans": ()},
        "dirty names": {"sans": [dirty, b"\x1b[2J\x1b]0;owned\x07", "\u202egnp.test\u200b".encode()]},
        "dirty subject": {"subject": dirty_name, "sans": ()},
        "dirty subject of each kind": {"subject": name(*kinds), "sans": ()},
        "dirty issuer": {"issuer": dirty_name}, "zalgo issuer": {"issuer": common_name(zalgo)},
        "a subject of 60 kB": {"subject": common_name(b"x" * 60000), **wrong}, "no subject": {"subject": name(), "sans": ()},
        "too wild a card": {"sans": [b"*", b"*.*", b"local*", b"*.localhost."]},
        "names that are none": {"sans": (), "subject": common_name(b"other.test"), "more": [
            extension(SAN, tlv(0x30, tlv(0x81, dirty), tlv(0x86, dirty), tlv(0x87, b"\x7f"), tlv(0x88, b"*")))]},
        "impossible dates": {"years": (b"20200101000000Z", dirty[:13] + b"Z")},
        "expired in the year 1": {"years": (b"00010101000000Z", b"00010102000000Z")},
        "dirty and expired": {"subject": dirty_name, "years": (YEARS[0], YEARS[0])},
        "unknown and critical": {"more": [extension(UNKNOWN, dirty, critical=True)]},
        "for clients only": {"more": [extension(EKU, tlv(0x30, tlv(0x06, bytes.fromhex("2b06010505070302"))))]},
        "three hundred authorities": {"above": [forge.certificate(AUTHORITY, AUTHORITY, [IS_CA])] * 300},
        "four megabytes": {"above": heavy * 4},
    }
    makers = {called: (lambda called=called, what=what: forge.make(called.replace(" ", "-"), **what))
              for called, what in options.items()}
    makers["fifty authorities unknown"] = lambda: forge.chain("fifty", 50, trusted=unknown)
    for length in (10, 12):
        makers[f"{length} authorities"] = lambda length=length: forge.chain(f"chain{length}", length)
    return makers

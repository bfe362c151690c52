"""secret_forms.py: every form that a password could take on its way out, to be looked for.

The password is long and every part of it is distinctive, so that what is left of a wiped or reused
buffer (its first half, its end) is found as well.
"""
import base64
import json
import quopri
import re
import urllib.parse

# Spaces, what formats and tables and shells give a meaning to, and more than ASCII.
PASSWORD = "Zäq%s \"Ohr\" #7 $HOME\\n 'wüst' 100%d=x;Kranich-ßtelzen&Vv9"
LOGIN = "tracer@relay.test"
PIECE = 12  # bytes: shorter pieces are found by chance


def _pieces(whole):
    """The whole, and its beginning, middle and end."""
    middle = len(whole) // 2
    return {whole, whole[:PIECE], whole[middle:middle + PIECE], whole[-PIECE:]}


def _base64_of(whole):
    """What base64 makes of it wherever it stands in a longer text, without what its neighbours decide."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + whole + b"\0" * 3)
        yield text[4 if before else 0:(before + len(whole)) // 3 * 4]


def forms(password=PASSWORD):
    """{bytes to look for: what they are}"""
    raw = password.encode()
    found = {}
    for piece in _pieces(raw):
        found[piece] = "as it is"
    for text in _base64_of(raw):
        for piece in _pieces(text):
            found[piece] = "base64"
            found[piece.translate(bytes.maketrans(b"+/", b"-_"))] = "base64"
    for name, text in (
            ("percent-encoded", urllib.parse.quote(password, safe="").encode()),
            ("percent-encoded", urllib.parse.quote_plus(password).encode()),
            ("percent-encoded", urllib.parse.quote(password, safe="").lower().encode()),
            ("quoted-printable", quopri.encodestring(raw, quotetabs=True).replace(b"=\n", b"")),
            ("JSON", json.dumps(password)[1:-1].encode()),
            ("JSON", json.dumps(password, ensure_ascii=False)[1:-1].encode()),
            ("hexadecimal", raw.hex().encode()),
            ("hexadecimal", raw.hex().upper().encode())):
        for piece in _pieces(text):
            found.setdefault(piece, name)
    for encoding in ("utf-16-le", "utf-32-le"):
        found[password.encode(encoding)] = encoding
    return found


class Search:
    """One pass for all forms."""

    def __init__(self, password=PASSWORD):
        self.names = forms(password)
        self.pattern = re.compile(b"|".join(re.escape(form) for form in
                                            sorted(self.names, key=len, reverse=True)))

    def within(self, data):
        """[(offset, what)]; none when the password is not in it."""
        return [(match.start(), self.names[match[0]]) for match in self.pattern.finditer(data)]

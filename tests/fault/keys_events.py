"""keys_events.py: what may come from a terminal: keys, pastes, reports, resizes, signals, at random.

  for event in events(rng, Alphabet(...)): event is (kind, value), one of
    ("bytes", data)  ("resize", (lines, columns))  ("signal", number)
    ("stall", n)     the terminal takes nothing in for the next n events
    ("pause", seconds)
    ("flow", data)   Ctrl-S, keys, Ctrl-Q
"""
import signal
from collections import namedtuple

# without: bytes that must not be sent, nor come about in a sequence; suspends: may it be stopped and continued;
# text: line by line rather than by keys.
Alphabet = namedtuple("Alphabet", "without suspends text")

ESC = b"\x1b"
CSI = b"\x1b["
SPECIAL = [CSI + c for c in (b"A", b"B", b"C", b"D", b"H", b"F", b"Z", b"1~", b"2~", b"3~", b"4~", b"5~", b"6~",
                             b"7~", b"8~", b"11~", b"12~", b"15~", b"24~", b"[A", b"[B", b"[E",
                             b"1;5A", b"1;2D", b"1;3H", b"15;5~")]
SPECIAL += [ESC + b"O" + c for c in (b"A", b"B", b"C", b"D", b"H", b"F", b"P", b"Q", b"R", b"S", b"M", b"j", b"x")]
SPECIAL += [bytes([c]) for c in (1, 2, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 20, 21, 22, 23, 24, 25, 0, 29, 30, 31, 127)]
MOVES = [b"\t", CSI + b"A", CSI + b"B", CSI + b"C", CSI + b"D", CSI + b"Z", b" "]
WORDS = ["localhost", "smtp.example.org", "practice@relay.test", "587", "465", "2525", "0", "b", "?", "-", "99999",
         "pässwörd", "日本語", "e\u0301\u0301\u0301", "\u202eoverride\u202c", "\u200b", "💩", "a b", "x" * 70, "\\b"]
HALVES = [b"\x1b", CSI, CSI + b"1;", CSI + b"<0;10", CSI + b"M ", ESC + b"O", ESC + b"]11;rgb:00/", ESC + b"P1$r",
          CSI + b"200~half", CSI + b"?62;", ESC + b"_x", CSI + b"1" * 40, b"\xe6\x97", b"\xf0\x9f\x92", b"\xc3",
          CSI + b"\x18", CSI + b"\x1b[", ESC + ESC, ESC + ESC + b"["]
REPORTS = [CSI + b"I", CSI + b"O", CSI + b"?62;1;6c", CSI + b">41;366;0c", CSI + b"24;80R",
           ESC + b"]11;rgb:0000/0000/0000\x07", ESC + b"]52;c;cm0gLXJmIC8=\x1b\\", ESC + b"P>|xterm(388)\x1b\\",
           CSI + b"0n", CSI + b"?1;2c"]
# These end, suspend or stop by themselves: events of their own, or ends of a life.
NOT_BY_CHANCE = bytes([3, 0x11, 0x13, 0x1a, 0x1c])


def mouse(rng):
    button, x, y = rng.choice((0, 1, 2, 3, 32, 35, 64, 65)), rng.randint(1, 300), rng.randint(1, 100)
    return rng.choice((
        CSI + b"M" + bytes((32 + button, min(255, 32 + x), min(255, 32 + y))),
        CSI + b"<%d;%d;%d%s" % (button, x, y, rng.choice((b"M", b"m"))),
        CSI + b"%d;%d;%dM" % (32 + button, x, y)))


def text(rng):
    return rng.choice(WORDS).encode() if rng.random() < 0.5 else bytes([rng.randint(0x20, 0x7e)])


def paste(rng):
    kind = rng.randrange(6)
    if kind == 0:
        data = b"x" * rng.randint(1, 6000)
    elif kind == 1:
        data = rng.randbytes(rng.randint(1, 400))
    elif kind == 2:
        data = bytes(rng.choice((0x80, 0xbf, 0xc0, 0xc1, 0xe0, 0xed, 0xa0, 0xf4, 0xf5, 0xff, 0x41)) for _ in range(60))
    elif kind == 3:
        data = b"\r".join(text(rng) for _ in range(rng.randint(2, 8))) + rng.choice((b"", b"\r", b"\n"))
    elif kind == 4:
        data = b"\t".join(text(rng) for _ in range(rng.randint(2, 30))) + rng.choice((b"", b"\r"))
    else:
        data = b"".join(rng.choice(SPECIAL + HALVES + REPORTS) for _ in range(rng.randint(2, 60)))
    return CSI + b"200~" + data + CSI + b"201~" if rng.random() < 0.5 else data


def size(rng):
    if rng.random() < 0.3:
        return rng.choice(((1, 1), (1, 300), (100, 1), (100, 300), (15, 60), (16, 59), (16, 60), (24, 80), (2, 2)))
    if rng.random() < 0.6:
        return rng.randint(16, 60), rng.randint(60, 140)
    return rng.randint(1, 100), rng.randint(1, 300)


def some_bytes(rng, alphabet):
    pick = rng.random()
    if pick < 0.30:
        return rng.choice(MOVES)
    if pick < 0.45:
        return text(rng)
    if pick < 0.58:
        return rng.choice(SPECIAL)
    if pick < 0.70:
        return rng.choice((b"\r", b"\r", b"\n", ESC + b"OM")) if not alphabet.text else b"%d\n" % rng.randint(0, 5)
    if pick < 0.71:
        return ESC  # seldom: a few of them and the program is left
    if pick < 0.76:
        return text(rng) if not alphabet.text else b"\n"
    if pick < 0.82:
        return b"".join(rng.choice(MOVES + SPECIAL + [b"\r", b"a"]) for _ in range(rng.randint(2, 40)))
    if pick < 0.87:
        return paste(rng)
    if pick < 0.92:
        return rng.choice(HALVES)
    if pick < 0.96:
        return mouse(rng)
    return rng.choice(REPORTS)


def event(rng, alphabet):
    pick = rng.random()
    if pick < 0.80:
        data = some_bytes(rng, alphabet)
        return "bytes", data.translate(None, NOT_BY_CHANCE + alphabet.without)
    if pick < 0.90:
        return "resize", size(rng)
    if pick < 0.93:
        return "pause", rng.choice((0.001, 0.01, 0.03, 0.06))
    if pick < 0.96:
        return "signal", rng.choice((signal.SIGWINCH, signal.SIGWINCH, signal.SIGPIPE)
                                    + ((signal.SIGCONT,) if alphabet.suspends else ())
                                    + ((signal.SIGQUIT,) if not alphabet.text else ()))
    if pick < 0.975:
        return "flow", b"\x13" + b"".join(rng.choice(MOVES) for _ in range(rng.randint(0, 20))) + b"\x11"
    if pick < 0.99 or not alphabet.suspends:
        return "stall", rng.randint(1, 40)
    return rng.choice((("bytes", b"\x1a"), ("signal", signal.SIGTSTP)))

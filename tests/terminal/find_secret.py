"""find_secret.py PID SECRET EXPECTED: how often a process has a secret in its memory.

Looks for its bytes, and for its characters at every distance at which a wide string, a queue of
keys or curses' cells could hold them. Fails unless the bytes are found EXPECTED times and no
spread-out copy at all. Needs root: the process is not dumpable.
"""

import re
import sys

DISTANCES = (2, 4, 8, 12, 16, 20, 24, 28, 32)


def regions(pid):
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw.. ", line)
            if match:
                yield int(match[1], 16), int(match[2], 16), line.split()[-1]


def spread(secret, distance):
    """A pattern for the characters with `distance - 1` bytes of anything between them."""
    gap = b"[\\s\\S]{%d}" % (distance - 1)
    return re.compile(gap.join(re.escape(bytes([c])) for c in secret))


def main():
    pid, secret, expected = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
    found, read = [], 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, name in regions(pid):
            # Test builds with a sanitizer reserve terabytes that nothing was ever written to.
            if end - start > 1 << 30:
                continue
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except OSError:
                continue
            read += len(data)
            found += [(0, name, hex(start + m.start())) for m in re.finditer(re.escape(secret), data)]
            for distance in DISTANCES:
                found += [(distance, name, hex(start + m.start()))
                          for m in spread(secret, distance).finditer(data)]
    plain = [f for f in found if f[0] == 0]
    print(f"{read} bytes read, found: {found}")
    if read < 100_000:
        sys.exit("too little could be read to say anything")
    if len(plain) != expected or len(found) != len(plain):
        sys.exit(1)


main()

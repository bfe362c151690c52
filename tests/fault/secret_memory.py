"""secret_memory.py: where in a process's memory the password stands, and what others could see of it.

Everything readable is searched: stacks, heap, libraries' data, anonymous mappings; for every form of
secret_forms.py and for its characters at the distances at which wide strings and curses' cells hold
them. A copy in memory that is locked (never swapped) and left out of core dumps is the program's own
type for secrets; any other is a leak.
"""
import array
import fcntl
import glob
import os
import re
import termios
from collections import namedtuple

from secret_forms import PASSWORD, Search

Copy = namedtuple("Copy", "what region address guarded")

DISTANCES = (2, 4, 8, 12, 16, 20, 24, 28, 32)
# Of the password: characters of one byte.
SPREAD = (b'"Ohr" #7', b"Kranich-")
assert all(part.decode() in PASSWORD for part in SPREAD)
TERABYTES = 1 << 30  # reserved by test builds with a sanitizer, and never written to


def _spread():
    for part in SPREAD:
        for distance in DISTANCES:
            gap = b"[\\s\\S]{%d}" % (distance - 1)
            yield distance, re.compile(gap.join(re.escape(bytes([c])) for c in part))


SPREAD_OUT = list(_spread())


def regions(pid):
    """(start, end, permissions, name, flags) of each mapping."""
    at = None
    with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as smaps:
        for line in smaps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line)
            if found:
                at = (int(found[1], 16), int(found[2], 16), found[3], found[4] or "anonymous")
            elif line.startswith("VmFlags:"):
                yield (*at, set(line.split()[1:]))


def search(pid):
    """(copies, bytes read)"""
    plain, copies, read = Search(), [], 0
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, permissions, name, flags in regions(pid):
            if "r" not in permissions or end - start > TERABYTES:
                continue
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except OSError:  # [vvar]
                continue
            read += len(data)
            guarded = {"lo", "dd"} <= flags
            copies += [Copy(what, name, hex(start + at), guarded) for at, what in plain.within(data)]
            if "w" not in permissions:
                continue
            for distance, pattern in SPREAD_OUT:
                copies += [Copy(f"characters {distance} bytes apart", name, hex(start + found.start()), guarded)
                           for found in pattern.finditer(data)]
    return copies, read


def looked_at_from_outside(terminal=None):
    """What anybody sees of the processes of this machine, and what waits in a terminal's queue: sentences."""
    wrong, within = [], Search().within
    for kind in ("cmdline", "environ"):
        for path in glob.glob(f"/proc/[0-9]*/{kind}"):
            try:
                with open(path, "rb") as file:
                    if within(file.read()):
                        wrong.append(f"{path} holds the password")
            except OSError:  # it has ended
                continue
    if terminal:
        waiting = array.array("i", [0])
        descriptor = os.open(terminal, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        fcntl.ioctl(descriptor, termios.FIONREAD, waiting)
        os.close(descriptor)
        if waiting[0]:
            wrong.append(f"{waiting[0]} bytes wait in the queue of {terminal}")
    return wrong


def leaks(pid, allowed):
    """Sentences. allowed: copies in guarded memory are right at this moment, and there has to be one."""
    copies, read = search(pid)
    wrong = [f"{copy.what} at {copy.address} in {copy.region}"
             f"{'' if not copy.guarded else ', in guarded memory'}" for copy in copies
             if not (allowed and copy.guarded)]
    if read < 100_000:
        wrong.append(f"only {read} bytes could be read, too little to say anything")
    if allowed and not any(copy.guarded for copy in copies):
        wrong.append("it is nowhere in guarded memory, where this moment has to have it")
    return wrong

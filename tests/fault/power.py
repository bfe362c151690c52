"""power.py: what a power cut may leave on a disk, as a model.

From a trace of what a command did to its files (trace) the possible disks are built (disks). The model
promises less than any file system that Debian installs on:

- What a call did to names (create, link, rename, unlink, mkdir) is on the disk for certain once the
  folder was synced. Before that any number of the last ones may be missing ("the first k"), or a
  single one of them while all others are there ("all but the k-th").
- A file's bytes, mode and owner are there once the file was synced. Before that it may be whole,
  empty or cut in half; then with the mode that it was made with.

Only the first kind (the first k) is in the order of the calls, as ext4, XFS and btrfs keep it.
"""
import os
import re
import stat
import subprocess

TRACED = ("open,openat,creat,mkdir,mkdirat,rmdir,rename,renameat,renameat2,link,linkat,unlink,unlinkat,symlink,"
          "symlinkat,write,pwrite64,writev,ftruncate,truncate,fsync,fdatasync,chmod,fchmod,fchmodat,chown,fchown")
ROOT = "/"  # of the two folders together; a key of no file


class Thing:
    """A file, folder or symbolic link, as the programs see it."""

    def __init__(self, kind, mode, content, born, owner=(0, 0)):
        self.kind, self.mode, self.content, self.owner = kind, mode, content, owner
        self.made_with = mode
        self.born = born  # the name that it was made under

    def is_file(self):
        return self.kind == stat.S_IFREG


# --- the trace ------------------------------------------------------------------------------------

STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|\?)")


def plain(text):
    """strace -xx, undone: each string as it was, in a list; and the text without them."""
    strings = [bytes.fromhex(found.replace("\\x", "")) for found in STRING.findall(text)]
    return strings, STRING.sub('""', text)


def calls(path):
    """(name, arguments as text) of each successful call of a trace, in the order of their ends."""
    halves = {}
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            line = line.rstrip("\n")
            pid = line.split(" ", 1)[0]
            if line.endswith("<unfinished ...>"):
                halves[pid] = line[:-len("<unfinished ...>")].rstrip()
                continue
            resumed = re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)$", line)
            if resumed:
                line = halves.pop(pid, "") + resumed[1]
            found = CALL.match(line)
            if found and not found[4].startswith(("-", "?")):
                yield found[2], found[3]


def trace(argv, path, environment):
    """Runs the command; its calls are in the file at `path` (root only: it holds what was written)."""
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb"):
        pass
    return subprocess.run(["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={TRACED}", "-o", path, *argv],
                          stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False).returncode


# --- what it did to the two folders ---------------------------------------------------------------

class Disk:
    """names: {name: Thing} as the programs see them; events: what led there."""

    def __init__(self, root, folders):
        """folders: {short name: path}; what is there now is on the disk. root: the folder above."""
        self.root, self.folders, self.names, self.events = root, folders, {}, []
        for short, path in folders.items():
            if os.path.isdir(path):
                self._take(short, path)
                for here, inner, files in os.walk(path):
                    for entry in inner + files:
                        full = os.path.join(here, entry)
                        self._take(os.path.join(short, os.path.relpath(full, path)), full)
        self.first = dict(self.names)
        self.at_first = {thing: (thing.mode, thing.content) for thing in self.names.values()}

    def _take(self, name, full):
        info = os.lstat(full)
        content = b""
        if stat.S_ISREG(info.st_mode):
            with open(full, "rb") as file:
                content = file.read()
        elif stat.S_ISLNK(info.st_mode):
            content = os.readlink(full).encode()
        self.names[name] = Thing(stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), content, name,
                                 (info.st_uid, info.st_gid))

    def short(self, path):
        """The name below one of the folders, or None."""
        path = path.decode("utf-8", "replace")
        if path == self.root:
            return ROOT
        for short, folder in self.folders.items():
            if path == folder or path.startswith(folder + "/"):
                return os.path.join(short, os.path.relpath(path, folder)) if path != folder else short
        return None

    def entries(self, changed):
        """Names changed together: one event."""
        for name, thing in changed.items():
            if thing is None:
                self.names.pop(name, None)
            else:
                self.names[name] = thing
        self.events.append(("names", dict(changed)))

    def make(self, name, kind, mode, content=b""):
        self.entries({name: Thing(kind, mode, content, name)})

    def written(self, thing):
        self.events.append(("bytes", thing, thing.mode, thing.content))

    def replay(self, path):
        """Takes in a trace."""
        for call, text in calls(path):
            strings, arguments = plain(text)
            # The folder of an *at call (-y shows it) is never used: relaycon names files by whole paths.
            descriptor = re.search(r"^\d+<((?:\\x[0-9a-f]{2})+)>", arguments)
            if descriptor and call in ("write", "pwrite64", "writev", "ftruncate", "fsync", "fdatasync", "fchmod",
                                       "fchown"):
                strings = [bytes.fromhex(descriptor[1].replace("\\x", "")), *strings]
            names = [self.short(string) for string in strings[:2]]
            if names and (names[0] or (len(names) > 1 and names[1])):
                self.take_in(call, arguments, names, strings)

    def take_in(self, call, arguments, names, strings):
        name = names[0]
        thing = self.names.get(name)
        if call in ("open", "openat", "creat"):
            if "O_CREAT" in arguments and not thing:
                self.make(name, stat.S_IFREG, int(re.search(r", (0[0-7]*)\)?$", arguments.split(" = ")[0])[1], 8))
            elif "O_TRUNC" in arguments and thing:
                self.write(thing, b"")
        elif call in ("mkdir", "mkdirat"):
            self.make(name, stat.S_IFDIR, int(arguments.rsplit(",", 1)[1], 8))
        elif call in ("symlink", "symlinkat"):
            self.make(names[1], stat.S_IFLNK, 0o777, strings[0])
        elif call in ("write", "pwrite64"):
            at = int(arguments.rsplit(",", 1)[1]) if call == "pwrite64" else len(thing.content)
            self.write(thing, thing.content[:at] + strings[1] + thing.content[at + len(strings[1]):])
        elif call == "ftruncate":
            self.write(thing, thing.content[:int(arguments.rsplit(",", 1)[1])])
        elif call in ("chmod", "fchmod", "fchmodat"):
            thing.mode = int(re.findall(r"\b0[0-7]*\b", arguments)[-1], 8)
            self.written(thing)
        elif call in ("unlink", "unlinkat", "rmdir"):
            self.entries({name: None})
        elif call in ("link", "linkat"):
            self.entries({names[1]: thing})
        elif call == "renameat2" and "RENAME_EXCHANGE" in arguments:
            self.entries({name: self.names[names[1]], names[1]: thing})
        elif call in ("rename", "renameat", "renameat2"):
            self.entries({names[1]: thing, name: None})
        elif call in ("fsync", "fdatasync"):
            self.events.append(("sync", name, thing))
        else:
            raise ValueError(f"{call}({arguments}) is not in the model")

    def write(self, thing, content):
        thing.content = content
        self.written(thing)


# --- the disks that a cut may leave ---------------------------------------------------------------

def folder_of(name):
    return os.path.dirname(name) or ROOT


def disks(disk):
    """Every distinct disk: (where, in the calls' order and with whole files?, {name: (Thing, mode, content)})."""
    durable, pending, seen = dict(disk.first), [], set()
    things = {thing: [mode, content, True] for thing, (mode, content) in disk.at_first.items()}
    for number, event in enumerate(disk.events, 1):
        if event[0] == "names":
            for thing in event[1].values():
                if thing and thing not in things:
                    things[thing] = [thing.made_with, b"" if thing.is_file() else thing.content, not thing.is_file()]
            pending.append((number, event[1]))
        elif event[0] == "bytes":
            things[event[1]] = [event[2], event[3], not event[1].is_file()]
        else:
            if event[2] and event[2].is_file():
                things[event[2]][2] = True
            for entry in [entry for entry in pending if folder_of(next(iter(entry[1]))) == event[1]]:
                apply(durable, entry[1])
                pending.remove(entry)
        yield from cuts(number, durable, pending, things, seen)


def apply(names, changed):
    for name, key in changed.items():
        if key is None:
            names.pop(name, None)
        else:
            names[name] = key


def cuts(number, durable, pending, things, seen):
    choices = [(f"the first {count} of {len(pending)}", True, pending[:count])
               for count in range(len(pending) + 1)]
    choices += [(f"all but the {place}th of {len(pending)}", False, pending[:place - 1] + pending[place:])
                for place in range(1, len(pending))]
    for what, ordered, there in choices:
        names = dict(durable)
        for _, changed in there:
            apply(names, changed)
        names = {name: thing for name, thing in names.items() if all(above in names for above in folders_above(name))}
        for left in ("whole", "empty", "half"):
            found = {name: (thing, *remains(thing, things[thing], left)) for name, thing in names.items()}
            mark = frozenset(found.items())
            if mark not in seen:
                seen.add(mark)
                yield (f"event {number}, {what} changes of names that were not synced, files that were not {left}",
                       ordered and left == "whole", found)


def remains(thing, now, left):
    mode, content, synced = now
    if synced or left == "whole":
        return mode, content
    return thing.made_with, content[:len(content) // 2] if left == "half" else b""


def folders_above(name):
    while folder_of(name) != ROOT:
        name = folder_of(name)
        yield name

"""altered_damage.py: how a file of the state folder may be damaged, and the files that must not be (altered)."""
import hashlib
import json
import os
import pwd
import shutil

NOBODY = pwd.getpwnam("nobody").pw_uid


def clear(path):
    """What apply() put there, whatever it is."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def write(path, content, mode=0o600, owner=0):
    with open(path, "wb") as file:
        os.fchmod(file.fileno(), mode)
        os.fchown(file.fileno(), owner, -1)
        file.write(content)


class Damage:
    """apply() puts the damaged file in the place of the whole one: never into it, others know it by its inode."""

    def __init__(self, name, put, ordinary=False):
        self.name, self.put, self.ordinary = name, put, ordinary

    def apply(self, path):
        clear(path)
        self.put(path)


def bytes_of(name, content, ordinary=False, **how):
    return Damage(name, lambda path: write(path, content, **how), ordinary)


class Canary:
    """A folder beside, with what would be tempting: nothing may happen to it."""
    WORDS = "the canary's own words"

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(folder, 0o700)
        for name in ("main.cf", "passwd", ".passwd.relaycon-new", ".passwd.relaycon-old", ".passwd.relaycon-mid"):
            write(os.path.join(folder, name), f"{self.WORDS}: {name}\n".encode())
        self.first = self.look()

    def look(self):
        found = {}
        for entry in os.scandir(self.folder):
            info = entry.stat(follow_symlinks=False)
            with open(entry.path, "rb") as file:
                found[entry.name] = (info.st_ino, info.st_mode, info.st_mtime_ns, file.read())
        return found

    def changes(self):
        return [] if self.look() == self.first else [f"files outside were changed: {sorted(self.look())}"]


def plain(content):
    """As json-c prints it, without blanks: what the checksum is of."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/").encode()


def sealed(document, name, change):
    """The document with its part `name` changed, and the checksum that goes with it."""
    document = json.loads(document)
    before = hashlib.sha256(plain(document[name])).hexdigest()
    assert before == document["sha256"], "the checksum is not made as it is here"
    change(document[name])
    document["sha256"] = hashlib.sha256(plain(document[name])).hexdigest()
    return json.dumps(document, ensure_ascii=False).encode()


def cut_and_turned(content):
    for length in range(len(content)):
        yield bytes_of(f"cut to {length}", content[:length], True)
    for at in range(len(content)):
        for bit in (0x01, 0x20, 0x80):
            turned = bytes([content[at] ^ bit])
            yield bytes_of(f"byte {at} ^ {bit:#x}", content[:at] + turned + content[at + 1:], True)
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        yield bytes_of(f"line {number} twice", b"".join(lines[:number] + [line] + lines[number:]), True)
        yield bytes_of(f"line {number} gone", b"".join(lines[:number] + lines[number + 1:]), True)


def replaced(content, canary, numbers):
    yield bytes_of("empty", b"")
    yield bytes_of("twice", content * 2)
    yield bytes_of("zeros", bytes(len(content)))
    yield bytes_of("a megabyte of x", b"x" * (1 << 20))
    yield bytes_of("a thousand brackets", b"[" * 5000)
    for _ in range(5):
        yield bytes_of("garbage", numbers.randbytes(300))
    yield bytes_of("writable by all", content, mode=0o666)
    yield bytes_of("nobody's", content, owner=NOBODY)
    yield bytes_of("no right to read", content, mode=0)
    yield Damage("gone", lambda path: None)
    yield Damage("a folder", os.mkdir)
    yield Damage("a pipe", os.mkfifo)
    yield Damage("a link to the canary", lambda path: os.symlink(os.path.join(canary.folder, "passwd"), path))
    yield Damage("a link to nowhere", lambda path: os.symlink(os.path.join(canary.folder, "nothing"), path))


def of_version(content):
    one = b'"version":1'
    for old, new in ((one, b'"version":0'), (one, b'"version":2'), (one, b'"version":"1"'),
                     (b"format = 1", b"format = 0"), (b"format = 1", b"format = 2")):
        if old in content:
            yield bytes_of(f"version {new.decode()}", content.replace(old, new, 1))


def journals(content, canary):
    """Whole, and naming what is not ours to touch."""
    at = os.path.join(canary.folder, "passwd")
    inode = os.lstat(at).st_ino
    beside = {suffix: os.path.join(canary.folder, ".passwd.relaycon-" + suffix) for suffix in ("new", "old")}

    def lead_there(step):
        return lambda journal: journal["steps"].append(dict(journal["steps"][0], **step))
    for step in ({"target": at, "staged": None, "old": None}, {"target": at, "staged": beside["new"], "old": None},
                 {"target": at, "staged": beside["new"], "old": beside["old"]},
                 {"target": at, "staged": beside["new"], "old": beside["old"], "shared": True},
                 {"target": os.path.join(canary.folder, "main.cf"), "staged": None, "old": None}):
        step = dict(step, inode=inode)
        yield bytes_of(f"sealed, leading to {step}", sealed(content, "journal", lead_there(step)))
    yield bytes_of("sealed, without steps", sealed(content, "journal", lambda journal: journal["steps"].clear()))


def other_instance(content):
    """The same file as another Postfix's state folder would have it."""
    return content.replace(b"/machine/config", b"/elsewhere/config").replace(b"localhost", b"otherhost")


def baselines(content):
    def other(baseline):
        for hunk in baseline["main.cf"]:
            hunk["after"] = other_instance(hunk["after"].encode()).decode()
            hunk["before"] = f"{hunk['key']} = of.another.machine\n"
            hunk["existed"] = True
        if "config" in baseline:
            baseline["config"] = other_instance(baseline["config"].encode()).decode()
    yield bytes_of("sealed, another instance's", sealed(content, "baseline", other))


def all_of(file, content, canary, numbers):
    damages = list(replaced(content, canary, numbers)) + list(of_version(content)) + list(cut_and_turned(content))
    if file == "journal":
        damages += journals(content, canary)
    elif file.startswith("baseline"):
        damages += baselines(content)
    else:
        damages.append(bytes_of("another instance's", other_instance(content)))
    return damages

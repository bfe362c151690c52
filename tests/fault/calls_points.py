"""calls_points.py: every system call of a change that can fail, failing (at_syscall.c).

A point is "CHANGE/KIND/N/ERRNO": at the N-th call of that kind in that change the kernel says ERRNO; or
"CHANGE/short/N": the N-th write is given the first half only; or "CHANGE/starve/N": from the N-th of all
calls on there is no more memory.
"""
import os
import subprocess
import tempfile
from collections import namedtuple

from changes import COMMANDS, ROUTED
from world import RELAYCON, Result, clean_environment

TOOLS = os.environ.get("FAULT_TOOLS") or os.path.join(os.path.dirname(RELAYCON), "../../fault")
AT_SYSCALL = os.path.join(TOOLS, "at_syscall")
TIMEOUT = 90

FULL = ("ENOSPC", "EDQUOT")
# kind: the names that it has on one machine or another, and what the kernel may answer.
KINDS = {
    "open": ("open,openat,creat", (*FULL, "EIO", "EROFS", "EPERM", "EMFILE")),
    "write": ("write,pwrite64,writev", (*FULL, "EIO", "EPERM")),
    "fsync": ("fsync,fdatasync", (*FULL, "EIO", "EROFS")),
    "rename": ("rename,renameat,renameat2", (*FULL, "EIO", "EROFS", "EPERM")),
    "fchmod": ("fchmod,chmod,fchmodat", ("EIO", "EROFS", "EPERM")),
    "fchown": ("fchown,fchownat,chown", ("EDQUOT", "EIO", "EROFS", "EPERM")),
    "close": ("close", (*FULL, "EIO")),
    "link": ("link,linkat,symlink,symlinkat", (*FULL, "EIO", "EROFS", "EPERM")),
    "unlink": ("unlink,unlinkat,rmdir", ("EIO", "EROFS", "EPERM")),
    "mkdir": ("mkdir,mkdirat", (*FULL, "EIO", "EROFS", "EPERM")),
    "ftruncate": ("ftruncate", ("EIO", "EROFS", "EPERM")),
    "flock": ("flock", ("EIO", "ENOLCK")),
    "utimens": ("utimensat", ("EIO", "EROFS", "EPERM")),
    "setxattr": ("fsetxattr", (*FULL, "EIO", "EROFS", "EPERM")),
    "getxattr": ("fgetxattr,flistxattr", ("EIO",)),
    "read": ("read,pread64", ("EIO",)),
    "getdents": ("getdents64", ("EIO",)),
    "stat": ("newfstatat,fstat,lstat,stat,statx", ("EIO",)),
    "readlink": ("readlink,readlinkat", ("EIO",)),
    "pipe": ("pipe2", ("EMFILE",)),
    "socket": ("socket", ("EMFILE",)),
    "clone": ("clone,clone3,vfork,fork", ("EAGAIN", "ENOMEM")),
    "mmap": ("mmap", ("ENOMEM",)),
}
STARVE_EVERY = 4  # of the calls
# Where one of these fails, something may be left for the next start to tidy up.
TIDYING = {"unlink", "ftruncate"}

Point = namedtuple("Point", "change kind n errno")


def name_of(point):
    parts = (point.change.name, point.kind, str(point.n), point.errno)
    return "/".join(part for part in parts if part)


def point_of(name):
    change, kind, n, *errno = name.split("/")
    return Point(next(one for one in COMMANDS + ROUTED if one.name == change), kind, int(n), errno[0] if errno else "")


def at_syscall(words, argv):
    """Runs the command under at_syscall; (its Result, what at_syscall reports)."""
    with tempfile.TemporaryFile() as report, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [AT_SYSCALL, *words, "--", *argv], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            env=clean_environment(), pass_fds=(3,), preexec_fn=lambda: os.dup2(report.fileno(), 3))
        try:
            code = process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = -9
        texts = []
        for file in (out, err, report):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
        return Result(code, *texts[:2]), texts[2].strip()


def calls_of(world, change):
    """The names of all calls, in order, and how many of them come before main()."""
    world.put(change.before)
    done, report = at_syscall(["list"], change.argv(world))
    if done.code:
        raise SystemExit(f"calls: {change.name} does not work undisturbed: {done}")
    names = [line.split()[1] for line in report.splitlines() if len(line.split()) == 3]
    # main() begins with opening /dev/null, closing it, and the only umask().
    start = names.index("umask")
    while names[start] not in ("open", "openat"):
        start -= 1
    return names, start


def points_of(world, change):
    """Every error at every call; with a test, or with many relays, whose calls are mostly those of the change
    without, a single error at each. What the C library's resolver makes of no memory is not ours, either."""
    names, start = calls_of(world, change)
    tests, found = change.name.endswith("test"), []
    single = tests or change in ROUTED
    for kind, (group, errors) in KINDS.items():
        group = group.split(",")
        before = sum(name in group for name in names[:start])
        total = sum(name in group for name in names)
        found += [Point(change, kind, n, errno) for n in range(before + 1, total + 1)
                  for errno in ((errors[n % len(errors)],) if single else errors)]
    # The loader writes nothing.
    writes = sum(name in KINDS["write"][0].split(",") for name in names)
    found += [Point(change, "short", n, "") for n in range(1, writes + 1)]
    moments = range(start + 1, 0 if tests else len(names) + 1, STARVE_EVERY)
    return found + [Point(change, "starve", n, "") for n in moments]


def run_point(judge, point):
    """(Was there such a call?, what is wrong)"""
    world, change = judge.world, point.change
    judge.ready(change)
    words = ["fail", str(point.n), point.errno, KINDS[point.kind][0]] if point.errno else [
        point.kind, str(point.n)]
    outcome, report = at_syscall(words, change.argv(world))
    return report != "none", judge.after(change, outcome, point.kind in TIDYING)

"""planted_names.py: every name that relaycon makes a file, a folder or a link under, taken from a trace of
what it does: the names of its temporary files as well."""
import os

from secret_trace import STRACE, calls
from world import RELAYCON, run


def _created(call):
    names = [name.decode("utf-8", "replace") for name in call.strings]
    if call.name in ("open", "openat", "creat") and "O_CREAT" in call.rest:
        return names[:1]
    if call.name in ("mkdir", "mkdirat", "symlink", "symlinkat", "mknod", "mknodat"):
        return names[-1:]
    if call.name in ("rename", "renameat", "renameat2", "link", "linkat"):
        return names[-1:]
    return []


def names_of(world, *arguments):
    """In the order of their making: paths below the two folders. What comes of it is as the command says."""
    trace = os.path.join(world.folder, "trace")
    done = run([*STRACE, trace, *world.argv(*arguments)])
    found, ours = [], set()
    for call in calls(trace):
        if call.name == "execve" and call.strings[0].decode() == RELAYCON:
            ours.add(call.pid)
        elif call.name in ("clone", "clone3") and call.pid in ours and "CLONE_THREAD" in call.rest:
            ours.add(call.result)
        if call.pid not in ours:
            continue
        for name in _created(call):
            path = os.path.join(world.config, name) if not name.startswith("/") else name
            if path not in found and path.startswith((world.config, world.state)):
                found.append(path)
    os.unlink(trace)
    # main.cf and master.cf are the administrator's, and may be links (what they are is kept).
    return done, [path for path in found if os.path.basename(path) not in ("main.cf", "master.cf") or
                  not path.startswith(world.config)]

"""crowd_paused.py: relaycon held up at one system call of a change, while something happens (crowd).

    code, text = paused(world, arguments, POINTS["before its lock"], action)

strace stops it with a signal; where a call is entered, it is done before the stop takes hold.
"""
import os
import re
import signal
import subprocess
import tempfile
import time

from world import clean_environment

# Which call on which file: {state} and {config} are the two folders.
POINTS = {
    "between plan and commit": ("openat", "{config}/main.cf.tmp"),
    "before main.cf is staged": ("openat", "{config}/.main.cf.relaycon-new"),
    "after main.cf is kept": ("linkat", "{config}/.main.cf.relaycon-old"),
    "after main.cf is exchanged": ("renameat2", "{config}/.main.cf.relaycon-new"),
    "as the change stands": ("unlink", "{state}/journal"),
}


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


def stopped(pid):
    """How often it has been switched to and from while it is stopped; None where it is not."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            status = file.read()
    except FileNotFoundError:
        return None
    if not re.search(r"^State:\t[Tt]", status, re.MULTILINE):
        return None
    return re.findall(r"ctxt_switches:\t(\d+)", status)


def find_held(process, seconds=20):
    """The traced program, once it stays stopped. Each call of a traced process stops it for an instant,
    so that it may be seen so again and again: it stays so when it has not moved in between."""
    until, before, seen = time.monotonic() + seconds, None, 0
    while process.poll() is None and time.monotonic() < until:
        now = [(pid, stopped(pid)) for pid in children(process.pid)]
        held = [one for one in now if one[1] is not None]
        seen = seen + 1 if held and held == before else 0
        before = held
        if seen == 5:
            return held[0][0]
        time.sleep(0.01)
    return None


def let_go(process, held, seconds):
    """A stop that came late must not outlast the going on."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            os.kill(held, signal.SIGCONT)
        except ProcessLookupError:
            pass
        time.sleep(0.02)


def paused(world, arguments, point, action, seconds=90):
    """Exit code and words; None where it never came to that point."""
    call, path = point
    path = path.format(state=world.state, config=world.config)
    strace = ["strace", "-qq", "-o", "/dev/null", "-P", path, "-e", f"trace={call}",
              "-e", f"inject={call}:signal=STOP:when=1"]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(strace + world.argv(*arguments), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=output, env=clean_environment())
        held = find_held(process)
        try:
            if held:
                action()
                let_go(process, held, seconds)
        finally:
            if process.poll() is None:
                for pid in children(process.pid) + [process.pid]:
                    os.kill(pid, signal.SIGKILL)
        code = process.wait()
        output.seek(0)
        return (code if held else None), output.read().decode("utf-8", "replace")

"""calls_walls.py: what makes calls fail in earnest: a full disk, a read-only one, limits of the process.

Each wall is moved outwards step by step until the change succeeds, so that every call that can hit it
does so once. judge_wall gives (kind of wall, where, what is wrong); the kinds are those of KINDS.
"""
import contextlib
import os
import random
import resource
import subprocess

from calls_judge import Judge
from changes import COMMANDS, prepare
from world import Result, World, run

KINDS = ("full disks", "read-only disks", "limits on open files", "limits on the size of a file",
         "limits on memory")
WIDE = 16 << 20
PAGE = resource.getpagesize()
STEPS_MAX = 60
QUICK_MEMORY = 8 << 20  # a change takes about so much when it is loaded
LOADING_STEPS, MEMORY_STEPS = 10, 80
# Without a test: the three that only write.
WRITERS = [change for change in COMMANDS if not change.name.endswith("test")]


def mount(*words):
    done = run(["mount", *words])
    if done.code:
        raise SystemExit(f"calls: cannot mount {words}: {done.err}")


class Disk:
    """A small file system of its own below a folder, with what the folder held."""

    def __init__(self, folder):
        self.folder = folder
        kept = f"{folder}.kept"
        subprocess.run(["cp", "-a", folder, kept], check=True)
        mount("-t", "tmpfs", "-o", f"size={WIDE},mode=0755", "tmpfs", folder)
        subprocess.run(["cp", "-a", f"{kept}/.", folder], check=True)
        subprocess.run(["rm", "-rf", kept], check=True)

    def remount(self, options):
        mount("-o", f"remount,{options}", self.folder)

    def wide(self):
        self.remount(f"size={WIDE},nr_inodes=10000")

    def read_only(self, yes):
        # Of the mount, not of the file system, which may hold open files that are deleted.
        self.remount("bind,ro" if yes else "bind,rw")

    def full_but(self, what, amount):
        """Leaves room for so many pages, or files."""
        usage = os.statvfs(self.folder)
        if what == "pages":
            used = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
            # A size of zero means that there is no limit.
            self.remount(f"size={max(used + amount * PAGE, PAGE)}")
        else:
            self.remount(f"nr_inodes={usage.f_files - usage.f_ffree + amount}")

    def close(self):
        run(["umount", "-l", self.folder])


@contextlib.contextmanager
def world_on_disks():
    """A World whose configuration and state folder are each on a disk of their own."""
    with World("walls") as world:
        disks = []
        try:
            holder = os.path.join(world.folder, "disk")
            os.mkdir(holder)
            world.state = os.path.join(holder, "state")
            for folder in (world.config, holder):
                disks.append(Disk(folder))
            world.keep("first")
            prepare(world)
            yield world, dict(zip(("configuration", "state"), disks))
        finally:
            for disk in disks:
                disk.close()


def limited(world, change, limit, value):
    """Runs the change with a resource limit."""
    with contextlib.ExitStack() as stack:
        argv = change.argv(world)
        process = stack.enter_context(subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(limit, (value, value))))
        out, err = process.communicate(timeout=120)
        return Result(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def before_main(outcome):
    """The loader gave up: relaycon has not begun."""
    return outcome.code == 127 and "error while loading shared libraries" in outcome.err


class Walls:
    def __init__(self, world, disks, quick, dice):
        self.world, self.disks, self.quick, self.dice = world, disks, quick, dice
        self.judge = Judge(world)

    def changes(self):
        return [self.dice.choice(WRITERS)] if self.quick else WRITERS

    def full_disks(self):
        for change in self.changes():
            for place, disk in self.disks.items():
                for what in ("pages", "files"):
                    for room in range(STEPS_MAX):
                        self.judge.ready(change)
                        disk.full_but(what, room)
                        outcome = self.world.run(*change.command(self.world))
                        disk.wide()
                        yield (f"{change.name}, room for {room} {what} in the {place} folder",
                               self.judge.after(change, outcome))
                        if outcome.code == 0:
                            break
                    else:
                        yield f"{change.name}, {what} in the {place} folder", ["never succeeds"]

    def read_only_disks(self):
        for change in self.changes():
            for places in (["configuration"], ["state"], ["configuration", "state"]):
                self.judge.ready(change)
                for place in places:
                    self.disks[place].read_only(True)
                outcome = self.world.run(*change.command(self.world))
                for place in places:
                    self.disks[place].read_only(False)
                wrong = self.judge.after(change, outcome)
                if outcome.code == 0:
                    wrong.append("it succeeded")
                yield f"{change.name}, {' and '.join(places)} folder read-only", wrong

    def limit(self, change, limit, value, name):
        self.judge.ready(change)
        outcome = limited(self.world, change, limit, value)
        if before_main(outcome):
            return outcome, f"{change.name}, {name} {value}", self.judge.not_in(change.before)
        return outcome, f"{change.name}, {name} {value}", self.judge.after(change, outcome)

    def limits(self, limit, name, values):
        """Up to where the change succeeds; in quick only some of them."""
        for change in self.changes():
            all_values = self.dice.sample(values, min(len(values), 4)) if self.quick else values
            for value in all_values:
                outcome, where, wrong = self.limit(change, limit, value, name)
                yield where, wrong
                if outcome.code == 0 and not self.quick:
                    break

    @staticmethod
    def enough_memory(works):
        low, high = 1 << 20, 1 << 32
        while high - low > 64 << 10:
            middle = (low + high) // 2
            low, high = (low, middle) if works(middle) else (middle, high)
        return high

    def memory(self):
        def starts(argv):
            return self.enough_memory(lambda value: subprocess.run(
                argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (value, value))).returncode == 0)
        # From there on main() is reached; from there on its module can be loaded.
        start, loaded = starts(self.world.argv("--version")), starts(self.world.argv("configure", "--help"))
        with_test = next(change for change in COMMANDS if change.name.endswith("test"))
        for change in [with_test, *WRITERS] if not self.quick else self.changes():
            def works(value, change=change):
                self.judge.state = None
                self.judge.ready(change)
                return limited(self.world, change, resource.RLIMIT_AS, value).code == 0
            enough = loaded + QUICK_MEMORY if self.quick else self.enough_memory(works)
            values = [start + (loaded - start) * step // LOADING_STEPS for step in range(LOADING_STEPS)]
            values += [loaded + (enough - loaded) * step // MEMORY_STEPS for step in range(MEMORY_STEPS + 2)]
            self.judge.state = None
            for value in self.dice.sample(values[LOADING_STEPS:], 8) if self.quick else values:
                yield self.limit(change, resource.RLIMIT_AS, value, "bytes of memory:")[1:]

    def all(self):
        """(kind, where, wrong) of each."""
        sizes = [0, 1, 30, *range(40, 4000, 120)]
        kinds = (self.full_disks(), self.read_only_disks(),
                 self.limits(resource.RLIMIT_NOFILE, "open files:", list(range(3, 3 + STEPS_MAX))),
                 self.limits(resource.RLIMIT_FSIZE, "bytes in a file:", sizes), self.memory())
        for kind, walls in zip(KINDS, kinds):
            for where, wrong in walls:
                yield kind, where, wrong


def judge_walls(quick, seed):
    with world_on_disks() as (world, disks):
        yield from Walls(world, disks, quick, random.Random(seed)).all()

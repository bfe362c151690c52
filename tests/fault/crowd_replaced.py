"""crowd_replaced.py: the files change between the plan and its commit; there and back again (crowd)."""
import glob
import os
import shutil
import subprocess
import time

from crowd_paused import POINTS, paused
from world import PROJECT, clean_environment

CORPUS = ("06", "07", "08", "09", "11")
LINES = {"main.cf": b"upgraded_to = 3.8\n", "master.cf": b"upgraded unix - - n - 1 bounce\n"}
LAST = "as the change stands"
QUICK = (("between plan and commit", "main.cf", False), ("after main.cf is exchanged", "main.cf", True),
         (LAST, "main.cf", False))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def save(path, text):
    """As dpkg does: a new file, renamed."""
    with open(path + ".dpkg-new", "wb") as file:
        file.write(text)
        os.utime(file.fileno(), (1, 1))
    os.rename(path + ".dpkg-new", path)


class Upgrade:
    """Changes one of the files. stale: from what stood there before the change began."""

    def __init__(self, world, name, stale):
        self.path, self.line, self.stale = os.path.join(world.config, name), LINES[name], stale
        self.before = read(self.path)

    def __call__(self):
        base = self.before if self.stale else read(self.path)
        save(self.path, base + self.line)

    def is_there(self):
        return self.line in read(self.path)

    def text(self):
        return self.before + self.line


def while_it_changes(world, change, point, name, stale):
    """Either it says 75 and the upgraded file stands, the rest as it was; or both changes are made."""
    world.put("A")
    upgrade = Upgrade(world, name, stale)
    code, text = paused(world, change, POINTS[point], upgrade)
    if code is None:
        return None
    wrong = [] if upgrade.is_there() else [f"what was saved in {name} is not there"]
    if "relaycon-edited" in text:
        wrong.append("the upgraded file was put aside")
    if code == 75:
        if "changed by someone else" not in text:
            wrong.append(f"75, and not the reason: {text.strip()}")
        if read(upgrade.path) != upgrade.text():
            wrong.append(f"{name} is not the upgraded file")
        wrong += [sentence for sentence in world.same_files("A") if f"config/{name} " not in sentence]
    elif code == 0 and stale and point == LAST:
        # Saved over a change that stands already: nobody can know, but the next look does, where we
        # still have a relay here.
        if change[0] == "configure" and '"drift":[\n  ]' in world.run("status", "--json").out:
            wrong.append("status does not see that the change was overwritten")
    elif code == 0:
        save(upgrade.path, read(upgrade.path).replace(upgrade.line, b""))
        wrong += world.same_files("AB" if change[0] == "configure" else "first")
        wrong = [sentence for sentence in wrong if not sentence.startswith("state/")]
    else:
        wrong.append(f"ended with {code}: {text.strip()}")
    return wrong


def while_the_review_is_shown(world):
    """The plain console: the diff is on the screen, the file changes, then Apply."""
    env = world.env
    world.put("first")
    answers = ["1", "9", env["SANDBOX_HOST"], env["SANDBOX_PORT"], "1", "1", "", env["SANDBOX_CA"],
               env["SANDBOX_LOGIN"], read(env["SANDBOX_PASSWORD_FILE"]).decode().strip(), "1"]
    upgrade = Upgrade(world, "main.cf", False)
    console = subprocess.Popen(world.argv("--plain"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=clean_environment(), bufsize=0)
    console.stdin.write("".join(f"{answer}\n" for answer in answers).encode())
    shown, until = b"", time.monotonic() + 30
    while b"+relayhost = " not in shown and time.monotonic() < until:
        shown += os.read(console.stdout.fileno(), 65536)
    upgrade()
    console.stdin.write(b"1\n\n0\n0\n0\n0\n")
    console.stdin.close()
    shown += console.stdout.read()
    console.wait(30)
    wrong = [sentence for sentence in world.same_files("first") if "config/main.cf " not in sentence]
    if b"changed by someone else" not in shown:
        wrong.append(f"the console does not say so: {shown[-400:]!r}")
    if read(upgrade.path) != upgrade.text():
        wrong.append("main.cf is not the upgraded file")
    return wrong


def there_and_back(world):
    """A, B, A; with a login, without, with; then back."""
    wrong = []
    env = world.env
    no_login = ["custom", "--host", env["SANDBOX_HOST"], "--port", env["SANDBOX_PORT_OPEN"], "--ca-file",
                env["SANDBOX_CA"], "--no-auth"]
    world.put("first")
    for round_trip in ("A", "B", "A"), ("A", None, "A"), (None, "B", None):
        for which in round_trip:
            done = world.run("configure", *(world.relay(which) if which else no_login), "--no-test")
            if done.code:
                wrong.append(f"{round_trip}: {which}: {done.err}")
            stored = os.path.exists(os.path.join(world.config, "relaycon_sasl_passwd"))
            if stored != bool(which):
                wrong.append(f"{round_trip}: relay {which}: password stored: {stored}")
        if round_trip == ("A", "B", "A"):
            wrong += [sentence for sentence in world.same_files("A") if "config/main.cf" in sentence
                      and sorted(read(os.path.join(world.config, "main.cf")).split(b"\n"))
                      != sorted(world.files("A")["config/main.cf"][3].split(b"\n"))]
        done = world.run("deconfigure")
        wrong += [f"{round_trip}, and back: {sentence}" for sentence in world.same_files("first")
                  if not sentence.startswith("state/instance")]
    return wrong


def foreign(world, number):
    """A relay of somebody else's is taken out, ours comes and goes: what stood after the removal is back."""
    world.put("first")
    main_cf = os.path.join(world.config, "main.cf")
    original = read(glob.glob(os.path.join(PROJECT, "tests/corpus", number + "-*.cf"))[0])
    save(main_cf, original)
    master = read(os.path.join(world.config, "master.cf"))
    done = world.run("deconfigure", "--remove-foreign")
    if done.code:
        return [f"--remove-foreign ended with {done.code}: {done.err.strip()}"]
    wrong = []
    backups = [read(path) for path in glob.glob(os.path.join(world.state, "backup/*/main.cf"))]
    if original not in backups and read(main_cf) != original:
        wrong.append("the backup does not hold main.cf as it was")
    removed = read(main_cf)
    for which in "AB":
        for command in ["configure", *world.relay(which), "--no-test"], ["deconfigure"]:
            done = world.run(*command)
            if done.code:
                wrong.append(f"{command[0]} {which}: ended with {done.code}: {done.err.strip()}")
        if read(main_cf) != removed or read(os.path.join(world.config, "master.cf")) != master:
            wrong.append(f"after relay {which} and back the files are not what they were")
    shutil.rmtree(os.path.join(world.state, "backup"), ignore_errors=True)
    return wrong


def attack(world, tally, quick):
    count = 0
    changes = [["configure", *world.relay("B"), "--no-test"], ["deconfigure"]]
    world.put("A")
    world.run(*changes[0])
    world.keep("AB")
    for change in changes[:1] if quick else changes:
        for point in POINTS:
            for name in LINES:
                for stale in (False, True):
                    if quick and (point, name, stale) not in QUICK:
                        continue
                    wrong = while_it_changes(world, change, point, name, stale)
                    where = f"{change[0]}, held {point}, {name} replaced{' by a stale one' if stale else ''}"
                    if wrong is None:
                        tally.fail(where, ["it never came to that point"])
                    else:
                        tally.check(where, wrong)
                        count += 1
    tally.check("the plain console, held at its review", while_the_review_is_shown(world))
    tally.check("there and back", there_and_back(world))
    world.stop_postfix()
    for number in CORPUS[:2] if quick else CORPUS:
        tally.check(f"corpus {number}, taken out", foreign(world, number))
    world.put("first", reload=False)
    world.start_postfix()
    print(f"crowd: replaced: {count} times", flush=True)
    return count + 1

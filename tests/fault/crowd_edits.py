"""crowd_edits.py: postconf -e and editors save main.cf beside relaycon (crowd).

postconf takes Postfix's lock. An editor takes none; it saves
    rename      a new file, renamed over main.cf (sed -i, most of them)
    in place    truncates main.cf and writes it anew
    vim         renames main.cf away, writes a new one, removes the old
with a look just before the save whether somebody was faster (as editors do), or blind. Each save carries
a number. Before the next one it must stand in main.cf, or in main.cf.relaycon-edited where relaycon said
that it put it there; anything else is a lost edit.
"""
import os
import re
import subprocess
import threading
import time

from world import clean_environment, run

STYLES = ("rename", "in place", "vim")
MARK = re.compile(rb"^# saved by the editor, number (\d+)\n", re.MULTILINE)
LOST = 0


class Postconf(threading.Thread):
    """Sets one parameter of its own again and again; what it was told is written has to be there."""

    def __init__(self, world, name, until):
        super().__init__(daemon=True)
        self.world, self.name_of, self.until = world, name, until
        self.saved, self.refused, self.wrong = 0, 0, []

    def found(self):
        with open(os.path.join(self.world.config, "main.cf"), encoding="utf-8") as file:
            return re.findall(rf"^{self.name_of} = (.*)$", file.read(), re.MULTILINE)

    def run(self):
        value = None
        while time.monotonic() < self.until:
            new = f"v{self.saved}"
            done = run(["postconf", "-c", self.world.config, "-e", f"{self.name_of}={new}"])
            if done.code:
                self.refused += 1
                continue
            value, self.saved = new, self.saved + 1
            # Otherwise relaycon's own postconf would wait two seconds for a hot file, each time.
            os.utime(os.path.join(self.world.config, "main.cf"), (time.time() - 10,) * 2)
            time.sleep(0.01)
            if self.found() != [value]:
                self.wrong.append(f"postconf wrote {self.name_of} = {value}, and main.cf has {self.found()}")
                return


class Editor(threading.Thread):
    def __init__(self, world, style, blind, numbers, saves):
        super().__init__(daemon=True)
        self.world, self.style, self.blind, self.numbers, self.saves = world, style, blind, numbers, saves
        self.path = os.path.join(world.config, "main.cf")
        self.saved, self.aside, self.later, self.wrong, self.done = 0, 0, 0, [], threading.Event()

    def read(self):
        with open(self.path, "rb") as file:
            return file.read(), os.fstat(file.fileno())

    @staticmethod
    def number_in(text):
        found = MARK.search(text)
        return int(found[1]) if found else 0

    def is_aside(self, number):
        """Was that save put beside main.cf, where relaycon's words lead?"""
        for entry in os.scandir(self.world.config):
            if entry.name.startswith("main.cf.relaycon-edited"):
                with open(entry.path, "rb") as file:
                    if self.number_in(file.read()) == number:
                        return True
        return False

    def write(self, path, text):
        with open(path, "wb") as file:
            file.write(text)
            file.flush()
            # No two seconds of waiting for a hot file.
            os.utime(file.fileno(), (time.time() - 10,) * 2)

    def save(self, text):
        new, backup = self.path + ".editor", self.path + "~"
        if self.style == "rename":
            self.write(new, text)
            os.rename(new, self.path)
        elif self.style == "vim":
            os.rename(self.path, backup)
            self.write(self.path, text)
            os.unlink(backup)
        else:
            self.write(self.path, text)

    def run(self):
        while self.saved < self.saves:
            time.sleep(self.numbers.random() * 0.02)
            text, seen = self.read()
            if not text or not self.check(text):
                continue
            line = b"# saved by the editor, number %d\n" % (self.saved + 1)
            text = MARK.sub(line, text) if MARK.search(text) else line + text
            time.sleep(self.numbers.random() * 0.01)
            now = os.stat(self.path)
            if not self.blind and (now.st_ino, now.st_mtime_ns) != (seen.st_ino, seen.st_mtime_ns):
                self.later += 1
                continue
            self.save(text)
            self.saved += 1
        self.check(self.read()[0])
        self.done.set()

    def check(self, text):
        if self.number_in(text) == self.saved:
            return True
        # It may be on its way: out of main.cf and not yet beside it, or back.
        until = time.monotonic() + 2
        while time.monotonic() < until:
            if self.number_in(self.read()[0]) == self.saved:
                return False
            if self.is_aside(self.saved):
                self.aside += 1
                # The editor's user takes it up again from what stands.
                self.saved += 1
                self.save(b"# saved by the editor, number %d\n" % self.saved + MARK.sub(b"", self.read()[0]))
                return False
            time.sleep(0.005)
        self.wrong.append(f"save number {self.saved} is lost; main.cf has number {self.number_in(self.read()[0])}")
        self.saved = self.number_in(self.read()[0])
        return True


class Changes:
    """relaycon from A to B to none, again and again, while others work."""
    # Beside editors main.cf may be missing, or half written, when relaycon reads it.
    FINE = {0: "", 75: r"changed by someone else|holds Postfix's lock", 78: "main.cf|Postfix", 74: "main.cf",
            65: "not known any more"}

    def __init__(self, world, numbers, fine=(0, 75)):
        self.world, self.fine, self.codes, self.wrong, self.told = world, fine, {}, [], 0
        self.commands = [["configure", *world.relay("A"), "--no-test"], ["configure", *world.relay("B"), "--no-test"],
                         ["deconfigure"]]
        self.numbers = numbers

    def one(self):
        command = self.numbers.choice(self.commands)
        done = subprocess.run(self.world.argv(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=clean_environment(), timeout=60, check=False)
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        self.codes[done.returncode] = self.codes.get(done.returncode, 0) + 1
        self.told += "relaycon-edited" in text
        if done.returncode not in self.fine or not re.search(self.FINE.get(done.returncode, "$^"), text):
            self.wrong.append(f"{command[0]} ended with {done.returncode}: {text.strip()}")
        if not self.world.lock_is_free():
            self.wrong.append("the lock is held")

    def while_running(self, threads):
        while any(thread.is_alive() for thread in threads):
            self.one()

    def count(self):
        return sum(self.codes.values())


def without(text, *patterns):
    for pattern in patterns:
        text = re.sub(pattern, b"", text, flags=re.MULTILINE)
    return text


def beside_postconf(world, seconds, numbers):
    world.put("first")
    loops = [Postconf(world, f"others_{i}", time.monotonic() + seconds) for i in range(2)]
    changes = Changes(world, numbers)
    for loop in loops:
        loop.start()
    changes.while_running(loops)
    wrong = changes.wrong + [sentence for loop in loops for sentence in loop.wrong]
    done = world.run("deconfigure")
    if done.code:
        wrong.append(f"deconfigure: {done.err}")
    with open(os.path.join(world.config, "main.cf"), "rb") as file:
        left = without(file.read(), rb"^others_\d = .*\n")
    if left != world.files("first")["config/main.cf"][3]:
        wrong.append("after deconfigure main.cf is not what it was, but for the others' lines")
    return wrong, changes, sum(loop.saved for loop in loops), sum(loop.refused for loop in loops)


def beside_editor(world, style, blind, saves, numbers):
    world.put("first")
    editor = Editor(world, style, blind, numbers, saves)
    changes = Changes(world, numbers, fine=(0, 75, 78, 74, 65))
    editor.start()
    changes.while_running([editor])
    wrong = changes.wrong + editor.wrong
    if not editor.done.is_set():
        wrong.append("the editor stopped with an exception")
    if editor.aside > changes.told:
        wrong.append(f"{editor.aside} saves were put aside, and only {changes.told} times relaycon said so")
    wrong += [f"{name} is left behind" for name in os.listdir(world.config) if name.startswith(".")]
    return wrong, changes, editor


def attack(world, tally, quick, numbers):
    global LOST
    wrong, changes, saved, refused = beside_postconf(world, 1 if quick else 30, numbers)
    tally.check("relaycon beside postconf -e", wrong)
    print(f"crowd: edits: postconf: {saved} saves ({refused} refused), relaycon ended {changes.codes}", flush=True)
    if not saved or not quick and not changes.codes.get(0):
        tally.fail("postconf", ["nothing was saved, or relaycon never came through"])
    runs, told, saves = changes.count(), 0, saved
    for style in STYLES:
        for blind in (False, True):
            wrong, changes, editor = beside_editor(world, style, blind, 15 if quick else 1000, numbers)
            how = f"{style}{', blind' if blind else ''}"
            tally.check(f"relaycon beside an editor: {how}", wrong)
            print(f"crowd: edits: editor, {how}: {editor.saved} saves, {len(editor.wrong)} lost, {editor.aside} put "
                  f"aside; relaycon ended {changes.codes}", flush=True)
            LOST += len(editor.wrong)
            runs, told, saves = runs + changes.count(), told + editor.aside, saves + editor.saved
            if not quick and not changes.codes.get(0):
                tally.fail(how, ["relaycon never came through"])
    world.put("first")
    return runs, saves, told

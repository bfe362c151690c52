"""crowd_many.py: two and twenty relaycons at once (crowd)."""
import os
import re
import subprocess
import threading
import time

from world import clean_environment

SECONDS = 60
HOLDER = re.compile(r"Another relaycon \(pid \d+, user \S+\) is changing")
OTHERS = ("was changed by someone else",)


class Kinds:
    """What the relaycons do; where mail goes after a success: "A", "B", "first", or None: as before."""

    def __init__(self, world):
        self.of = {
            "A": (["configure", *world.relay("A")], "A"),
            "B": (["configure", *world.relay("B")], "B"),
            "A without a test": (["configure", *world.relay("A"), "--no-test"], "A"),
            "B without a test": (["configure", *world.relay("B"), "--no-test"], "B"),
            "deconfigure": (["deconfigure"], "first"),
            "status": (["status"], None),
            "test": (["test", *world.relay("A")], None),
        }

    def choose(self, numbers, count):
        names = list(self.of)
        # Whoever is many, most of them change something.
        return [numbers.choice(names[:5] if numbers.random() < 0.8 else names[5:]) for _ in range(count)]


def goes_to(world):
    """Which relay main.cf names, by its port."""
    with open(os.path.join(world.config, "main.cf"), encoding="utf-8") as file:
        relayhost = re.search(r"^relayhost = *(.*)$", file.read(), re.MULTILINE)[1]
    return {f"[localhost]:{world.env['SANDBOX_PORT']}": "A",
            f"[localhost]:{world.env['SANDBOX_PORT_IMPLICIT']}": "B", "": "first"}.get(relayhost, relayhost)


class Watcher(threading.Thread):
    """Reads as Postfix does, without a lock: main.cf, then what it names. Where main.cf was the same
    file before and after, its relay has its login, its TLS demand and its service."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.looks, self.wrong, self.over = world, 0, [], threading.Event()
        env = world.env
        self.relays = {which: (f"[localhost]:{env[port]}".encode(), env[login].encode()) for which, port, login in
                       (("A", "SANDBOX_PORT", "SANDBOX_LOGIN"), ("B", "SANDBOX_PORT_IMPLICIT", "SANDBOX_LOGIN2"))}
        # Every line of the first main.cf but the relay's stands in each version.
        self.first = {line for line in world.files("first")["config/main.cf"][3].split(b"\n")
                      if not line.startswith(b"relayhost")}

    def read(self, name):
        try:
            with open(os.path.join(self.world.config, name), "rb") as file:
                return file.read(), os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return b"", 0

    def run(self):
        while not self.over.wait(0.001):
            main, inode = self.read("main.cf")
            policy, passwd, master = (self.read(name)[0] for name in (
                "relaycon_tls_policy", "relaycon_sasl_passwd", "master.cf"))
            if self.read("main.cf")[1] != inode:
                continue
            self.looks += 1
            self.wrong += self.judge(main, policy, passwd, master)

    def judge(self, main, policy, passwd, master):
        wrong = []
        if self.first - set(main.split(b"\n")):
            wrong.append(f"main.cf is not whole: {main[-80:]!r}")
        for which, (key, login) in self.relays.items():
            if b"relayhost = " + key + b"\n" not in main:
                continue
            if key + b" " + login + b":" not in passwd:
                wrong.append(f"main.cf names relay {which}, and its login is not there")
            if key not in policy:
                wrong.append(f"main.cf names relay {which}, and its TLS policy is not there")
            if which == "B" and b"\nrelaycon-tls" not in master:
                wrong.append("main.cf names relay B, and its service is not there")
        return wrong

    def finish(self):
        self.over.set()
        self.join()
        return self.wrong[:5]


def start(world, name, kinds):
    return name, subprocess.Popen(world.argv(*kinds.of[name][0]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=clean_environment())


def end(name, process, until, wrong):
    try:
        out, err = process.communicate(timeout=max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        wrong.append(f"{name}: did not end in {SECONDS} s")
        return None
    text = (out + err).decode("utf-8", "replace")
    if process.returncode == 75:
        if not HOLDER.search(text) and not any(words in text for words in OTHERS):
            wrong.append(f"{name}: cannot proceed and does not say who holds the lock: {text.strip()}")
    elif process.returncode:
        wrong.append(f"{name}: ended with {process.returncode}: {text.strip()}")
    return process.returncode


def one_round(world, numbers, count, kinds):
    """Sentences about what is wrong, and how many made it."""
    before, wrong, reached, made = goes_to(world), [], set(), 0
    watcher = Watcher(world)
    watcher.start()
    running = [start(world, name, kinds) for name in kinds.choose(numbers, count)]
    until = time.monotonic() + SECONDS
    for name, process in running:
        code = end(name, process, until, wrong)
        if code == 0 and kinds.of[name][1]:
            made += 1
            reached.add(kinds.of[name][1])
    wrong += watcher.finish()
    now = goes_to(world)
    if now not in (reached or {before}):
        wrong.append(f"{' and '.join(sorted(reached)) or 'nobody'} succeeded, was {before}, and now mail goes to {now}")
    wrong += Watcher.judge(watcher, *(watcher.read(name)[0] for name in (
        "main.cf", "relaycon_tls_policy", "relaycon_sasl_passwd", "master.cf")))
    if not world.lock_is_free():
        wrong.append("the lock is held")
    wrong += [f"{name} is left behind" for name in os.listdir(world.config) if ".relaycon-" in name]
    return wrong, made, watcher.looks


def back_to_first(world):
    done = world.run("deconfigure")
    return ([f"deconfigure ended with {done.code}: {done.err}"] if done.code else []) + [
        difference for difference in world.same_files("first") if difference.startswith("config/")]


def attack(world, tally, quick, numbers):
    kinds, runs, made, looks = Kinds(world), 0, 0, 0
    for number in range(3 if quick else 60):
        count = 20 if number % 2 else 2
        # From the very first start (who makes the state folder?), and from both relays.
        world.put(("first", "A", "B")[number % 3])
        wrong, successes, seen = one_round(world, numbers, count, kinds)
        wrong += back_to_first(world)
        tally.check(f"round {number} of {count} at once", wrong)
        runs, made, looks = runs + count, made + successes, looks + seen
    print(f"crowd: many: {runs} at once with others, {made} made their change, {looks} looks of a reader", flush=True)
    if not made or not looks:
        tally.fail("many", ["nothing was made, or nobody looked"])
    world.put("first")
    return runs

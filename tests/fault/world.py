"""world.py: what the attacks share: a sandbox with relaycon on it, and the promises to be held.

    with World("killed") as world:
        world.run("configure", *world.relay("A"))
        world.keep("A")                      a copy of every file that relaycon may touch
        world.put("A")                       these files again, and Postfix on them
        world.broken("A", "B")               which promise does not hold now: a list of sentences

A World is a private Postfix (tests/sandbox/sandbox) that relaycon is let loose on, and a provider that
takes its mail on several ports. Two relays stand for "before" and "after":
    A       STARTTLS, the first login
    B       implicit TLS, the second login
    first   nothing of relaycon's: the machine as it was installed
The files are those of the configuration folder and of the state folder. What is not compared is said
in IGNORED: what records when, not what. Needs root; loopback only.
"""
import argparse
import atexit
import fcntl
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
SANDBOX = os.path.join(PROJECT, "tests/sandbox/sandbox")
RELAYCON = os.environ.get("RELAYCON") or os.path.join(PROJECT, "build/release/root/bin/relaycon")

# Postfix's lock file stays behind after postconf; the rest says when, or who, not what.
IGNORED = {"config/main.cf.tmp", "state/lock", "state/last-test.json", "state/instance"}

Result = namedtuple("Result", "code out err")


def clean_environment():
    env = {key: value for key, value in os.environ.items() if key not in ("MAIL_CONFIG", "SUDO_USER")}
    env.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL="C.UTF-8")
    return env


def run(argv, **options):
    """A child with its output as text; never a terminal for it to ask at."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("env", clean_environment())
    options.setdefault("timeout", 120)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    return Result(done.returncode, done.stdout.decode("utf-8", "replace"),
                  done.stderr.decode("utf-8", "replace"))


def copy_tree(source, target):
    """As it is: owner, mode, times, links."""
    shutil.rmtree(target, ignore_errors=True)
    if os.path.isdir(source):
        subprocess.run(["cp", "-a", source, target], check=True)


class World:
    def __init__(self, name):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix=f"relaycon-{name}.", dir="/tmp")
        if os.environ.get("SANDBOX_LIST"):
            with open(os.environ["SANDBOX_LIST"], "a", encoding="utf-8") as sandboxes:
                print(self.folder, file=sandboxes)
        self.kept_in = tempfile.mkdtemp(prefix=f"relaycon-{name}-kept.", dir="/tmp")
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ended_by)
        started = run([SANDBOX, "start", self.folder])
        if started.code:
            sys.exit(f"{name}: the sandbox does not start: {started.err}")
        with open(os.path.join(self.folder, "env"), encoding="utf-8") as env:
            self.env = dict(line.strip().split("=", 1) for line in env)
        self.config, self.state = self.env["SANDBOX_CONFIG"], self.env["SANDBOX_STATE"]
        self.log, self.provider_log = self.env["SANDBOX_MACHINE_LOG"], self.env["SANDBOX_PROVIDER_LOG"]
        # A master that has not come so far yet is ended by a SIGHUP.
        self._wait_for_log("daemon started")
        self.keep("first")

    def _ended_by(self, number, _frame):
        print(f"{self.name}: ended by {signal.Signals(number).name}", file=sys.stderr, flush=True)
        sys.exit(128 + number)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        run([SANDBOX, "stop", self.folder])
        shutil.rmtree(self.kept_in, ignore_errors=True)

    # --- relaycon ---------------------------------------------------------------------------------

    def argv(self, *arguments):
        return [RELAYCON, "--postfix-config", self.config, "--state-dir", self.state, *arguments]

    def run(self, *arguments, **options):
        return run(self.argv(*arguments), **options)

    def relay(self, which):
        """The options of configure and test for the relay A or B."""
        port, login, password = {
            "A": ("SANDBOX_PORT", "SANDBOX_LOGIN", "SANDBOX_PASSWORD_FILE"),
            "B": ("SANDBOX_PORT_IMPLICIT", "SANDBOX_LOGIN2", "SANDBOX_PASSWORD2_FILE")}[which]
        return ["custom", "--host", self.env["SANDBOX_HOST"], "--port", self.env[port],
                "--tls", "starttls" if which == "A" else "implicit", "--ca-file", self.env["SANDBOX_CA"],
                "--login", self.env[login], "--password-file", self.env[password]]

    def make_states(self):
        """Keeps "A" and "B" as well: each set up from "first" without a test."""
        for which in "AB":
            self.put("first")
            done = self.run("configure", *self.relay(which), "--no-test")
            if done.code:
                sys.exit(f"{self.name}: relay {which} cannot be set up: {done.out}{done.err}")
            self.keep(which)
        self.put("first")

    # --- files ------------------------------------------------------------------------------------

    def keep(self, state):
        os.makedirs(os.path.join(self.kept_in, state), exist_ok=True)
        copy_tree(self.config, os.path.join(self.kept_in, state, "config"))
        copy_tree(self.state, os.path.join(self.kept_in, state, "state"))

    def put(self, state, reload=True):
        """The files of a kept state again; Postfix, which may be reading them just now, never finds one
        missing or half written. Waits until it has begun to read them anew."""
        kept = os.path.join(self.kept_in, state, "config")
        wanted = set(os.listdir(kept))
        for name in wanted:
            new = os.path.join(self.config, ".put")
            subprocess.run(["cp", "-a", os.path.join(kept, name), new], check=True)
            os.rename(new, os.path.join(self.config, name))
        for entry in os.scandir(self.config):
            if entry.name not in wanted:
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)
        copy_tree(os.path.join(self.kept_in, state, "state"), self.state)
        if reload:
            self.reload()

    def files(self, folder=None):
        """{name: (kind and mode, owner, bytes)} of the configuration and the state folder, or of a kept state's."""
        found = {}
        roots = {"config": self.config, "state": self.state}
        if folder:
            roots = {name: os.path.join(self.kept_in, folder, name) for name in roots}
        for name, root in roots.items():
            for path, folders, names in os.walk(root):
                for entry in folders + names:
                    full = os.path.join(path, entry)
                    key = os.path.join(name, os.path.relpath(full, root))
                    info = os.lstat(full)
                    content = b""
                    if stat.S_ISREG(info.st_mode):
                        with open(full, "rb") as file:
                            content = file.read()
                    found[key] = (info.st_mode, info.st_uid, info.st_gid, content)
        return found

    def same_files(self, state):
        """What differs from a kept state, as sentences; none when the files are exactly these."""
        now, then = self.files(), self.files(state)
        wrong = []
        for name in sorted((set(now) | set(then)) - IGNORED):
            # The state folder is made before the first change, and stays empty when there is none.
            if name not in now:
                wrong.append(f"{name} is missing")
            elif name not in then:
                if not stat.S_ISDIR(now[name][0]):
                    wrong.append(f"{name} is there ({len(now[name][3])} bytes)")
            elif now[name] != then[name]:
                wrong.append(f"{name} differs (mode {now[name][0]:o}, {len(now[name][3])} bytes)")
        return wrong

    def state_is(self, *states):
        """Which of the kept states the files are exactly, or None."""
        return next((state for state in states if not self.same_files(state)), None)

    # --- promises ---------------------------------------------------------------------------------

    def secrets(self):
        """{name: bytes}: both passwords."""
        found = {}
        for name in ("SANDBOX_PASSWORD_FILE", "SANDBOX_PASSWORD2_FILE"):
            with open(self.env[name], "rb") as file:
                found[name] = file.read().strip()
        return found

    def secrets_open_to_others(self):
        """Files below the two folders that hold a password and that others than root may read."""
        return [name for name, (mode, owner, _, content) in self.files().items()
                if any(secret in content for secret in self.secrets().values())
                and (mode & 0o077 or owner != os.geteuid())]

    def lock_is_free(self):
        try:
            with open(os.path.join(self.state, "lock"), "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            pass
        except BlockingIOError:
            return False
        return True

    def broken(self, *states):
        """Which promises do not hold, as sentences: the files are wholly one of the states, Postfix can
        read them and runs, no secret is open to others, nobody holds the lock."""
        wrong = []
        if not self.state_is(*states):
            wrong += [f"neither {' nor '.join(states)}: against {state}: {'; '.join(self.same_files(state))}"
                      for state in states]
        read = run(["postconf", "-c", self.config, "-n"])
        if read.code or "fatal" in read.err:
            wrong.append(f"postconf -n: {read.err.strip()}")
        wrong += [f"{name} holds a password and others may read it" for name in self.secrets_open_to_others()]
        if not self.lock_is_free():
            wrong.append("the lock is held")
        if not self.master_pid():
            wrong.append("Postfix does not run")
        return wrong

    # --- Postfix ----------------------------------------------------------------------------------

    def master_pid(self):
        try:
            with open(os.path.join(self.env["SANDBOX_QUEUE"], "pid/master.pid"), encoding="ascii") as file:
                pid = int(file.read().split()[0])
            return pid if os.readlink(f"/proc/{pid}/exe").endswith("/master") else None
        except (OSError, ValueError, IndexError):
            return None

    def reload(self):
        pid, offset = self.master_pid(), os.path.getsize(self.log)
        if pid:
            os.kill(pid, signal.SIGHUP)
            self._wait_for_log("]: reload -- ", offset)

    def stop_postfix(self):
        run([SANDBOX, "machine-stop", self.folder])

    def start_postfix(self):
        offset = os.path.getsize(self.log)
        run([SANDBOX, "machine-start", self.folder])
        self._wait_for_log("daemon started", offset)

    def _wait_for_log(self, words, offset=0):
        until = time.monotonic() + 10
        while words not in self._since(self.log, offset):
            if time.monotonic() > until:
                sys.exit(f"{self.name}: the machine's log does not say: {words}")
            time.sleep(0.01)

    def taken_by(self, seconds=15):
        """Sends a message through the machine and says who took it: "A", "B" (with the right login),
        "first" (nobody: the machine tried by itself), or a sentence about what else happened."""
        start, provider_start = (os.path.getsize(path) for path in (self.log, self.provider_log))
        mark = f"{time.monotonic_ns()}.{os.getpid()}@machine.sandbox.test"
        text = f"From: <root@machine.sandbox.test>\nMessage-ID: <{mark}>\nSubject: Hello\n\nHello\n"
        sent = run(["sendmail", "-C", self.config, "-f", "root@machine.sandbox.test", "--", "someone@elsewhere.test"],
                   stdin=None, input=text.encode())
        if sent.code:
            return f"sendmail refused the message: {sent.err.strip()}"
        until, queue_id, news = time.monotonic() + seconds, None, ""
        while time.monotonic() < until:
            news = self._since(self.log, start)
            if not queue_id:
                found = re.search(rf"cleanup\[\d+\]: (\w+): message-id=<{re.escape(mark)}>", news)
                queue_id = found and found[1]
            outcome = queue_id and re.search(
                rf": {queue_id}: to=.*?relay=(\S+?), .*?status=(\w+) ", news)
            if outcome:
                return self._who(outcome[1], outcome[2], provider_start)
            time.sleep(0.02)
        return f"not delivered in {seconds} s; the log ends: {news[-600:]}"

    def _logged_in(self, login, provider_start):
        """The provider's log comes by way of another process, which may be behind."""
        until = time.monotonic() + 5
        while f"sasl_username={login}" not in self._since(self.provider_log, provider_start):
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    def _who(self, relay, status, provider_start):
        if relay == "none":
            return "first"
        for which, port, login in (("A", "SANDBOX_PORT", "SANDBOX_LOGIN"),
                                   ("B", "SANDBOX_PORT_IMPLICIT", "SANDBOX_LOGIN2")):
            if relay.endswith(":" + self.env[port]) and status == "sent":
                logged_in = self._logged_in(self.env[login], provider_start)
                return which if logged_in else f"relay {which} took it without its login"
        return f"{relay} answered: {status}"

    @staticmethod
    def _since(path, offset):
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read().decode("utf-8", "replace")


class Tally:
    """Counts what was tried, prints what failed, and ends with the closing line."""

    def __init__(self, part):
        self.part, self.failures = part, 0

    def fail(self, where, wrong):
        self.failures += 1
        print(f"{self.part}: FAILED at {where}:", *wrong, sep="\n    ", flush=True)

    def check(self, where, wrong):
        """wrong: sentences; none means that it held."""
        if wrong:
            self.fail(where, wrong)

    def close(self, counts):
        print(f"{self.part}: {counts}, {self.failures} failures", flush=True)
        sys.exit(1 if self.failures else 0)


def arguments(description, **more):
    """The command line of a part: quick or all (the default), and integer options: arguments(__doc__, seed=1)."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extent", nargs="?", choices=("quick", "all"), default="all")
    for name, default in more.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()

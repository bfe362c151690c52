"""bench.py: a World on which a command is cut short, and what must hold at once and after recovery.

A Job is one command with the states that it leads from and to. A Bench runs it up to a point (kill),
looks at what Postfix would read at that instant (now), starts relaycon again (recover) and looks
whether every file is wholly old or wholly new and Postfix delivers by it (after).
"""
import hashlib
import os
import re
import shutil
import subprocess
import time

import routed
from world import RELAYCON, World, run

TOOLS = os.environ.get("FAULT_TOOLS") or os.path.join(os.path.dirname(RELAYCON), "../../fault")
AT_SYSCALL = os.path.join(TOOLS, "at_syscall")
KILLED = 128 + 9
TURNING = "linkat,rename,renameat2,unlink"

# What Postfix goes by, beside our tables; the rest of the files is ours alone.
READ_BY_POSTFIX = ("config/main.cf", "config/master.cf")
TMP_LEFT = "main.cf.tmp was left behind"
EDIT = b"# Somebody's last line.\n"


class Job:
    """One command, killed over and over: from the kept state `before` to `after`, which is kept when the
    command is run once undisturbed; by whom mail goes in each; whether Postfix runs meanwhile."""

    def __init__(self, name, before, delivers, command, running=True):
        self.name, self.before, self.after = name, before, name + ": done"
        self.delivers, self.command, self.running = delivers, command, running


def contents(files, name):
    return files[name][3] if name in files else b""


def parameter(main_cf, name):
    found = re.findall(rb"(?m)^%s *= *(.*)$" % name, main_cf)
    return found[-1].strip() if found else b""


def first_line_of(table, key):
    """Postfix goes by the first of two alike."""
    lines = [line[len(key) + 1:] for line in table.split(b"\n") if line.startswith(key + b" ")]
    return lines[0] if lines else None


class Bench(World):
    def __init__(self, name):
        super().__init__(name)
        self.seen = {}
        self.said = ""

    # --- what relaycon is given to do -------------------------------------------------------------

    def make_jobs(self):
        """Every job, by name, with its states kept."""
        self.make_states()
        self.make_edited()
        self.make_routed()
        relay, first_to_a, back = self.relay, ("first", "A"), ("A", "first")
        hopped, large, simple = (routed.path(self, name) for name in ("hopped", "large", "simple"))
        jobs = [
            Job("configure", "first", first_to_a, ["configure", *relay("A"), "--no-test"]),
            Job("reconfigure", "A", ("A", "B"), ["configure", *relay("B"), "--no-test"]),
            Job("deconfigure", "B", ("B", "first"), ["deconfigure"]),
            Job("reconfigure with a test", "A", ("A", "B"), ["configure", *relay("B")]),
            Job("deconfigure what others edited", "edited", back, ["deconfigure"]),
            Job("deconfigure --force", "edited", back, ["deconfigure", "--force"]),
            Job("remove what others set up", "foreign", ("A", "first"), ["deconfigure", "--remove-foreign"]),
            Job("configure, Postfix stopped", "first", first_to_a, ["configure", *relay("A"), "--no-test"],
                running=False),
            Job("deconfigure, Postfix stopped", "B", ("B", "first"), ["deconfigure"], running=False),
            Job("to many relays", "A", ("A", "B"), ["apply", hopped, "--no-test"]),
            Job("to a built table", "hopped", ("B", "B"), ["apply", large, "--no-test"]),
            Job("back to one relay", "large", ("B", "A"), ["apply", simple, "--no-test"]),
            Job("deconfigure many relays", "hopped", ("B", "first"), ["deconfigure"]),
        ]
        self.jobs = {job.name: job for job in jobs}
        for job in jobs:
            self.put(job.before)
            done = self.run(*job.command)
            if done.code:
                raise SystemExit(f"{self.name}: {job.name}: {done.out}{done.err}")
            self.keep(job.after)
        self.put("first")
        return self.jobs

    def make_edited(self):
        """The relay A with an edit of somebody else's, and one of theirs in a parameter of ours; and the
        same files where nothing of relaycon's is known, so that the relay is somebody else's."""
        self.put("A")
        path = os.path.join(self.config, "main.cf")
        with open(path, "rb") as file:
            text = file.read()
        ours = b"smtp_sasl_security_options = noplaintext, noanonymous"
        if ours not in text:
            raise SystemExit(f"{self.name}: main.cf does not say: {ours.decode()}")
        text = b"# Somebody else's line.\n" + text.replace(ours, b"smtp_sasl_security_options = noanonymous")
        self.save(text + b"mynetworks_style = host\n")
        self.keep("edited")
        shutil.rmtree(self.state)
        for name in ("relaycon_sasl_passwd", "relaycon_tls_policy"):
            os.rename(os.path.join(self.config, name), os.path.join(self.config, name.replace("relaycon", "theirs")))
        self.save(text.replace(b"relaycon_", b"theirs_"))
        self.keep("foreign")

    def make_routed(self):
        """Many relays, and these with a table that postmap builds."""
        routed.write(self)
        for name in ("hopped", "large"):
            self.put("first")
            done = self.run("apply", routed.path(self, name), "--no-test")
            if done.code:
                raise SystemExit(f"{self.name}: {name}: {done.out}{done.err}")
            self.keep(name)

    def save(self, text):
        """main.cf as an editor would that saves by rename."""
        path = os.path.join(self.config, "main.cf")
        with open(path + ".put", "wb") as file:
            file.write(text)
        os.utime(path + ".put", (time.time() - 60,) * 2)
        os.rename(path + ".put", path)

    def raw_files(self, folder=None):
        """A backup is named after the time at which it was made."""
        return {re.sub(r"^state/backup/\w+", "state/backup/TIME", name): entry
                for name, entry in super().files(folder).items()}

    def files(self, folder=None):
        return routed.plain(self.raw_files(folder))

    # --- cutting short ----------------------------------------------------------------------------

    def ready(self, job):
        """The files from which the job starts; left alone where they stand already."""
        if self.broken_for(job, job.before):
            self.put(job.before, reload=job.running)

    def at_syscall(self, arguments, command, children=False):
        """(exit code, the call that was met: number and name, or "none")"""
        met, told = os.pipe()
        argv = [AT_SYSCALL, *(["--children"] if children else []), *map(str, arguments), "--", *command]
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, pass_fds=(3,),
                                   preexec_fn=lambda: os.dup2(told, 3))
        os.close(told)
        with os.fdopen(met) as answer:
            try:
                code = process.wait(timeout=60)
            finally:
                process.kill()
            return code, answer.read().strip()

    def kill(self, command, n, children=False):
        """Runs relaycon up to its n-th system call. None: it was through before that; else that call."""
        code, call = self.at_syscall(["kill", n], self.argv(*command), children)
        return None if call == "none" or code != KILLED else call

    def listed(self, job):
        """(number, name, result) of each call of the job, which is done."""
        done = run([AT_SYSCALL, "list", "--", *self.argv(*job.command)])
        return [line.split() for line in done.err.splitlines() if re.match(r"\d+ \w+ [-\d?]+$", line)]

    def turning_points(self, job):
        """How many calls a job makes that change the folders: kill_turning takes one of them."""
        self.put(job.before)
        turns = sum(name in TURNING.split(",") for _, name, _ in self.listed(job))
        if turns < 8:
            raise SystemExit(f"{self.name}: {job.name} makes {turns} changes to the folders only")
        return turns

    def kill_turning(self, command, n):
        code, call = self.at_syscall(["kill", n, TURNING], self.argv(*command))
        return None if code != KILLED else call

    # --- what must hold at once -------------------------------------------------------------------

    def now(self, job, ordered=True):
        """Before any recovery: what Postfix reads is old or new, each relay has its own login and its
        TLS (unless what was done last came to the disk first), nobody else reads a password. As
        sentences."""
        files, wrong = self.files(), []
        before, after = self.files(job.before), self.files(job.after)
        for name in ("config/main.cf", "config/master.cf"):
            if files.get(name) not in (before[name], after[name]):
                wrong.append(f"at the instant: {name} is neither old nor new")
        wrong += [f"at the instant: {name} holds a password and others may read it"
                  for name in self.secrets_open_to_others()]
        if not ordered:
            return wrong
        wrong += self.disagreement(files)
        wrong += routed.disagreement(*map(self.raw_files, (None, job.before, job.after)))
        mix = hashlib.sha256(b"\0".join(name.encode() + b"\0" + files[name][3] for name in sorted(files)
                                        if name in READ_BY_POSTFIX or name.startswith("config/relaycon_"))).digest()
        if (job.name, mix) not in self.seen:
            self.seen[job.name, mix] = self.postfix_on_these(job)
        return wrong + self.seen[job.name, mix]

    def disagreement(self, files):
        """Between main.cf and what it names."""
        main_cf = contents(files, "config/main.cf")
        relayhost = parameter(main_cf, b"relayhost")
        if b"relaycon_sasl_passwd" not in main_cf:
            return []
        which = next((relay for relay, port in (("A", "SANDBOX_PORT"), ("B", "SANDBOX_PORT_IMPLICIT"))
                      if relayhost == f"[{self.env['SANDBOX_HOST']}]:{self.env[port]}".encode()), None)
        if not which:
            return [f"at the instant: relayhost is {relayhost!r}"]
        login, password = (("SANDBOX_LOGIN", "SANDBOX_PASSWORD_FILE") if which == "A"
                           else ("SANDBOX_LOGIN2", "SANDBOX_PASSWORD2_FILE"))
        wanted = self.env[login].encode() + b":" + self.secrets()[password]
        wrong = []
        if first_line_of(contents(files, "config/relaycon_sasl_passwd"), relayhost) != wanted:
            wrong.append(f"at the instant: relay {which} is named without its own login")
        policy = first_line_of(contents(files, "config/relaycon_tls_policy"), relayhost) or b""
        if not policy.startswith(b"secure"):
            wrong.append(f"at the instant: relay {which} is named with the TLS policy {policy!r}")
        if which == "B" and b"\nrelaycon-tls" not in contents(files, "config/master.cf"):
            wrong.append("at the instant: relay B is named and its service is not there")
        return wrong

    def postfix_on_these(self, job):
        """Postfix itself on a mixture that was not met before: does it read it, and where goes mail?"""
        read = run(["postconf", "-c", self.config, "-n"])
        if read.code or "fatal" in read.err:
            return [f"at the instant: postconf -n: {read.err.strip()}"]
        who = self.mail_goes_by()
        return [] if who in job.delivers else [f"at the instant: mail: {who}"]

    def mail_goes_by(self):
        """World.taken_by, with the files as they are; where Postfix is stopped it runs for that long."""
        running = self.master_pid()
        if running:
            self.reload()
        else:
            self.start_postfix()
        who = self.taken_by()
        if not running:
            self.stop_postfix()
        return who

    # --- somebody edits main.cf before recovery ---------------------------------------------------

    def edit(self):
        path = os.path.join(self.config, "main.cf")
        with open(path, "rb") as file:
            self.save(file.read() + EDIT)

    def take_edit_out(self):
        """From where recovery kept it. As sentences, when it did not."""
        for name in sorted(os.listdir(self.config)):
            path = os.path.join(self.config, name)
            if name != "main.cf" and not name.startswith("main.cf.relaycon-edited"):
                continue
            with open(path, "rb") as file:
                text = file.read()
            if EDIT in text:
                if name == "main.cf":
                    self.save(text.replace(EDIT, b""))
                else:
                    os.unlink(path)
                return []
        return ["what somebody edited is nowhere"]

    # --- recovery, and what must hold then --------------------------------------------------------

    def recover(self):
        """What `relaycon status` complains of; what it says of an interrupted change is kept for after()."""
        done = self.run("status", timeout=60)
        self.said = done.out + done.err
        return [] if done.code == 0 else [f"status: {done.code}: {done.err.strip() or done.out.strip()}"]

    def broken_for(self, job, *states):
        wrong = self.broken(*states)
        return wrong if job.running else [sentence for sentence in wrong if sentence != "Postfix does not run"]

    def after(self, job, mail):
        """After recovery: (the state, sentences). mail: whether a message has to arrive, too."""
        wrong = self.broken_for(job, job.before, job.after)
        if os.path.lexists(os.path.join(self.config, "main.cf.tmp")):
            wrong.append(TMP_LEFT)
        lock = os.path.join(self.state, "lock")
        if os.path.exists(lock) and os.path.getsize(lock):
            wrong.append("the lock file still names a holder")
        wrong += [f"still running: {process}" for process in self.left_running()]
        state = self.state_is(job.before, job.after)
        told = {"It was undone": job.before, "It was finished": job.after}
        if any(words in self.said and state != meant for words, meant in told.items()):
            wrong.append(f"these are the files of {state}, but status says: {self.said.strip()}")
        if mail and not wrong:
            wrong += self.delivers_as(job, state)
        return state, wrong

    def delivers_as(self, job, state):
        who = self.taken_by() if self.master_pid() else self.mail_goes_by()
        wanted = job.delivers[0 if state == job.before else 1]
        return [] if who == wanted else [f"the files are those of {state}, but mail: {who}"]

    def left_running(self, seconds=2):
        """Processes that work on this configuration, other than Postfix's own."""
        until = time.monotonic() + seconds
        while True:
            found = self._working_here()
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.01)

    def _working_here(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if any(word.startswith(self.folder.encode()) for word in words):
                found.append(f"{pid} {b' '.join(words).decode('utf-8', 'replace').strip()}")
        return found

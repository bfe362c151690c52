"""keys_child.py: a program on a terminal of its own, started as a shell with job control would.

Between the harness and the program stands a small parent process, the session's leader, as a shell is:
it makes the program the foreground group, sees it stop and continue, collects orphans of the program,
looks at the terminal's modes whenever it has them back, and reports all of it in lines over a pipe.

  child = Child(argv, env, (24, 80), screen); child.send(b"..."); child.drain(0.01); child.hang_up()
  child.wait_end(seconds) -> Ended or None
"""
import ctypes
import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections import namedtuple

# code: as waitpid's, negative for a signal; seconds: processor time from start to end; left: what it
# started and left behind; modes: the terminal's modes are those of before.
Ended = namedtuple("Ended", "code seconds left modes")
PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
OUTPUT_KEPT = 300000
CHUNK = 1024  # written at once


def set_size(fd, lines, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


class Leader:
    """The parent process: never returns to the harness."""

    def __init__(self, slave, report, orders, forwards):
        self.slave, self.report, self.orders = slave, report, orders
        self.before = termios.tcgetattr(slave)
        self.program = 0
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT,
                       signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        # A shell hands a hang-up on; who does not leaves the program to find out by itself.
        self.forwards = forwards
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def hung_up(self, *_):
        for number in (signal.SIGHUP, signal.SIGCONT):
            try:
                os.kill(self.program, number)
            except ProcessLookupError:
                pass

    def say(self, *words):
        try:
            os.write(self.report, (" ".join(str(word) for word in words) + "\n").encode())
        except BrokenPipeError:
            pass

    def foreground(self, group):
        try:
            os.tcsetpgrp(self.slave, group)
        except OSError:
            pass  # the terminal is gone

    def modes(self):
        try:
            return "same" if termios.tcgetattr(self.slave) == self.before else "changed"
        except termios.error:
            return "gone"

    def start(self, argv, env):
        self.program = os.fork()
        if self.program:
            if self.forwards:
                signal.signal(signal.SIGHUP, self.hung_up)
            return
        os.setpgid(0, 0)
        self.foreground(os.getpid())
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_DFL)
        for fd in range(3):
            os.dup2(self.slave, fd)
        os.closerange(3, 256)
        os.execve(argv[0], argv, env)

    def follow(self):
        while True:
            _, status, usage = os.wait4(self.program, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            self.foreground(os.getpid())
            self.say("stopped", os.WSTOPSIG(status), self.modes())
            os.read(self.orders, 1)
            self.foreground(self.program)
            os.kill(self.program, signal.SIGCONT)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        self.foreground(os.getpid())
        modes = self.modes()
        self.say("ended", code, usage.ru_utime + usage.ru_stime, modes, *self.left())

    @staticmethod
    def left():
        """What the program left running, ended here; a moment is given to what is just ending."""
        path = f"/proc/self/task/{os.getpid()}/children"
        for patience in range(100, -1, -1):
            with open(path, encoding="ascii") as file:
                pids = [int(word) for word in file.read().split()]
            names = []
            for pid in pids:
                try:
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        continue
                    with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
                        names.append(file.read().strip().replace(" ", "_"))
                    if not patience:
                        os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            if not names:
                break
            time.sleep(0.02)
        return names


class Child:
    def __init__(self, argv, env, size, screen, forwards=True):
        self.screen = screen
        self.master, slave = os.openpty()
        set_size(self.master, *size)
        report_out, report_in = os.pipe()
        orders_out, orders_in = os.pipe()
        self.leader = os.fork()
        if not self.leader:
            try:
                for fd in (self.master, report_out, orders_in):
                    os.close(fd)
                leader = Leader(slave, report_in, orders_out, forwards)
                leader.start(argv, env)
                leader.say("started", leader.program)
                leader.follow()
            finally:
                os._exit(0)
        for fd in (slave, report_in, orders_out):
            os.close(fd)
        os.set_blocking(self.master, False)
        self.report, self.orders = report_out, orders_in
        self.pending = b""  # of the report
        self.output = b""
        self.unsent = b""
        self.ended = None
        self.stops = 0
        self.resized_at, self.suspends = 0.0, []
        self.stalled = False  # the terminal takes nothing in
        self.watcher = None   # has before_write(data) -> data and after_write(data)
        self.complaints = []
        self.pid = None
        while self.pid is None and self.ended is None:
            self.listen(5)

    # --- what comes from it -----------------------------------------------------------------------

    def listen(self, seconds):
        """Reads reports for at most so long, until one has come."""
        if not select.select([self.report], [], [], seconds)[0]:
            return
        data = os.read(self.report, 4096)
        *lines, self.pending = (self.pending + data).split(b"\n")
        for line in lines:
            word, *rest = line.decode().split()
            if word == "started":
                self.pid = int(rest[0])
            elif word == "stopped":
                self.on_stop(int(rest[0]), rest[1])
            elif word == "ended":
                self.ended = Ended(int(rest[0]), float(rest[1]), rest[3:], rest[2])
        if not data and not self.ended:
            self.ended = Ended(-999, 0, [], "unknown")

    def on_stop(self, number, modes):
        self.stops += 1
        # Continued in the background it is stopped for writing: what it had drawn is not its fault. Nor
        # is what the kernel throws away when a second Ctrl-Z comes before the terminal has read.
        asked = [at for at in self.suspends if time.monotonic() - at < 2]
        if self.master is not None and number == signal.SIGTSTP and len(asked) < 2:
            stalled, self.stalled = self.stalled, False
            self.read_all()
            self.stalled = stalled
            wrong = self.screen.unrestored(region=not self.was_resized())
            # Continued from elsewhere meanwhile, it has the terminal back.
            if self.is_stopped() and (modes == "changed" or wrong):
                self.complaints.append(f"suspended with the terminal not given back: modes {modes}, {wrong}")
        os.write(self.orders, b"g")

    def read_all(self):
        """Everything that is there now; True if there was anything. Nothing where the terminal stands still."""
        some = False
        while self.master is not None and not self.stalled:
            try:
                data = os.read(self.master, 65536)
            except BlockingIOError:
                break
            except OSError:  # the program has closed it
                break
            if not data:
                break
            some = True
            self.output = (self.output + data)[-OUTPUT_KEPT:]
            self.screen.feed(data)
        return some

    def drain(self, seconds):
        """Reads for so long, whatever comes; ends early when the program has ended."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            reading = self.master is not None and not self.stalled
            watched = [self.report] + ([self.master] if reading else [])
            ready = select.select(watched, [], [], max(0, left))[0]
            if reading and self.master in ready:
                if not self.read_all():
                    watched = [self.report]  # an end that is not reported yet
                    select.select(watched, [], [], max(0, min(left, 0.01)))
            if self.report in ready:
                self.listen(0)
            self.push()
            if self.ended or left <= 0:
                return

    def settle(self, quiet=0.05, at_most=3):
        """Until nothing has come for a while, and it waits for keys rather than for the processor."""
        until = time.monotonic() + at_most
        while time.monotonic() < until and not self.ended:
            before = len(self.output), self.output[-64:]
            busy = self.busy()
            self.drain(quiet)
            if (len(self.output), self.output[-64:]) == before and not (self.unsent or busy or self.busy()):
                return

    def was_resized(self):
        """The size may have changed when it had said its last word."""
        return time.monotonic() - self.resized_at < 1

    def is_stopped(self):
        try:
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "T"
        except OSError:
            return False

    def busy(self):
        """Runs, or has a child that it waits for."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as stat, \
                    open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as children:
                return stat.read().rsplit(")", 1)[1].split()[0] != "S" or bool(children.read())
        except OSError:
            return False

    def wait_for(self, test, seconds):
        until = time.monotonic() + seconds
        while not test():
            if self.ended or time.monotonic() > until:
                return False
            self.drain(0.01)
        return True

    # --- what goes to it --------------------------------------------------------------------------

    def send(self, data):
        self.unsent += data
        self.push()

    def push(self):
        """A terminal takes only so much at a time."""
        while self.unsent and self.master is not None:
            data = self.unsent[:CHUNK]
            if self.watcher and (allowed := self.watcher.before_write(data)) != data:
                self.unsent = allowed + self.unsent[CHUNK:]
                continue
            try:
                done = os.write(self.master, data)
            except BlockingIOError:
                return
            except OSError:
                self.unsent = b""
                return
            self.unsent = self.unsent[done:]
            self.suspends += [time.monotonic()] * data[:done].count(b"\x1a")
            if self.watcher:
                self.watcher.after_write(data[:done])

    def resize(self, lines, columns):
        set_size(self.master, lines, columns)
        self.resized_at = time.monotonic()
        self.screen.resize(lines, columns)

    def signal(self, number):
        if number == signal.SIGTSTP:
            self.suspends.append(time.monotonic())
        if not self.ended:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def hang_up(self):
        os.close(self.master)
        self.master = None

    # --- what it costs ----------------------------------------------------------------------------

    def seconds_used(self):
        """Its own and its children's processor time so far."""
        try:
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            return None
        return sum(int(field) for field in fields[11:15]) / TICKS

    def most_memory(self):
        try:
            with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
                return next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0)
        except OSError:
            return 0

    # --- its end ----------------------------------------------------------------------------------

    def wait_end(self, seconds):
        until = time.monotonic() + seconds
        while not self.ended and time.monotonic() < until:
            self.drain(0.02)
        return self.ended

    def close(self):
        if not self.ended:
            self.signal(signal.SIGKILL)
            self.signal(signal.SIGCONT)
            self.wait_end(5)
        if self.master is not None:
            self.read_all()
            self.hang_up()
        for fd in (self.report, self.orders):
            os.close(fd)
        os.waitpid(self.leader, 0)

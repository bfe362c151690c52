"""secret_trace.py: a program and its children under strace, and what of it a password may be seen in.

Every call of every process is read, with all its strings whole: the arguments and the environment of
each program that is started, what is read, written, sent. The password, in any form (secret_forms.py),
may be
    read     from the files named, a terminal's or a pipe's input, and the table of passwords
    written  to files that the same trace shows being made anew (O_CREAT|O_EXCL) with mode 0600, which
             nothing then opens further, and which become the table of passwords
    sent     where sockets are allowed: the user agreed to a login in the clear
    asked    where that is allowed: from postmap(1) through its pipe to relaycon
and nowhere else. What is written in single characters is put together first.
"""
import os
import re

from secret_forms import Search

STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
CALL = re.compile(r"(\d+) +(\w+)\((.*)", re.S)
DESCRIPTOR = re.compile(r"(-?\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2}|[^>\\])*)>)?")
RESULT = re.compile(r"\) += (-?\d+|\?|0x[0-9a-f]+)(?:<((?:\\x[0-9a-f]{2}|[^>\\])*)>)?(?: |$)")
READS = {"read", "pread64", "readv", "preadv", "recvfrom", "recvmsg"}
WRITES = {"write", "pwrite64", "writev", "sendto", "sendmsg", "sendmmsg"}
MODES = {"chmod", "fchmod", "fchmodat", "fchmodat2"}
TABLE = "relaycon_sasl_passwd"

# Every string in hexadecimal, nothing shortened: read by a program only.
STRACE = ["strace", "-f", "-v", "-xx", "-yy", "-s", "1000000", "-o"]


def decoded(text):
    return bytes.fromhex(text.replace("\\x", ""))


def path_of(text):
    if text is None:
        return ""
    return re.sub(r"(?:\\x[0-9a-f]{2})+", lambda m: decoded(m[0]).decode("utf-8", "replace"), text)


class Call:
    def __init__(self, pid, name, rest):
        self.pid, self.name, self.rest = pid, name, rest
        self.strings = [decoded(found) for found in STRING.findall(rest)]
        first = DESCRIPTOR.match(rest)
        self.path = path_of(first[2]) if first else ""
        result = None
        for result in RESULT.finditer(rest):
            pass
        self.result = result[1] if result else "?"
        self.made = path_of(result[2]) if result else ""

    def failed(self):
        return self.result.startswith("-") or self.result == "?"

    def words(self):
        return f"{self.name} of process {self.pid}, {self.path or self.made or 'no file'}"


def calls(trace):
    """Every call of a trace, those that were interrupted by others' put together."""
    begun = {}
    with open(trace, encoding="ascii", errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            resumed = re.match(r"(\d+) +<\.\.\. \w+ resumed>(.*)", line)
            if resumed:
                line = begun.pop(resumed[1], "") + resumed[2]
            elif line.endswith("<unfinished ...>"):
                begun[line.split(" ", 1)[0]] = line[:-len("<unfinished ...>")]
                continue
            found = CALL.match(line)
            if found:
                yield Call(*found.groups())
    for line in begun.values():
        found = CALL.match(line)
        if found:
            yield Call(*found.groups())


class Judge:
    """Reads one trace. wrong: sentences. counts: calls, processes, what was seen where."""

    def __init__(self, program, readable=(), sockets=False, asks=False):
        self.search = Search()
        self.program, self.readable, self.sockets, self.asks = program, set(readable), sockets, asks
        self.wrong, self.calls, self.processes = [], 0, set()
        self.private = {}     # files made with mode 0600: the inode is nobody else's
        self.running = {}     # {pid: program}
        self.streams = {}     # {(pid, path): bytes written}
        self.written, self.sent, self.read, self.answered, self.hardened = 0, 0, 0, 0, False

    def say(self, sentence):
        if sentence not in self.wrong:
            self.wrong.append(sentence)

    def judge(self, trace):
        for call in calls(trace):
            self.calls += 1
            self.processes.add(call.pid)
            self._who(call)
            self._made(call)
            self._seen(call)
        for (pid, path), text in self.streams.items():
            if self.search.within(text) and not (self.sockets and path.startswith("TCP")) and \
                    not self._answers(pid, path):
                self.say(f"what process {pid} wrote to {path}, put together, holds the password")
        if not self.hardened:
            self.say("it did not make itself undumpable")
        return self

    def _who(self, call):
        if call.name in ("execve", "execveat") and not call.failed():
            self.running[call.pid] = call.strings[0].decode("utf-8", "replace")
        elif call.name in ("clone", "clone3", "fork", "vfork") and not call.failed():
            self.running.setdefault(call.result, self.running.get(call.pid))
            # A copy of the memory would be a copy of the password.
            if "CLONE_VM" not in call.rest and self._ours(call.pid):
                self.say(f"{call.words()}: a process of its own, with a copy of the memory")
        elif call.name == "prctl" and "PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in call.rest:
            self.hardened = True

    def _ours(self, pid):
        return os.path.basename(self.running.get(pid) or "") == os.path.basename(self.program)

    def _answers(self, pid, path):
        return self.asks and path.startswith("pipe:") and os.path.basename(self.running.get(pid) or "") == "postmap"

    def _made(self, call):
        """Files that come into being, change their mode, or their name."""
        if call.failed():
            return
        if call.name in ("open", "openat", "creat", "openat2") and "O_CREAT" in call.rest:
            mode = re.search(r"O_CREAT[^,]*, (0[0-7]+) *\)", call.rest)
            if self._ours(call.pid) and (not mode or int(mode[1], 8) & 0o077):
                self.say(f"{call.words()}: made with the mode {mode[1] if mode else '?'}")
            if mode and not int(mode[1], 8) & 0o077 and "O_EXCL" in call.rest:
                self.private[call.made] = 0o600
        elif call.name in MODES:
            path = call.path if call.name == "fchmod" else call.strings[0].decode("utf-8", "replace")
            mode = re.search(r", (0[0-7]*)(?:\)|,)", call.rest)
            if path in self.private and mode:
                self.private[path] |= int(mode[1], 8)
        elif call.name in ("fsetxattr", "fchown") and call.path in self.private:
            self.private[call.path] |= 0o1000
        elif call.name in ("rename", "renameat", "renameat2") and len(call.strings) == 2:
            old, new = (name.decode("utf-8", "replace") for name in call.strings)
            if old in self.private:
                self.private[new] = self.private.pop(old)
                if (self._secret_name(old)) != self._secret_name(new):
                    self.say(f"{old} was renamed to {new}")

    @staticmethod
    def _secret_name(path):
        return TABLE in os.path.basename(path)

    def _seen(self, call):
        table = call.path in self.private and self._secret_name(call.path)
        if call.name in WRITES and not call.failed() and not table:
            key = (call.pid, call.path)
            self.streams[key] = self.streams.get(key, b"") + b"".join(call.strings)
        found = [what for text in call.strings for _, what in self.search.within(text)]
        if not found:
            return
        if call.name in READS and (call.path in self.readable or call.path.startswith(("/dev/pts/", "/dev/tty")) or
                                   self._secret_name(call.path)):
            self.read += 1
        elif call.name in READS and call.path.startswith("pipe:") and "pipe:" in self.readable:
            self.read += 1
        elif call.name in READS and self.asks and call.path.startswith("pipe:") and self._ours(call.pid):
            self.read += 1
        elif call.name in WRITES and self._answers(call.pid, call.path):
            self.answered += 1
        elif call.name in READS and self.sockets and call.path.startswith("TCP"):
            self.read += 1  # a relay that says what it heard
        elif call.name in WRITES and table:
            self.written += 1
            if self.private[call.path] & 0o7077:
                self.say(f"{call.words()}: mode {self.private[call.path]:o}")
        elif call.name in ("sendto", "write") and self.sockets and call.path.startswith("TCP"):
            self.sent += 1
        else:
            self.say(f"{call.words()}: the password, {found[0]}")

    def files_stayed_private(self):
        """The mode that each file with the password in it had at the end of the trace."""
        for path, mode in self.private.items():
            if self._secret_name(path) and mode & 0o7077:
                self.say(f"{path} has been given the mode {mode:o}")
        return self

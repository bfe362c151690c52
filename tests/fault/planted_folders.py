"""planted_folders.py: folders, files and variables by which somebody else could decide what root does.

Each row: what was done to what, the command, and a word that the refusal has to have. What was done is
taken back after each, and the same command has to work then: it was refused for that, and nothing else.
"""
import os
import shutil

from planted_things import NOBODY
from secret_terminal import Terminal
from secret_trace import STRACE, calls
from world import PROJECT, RELAYCON, run

# What leads a library, a shell or a terminal elsewhere. What the linker itself reads is the caller's.
FOLDERS = ("HOME", "TERMINFO", "TERMINFO_DIRS", "SASL_PATH", "SASL_CONF_PATH", "GCONV_PATH", "LOCPATH",
           "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_DIR", "XDG_CONFIG_HOME", "TMPDIR", "TEXTDOMAINDIR")
FILES = ("OPENSSL_CONF", "SSL_CERT_FILE", "HOSTALIASES", "DIALOGRC", "NLSPATH", "RESOLV_HOST_CONF", "TERMCAP",
         "INPUTRC", "BASH_ENV", "ENV", "TZ", "KRB5_CONFIG", "NCURSES_TRACE", "SSLKEYLOGFILE", "QLOGDIR")


class Change:
    """Owner and mode of a path, and back."""

    def __init__(self, path, owner=None, mode=None):
        self.path, self.owner, self.mode = path, owner, mode

    def __enter__(self):
        self.info = os.stat(self.path)
        if self.mode is not None:
            os.chmod(self.path, self.mode)
        if self.owner is not None:
            os.chown(self.path, self.owner, self.owner)

    def __exit__(self, *_):
        os.chown(self.path, self.info.st_uid, self.info.st_gid)
        os.chmod(self.path, self.info.st_mode & 0o7777)

    def __str__(self):
        return f"{self.path} " + (f"of user {self.owner}" if self.mode is None else f"with mode {self.mode:o}")


def by_others(path, file=False):
    base = 0o644 if file else 0o755
    return [Change(path, owner=NOBODY), Change(path, mode=base | 0o020), Change(path, mode=base | 0o002)]


class Folders:
    def __init__(self, planted):
        self.planted, self.world, self.tally = planted, planted.world, planted.tally
        self.program = os.path.join(self.world.folder, "program")
        run(["cp", "-rL", os.path.dirname(os.path.dirname(RELAYCON)), self.program])
        run([os.path.join(PROJECT, "tests/sandbox/practice"), self.world.folder])
        self.own = os.path.join(self.world.folder, "etc")

    def argv(self, *arguments):
        return [os.path.join(self.program, "bin/relaycon"), *self.world.argv("--config-dir", self.own, *arguments)[1:]]

    def refused(self, change, command, code, before):
        """change refuses the command and changes nothing; without it the command works."""
        with change:
            done = run(self.argv(*command), timeout=60)
        self.planted.things += 1
        self.planted.names.add(os.path.relpath(change.path, self.world.folder))
        wrong = [] if done.code == code else [f"exit code {done.code}, not {code}"]
        if change.path not in done.err:
            wrong.append("it is not named")
        wrong += self.world.same_files(before)
        done_without = run(self.argv(*command), timeout=60)
        if done_without.code:
            wrong.append(f"without it: exit code {done_without.code}: {done_without.err}")
        self.world.put(before, reload=False)
        if wrong:
            self.tally.fail(str(change), [*wrong, (done.out + done.err).strip()])

    def all(self):
        world = self.world
        configure = ["configure", *world.relay("A"), "--no-test"]
        for path in (world.config, os.path.dirname(world.config)):
            for change in by_others(path):
                self.refused(change, configure, 77, "first")
        world.put("A", reload=False)
        reconfigure = ["configure", *world.relay("B"), "--no-test"]
        for path in (world.state, os.path.join(world.state, "baseline")):
            for change in by_others(path):
                self.refused(change, reconfigure, 77, "A")
        self.state_above(reconfigure)
        self.link_to_open_folder()
        world.put("first", reload=False)
        preset = ["configure", "practice", "--login", world.env["SANDBOX_LOGIN"], "--password-file",
                  world.env["SANDBOX_PASSWORD_FILE"], "--no-test"]
        providers = os.path.join(self.own, "providers")
        for change in by_others(providers) + by_others(os.path.join(providers, "practice.ini"), True):
            self.refused(change, preset, 77, "first")
        library = os.path.join(self.program, "lib/relaycon")
        for change in (by_others(library) + by_others(os.path.join(library, "relay.so"), True) +
                       by_others(os.path.join(library, "librelay.so"), True)):
            self.refused(change, configure, 70, "first")
        self.entries()
        self.variables()

    def state_above(self, command):
        """The folder above the state folder: who owns it can put another in its place."""
        above = os.path.join(self.world.folder, "above")
        os.mkdir(above, 0o755)
        shutil.copytree(self.world.state, os.path.join(above, "state"))
        os.chmod(os.path.join(above, "state"), 0o700)
        link = os.path.join(self.planted.elsewhere, "link")
        os.symlink(above, link)
        os.lchown(link, NOBODY, NOBODY)
        state = ["--state-dir", os.path.join(above, "state")]
        for name, folder, change, code in (
                ("somebody's", state, Change(above, owner=NOBODY), 77), ("open", state, Change(above, mode=0o777), 77),
                ("sticky, as /tmp", state, Change(above, mode=0o1777), 0),
                ("by somebody's link", ["--state-dir", os.path.join(link, "state")], Change(above), 77)):
            with change:
                done = run([self.argv()[0], "--postfix-config", self.world.config, *folder, *command, "--dry-run"],
                           timeout=60)
            self.planted.things += 1
            self.planted.names.add("above/state")
            if done.code != code:
                self.tally.fail(f"the folder above the state folder: {name}",
                                [f"exit code {done.code}, not {code}: {done.out}{done.err}"])

    def link_to_open_folder(self):
        """main.cf may be a link, but not into a folder where others could wait for our temporary file."""
        world, target = self.world, os.path.join(self.world.folder, "linked")
        os.mkdir(target, 0o777)
        os.chmod(target, 0o777)
        main_cf = os.path.join(world.config, "main.cf")
        shutil.move(main_cf, os.path.join(target, "main.cf"))
        os.symlink(os.path.join(target, "main.cf"), main_cf)
        done = run(self.argv("deconfigure"), timeout=60)
        self.planted.things += 1
        if done.code != 77 or target not in done.err:
            self.tally.fail("main.cf is a link into an open folder", [f"exit code {done.code}: {done.out}{done.err}"])

    def entries(self):
        """An entry of somebody's is shown as one that is not available, and its driver is never run."""
        folder = os.path.join(self.own, "entries")
        os.makedirs(folder)
        entry = os.path.join(folder, "trap.ini")
        with open(entry, "w", encoding="ascii") as file:
            file.write("[entry]\ntitle = Trap\nmenu = home\ndriver = relay/custom\n")
        for change in by_others(folder) + by_others(entry, True):
            with change:
                done = run(self.argv("--plain"), timeout=60)
            self.planted.things += 1
            self.planted.names.add(os.path.relpath(change.path, self.world.folder))
            if "Trap (not available)" not in done.out or change.path not in done.out:
                self.tally.fail(str(change), [done.out + done.err])
        if "Trap (not available)" in run(self.argv("--plain"), timeout=60).out:
            self.tally.fail("an entry of root's", ["it is not available either"])
        shutil.rmtree(folder)

    # --- the environment --------------------------------------------------------------------------

    def variables(self):
        evil = os.path.join(self.world.folder, "evil")
        os.makedirs(os.path.join(evil, ".terminfo/t"))
        for name in ("file", ".dialogrc", ".terminfo/t/tmux-256color", "postconf", "diff", "resolv.conf"):
            with open(os.path.join(evil, name), "w", encoding="ascii") as file:
                file.write("use_colors = maybe\nnot what is expected here\n")
            os.chmod(os.path.join(evil, name), 0o755)
        env = {name: evil for name in FOLDERS} | {name: os.path.join(evil, "file") for name in FILES}
        env |= {"LANGUAGE": "../../../../../.." + evil, "LC_MESSAGES": evil, "IFS": "/",
                "PATH": evil + ":/usr/bin:/bin", "RES_OPTIONS": "attempts:1", "LOCALDOMAIN": "evil.test",
                "SSL_CERT_FILE": self.world.env["SANDBOX_UNTRUSTED_CA"]}
        self.world.start_postfix()
        trace = os.path.join(self.world.folder, "trace")
        clean = {"PATH": env["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        for name, command, code in (
                ("test", ["test", *self.world.relay("A")], 0),
                ("configure", ["configure", *self.world.relay("A")], 0),
                ("an authority by the environment", ["test", "custom", "--host", "localhost", "--port",
                                                     self.world.env["SANDBOX_PORT_UNTRUSTED"], "--no-auth"], 69),
                ("deconfigure", ["deconfigure"], 0)):
            done = run([*STRACE, trace, "env", *[f"{key}={value}" for key, value in (clean | env).items()],
                        *self.argv(*command)], env=clean)
            self.followed(f"environment: {name}", trace, evil,
                          [] if done.code == code else [f"exit code {done.code}, not {code}: {done.out}{done.err}"])
        with Terminal(self.world.folder, [*STRACE, trace, *self.argv()], env=env) as terminal:
            terminal.wait("Mail goes")
            terminal.press("Escape")
            terminal.wait_end()
        self.followed("environment: console", trace, evil, [])
        self.planted.things += len(env)

    def followed(self, where, trace, evil, wrong):
        """Did relaycon, or a child of it, touch what the variables name?"""
        started, looked = False, 0
        for call in calls(trace):
            if call.name == "execve":
                if started and any(evil.encode() in text for text in call.strings):
                    wrong.append(f"a child's arguments or environment: {call.strings[0]!r}")
                started = started or call.strings[0].decode() == self.argv()[0]
            elif started and call.name != "readlink":
                looked += 1
                wrong += [f"{call.name} of {text!r}" for text in call.strings
                          if text.startswith(evil.encode()) or b"/.." + evil.encode() in text]
        if looked < 100:
            wrong.append(f"only {looked} calls were seen")
        self.tally.check(where, wrong[:10])

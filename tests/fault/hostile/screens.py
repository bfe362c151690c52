"""screens.py: a hostile relay's words on the real console, in a terminal (tmux) of 80x24.

    with Terminal(folder, argv) as terminal: terminal.keys("Enter"); terminal.wait("Mail goes:")
    look_at(attack, relay, number)    the test of one relay on the screen: what is wrong with it

Looked at are the frame (every border where it belongs, no line too long, nothing outside), and what the
console sent to the terminal: no bell, no title, no other sequence that its own curses would not send.
"""
import os
import re
import shlex
import subprocess
import time
import unicodedata

COLUMNS, LINES = 80, 24
# What ncurses sends for TERM=tmux-256color: colours and modes (CSI), the character set, keypad, cursor saved.
EXPECTED = re.compile(rb"\x1b\[[0-9;?>]*[@-~]|\x1b[()][0AB]|\x1b[=>78M]")
CONTROLS = re.compile(rb"[\x00-\x07\x0b\x0c\x0e\x10-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\x9f]|\x1b.{0,8}")


class Terminal:
    def __init__(self, folder, argv, secret=None):
        self.folder, self.socket = folder, os.path.join(folder, "tmux")
        self.raw_file = os.path.join(folder, "raw")
        command = "sleep 0.3; exec env LC_ALL=C.UTF-8 TERM=tmux-256color " + shlex.join(argv)
        self.tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(LINES), "-s", "test", command, ";",
                  "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";",
                  "set-option", "-g", "escape-time", "10", ";", "pipe-pane", "-O", f"cat >{shlex.quote(self.raw_file)}")
        self.title = self.tmux("display-message", "-p", "#{pane_title}")
        self.secret = secret

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *arguments):
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        env.pop("TMUX", None)
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], env=env, check=False, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode("utf-8", "replace").rstrip("\n")

    def keys(self, *keys):
        for key in keys:
            self.tmux("send-keys", "-t", "test", key)
            time.sleep(0.08)

    def typed(self, text):
        self.tmux("send-keys", "-t", "test", "-l", text)
        time.sleep(0.1)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "test")

    def wait(self, *words, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            shown = self.screen()
            if any(word in shown for word in words):
                return self.still()
            time.sleep(0.1)
        raise TimeoutError(f"the screen does not show {words}:\n{self.screen()}")

    def still(self):
        """The screen once nothing is drawn any more."""
        last = None
        for _ in range(20):
            shown = self.screen()
            if shown == last:
                break
            last = shown
            time.sleep(0.1)
        return shown

    def raw(self):
        with open(self.raw_file, "rb") as file:
            return file.read()


def width(text):
    return sum(0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(char) in "WF" else 1
               for char in text)


def column(line, char, last=False):
    at = line.rfind(char) if last else line.find(char)
    return None if at < 0 else width(line[:at])


def broken_frame(shown):
    """The box: its corners, and a border at both ends of each line between them."""
    lines, wrong = shown.split("\n"), []
    lines += [""] * (LINES - len(lines))
    tops = [number for number, line in enumerate(lines) if "┌" in line and "┐" in line]
    bottoms = [number for number, line in enumerate(lines) if "└" in line and "┘" in line]
    if len(tops) < 1 or len(bottoms) < 1:
        return ["there is no box"]
    top, bottom = tops[0], bottoms[-1]
    left, right = column(lines[top], "┌"), column(lines[top], "┐", last=True)
    for number, line in enumerate(lines):
        if width(line) > COLUMNS:
            wrong.append(f"line {number} has {width(line)} columns")
        if not top < number < bottom:
            continue
        if column(line, line.lstrip()[:1] or "x") != left or line.lstrip()[:1] not in "│├":
            wrong.append(f"line {number} does not begin with the border: {line!r}")
        # The last column of the box may be a scroll bar's arrow.
        if width(line.rstrip()) - 1 != right or line.rstrip()[-1:] not in "│┤v^>":
            wrong.append(f"line {number} does not end with the border: {line!r}")
    if (column(lines[bottom], "└"), column(lines[bottom], "┘", last=True)) != (left, right):
        wrong.append(f"the box's bottom is elsewhere: {lines[bottom]!r}")
    return wrong


def unexpected(raw):
    """Sequences and controls that the console does not send by itself."""
    return sorted({found.group() for found in CONTROLS.finditer(EXPECTED.sub(b"", raw))})


def provider(attack, relay, port, folder):
    os.makedirs(os.path.join(folder, "etc/providers"))
    with open(os.path.join(folder, "etc/providers/hostile.ini"), "w", encoding="utf-8") as file:
        file.write("[entry]\ntitle = Hostile provider\nsummary = Means harm\nmenu = relay, providers\norder = 1, 1\n"
                   f"driver = relay/preset\n\n[provider]\nname = Hostile provider\nhost = localhost\nport = {port}\n"
                   f"tls = {relay.tls}\nca-file = {attack.forge.ca}\nauth = PLAIN, LOGIN\nlogin-hint = any\n"
                   "password-hint = any\ndocumentation = https://example.test/\n")
    return os.path.join(folder, "etc")


def look_at(attack, relay, number):
    folder = os.path.join(attack.folder, f"screen{number}")
    os.makedirs(folder)
    server = attack.serve(relay)
    argv = attack.world.argv("--config-dir", provider(attack, relay, server.port, folder))
    argv[argv.index("--state-dir") + 1] = os.path.join(folder, "state")
    wrong, frames = [], []
    try:
        with Terminal(folder, argv) as terminal:
            first = terminal.wait("Mail goes:").split("\n")
            terminal.keys("Enter")
            terminal.wait("Who delivers")
            terminal.keys("Home", "Enter")
            terminal.wait("Password")
            terminal.typed(attack.login)
            terminal.keys("Tab")
            terminal.typed(attack.password)
            terminal.keys("Enter", "Enter")
            frames.append(terminal.wait("The test failed", "This is what will change"))
            for key in ("NPage", "End"):
                terminal.keys(key)
                frames.append(terminal.still())
            terminal.keys("Escape", "Escape", "Escape", "Escape")
            frames.append(terminal.still())
            if terminal.tmux("display-message", "-p", "#{pane_title}") != terminal.title:
                wrong.append("the terminal's title was changed")
            odd = unexpected(terminal.raw())
            wrong += [f"sent to the terminal: {odd}"] if odd else []
    except TimeoutError as error:
        return [str(error)]
    finally:
        server.close()
    for shown in frames:
        wrong += [f"{sentence}\n{shown}" for sentence in broken_frame(shown)]
        if shown.split("\n")[0] != first[0]:
            wrong.append(f"the head line is another:\n{shown}")
        wrong += [f"the password is shown:\n{shown}" for secret in attack.secrets if secret in shown.replace("\n", "")]
    return wrong

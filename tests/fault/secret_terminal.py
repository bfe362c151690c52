"""secret_terminal.py: a program on a real terminal (tmux), used by keys as an administrator would.

    with Terminal(folder, argv) as terminal:
        terminal.wait("Mail goes")
        terminal.press("Enter", "Home")
        terminal.type("text")              goes through a pipe: never an argument of tmux

What it shows, all that it ever showed, and the window's title can be read again.
"""
import itertools
import os
import shlex
import subprocess
import sys
import time

PATIENCE = 30  # seconds
NUMBER = itertools.count()  # a server that ends may still have its socket


class Terminal:
    def __init__(self, folder, argv, env=None, before="true"):
        self.socket = os.path.join(folder, f"terminal{next(NUMBER)}")
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                    "HOME": folder}
        inner = dict(self.env, TERM="tmux-256color", **(env or {}))
        assigned = [f"{name}={value}" for name, value in inner.items()]
        command = f"cd {shlex.quote(folder)}; {before}; exec env -i {shlex.join(assigned + argv)}"
        self.read = 0
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "-s", "test", command, ";",
                  "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g", "status", "off", ";",
                  "set-option", "-g", "escape-time", "10", ";", "set-option", "-g", "history-limit", "50000")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pid = self.pid()
        self.tmux("kill-server", check=False)
        until = time.monotonic() + 15
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < until:
            time.sleep(0.02)

    def tmux(self, *words, given=None, check=True):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *words], env=self.env, check=check,
                              input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              **({} if given else {"stdin": subprocess.DEVNULL})).stdout.decode("utf-8", "replace")

    def _told(self, what):
        return self.tmux("display-message", "-p", "-t", "test", "#{%s}" % what).strip()

    def pid(self):
        return int(self._told("pane_pid"))

    def tty(self):
        return self._told("pane_tty")

    def title(self):
        return self._told("pane_title")

    def ended(self):
        return self._told("pane_dead") == "1"

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "test")

    def everything(self):
        """The scroll-back as well, and the screen behind the full-screen one."""
        return self.tmux("capture-pane", "-p", "-S", "-", "-J", "-t", "test") + \
            self.tmux("capture-pane", "-p", "-a", "-q", "-S", "-", "-t", "test", check=False) + self.title()

    def press(self, *keys):
        for key in keys:
            self.tmux("send-keys", "-t", "test", key)
            time.sleep(0.06)

    def type(self, text):
        self.tmux("load-buffer", "-", given=text.encode())
        self.tmux("paste-buffer", "-d", "-t", "test")
        time.sleep(0.1)

    def wait(self, words):
        until = time.monotonic() + PATIENCE
        while words not in self.screen():
            if time.monotonic() > until:
                sys.exit(f"secrets: the terminal does not show: {words}\n{self.screen()}")
            time.sleep(0.03)

    def expect(self, words):
        """As wait, for a program that prints line by line: after what was expected before. What stands
        between the two."""
        until = time.monotonic() + PATIENCE
        while True:
            text = self.tmux("capture-pane", "-p", "-S", "-", "-J", "-t", "test")
            at = text.find(words, self.read)
            if at >= 0:
                between, self.read = text[self.read:at], at + len(words)
                return between
            if time.monotonic() > until:
                sys.exit(f"secrets: the terminal does not show: {words}\n{text[self.read:]}")
            time.sleep(0.03)

    def wait_end(self):
        until = time.monotonic() + PATIENCE
        while not self.ended():
            if time.monotonic() > until:
                sys.exit(f"secrets: the program does not end:\n{self.screen()}")
            time.sleep(0.03)

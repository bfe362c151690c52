"""keys_confirm.py: was what changed confirmed? Holds each change of the files against what was on the
terminal before a key was sent.

A key confirms when the review with its button was on the screen before the key was written, and the
key was an Enter of its own: not typed before the review was there, not part of a paste. That holds
until another place is shown. Files that change at any other time are a broken promise.

On a busy machine the kernel may bring us the picture of a review a moment after the program has drawn
it and begun to take keys. A key that was written within that moment is in doubt: who typed ahead would
have it often, so that such changes are counted and must stay few.
"""
import os
import time

from keys_places import review_shown

JUST_BEHIND = 0.03  # seconds: a picture on its way to us
JUST_BEFORE = 0.2  # seconds: a screen that is being drawn anew shows nothing for a moment
ENTERS = (b"\r", b"\n", b"\x1bOM")
ELSEWHERE = ("Test and review>", "Who delivers", "<Leave", "Throw away what you typed")
IGNORED = ("main.cf.tmp",)


def signature(folder):
    """Changes whenever a file of the folder does."""
    found = []
    for entry in os.scandir(folder):
        if entry.name not in IGNORED:
            try:
                info = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            found.append((entry.name, info.st_mode, info.st_uid, info.st_ino, info.st_mtime_ns, info.st_size))
    return sorted(found)


class Confirmation:
    def __init__(self, child, config, plain, never):
        self.child, self.config, self.plain = child, config, plain
        self.never = never  # no key that confirms is ever sent: nothing may change at all
        self.files = signature(config)
        self.given, self.shown_at, self.reviews, self.confirmed = False, 0.0, 0, 0
        self.was_shown = False
        self.entered_at, self.in_doubt, self.doubtful = 0.0, False, 0
        self.changed = False
        self.unconfirmed = []
        child.watcher = self

    def compare(self, why):
        now = signature(self.config)
        if now != self.files:
            self.changed = True
            names = sorted({entry[0] for entry in set(now) ^ set(self.files)})
            if self.in_doubt and not self.given and not self.never:
                self.doubtful += 1
                self.given, self.in_doubt = True, False
            if not self.given or self.never:
                self.unconfirmed.append(f"{', '.join(names)} changed without a confirming key ({why})")
            self.files = now

    def look(self):
        shown = review_shown(self.child.screen, self.plain)
        if shown:
            self.shown_at = time.monotonic()
            if not self.was_shown:
                self.in_doubt |= self.shown_at - self.entered_at < JUST_BEHIND
            self.reviews += not self.was_shown
        elif self.given and any(self.child.screen.shows(words) for words in ELSEWHERE):
            self.compare("seen at the next place")
            self.given = self.in_doubt = False
        self.was_shown = shown

    def is_enter(self, data):
        # A line that is taken whole is an answer however it came.
        return (b"\n" in data or b"\r" in data) if self.plain else data in ENTERS

    def before_write(self, data):
        if self.child.stalled:
            # Nobody can say what a terminal that stands still would show.
            return data.translate(None, b"\r\nM")
        if self.is_enter(data):
            self.child.read_all()
            self.look()
            if time.monotonic() - self.shown_at < JUST_BEFORE and not self.given:
                self.given = True
                self.confirmed += 1
        return data

    def after_write(self, data):
        """The review may have come while the key was being written."""
        if self.is_enter(data) and not self.given and not self.child.stalled:
            self.child.read_all()
            self.look()
            self.given = self.was_shown
            self.entered_at = time.monotonic()

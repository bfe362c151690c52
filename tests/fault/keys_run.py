"""keys_run.py: one run: a terminal type, a mode, a seed, and so many events, over as many lives of the
program as it takes.

A life starts relaycon on a new terminal, goes to a few places, lets a storm loose in each, and ends it in
one of ENDS. In half of the lives no key that could confirm is ever sent; in the other half every change of
the files is held against what was on the screen (keys_confirm.py). The end of each life is checked.
"""
import os
import random
import signal
import tempfile
import time
from collections import namedtuple

from keys_child import Child
from keys_confirm import Confirmation
from keys_events import Alphabet, event
from keys_places import at_home, page_of
from keys_screen import Screen

Kind = namedtuple("Kind", "term plain locale sanitized")

LINES, COLUMNS = 24, 80
ENDS = ("leave", "leave", "hang-up", "hang-up", "hang-up without SIGHUP", "hang-up while it stands still",
        "SIGTERM", "SIGHUP", "SIGINT", "Ctrl-C", "SIGTERM while it stands still")
# Seconds. A change that is in flight is finished first.
END_WITHIN, CHANGE_WITHIN, FIND_HOME_WITHIN = 5, 25, 40
PROCESSOR_AT_END, PROCESSOR_IDLE = 0.5, 0.05
MEMORY_MAX = 48 * 1024  # KiB
SLOWER = 6  # times, with sanitizers
# Behind a Ctrl-V one Ctrl-U is a letter.
FRESH_LINE = b"\x11\x15\x15"
FAILURES_MAX = 3  # more of a run are no news


class Run:
    def __init__(self, number, kind, seed, events, world, places, tally, program, keep):
        self.number, self.kind, self.seed, self.events = number, kind, seed, events
        self.world, self.tally, self.program, self.keep = world, tally, program, keep
        # Without a full screen the program asks line by line, whatever it was told.
        self.plain = kind.plain or kind.term in ("dumb", "unknown")
        self.places = places.of_plain if self.plain else places.of_screen
        self.slower = SLOWER if kind.sanitized else 1
        self.done = self.lives = self.confirmed = self.doubtful = self.reviews = self.suspended = 0
        self.failures = 0
        self.seen = set()
        self.most_end = self.most_memory = 0
        self.state = None
        self.reports = tempfile.mkdtemp(prefix="sanitizer.", dir=world.folder)

    def env(self, leaks):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.world.folder, "LC_ALL": self.kind.locale,
               "TERM": self.kind.term if self.kind.term != "unknown" else "no-such-terminal"}
        if self.kind.sanitized:
            env["ASAN_OPTIONS"] = f"log_path={self.reports}/asan:detect_leaks={int(leaks)}:strict_string_checks=1"
            env["UBSAN_OPTIONS"] = f"log_path={self.reports}/ubsan:print_stacktrace=1"
        return env

    def all(self, life=None):
        """So many events, or one life of them."""
        if life is not None:
            self.lives = life
        while self.done < self.events and self.failures < FAILURES_MAX:
            Life(self).live()
            self.lives += 1
            if life is not None:
                break


class Life:
    def __init__(self, run):
        self.run = run
        self.rng = random.Random(f"{run.seed}/{run.number}/{run.lives}")
        self.log, self.started = [], time.monotonic()
        self.wrong = []
        self.guarded = self.rng.random() < 0.5
        self.end = self.rng.choice(ENDS)
        self.before = "relay" if self.rng.random() < 0.25 else "first"
        here = [place for place in run.places if place.before == self.before]
        self.plan = [(self.rng.choice(here), self.rng.randint(80, 400)) for _ in range(self.rng.randint(1, 4))]
        confirming = (b"1" if run.plain else b"\r\nM") if self.guarded else b""
        # The leak checker at the end waits for ever when a SIGCONT comes: only where there is none.
        self.leaks = run.kind.sanitized and self.end == "leave"
        self.alphabet = Alphabet(confirming, not self.leaks, run.plain)

    def note(self, *words):
        self.log.append(f"{time.monotonic() - self.started:.3f} " + " ".join(str(word) for word in words))

    def live(self):
        run = self.run
        if run.state != self.before:
            run.world.put(self.before)
            run.state = self.before
        self.screen = Screen(LINES, COLUMNS)
        argv = [run.program, "--config-dir", os.path.join(run.world.folder, "etc"),
                *run.world.argv()[1:], *(["--plain"] if run.kind.plain else [])]
        self.child = Child(argv, run.env(self.leaks), (LINES, COLUMNS), self.screen,
                           forwards=self.end != "hang-up without SIGHUP")
        self.confirmation = Confirmation(self.child, run.world.config, run.plain, self.guarded)
        try:
            self.all_places()
            self.leave()
        finally:
            self.child.close()
        self.note("ended", self.child.ended)
        self.after()
        self.note("checked")
        run.confirmed += self.confirmation.confirmed
        run.doubtful += self.confirmation.doubtful
        run.reviews += self.confirmation.reviews
        run.suspended += self.child.stops
        if self.wrong:
            self.keep_log()

    # --- storms -----------------------------------------------------------------------------------

    def all_places(self):
        for number, (place, length) in enumerate(self.plan):
            self.note("to", place.name)
            if number and not self.go_home():
                return
            if not self.go_to(place):
                return
            self.run.seen.add(place.name)
            self.note("storm", length, "guarded" if self.guarded else "free")
            self.storm(length)
            if self.child.ended or self.confirmation.changed:
                return

    def storm(self, length):
        stall = 0
        typing = self.rng.choice((0, 0, 0, 0.001, 0.004))
        for _ in range(length):
            if self.child.ended or self.run.done >= self.run.events:
                break
            self.run.done += 1
            what, value = event(self.rng, self.alphabet)
            self.note(what, value if what != "bytes" or len(value) < 200 else value[:200])
            if what == "bytes":
                # No more than a terminal holds back: then keys are lost, as they are in life.
                if len(self.child.unsent) < 20000:
                    self.child.send(value)
            elif what == "flow":
                # Behind a full queue of keys the Ctrl-Q would wait for ever: the kernel's doing.
                if not self.child.unsent and not self.child.busy():
                    self.child.send(value)
            elif what == "resize":
                self.child.resize(*value)
            elif what == "signal":
                self.child.signal(value)
            elif what == "stall":
                stall, self.child.stalled = value, True
            stall -= 1
            if stall <= 0 and self.child.stalled:
                self.child.stalled = False
            self.child.drain(value if what == "pause" else typing)
            self.confirmation.look()
            self.confirmation.compare("in a storm")
        self.child.stalled = False
        self.child.send(b"\x11")
        self.check_idle()

    def idle_second(self):
        before = self.child.seconds_used()
        self.child.drain(1)
        after = self.child.seconds_used()
        return after - before if before is not None and after is not None and not self.child.ended else 0

    def check_idle(self):
        if self.rng.random() < 0.15:
            # What was typed ahead is worked off first.
            self.child.settle(0.3, 60)
            # On a busy machine it may begin only now to work off what was typed.
            used = [self.idle_second()]
            while used[-1] > PROCESSOR_IDLE * self.run.slower and len(used) < 5:
                used.append(self.idle_second())
            self.note("idle seconds:", *used)
            if min(used) > PROCESSOR_IDLE * self.run.slower and not self.confirmation.given:
                self.wrong.append(f"{min(used):.2f} s of processor time in an idle second")
        self.run.most_memory = max(self.run.most_memory, self.child.most_memory())
        if not self.run.kind.sanitized and self.child.most_memory() > MEMORY_MAX:
            self.wrong.append(f"{self.child.most_memory()} KiB of memory")

    # --- ways -------------------------------------------------------------------------------------

    def go_to(self, place):
        child, screen = self.child, self.screen
        if not child.wait_for(lambda: at_home(screen, self.run.plain), 20):
            return self.lost("the home screen")
        child.send(FRESH_LINE if self.run.plain else b"")
        child.settle(0.05)
        for send, words in place.steps:
            if isinstance(send, str):
                line = next((line for line in page_of(screen).split("\n") if f". {send}" in line), " 0")
                send = line.split(".")[0].strip().encode() + b"\n"
            # What stood there before is no answer.
            screen.said = ""
            child.send(send)
            child.drain(0.01)
            if words and not child.wait_for(
                    lambda w=words: w in (page_of(screen) if self.run.plain else screen.text()), 20):
                self.confirmation.compare("on the way")
                # Something was confirmed when all that was typed had been worked off: other pages come.
                return not self.confirmation.changed and self.lost(f"\"{words}\" on the way to {place.name}")
            child.settle(0.04)
        return True

    def lost(self, words):
        if not self.child.ended:
            self.wrong.append(f"does not show {words}; it shows:\n" + (
                self.screen.said[-600:] if self.run.plain else self.screen.text()))
        return False

    def go_home(self):
        """One step back until there is no further; never a key that confirms."""
        child, screen, plain = self.child, self.screen, self.run.plain
        child.resize(LINES, COLUMNS)
        child.settle(0.15, 30)
        until = time.monotonic() + FIND_HOME_WITHIN
        while not at_home(screen, plain) and time.monotonic() < until and not child.ended:
            if not plain:
                # Behind a sequence that was cut in half the first ESC is a part of it.
                thrown = screen.shows("Throw away what you typed")
                child.send(b"\x11\t" if thrown else b"\x11\x1b")
                child.settle(0.08)
                if thrown:
                    child.send(b"\r")
            else:
                child.send(FRESH_LINE + (b"2\n" if "2. Throw away" in page_of(screen)[-120:] else b"b\n"))
            child.settle(0.08)
        if child.ended:
            return False
        return at_home(screen, plain) or self.lost("the home screen again")

    # --- ends -------------------------------------------------------------------------------------

    def leave(self):
        child = self.child
        if child.ended:
            return self.check_end((0, 74) if self.run.plain else (0,), "in a storm")
        allowed = (0,)
        end = self.end
        self.note("end", end)
        if end in ("leave", "Ctrl-C") or not end.startswith("hang-up"):
            child.send(b"\x11")
        used, since = child.seconds_used() or 0, time.monotonic()
        if end == "leave":
            if self.go_home():
                child.send(FRESH_LINE + b"0\n" if self.run.plain else b"\x1b")
        elif end.startswith("hang-up"):
            if "stands still" in end:
                child.stalled = True
                for _ in range(30):
                    child.resize(100, 200)
                    child.send(b"\x0c\x1b[B")
                    child.drain(0.002)
            allowed = (0, 74, -signal.SIGHUP)
            child.hang_up()
        elif end == "Ctrl-C":
            # What waits to be typed comes first, and may end in the midst of a sequence.
            child.settle(0.06)
            allowed = (0, -signal.SIGINT)
            child.send(b"\x03")
        else:
            number = getattr(signal, end.split()[0])
            allowed = (0, -number)
            if "stands still" in end:
                child.stalled = True
                child.resize(100, 200)
                child.drain(0.05)
            child.signal(number)
            child.drain(0.05)
            child.stalled = False
        self.check_end(allowed, end)
        if end.startswith("hang-up") and child.ended and not self.confirmation.given:
            cost = child.ended.seconds - used
            self.note("hang-up:", f"{cost:.3f} s of processor time, {time.monotonic() - since:.2f} s in all")
            self.run.most_end = max(self.run.most_end, cost)
            if cost > PROCESSOR_AT_END * self.run.slower:
                self.wrong.append(f"{cost:.2f} s of processor time after the hang-up")

    def check_end(self, allowed, how):
        child = self.child
        in_flight = self.confirmation.given
        ended = child.wait_end((CHANGE_WITHIN if in_flight else END_WITHIN) * self.run.slower)
        if not ended:
            self.wrong.append(f"it does not end ({how}); it shows:\n{self.screen.text()}")
            return
        child.read_all()
        if ended.code not in allowed:
            words = f"signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
            self.wrong.append(f"it ended with {words} ({how})")
        if ended.left:
            self.wrong.append(f"it left running: {', '.join(ended.left)}")
        if child.master is not None:
            state = self.screen.unrestored(region=not child.was_resized())
            if ended.modes != "same" or state:
                self.wrong.append(f"the terminal is not given back ({how}): modes {ended.modes}; {state}")

    def after(self):
        run, world = self.run, self.run.world
        self.wrong += self.child.complaints
        self.confirmation.look()
        self.confirmation.compare("seen at its end")
        self.wrong += self.confirmation.unconfirmed
        for name in os.listdir(run.reports):
            path = os.path.join(run.reports, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                self.wrong.append("a sanitizer's report:\n" + file.read()[:4000])
            os.unlink(path)
        if self.confirmation.changed:
            self.wrong += self.after_change()
            run.state = None
        elif self.guarded:
            self.wrong += [f"guarded, and yet: {words}" for words in world.broken(self.before)]

    def after_change(self):
        """Wholly old, wholly the practice relay, or wholly what was typed: then it can be taken back."""
        world = self.run.world
        wrong = world.broken("first", "relay")
        if not wrong or not wrong[0].startswith("neither"):
            return wrong
        wrong = [words for words in wrong if not words.startswith("neither")]
        status = world.run("status", "--json")
        if status.code or '"drift":[]' not in status.out.replace(" ", "").replace("\n", ""):
            wrong.append(f"status: {status.out}{status.err}")
        back = world.run("deconfigure", "--force")
        left = [words for words in world.same_files("first") if words.startswith("config/")]
        if back.code or left:
            wrong.append(f"deconfigure: {back.out}{back.err}{'; '.join(left)}")
        return wrong

    def keep_log(self):
        run = self.run
        run.failures += 1
        folder = os.path.join(run.keep, f"run{run.number}-life{run.lives}")
        os.makedirs(folder)
        with open(os.path.join(folder, "events"), "w", encoding="utf-8") as file:
            file.write("\n".join(self.log) + "\n")
        with open(os.path.join(folder, "output"), "wb") as file:
            file.write(self.child.output)
        run.tally.fail(f"run {run.number} life {run.lives} ({run.kind.term}, {'plain' if run.plain else 'screen'}): "
                       f"--seed {run.seed} --run {run.number} --life {run.lives}; events and output in {folder}",
                       self.wrong)

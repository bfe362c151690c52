"""keys_redraw.py: after a storm of resizes the screen is whole: what tmux shows is what it showed before.

tmux is a terminal of its own making, so this does not depend on keys_screen.py.
"""
import os
import random
import subprocess
import time

PLACES = {
    "home": ([], "Mail goes"),
    "form": (["Enter", "Enter"], "Test and review"),
    "custom form": (["Enter", "c", "Enter"], "Custom relay"),
    "help": (["F1"], "Help:"),
}


class Tmux:
    def __init__(self, world, command, server):
        # One of its own for each place: the one before may still be ending.
        self.server = f"keys{server}"
        self.env = dict(os.environ, TMUX_TMPDIR=world.folder, LC_ALL="C.UTF-8")
        self.env.pop("TMUX", None)
        self("new-session", "-d", "-x", "80", "-y", "24", "-s", "keys", *command)
        self("set-option", "-g", "status", "off")
        self("set-option", "-g", "escape-time", "10")

    def __call__(self, *arguments):
        return subprocess.run(["tmux", "-L", self.server, "-f", "/dev/null", *arguments], env=self.env, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(errors="replace")

    def screen(self):
        return self("capture-pane", "-p", "-t", "keys")

    def wait_for(self, test, seconds=20):
        until = time.monotonic() + seconds
        while not test(self.screen()):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def settled(self):
        before, shown = None, self.screen()
        while shown != before:
            time.sleep(0.15)
            before, shown = shown, self.screen()
        return shown


def check(world, tally, seed, extent):
    """How many storms were held against the picture before."""
    command = world.argv("--config-dir", os.path.join(world.folder, "etc"))
    rng = random.Random(f"{seed}/redraw")
    places = list(PLACES.items())
    if extent == "quick":
        places = [rng.choice(places)]
    for number, (name, (keys, words)) in enumerate(places):
        tmux = Tmux(world, command, number)
        try:
            tmux.wait_for(lambda shown: "Mail goes" in shown)
            for key in keys:
                tmux("send-keys", "-t", "keys", key)
                time.sleep(0.1)
            if not tmux.wait_for(lambda shown, w=words: w in shown):
                tally.fail(f"the place {name}", [tmux.screen()])
                continue
            whole = tmux.settled()
            for _ in range(100):
                lines, columns = rng.choice(((1, 1), (100, 300), (rng.randint(1, 100), rng.randint(1, 300))))
                tmux("resize-window", "-t", "keys", "-x", str(columns), "-y", str(lines))
            tmux("resize-window", "-t", "keys", "-x", "80", "-y", "24")
            if not tmux.wait_for(lambda shown, w=whole: shown == w, 5):
                tally.fail(f"a storm of resizes over {name} (seed {seed})", ["it was:", whole, "it is:", tmux.screen()])
        finally:
            tmux("kill-server")
    return len(places)

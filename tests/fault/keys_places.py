"""keys_places.py: every place of the console, and the keys that lead there from the home screen.

A place is a list of (what to send, what must show then); in plain mode a text stands for the number of
the line that has it. Screen and plain mode have a table each;
`before` is the kept state of the machine's files that a place wants: "first" or "relay".
"""
import re
from collections import namedtuple

Place = namedtuple("Place", "name before steps")

UP, F1 = b"\x1b[A", b"\x1bOP"
HOME = "Mail goes"
# The button, or the numbered line, that writes when it is chosen.
CONFIRMS = re.compile(r"<\s*(?:Apply|Restore|Remove)")
CONFIRMS_PLAIN = re.compile(r"^  1\. (?:Apply|Restore|Remove)", re.M)


def review_shown(screen, plain):
    if not plain:
        return bool(CONFIRMS.search(screen.text()))
    return bool(CONFIRMS_PLAIN.search(page_of(screen)))


def page_of(screen):
    """What was printed since the last title."""
    return screen.said[max(0, screen.said.rfind("\n== ")):]


def at_home(screen, plain):
    if plain:
        return page_of(screen).rstrip().endswith("Your choice:") and "  0. Leave" in page_of(screen)
    shown = screen.text()
    return HOME in shown and "<Leave" in shown


class Places:
    def __init__(self, world, silent_port):
        self.login = world.env["SANDBOX_LOGIN"].encode()
        self.password = world.secrets()["SANDBOX_PASSWORD_FILE"]
        self.silent = b"%d" % silent_port
        self.of_screen, self.of_plain = self.screens(), self.questions()

    def screens(self):
        menu = [(b"\r", "Who delivers")]
        form = menu + [(b"\r", "Test and review")]
        custom = menu + [(b"c", ""), (b"\r", "Custom relay")]
        silent = [(b"localhost\t\x15" + self.silent + b"\t\t\t\t\tme\tsecret\t", "Enter presses it"),
                  (b"\r", "Testing the connection")]
        review = form + [(self.login + b"\t" + self.password + b"\t", "Enter presses it"),
                         (b"\r", "This is what will change")]
        # With one relay, its last lines are "Add a route" and "Who takes it?".
        relays = menu + [(b"r", ""), (b"\r", "Add a relay")]
        failure = form + [(self.login + b"\twrong\t", "Enter presses it"), (b"\r", "The test failed")]
        return [
            Place("home", "first", []),
            Place("help", "first", [(F1, "Help:")]),
            Place("menu", "first", menu),
            Place("providers", "first", menu + [(b"\x1b[F" + UP * 4, ""), (b"\r", "Type the first letter")]),
            Place("form", "first", form),
            Place("server", "first", form + [(b"\t\t\t", "Enter presses it"), (b"\r", "Normally there is")]),
            Place("custom", "first", custom),
            Place("choice", "first", custom + [(b"\t\t", ""), (b"\r", "How the connection")]),
            Place("throw away", "first", form + [(b"x", ""), (b"\x1b", "Throw away")]),
            Place("progress", "first", custom + silent),
            Place("failure", "first", failure),
            Place("review", "first", review),
            Place("nothing", "first", menu + [(b"d", ""), (b"\r", "Nothing to restore")]),
            Place("editing", "relay", form),
            Place("deconfigure", "relay", menu + [(b"d", ""), (b"\r", "This is what will be restored")]),
            Place("tested", "relay", menu + [(b"t", ""), (b"\r", "ms")]),
            Place("relays", "relay", relays),
            Place("one relay", "relay", relays + [(b"\r", "Sender rewriting")]),
            Place("route", "relay", relays + [(b"\x1b[F" + UP, ""), (b"\r", "Goes to")]),
            Place("who takes it", "relay", relays + [(b"\x1b[F", ""), (b"\r", "tables are asked")]),
        ]

    def questions(self):
        menu = [(b"1\n", "Who delivers")]
        form = menu + [(b"1\n", "Login")]
        filled = form + [(self.login + b"\n", "not shown"), (self.password + b"\n", "Test and review")]
        deconfigure = menu + [("Deconfigure", "1. Restore")]
        return [
            Place("home", "first", []),
            Place("menu", "first", menu),
            Place("question", "first", form),
            Place("secret", "first", form + [(self.login + b"\n", "not shown")]),
            Place("buttons", "first", filled),
            Place("review", "first", filled + [(b"1\n", "1. Apply")]),
            Place("failure", "first", form + [(self.login + b"\n", "not shown"), (b"wrong\n", "Test and review"),
                                              (b"1\n", "The test failed")]),
            Place("deconfigure", "relay", deconfigure),
            Place("relays", "relay", menu + [("Relays and routes", "Add a relay")]),
            Place("route", "relay", menu + [("Relays and routes", "Add a route"), ("Add a route", "whoever gets it")]),
        ]

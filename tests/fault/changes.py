"""changes.py: the changes that the attacks interrupt, each with the files before and after it.

    states = prepare(world)                     makes the kept states that they need
    for change in COMMANDS + PLAIN + ROUTED:
        world.put(change.before)
        change.argv(world), change.answers(world)    what to run, and what to feed it
        change.succeeded(output)                     did the program say that the change stands?
        change.after, change.relay_after             kept states; who takes mail then

Kept states more than in world.py: "AB", relay B put in the place of A; "many", many relays with routes and
hops (routed.py), for which prepare_routed(world) is called as well, and whose World is a RoutedWorld.
"""
import re
import sys
from collections import namedtuple

import routed
from world import World

# Who takes the mail in each kept state.
TAKER = {"first": "first", "A": "A", "B": "B", "AB": "B", "many": "B"}


class Change(namedtuple("Change", "name before after command says")):
    """command(world): arguments, or for --plain the list of answers."""

    def argv(self, world):
        return world.argv("--plain") if self.is_plain() else world.argv(*self.command(world))

    def answers(self, world):
        """Standard input, or None where there is none."""
        return "".join(f"{line}\n" for line in self.command(world)).encode() if self.is_plain() else None

    def is_plain(self):
        return self.name.startswith("plain ")

    def succeeded(self, output):
        return re.search(self.says, output, re.MULTILINE) is not None


def configure(which, *more):
    return lambda world: ["configure", *world.relay(which), *more]


def plain_configure(world):
    env = world.env
    with open(env["SANDBOX_PASSWORD_FILE"], encoding="ascii") as file:
        password = file.read().strip()
    # Mail relay, Custom; the fields; Test and go on; Apply; Enter; out again.
    return ["1", "9", env["SANDBOX_HOST"], env["SANDBOX_PORT"], "1", "1", "", env["SANDBOX_CA"],
            env["SANDBOX_LOGIN"], password, "1", "1", "", "0", "0"]


CHANGED = r"^changed: "
COMMANDS = [
    Change("configure", "first", "A", configure("A", "--no-test"), CHANGED),
    Change("configure with a test", "first", "A", configure("A"), CHANGED),
    Change("reconfigure", "A", "AB", configure("B", "--no-test"), CHANGED),
    Change("deconfigure", "A", "first", lambda world: ["deconfigure"], CHANGED),
]
PLAIN = [
    Change("plain configure", "first", "A", plain_configure, r"^== Applied =="),
    Change("plain deconfigure", "A", "first", lambda world: ["1", "12", "1", "", "0", "0"], r"^== Restored =="),
]
# Many files in one change, services and a table for each way; Postfix's check of hops after it.
ROUTED = [
    Change("to many relays", "A", "many", lambda world: ["apply", routed.path(world, "hopped"), "--no-test"], CHANGED),
]


class RoutedWorld(World):
    """A hop's port is whatever was free."""

    def files(self, folder=None):
        return routed.plain(super().files(folder))


def keep_changed(world, state, command):
    """The state that the command leads to from A."""
    world.put("A")
    done = world.run(*command)
    if done.code:
        sys.exit(f"{world.name}: {state} cannot be made of A: {done.err}")
    world.keep(state)
    world.put("first")


def prepare(world):
    world.make_states()
    keep_changed(world, "AB", configure("B", "--no-test")(world))


def prepare_routed(world):
    routed.write(world)
    for change in ROUTED:
        keep_changed(world, change.after, change.command(world))

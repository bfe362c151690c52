"""crowd_reload.py: Postfix does not come back from the reload: the old files do, and Postfix with them (crowd)."""
import os
import shutil
import signal
import subprocess

from crowd_paused import POINTS, paused
from world import run

EXCHANGED = POINTS["after main.cf is exchanged"]


def wrong_with(done, codes, words, world, *states):
    """done: exit code and words."""
    code, text = done
    wrong = [f"{sentence} (ended with {code}: {text.strip()})" for sentence in world.broken(*states)]
    if code not in codes:
        wrong.append(f"ended with {code} and not with one of {codes}: {text.strip()}")
    if words not in text:
        wrong.append(f'does not say "{words}": {text.strip()}')
    return wrong


def as_pair(result):
    return result.code, result.out + result.err


def master_does_not_answer(world, change):
    pid = world.master_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        done = as_pair(world.run(*change))
    finally:
        os.kill(pid, signal.SIGCONT)
    return wrong_with(done, (78, 71), "put back", world, "A")


def master_stops_between_plan_and_commit(world, change):
    done = paused(world, change, POINTS["between plan and commit"], world.stop_postfix)
    world.start_postfix()
    return wrong_with(done, (0,), "not running", world, "AB" if "configure" in change else "first")


def master_stops_after_the_rename(world, change):
    done = paused(world, change, EXCHANGED, world.stop_postfix)
    world.start_postfix()
    return wrong_with(done, (78, 71), "put back", world, "A")


def agent_is_missing(world, change):
    """daemon_directory has all programs but the delivery agent."""
    folder = os.path.join(world.folder, "daemons")
    real = run(["postconf", "-c", world.config, "-hx", "daemon_directory"]).out.strip()
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name in os.listdir(real):
        os.symlink(os.path.join(real, name), os.path.join(folder, name))
    world.stop_postfix()
    # Put in place as it would be at rest: no hot file.
    subprocess.run(["postconf", "-c", world.config, "-e", f"daemon_directory={folder}"], check=True)
    os.utime(os.path.join(world.config, "main.cf"), (1, 1))
    world.start_postfix()
    world.keep("no agent")
    os.unlink(os.path.join(folder, "smtp"))
    done = as_pair(world.run(*change))
    wrong = wrong_with(done, (78,), "put back", world, "no agent")
    world.stop_postfix()
    return wrong


def master_cf_is_bad(world, change):
    """master(8) would end itself on reading this; somebody left it so."""
    with open(os.path.join(world.config, "master.cf"), "a", encoding="ascii") as file:
        file.write("elsewhere unix q - y - - smtp\n")
    os.utime(os.path.join(world.config, "master.cf"), (1, 1))
    world.keep("bad master.cf")
    done = as_pair(world.run(*change))
    world.stop_postfix()
    bad = world.same_files("bad master.cf")
    wrong = [f"the files changed: {sentence}" for sentence in bad]
    if done[0] not in (78, 71):
        wrong.append(f"ended with {done[0]}: {done[1]}")
    return wrong


CASES = (master_does_not_answer, master_stops_between_plan_and_commit, master_stops_after_the_rename,
         agent_is_missing, master_cf_is_bad)


def attack(world, tally, quick):
    # Editors that took main.cf away for an instant have made daemons end, which master holds back for a minute.
    world.stop_postfix()
    world.put("A", reload=False)
    world.start_postfix()
    code, text = as_pair(world.run("configure", *world.relay("B"), "--no-test"))
    tally.check("from A to B, with nobody else", [text] if code else [])
    world.keep("AB")
    world.put("A")
    count = 0
    changes = [["configure", *world.relay("B"), "--no-test"], ["deconfigure"]]
    for case in CASES[2:3] if quick else CASES:
        for change in changes[:1] if quick else changes:
            world.put("A", reload=False)
            if not world.master_pid():
                world.start_postfix()
            world.reload()
            tally.check(f"{case.__name__}, {change[0]}", case(world, change))
            count += 1
    world.put("first", reload=False)
    if not world.master_pid():
        world.start_postfix()
    print(f"crowd: reload: {count} that failed", flush=True)
    return count

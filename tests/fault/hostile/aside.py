"""aside.py: what is not the relay but comes from outside as well: the names' answers, and Postfix's log.

    names(attack, quick)    each of names.ATTACKS, asked by the DNS and by the system's own look-up
    logs(attack)            a delivery agent dies, and its last words in the log are hostile
"""
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

import judge
import names as name_servers
import table

HERE = os.path.dirname(os.path.abspath(__file__))
SLACK = 8


def names(attack, quick):
    """How many were asked; failures go to the tally."""
    config = os.path.join(attack.folder, "config-dns")
    shutil.copytree(attack.world.config, config, symlinks=True)
    subprocess.run(["postconf", "-c", config, "-e", "smtp_host_lookup = dns"], check=True)
    questions = []
    for called, (_, _, seconds) in name_servers.ATTACKS.items():
        if quick and seconds:
            continue
        for way in ("dns", "native", "dane"):
            argv = attack.world.argv("test", "custom", "--host", f"{called}.test", "--port", "2525", "--no-auth", "--json",
                                     "--verify", "dane" if way == "dane" else "name")
            argv[argv.index("--state-dir") + 1] = os.path.join(attack.folder, f"names-{called}-{way}")
            if way != "native":
                argv[argv.index("--postfix-config") + 1] = config
            questions.append([f"{called}, {way}", argv])
    done = subprocess.run(["unshare", "--net", "--mount", sys.executable, os.path.join(HERE, "names.py"), json.dumps(questions)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=200)
    answers = json.loads(done.stdout or b"{}")
    for key, _ in questions:
        code, seconds, out, err = answers.get(key, [-1, 0, "", "the name server did not start"])
        document, wrong = judge.judge_json(out.encode("latin-1"))
        # Two look-ups for DANE: the addresses, then the records.
        if seconds > table.STEP * (2 if "dane" in key else 1) + SLACK:
            wrong.append(f"took {seconds:.1f} seconds")
        if code != 69 or not document or document.get("cause") not in name_servers.CAUSES or not document.get("advice"):
            wrong.append(f"exit code {code}, {document}, {err}")
        attack.tally.check(f'name "{key}"', wrong)
    return len(questions)


# name: (what stands in the log in place of the agent's line, the words that must come through or None)
MARK = "hostile words"
LOGS = {
    "dirty last words": (lambda line, dirty: line + MARK.encode() + dirty + b"\n", MARK),
    "NULs before them": (lambda line, dirty: b"\0\0\0 noise\0\n" + line + MARK.encode() + b"\n", MARK),
    "never an end of the line": (lambda line, dirty: line + MARK.encode() + b"\xe2\x80\xae" * 9000, MARK),
    "a megabyte after them": (lambda line, dirty: line + MARK.encode() + b"\n" + (dirty + b"\n") * 8000, None),
    "a FIFO": (None, None),
}


def rewrite_when_it_dies(path, make, dirty, done):
    """The agent writes its last words and waits a second; we write ours over them meanwhile."""
    start = os.path.getsize(path)
    while not done.is_set():
        with open(path, "rb") as file:
            file.seek(start)
            found = re.search(rb"[^\n]*smtp\[\d+\]: fatal: ", file.read())
        if found and make:
            with open(path, "r+b") as file:
                file.truncate(start)
                file.seek(start)
                file.write(make(found[0], dirty))
            return
        if found:
            os.rename(path, path + ".kept")
            os.mkfifo(path)
            return
        time.sleep(0.01)


def logs(attack):
    world, tally, dirty = attack.world, attack.tally, table.DIRTY.encode("latin-1")
    for called, (make, words) in LOGS.items():
        world.put("first")
        with open(os.path.join(world.config, "main.cf"), "a", encoding="ascii") as file:
            # Postfix's own check passes it; every smtp(8) dies of it.
            file.write("smtp_tls_fingerprint_digest = no-such-digest\nsmtp_tls_mandatory_protocols = no-such-protocol\n"
                       "smtp_sasl_type = no-such-type\n")
        os.utime(os.path.join(world.config, "main.cf"), (0, 0))
        done = threading.Event()
        writer = threading.Thread(target=rewrite_when_it_dies, args=[world.log, make, dirty, done])
        writer.start()
        ended = attack.call(os.path.join(attack.folder, "state-log"), "configure", *world.relay("A"), "--no-test", "--json")
        done.set()
        writer.join()
        document, wrong = judge.judge_json(ended.out)
        message = (document or {}).get("error", {}).get("message", "")
        if ended.hung or ended.code != 78:
            wrong.append(f"exit code {ended.code} after {ended.seconds:.1f} s: {ended.out!r}")
        if words and words not in message:
            wrong.append(f"its last words are not told: {message}")
        tally.check(f'log "{called}"', wrong)
        if os.path.exists(world.log + ".kept"):
            os.replace(world.log + ".kept", world.log)
        # master does not try an agent that died again for a minute; only a new start does.
        world.stop_postfix()
        world.put("first")
        world.start_postfix()
    return len(LOGS)

"""calls_judge.py: what must hold after a change in which something failed (calls).

    judge = Judge(world)
    judge.ready(change)                   the files before it, Postfix on them
    wrong = judge.after(change, outcome)  sentences; none: it held

An outcome is a world.Result: exit code, standard output, standard error. The program may have failed:
then it says in words what it tried and on what, ends with a documented code, and everything is as it was
before. Or the failure did not matter to it: then it says so with exit code 0 and the change stands.
"""
import os
import re

from changes import TAKER

# relaycon(8), EXIT STATUS
DOCUMENTED = {64, 65, 69, 70, 71, 74, 75, 77, 78}
# The change stands, and the only thing that went wrong is telling of it.
UNTOLD = "cannot write the output"
# Looked for in the words: what it was tried on. A path, or what there is no path for.
OBJECT = re.compile(r"/|password|terminal|machine|memory|program|standard|output|folder|Postfix|relay\b|"
                    r"[Nn]etwork|socket")


class Judge:
    def __init__(self, world):
        self.world = world
        self.secrets = [secret.decode() for secret in world.secrets().values()]
        self.messages = {}
        self.state = None  # in which the files are known to be
        self.log_at = 0

    def ready(self, change):
        if self.state != change.before:
            self.world.put(change.before)
            self.state = change.before
        self.log_at = os.path.getsize(self.world.log)
        self.folders = self.folders_now()

    def reloaded(self):
        with open(self.world.log, "rb") as log:
            log.seek(self.log_at)
            return b"]: reload -- " in log.read()

    def folders_now(self):
        return {os.path.join(root, name) for top in (self.world.config, self.world.state)
                for root, names, _ in os.walk(top) for name in names} | {
                    path for path in (os.path.join(self.world.config, "main.cf.tmp"),) if os.path.exists(path)}

    def words(self, outcome):
        """What is wrong with how it ended."""
        wrong = []
        if outcome.code < 0 or outcome.code >= 128:
            wrong.append(f"ended by a signal: {outcome.code}")
        elif outcome.code not in DOCUMENTED:
            wrong.append(f"exit code {outcome.code} is not documented")
        said = outcome.err.strip()
        self.messages[re.sub(r"\d+", "N", said)] = outcome.code
        if len(said) < 20 or not OBJECT.search(said) or "(null)" in said or ": Success" in said:
            wrong.append(f"not in words: {said!r}")
        return wrong

    def after(self, change, outcome, may_leave=False):
        """may_leave: the failing call may have been one that tidies up: then the next `status` has to do it."""
        world = self.world
        succeeded = outcome.code == 0
        wrong = [] if succeeded else self.words(outcome)
        if succeeded != change.succeeded(outcome.out) and UNTOLD not in outcome.err:
            wrong.append(f"exit code {outcome.code}, and it said: {outcome.out.strip()!r} {outcome.err.strip()!r}")
        if any(secret in text for secret in self.secrets for text in (outcome.out, outcome.err)):
            wrong.append("the password is in its output")
        if "runtime error:" in outcome.err or "Sanitizer" in outcome.err:
            wrong.append(f"a sanitizer's report: {outcome.err}")
        state = change.after if succeeded or UNTOLD in outcome.err else change.before
        found = self.not_in(state)
        if found and may_leave and (self.tidied(state) or UNTOLD in outcome.err):
            found = []
        wrong += found
        if not wrong and (self.reloaded() or state != change.before):
            taker = world.taken_by()
            if taker != TAKER[state]:
                wrong.append(f"mail should be taken by {TAKER[state]}: {taker}")
        self.state = None if wrong else state
        if wrong:
            wrong.append(f"it had said (code {outcome.code}): {outcome.out.strip()[-300:]!r} "
                         f"{outcome.err.strip()[-800:]!r}")
        return wrong

    def not_in(self, state):
        """Why the files are not exactly those of the state, with nothing left beside them."""
        world = self.world
        wrong = world.same_files(state)
        if wrong:
            other = world.state_is("first", "A", "AB", "many")
            wrong = [f"not {state} but {other or 'neither'}: {'; '.join(wrong)}"]
            # Different files: everything about them is looked at.
            wrong += [one for one in world.broken(state) if not one.startswith("neither")]
        elif not world.lock_is_free():
            wrong = ["the lock is held"]
        elif not world.master_pid():
            wrong = ["Postfix does not run"]
        lock = os.path.join(world.state, "lock")
        if os.path.exists(lock) and os.path.getsize(lock):
            wrong.append("the lock file still names a holder")
        left = {path for path in self.folders_now() - self.folders if not path.endswith(("/baseline", "/backup"))}
        wrong += [f"{path} was left" for path in sorted(left)]
        return wrong

    def tidied(self, state):
        done = self.world.run("status")
        # Postfix's own lock file, which postconf leaves behind as well.
        return done.code == 0 and not [one for one in self.not_in(state) if "/main.cf.tmp was left" not in one]

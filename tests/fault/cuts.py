"""cuts.py: power cuts on a Bench: the disks of power.py are made real, one after the other, and recovered.

After a cut Postfix does not run. It may be started before relaycon is, so what it would read is looked at
first; then `relaycon status` recovers, and the promises of bench.py must hold.
"""
import hashlib
import json
import os
import shutil
import stat
import time

from bench import TMP_LEFT, Bench
from power import Disk, trace
from world import clean_environment

NO_INODE = 1  # of a file that is gone: nothing has it


class Cuts(Bench):
    def watch(self, job):
        """The job as a Disk: what it did, from its first files on."""
        self.put(job.before, reload=False)
        disk = Disk(self.folder, {"config": self.config, "state": self.state})
        path = os.path.join(self.kept_in, "trace")
        code = trace(self.argv(*job.command), path, clean_environment())
        if code:
            raise SystemExit(f"{self.name}: {job.name} below strace: {code}")
        disk.replay(path)
        os.unlink(path)
        wrong = self.differs(disk)
        if wrong:
            raise SystemExit(f"{self.name}: {job.name}: the model is not what happened: {'; '.join(wrong)}")
        return disk

    def differs(self, disk):
        """The end of the model against the files that are there."""
        now = self.raw_files()
        names = {name for name in disk.names if name not in ("config", "state")}
        return [name for name in names ^ set(now)] + [
            name for name in names & set(now)
            if stat.S_ISREG(now[name][0]) and now[name][3] != disk.names[name].content]

    # --- a disk made real -------------------------------------------------------------------------

    def make(self, disk, names):
        """names: {name: (Thing, mode, content)}"""
        self.clear()
        made = {}
        for name in sorted(names):
            thing, mode, content = names[name]
            path = self.path(name)
            if name == "config":
                continue
            if thing in made and thing.is_file():
                os.link(made[thing], path)
                continue
            made[thing] = path
            if thing.kind == stat.S_IFDIR:
                os.mkdir(path)
            elif thing.kind == stat.S_IFLNK:
                os.symlink(content, path)
                continue
            else:
                with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                    file.write(content)
            os.chown(path, *thing.owner)
            os.chmod(path, mode)
            # Postfix waits for files that were written just now.
            os.utime(path, (time.time() - 60,) * 2)
        if "state/journal" in names and names["state/journal"][2]:
            self.fit_journal(disk, made)

    def path(self, name):
        top, _, rest = name.partition("/")
        return os.path.join({"config": self.config, "state": self.state}[top], rest) if rest else self.state

    def clear(self):
        shutil.rmtree(self.state, ignore_errors=True)
        for entry in os.scandir(self.config):
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)

    def fit_journal(self, disk, made):
        """The journal knows files by their inodes and times, which the copies have not: it gets theirs."""
        path = self.path("state/journal")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        try:
            journal = json.loads(text)
        except ValueError:
            return
        by_birth = {thing.born: where for thing, where in made.items()}
        for step in journal["journal"]["steps"]:
            staged = by_birth.get(disk.short(step["staged"].encode())) if step["staged"] else None
            old = made.get(disk.first.get(disk.short(step["target"].encode())))
            if staged and step["mtime"]:
                os.utime(staged, ns=(step["mtime"], step["mtime"]))
            for key, where in (("inode", staged), ("old-inode", old)):
                if step[key]:
                    step[key] = os.lstat(where).st_ino if where else NO_INODE
        content = json.dumps(journal["journal"], separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
        journal["sha256"] = hashlib.sha256(content.encode()).hexdigest()
        with open(path, "r+", encoding="utf-8") as file:
            file.truncate()
            file.write(json.dumps(journal))

    # --- what must hold ---------------------------------------------------------------------------

    def cut(self, job, ordered, mail):
        """On a disk that stands: (the state after recovery, sentences)."""
        wrong = self.now(job, ordered)
        wrong += self.recover()
        state, more = self.after(job, mail)
        # Postfix's lock file: empty, and postconf(1) leaves it as well.
        return state, wrong + [sentence for sentence in more if sentence != TMP_LEFT]

"""image.py: real power cuts: the two folders on an ext4 of their own, whose image is copied at a point.

relaycon works on the mounted file system. Its journal commits by itself only after COMMIT seconds, so that
the image holds what was synced and nothing that came later. A copy of the image is the disk as it would
be after a cut at that point; it is mounted instead (ext4 replays its journal), and recovered.

Needs loop devices and the right to mount; `possible` says why not.
"""
import os
import signal

from cuts import Cuts
from world import run

COMMIT = 3600
CHANGES = ("write", "pwrite64", "ftruncate", "fsync", "rename", "renameat2", "link", "linkat", "unlink", "unlinkat",
           "mkdir", "rmdir", "symlink", "fchmod", "fchown", "exit_group")


class Image(Cuts):
    def __init__(self, name):
        super().__init__(name)
        self.disk, self.mounted = os.path.join(self.folder, "disk"), []
        os.mkdir(self.disk, 0o711)

    def close(self):
        # The torture ends the whole group, and the parent its workers: the second must not stop this.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        self.unmount()
        super().close()

    def image(self, which):
        """blank; start (with the files before a job); live (the job's); cut (a copy of that)."""
        return os.path.join(self.kept_in, which + ".img")

    def possible(self):
        """None, or why there can be no image here."""
        with open(self.image("blank"), "wb") as file:
            file.truncate(16 << 20)
        try:
            self.do("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image("blank"))
            self.mount("blank")
            os.mkdir(os.path.join(self.disk, "config"))
            self.unmount()
        except OSError as reason:
            self.unmount()
            return str(reason)
        return None

    def do(self, *argv):
        done = run(argv)
        if done.code:
            raise OSError(f"{' '.join(argv)}: {done.err.strip()}")

    def copy(self, which, to):
        self.do("cp", "--sparse=always", self.image(which), self.image(to))

    def mount(self, which):
        """The image, with its config folder over Postfix's own; relaycon gets its state folder."""
        self.do("mount", "-o", f"loop,commit={COMMIT}", self.image(which), self.disk)
        self.mounted.append(self.disk)
        config = os.path.join(self.disk, "config")
        if os.path.isdir(config):
            self.do("mount", "--bind", config, self.config)
            self.mounted.append(self.config)
        self.state = os.path.join(self.disk, "state")

    def unmount(self):
        self.state = self.env["SANDBOX_STATE"]
        while self.mounted:
            self.do("umount", self.mounted[-1])
            self.mounted.pop()

    def prepare(self, job):
        """Makes the disk from which the job starts. The calls after which to cut: those that change
        something, and the end."""
        self.copy("blank", "start")
        self.mount("start")
        self.put(job.before, reload=False)
        self.unmount()
        self.copy("start", "live")
        self.mount("live")
        calls = self.listed(job)
        self.unmount()
        return [int(number) + 1 for number, name, _ in calls if name in CHANGES]

    def cut_after(self, job, call, mail):
        """The job up to a call, and the cut: (the state after recovery, sentences)."""
        self.copy("start", "live")
        self.mount("live")
        try:
            self.kill(job.command, call)
            self.left_running()
            self.copy("live", "cut")
        finally:
            self.unmount()
        self.mount("cut")
        try:
            return self.cut(job, True, mail)
        finally:
            self.unmount()

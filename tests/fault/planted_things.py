"""planted_things.py: what somebody may have put where relaycon makes a file, and what must not happen to it.

    thing = Thing(kind, folder)      its canary stands in `folder`, which is somebody's own
    thing.plant(path)
    thing.wrong()                    sentences: the canary was touched
"""
import os
import shutil
import socket
import stat

NOBODY = 65534
KINDS = ("symlink to a file", "symlink to nothing", "symlink to a folder", "hard link to nobody's file",
         "hard link to root's file", "nobody's file", "FIFO", "socket", "device", "folder")


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


class Thing:
    def __init__(self, kind, folder):
        self.kind, self.canary = kind, os.path.join(folder, "canary")
        remove(self.canary)
        if kind == "symlink to a folder":
            os.mkdir(self.canary, 0o755)
        elif kind != "symlink to nothing":
            with open(self.canary, "w", encoding="ascii") as file:
                file.write("not relaycon's\n")
            os.chmod(self.canary, 0o640)
        if kind in ("hard link to nobody's file", "nobody's file"):
            os.chown(self.canary, NOBODY, NOBODY)
        self.before = self.look()

    def look(self):
        try:
            info = os.lstat(self.canary)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(info.st_mode):
            return info.st_mode, info.st_uid, info.st_gid, sorted(os.listdir(self.canary))
        with open(self.canary, "rb") as file:
            # Its first second name is ours; more of them would be relaycon's.
            return info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, file.read()

    def plant(self, path):
        remove(path)
        if self.kind.startswith("symlink"):
            os.symlink(self.canary, path)
        elif self.kind.startswith("hard link"):
            os.link(self.canary, path)
        elif self.kind == "nobody's file":
            with open(path, "w", encoding="ascii") as file:
                file.write("nobody's\n")
            os.chown(path, NOBODY, NOBODY)
            os.chmod(path, 0o666)
        elif self.kind == "FIFO":
            os.mkfifo(path, 0o666)
        elif self.kind == "socket":
            server = socket.socket(socket.AF_UNIX)
            os.chdir(os.path.dirname(path))  # the name of a socket is short
            server.bind(os.path.basename(path))
            server.close()
            os.chdir("/")
        elif self.kind == "device":
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        elif self.kind == "folder":
            os.mkdir(path, 0o755)
            with open(os.path.join(path, "something"), "w", encoding="ascii") as file:
                file.write("in a folder\n")
        self.info = os.lstat(path)

    def stands(self, path):
        """Is it still what it was?"""
        try:
            now = os.lstat(path)
        except FileNotFoundError:
            return False
        return (now.st_ino, now.st_mode, now.st_uid) == (self.info.st_ino, self.info.st_mode, self.info.st_uid)

    def wrong(self):
        now = self.look()
        return [] if now == self.before else [f"the canary was {self.before} and is {now}"]

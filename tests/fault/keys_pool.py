"""keys_pool.py: a few jobs at a time, each in a process of its own, and what they give back.

  for number, result in results(jobs, 3): ...     jobs: functions; result: None where one has died
"""
import atexit
import os
import pickle
import signal
import sys
import tempfile
import traceback


def start(job):
    """The process, and the file that its result comes in."""
    file = tempfile.TemporaryFile()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid, file
    code = 1
    try:
        pickle.dump(job(), file)
        file.flush()
        code = 0
    except SystemExit as stop:
        print(stop, flush=True)
    except BaseException:
        traceback.print_exc()
    finally:
        # A world that was stopped while it was being made is put away here.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def results(jobs, at_once):
    waiting, running = list(enumerate(jobs)), {}
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                number, job = waiting.pop(0)
                pid, file = start(job)
                running[pid] = number, file
            pid, status = os.wait()
            number, file = running.pop(pid)
            file.seek(0)
            yield number, pickle.load(file) if status == 0 else None
    finally:
        # Each puts its sandbox away first.
        for pid in running:
            os.kill(pid, signal.SIGTERM)
        for pid in running:
            os.waitpid(pid, 0)

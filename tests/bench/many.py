"""many.py: the part of bench with many relays and routes.

    large(bench, folder, env, relaycon)

100,000 routes with 1,000 relays, against 10,000 with 100: each command as a whole process, on a running
Postfix. Then the rate at which mail is delivered with one route, and with 100,000: two machines of
the same kind, each with a sink (smtp-sink) as the relay of one sender domain, in turn, so that whatever else
goes on here falls on both.
"""
import os
import statistics
import subprocess
import time

SIZES = {"small": (10_000, 100), "large": (100_000, 1_000)}
FACTOR = 10
SAMPLE = "domain-000042.example.com"
MAILS, WARM_UP, BURSTS = 500, 100, 15


def settings(path, routes, relays, password_file, sink=None):
    """Half of the routes are for senders, half for recipients. sink: the port of a relay for @sink.test."""
    names = ["default"] + [f"relay-{number:04}" for number in range(1, relays)]
    with open(path, "w", encoding="ascii") as file:
        file.write("[settings]\nformat = 1\ndefault = default\n")
        for number, name in enumerate(names):
            file.write(f"\n[relay {name}]\nprovider = custom\nhost = relay-{number:04}.example.net\nport = 587\n"
                       f"tls = starttls\nverify = name\nlogin = user-{number:04}\npassword-file = {password_file}\n")
        if sink:
            file.write(f"\n[relay sink]\nprovider = custom\nhost = 127.0.0.1\nport = {sink}\ntls = none\n"
                       "verify = none\nlogin =\n")
        file.write("\n[routes]\nsender =\n")
        if sink:
            file.write("\t@sink.test sink\n")
        for number in range(routes // 2):
            file.write(f"\t@domain-{number:06}.example.com {names[number % relays]}\n")
        file.write("recipient =\n")
        for number in range(routes // 2):
            file.write(f"\tdomain-{number:06}.example.org {names[number % relays]}\n")


def commands(bench, relaycon, path, rounds):
    """Median ms of each, for one size."""
    steps = {
        "apply": ["apply", path, "--no-test"],
        "apply again": ["apply", path, "--no-test"],
        "status": ["status"],
        "export": ["export"],
        "look-up (route test)": ["route", "test", "--from", f"me@{SAMPLE}", "--to", "you@elsewhere.test"],
        "one route more": ["route", "add", "--sender", "@one.more.test", "default"],
        "deconfigure": ["deconfigure"],
    }
    # As a user would: one after the other; the first has nothing to take away.
    took = bench.interleave(rounds, **{name: [*relaycon, *step] for name, step in steps.items()})
    return took


def growth(bench, folder, env, relaycon, rounds):
    took = {}
    for size, (routes, relays) in SIZES.items():
        path = os.path.join(folder, f"{size}.ini")
        settings(path, routes, relays, env["SANDBOX_PASSWORD_FILE"])
        took[size] = commands(bench, relaycon, path, rounds)
    print("100,000 routes with 1,000 relays, and how much longer than 10,000 with 100")
    for name, value in took["large"].items():
        bench.figure(name, value, "ms")
        bench.figure(f"{name}: {FACTOR} times as much takes", value / took["small"][name], "times", 1.2 * FACTOR)


# --- the rate of delivery -------------------------------------------------------------------------


class Machine:
    """One Postfix with its sink: mail from @sink.test goes there."""

    def __init__(self, bench, folder, name, routes, relays):
        self.folder = os.path.join(folder, name)
        subprocess.run([bench.SANDBOX, "start", self.folder], check=True)
        self.env = bench.environment(self.folder)
        # Ports below those that the kernel hands out, of which this sandbox chose its own.
        self.sink_port, self.smtp_port = (int(self.env[port]) for port in ("SANDBOX_PORT_REFUSED", "SANDBOX_PORT_CRAM"))
        config, provider = self.env["SANDBOX_CONFIG"], self.env["SANDBOX_PROVIDER_CONFIG"]
        subprocess.run(["postfix", "-c", provider, "stop"], check=True, capture_output=True)
        self.sink = subprocess.Popen(["smtp-sink", "-u", "postfix", f"127.0.0.1:{self.sink_port}", "256"])
        master = os.path.join(config, "master.cf")
        with open(master, encoding="ascii") as file:
            services = file.read()
        with open(master, "w", encoding="ascii") as file:
            file.write(f"{services}127.0.0.1:{self.smtp_port} inet n - y - - smtpd\n")
        os.utime(master, (time.time() - 3600,) * 2)
        path = os.path.join(folder, f"{name}.ini")
        settings(path, routes, relays, self.env["SANDBOX_PASSWORD_FILE"], self.sink_port)
        bench.timed([*bench.command(self.env), "apply", path, "--no-test"])
        self.log = open(self.env["SANDBOX_MACHINE_LOG"], "rb")

    def burst(self, mails):
        """Seconds for so many mails, from the first one's entry to the last one's delivery."""
        self.log.seek(0, os.SEEK_END)
        delivered, started = 0, time.perf_counter()
        subprocess.run(["smtp-source", "-s", "5", "-m", str(mails), "-f", "me@sink.test", "-t", "you@elsewhere.test",
                        f"127.0.0.1:{self.smtp_port}"], check=True, capture_output=True)
        while True:
            # Whole lines only: the last may still be growing.
            lines = self.log.readlines()
            if lines and not lines[-1].endswith(b"\n"):
                self.log.seek(-len(lines.pop()), os.SEEK_CUR)
            delivered += sum(b"status=sent" in line for line in lines)
            if delivered >= mails:
                return time.perf_counter() - started
            if time.perf_counter() - started > 120:
                raise TimeoutError(f"of {mails} mails {delivered} arrived")
            time.sleep(0.01)

    def close(self, bench):
        self.log.close()
        self.sink.terminate()
        self.sink.wait()
        subprocess.run([bench.SANDBOX, "stop", self.folder], check=False)


def rate(bench, folder):
    machines = []
    try:
        machines.append(Machine(bench, folder, "one", 0, 1))
        machines.append(Machine(bench, folder, "many", *SIZES["large"]))
        for machine in machines:
            machine.burst(WARM_UP)
        took = [[], []]
        for number in range(BURSTS):
            # Neither is always the first.
            for which in (0, 1) if number % 2 else (1, 0):
                took[which].append(machines[which].burst(MAILS))
    finally:
        for machine in machines:
            machine.close(bench)
    one, many = (MAILS / statistics.median(times) for times in took)
    # The median of the pairs: what was slow for one burst was slow for the other beside it.
    ratio = statistics.median(one_time / many_time for one_time, many_time in zip(*took))
    print("mail delivered with one route, and with 100,000")
    bench.figure("one route", one, "/s")
    bench.figure("100,000 routes", many, "/s")
    bench.figure("the rate with 100,000 / with one, lost", 1 - ratio, "", 0.05)


def large(bench, folder, env, relaycon, rounds):
    folder = os.path.join(folder, "many")
    os.mkdir(folder)
    os.chmod(folder, 0o711)
    growth(bench, folder, env, relaycon, rounds)
    rate(bench, folder)

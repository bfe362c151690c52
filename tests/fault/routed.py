"""routed.py: many relays, for the attacks: settings with routes as files for `apply`, and what must agree
between the files of Postfix at any instant.

    write(world)                     the settings files; paths by name: path(world, "hopped")
    disagreement(files, before, after)

The settings "hopped" have all that makes a change one of many files: two logins at one server, implicit TLS
beside STARTTLS, failover from one to the other and a rewritten sender (a hop each), routes for senders
and recipients. Mail without a route goes through B's server. "large" are these with so many routes that the
table is built by postmap; "simple" is the relay A alone.
"""
import os
import re

LARGE = 5100
HOP = re.compile(rb"(?m)^127\.0\.0\.1:(\d+) +inet\b.*\n +-o syslog_name=postfix/(\S+)")
SEAL = re.compile(rb'"sha256":"[0-9a-f]{64}"')
WAY = re.compile(rb"([\w-]+):?(\S*)")


def relay(world, name, port, login, **more):
    env = world.env
    number = "2" if login == "SANDBOX_LOGIN2" else ""
    lines = {"provider": "custom", "host": env["SANDBOX_HOST"], "port": env[port],
             "tls": "implicit" if port == "SANDBOX_PORT_IMPLICIT" else "starttls", "verify": "name",
             "ca-file": env["SANDBOX_CA"], "login": env[login],
             "password-file": env[f"SANDBOX_PASSWORD{number}_FILE"], **more}
    return f"[relay {name}]\n" + "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in lines.items())


def routed(world, senders):
    return "\n".join([
        "[settings]\nformat = 1\ndefault = default\n",
        relay(world, "default", "SANDBOX_PORT_IMPLICIT", "SANDBOX_LOGIN2"),
        relay(world, "first", "SANDBOX_PORT", "SANDBOX_LOGIN"),
        relay(world, "second", "SANDBOX_PORT", "SANDBOX_LOGIN2", fallback="default"),
        relay(world, "strict", "SANDBOX_PORT_CRAM", "SANDBOX_LOGIN2", sender_rewrite="relay@example.com"),
        "[routes]\nsender =\n\t@one.test first\n\t@two.test second\n\t@three.test strict\n\t@four.test direct\n"
        + "".join(f"\t@domain-{number:05}.test {name}\n" for number, name in senders)
        + "recipient =\n\tcustomer.test direct\n\tpartner.test second\n"])


def path(world, name):
    return os.path.join(world.folder, f"{name}.ini")


def write(world):
    texts = {
        "simple": "[settings]\nformat = 1\ndefault = default\n\n" + relay(world, "default", "SANDBOX_PORT", "SANDBOX_LOGIN"),
        "hopped": routed(world, []),
        "large": routed(world, ((number, "first" if number % 2 else "second") for number in range(LARGE))),
    }
    for name, text in texts.items():
        with open(path(world, name), "w", encoding="ascii") as file:
            file.write(text)


def plain(files):
    """Files as they compare: a hop's port, which is whatever was free, by the hop's name (and what is sealed
    with it, without the seal); a built table without the number that Berkeley DB gives each file (DBMETA.uid)."""
    ports = HOP.findall(files.get("config/master.cf", (0, 0, 0, b""))[3])
    found = {}
    for name, (mode, owner, group, content) in files.items():
        if name.startswith("config/relaycon_") and name.endswith(".db"):
            content = content[:52] + bytes(20) + content[72:]
        else:
            for port, label in ports:
                content = content.replace(b"127.0.0.1:" + port, b"127.0.0.1:" + label)
                content = content.replace(b"[127.0.0.1]:" + port, b"[127.0.0.1]:" + label)
            if ports and name.startswith("state/"):
                content = SEAL.sub(b"", content)
        found[name] = (mode, owner, group, content)
    return found


def lines_of(table):
    """{key: value}; the first of two alike, as Postfix has it."""
    found = {}
    for line in table.split(b"\n"):
        key, blank, value = line.partition(b" ")
        if blank and not line.startswith(b"#"):
            found.setdefault(key, value)
    return found


def twice(table):
    """Keys that smtp(8) would not open the table for."""
    keys = [line.partition(b" ")[0].lower() for line in table.split(b"\n") if line and not line.startswith(b"#")]
    return sorted({key for key in keys if keys.count(key) > 1})


def text(files, name):
    return files[name][3] if name in files else b""


def named(files):
    """(tables of ours that main.cf and master.cf name, ways that they and the tables of routes lead to)"""
    both = text(files, "config/main.cf") + text(files, "config/master.cf")
    both = re.sub(rb"(?m)^#.*\n", b"", both)
    tables = set(re.findall(rb"(?:texthash|hash|regexp):\S*/(relaycon_\w+)", both))
    tables |= {table + b".db" for table in re.findall(rb"\bhash:\S*/(relaycon_\w+)", both)}
    ways = re.findall(rb"(?m)^(?:default|relay)_transport = (relaycon\S*)", both)
    ways += re.findall(rb"-o content_filter=(relaycon\S*)", both)
    for table in tables:
        if table.endswith(b"_routes"):
            ways += lines_of(text(files, "config/" + table.decode())).values()
    return tables, {way for way in ways if way.startswith(b"relaycon")}


def disagreement(files, *states):
    """Between main.cf, master.cf and our tables, now; `states` are the files before and after. As sentences."""
    wrong = []
    tables, ways = named(files)
    master = text(files, "config/master.cf")
    services = set(re.findall(rb"(?m)^([^\s#]+)\s+(?:unix|inet)\s", master))
    wrong += [f"{table.decode()} is named and not there" for table in tables if f"config/{table.decode()}" not in files]
    wrong += [f"{name}: {key.decode()} is there twice" for name in ("config/relaycon_sasl_passwd", "config/relaycon_tls_policy")
              for key in twice(text(files, name))]
    logins = lines_of(text(files, "config/relaycon_sasl_passwd"))
    policy = lines_of(text(files, "config/relaycon_tls_policy"))
    right = [lines_of(text(state, "config/relaycon_sasl_passwd")) for state in states]
    hops = set(re.findall(rb"-o smtp_fallback_relay=(\[\S+)", master))
    for way in ways:
        service, nexthops = WAY.match(way).groups()
        if service not in services:
            wrong.append(f"{way.decode()}: there is no such service")
        hops.update(hop for hop in nexthops.split(b",") if hop.startswith(b"[127.0.0.1]"))
        for nexthop in filter(None, nexthops.split(b",")):
            if nexthop in hops:
                continue
            if nexthop not in logins or logins[nexthop] not in [state.get(nexthop) for state in right]:
                wrong.append(f"{way.decode()}: without its own login")
            if not policy.get(nexthop, b"").startswith(b"secure"):
                wrong.append(f"{way.decode()}: its TLS policy is {policy.get(nexthop)!r}")
    wrong += [f"{hop.decode()} is named, and no hop is there" for hop in hops
              if hop.replace(b"[", b"").replace(b"]", b"") not in services]
    wrong += [f"cleanup service {name.decode()} is named and not there"
              for name in re.findall(rb"-o cleanup_service_name=(\S+)", master) if name not in services]
    return [f"at the instant: {sentence}" for sentence in wrong]

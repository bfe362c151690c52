"""table.py: the hostile relays: what each does, and how the test of relaycon must end.

Most are a grid: each step of the conversation with each of ACTIONS. The rest is listed one by one.
"""
import base64
import collections

# seconds: what it may take at most, beyond a few for a busy machine. heard: it gets a login, rightly.
# screen: also shown on the console.
Relay = collections.namedtuple("Relay", "name script causes code tls verify certificate seconds heard screen flood words")
Relay.__new__.__defaults__ = ("starttls", "name", "honest", 0, False, False, None, None)

STEP, TOTAL = 15, 45  # PROBE_STEP_TIMEOUT_MS, PROBE_TOTAL_TIMEOUT_MS
LOOKS = 4             # the second looks whether a silent port speaks TLS

INVALID = "".join(map(chr, b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"))


def utf8(text):
    return text.encode("utf-8").decode("latin-1")


DIRTY = ("\0\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1bP+q\x1b\\\x9b31m\x9d0;owned\x9c\r\x08\x7f\x0e\x05\x07" +
         utf8("\u202egnp.exe\u202c \u2066x\u2069 \u200b\ufeff\u2028\u2029\u00ad\u034f\u115f\u3164\ufe0f\U000e0041\U000e0100"
              " \u0085\u009b2J \ufdd0\U0001fffe\ufff9 ") + INVALID)
ZALGO = utf8("z" + "\u0301\u0336\u0488" * 60 + " a\u20dd\u20e3\u0e47 " + "\u0ec8" * 40)
WIDE = utf8("\uff37\uff29\uff24\uff25 \u4e2d\u6587 \U0001f469\u200d\U0001f4bb \U0001f1e9\U0001f1ea \u05d0\u05d1\u05d2 "
            "\u0645\u0631\u062d\u0628\u0627 \ue000\U000f0000 \ufdfd \u2588\u2502\u250c\u0378\U0003fffd ") * 6
EVERY_BYTE = "".join(chr(byte) for byte in range(256) if byte != 10)
SHOWN = ("dirty", "zalgo", "wide", "every byte")

OK = ("none", 0)
STEPS = ("greeting", "ehlo", "starttls", "ehlo_tls", "auth")
HUNG_UP = dict.fromkeys(STEPS, ("hung-up", 69))
REFUSED = {"greeting": ("greeting-refused", 69), "ehlo": ("ehlo-refused", 69), "starttls": ("tls-refused", 69),
           "ehlo_tls": ("ehlo-refused", 69), "auth": ("auth-refused", 77)}
LATER = {"greeting": ("greeting-temporary", 75), "ehlo": ("temporary", 75), "starttls": ("tls-refused", 75),
         "ehlo_tls": ("temporary", 75), "auth": ("auth-temporary", 75)}
SHUTTING_DOWN = {**LATER, "starttls": ("temporary", 75)}
NO_REPLY = {**dict.fromkeys(STEPS, ("protocol", 69)), "greeting": ("not-smtp", 69)}
TOO_MUCH = dict.fromkeys(STEPS, ("protocol", 69))
TOO_LATE = dict.fromkeys(STEPS, ("timed-out", 69))
ASKS_ON = {**REFUSED, "auth": ("protocol", 69)}
FAKE_235 = {"greeting": OK, "ehlo": ("tls-not-offered", 69), "starttls": ("hung-up", 69), "ehlo_tls": ("auth-not-offered", 69),
            "auth": OK}

# name: (action, how it ends at each step, seconds it may take)
ACTIONS = {
    "closes": ("@close", HUNG_UP, 0),
    # The reset of a greeting may come before we see that the connection stood.
    "resets": ("@reset", {**HUNG_UP, "greeting": (("hung-up", "refused"), 69)}, 0),
    "closes in a reply": ("@then:@raw:25|@close", {**HUNG_UP, "greeting": ("not-smtp", 69)}, 0),
    "says nothing": ("@silent", TOO_LATE, STEP + LOOKS),
    "one byte a second": ("@drip:250-" + "slow " * 40, TOO_LATE, STEP + LOOKS),
    "421": ("421 4.3.2 Shutting down", SHUTTING_DOWN, 0),
    "450": ("450 4.7.1 Not now", LATER, 0),
    "550": ("550 5.7.1 No", REFUSED, 0),
    "354": ("354 Go on", {**REFUSED, "auth": ("protocol", 69)}, 0),
    "334": ("334 PGhvc3RpbGU+", ASKS_ON, 0),
    "235": ("@then:235 2.7.0 Welcome|@default", FAKE_235, 0),
    "000": ("000 nothing", NO_REPLY, 0),
    "999": ("999 everything", NO_REPLY, 0),
    "half a code": ("@raw:25\r\n", NO_REPLY, 0),
    "empty lines": ("@raw:\r\n\r\n\r\n", NO_REPLY, 0),
    "UTF-16": ("@raw:" + "550 no\r\n".encode("utf-16").decode("latin-1"), NO_REPLY, 0),
    "every byte": ("@raw:550 " + EVERY_BYTE + "\r\n", REFUSED, 0),
    "dirty": ("@raw:550-5.7.1 " + DIRTY + "\r\n550 5.7.1 " + DIRTY + "\r\n", REFUSED, 0),
    "zalgo": ("@raw:550 " + ZALGO + "\r\n", REFUSED, 0),
    "wide": ("@raw:550 " + WIDE + "\r\n", REFUSED, 0),
    "dirty, and no reply": ("@raw:" + DIRTY + "\r\n", NO_REPLY, 0),
    "bare line ends": ("@raw:550-5.7.1 one\r550 two\n550 5.7.1 three\n", REFUSED, 0),
    "NULs": ("@raw:550 \0\0\0" + "\0" * 1000 + "\r\n", REFUSED, 0),
    "a hundred long lines": ("@raw:" + ("550-" + "x" * 2000 + "\r\n") * 99 + "550 x\r\n", REFUSED, 0),
    "continues for ever": ("@flood:550-more\r\n", TOO_MUCH, 0),
    "a line of megabytes": ("@then:@megabyte|@megabyte|@megabyte|@megabyte", TOO_MUCH, 0),
    "a line for ever": ("@flood:5", TOO_MUCH, 0),
    "NULs for ever": ("@flood:\0", TOO_MUCH, 0),
}
# A "235" without more at these steps: the relay goes on as if nothing had been asked.
QUIET_235 = {"ehlo": "235 2.7.0 Welcome", "ehlo_tls": "235 2.7.0 Welcome", "starttls": "@then:235 2.7.0 Welcome|@close",
             "auth": "235 2.7.0 Welcome", "greeting": "235 2.7.0 Welcome"}


def grid():
    for called, (action, ends, seconds) in ACTIONS.items():
        for step in STEPS:
            cause, code = ends[step]
            act = QUIET_235[step] if called == "235" else action
            yield one(f"{step}: {called}", {step: act}, cause, code, seconds=seconds,
                      heard=step == "auth" or cause == "none", screen=called in SHOWN)


def one(name, script, cause, code, **more):
    return Relay(name, script, cause if isinstance(cause, tuple) else (cause,), code, **more)


def record(kind, body, version="\x03\x03"):
    return chr(kind) + version + chr(len(body) >> 8) + chr(len(body) & 255) + body


ALERT, CHANGE, HANDSHAKE, DATA = 21, 20, 22, 23
HELLO_REQUEST = record(HANDSHAKE, "\0\0\0\0")


def handshakes():
    """In place of the handshake, or in the middle of it."""
    raw = {
        "a fatal alert": ("@bare:" + record(ALERT, "\x02\x28"), ("tls-handshake",)),
        "warnings for ever": ("@bare-flood:" + record(ALERT, "\x01\x5a"), ("tls-handshake",)),
        "asks for a handshake for ever": ("@bare-flood:" + HELLO_REQUEST, ("tls-handshake", "timed-out")),
        "changes ciphers for ever": ("@bare-flood:" + record(CHANGE, "\x01"), ("tls-handshake", "timed-out")),
        "empty records for ever": ("@bare-flood:" + record(HANDSHAKE, ""), ("tls-handshake", "timed-out")),
        "data for ever": ("@bare-flood:" + record(DATA, "x" * 64), ("tls-handshake",)),
        "a record that is too long": ("@bare:\x16\x03\x03\xff\xff" + "x" * 65535, ("tls-handshake",)),
        "a message of 16 MB": ("@then:@bare:\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + "x" * 16380 + "|@bare-flood:" +
                               record(HANDSHAKE, "x" * 16000), ("tls-handshake",)),
        "SSL 2": ("@bare:\x80\x2e\x01\x00\x02" + "x" * 43, ("tls-handshake", "tls-injection", "not-smtp")),
        "says nothing": ("@silent", ("timed-out",)),
        "closes": ("@close", ("hung-up",)),
        "resets": ("@reset", ("hung-up", "refused")),
        "half a flight, then closes": ("@half:300:@close", ("hung-up",)),
        "half a flight, then resets": ("@half:300:@reset", ("hung-up",)),
        "half a flight, then nothing": ("@half:300:@silent", ("timed-out",)),
        "three bytes, then nothing": ("@half:3:@silent", ("timed-out",)),
        "half a flight, then plain text": ("@half:300:250 I changed my mind", ("timed-out",)),
        "one byte at a time": ("@drip-flight:0.2", ("timed-out",)),
    }
    for called, (action, causes) in raw.items():
        action = action if action.startswith("@half") or action.startswith("@drip") else "@hello:" + action
        slow = STEP if "timed-out" in causes else 0
        yield one(f"handshake: {called}", {"handshake": action}, causes, 69, seconds=slow)
        yield one(f"handshake, implicit: {called}", {"handshake": action}, causes, 69, seconds=slow, tls="implicit")
    yield one("handshake: dirty plain text", {"handshake": "@hello:@raw:550 " + DIRTY + "\r\n"}, "tls-injection", 69, screen=True)
    yield one("handshake, implicit: dirty plain text", {"handshake": "@hello:@raw:550 " + DIRTY + "\r\n"}, "tls-wrong-port-kind", 69,
              tls="implicit", screen=True)
    yield one("handshake: injected, dirty", {"inject": "250 " + DIRTY + "\r\n"}, "tls-injection", 69, screen=True)
    yield one("handshake: injected a moment later", {"starttls": "@then:@raw:220 go\r\n|@slow:0.1:@raw:250 AUTH PLAIN\r\n"},
              "tls-injection", 69)
    for version in ("TLSv1_2", "TLSv1_3"):
        yield one(f"wants our certificate, {version}", {"client_certificate": True, "tls_only": version},
                  ("tls-handshake", "hung-up"), 69)


def under_tls():
    yield one("TLS, garbage in place of a record", {"ehlo_tls": "@bare:" + record(DATA, "x" * 64)}, "tls-handshake", 69)
    yield one("TLS, an alert in place of a reply", {"ehlo_tls": "@bare:" + record(ALERT, "\x02\x28")}, "tls-handshake", 69)
    yield one("TLS, plain text in place of a reply", {"ehlo_tls": "@bare:250 AUTH PLAIN\r\n"}, "tls-handshake", 69)
    yield one("TLS, half a record, then closes", {"ehlo_tls": "@torn:250 hostile.test"}, "hung-up", 69)
    yield one("TLS, half a record, then resets", {"ehlo_tls": "@torn-reset:250 hostile.test"}, "hung-up", 69)
    yield one("TLS, half a record at the login, then closes", {"auth": "@torn:235 2.7.0 Ok"}, "hung-up", 69, heard=True)
    yield one("TLS, good-bye in place of a reply", {"ehlo_tls": "@bye"}, "hung-up", 69)
    for flood, cause, seconds in (
            ("key-updates", ("timed-out", "tls-handshake"), STEP), ("key-updates-wanted", ("timed-out", "tls-handshake"), STEP),
            ("key-updates-at-login", ("timed-out", "tls-handshake"), STEP), ("tickets", ("timed-out", "tls-handshake"), STEP),
            ("tickets-at-login", ("timed-out", "tls-handshake"), STEP), ("renegotiations", ("timed-out", "tls-handshake", "hung-up"), STEP),
            ("renegotiations-at-login", ("timed-out", "tls-handshake", "hung-up"), STEP), ("key-update-each-reply", "none", 0),
            ("hundred-tickets-each-reply", "none", 0), ("good-bye", "hung-up", 0), ("good-bye-12", "hung-up", 0)):
        yield one(f"TLS, {flood}", {}, cause, 0 if cause == "none" else 69, tls="implicit", flood=flood, seconds=seconds,
                  heard=cause == "none" or "login" in flood)


def certificates():
    for called, cause in (
            ("hundred names", "none"), ("hundred other names", "certificate-wrong-name"),
            ("3000 names", "none"), ("3000 other names", "certificate-wrong-name"), ("10000 names", "tls-handshake"),
            ("nul in a name", "certificate-wrong-name"), ("nul in the common name", "certificate-wrong-name"),
            ("dirty names", "certificate-wrong-name"), ("dirty subject", "certificate-wrong-name"),
            ("dirty subject of each kind", "certificate-wrong-name"),
            ("dirty issuer", "certificate-unknown-issuer"), ("zalgo issuer", "certificate-unknown-issuer"),
            ("a subject of 60 kB", "certificate-wrong-name"), ("no subject", "certificate-wrong-name"),
            ("too wild a card", "certificate-wrong-name"), ("names that are none", "certificate-wrong-name"),
            ("impossible dates", "certificate-invalid"), ("expired in the year 1", "certificate-expired"),
            ("dirty and expired", "certificate-expired"), ("unknown and critical", "certificate-invalid"),
            ("for clients only", "certificate-invalid"), ("fifty authorities unknown", "certificate-invalid"),
            # Postfix (smtp_tls_scert_verifydepth) takes ten and refuses twelve.
            ("10 authorities", "none"), ("12 authorities", "certificate-invalid"),
            ("three hundred authorities", "tls-handshake"), ("four megabytes", "tls-handshake")):
        yield one(f"certificate: {called}", {}, cause, 0 if cause == "none" else 69, certificate=called, heard=cause == "none",
                  screen="dirty" in called or "nul" in called or "zalgo" in called)
        if "handshake" not in cause:
            yield one(f"certificate, nobody asks: {called}", {}, "none", 0, certificate=called, verify="none", heard=True,
                      screen="dirty" in called)


def b64(text):
    return base64.b64encode(text.encode("latin-1")).decode()


def logins():
    def at(name, script, cause, code=69, **more):
        return one(f"login: {name}", {"other": "535 5.7.8 No", **script}, cause, code, heard=True, **more)

    def mechanism(word):
        return {"mechanisms": [word]}

    yield at("questions for ever", {"auth": "@challenges"}, "protocol")
    yield at("empty questions for ever", {"mechanisms": ["LOGIN"], "auth": "@flood:334 \r\n"}, "protocol")
    yield at("a question of a megabyte", {"auth": "@then:@raw:334 |@flood:QUFB"}, "protocol")
    yield at("a question of 2000 bytes", {"auth": "334 " + "QUFB" * 500}, "protocol")
    yield at("a question on many lines", {"auth": "334-QUFB\n334-QUFB\n334 QUFB"}, "protocol")
    yield at("a dirty question", {"auth": "@raw:334 " + DIRTY + "\r\n"}, "protocol", screen=True)
    yield at("235 before the password was asked for", {**mechanism("LOGIN"), "auth": "235 2.7.0 Welcome"}, "none", 0)
    yield at("235 ahead of the login", {"ehlo_tls": "250-x\n250 AUTH PLAIN\n235 2.7.0 Welcome"}, "protocol")._replace(heard=False)
    yield at("235 a moment ahead of the login",
             {"ehlo_tls": "@then:@raw:250-x\r\n250 AUTH PLAIN\r\n235 2.7.0 Wel|@slow:0.05:@raw:come\r\n"},
             ("protocol", "none", "auth-refused"))._replace(heard=None)
    yield at("replies ahead of everything", {"greeting": "220 x\n250-x\n250 STARTTLS\n220 go"}, "protocol", 69)._replace(heard=False)
    yield at("our words as its own", {"auth": "@echo"}, "auth-refused", 77, screen=True)
    yield at("the password in its refusal", {"auth": "@echo-password"}, "auth-refused", 77, screen=True)
    yield at("our words and no reply", {"auth": "@echo-bare"}, "protocol")
    yield at("CRAM-MD5, empty question", {**mechanism("CRAM-MD5"), "auth": "334 "}, "auth-refused", 77)
    yield at("CRAM-MD5, dirty question", {**mechanism("CRAM-MD5"), "auth": "334 " + b64(DIRTY * 4)}, "auth-refused", 77)
    yield at("DIGEST-MD5, nonsense", {**mechanism("DIGEST-MD5"), "auth": "334 " + b64("nonce=" + DIRTY)}, "protocol")
    yield at("DIGEST-MD5, a thousand realms", {**mechanism("DIGEST-MD5"), "auth": "334 " + b64("realm=\"a\"," * 130)[:1900]}, "protocol")
    yield at("SCRAM, another nonce", {**mechanism("SCRAM-SHA-1"), "auth": "334 " + b64("r=x,s=QUFB,i=4096")}, ("protocol", "auth-refused"))
    yield at("SCRAM, four billion rounds", {**mechanism("SCRAM-SHA-1"), "auth": "@scram:4294967295"}, "protocol")
    yield at("SCRAM, no rounds", {**mechanism("SCRAM-SHA-1"), "auth": "@scram:0"}, "auth-refused", 77)
    yield at("SCRAM, rounds below none", {**mechanism("SCRAM-SHA-1"), "auth": "@scram:-5"}, "protocol")
    yield at("offered before TLS only", {"mechanisms": [], "plain_mechanisms": ["PLAIN"]}, "auth-not-offered")._replace(heard=False)
    yield at("a hundred mechanisms, all dirty", {"ehlo_tls": "@raw:250-x\r\n250 AUTH " + (DIRTY + " ") * 4 + "X-\x1b\r\n"},
             "auth-not-offered", screen=True)._replace(heard=False)
    yield at("QUIT, and it never ends", {"other": "@silent", "quit": "@silent"}, "none", 0)


def paces():
    yield one("each step just in time", {step: f"@slow:{STEP - 1.5}:@default" for step in STEPS}, "timed-out", 69, seconds=TOTAL)
    yield one("each step in drips", {step: "@drips:0.5:" + "250-" + "slow" * 5 for step in STEPS}, "timed-out", 69, seconds=STEP + LOOKS)
    yield one("each step drips its reply just in time", {
        "greeting": "@drips:0.3:220 slow but sure, a byte at a time oh", "ehlo": "@drips:0.3:250 STARTTLS is not what it says here",
    }, ("tls-not-offered", "timed-out"), 69, seconds=TOTAL)
    yield one("accepts nobody", {"never_accepts": True}, "timed-out", 69, seconds=STEP + LOOKS)
    yield one("a queue of none, and full", {"never_accepts": True, "full": True}, "timed-out", 69, seconds=STEP + LOOKS)


def relays():
    found = [*grid(), *handshakes(), *under_tls(), *certificates(), *logins(), *paces()]
    assert len({relay.name for relay in found}) == len(found)
    return found

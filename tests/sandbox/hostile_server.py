#!/usr/bin/python3
"""A scriptable SMTP server for what a real one would never do. Loopback only.

    hostile_server.py --port-file F --cert C --key K [--implicit] --script NAME_OR_JSON
                      [--log F] [--login USER:PASSWORD] [--host 127.0.0.1] [--list]

A script is a table: what to do at each step. --script takes a name of SCRIPTS, or the same table
as JSON, laid over "good". Steps: greeting, ehlo, ehlo_tls (after STARTTLS), starttls, handshake,
auth, rcpt, other. What is done is one of
    "250 text"            a reply; "\\n" in it separates lines, each sent with CRLF
    "@raw:..."            these bytes (latin-1), nothing added
    "@close", "@reset"    hang up, politely or with RST
    "@silent"             say nothing, keep the connection
    "@drip:text"          the text and CRLF, one byte a second
    "@endless:line"       the line for ever
    "@megabyte"           one line of a megabyte
    "@hello-requests"     in a handshake: asks for a handshake for ever, which TLS clients ignore
    "@slow:SECONDS:text"  the reply, later
    "@then:A|B"           A, then B
    "@default"            what a good server does
Further keys: mechanisms (a list; offered under TLS), plain_mechanisms (offered without TLS),
auth_word ("AUTH " or the old "AUTH="), starttls_offered, tls_max ("TLSv1", "TLSv1.2"), inject
(bytes sent in the same packet as the 220 to STARTTLS).

The log has one JSON object a line: {"connection", "event", ...}. Events: connect, command (line as
received, so that a test can look for a password; tls true or false), response (a SASL response),
tls (version), login (ok, user), mail (sender, recipients, size), close (client_flights: runs of
client data with something of ours sent in between).
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
import warnings

DIRTY = ("\x00\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u200b\x9b31m\r\x08 bell\x07 "
         ).encode("utf-8").decode("latin-1") + "\xff\xfe"

SCRIPTS = {
    "good": {},
    "cram": {"mechanisms": ["CRAM-MD5"], "plain_mechanisms": ["CRAM-MD5"]},
    "login-only": {"mechanisms": ["LOGIN"]},
    "old-auth": {"auth_word": "AUTH="},
    "no-starttls": {"starttls_offered": False, "plain_mechanisms": ["PLAIN", "LOGIN"]},
    "no-starttls-no-auth": {"starttls_offered": False},
    "starttls-refused": {"starttls": "502 5.5.1 Not today"},
    "starttls-454": {"starttls": "454 4.7.0 TLS not available due to local problem"},
    "injection": {"inject": "250-evil.example\r\n250 AUTH PLAIN\r\n"},
    "late-injection": {"handshake": "454 4.7.0 changed my mind"},
    "greeting-554": {"greeting": "554 5.7.1 No SMTP service here for you"},
    "greeting-421": {"greeting": "421 4.3.2 All servers busy, come back later"},
    "http": {"greeting": "@raw:HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"},
    "ssh": {"greeting": "@raw:SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"},
    "garbage": {"greeting": "@raw:\x00\x01\x02\x80\xff\xfe\x1b[2Jgarbage\r\n"},
    "silent": {"greeting": "@silent"},
    "silent-ehlo": {"ehlo": "@silent"},
    "silent-auth": {"auth": "@silent"},
    "silent-handshake": {"handshake": "@silent"},
    "hello-requests": {"handshake": "@hello-requests"},
    "early-235": {"ehlo_tls": "250-hostile.test\n250 AUTH PLAIN\n235 2.7.0 Welcome"},
    "early-ehlo": {"greeting": "220 hostile.test\n250 AUTH PLAIN"},
    "early-421": {"greeting": "220 hostile.test\n421 4.3.2 Shutting down"},
    "quotes-login": {"auth": "535-5.7.8 no: AUTH PLAIN cmVsYXktdXNlcgByZWxheS11c2VyAGNvcnJlY3QgaG9yc2U=\n"
                             "535 5.7.8 cmVsYXktdXNlcgByZWxheS11c2VyAGNvcnJ... Y29ycmVjdCBob3JzZQ== (correct horse)"},
    "quotes-no-reply": {"auth": "AUTH PLAIN cmVsYXktdXNlcgByZWxheS11c2VyAGNvcnJlY3QgaG9yc2U="},
    "drip": {"greeting": "@drip:220 slow.example ESMTP as slow as can be"},
    "endless-greeting": {"greeting": "@endless:220-more to come"},
    "endless-ehlo": {"ehlo": "@endless:250-X-MORE to come"},
    "endless-auth": {"auth": "@endless:535-and another thing"},
    "megabyte-greeting": {"greeting": "@megabyte"},
    "megabyte-ehlo": {"ehlo": "@megabyte"},
    "huge-ehlo": {"ehlo": "@raw:" + "".join(f"250-X-{n}\r\n" for n in range(5000)) + "250 OK\r\n"},
    "dirty": {"greeting": "@raw:220 nice " + DIRTY + "\r\n", "auth": "@raw:535 5.7.8 " + DIRTY + "no\r\n"},
    "malformed-ehlo": {"ehlo": "@raw:25\r\nwhat\r\n"},
    "close-greeting": {"greeting": "@close"},
    "reset-greeting": {"greeting": "@reset"},
    "close-ehlo": {"ehlo": "@close"},
    "close-starttls": {"starttls": "@close"},
    "close-handshake": {"handshake": "@close"},
    "close-ehlo-tls": {"ehlo_tls": "@close"},
    "close-auth": {"auth": "@close"},
    "ehlo-550": {"ehlo": "550 5.7.1 Your name is on a list"},
    "helo-only": {"ehlo": "502 5.5.1 What is EHLO?"},
    "421-ehlo": {"ehlo": "421 4.3.2 Shutting down"},
    "421-starttls": {"starttls": "421 4.3.2 Shutting down"},
    "421-ehlo-tls": {"ehlo_tls": "421 4.3.2 Shutting down"},
    "421-auth": {"auth": "421 4.7.0 Too many connections"},
    "530-ehlo": {"ehlo": "530 5.7.0 Authentication required"},
    "auth-535": {"auth": "535-5.7.8 Username and Password not accepted.\n535 5.7.8 See https://example.test/help"},
    "auth-454": {"auth": "454 4.7.0 Temporary authentication failure"},
    "auth-suspended": {"auth": "535 5.7.0 Your account has been suspended"},
    "auth-not-activated": {"auth": "502 5.7.0 Your SMTP account is not yet activated. Contact us"},
    "auth-538": {"auth": "538 5.7.11 Encryption required for requested authentication mechanism"},
    "auth-endless": {"auth": "@challenges"},
    "auth-bad-challenge": {"auth": "334 ***not base64***"},
    "auth-before-tls-only": {"mechanisms": [], "plain_mechanisms": ["PLAIN", "LOGIN"]},
    "auth-xoauth2": {"mechanisms": ["XOAUTH2", "OAUTHBEARER"]},
    "auth-modules": {"mechanisms": ["PLAIN", "LOGIN"]},
    "auth-none": {"mechanisms": []},
    "tls10": {"tls_max": "TLSv1"},
    "tls12": {"tls_max": "TLSv1.2"},
    "slow": {step: "@slow:0.2:@default" for step in ("greeting", "ehlo", "starttls", "ehlo_tls", "auth")},
}


class Hangup(Exception):
    """The connection is over, by our will or the client's."""


class Channel:
    """A socket with TLS on top later; counts the client's flights on the wire."""

    def __init__(self, sock):
        self.sock = sock
        self.tls = None
        self.flights = 0
        self.we_spoke = True
        self.pending = b""

    def _recv_raw(self):
        try:
            chunk = self.sock.recv(65536)
        except OSError as error:
            raise Hangup from error
        if not chunk:
            raise Hangup
        if self.we_spoke:
            self.flights += 1
            self.we_spoke = False
        return chunk

    def _send_raw(self, data):
        if not data:
            return
        self.we_spoke = True
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Hangup from error

    def send(self, data):
        if self.tls:
            self.tls.write(data)
            data = self.outgoing.read()
        self._send_raw(data)

    def _receive(self):
        if not self.tls:
            return self._recv_raw()
        while True:
            try:
                data = self.tls.read(65536)
                if not data:
                    raise Hangup
                return data
            except ssl.SSLWantReadError:
                self.incoming.write(self._recv_raw())
            except ssl.SSLError as error:
                raise Hangup from error

    def line(self):
        while b"\n" not in self.pending:
            if len(self.pending) > 1 << 16:
                raise Hangup
            self.pending += self._receive()
        line, self.pending = self.pending.split(b"\n", 1)
        return line.rstrip(b"\r")

    def start_tls(self, context):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.incoming.write(self.pending)
        self.pending = b""
        while True:
            try:
                tls.do_handshake()
                self._send_raw(self.outgoing.read())
                self.tls = tls
                return tls.version()
            except ssl.SSLWantReadError:
                self._send_raw(self.outgoing.read())
                self.incoming.write(self._recv_raw())
            except ssl.SSLError as error:
                self._send_raw(self.outgoing.read())
                raise Hangup from error


class Session:
    def __init__(self, server, sock, number):
        self.server = server
        self.script = server.script
        self.channel = Channel(sock)
        self.sock = sock
        self.number = number
        self.sender = None
        self.recipients = []

    def log(self, event, **facts):
        self.server.log({"connection": self.number, "event": event, **facts})

    def reply(self, text):
        self.channel.send(b"".join(line.encode("latin-1", "replace") + b"\r\n" for line in text.split("\n")))

    def act(self, step, default):
        """What the script says for this step, else the default, which is text or a function."""
        self.perform(self.script.get(step, "@default"), default)

    def perform(self, action, default):
        word, _, rest = action.partition(":")
        if action == "@default":
            if callable(default):
                default()
            else:
                self.reply(default)
        elif word == "@raw":
            self.channel.send(rest.encode("latin-1"))
        elif word == "@close":
            raise Hangup
        elif word == "@reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise Hangup
        elif word == "@silent":
            while True:
                self.channel._recv_raw()
        elif word == "@drip":
            for byte in rest.encode("latin-1") + b"\r\n":
                self.channel.send(bytes([byte]))
                time.sleep(1)
        elif word == "@endless":
            while True:
                self.channel.send((rest.encode("latin-1") + b"\r\n") * 100)
        elif word == "@megabyte":
            self.channel.send(b"250 " + b"x" * (1 << 20) + b"\r\n")
        elif word == "@hello-requests":
            self.channel._recv_raw()
            while True:
                self.channel._send_raw(b"\x16\x03\x03\0\x04\0\0\0\0" * 1000)
        elif word == "@slow":
            seconds, _, then = rest.partition(":")
            time.sleep(float(seconds))
            self.perform(then, default)
        elif word == "@then":
            for part in rest.split("|"):
                self.perform(part, default)
        elif word == "@challenges":
            while True:
                self.reply("334 " + base64.b64encode(b"again?").decode())
                self.log("response", line=self.channel.line().decode("latin-1"))
        else:
            self.reply(action)

    # --- what a good server does ---

    def ehlo(self):
        offers = ["hostile.test at your service", "PIPELINING", "SIZE 10240000", "8BITMIME"]
        secure = self.channel.tls is not None
        if not secure and self.script.get("starttls_offered", True) and not self.server.implicit:
            offers.append("STARTTLS")
        key = "mechanisms" if secure else "plain_mechanisms"
        mechanisms = self.script.get(key, ["PLAIN", "LOGIN"] if secure else [])
        if mechanisms:
            offers.append(self.script.get("auth_word", "AUTH ") + " ".join(mechanisms))
        self.reply("\n".join(f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers))

    def starttls(self):
        self.channel.send(b"220 2.0.0 Ready to start TLS\r\n" + self.script.get("inject", "").encode("latin-1"))
        self.act("handshake", self.handshake)

    def handshake(self):
        self.log("tls", version=self.channel.start_tls(self.server.context))

    def challenge(self, text):
        self.reply("334 " + base64.b64encode(text).decode())
        line = self.channel.line()
        self.log("response", line=line.decode("latin-1"), tls=self.channel.tls is not None)
        if line == b"*":
            raise ValueError("cancelled")
        return base64.b64decode(line, validate=True)

    def auth(self, words):
        user, password = self.server.login
        try:
            mechanism = words[1].upper()
            initial = base64.b64decode(words[2], validate=True) if len(words) > 2 else None
            if mechanism == "PLAIN":
                got = (initial if initial is not None else self.challenge(b"")).split(b"\0")[1:]
                ok = got == [user, password]
            elif mechanism == "LOGIN":
                got = [initial if initial is not None else self.challenge(b"Username:")]
                got.append(self.challenge(b"Password:"))
                ok = got == [user, password]
            elif mechanism == "CRAM-MD5":
                nonce = f"<{self.number}.{time.time_ns()}@hostile.test>".encode()
                got = self.challenge(nonce).split(b" ")
                ok = got == [user, hmac.new(password, nonce, hashlib.md5).hexdigest().encode()]
            else:
                self.reply("504 5.5.4 Unrecognized authentication type")
                return
        except (ValueError, IndexError):
            self.reply("501 5.5.2 Cannot decode that")
            return
        self.log("login", ok=ok, user=got[0].decode("utf-8", "replace"), mechanism=mechanism)
        self.reply("235 2.7.0 Authentication successful" if ok else "535 5.7.8 Error: authentication failed")

    def data(self):
        self.reply("354 End data with <CR><LF>.<CR><LF>")
        size = 0
        while (line := self.channel.line()) != b".":
            size += len(line) + 2
        self.log("mail", sender=self.sender, recipients=self.recipients, size=size)
        self.recipients = []
        self.reply("250 2.0.0 Ok: queued as HOSTILE")

    def dispatch(self, line):
        words = line.split(" ")
        verb = words[0].upper()
        if verb == "EHLO":
            step = "ehlo_tls" if self.channel.tls and not self.server.implicit else "ehlo"
            self.act(step, self.ehlo)
        elif verb == "HELO":
            self.reply("250 hostile.test")
        elif verb == "STARTTLS":
            self.act("starttls", self.starttls)
        elif verb == "AUTH":
            self.act("auth", lambda: self.auth(words))
        elif verb == "MAIL":
            self.sender = line[10:]
            self.act("mail", "250 2.1.0 Ok")
        elif verb == "RCPT":
            self.recipients.append(line[8:])
            self.act("rcpt", "250 2.1.5 Ok")
        elif verb == "DATA":
            self.act("data", self.data)
        elif verb == "QUIT":
            self.reply("221 2.0.0 Bye")
            raise Hangup
        else:
            self.act("other", "250 2.0.0 Ok")

    def run(self):
        self.log("connect")
        try:
            if self.server.implicit:
                self.act("handshake", self.handshake)
            self.act("greeting", "220 hostile.test ESMTP ready")
            while True:
                line = self.channel.line().decode("latin-1")
                self.log("command", line=line, tls=self.channel.tls is not None)
                self.dispatch(line)
        except Hangup:
            pass
        finally:
            self.sock.close()
            self.log("close", client_flights=self.channel.flights)


class Server:
    def __init__(self, options):
        self.script = SCRIPTS.get(options.script)
        if self.script is None:
            self.script = json.loads(options.script)
        self.implicit = options.implicit
        self.login = [part.encode() for part in options.login.split(":", 1)]
        self.log_file = open(options.log, "a", encoding="ascii") if options.log else None
        self.lock = threading.Lock()
        self.context = self.make_context(options) if options.cert else None

    def make_context(self, options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        limit = self.script.get("tls_max")
        if limit:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = {"TLSv1": ssl.TLSVersion.TLSv1,
                                           "TLSv1.2": ssl.TLSVersion.TLSv1_2}[limit]
        context.load_cert_chain(options.cert, options.key)
        return context

    def log(self, facts):
        if self.log_file:
            with self.lock:
                self.log_file.write(json.dumps(facts) + "\n")
                self.log_file.flush()

    def serve(self, listener):
        number = 0
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            threading.Thread(target=Session(self, sock, number).run, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port-file", help="the port that we listen on goes here")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--implicit", action="store_true", help="TLS from the first byte")
    parser.add_argument("--script", default="good")
    parser.add_argument("--login", default="relay-user:correct horse", help="USER:PASSWORD")
    parser.add_argument("--log")
    parser.add_argument("--list", action="store_true", help="print the names of the scripts")
    options = parser.parse_args()
    if options.list:
        print("\n".join(SCRIPTS))
        return
    if options.script not in SCRIPTS and not options.script.startswith("{"):
        sys.exit(f"hostile_server.py: no script {options.script!r}; --list names them")

    server = Server(options)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family)
    if options.port_file:
        staged = options.port_file + ".new"
        with open(staged, "w", encoding="ascii") as out:
            out.write(f"{listener.getsockname()[1]}\n")
        os.rename(staged, options.port_file)
    server.serve(listener)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass

"""servers.py: hostile relays within this process, each with a port of its own: tests/sandbox/hostile_server.py
with more to say. What it adds to the actions there:

    "@drips:SECONDS:text"   the text, then CRLF, one byte each SECONDS
    "@flood:text"           these bytes (latin-1) for ever; under TLS as application data
    "@bare:bytes"           past TLS, onto the wire
    "@bare-flood:bytes"     the same for ever
    "@torn:text"            half of the reply's last TLS record, then the end
    "@torn-reset:text"      the same with a reset
    "@hello:THEN"           once the client has begun a handshake
    "@half:BYTES:THEN"      that many bytes of the handshake's first flight, then an action
    "@drip-flight:SECONDS"  the first flight, one byte each SECONDS
    "@echo"                 a 535 with what the client sent
    "@echo-bare"            the same without the 535
    "@echo-password"        a 535 with the password in clear
    "@scram:ROUNDS"         SCRAM's question, asking for that many rounds
    "@bye"                  TLS says good-bye properly, the connection stays

Further keys: quit (a step); client_certificate (wanted), tls_only ("TLSv1_2"), never_accepts, full (others
wait already).
"""
import base64
import os
import socket
import ssl
import struct
import sys
import threading
import time
import types

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sandbox"))
import hostile_server  # noqa: E402 pylint: disable=wrong-import-position

Hangup = hostile_server.Hangup


class Session(hostile_server.Session):
    received = b""

    def dispatch(self, line):
        self.received = line.encode("latin-1")
        if line.upper() == "QUIT" and "quit" in self.script:
            self.act("quit", "221 2.0.0 Bye")
        else:
            super().dispatch(line)

    def perform(self, action, default):
        word, _, rest = action.partition(":")
        more = getattr(self, "do_" + word[1:].replace("-", "_"), None) if word.startswith("@") else None
        if more:
            more(rest)
        else:
            super().perform(action, default)

    def run(self):
        try:
            super().run()
        except (OSError, ValueError, TypeError):
            pass  # the client went away in the middle of TLS

    def do_drips(self, rest):
        seconds, _, text = rest.partition(":")
        for byte in text.encode("latin-1") + b"\r\n":
            self.channel.send(bytes([byte]))
            time.sleep(float(seconds))

    def do_flood(self, rest):
        piece = rest.encode("latin-1") * (1 + 8192 // max(1, len(rest)))
        while True:
            self.channel.send(piece)

    def do_bare(self, rest):
        self.channel._send_raw(rest.encode("latin-1"))

    def do_bare_flood(self, rest):
        piece = rest.encode("latin-1") * (1 + 65536 // len(rest))
        while True:
            self.channel._send_raw(piece)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Hangup

    def do_torn(self, rest):
        self.channel.tls.write(rest.encode("latin-1") + b"\r\n")
        record = self.channel.outgoing.read()
        self.channel._send_raw(record[:len(record) // 2])
        raise Hangup

    def do_torn_reset(self, rest):
        try:
            self.do_torn(rest)
        except Hangup:
            time.sleep(0.1)
            self.reset()

    def first_flight(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.server.context.wrap_bio(incoming, outgoing, server_side=True)
        while not outgoing.pending:
            incoming.write(self.channel._recv_raw())
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
        return outgoing.read()

    def do_hello(self, rest):
        self.channel._recv_raw()
        self.perform(rest, "")

    def do_half(self, rest):
        count, _, then = rest.partition(":")
        self.channel._send_raw(self.first_flight()[:int(count)])
        time.sleep(0.05)
        self.perform(then, "")

    def do_drip_flight(self, rest):
        for byte in self.first_flight():
            self.channel._send_raw(bytes([byte]))
            time.sleep(float(rest))

    def do_echo(self, _):
        self.channel.send(b"535 5.7.8 not good enough: " + self.received + b"\r\n")

    def do_echo_bare(self, _):
        self.channel.send(self.received + b"\r\n")

    def do_scram(self, rounds):
        first = base64.b64decode(self.received.split(b" ")[2])
        nonce = first.rsplit(b"r=", 1)[1]
        self.channel.send(b"334 " + base64.b64encode(b"r=" + nonce + b"x,s=QUFBQUFB,i=" + rounds.encode()) + b"\r\n")

    def do_echo_password(self, _):
        words = self.received.split(b" ")
        got = base64.b64decode(words[2]).split(b"\0")
        self.channel.send(b"535-5.7.8 login " + got[1] + b"\r\n535 5.7.8 with password '" + got[2] + b"' refused\r\n")

    def do_bye(self, _):
        try:
            self.channel.tls.unwrap()
        except ssl.SSLError:
            pass
        self.channel._send_raw(self.channel.outgoing.read())
        time.sleep(30)


class Server(hostile_server.Server):
    """One relay. `events` is what it heard, as in hostile_server's log."""

    session = Session

    def __init__(self, script, certificate, implicit=False, login=""):
        self.events = []
        self.open = True
        cert, key = certificate
        super().__init__(types.SimpleNamespace(script=hostile_server.json.dumps(script), implicit=implicit,
                                               login=login, log=None, cert=cert, key=key))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0 if script.get("full") else None)
        self.port = self.listener.getsockname()[1]
        self.waiting = [socket.socket() for _ in range(4 if script.get("full") else 0)]
        for sock in self.waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.port))
        threading.Thread(target=self.serve_until_closed, daemon=True).start()

    def make_context(self, options):
        context = super().make_context(options)
        if self.script.get("client_certificate"):
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(options.cert)
        if self.script.get("tls_only"):
            context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, self.script["tls_only"])
        return context

    def log(self, facts):
        self.events.append(facts)

    def serve_until_closed(self):
        number = 0
        while self.open and not self.script.get("never_accepts"):
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            threading.Thread(target=self.session(self, sock, number).run, daemon=True).start()

    def close(self):
        self.open = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        for sock in (self.listener, *self.waiting):
            sock.close()

    def heard(self, secrets):
        """What it heard of a login: lines with AUTH, or with one of these."""
        lines = [event["line"] for event in list(self.events) if event["event"] in ("command", "response")]
        return [line[:60] for line in lines if line.upper().startswith("AUTH") or any(secret in line for secret in secrets)]

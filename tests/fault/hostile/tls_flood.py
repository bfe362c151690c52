"""tls_flood.py: a relay that misuses TLS itself, by what Python's ssl does not offer: OpenSSL by ctypes.

What it does is a function of (connection, say): it is called at the greeting (implicit TLS), and from then
on plays the relay. The table FLOODS has them.
"""
import ctypes
import ctypes.util
import itertools
import socket
import threading

ssl = ctypes.CDLL(ctypes.util.find_library("ssl"))
for function, arguments, result in (
        ("TLS_server_method", [], ctypes.c_void_p), ("SSL_CTX_new", [ctypes.c_void_p], ctypes.c_void_p),
        ("SSL_CTX_use_certificate_chain_file", [ctypes.c_void_p, ctypes.c_char_p], ctypes.c_int),
        ("SSL_CTX_use_PrivateKey_file", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_int),
        ("SSL_CTX_ctrl", [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p], ctypes.c_long),
        ("SSL_CTX_free", [ctypes.c_void_p], None), ("SSL_new", [ctypes.c_void_p], ctypes.c_void_p),
        ("SSL_free", [ctypes.c_void_p], None), ("SSL_set_fd", [ctypes.c_void_p, ctypes.c_int], ctypes.c_int),
        ("SSL_accept", [ctypes.c_void_p], ctypes.c_int), ("SSL_do_handshake", [ctypes.c_void_p], ctypes.c_int),
        ("SSL_write", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_int),
        ("SSL_read", [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_int),
        ("SSL_shutdown", [ctypes.c_void_p], ctypes.c_int), ("SSL_renegotiate", [ctypes.c_void_p], ctypes.c_int),
        ("SSL_key_update", [ctypes.c_void_p, ctypes.c_int], ctypes.c_int),
        ("SSL_new_session_ticket", [ctypes.c_void_p], ctypes.c_int)):
    getattr(ssl, function).argtypes, getattr(ssl, function).restype = arguments, result

PEM, SET_MIN, SET_MAX, TLS12, TLS13 = 1, 123, 124, 0x0303, 0x0304
NOT_REQUESTED, REQUESTED = 0, 1


class Gone(Exception):
    """The client hung up."""


class Connection:
    def __init__(self, relay, sock):
        self.relay, self.sock, self.pending = relay, sock, b""
        self.tls = ssl.SSL_new(relay.context)
        ssl.SSL_set_fd(self.tls, sock.fileno())

    def done(self, result):
        if result <= 0:
            raise Gone

    def say(self, text):
        data = text.encode() + b"\r\n"
        self.done(ssl.SSL_write(self.tls, data, len(data)))

    def hear(self):
        buffer = ctypes.create_string_buffer(4096)
        while b"\n" not in self.pending:
            got = ssl.SSL_read(self.tls, buffer, 4096)
            self.done(got)
            self.pending += buffer.raw[:got]
        line, self.pending = self.pending.split(b"\n", 1)
        self.relay.events.append({"event": "command", "line": line.decode("latin-1").strip()})
        return line

    def key_update(self, kind):
        self.done(ssl.SSL_key_update(self.tls, kind))
        self.done(ssl.SSL_do_handshake(self.tls))

    def ticket(self):
        self.done(ssl.SSL_new_session_ticket(self.tls))
        self.done(ssl.SSL_do_handshake(self.tls))

    def renegotiate(self):
        ssl.SSL_renegotiate(self.tls)
        ssl.SSL_do_handshake(self.tls)

    def be_good(self, before=lambda: None):
        """A relay as it should be, but for what happens before each reply."""
        before()
        self.say("220 flood.test ESMTP")
        while True:
            verb = self.hear()[:4].upper()
            before()
            self.say({b"EHLO": "250-flood.test\r\n250 AUTH PLAIN", b"AUTH": "235 2.7.0 Ok"}.get(verb, "221 Bye"))

    def run(self):
        try:
            self.done(ssl.SSL_accept(self.tls))
            self.relay.behaviour(self)
        except (Gone, OSError):
            pass
        ssl.SSL_free(self.tls)
        self.sock.close()


def forever(act):
    def behave(connection):
        for _ in itertools.count():
            act(connection)
    return behave


def at_the_login(act):
    def behave(connection):
        connection.say("220 flood.test ESMTP")
        connection.hear()
        connection.say("250-flood.test\r\n250 AUTH PLAIN")
        connection.hear()
        forever(act)(connection)
    return behave


def shut_down(connection):
    ssl.SSL_shutdown(connection.tls)
    connection.hear()


# name: (TLS version, what is done)
FLOODS = {
    "key-updates": (TLS13, forever(lambda one: one.key_update(NOT_REQUESTED))),
    "key-updates-wanted": (TLS13, forever(lambda one: one.key_update(REQUESTED))),
    "key-updates-at-login": (TLS13, at_the_login(lambda one: one.key_update(REQUESTED))),
    "tickets": (TLS13, forever(lambda one: one.ticket())),
    "tickets-at-login": (TLS13, at_the_login(lambda one: one.ticket())),
    "renegotiations": (TLS12, forever(lambda one: one.renegotiate())),
    "renegotiations-at-login": (TLS12, at_the_login(lambda one: one.renegotiate())),
    "key-update-each-reply": (TLS13, lambda one: one.be_good(lambda: one.key_update(REQUESTED))),
    "hundred-tickets-each-reply": (TLS13, lambda one: one.be_good(lambda: [one.ticket() for _ in range(100)])),
    "good-bye": (TLS13, shut_down),
    "good-bye-12": (TLS12, shut_down),
}


class FloodServer:
    """One such relay; the same face as servers.Server."""

    def __init__(self, flood, certificate):
        version, self.behaviour = FLOODS[flood]
        self.events = []
        self.context = ssl.SSL_CTX_new(ssl.TLS_server_method())
        cert, key = (path.encode() for path in certificate)
        if ssl.SSL_CTX_use_certificate_chain_file(self.context, cert) != 1 or \
                ssl.SSL_CTX_use_PrivateKey_file(self.context, key, PEM) != 1:
            raise OSError(f"{cert} cannot be used")
        ssl.SSL_CTX_ctrl(self.context, SET_MIN, version, None)
        ssl.SSL_CTX_ctrl(self.context, SET_MAX, version, None)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=Connection(self, sock).run, daemon=True).start()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def heard(self, secrets):
        lines = [event["line"] for event in list(self.events)]
        return [line[:60] for line in lines if line.upper().startswith("AUTH") or any(secret in line for secret in secrets)]

"""outsider_client.py ADDRESS PORT: a stranger's complete set of attempts on a mail server; every command with
its reply, as JSON. To be run in a network of its own (ip netns exec)."""
import json
import socket
import ssl
import sys

OURS = "machine.sandbox.test"
AT_ONCE = 6  # recipients a connection: after ten errors Postfix makes one wait

SENDERS = ["<>", "<stranger@outside.test>", f"<root@{OURS}>", "<practice@relay.test>", "<root@localhost>", "<root>"]
RECIPIENTS = [
    # What it takes for itself, to see that it answers at all.
    f"<postmaster@{OURS}>", "<postmaster>", "<root@localhost>",
    # Elsewhere, as it is.
    "<someone@elsewhere.test>", "<someone@ELSEWHERE.TEST.>", "<someone@relay.test>", "<someone@provider.sandbox.test>",
    "<someone@sub.machine.sandbox.test>", "<someone@[192.0.2.1]>", "<someone@[IPv6:2001:db8::1]>", "<someone@test>",
    # Elsewhere, by way of here.
    f"<someone%elsewhere.test@{OURS}>", "<someone%elsewhere.test@localhost>", "<someone%elsewhere.test>",
    f"<someone%elsewhere.test%relay.test@{OURS}>", f"<elsewhere.test!someone@{OURS}>", "<elsewhere.test!someone>",
    f"<{OURS}!elsewhere.test!someone>", f'<"someone@elsewhere.test"@{OURS}>', '<"someone@elsewhere.test">',
    f'<"someone%elsewhere.test"@{OURS}>', f'<"elsewhere.test!someone"@{OURS}>',
    f"<@{OURS}:someone@elsewhere.test>", "<@localhost:someone@elsewhere.test>",
    f"<@{OURS},@relay.test:someone@elsewhere.test>", f"<@elsewhere.test:postmaster@{OURS}>",
    f"<someone@elsewhere.test@{OURS}>", f"<someone@{OURS}@elsewhere.test>", "<someone@elsewhere.test%localhost>",
    "<someone@[127.0.0.1]>", "<someone%elsewhere.test@[127.0.0.1]>", "<someone@[ADDRESS]>",
    "<someone%elsewhere.test@[ADDRESS]>", "<someone+elsewhere.test@localhost>", "<someone@elsewhere.test\\>",
    "<someone@localhost.elsewhere.test>", f"<{OURS}@elsewhere.test>", "<someone@relaycon>", "<relaycon:someone>",
    '<"|touch /tmp/x">', '<"/etc/passwd">', "<nobody-of-this-name@localhost>", "<sömeone@elsewhere.test>",
    "someone@elsewhere.test", "<>", "<@>", "<someone@>", "<@elsewhere.test>",
]
# Whole conversations.
TALKS = [
    ["EHLO stranger.test", "VRFY root", "VRFY someone@elsewhere.test", "EXPN root", "HELP", "NOOP"],
    ["EHLO stranger.test", "ETRN elsewhere.test", "ETRN @relay.test", "ETRN #deferred", "TURN"],
    ["EHLO stranger.test", "AUTH PLAIN AHByYWN0aWNlAHB3", "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH EXTERNAL ="],
    ["EHLO stranger.test", "XCLIENT ADDR=127.0.0.1 NAME=localhost", "XFORWARD ADDR=127.0.0.1",
     "MAIL FROM:<root@localhost>", "RCPT TO:<someone@elsewhere.test>"],
    ["EHLO localhost", "MAIL FROM:<root@localhost> AUTH=<root@localhost>", "RCPT TO:<someone@elsewhere.test>"],
    ["EHLO " + OURS, f"MAIL FROM:<root@{OURS}> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x",
     "RCPT TO:<someone@elsewhere.test> NOTIFY=SUCCESS ORCPT=rfc822;someone@elsewhere.test"],
    ["HELO 127.0.0.1", "MAIL FROM:<>", "RCPT TO:<someone@elsewhere.test>", "DATA"],
    ["HELO [127.0.0.1]", "SEND FROM:<root>", "SOML FROM:<root>", "SAML FROM:<root>"],
    ["MAIL FROM:<root@localhost>", "RCPT TO:<someone@elsewhere.test>", "DATA", "BDAT 0 LAST"],
    ["EHLO stranger.test", "MAIL FROM:<root@localhost> SIZE=1", "DATA"],
    ["EHLO stranger.test", "MAIL FROM:<root@localhost> SIZE=999999999"],
    ["EHLO stranger.test", "STARTTLS", "EHLO stranger.test", "AUTH PLAIN AHByYWN0aWNlAHB3",
     "MAIL FROM:<root@localhost>", "RCPT TO:<someone@elsewhere.test>", "DATA"],
    ["GET / HTTP/1.1"], ["EHLO ADDRESS", "MAIL FROM:<root@[ADDRESS]>", "RCPT TO:<someone@elsewhere.test>"],
]


class Server:
    def __init__(self, address, port):
        self.address, self.said = address, []
        self.socket = socket.create_connection((address, port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.answer("(connection)")

    def answer(self, command):
        lines = []
        while True:
            line = self.file.readline().decode("utf-8", "replace").rstrip("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                break
        self.said.append([command, lines])
        return lines[-1]

    def ask(self, command, said):
        try:
            self.socket.sendall(command.replace("ADDRESS", self.address).encode() + b"\r\n")
            reply = self.answer(command)
        except TimeoutError:
            # An answer, too: not the same as before. The rest would wait likewise.
            json.dump(said + self.said + [[command, ["no answer"]]], sys.stdout)
            sys.exit(0)
        except (BrokenPipeError, ConnectionResetError):
            reply = ""
            self.said.append([command, ["hung up"]])
        if command == "STARTTLS" and reply.startswith("220"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
            self.file = self.socket.makefile("rb")
        return reply

    def close(self):
        self.file.close()
        self.socket.close()
        return self.said


def main():
    address, port = sys.argv[1], int(sys.argv[2])
    said = []
    for sender in SENDERS:
        for first in range(0, len(RECIPIENTS), AT_ONCE):
            server = Server(address, port)
            server.ask("EHLO stranger.test", said)
            for recipient in RECIPIENTS[first:first + AT_ONCE]:
                server.ask(f"MAIL FROM:{sender}", said)
                server.ask(f"RCPT TO:{recipient}", said)
                server.ask("RSET", said)
            said += server.close()
    for talk in TALKS:
        server = Server(address, port)
        for command in talk:
            server.ask(command, said)
        said += server.close()
    json.dump(said, sys.stdout)


main()

"""secret_relay.py: a relay that refuses every login and repeats what it heard, as it came and decoded."""
import base64
import binascii
import socketserver
import threading


class _Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text + b"\r\n")

    def handle(self):
        self.say(b"220 parrot.test ESMTP")
        for line in self.rfile:
            word, _, rest = line.strip().partition(b" ")
            if word.upper() == b"EHLO":
                self.say(b"250-parrot.test\r\n250 AUTH PLAIN")
            elif word.upper() == b"AUTH":
                response = rest.partition(b" ")[2]
                try:
                    heard = base64.b64decode(response).replace(b"\0", b" ")
                except binascii.Error:
                    heard = b""
                self.server.heard.append(response)
                password = heard.split(b" ", 2)[-1]
                self.say(b"535-5.7.8 No: " + response + b"\r\n535-5.7.8 that is " + heard +
                         b"\r\n535 5.7.8 password " + password)
            elif word.upper() == b"QUIT":
                self.say(b"221 Bye")
                return
            else:
                self.say(b"502 What?")


class Parrot(socketserver.ThreadingTCPServer):
    """heard: the responses of every AUTH."""
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.heard = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return str(self.server_address[1])

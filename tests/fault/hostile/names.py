"""names.py: hostile name servers. Run as a program it is one, in a network and mount namespace of its own:

    unshare --net --mount names.py QUESTIONS    (a JSON list of [name, argv]; answers on standard output)

It puts itself into /etc/resolv.conf, where only this namespace sees it, and runs each argv, whose relay's
name is ATTACK.test. How ATTACK is answered says the table ATTACKS.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

DIRTY_LABEL = b"\x1b[2J\x1b]0;own\x07\x9b\0\xe2\x80\xae\xff"
QUESTION_AT = b"\xc0\x0c"  # a pointer to the question's name
A, CNAME, AAAA, TXT = 1, 5, 28, 16


def record(kind, data, owner=QUESTION_AT, length=None):
    return owner + struct.pack(">HHIH", kind, 1, 60, len(data) if length is None else length) + data


def reply(query, *records, code=0, flags=0x8180, number=None, count=None):
    end = query.index(b"\0", 12) + 5
    return ((number or query[:2]) + struct.pack(">HHHHH", flags | code, 1, len(records) if count is None else count, 0, 0) +
            query[12:end] + b"".join(records))


def labels(*parts):
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def truncated(query):
    return reply(query, flags=0x8380)


def many(query):
    return reply(query, *(record(A, bytes([127, 9, count >> 8, count & 255])) for count in range(3000)))


# name: (answer to a datagram, answer over TCP or None: nobody listens to what is said there; seconds)
ATTACKS = {
    "silent": (lambda query: b"", None, 15),
    "servfail": (lambda query: reply(query, code=2), None, 15),
    "refuses": (lambda query: reply(query, code=5), None, 15),
    "nobody": (lambda query: reply(query, code=3), None, 0),
    "empty": (reply, None, 0),
    "garbage": (lambda query: query[:2] + b"\xff" * 400, None, 15),
    "short": (lambda query: query[:5], None, 15),
    "header-only": (lambda query: reply(query)[:12], None, 15),
    "another-number": (lambda query: reply(query, record(A, b"\x7f\0\0\1"), number=b"\0\0"), None, 15),
    "counts-lie": (lambda query: reply(query, record(A, b"\x7f\0\0\x09"), count=65535), None, 15),
    "pointer-loop": (lambda query: reply(query, record(A, b"\x7f\0\0\1", owner=b"\xc0" + bytes([len(reply(query))]))), None, 15),
    "alias-loop": (lambda query: reply(query, record(CNAME, QUESTION_AT)), None, 15),
    "alias-chain": (lambda query: reply(query, *(record(CNAME, labels(b"n%d" % (count + 1), b"test"), labels(b"n%d" % count, b"test"))
                                                 for count in range(12))), None, 0),
    "dirty-alias": (lambda query: reply(query, record(CNAME, labels(DIRTY_LABEL, b"test")),
                                        record(A, b"\x7f\0\0\x09", labels(DIRTY_LABEL, b"test"))), None, 15),
    "length-lies": (lambda query: reply(query, record(A, b"\x7f\0\0\1", length=4000)), None, 15),
    "three-bytes": (lambda query: reply(query, record(A, b"\x7f\0\0")), None, 15),
    "nowhere": (lambda query: reply(query, record(A, b"\0\0\0\0"), record(A, b"\xff" * 4), record(A, b"\xe0\0\0\1")), None, 15),
    "many": (truncated, many, 15),
    "huge": (truncated, lambda query: reply(query, *(record(TXT, b"\xff" + b"\x1b" * 255) for _ in range(230))), 15),
    "cut-nobody": (truncated, lambda query: b"", 15),
    "cut-again": (truncated, truncated, 15),
    "cut-drips": (truncated, "drip", 15),
    "flood": ("flood", None, 15),
}
CAUSES = ("name-not-found", "name-temporary", "refused", "no-route", "timed-out", "dane-no-records", "dane-no-resolver")


def attack_of(query):
    """By the first label; nobody knows any other name, nor TLSA records."""
    return ATTACKS.get(query[13:13 + query[12]].decode("latin-1").lower(), ATTACKS["nobody"])


def answer_datagrams(sock):
    while True:
        query, client = sock.recvfrom(4096)
        attack = attack_of(query)
        if attack[0] == "flood":
            for number in range(20000):
                sock.sendto(reply(query, number=struct.pack(">H", number)), client)
        elif attack[0](query):
            sock.sendto(attack[0](query), client)


def answer_connection(sock):
    try:
        size = struct.unpack(">H", sock.recv(2, socket.MSG_WAITALL))[0]
        query = sock.recv(size, socket.MSG_WAITALL)
        how = attack_of(query)[1]
        if how == "drip":
            for byte in struct.pack(">H", 60000) + reply(query):
                sock.send(bytes([byte]))
                time.sleep(1)
        elif how and how(query):
            answer = how(query)[:65535]
            sock.sendall(struct.pack(">H", len(answer)) + answer)
    except (OSError, struct.error):
        pass
    sock.close()


def serve():
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 53))
    threading.Thread(target=answer_datagrams, args=[datagrams], daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 53), backlog=50)

    def accept():
        while True:
            threading.Thread(target=answer_connection, args=[listener.accept()[0]], daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()


def ask(argv, answers, key):
    began = time.monotonic()
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=80, check=False)
        answers[key] = [done.returncode, time.monotonic() - began, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")]
    except subprocess.TimeoutExpired:
        answers[key] = [-1, time.monotonic() - began, "", "did not end"]


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], check=True)
    with open("/mnt/resolv.conf", "w", encoding="ascii") as file:
        file.write("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", "/mnt/resolv.conf", os.path.realpath("/etc/resolv.conf")], check=True)
    serve()
    answers = {}
    threads = [threading.Thread(target=ask, args=[argv, answers, key]) for key, argv in json.loads(sys.argv[1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()

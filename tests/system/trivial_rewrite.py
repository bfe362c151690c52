#!/usr/bin/python3
"""Asks a running Postfix where mail goes: trivial_rewrite.py QUEUE_FOLDER, lines "FROM TO" on standard
input; a line "TRANSPORT NEXTHOP" for each. Its own protocol, on the socket that its daemons use."""
import socket
import sys


def receive(connection):
    data = b""
    while not data.endswith(b"\0\0"):
        chunk = connection.recv(4096)
        if not chunk:
            break
        data += chunk
    words = data.decode().split("\0")
    return dict(zip(words[0::2], words[1::2]))


def ask(queue, sender, recipient):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(queue + "/private/rewrite")
        receive(connection)  # which protocol it speaks
        request = (("request", "resolve"), ("sender", sender), ("address", recipient))
        connection.sendall("".join(f"{name}\0{value}\0" for name, value in request).encode() + b"\0")
        answer = receive(connection)
        return answer["transport"], answer["nexthop"]


for line in sys.stdin:
    who, whom = line.split()
    print(*ask(sys.argv[1], "" if who == "<>" else who, whom))

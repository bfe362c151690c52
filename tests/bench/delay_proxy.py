#!/usr/bin/python3
"""A TCP proxy that delays: each byte arrives DELAY milliseconds after it was sent, both ways.

Stands between a client and a server on the loopback where the kernel has no netem. It cannot
delay the SYN: the connection to the server is opened DELAY after the client's, so that connecting
and the server's first words together cost the client one round trip.

For each connection one JSON line is appended to --log when it ends: client flights (runs of
client data with nothing from the server delivered in between), their sizes, and the bytes.
"""
import argparse
import json
import os
import queue
import socket
import threading
import time


class Connection:
    def __init__(self, client, options):
        self.client = client
        self.delay = options.delay_ms / 1000
        self.upstream = options.upstream
        self.log = options.log
        self.lock = threading.Lock()
        self.flights = []
        self.server_spoke = True
        self.bytes = {"client": 0, "server": 0}

    def saw(self, side, size):
        """Called as a chunk leaves the client, and as one is delivered to it."""
        with self.lock:
            self.bytes[side] += size
            if side == "server":
                self.server_spoke = True
            elif self.server_spoke:
                self.flights.append(size)
                self.server_spoke = False
            else:
                self.flights[-1] += size

    def read(self, source, pipe, side):
        while True:
            try:
                chunk = source.recv(65536)
            except OSError:
                chunk = b""
            if side == "client" and chunk:
                self.saw(side, len(chunk))
            pipe.put((time.monotonic() + self.delay, chunk))
            if not chunk:
                return

    def write(self, target, pipe, side):
        while True:
            due, chunk = pipe.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not chunk:
                    target.shutdown(socket.SHUT_WR)
                    return
                if side == "server":
                    self.saw(side, len(chunk))
                target.sendall(chunk)
            except OSError:
                return

    def run(self):
        time.sleep(self.delay)
        try:
            server = socket.create_connection(self.upstream, timeout=10)
        except OSError:
            self.client.close()
            return
        server.settimeout(None)
        threads = []
        for source, target, side in ((self.client, server, "client"), (server, self.client, "server")):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe = queue.Queue()
            for work, end in ((self.read, source), (self.write, target)):
                threads.append(threading.Thread(target=work, args=(end, pipe, side), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.close()
        self.client.close()
        if self.log:
            line = json.dumps({"client_flights": len(self.flights), "sizes": self.flights,
                               "client_bytes": self.bytes["client"],
                               "server_bytes": self.bytes["server"]})
            with open(self.log, "a", encoding="ascii") as log:
                log.write(line + "\n")


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upstream", type=address, required=True, metavar="HOST:PORT")
    parser.add_argument("--port-file", required=True, help="the port that we listen on goes here")
    parser.add_argument("--delay-ms", type=float, default=25, help="each way (default 25)")
    parser.add_argument("--log", help="JSON lines, one a connection")
    options = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", 0))
    staged = options.port_file + ".new"
    with open(staged, "w", encoding="ascii") as out:
        out.write(f"{listener.getsockname()[1]}\n")
    os.rename(staged, options.port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=Connection(client, options).run, daemon=True).start()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass

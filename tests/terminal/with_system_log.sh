#!/bin/bash
# with_system_log.sh FILE COMMAND...: runs a command with a system log that is one line in FILE.
# To be called in a mount namespace of its own (unshare --mount): /dev is replaced in it.
set -euo pipefail
file=$1
shift
mkdir "$file.dev"
mount --rbind /dev "$file.dev"
mount -t tmpfs none /dev
for name in null zero urandom tty; do
	touch "/dev/$name"
	mount --bind "$file.dev/$name" "/dev/$name"
done
/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
s.settimeout(5)
open(sys.argv[1], "wb").write(s.recv(4096))' "$file" 3>&- &
listener=$!
for _ in {1..50}; do
	[[ ! -S /dev/log ]] || break
	sleep 0.1
done
"$@"
wait "$listener"

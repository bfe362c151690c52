#!/usr/bin/env bats
# Many relays, as one file and taken back: export, apply, Deconfigure.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

# One of everything: three providers, failover within and across TLS modes, a rewritten sender, no login,
# and every kind of route.
everything() {
	three_providers
	relay_at open open/none
	relay_at spare cram/second
	relay_at sick refused --fallback other,tls,spare
	relay_at strict cram --sender-rewrite relay@example.com
	relay_at default starttls --fallback spare,tls
	route_from @two.test tls
	route_from boss@two.test other
	route_from @newsletter.test direct
	route_from @sick.test sick
	route_from @forwarded.test strict
	route_from '<>' other
	route_to customer.test direct
	route_to partner.test tls
	route_to boss@partner.test open
}

everything_goes() {
	while read -r from to place login; do
		mail_goes "$from" "$to" "$place" "$login"
	done <<-END
		me@one.test you@elsewhere.test starttls $SANDBOX_LOGIN
		me@two.test you@elsewhere.test implicit $SANDBOX_LOGIN2
		boss@two.test you@elsewhere.test starttls $SANDBOX_LOGIN2
		me@newsletter.test you@example.net direct -
		me@sick.test you@elsewhere.test starttls $SANDBOX_LOGIN2
		me@forwarded.test you@elsewhere.test cram $SANDBOX_LOGIN
		<> you@elsewhere.test starttls $SANDBOX_LOGIN2
		me@two.test you@customer.test direct -
		me@one.test you@partner.test implicit $SANDBOX_LOGIN2
		me@one.test boss@partner.test open -
	END
}

# All that Postfix reads, with modes and owners.
postfix_files() { # FOLDER: a copy
	rm -rf "$1"
	cp -a "$SANDBOX_CONFIG" "$1"
	rm -f "$1/main.cf.tmp"
}

# Byte for byte. Only a hop's port may be another one: where somebody else on this machine has taken it since.
same_postfix_files() { # FOLDER FOLDER
	/usr/bin/python3 - "$@" <<-'END' || explain "other files than before"
		import os, re, socket, sys

		def files(folder):
		    found = {}
		    for name in sorted(os.listdir(folder)):
		        path = os.path.join(folder, name)
		        info = os.lstat(path)
		        with open(path, "rb") as file:
		            found[name] = (oct(info.st_mode), info.st_uid, info.st_gid, file.read())
		    return found

		def ports(files):
		    return re.findall(rb"^127\.0\.0\.1:(\d+) inet", files["master.cf"][3], re.M)

		before, after = map(files, sys.argv[1:])
		for old, new in zip(ports(before), ports(after)):
		    if old == new:
		        continue
		    socket.create_connection(("127.0.0.1", int(old))).close()
		    after = {name: (*rest, text.replace(b"127.0.0.1:" + new, b"127.0.0.1:" + old)
		                    .replace(b"[127.0.0.1]:" + new, b"[127.0.0.1]:" + old))
		             for name, (*rest, text) in after.items()}
		wrong = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
		sys.exit(f"these differ: {' '.join(wrong)}" if wrong else 0)
	END
}

# The exported file with the passwords' files named, as an administrator would do.
exported() { # FILE
	call export
	exits 0
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	says_not "$(<"$SANDBOX_PASSWORD2_FILE")"
	printf '%s\n' "$output" >"$1"
}

@test "everything at once goes where it should" {
	everything
	everything_goes
}

@test "deconfigure after everything: main.cf and master.cf byte for byte, nothing is left" {
	everything
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_first
	[[ -z $(find "$SANDBOX_CONFIG" -name '*relaycon*') ]] || explain "left: $(find "$SANDBOX_CONFIG" -name '*relaycon*')"
	# Any file of the state folder that stays speaks of no relay.
	! grep -rlE 'localhost|relaycon_' "$SANDBOX_STATE" --exclude=last-test.json || explain "the state folder still knows it"
	! postconf -c "$SANDBOX_CONFIG" -nM | sed "s|$SANDBOX_FOLDER||g" | grep -i relaycon || explain "Postfix still reads it"
	no_secret_left "$SANDBOX_CONFIG" "$SANDBOX_STATE" "$SANDBOX_QUEUE" "$SANDBOX_FOLDER/machine/data" "$SANDBOX_MACHINE_LOG"
	mail_goes me@two.test you@customer.test direct -
}

@test "deconfigure after everything was undone one by one: byte for byte as well" {
	everything
	call route list --json
	while read -r kind pattern; do
		call route remove "--$kind" "$pattern"
		exits 0
	done < <(/usr/bin/python3 -c 'import json, sys
for r in json.load(sys.stdin)["routes"]: print(r["kind"], r["pattern"])' <<<"$output")
	for relay in default sick strict open spare other tls; do
		call relay remove "$relay"
		exits 0
	done
	no_secret_left "$SANDBOX_CONFIG"
	deconfigured
	files_as_first
}

@test "export, then apply on a fresh machine: the same bytes; applied again: unchanged" {
	everything
	postfix_files "$BATS_TEST_TMPDIR/before"
	exported "$BATS_TEST_TMPDIR/settings"
	remember
	call apply "$BATS_TEST_TMPDIR/settings" --no-test --json
	exits 0
	json_is result unchanged
	nothing_written
	deconfigured
	files_as_first
	# A fresh machine does not have the passwords: it is told where they are.
	/usr/bin/python3 - "$BATS_TEST_TMPDIR/settings" "$SANDBOX_LOGIN" "$SANDBOX_PASSWORD_FILE" "$SANDBOX_PASSWORD2_FILE" <<-'END'
		import sys
		path, first, *files = sys.argv[1:]
		with open(path) as file:
		    lines = [line for line in file if not line.startswith(("#", "password-file"))]
		with open(path, "w") as file:
		    for line in lines:
		        file.write(line)
		        if line.startswith("login = "):
		            file.write(f"password-file = {files[line.split()[2] != first]}\n")
	END
	rm -rf "$SANDBOX_STATE"
	call_with_hops apply "$BATS_TEST_TMPDIR/settings" --no-test --json
	exits 0
	json_is result changed
	postfix_files "$BATS_TEST_TMPDIR/after"
	same_postfix_files "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	everything_goes
	remember
	call apply "$BATS_TEST_TMPDIR/settings" --no-test --json
	exits 0
	json_is result unchanged
	nothing_written
	exported "$BATS_TEST_TMPDIR/again"
	call apply "$BATS_TEST_TMPDIR/again" --no-test --json
	json_is result unchanged
	deconfigured
	files_as_first
}

@test "apply --dry-run: shows the diff with the passwords masked and changes nothing" {
	everything
	exported "$BATS_TEST_TMPDIR/settings"
	sed 's/^[[:space:]]*@two\.test tls$/&\n\t@three.test tls/' "$BATS_TEST_TMPDIR/settings" >"$BATS_TEST_TMPDIR/more"
	remember
	call apply "$BATS_TEST_TMPDIR/more" --dry-run --no-test
	exits 0
	says '+@three.test'
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	nothing_written
}

@test "apply: unknown and misspelt keys are refused with line and suggestion, nothing is written" {
	everything
	exported "$BATS_TEST_TMPDIR/settings"
	remember
	sed '0,/^port/s/^port/prot/' "$BATS_TEST_TMPDIR/settings" >"$BATS_TEST_TMPDIR/bad"
	line=$(grep -n '^prot' "$BATS_TEST_TMPDIR/bad" | cut -d: -f1)
	call apply "$BATS_TEST_TMPDIR/bad" --no-test
	exits 65
	says prot
	says port
	says "$line"
	nothing_written
}

@test "apply is all or nothing: one relay whose test fails leaves everything as it was" {
	relay_at default starttls
	exported "$BATS_TEST_TMPDIR/settings"
	cat >>"$BATS_TEST_TMPDIR/settings" <<-END

		[relay wrong]
		provider = custom
		host = localhost
		port = $SANDBOX_PORT_IMPLICIT
		tls = implicit
		verify = name
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN
		password-file = $SANDBOX_WRONG_PASSWORD_FILE
	END
	remember
	call apply "$BATS_TEST_TMPDIR/settings" --json
	exits 77
	json_is result failed
	nothing_written
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "deconfigure keeps what somebody else changed in between, and says so" {
	everything
	printf 'message_size_limit = 12345678\n' >>"$SANDBOX_CONFIG/main.cf"
	printf '%s\n' 'others unix - - y - - smtp' >>"$SANDBOX_CONFIG/master.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf" "$SANDBOX_CONFIG/master.cf"
	deconfigured
	cmp <(cat "$SANDBOX_FOLDER/machine/first/main.cf"; echo 'message_size_limit = 12345678') "$SANDBOX_CONFIG/main.cf"
	cmp <(cat "$SANDBOX_FOLDER/machine/first/master.cf"; echo 'others unix - - y - - smtp') "$SANDBOX_CONFIG/master.cf"
	[[ -z $(find "$SANDBOX_CONFIG" -name '*relaycon*') ]]
}

# A mail that a hop took in keeps the way that the hop gave it, in the queue; Postfix has no other use for it
# once that way is gone, and a retry is no help.
waits_behind_the_hop() {
	relay_at default refused --sender-rewrite relay@example.com
	exits 0
	sendmail -C "$SANDBOX_CONFIG" -f me@one.test you@elsewhere.test <<<$'Subject: waiting\n\nHello'
	until_queue_has 'relay@example.com'
	until_queue_has '(connect to .*: Connection refused)'
}

goes_the_new_way() {
	until_queue_has 'Mail queue is empty'
	grep -rqF 'Subject: waiting' "$SANDBOX_MAILDIR" || explain "the mail did not arrive"
}

@test "mail that waits behind a hop goes the new way once the hop is taken away" {
	waits_behind_the_hop
	relay_at default starttls --sender-rewrite none
	exits 0
	says 'queued anew: 1'
	goes_the_new_way
}

@test "mail that waits behind a hop goes the new way once the hop leads to another relay" {
	waits_behind_the_hop
	relay_at default starttls --sender-rewrite relay@example.com
	exits 0
	says 'queued anew: 1'
	goes_the_new_way
}

@test "mail that waits behind a hop is queued anew by Deconfigure; mail on hold stays there" {
	waits_behind_the_hop
	sendmail -C "$SANDBOX_CONFIG" -f me@one.test other@elsewhere.test <<<$'Subject: held\n\nHello'
	until_queue_has 'other@elsewhere.test'
	local held
	held=$(postqueue -c "$SANDBOX_CONFIG" -j | /usr/bin/python3 -c '
import json, sys
print(*(mail["queue_id"] for mail in map(json.loads, sys.stdin)
        if mail["recipients"][0]["address"] == "other@elsewhere.test"))')
	postsuper -c "$SANDBOX_CONFIG" -h "${held##* }"
	call deconfigure
	exits 0
	says 'queued anew: 1'
	until_queue_has 'you@elsewhere.test'
	! postqueue -c "$SANDBOX_CONFIG" -p | grep -q 'mail transport unavailable' || explain 'on the way that is gone'
	[[ -n $(find "$SANDBOX_QUEUE/hold" -type f) ]] || explain 'the held mail is not there'
}

@test "mail behind a hop stays where it is while the hop's way stays" {
	waits_behind_the_hop
	route_to customer.test direct
	says_not 'queued anew'
	until_queue_has '(connect to .*: Connection refused)'
}

until_queue_has() { # PATTERN
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		! postqueue -c "$SANDBOX_CONFIG" -p | grep -q -- "$1" || return 0
		sleep 0.1
	done
	explain "not in the queue: $1; but $(postqueue -c "$SANDBOX_CONFIG" -p; tail -n 8 "$SANDBOX_MACHINE_LOG")"
}

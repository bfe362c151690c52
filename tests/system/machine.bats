#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# Machines as they are: Debian's "Local only", Postfix that does not run, links, odd files.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

# The machine's main.cf is what standard input says, as it was at first; reset undoes it.
machine_starts_with() {
	cat >"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	cp -a "$SANDBOX_CONFIG/main.cf" "$BATS_TEST_TMPDIR/main.cf"
}

main_cf_as_started() {
	cmp "$BATS_TEST_TMPDIR/main.cf" "$SANDBOX_CONFIG/main.cf" || explain "main.cf is not what it was"
}

@test "Debian's \"Local only\" is set right, delivers, and comes back" {
	{ cat "$SANDBOX_CONFIG/main.cf"; printf '%s\n' 'default_transport = error' 'relay_transport = error'; } |
		sed 's/^inet_interfaces.*/inet_interfaces = loopback-only/' >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	configure "$SANDBOX_PORT"
	exits 0
	[[ $(parameter default_transport) != error* ]] || explain "default_transport stayed error"
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	main_cf_as_started
	parameter_is default_transport error
	parameter_is relay_transport error
}

@test "Debian's \"Local only\" with implicit TLS" {
	{ cat "$SANDBOX_CONFIG/main.cf"; printf '%s\n' 'default_transport = error' 'relay_transport = error'; } >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	configure "$SANDBOX_PORT_IMPLICIT" --tls implicit
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	main_cf_as_started
}

@test "Postfix does not run: the files are changed all the same, and the result says so" {
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
	configure "$SANDBOX_PORT"
	exits 0
	says 'not running'
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	call status --json
	exits 0
	json_is postfix.running false
	"$SANDBOX_TOOL" machine-start "$SANDBOX_FOLDER" 3>&-
	mail_is_relayed_as "$SANDBOX_LOGIN"
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "a main.cf that is a symlink stays one" {
	mkdir "$SANDBOX_FOLDER/elsewhere"
	mv "$SANDBOX_CONFIG/main.cf" "$SANDBOX_FOLDER/elsewhere/real.cf"
	ln -s ../../elsewhere/real.cf "$SANDBOX_CONFIG/main.cf"
	cp -a "$SANDBOX_FOLDER/elsewhere/real.cf" "$BATS_TEST_TMPDIR/main.cf"
	configure "$SANDBOX_PORT"
	exits 0
	[[ $(readlink "$SANDBOX_CONFIG/main.cf") == ../../elsewhere/real.cf ]] || explain "the link is gone"
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	[[ $(readlink "$SANDBOX_CONFIG/main.cf") == ../../elsewhere/real.cf ]] || explain "the link is gone"
	cmp "$BATS_TEST_TMPDIR/main.cf" "$SANDBOX_FOLDER/elsewhere/real.cf"
	ls -A "$SANDBOX_FOLDER/elsewhere" >&2
	[[ $(ls -A "$SANDBOX_FOLDER/elsewhere") == real.cf ]] || explain "something was left beside it"
	rm -rf "$SANDBOX_FOLDER/elsewhere"
}

@test "owner and mode of main.cf stay" {
	chown nobody:mail "$SANDBOX_CONFIG/main.cf"
	chmod 0640 "$SANDBOX_CONFIG/main.cf"
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	[[ $(stat -c '%a %U %G' "$SANDBOX_CONFIG/main.cf") == '640 nobody mail' ]] || explain "$(stat -c '%a %U %G' "$SANDBOX_CONFIG/main.cf")"
	call deconfigure
	[[ $(stat -c '%a %U %G' "$SANDBOX_CONFIG/main.cf") == '640 nobody mail' ]]
}

@test "a table or a transport that overrides the relay is named as a warning" {
	echo "transport_maps = inline:{ elsewhere.test=smtp:[127.0.0.1]:9 }" >>"$SANDBOX_CONFIG/main.cf"
	echo "sender_dependent_relayhost_maps = inline:{ @here.test=[other.test]:587 }" >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	says transport_maps
	says sender_dependent_relayhost_maps
	# In JSON too, from what is written as from what is there.
	call status --json
	exits 0
	json_is warnings.# 2
	OPTIONS=("${OPTIONS[@]:0:7}")
	call configure "${OPTIONS[@]}" --no-auth --dry-run --json
	exits 0
	json_is warnings.# 2
	[[ $(json warnings.0) == 'transport_maps = '* ]] || explain "warning $(json warnings.0)"
}

@test "an option of the smtp service that wins over main.cf is named as a warning" {
	sed -i 's/^\(smtp  *unix.*\)/\1\n  -o { smtp_tls_wrappermode = yes }\n  -o smtp_tls_security_level=encrypt/' \
		"$SANDBOX_CONFIG/master.cf"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	says 'smtp/unix, -o smtp_tls_wrappermode'
	says_not '-o smtp_tls_security_level'
}

@test "no smtp service in master.cf is named as a warning" {
	sed -i '/^smtp  *unix/d' "$SANDBOX_CONFIG/master.cf"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	says 'smtp/unix: there is no such service'
}

@test "the running Postfix uses the new relay at once, in less than two seconds" {
	started=$(date +%s%N)
	configure "$SANDBOX_PORT" --no-test
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	((($(date +%s%N) - started) / 1000000 < 2000)) || explain "it took $((($(date +%s%N) - started) / 1000000)) ms"
}

@test "a value that kills the smtp client is noticed after the reload, and everything goes back" {
	# Postfix's own check passes it; every smtp(8) dies of it (facts: one bad value throttles delivery).
	printf '%s\n' 'smtp_tls_fingerprint_digest = no-such-digest' \
		'smtp_tls_mandatory_protocols = no-such-protocol' 'smtp_sasl_type = no-such-type' >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	remember
	# A NUL in the log once hid what came after it.
	printf 'a line with a \0 in it\n' >>"$SANDBOX_MACHINE_LOG"
	configure "$SANDBOX_PORT" --no-test --json
	exits 78
	json_is error.code 78
	says 'does not start with this configuration: '
	nothing_written_but_times
	no_secret_left
	# Postfix does not try a delivery agent that died again for a minute; only a new start does.
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
}

@test "the system log gets one line for each change: who, what, result, never a secret" {
	log=$BATS_TEST_TMPDIR/syslog
	to_provider "$SANDBOX_PORT"
	run --separate-stderr unshare --mount bash "$PROJECT/tests/terminal/with_system_log.sh" "$log" env SUDO_USER=alice \
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" \
		configure "${OPTIONS[@]}" --no-test
	exits 0
	grep -a relaycon "$log" | grep -a configure | grep -aqF "[localhost]:$SANDBOX_PORT" ||
		explain "no audit line: $(cat "$log")"
	grep -aq alice "$log" || explain "who was behind sudo is not said: $(cat "$log")"
	! grep -aqF "$(<"$SANDBOX_PASSWORD_FILE")" "$log" || explain "the password is in the log"
}

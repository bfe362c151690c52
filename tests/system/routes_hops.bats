#!/usr/bin/env bats
# Hops after a change: Postfix is reloaded, and each hop that is new has to greet.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

# A hop in clear, one with TLS, one that rewrites: written by one change.
three_hops() {
	cat >"$BATS_TEST_TMPDIR/relays" <<-END
		[settings]
		default = default
		[relay default]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT_REFUSED
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN
		password-file = $SANDBOX_PASSWORD_FILE
		fallback = wrapped, good
		sender-rewrite = us@relay.test
		[relay wrapped]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT_IMPLICIT
		tls = implicit
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN
		password-file = $SANDBOX_WRONG_PASSWORD_FILE
		[relay good]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN2
		password-file = $SANDBOX_PASSWORD2_FILE
	END
}

greeted() { # how many of the hops' servers were visited and left in good manners, since MACHINE_START
	log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" |
		grep -c 'postfix/relaycon-[a-z]*-default[_0-9]*/smtpd\[[0-9]*\]: disconnect from .* quit=1'
}

@test "each new hop is greeted by, in clear and over TLS; those that are there already are left alone" {
	three_hops
	MACHINE_START=$(log_ends "$SANDBOX_MACHINE_LOG")
	call_with_hops apply "$BATS_TEST_TMPDIR/relays" --no-test
	exits 0
	[[ $(grep -c 'syslog_name=postfix/relaycon-' "$SANDBOX_CONFIG/master.cf") == 3 ]] || explain "there are to be three hops"
	for ((tries = 0; tries < 100; tries++)); do
		(($(greeted) < 3)) || break
		sleep 0.05
	done
	[[ $(greeted) == 3 ]] || explain "$(log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START")"
	mail_goes_on=$(log_ends "$SANDBOX_MACHINE_LOG")
	route_from @two.test good
	MACHINE_START=$mail_goes_on
	mail me@two.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
	[[ $(greeted) == 0 ]] || explain "$(log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START")"
	mail me@one.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
}

@test "a hop whose server does not start: the change is taken back, and the old way goes on" {
	relay_at default starttls
	# Every smtpd(8) dies of it, and no delivery agent does; Postfix's own check passes it.
	printf 'smtpd_client_port_logging = perhaps\n' >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	three_hops
	remember
	call_with_hops apply "$BATS_TEST_TMPDIR/relays" --no-test --json
	exits 78
	says 'does not start with this configuration'
	says '127.0.0.1:'
	nothing_written_but_times
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "a hop whose port Postfix does not open: likewise" {
	relay_at default starttls
	printf 'master_service_disable = inet\n' >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	three_hops
	remember
	call_with_hops apply "$BATS_TEST_TMPDIR/relays" --no-test
	exits 78
	says 'cannot be reached: Connection refused'
	nothing_written_but_times
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

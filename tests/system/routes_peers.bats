#!/usr/bin/env bats
# shellcheck disable=SC2016 # single quotes are meant
# docker-mailserver's relay hosts: each of their defects a test of its own, named after it, and the test
# cases that they have, for relaycon.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

# How often a key stands in the table that Postfix asks for senders or recipients.
lines_for() { # sender|recipient KEY
	awk -v key="$2" '$1 == key' "$SANDBOX_CONFIG/relaycon_$1_routes" | wc -l
}

lines_are() { # sender|recipient KEY COUNT
	[[ $(lines_for "$1" "$2") == "$3" ]] ||
		explain "$(lines_for "$1" "$2") lines for $2: $(cat "$SANDBOX_CONFIG/relaycon_$1_routes")"
}

asks_routes() { # sender|recipient KEY: what Postfix gets
	postmap -c "$SANDBOX_CONFIG" -q "$2" "texthash:$SANDBOX_CONFIG/relaycon_$1_routes"
}

# --- its defects ----------------------------------------------------------------------------------

@test "1. sender credentials go to any server, direct recipients' included: they go to their relay alone" {
	three_providers
	relay_at open open/none
	route_from @two.test tls
	route_from boss@two.test other
	route_to customer.test direct
	route_to open.test open
	parameter_is smtp_sender_dependent_authentication no
	# The direct server offers AUTH, in clear; see that it would have taken the login.
	exec 4<>"/dev/tcp/${SANDBOX_DIRECT%:*}/25"
	printf 'EHLO tester\r\nQUIT\r\n' >&4
	grep -q 'AUTH PLAIN' <&4
	exec 4>&-
	for from in me@two.test boss@two.test me@one.test; do
		mail_goes "$from" you@customer.test direct -
		mail_goes "$from" you@open.test open -
	done
	mail_goes boss@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	! grep -rqE '^(@|[a-z]+@)' "$SANDBOX_CONFIG/relaycon_sasl_passwd" || explain "a sender's key is in the table of logins"
}

@test "2. encrypt is global, verifies nothing and breaks direct mail: each relay has its own policy" {
	relay_at default starttls
	relay_at untrusted untrusted
	route_from @two.test untrusted
	route_to customer.test direct
	parameter_is smtp_tls_security_level may
	mail_goes me@one.test you@customer.test direct -
	mail_waits me@two.test you@elsewhere.test
	offered_are ''
	mail me@one.test you@elsewhere.test
	machine_says 'Verified TLS connection established'
}

@test "3. port 465 is accepted and then fails, and cannot be mixed with 587: both work side by side" {
	relay_at default starttls
	relay_at tls implicit/second
	route_from @two.test tls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	# A 465 is understood as implicit TLS without a word about it.
	call relay set custom465 custom --host smtp.example.com --port 465 --login x \
		--password-file "$SANDBOX_PASSWORD_FILE" --no-test
	exits 0
	call relay list --json
	/usr/bin/python3 -c 'import json, sys
tls = {r["name"]: r["tls"] for r in json.load(sys.stdin)["relays"]}
assert tls["custom465"] == "implicit", tls' <<<"$output"
}

@test "4. no remove, no list, no test, nothing is ever unset: there are all of them" {
	three_providers
	route_from @two.test tls
	call route list
	says @two.test
	call relay list
	says other
	call route test --from me@two.test --to you@elsewhere.test
	exits 0
	says tls
	call test tls
	exits 0
	call route remove --sender @two.test
	exits 0
	call route list
	says_not @two.test
	for relay in tls other default; do
		call relay remove "$relay"
		exits 0
	done
	no_secret_left "$SANDBOX_CONFIG"
	deconfigured
	files_as_first
}

@test "5. repeating a command with the same value exits 1: it exits 0 and says unchanged" {
	three_providers
	route_from @two.test tls
	remember
	for _ in 1 2; do
		relay_at tls implicit/second
		says unchanged
		route_from @two.test tls
		says unchanged
	done
	nothing_written
}

@test "6. keys differing in case are duplicated: they are one" {
	three_providers
	route_from @Example.ORG tls
	route_from @example.org tls
	route_from Boss@Example.org other
	route_from boss@EXAMPLE.org other
	route_to Partner.Test direct
	route_to partner.test direct
	lines_are sender @example.org 1
	lines_are sender boss@example.org 1
	lines_are recipient partner.test 1
	call route list --json
	json_is routes.# 3
}

@test "7. a password with a backslash is mangled on update: it is not, nor is any other" {
	number=0
	for password in 'back\slash\\two\n' "a'b\"c" '$1 & ${x} `y`' 's|/|#%|' '\1\&/g'; do
		number=$((number + 1))
		printf '%s\n' "$password" >"$BATS_TEST_TMPDIR/password"
		printf '%s' "$password" | saslpasswd2 -p -c -f "$SANDBOX_PROVIDER_CONFIG/sasl/sasldb2" -u relay.test "peer$number"
		relay_at default starttls
		route_from @two.test default
		for _ in 1 2; do
			call relay set default custom --host localhost --port "$SANDBOX_PORT" --ca-file "$SANDBOX_CA" \
				--login "peer$number@relay.test" --password-file "$BATS_TEST_TMPDIR/password" --no-test
			exits 0
		done
		mail_goes me@two.test you@elsewhere.test starttls "peer$number@relay.test"
	done
}

@test "8. an indented line corrupts the entry before it, a missing final newline glues two: neither does" {
	mkdir "$BATS_TEST_TMPDIR/dms"
	printf '%s\n' '@one.test [one.relay.test]:587' '  @two.test [two.relay.test]:587' \
		>"$BATS_TEST_TMPDIR/dms/postfix-relaymap.cf"
	printf '@three.test [three.relay.test]:587' >>"$BATS_TEST_TMPDIR/dms/postfix-relaymap.cf"
	printf '%s\n%s' '@one.test one:secret' '[three.relay.test]:587 three:secret' \
		>"$BATS_TEST_TMPDIR/dms/postfix-sasl-password.cf"
	call import docker-mailserver "$BATS_TEST_TMPDIR/dms" --no-auth --json
	exits 0
	says_not secret
	call import docker-mailserver "$BATS_TEST_TMPDIR/dms" --no-auth
	exits 0
	says '@two.test'
	# What is written ends every line, whatever the tables had before.
	three_providers
	route_from @two.test tls
	printf '%s' "$(<"$SANDBOX_CONFIG/relaycon_sender_routes")" >"$BATS_TEST_TMPDIR/unended"
	cat "$BATS_TEST_TMPDIR/unended" >"$SANDBOX_CONFIG/relaycon_sender_routes"
	route_from @three.test other
	lines_are sender @two.test 1
	lines_are sender @three.test 1
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@three.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
}

@test "9. a dot in an opt-out matches any character: it matches a dot" {
	three_providers
	route_from @news.two.test direct
	route_to cust.omer.test direct
	relay_at other starttls/second --sender-rewrite relay@a.example.com
	route_from @rewritten.test other
	route_from @axexample.com other
	mail_goes me@newsxtwo.test you@customer.test starttls "$SANDBOX_LOGIN"
	mail_goes me@one.test you@custxomer.test starttls "$SANDBOX_LOGIN"
	mail_goes me@axexample.com you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	header_is Return-Path '<relay@a.example.com>'
}

@test "10. the secrets file is 0644, the password in argv: neither" {
	three_providers
	route_from @two.test tls
	! find "$SANDBOX_CONFIG" "$SANDBOX_STATE" -type f -perm /077 -exec \
		grep -lF -e "$(<"$SANDBOX_PASSWORD_FILE")" -e "$(<"$SANDBOX_PASSWORD2_FILE")" {} + ||
		explain "readable by others"
	[[ $(stat -c %a "$SANDBOX_CONFIG/relaycon_sasl_passwd") == 600 ]]
	trace=$BATS_TEST_TMPDIR/trace
	env ASAN_OPTIONS=detect_leaks=0 strace -f -v -s 65536 -e trace=execve,execveat -o "$trace" \
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" relay set other custom --host localhost \
		--port "$SANDBOX_PORT_CRAM" --ca-file "$SANDBOX_CA" --login "$SANDBOX_LOGIN" \
		--password-file "$SANDBOX_PASSWORD_FILE" --no-test
	grep -q execve "$trace"
	! grep -F "$(<"$SANDBOX_PASSWORD_FILE")" "$trace" || explain "the password is in an execve"
}

@test "11. no validation: brackets are understood, not doubled" {
	call relay set default custom --host '[localhost]' --port "$SANDBOX_PORT" --ca-file "$SANDBOX_CA" \
		--login "$SANDBOX_LOGIN" --password-file "$SANDBOX_PASSWORD_FILE" --no-test
	exits 0
	route_from @two.test default
	! grep -rF '[[' "$SANDBOX_CONFIG"/relaycon_* || explain "doubled brackets"
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "11. no validation: patterns that mean nothing are refused, nothing is written" {
	three_providers
	remember
	for bad in 'two test' '@' '@@two.test' 'a@b@c.test' '@two..test' $'@two.test\n@evil.test' '@-two.test' '*' '@*.test' '' 'a b@two.test' \
		'@[127.0.0.1' $'@two.test\t[evil.test]:25'; do
		call route add --sender "$bad" tls
		((status == 64 || status == 65)) || explain "sender taken: $(printf %q "$bad")"
		call route add --recipient "$bad" direct
		((status == 64 || status == 65)) || explain "recipient taken: $(printf %q "$bad")"
	done
	call route add --sender @two.test nobody
	exits 64
	says nobody
	call relay set 'bad name' custom --host x.test --no-auth --no-test
	((status == 64 || status == 65)) || explain "name taken"
	call relay set direct custom --host x.test --no-auth --no-test
	((status == 64 || status == 65)) || explain "\"direct\" taken as a name"
	nothing_written
}

@test "11. the default port is 25: it is that of the TLS mode" {
	call relay set starttls custom --host smtp.example.com --login x --password-file "$SANDBOX_PASSWORD_FILE" --no-test
	exits 0
	call relay set implicit custom --host smtp.example.com --tls implicit --login x --password-file "$SANDBOX_PASSWORD_FILE" --no-test
	exits 0
	call relay list --json
	/usr/bin/python3 -c 'import json, sys
ports = {r["name"]: r["port"] for r in json.load(sys.stdin)["relays"]}
assert ports == {"starttls": 587, "implicit": 465}, ports' <<<"$output"
}

@test "12. not atomic: killed anywhere, routes and Postfix are wholly before or wholly after" {
	three_providers
	route_from @one.test other
	for ((try = 0; try < 16; try++)); do
		if ((try % 2)); then change=(route remove --sender @two.test); else change=(route add --sender @two.test tls); fi
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "${change[@]}" >/dev/null 2>&1 3>&- &
		victim=$!
		sleep "0.0$((RANDOM % 60 + 10))"
		kill -KILL "$victim" 2>/dev/null || true
		wait "$victim" 2>/dev/null || true
		call route list --json
		exits 0
		[[ ! -e $SANDBOX_STATE/journal ]] || explain "the journal is still there"
		routes=$(grep -cF '"@two.test"' <<<"$output") || true
		lines_are sender @two.test "$routes"
		lines_are sender @one.test 1
	done
	route_from @two.test tls
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_first
}

@test "13. opt-out works only without a default relay: it works with one, for senders and recipients" {
	three_providers
	route_from @two.test direct
	route_to customer.test direct
	mail_goes me@two.test you@example.net direct -
	mail_goes me@one.test you@customer.test direct -
	mail_goes me@one.test you@example.net starttls "$SANDBOX_LOGIN"
}

@test "14. a missing credential sends unauthenticated, silently: it is an error before anything is written" {
	three_providers
	remember
	call relay set new custom --host localhost --port "$SANDBOX_PORT_CRAM" --ca-file "$SANDBOX_CA" --login "$SANDBOX_LOGIN" --no-test
	((status != 0)) || explain "a login without a password was taken"
	says password
	call relay set new custom --host localhost --port "$SANDBOX_PORT_CRAM" --ca-file "$SANDBOX_CA" --no-test
	exits 64
	says login
	nothing_written
	call export
	grep -v '^password-file' <<<"$output" >"$BATS_TEST_TMPDIR/settings"
	deconfigured
	remember
	call apply "$BATS_TEST_TMPDIR/settings" --no-test
	((status != 0)) || explain "relays without their passwords were applied"
	says password
	nothing_written
}

@test "14. a credential that vanishes from the table is told by status, with the relay that it belongs to" {
	three_providers
	route_from @two.test tls
	grep -v "$SANDBOX_PORT_IMPLICIT" "$SANDBOX_CONFIG/relaycon_sasl_passwd" >"$BATS_TEST_TMPDIR/fewer" || true
	cat "$BATS_TEST_TMPDIR/fewer" >"$SANDBOX_CONFIG/relaycon_sasl_passwd"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/relaycon_sasl_passwd"
	call status --json
	exits 0
	[[ $(json drift) == *relaycon_sasl_passwd*tls* ]] || explain "status does not tell"
	relay_at tls implicit/second
	call status --json
	json_is drift '[]'
}

# --- its test cases -------------------------------------------------------------------------------

# "adds relay map line for each local domain": RELAY_HOST is for all of the machine's own domains.
imported() {
	mkdir -p "$BATS_TEST_TMPDIR/dms"
	printf '%s\n' 'user@domainone.tld|{SHA512-CRYPT}x' 'user@domaintwo.tld|{SHA512-CRYPT}x' \
		'user@domainthree.tld|{SHA512-CRYPT}x' >"$BATS_TEST_TMPDIR/dms/postfix-accounts.cf"
	printf '%s\n' '@domaintwo.tld [other.relay.com]:587' '@domainthree.tld' >"$BATS_TEST_TMPDIR/dms/postfix-relaymap.cf"
	printf '%s\n' '@domaintwo.tld smtp_user_2:smtp_password_2' >"$BATS_TEST_TMPDIR/dms/postfix-sasl-password.cf"
	printf '%s\n' 'RELAY_HOST=default.relay.com' 'RELAY_PORT=2525' 'RELAY_USER=smtp_user' \
		'RELAY_PASSWORD=smtp_password' >"$BATS_TEST_TMPDIR/dms/env"
	call import docker-mailserver "$BATS_TEST_TMPDIR/dms" --env "$BATS_TEST_TMPDIR/dms/env" --apply --no-test
	exits 0
	says_not smtp_password
}

@test "its test: the default relay is in the map for each local domain" {
	imported
	asks_routes sender @domainone.tld | grep -qF '[default.relay.com]:2525'
	lines_are sender @domainone.tld 1
}

@test "its test: a domain with a relay of its own keeps it" {
	imported
	asks_routes sender @domaintwo.tld | grep -qF '[other.relay.com]:587'
	lines_are sender @domaintwo.tld 1
}

@test "its test: a domain that opted out has no relay" {
	imported
	[[ $(asks_routes sender @domainthree.tld) != *relay.com* ]] || explain "$(asks_routes sender @domainthree.tld)"
}

@test "its test: the credentials are those of host and of domain, each in the table once" {
	imported
	table=$SANDBOX_CONFIG/relaycon_sasl_passwd
	[[ $(grep -c '^\[default.relay.com\]:2525 smtp_user:smtp_password$' "$table") == 1 ]] || explain "$(cut -d' ' -f1 "$table")"
	[[ $(grep -c '^\[other.relay.com\]:587 smtp_user_2:smtp_password_2$' "$table") == 1 ]] || explain "$(cut -d' ' -f1 "$table")"
	deconfigured
	! grep -rq smtp_password "$SANDBOX_CONFIG" "$SANDBOX_STATE" || explain "a password is left"
	files_as_first
}

@test "its test: setting a domain's relay twice leaves exactly one line" {
	three_providers
	for _ in 1 2; do
		route_from @example1.org tls
		lines_are sender @example1.org 1
	done
	call route remove --sender @example1.org
	exits 0
	route_from @example1.org other
	lines_are sender @example1.org 1
}

@test "its test: setting a login twice leaves exactly one line, with the new password" {
	three_providers
	for _ in 1 2; do
		relay_at tls implicit/wrong
		relay_at tls implicit/second
	done
	[[ $(grep -c "^\[localhost\]:$SANDBOX_PORT_IMPLICIT " "$SANDBOX_CONFIG/relaycon_sasl_passwd") == 1 ]]
	route_from @two.test tls
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "its test: opting out twice leaves exactly one line" {
	three_providers
	for _ in 1 2; do
		route_from @example3.org direct
		lines_are sender @example3.org 1
	done
}

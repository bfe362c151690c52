#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# What passes the test passes in Postfix, and what Postfix would refuse fails in the test (DESIGN,
# contract 8): the same authorities, the same names, the same levels.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

without_ca_file() { # PORT
	to_provider "$1"
	OPTIONS=("${OPTIONS[@]:0:5}" "${OPTIONS[@]:7}")
}

@test "the CA file of the relay before does not vouch for the next one" {
	configure "$SANDBOX_PORT"
	exits 0
	parameter_is smtp_tls_CAfile "$SANDBOX_CA"
	remember
	without_ca_file "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --json
	exits 69
	json_is test.cause certificate-unknown-issuer
	nothing_written
	call test "${OPTIONS[@]}" --json
	exits 69
	json_is cause certificate-unknown-issuer
	# The relay that is configured is judged by what Postfix has now.
	call test --json
	exits 0
}

@test "an administrator's own smtp_tls_CAfile stays, and the test goes by it" {
	administrator_has "smtp_tls_CAfile = $SANDBOX_CA"
	without_ca_file "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}"
	exits 0
	says "smtp_tls_CAfile = $SANDBOX_CA: stays in use"
	parameter_is smtp_tls_CAfile "$SANDBOX_CA"
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "an administrator's own smtp_tls_CAfile does not know the relay: refused" {
	administrator_has "smtp_tls_CAfile = $SANDBOX_UNTRUSTED_CA"
	without_ca_file "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --json
	exits 69
	json_is test.cause certificate-unknown-issuer
}

@test "a smtp_tls_CAfile that leads nowhere is replaced, and the test goes by the new one" {
	administrator_has 'smtp_tls_CAfile = /nonexistent/ca.pem'
	without_ca_file "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --json
	exits 69
	json_is test.cause certificate-unknown-issuer
	configure "$SANDBOX_PORT"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	parameter_is smtp_tls_CAfile /nonexistent/ca.pem
}

@test "a host given by its address has no name that Postfix would verify: refused, test or not" {
	local address
	for address in 127.0.0.1 ::1; do
		to_provider "$SANDBOX_PORT"
		OPTIONS[2]=$address
		remember
		for option in --json --no-test --dry-run; do
			call configure "${OPTIONS[@]}" "$option"
			exits 65
			says fingerprint
			nothing_written
		done
		call test "${OPTIONS[@]}"
		exits 65
	done
}

@test "a host given by its address, its certificate pinned: delivered" {
	local pin
	pin=$(openssl x509 -in "$SANDBOX_CERTS/server.pem" -noout -fingerprint -sha256)
	call configure custom --host 127.0.0.1 --port "$SANDBOX_PORT" --login "$SANDBOX_LOGIN" \
		--password-file "$SANDBOX_PASSWORD_FILE" --verify fingerprint --fingerprint "$pin"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "TLS only if offered: no verification is promised, and none is made" {
	to_provider "$SANDBOX_PORT_UNTRUSTED"
	OPTIONS=("${OPTIONS[@]:0:5}" "${OPTIONS[@]:7}" --tls opportunistic --allow-unencrypted-login)
	call configure "${OPTIONS[@]}" --verify name
	exits 64
	call configure "${OPTIONS[@]}"
	exits 0
	call status --json
	json_is relays.0.verify none
	"$SANDBOX_TOOL" send "$SANDBOX_FOLDER" || explain "mail did not go through"
}

@test "a chain of twelve authorities is longer than Postfix follows: refused; of ten: delivered" {
	# The test took any length that OpenSSL takes (a hundred); Postfix goes by smtp_tls_scert_verifydepth.
	for length in 12 10; do
		/usr/bin/python3 -B - "$PROJECT/tests/fault/hostile" "$BATS_TEST_TMPDIR" "$length" <<-'END'
			import sys
			sys.path.insert(0, sys.argv[1])
			import certificates
			certificates.Forge(sys.argv[2]).chain("long", int(sys.argv[3]))
		END
		start_server good --cert "$BATS_TEST_TMPDIR/long.pem" --key "$BATS_TEST_TMPDIR/forge.key" \
			--login "$SANDBOX_LOGIN:$(<"$SANDBOX_PASSWORD_FILE")"
		to_provider "$SERVER_PORT"
		OPTIONS[6]=$BATS_TEST_TMPDIR/forge-ca.pem
		call configure "${OPTIONS[@]}" --json
		if ((length == 12)); then
			exits 69
			json_is test.cause certificate-invalid
			says 'chain too long'
			files_as_first
		else
			exits 0
			printf 'Subject: Hello\n\nHello\n' | sendmail -C "$SANDBOX_CONFIG" -f root@machine.sandbox.test someone@elsewhere.test
			for _ in {1..200}; do
				! grep -q '"event": "mail"' "$SERVER_LOG" || break
				sleep 0.05
			done
			grep -q '"event": "mail"' "$SERVER_LOG" || explain "not delivered: $(tail -n 3 "$SANDBOX_MACHINE_LOG")"
		fi
		kill "$SERVER_PID"
		wait "$SERVER_PID" || true
	done
}

#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# What must be refused: each with its cause in words and in JSON, its exit code, and nothing written.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() {
	setup_test
	remember
}
teardown() { teardown_test; }

# Both ways: for people, and as JSON. OPTIONS as set.
is_refused() { # CODE CAUSE
	call configure "${OPTIONS[@]}" --json
	exits "$1"
	json_is result failed
	json_is error.code "$1"
	json_is test.result failed
	json_is test.cause "$2"
	[[ -n $(json error.message) && -n $(json error.advice) ]] || explain "no message or no advice"
	[[ $(json test.steps.# 2>/dev/null) -gt 0 ]] || explain "no steps"
	nothing_written
	call test "${OPTIONS[@]}" --json
	exits "$1"
	json_is result failed
	json_is cause "$2"
	nothing_written
	call configure "${OPTIONS[@]}"
	exits "$1"
	[[ -n $stderr ]] || explain "no words on standard error"
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	nothing_written
	no_secret_left
}

to_server() { # SCRIPT [SERVER OPTIONS...]
	start_server "$@"
	to_provider "$SERVER_PORT"
}

@test "wrong password: 77, in the provider's own words" {
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$SANDBOX_WRONG_PASSWORD_FILE"
	is_refused 77 auth-refused
	says 535
	says_not "$(<"$SANDBOX_WRONG_PASSWORD_FILE")"
}

@test "wrong password over implicit TLS: 77" {
	to_provider "$SANDBOX_PORT_IMPLICIT" "$SANDBOX_LOGIN" "$SANDBOX_WRONG_PASSWORD_FILE"
	OPTIONS+=(--tls implicit)
	is_refused 77 auth-refused
}

@test "unknown login: 77" {
	to_provider "$SANDBOX_PORT" nobody@relay.test
	is_refused 77 auth-refused
}

@test "untrusted certificate: 69" {
	to_provider "$SANDBOX_PORT_UNTRUSTED"
	is_refused 69 certificate-unknown-issuer
	says "Nobody's authority"
}

@test "the system's authorities do not know the sandbox's: 69" {
	OPTIONS=(custom --host localhost --port "$SANDBOX_PORT" --login "$SANDBOX_LOGIN"
		--password-file "$SANDBOX_PASSWORD_FILE")
	is_refused 69 certificate-unknown-issuer
}

@test "certificate for another name: 69" {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=other.test \
		-keyout "$BATS_TEST_TMPDIR/other.key" -out "$BATS_TEST_TMPDIR/other.csr" 2>/dev/null
	openssl x509 -req -in "$BATS_TEST_TMPDIR/other.csr" -days 2 -CA "$SANDBOX_CA" \
		-CAkey "$SANDBOX_CERTS/ca.key" -out "$BATS_TEST_TMPDIR/other.pem" 2>/dev/null \
		-extfile <(echo subjectAltName=DNS:other.test)
	to_server good --cert "$BATS_TEST_TMPDIR/other.pem" --key "$BATS_TEST_TMPDIR/other.key"
	is_refused 69 certificate-wrong-name
	says other.test
}

@test "wrong port, nobody listens: 69" {
	port=$((SANDBOX_PORT + 1))
	while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
	to_provider "$port"
	is_refused 69 refused
	says "$port"
}

@test "STARTTLS spoken to a port of implicit TLS: 69" {
	to_provider "$SANDBOX_PORT_IMPLICIT"
	OPTIONS+=(--tls starttls)
	is_refused 69 tls-wrong-port-kind
}

@test "implicit TLS spoken to a STARTTLS port: 69" {
	to_provider "$SANDBOX_PORT"
	OPTIONS+=(--tls implicit)
	is_refused 69 tls-wrong-port-kind
}

@test "unknown host: 69" {
	to_provider "$SANDBOX_PORT"
	OPTIONS[2]=no-such-host.invalid
	call configure "${OPTIONS[@]}" --json
	exits 69
	# Where there is no name server at all, whether the name exists cannot be told.
	[[ $(json test.cause) == name-not-found || $(json test.cause) == name-temporary ]] ||
		explain "cause $(json test.cause)"
	says no-such-host.invalid
	nothing_written
}

@test "no STARTTLS: 69, and the password is not sent" {
	to_server no-starttls
	is_refused 69 tls-not-offered
	server_heard_no_login
}

@test "no STARTTLS and no AUTH: 69" {
	to_server no-starttls-no-auth
	is_refused 69 tls-not-offered
}

@test "STARTTLS refused: 69, and the password is not sent" {
	to_server starttls-refused
	is_refused 69 tls-refused
	server_heard_no_login
}

@test "plaintext injected after STARTTLS is an attack: 69, and the password is not sent" {
	to_server injection
	is_refused 69 tls-injection
	server_heard_no_login
}

@test "greeting refused: 69" {
	to_server greeting-554
	is_refused 69 greeting-refused
	says 'No SMTP service here for you'
}

@test "come back later: 75" {
	to_server greeting-421
	call configure "${OPTIONS[@]}" --json
	exits 75
	json_is error.code 75
	nothing_written
}

@test "not SMTP: 69" {
	to_server ssh
	is_refused 69 not-smtp
}

@test "the relay hangs up: 69" {
	to_server close-auth
	is_refused 69 hung-up
}

@test "login refused for now: 75" {
	to_server auth-454
	is_refused 75 auth-temporary
}

@test "hostile text is cleaned before it reaches anybody" {
	to_server dirty
	call configure "${OPTIONS[@]}" --json
	((status != 0)) || explain "accepted"
	! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xe2\x80\x8b' <<<"$output$stderr" || explain "uncleaned text"
	call configure "${OPTIONS[@]}"
	! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xe2\x80\x8b' <<<"$output$stderr" || explain "uncleaned text"
	nothing_written
}

@test "a login over a connection that is not encrypted: refused unless said in so many words" {
	OPTIONS=(custom --host localhost --port "$SANDBOX_PORT_PLAIN" --login "$SANDBOX_LOGIN"
		--password-file "$SANDBOX_PASSWORD_FILE" --verify none)
	for mode in none opportunistic; do
		call configure "${OPTIONS[@]}" --tls "$mode" --no-test --json
		((status == 64 || status == 65 || status == 69)) || explain "expected a refusal"
		says --allow-unencrypted-login
		nothing_written
	done
	call configure "${OPTIONS[@]}" --tls none --allow-unencrypted-login
	exits 0
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER")
	grep -qF "(Authenticated sender: $SANDBOX_LOGIN)" "$file"
	call deconfigure
	exits 0
	files_as_first
}

@test "a relay that is configured stays as it is when another one fails its test" {
	configure "$SANDBOX_PORT"
	exits 0
	remember
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN2" "$SANDBOX_WRONG_PASSWORD_FILE"
	call configure "${OPTIONS[@]}"
	exits 77
	nothing_written
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

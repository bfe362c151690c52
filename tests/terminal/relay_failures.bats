#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# relay_failures.bats: tests that fail or hang, in the console with the real drivers: what is said, where
# the form begins again, that nothing is lost and nothing written. And all of it in plain mode.

load relay_helper

# --- failures -------------------------------------------------------------------------------------

# In the custom form: everything typed, the test has failed.
failing() { # HOST PORT CA LOGIN PASSWORD
	relay_console
	menu
	custom
	server "$1" "$2"
	keys Tab Tab Tab
	typed "$3"
	keys Tab
	credentials "$4" "$5"
	keys Enter
	wait_for 'The test failed'
}

# Edit, Back and Apply anyway, and nothing typed is lost on the way.
failed_and_kept() { # FIELD WHERE EDIT LEADS: its label
	keys Enter
	wait_for 'Custom relay'
	focus_is "$1"
	shows "$SANDBOX_LOGIN"
	shows '****'
	submit
	wait_for 'The test failed'
	keys Escape
	wait_for 'Custom relay'
	shows '****'
	submit
	wait_for 'The test failed'
	keys Tab Enter
	wait_for 'Warning: the test failed'
	shows '<Apply>'
	keys Escape
	wait_for 'Custom relay'
	shows '****'
	nothing_written
}

@test "wrong password" {
	failing localhost "$SANDBOX_PORT" "$SANDBOX_CA" "$SANDBOX_LOGIN" 'not the password'
	picture_words failed-password
	shows_not 'not the password'
	failed_and_kept Password
}

@test "untrusted certificate" {
	failing localhost "$SANDBOX_PORT_UNTRUSTED" "$SANDBOX_CA" "$SANDBOX_LOGIN" "$OUR_PASSWORD"
	picture_words failed-certificate
	failed_and_kept 'CA file'
}

@test "wrong port" {
	failing localhost 9 "$SANDBOX_CA" "$SANDBOX_LOGIN" "$OUR_PASSWORD"
	shows 'refused the connection on port 9'
	shows 'What to do: '
	failed_and_kept Host
}

@test "unknown host" {
	failing nowhere.invalid "$SANDBOX_PORT" "$SANDBOX_CA" "$SANDBOX_LOGIN" "$OUR_PASSWORD"
	shows 'nowhere.invalid'
	shows 'What to do: '
	failed_and_kept Host
}

@test "no STARTTLS" {
	failing localhost "$SANDBOX_PORT_PLAIN" "$SANDBOX_CA" "$SANDBOX_LOGIN" "$OUR_PASSWORD"
	picture_words failed-starttls
	failed_and_kept Port
}

@test "apply anyway does what it says: written, with the warning, and taken back" {
	relay_console
	menu
	practice
	credentials "$SANDBOX_LOGIN" 'not the password'
	keys Enter
	wait_for 'The test failed'
	keys Tab Enter
	wait_for 'Warning: the test failed'
	picture_words review-anyway
	keys Enter
	wait_for 'Postfix was reloaded'
	picture applied-anyway
	[[ $(parameter relayhost) == "[localhost]:$SANDBOX_PORT" ]]
	keys Enter d Enter
	wait_for 'This is what will be restored'
	keys Enter
	wait_for 'Restored'
	files_as_first
	run ! grep -rqF 'not the password' "$SANDBOX_CONFIG" "$SANDBOX_STATE"
}

@test "fingerprint: the test shows the certificate and pins it; another one is told" {
	relay_console
	menu
	custom
	server localhost "$SANDBOX_PORT_UNTRUSTED"
	keys Tab Right Right
	wait_for '< Fingerprint of exactly one certificate >'
	keys Tab Tab Tab
	credentials
	keys Enter
	wait_for 'shows this certificate'
	picture_words pin
	keys Escape
	wait_for 'Custom relay'
	nothing_written
	submit
	wait_for 'shows this certificate'
	keys Enter
	wait_for 'This is what will change'
	shows 'fingerprint match='
	keys Enter
	wait_for 'certificate pinned'
	mail_is_relayed_by_fingerprint
	# The server's certificate becomes another one: the port of another certificate.
	keys Enter c Enter
	wait_for 'keeps the stored one'
	keys Tab C-u
	typed "$SANDBOX_PORT"
	keys Tab Tab Tab Tab Tab Tab
	typed "$OUR_PASSWORD"
	keys Enter Enter
	wait_for 'another certificate'
	picture_words pin-other
	keys Enter
	wait_for 'Custom relay'
}

mail_is_relayed_by_fingerprint() {
	local file
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER")
	grep -qF "(Authenticated sender: $SANDBOX_LOGIN)" "$file"
}

# --- the test while it runs -----------------------------------------------------------------------

@test "a hanging test shows its steps; ESC ends it at once, nothing lost, nothing written" {
	local before

	hanging
	sleep 0.3
	picture_words testing
	before=$(date +%s%N)
	keys Escape
	wait_for 'Custom relay'
	(($(date +%s%N) - before < 1000000000))
	shows "$SANDBOX_LOGIN"
	shows '****'
	server_heard_no_login
	nothing_written
}

# --- plain ----------------------------------------------------------------------------------------

plain() { # ANSWER ...
	run --separate-stderr timeout 30 "$PROGRAM" --plain --config-dir "$OWN" --postfix-config "$SANDBOX_CONFIG" \
		--state-dir "$SANDBOX_STATE" < <(printf '%s\n' "$@")
	# shellcheck disable=SC2154 # bats sets it
	printf "%s\n" "${output-}"
}

@test "plain: the main job" {
	plain 1 1 "$SANDBOX_LOGIN" "$OUR_PASSWORD" 1 1 '' 12 '' 0 0
	exits 0
	says 'Login: ok, '
	says '+relayhost = [localhost]'
	says 'Mail goes: through localhost'
	says 'Test passed'
	says_not "+[localhost]:$SANDBOX_PORT $SANDBOX_LOGIN:$OUR_PASSWORD"
	says_not 'F2'
	says_not 'ESC'
	mail_is_relayed_as "$SANDBOX_LOGIN"
	plain 1 13 1 '' 0 0
	exits 0
	says 'Mail goes: directly'
	files_as_first
	no_secret_left
}

@test "plain: each failure is named, and nothing is written" {
	local name host port words password

	while IFS='|' read -r name host port password words; do
		echo "== $name"
		plain 1 10 "$host" "$port" 1 1 '' "$SANDBOX_CA" "$SANDBOX_LOGIN" "$password" 1 0 0 2 0 0
		exits 0
		says "$words"
		says 'What to do: '
		says 'Nothing was changed'
		says_not 'This is what will change'
		nothing_written
	done <<-END
		password|localhost|$SANDBOX_PORT|wrong one|refused the login
		certificate|localhost|$SANDBOX_PORT_UNTRUSTED|$OUR_PASSWORD|authority
		port|localhost|9|$OUR_PASSWORD|refused the connection on port 9
		host|nowhere.invalid|587|$OUR_PASSWORD|nowhere.invalid
		starttls|localhost|$SANDBOX_PORT_PLAIN|$OUR_PASSWORD|STARTTLS
	END
}

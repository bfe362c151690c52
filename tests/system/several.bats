#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # quotes are meant; each test is a process of its own
# The command line of several relays: words and options, dry runs, what is tested, passwords from
# everywhere, a settings file applied. What the mail then does is in routes.bats.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() {
	setup_test
	remember
	FILE=$BATS_TEST_TMPDIR/relays.ini
}
teardown() { teardown_test; }

refused() { # CODE WORDS -- COMMAND...
	local code=$1 words=$2
	shift 3
	call "$@"
	exits "$code"
	says "$words"
	nothing_written
	call "$@" --json
	exits "$code"
	json_is error.code "$code"
	nothing_written
}

# The default relay, another login at the same server, and the same provider with implicit TLS.
relays_file() { # PASSWORD-LINES of each
	cat >"$FILE" <<-END
		[settings]
		default = first
		[relay first]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN
		${1-password-file = $SANDBOX_PASSWORD_FILE}
		fallback = second, wrapped
		[relay second]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN2
		${2-password-file = $SANDBOX_PASSWORD2_FILE}
		[relay wrapped]
		host = $SANDBOX_HOST
		port = $SANDBOX_PORT_IMPLICIT
		tls = implicit
		ca-file = $SANDBOX_CA
		login = $SANDBOX_LOGIN
		${3-password-file = $SANDBOX_PASSWORD_FILE}
		[routes]
		sender =
		 @second.test second
		 <> direct
		recipient =
		 wrapped.test wrapped
	END
}

three_relays() {
	relays_file
	call apply "$FILE" --no-test
	exits 0
	remember
}

@test "words: what is missing, mistyped, too much, or of another command" {
	refused 64 'one of list, set, remove, rename' -- relay
	refused 64 'did you mean "relay list"' -- relay lst
	refused 64 'there are list, add, remove, test' -- route frobnicate
	refused 64 'NAME is missing' -- relay set
	refused 64 'NEW is missing' -- relay rename first
	refused 64 'RELAY|direct is missing' -- route add --sender @a.test
	refused 64 '"second" is too much' -- relay remove first second
	refused 64 '"relay list" takes no option --fallback; "relay set" does' -- relay list --fallback first
	refused 64 'stands behind the word: relaycon relay set --port' -- relay --port 25 set first
	refused 64 'did you mean "--sender"' -- route add --sendr @a.test first
	refused 64 'stands before the command' -- relay list --state-dir /tmp
	for words in 'relay' 'relay set' 'route' 'route add' 'apply' 'export'; do
		read -ra words <<<"$words"
		call "${words[@]}" --help
		exits 0
		says "Usage: relaycon ${words[*]}"
	done
	nothing_written
	# Between the words --json counts as well as behind them.
	call relay --json list
	exits 0
	json_is relays '[]'
}

@test "relay set: tested, written, listed; again is unchanged and touches nothing" {
	to_provider "$SANDBOX_PORT"
	call relay set default "${OPTIONS[@]}" --json
	exits 0
	json_is result changed
	json_is test.result ok
	json_is tests.0.relay default
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
	call relay set second "${OPTIONS[@]}"
	exits 0
	says 'No mail goes there yet'
	remember
	call relay set second "${OPTIONS[@]}" --json
	exits 0
	json_is result unchanged
	json_is test null
	nothing_written
	call relay list --json
	json_is default default
	json_is relays.1.name second
	json_is relays.1.login "$SANDBOX_LOGIN2"
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call test second --json
	exits 0
	json_is result ok
}

@test "relay set: a wrong password, nothing written" {
	three_relays
	printf 'wrong one\n' >"$BATS_TEST_TMPDIR/wrong"
	call relay set second --password-file "$BATS_TEST_TMPDIR/wrong" --json
	exits 77
	json_is result failed
	json_is test.cause auth-refused
	says_not 'wrong one'
	nothing_written
	call relay set new custom --host "$SANDBOX_HOST" --port 1 --no-auth
	exits 69
	says 'Nothing was changed'
	nothing_written
}

@test "relay set without a provider changes what is said, and tests with the stored password" {
	three_relays
	call relay set wrapped --fallback second --json
	exits 0
	json_is result changed
	call relay list --json
	json_is relays.2.fallbacks '["second"]'
	json_is relays.2.port "$SANDBOX_PORT_IMPLICIT"
	json_is relays.2.password_file "$SANDBOX_PASSWORD_FILE"
	call relay set wrapped --fallback none --no-test
	exits 0
	call relay list --json
	json_is relays.2.fallbacks '[]'
}

@test "dry runs: the diff, no secret, nothing written or sent" {
	three_relays
	: >"$SANDBOX_PROVIDER_LOG"
	for words in 'relay set second --fallback wrapped' 'relay rename second other' 'route add direct --sender @x.test' \
		'route remove --sender @second.test' "apply $FILE"; do
		read -ra words <<<"$words"
		[[ ${words[0]} != apply ]] || sed -i '/fallback/d' "$FILE"
		call "${words[@]}" --dry-run --json
		exits 0
		json_is result planned
		json_is test null
		nothing_written
		call "${words[@]}" --dry-run
		exits 0
		says_not "$(<"$SANDBOX_PASSWORD_FILE")"
		says_not "$(<"$SANDBOX_PASSWORD2_FILE")"
	done
	[[ ! -s $SANDBOX_PROVIDER_LOG ]]
}

@test "rename to the name default: it is said who is the default relay, before and after" {
	relays_file
	sed -i 's/^default = first$/default = second/; s/first/default/' "$FILE"
	call apply "$FILE" --no-test
	exits 0
	remember
	refused 64 'There is a relay default already. The default relay is second.' -- relay rename wrapped default
	call relay rename wrapped default
	says 'relaycon relay rename default NEW'
	call relay rename default other
	exits 0
	says_not 'in place of'
	call relay rename wrapped default
	exits 0
	says 'relay wrapped is called default now, and so it is the default relay, in place of second.'
	call relay list --json
	json_is default default
	# The default relay's own other name: nothing moves, and nothing is said of it.
	call relay rename default main
	exits 0
	says_not 'in place of'
	call relay rename main default
	exits 0
	says_not 'in place of'
}

@test "a CA file that is gone or is none: the relay whose it is, is named" {
	three_relays
	cp "$SANDBOX_CA" "$BATS_TEST_TMPDIR/ca.pem"
	call relay set second --ca-file "$BATS_TEST_TMPDIR/ca.pem"
	exits 0
	call export
	sed -n '/^\[/,$p' <<<"$output" >"$FILE"
	rm "$BATS_TEST_TMPDIR/ca.pem"
	remember
	for words in "apply $FILE" "apply $FILE --no-test" 'relay set first --fallback second' 'route add --sender @ca.test wrapped'; do
		read -ra words <<<"$words"
		refused 74 'It is the CA file of relay second.' -- "${words[@]}"
	done
	echo none >"$BATS_TEST_TMPDIR/ca.pem"
	refused 65 'It is the CA file of relay second.' -- apply "$FILE"
	call test --all
	exits 69
	says 'second: Test failed'
	says "$BATS_TEST_TMPDIR/ca.pem"
	nothing_written
}

@test "remove and rename: what leads there is named, and follows" {
	three_relays
	refused 64 'second.test' -- relay remove second
	refused 64 'first' -- relay remove wrapped
	refused 64 'second' -- relay rename first second
	refused 64 'wrapped' -- relay remove wraped
	call relay rename second branch
	exits 0
	call route list --json
	json_is routes.2.relay branch
	call relay list --json
	json_is relays.0.fallbacks '["branch", "wrapped"]'
	call relay remove first
	exits 0
	call route list
	says 'all other mail -> direct'
}

@test "relays that no mail goes to: status says so, and Deconfigure takes them away as well" {
	to_provider "$SANDBOX_PORT"
	call relay set idle "${OPTIONS[@]}" --no-test
	exits 0
	call status
	says 'directly'
	says 'Relays: 1, none of them in use'
	call route test --from a@x.test --to u@other.test --json
	json_is result direct
	call route add --recipient other.test idle
	exits 0
	call status
	says 'but for what has a route'
	call route test --from a@x.test --to u@other.test --json
	json_is relay.name idle
	call route remove --recipient other.test
	call relay remove idle
	exits 0
	files_as_first
	call relay set idle "${OPTIONS[@]}" --no-test
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
	call relay list --json
	json_is relays '[]'
}

@test "apply: all relays are tested side by side; one that fails keeps everything as it was" {
	relays_file '' '' ''
	refused 64 '[relay first]' -- apply "$FILE"
	printf 'wrong one\n' >"$BATS_TEST_TMPDIR/wrong"
	relays_file "password-file = $SANDBOX_PASSWORD_FILE" "password-file = $BATS_TEST_TMPDIR/wrong"
	call apply "$FILE"
	exits 77
	says 'first: ok'
	says 'wrapped: ok'
	says 'second: failed'
	says 'Nothing was changed'
	says_not 'wrong one'
	nothing_written
	relays_file
	call apply "$FILE" --json
	exits 0
	json_is result changed
	json_is tests.# 3
	remember
	call apply "$FILE" --json
	exits 0
	json_is result unchanged
	json_is tests '[]'
	nothing_written
	# One more: only that is tested.
	printf '[relay open]\nhost = %s\nport = %s\nca-file = %s\nlogin =\n' "$SANDBOX_HOST" "$SANDBOX_PORT_OPEN" \
		"$SANDBOX_CA" >>"$FILE"
	call apply "$FILE" --json
	exits 0
	json_is tests.# 1
	json_is tests.0.relay open
	no_secret_left "$SANDBOX_STATE"
}

@test "apply: silent relays are waited for together, not one after the other" {
	printf '[settings]\ndefault = direct\n' >"$FILE"
	exec {listening}< <(/usr/bin/python3 -c '
import socket, sys, time
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(s.getsockname()[1] for s in sockets), flush=True)
time.sleep(60)' 3>&-)
	silent=$!
	read -ra ports <&"$listening"
	for port in "${ports[@]}"; do
		printf '[relay r%s]\nhost = 127.0.0.1\nport = %s\ntls = none\nlogin =\n' "$port" "$port" >>"$FILE"
	done
	began=$SECONDS
	call apply "$FILE" --json
	kill "$silent"
	exits 69
	json_is tests.# 4
	json_is tests.3.cause timed-out
	((SECONDS - began < 40)) || explain "it took $((SECONDS - began)) seconds"
	nothing_written
}

@test "apply: the settings, or one password, from standard input; a credential" {
	relays_file
	call apply - <"$FILE"
	exits 0
	call deconfigure
	exits 0
	files_as_first
	relays_file "password-file = $SANDBOX_PASSWORD_FILE" ''
	call apply "$FILE" --password-file - <"$SANDBOX_PASSWORD2_FILE"
	exits 0
	call deconfigure
	exits 0
	remember
	refused 64 'cannot be both' -- apply - --password-file -
	relays_file "password-file = credential:one" "password-file = credential:two"
	refused 64 'credential' -- apply "$FILE"
	mkdir "$BATS_TEST_TMPDIR/credentials"
	cp "$SANDBOX_PASSWORD_FILE" "$BATS_TEST_TMPDIR/credentials/one"
	cp "$SANDBOX_PASSWORD2_FILE" "$BATS_TEST_TMPDIR/credentials/two"
	CREDENTIALS_DIRECTORY=$BATS_TEST_TMPDIR/credentials call apply "$FILE"
	exits 0
	call status --json
	json_is default first
	json_is routes 3
	json_is relays.# 3
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "apply: what is wrong in the file is told with its line, and nothing else is" {
	while IFS='|' read -r text words; do
		printf '%b' "$text" >"$FILE"
		refused 65 "$words" -- apply "$FILE"
	done <<-'END'
		[relay a]\nhots = a.test\n|line 2
		[relay a]\nhost = a.test\nlogin =\n[settings]\ndefault = b\n|line 5
		[relay a]\nhost = a.test\nlogin =\n[routes]\nsender =\n\t@x.test c\n|line 6
		[relais a]\n|[relay NAME]
		[relay a]\nhost = a.test\nlogin = x\npassword-file = geheim\n|full path
		[relay a]\nhost = a.test\nlogin =\n[routes]\nsender =\n\t@x.test a\n\t@X.TEST direct\n|line 7
	END
	says_not geheim
	refused 74 /nowhere/at/all -- apply /nowhere/at/all
}

@test "export: no password in it; applied here it is unchanged, elsewhere it is the same" {
	relays_file '' '' ''
	sed -i '/^\[routes\]/,$d' "$FILE"
	to_provider "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --no-test
	call export
	exits 0
	says '# password-file = /root/default.password'
	three_relays
	call export
	exits 0
	exported=$output
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	call apply - <<<"$exported"
	exits 0
	says unchanged
	nothing_written
	call export --json
	json_is relays.# 3
	json_is routes.# 3
}

@test "the example of the manual page is a file that apply takes" {
	awk '/^\.SH SETTINGS AS A FILE/ { found = 1 } found && /^\.nf/ { inside = 1; next }
		/^\.fi/ && inside { exit } inside' "$PROJECT/assets/man/relaycon.8" |
		sed "s/\\\\-/-/g; s|/root/office.password|$SANDBOX_PASSWORD_FILE|" >"$FILE"
	call apply "$FILE" --dry-run --json
	exits 0
	json_is result planned
	nothing_written
}

@test "many logins tested at a time, each its own: no result is another one's" {
	printf '[settings]\ndefault = direct\n' >"$FILE"
	for number in {0..9}; do
		printf '[relay r%s]\nhost = %s\nca-file = %s\n' "$number" "$SANDBOX_HOST" "$SANDBOX_CA"
		if ((number % 2)); then
			printf 'port = %s\ntls = implicit\n' "$SANDBOX_PORT_IMPLICIT"
		else
			printf 'port = %s\n' "$SANDBOX_PORT"
		fi
		case $number in
		[01]) printf 'login = %s\npassword-file = %s\n' "$SANDBOX_LOGIN" "$SANDBOX_PASSWORD_FILE" ;;
		[23]) printf 'login = %s\npassword-file = %s\n' "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE" ;;
		*) printf 'login = nobody%s@x.test\npassword-file = %s\n' "$number" "$SANDBOX_PASSWORD_FILE" ;;
		esac
	done >>"$FILE"
	call apply "$FILE" --no-test
	exits 0
	for _ in 1 2 3; do
		call test --all
		exits 77
		for number in {0..3}; do says "r$number: Test passed"; done
		for number in {4..9}; do says "r$number: Test failed: $SANDBOX_HOST refused the login nobody$number@x.test"; done
	done
}

@test "test --all: a line for each, the exit code of the one that fails" {
	three_relays
	call test --all
	exits 0
	says 'first: Test passed'
	says 'second: Test passed'
	says 'wrapped: Test passed'
	printf 'wrong one\n' >"$BATS_TEST_TMPDIR/wrong"
	call relay set second --password-file "$BATS_TEST_TMPDIR/wrong" --no-test
	exits 0
	call test --all --json
	exits 77
	json_is result failed
	json_is tests.0.result ok
	json_is tests.1.cause auth-refused
	json_is tests.2.result ok
	call test --all
	says '1 of 3 relays failed'
	call test --all second
	exits 64
	call test secnd
	exits 64
	says 'Did you mean the relay "second"?'
	call test brevo --port none
	exits 64
	says_not 'Did you mean the relay'
}

@test "the completion offers the relays that there are where one is to be named" {
	three_relays
	# shellcheck source=/dev/null
	source "$PROJECT/assets/completions/relaycon"
	complete_at() { # WORDS...
		COMP_WORDS=(relaycon "$@")
		COMP_CWORD=$#
		COMPREPLY=()
		_relaycon
		printf '%s ' "${COMPREPLY[@]}"
	}
	[[ $(complete_at relay remove '') == 'first second wrapped ' ]]
	[[ $(complete_at relay rename s) == 'second ' ]]
	[[ $(complete_at --state-dir /x relay set w) == 'wrapped ' ]]
	[[ $(complete_at relay set second --fallback '') == 'none first second wrapped ' ]]
	[[ $(complete_at route add --sender @x.test '') == 'direct first second wrapped ' ]]
	[[ $(complete_at relay r) == 'remove rename ' ]]
	[[ $(complete_at test sec) == 'second ' ]]
	[[ $(complete_at route remove '') == ' ' ]]
}

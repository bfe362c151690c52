#!/usr/bin/env bats
# lines.bats: the plain mode and the command line.

load helper

plain() { # ANSWER ...
	printf '%s\n' "$@" | "$PROGRAM" --config-dir "$OWN" --plain
}

relaycon() {
	"$PROGRAM" --config-dir "$OWN" "$@" </dev/null
}

@test "plain: a form by a script, field by field" {
	run plain 1 relay.example.net 2525 3 me 'pass word' 1 '' 0
	[[ $status == 0 ]]
	[[ $output == *'host relay.example.net'* && $output == *'security none'* ]]
	[[ $output == *'login me'* && $output == *'password of 9 bytes'* ]]
	[[ $output != *'pass word'* ]]
}

@test "plain: Enter keeps, - empties, b goes back, ? explains, a check asks again" {
	run plain 1 '?' '' b '' '' '' '' secret 1 me 1 '' 0
	[[ $output == *"The relay's name, for example"* ]]
	[[ $output == *'The login is missing.'* ]]
	[[ $output == *'host smtp.example.org'* && $output == *'login me'* ]]
}

@test "plain: before the buttons of a form stands an empty line, not one of blanks" {
	run plain 1 relay.example.net 2525 3 me 'pass word' 1 '' 0
	[[ $output == *'(not shown): '$'\n''  1. '* ]]
}

@test "plain: leaving with edits asks, and keeps by default" {
	run plain 1 other b b 1 '' '' '' me pw 0 2 0
	[[ $output == *'Throw away what you typed?'* ]]
	[[ $output != *'What was typed'* ]]
	[[ $status == 0 ]]
}

@test "plain: the end of input in the midst of a form applies nothing and is an error" {
	run plain 1 other
	[[ $status == 74 ]]
	[[ $output != *'What was typed'* ]]
}

@test "plain: the end of input at the menu leaves" {
	run plain
	[[ $status == 0 ]]
}

@test "plain: no control characters and no line drawing" {
	run plain 5 2 '' 0 3 '' 0 0
	[[ $output != *$'\e'* && $output != *│* ]]
}

@test "plain: a diff and steps as lines" {
	run plain 3 0 4 '' 0
	[[ $output == *'+relayhost = [smtp.example.org]:587'* ]]
	[[ $output == *'auth: failed, 1234 ms, 535 5.7.8'* ]]
	[[ $output == *'greeting: skipped'* ]]
}

@test "plain: what cannot be chosen says why" {
	run plain 5 6 0 0
	[[ $output == *'Broken (not available)'* && $output == *'Broken is not available: '*sumary* ]]
}

@test "plain: a password at a terminal is not echoed" {
	console -- --plain
	wait_for 'Your choice:'
	typed 1
	keys Enter Enter Enter Enter
	typed me
	keys Enter
	wait_for 'not shown'
	typed 'hidden-word'
	keys BSpace Enter
	wait_for 'Go through'
	shows_not 'hidden'
	typed 1
	keys Enter
	wait_for 'password of 10 bytes'
}

@test "no terminal and no command: says how to use it, 64" {
	run relaycon
	[[ $status == 64 && $output == *'--plain'* && $output == *'--help'* ]]
}

@test "--help lists options and commands; of a command, its options" {
	run relaycon --help
	[[ $status == 0 && $output == *'--mood WORD'* && $output == *'mighty'* ]]
	run relaycon echo --help
	[[ $status == 0 && $output == *'Usage: relaycon echo WORD'* && $output == *'--login LOGIN'* ]]
	run relaycon --version
	[[ $status == 0 && $output == 'relaycon '* ]]
}

@test "usage errors name the option and the nearest spelling, 64" {
	local case arguments words

	while IFS='|' read -r arguments words; do
		case=$arguments
		# shellcheck disable=SC2086 # words
		run relaycon $arguments
		echo "$case: $status: $output"
		[[ $status == 64 && $output == *"$words"* ]]
	done <<-'END'
		ehco|there is no command "ehco"; did you mean "echo"?
		frobnicate|there is no command "frobnicate"
		echo --lgoin x|there is no option "--lgoin"; did you mean "--login"?
		echo --login|option --login needs a value
		echo --login a --login b|option --login is given twice
		echo --json=yes|option --json takes no value
		echo one two|"two" is too much
		mighty one|it takes no arguments
		--plian|did you mean "--plain"?
		echo --mood sad|option --mood stands before the command
		echo -x|there is no option "-x"
	END
}

@test "usage errors are JSON where JSON is wanted" {
	local arguments

	for arguments in 'echo --json --lgoin' 'ehco --json' 'echo a b --json' '--bogus --json'; do
		# shellcheck disable=SC2086 # words
		run relaycon $arguments
		[[ $status == 64 ]]
		/usr/bin/python3 -c 'import json, sys
error = json.loads(sys.argv[1])["error"]
assert error["code"] == 64 and error["message"] and error["advice"], error' "$output"
	done
}

@test "a failure is words on standard error, or one JSON document on standard output" {
	local err=$BATS_TEST_TMPDIR/err out=$BATS_TEST_TMPDIR/out

	run -69 relaycon echo --fail 'Try again.'
	relaycon echo --fail 'Try again.' >"$out" 2>"$err" || true
	[[ ! -s $out ]]
	grep -q '^relaycon echo: The relay cannot be reached: \[31mrefused$' "$err"
	grep -q '^Try again.$' "$err"
	relaycon echo --fail 'Try again.' --json >"$out" 2>"$err" || true
	[[ ! -s $err ]]
	/usr/bin/python3 -c 'import json, sys
assert json.load(sys.stdin)["error"]["code"] == 69' <"$out"
}

@test "options come in both spellings and before or after words; -- ends them" {
	run relaycon echo --login=a b
	[[ $output == 'b login=a '* ]]
	run relaycon echo b --login a
	[[ $output == 'b login=a '* ]]
	run relaycon echo -- --login
	[[ $output == '--login login=none '* ]]
	run relaycon echo -
	[[ $output == '- login=none '* ]]
}

@test "a secret is asked for at a terminal only" {
	run relaycon echo --secret
	[[ $output == 'answer 1, 0 bytes' ]]
	console -- echo --secret
	wait_for 'Password:'
	typed 'hidden-word'
	keys Enter
	wait_for 'answer 0, 11 bytes'
	shows_not hidden
}

@test "Ctrl-C at the secret ends it, with echo restored" {
	shell
	typed "$PROGRAM echo --secret"
	keys Enter
	wait_for 'Password:'
	typed 'hid'
	keys C-c
	typed "echo visible=\$((40 + 2))"
	keys Enter
	wait_for 'visible=42'
	shows 'echo visible'
	shows_not 'hid '
}

@test "privileged commands say sudo to others, 77" {
	[[ $EUID == 0 ]]
	chmod -R a+rX "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$PROGRAM" mighty </dev/null
	echo "$output"
	[[ $status == 77 && $output == *'sudo relaycon mighty'* ]]
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$PROGRAM" echo hello </dev/null
	[[ $status == 0 ]]
	run relaycon mighty
	[[ $status == 0 ]]
}

@test "an audit line: who behind sudo, quoted, on one line" {
	local log=$BATS_TEST_TMPDIR/log

	# A /dev of its own, with a listener in the place of the system log.
	export PROGRAM OWN log
	# shellcheck disable=SC2016 # for the inner shell
	SUDO_USER=alice unshare --mount bash "$HERE/with_system_log.sh" "$log" \
		bash -c 'printf "%s\n" 5 4 "" 0 0 | "$PROGRAM" --config-dir "$OWN" --plain' >/dev/null
	cat "$log"
	# 10 * 8 + 5: authpriv.notice
	grep -q '^<85>' "$log"
	grep -q 'who="[^"]*" as="root" sudo="alice" tty="none" action="demo" from="direct forged line" to="relay .x." result="audit"' "$log"
	[[ $(wc -l <"$log") == 0 ]]
}

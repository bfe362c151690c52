#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# relay_rough.bats: the console with the real drivers where life is rough: resize, hang-up, signals, pastes,
# strange keys, and others who work on the same machine.

load relay_helper

# --- ESC, sizes, hang-up, signals -----------------------------------------------------------------

@test "ESC at each step applies nothing" {
	to_review
	keys Escape
	wait_for 'Test and review'
	keys Escape
	wait_for 'Throw away'
	keys Escape
	wait_for 'Test and review'
	keys Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Who delivers'
	keys Escape
	wait_for 'Mail goes: directly'
	nothing_written
	no_secret_left
}

@test "resize in the form, the test and the review, to 1x1 and back: nothing is lost" {
	hanging
	resize 1x1
	resize 40x10
	resize 100x30
	wait_for 'Testing the connection'
	resize 80x24
	wait_for 'Nothing is changed by this test'
	keys Escape
	wait_for 'Custom relay'
	resize 1x1
	resize 132x43
	wait_for 'Custom relay'
	resize 80x24
	shows "$SANDBOX_LOGIN"
	shows '****'
	close_terminal
	to_review
	resize 1x1
	resize 20x5
	resize 80x24
	wait_for 'This is what will change'
	resize 132x43
	picture_words review-resized
	resize 80x24
	keys Escape
	wait_for 'Test and review'
	shows "$SANDBOX_LOGIN"
	nothing_written
}

@test "hang-up and signals in the form, the test and the review: nothing applied, nothing running" {
	local place end pid

	for place in at_form hanging to_review; do
		for end in close HUP TERM INT; do
			echo "$place $end"
			SERVER_PID=
			"$place"
			pid=$(console_pid)
			if [[ $end == close ]]; then
				close_terminal
			else
				kill -s "$end" "$pid"
				wait_for_end
				((END_STATUS == 128 + $(kill -l "$end")))
				close_terminal
			fi
			gone "$pid"
			[[ -z $SERVER_PID ]] || {
				kill "$SERVER_PID"
				wait "$SERVER_PID" 2>/dev/null || true
				SERVER_PID=
			}
			nothing_written
			no_secret_left
		done
	done
}

@test "at 60 columns: what stands above the diff is wrapped, and only the diff scrolls sideways" {
	to_review 60x16
	shows 'Test passed: localhost'
	shows '+++ b/'
	keys Right Right
	wait_for 'config/relaycon_tls_policy'
	shows 'Test passed: localhost'
	shows_not '+++ b/'
	keys Escape
	wait_for 'Test and review'
	nothing_written
}

# --- what is typed and pasted ---------------------------------------------------------------------

@test "pastes: a newline, 3000 characters, wide and combining characters, a login with spaces" {
	local long

	relay_console
	menu
	practice
	typed ' a login with spaces '
	keys Tab
	in_tmux set-buffer "$(printf 'first line\nsecond line')"
	in_tmux paste-buffer -t test
	sleep 0.3
	# The newline pressed nothing.
	shows 'Test and review'
	shows_not 'Testing'
	keys BTab BTab C-u F2
	wait_for 'Password'
	close_terminal

	long=$(printf 'x%.0s' {1..3000})
	relay_console
	menu
	practice
	keys Tab
	in_tmux set-buffer "$long"
	in_tmux paste-buffer -t test
	sleep 0.5
	shows 'Test and review'
	keys C-u F2
	typed 'pässwörd 日本語 é'
	wait_for 'pässwörd 日本語 é'
	keys BTab
	typed 'wer@例え.test'
	wait_for 'wer@例え.test'
	keys Tab Enter Enter
	wait_for 'The test failed'
	shows '例え'
	keys Enter
	keys BTab C-u
	typed ' x y '
	keys Tab Enter Enter
	wait_for 'begins with a space'
	nothing_written
}

@test "function keys, mouse reports and random bytes do nothing" {
	relay_console
	menu
	practice
	keys F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 IC PPage NPage M-x M-F1 C-Up S-Left C-o C-t
	in_tmux send-keys -t test -H 1b 5b 4d 20 21 21 1b 5b 3c 30 3b 31 30 3b 31 30 4d
	in_tmux send-keys -t test -H 1b 5b 32 30 30 7e 61 62 63 1b 5b 32 30 31 7e
	in_tmux send-keys -t test -H 1b 5b 49 1b 5b 4f 1b 5d 31 31 3b 72 67 62 07 80 ff fe c3 28
	sleep 0.5
	[[ -d /proc/$(console_pid) ]]
	shows 'Test and review'
	shows 'Login'
	keys Escape
	sleep 0.3
	nothing_written
	close_terminal
	# Keys that this terminal's description does not have.
	relay_console TERM=vt100
	menu
	keys Down Home Enter
	wait_for 'Test and review'
	keys F5 IC M-x
	in_tmux send-keys -t test -H 1b 5b 3c 30 3b 31 30 3b 31 30 4d
	typed abc
	keys Home
	typed x
	shows 'Login     xabc'
	nothing_written
}

@test "an odd terminal: stty raw and no echo before, and given back as it was" {
	terminal 80 24 "stty raw -echo; env LC_ALL=C.UTF-8 TERM=tmux-256color $(printf '%q ' "$PROGRAM" \
		--config-dir "$OWN" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE")
		stty -a | tr ';' '\n' | grep -c -- '-icanon' >'$BATS_TEST_TMPDIR/stty'"
	wait_for 'Mail goes:'
	menu
	practice
	credentials
	keys Enter
	wait_for 'This is what will change'
	keys Escape
	wait_for 'Test and review'
	keys Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Who delivers'
	keys Escape
	wait_for 'Mail goes:'
	keys Escape
	for _ in {1..40}; do
		[[ ! -s $BATS_TEST_TMPDIR/stty ]] || break
		sleep 0.05
	done
	[[ $(<"$BATS_TEST_TMPDIR/stty") == 1 ]]
	nothing_written
}

# --- others at the same time ----------------------------------------------------------------------

@test "someone changes main.cf under an open review: said, nothing lost, nothing written over" {
	to_review
	printf '\n# edited meanwhile\n' >>"$SANDBOX_CONFIG/main.cf"
	keys Enter
	wait_for 'That did not work'
	picture_words meanwhile
	keys Enter
	wait_for 'Test and review'
	shows "$SANDBOX_LOGIN"
	shows '****'
	grep -q 'edited meanwhile' "$SANDBOX_CONFIG/main.cf"
	run ! grep -q relaycon_ "$SANDBOX_CONFIG/main.cf"
	submit
	wait_for 'This is what will change'
	keys Enter
	wait_for 'Applied'
	grep -q 'edited meanwhile' "$SANDBOX_CONFIG/main.cf"
}

@test "a change in flight elsewhere: said who, nothing lost, then applied" {
	to_review
	# As a relaycon that is in the midst of a change holds it.
	install -d -m 0700 "$SANDBOX_STATE"
	exec 8<>"$SANDBOX_STATE/lock"
	flock -x 8
	printf 'pid 4711, user somebody' >&8
	keys Enter
	wait_for 'That did not work'
	picture_words locked
	keys Enter
	wait_for 'Test and review'
	shows "$SANDBOX_LOGIN"
	shows '****'
	run ! grep -q relaycon_ "$SANDBOX_CONFIG/main.cf"
	exec 8<&-
	submit
	wait_for 'This is what will change'
	keys Enter
	wait_for 'Applied'
}

@test "two consoles: the second to apply is told what happened, loses nothing, and can go on" {
	to_review
	second_console
	menu
	practice
	credentials "$SANDBOX_LOGIN2" "$(<"$SANDBOX_PASSWORD2_FILE")"
	keys Enter
	wait_for 'This is what will change'
	keys Enter
	wait_for 'Applied'
	other_console
	shows 'This is what will change'
	keys Enter
	wait_for 'changed by someone else'
	keys Enter
	wait_for 'Test and review'
	shows "$SANDBOX_LOGIN"
	shows '****'
	submit
	wait_for 'This is what will change'
	picture_words review-second
	keys Enter
	wait_for 'Applied'
	mail_is_relayed_as "$SANDBOX_LOGIN"
	other_console
	keys Enter
	wait_for 'Who delivers'
	keys d Enter
	wait_for 'This is what will be restored'
	keys Enter
	wait_for 'Restored'
	files_as_first
	no_secret_left
}

@test "a relay is configured elsewhere while the form is open: the review shows what will change now" {
	at_form
	to_provider "$SANDBOX_PORT_IMPLICIT" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
	relaycon configure "${OPTIONS[@]}" --tls implicit
	keys Enter
	wait_for 'This is what will change'
	screen
	keys End
	sleep 0.3
	screen
	keys Enter
	wait_for 'Postfix was reloaded'
	mail_is_relayed_as "$SANDBOX_LOGIN"
	relaycon deconfigure
	files_as_first
	no_secret_left
}

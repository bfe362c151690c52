#!/usr/bin/env bats
# screens.bats: each widget as it looks and what its keys do.

load helper

open() { # TITLE: chooses an entry of the home menu by its first letter
	wait_for 'Form  '
	keys "$1" "${@:2}" Enter
}

@test "home at 80x24: what is true now, the entries, the keys" {
	console
	wait_for 'Mail:'
	golden home-80x24
}

@test "home at 132x43" {
	console 132x43
	wait_for 'Mail:'
	golden home-132x43
}

@test "F1 shows the help of the menu, ESC leaves it" {
	console
	wait_for 'Mail:'
	keys F1
	wait_for 'Help: Demo console'
	golden home-help
	keys Escape
	wait_for 'Mail:'
}

@test "a letter jumps to the next title that begins with it, round and round" {
	console
	wait_for 'Mail:'
	keys p p Enter
	wait_for 'Testing smtp'
	wait_for 'The test ended'
	keys Enter
	wait_for 'Mail:'
	keys p Enter
	wait_for 'A long text'
}

@test "a submenu with entries that cannot be used says why" {
	console
	open m
	wait_for 'Less often needed'
	keys End
	wait_for 'did you mean "summary"?'
	keys Enter
	wait_for 'has no "sumary"'
	keys Enter Up Enter
	wait_for 'module nowhere is not loaded'
	keys Enter
	wait_for 'not available: module nowhere'
}

@test "a menu of a driver starts at the given line and answers" {
	console
	open m
	wait_for 'Less often'
	keys Enter
	wait_for 'Which region'
	golden driver-menu
	keys Down Enter
	wait_for 'Oregon was chosen.'
}

@test "the Back button and ESC lead one step back, from everywhere to the shell" {
	console
	open m
	wait_for 'Less often'
	keys Enter
	wait_for 'Which region'
	keys Tab Enter
	wait_for 'Less often'
	keys Escape
	wait_for 'Mail:'
	keys Escape
	wait_for_end
	[[ $END_STATUS == 0 ]]
}

@test "a page: long text is wrapped and scrolls" {
	console
	open p
	wait_for 'A long text'
	golden page-top
	keys NPage NPage
	golden page-middle
	keys End
	wait_for 'Paragraph 40'
	golden page-end
	keys Tab Enter
	wait_for 'Button 1 was pressed.'
}

@test "a page at 132x43" {
	console 132x43
	open p
	wait_for 'A long text'
	golden page-132x43
}

@test "a page: Back applies nothing" {
	console
	open p
	wait_for 'A long text'
	keys Tab Tab Enter
	wait_for 'Mail:'
}

@test "a diff is not wrapped and scrolls both ways; its marks stay in sight" {
	console
	open d
	wait_for 'relayhost'
	golden diff
	keys Right Right Right Right Right Right Right Right Right Right Right Right
	wait_for 'THE END'
	golden diff-right
	keys Home
	wait_for '+relayhost'
}

@test "a diff colours added and removed lines where colours exist" {
	console
	open d
	wait_for '+relayhost'
	in_tmux capture-pane -p -e -t test >"$BATS_TEST_TMPDIR/colours"
	grep -q $'\e\[[0-9;]*32[^m]*m.*+relayhost' "$BATS_TEST_TMPDIR/colours"
	grep -q $'\e\[[0-9;]*31[^m]*m.*-relayhost' "$BATS_TEST_TMPDIR/colours"
}

@test "a warning starts on Back: Enter alone applies nothing" {
	console
	open d
	wait_for '+relayhost'
	keys Enter
	wait_for 'Mail:'
}

@test "progress: every step in words, with its time and detail" {
	console
	open p p
	wait_for '1234 ms'
	golden progress
	wait_for 'The test ended.'
}

@test "progress: ESC stops at once" {
	console
	open p p
	wait_for 'running'
	keys Escape
	wait_for 'The test was stopped.'
}

@test "progress survives a resize" {
	console
	open p p
	wait_for 'running'
	resize 132x43
	resize 40x12
	shows 'too small'
	resize 80x24
	wait_for '1234 ms'
	golden progress
}

@test "an error is said in words, with what to do" {
	console
	open m
	wait_for 'Less often'
	keys f Enter
	wait_for 'Try port 2525'
	golden failure
}

@test "what a server says cannot move the cursor, hide or turn text round" {
	console
	open m
	wait_for 'Less often'
	keys h Enter
	wait_for 'before[31mred[0m gnp.exe ?? end'
	golden hostile
}

@test "40x12 is too small: it says so, waits, and goes on when grown" {
	console 40x12
	wait_for 'too small: 40x12'
	golden too-small
	keys Enter Escape
	resize 80x24
	wait_for 'Mail:'
	golden home-80x24
}

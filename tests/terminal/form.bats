#!/usr/bin/env bats
# form.bats: the form: its fields, its keys, and what it must never lose.

load helper

form() {
	console "$@"
	wait_for 'Form  '
	keys Enter
	wait_for 'Account'
}

@test "a form at 80x24" {
	form
	golden form-80x24
}

@test "a form at 132x43" {
	form 132x43
	golden form-132x43
}

@test "F1 shows the form's help and loses nothing" {
	form
	typed x
	keys F1
	wait_for 'This is the help of the form.'
	keys Enter
	wait_for 'smtp.example.orgx'
}

@test "Tab and Down move on, Shift-Tab and Up back, round over the buttons" {
	form
	keys Tab Down BTab Up
	typed x
	wait_for 'smtp.example.orgx'
	keys Up Up Up Up
	typed pw
	wait_for '**'
}

@test "a choice: Right, Space and the list; the port follows it" {
	form
	keys Tab Tab Right
	wait_for '< Implicit TLS >'
	shows 'Port      465'
	keys Space
	wait_for '< None (not encrypted) >'
	shows 'Port      587'
	keys Enter
	wait_for 'Select'
	golden form-choice-list
	keys Home Enter
	wait_for '< STARTTLS >'
}

@test "a secret shows stars; F2 shows and hides it" {
	form
	keys Tab Tab Tab Tab
	typed 'päss wörd'
	wait_for '*********'
	shows_not 'wörd'
	golden form-secret
	keys F2
	wait_for 'päss wörd'
	golden form-secret-shown
	keys F2
	wait_for '*********'
	shows_not 'wörd'
}

@test "editing: arrows, Home, End, Delete, Backspace, Ctrl-U, whole characters" {
	form
	keys C-u
	typed 'aäö中z'
	keys Left BSpace Home Delete
	typed 'X'
	keys End
	typed 'E'
	wait_for 'Host      Xäözä' || wait_for 'Host      XäözE'
	shows 'Host      XäözE'
}

@test "a long value scrolls under the cursor" {
	form
	keys C-u
	typed "$(printf 'abcdefghi-%.0s' 1 2 3 4 5 6 7 8 9 10)END"
	wait_for 'END'
	keys Home
	wait_for 'Host      abcdefghi-'
	shows_not 'END'
}

@test "a full field says so and keeps what it has" {
	form
	keys Tab
	typed 12
	wait_for '58712'
	typed 9
	wait_for 'No more fits in here (5 bytes).'
	shows 'Port      58712'
}

@test "submitting: what is wrong is said at its field, nothing is lost" {
	form
	keys Tab Tab Tab Tab
	typed secret
	keys Enter Enter
	wait_for 'The login is missing.'
	golden form-problem
	typed me
	keys Tab Tab Enter
	wait_for 'login me'
	shows 'password of 6 bytes'
	shows 'button 0'
}

@test "the second button leaves the fields unchecked" {
	form
	keys BTab BTab Enter
	wait_for 'button 1'
}

@test "a pasted text with newlines does not submit" {
	form
	in_tmux set-buffer $'one\ntwo\nthree\nfour\nfive\nsix\nseven\n'
	in_tmux paste-buffer -t test
	sleep 0.5
	shows 'Account'
	shows_not 'What was typed'
}

@test "ESC with edits asks; Keep editing is the default" {
	form
	typed x
	keys Escape
	wait_for 'Throw away what you typed?'
	golden form-throw-away
	keys Enter
	wait_for 'smtp.example.orgx'
	keys Escape
	wait_for 'Throw away'
	keys Escape
	wait_for 'smtp.example.orgx'
	keys Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Mail:'
}

@test "ESC without edits asks nothing" {
	form
	keys Escape
	wait_for 'Mail:'
}

@test "what was typed survives a resize to anything and back" {
	form
	typed x
	keys Tab Tab Tab
	typed me
	keys Tab
	typed secret
	resize 132x43
	wait_for 'smtp.example.orgx'
	resize 40x12
	wait_for 'too small'
	resize 10x2
	resize 60x16
	wait_for '******'
	golden form-60x16
	resize 80x24
	wait_for 'smtp.example.orgx'
	keys Tab Enter
	wait_for 'login me'
	shows 'password of 6 bytes'
}

@test "a secret is nowhere in the process but in the driver's own buffer" {
	local secret='zQ7-vulture-Kx9w' pid

	form
	pid=$(console_pid)
	keys Tab Tab Tab
	typed me
	keys Tab
	typed "$secret"
	wait_for '****'
	/usr/bin/python3 "$HERE/find_secret.py" "$pid" "$secret" 1
	keys Tab Enter
	wait_for 'password of 16 bytes'
	/usr/bin/python3 "$HERE/find_secret.py" "$pid" "$secret" 0
}

@test "a secret that was shown is gone as well, also when pasted and thrown away" {
	local secret='zQ7-vulture-Kx9w' pid

	form
	pid=$(console_pid)
	keys Tab Tab Tab Tab F2
	in_tmux set-buffer "$secret"
	in_tmux paste-buffer -t test
	wait_for "$secret"
	# The search itself works: as long as it is shown, curses' cells have it.
	run ! /usr/bin/python3 "$HERE/find_secret.py" "$pid" "$secret" 1
	[[ $output == *'(28, '* ]]
	keys Left Left BSpace F2 F2 Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Mail:'
	/usr/bin/python3 "$HERE/find_secret.py" "$pid" "${secret:0:13}" 0
}

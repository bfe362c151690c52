#!/usr/bin/env bats
# robust.bats: terminals, signals, hang-ups: whatever happens, the terminal is given back, nothing
# is applied and no process stays.

load helper

ticks() { # PID: processor time used so far
	awk '{print $14 + $15}' "/proc/$1/stat"
}

gone() { # PID: within 3 seconds
	local i

	for ((i = 0; i < 60; i++)); do
		[[ -d /proc/$1 ]] || return 0
		sleep 0.05
	done
	echo "process $1 is still there" >&2
	return 1
}

# Processor time that the console has used from start to end, in milliseconds, is at most this much.
cost_at_most() { # MILLISECONDS
	local i spent

	for ((i = 0; i < 60; i++)); do
		[[ ! -s $BATS_TEST_TMPDIR/times ]] || break
		sleep 0.05
	done
	# The second line is of the children: 0m0.012s 0m0.008s.
	spent=$(awk 'NR == 2 { gsub(/[ms]/, " "); print int(($1 * 60 + $2 + $3 * 60 + $4) * 1000) }' \
		"$BATS_TEST_TMPDIR/times")
	rm "$BATS_TEST_TMPDIR/times"
	echo "$spent ms"
	((spent <= $1))
}

@test "hang-up: closing the terminal ends it, wherever it is, without spinning" {
	local screen pid

	for screen in Home Form Page Progress; do
		MEASURED=yes console
		wait_for 'Mail:'
		pid=$(console_pid)
		case $screen in
		Form)
			keys f Enter
			typed abc
			;;
		Page) keys p Enter ;;
		Progress) keys p p Enter ;;
		esac
		resize 100x30
		kill "$TMUX_SERVER"
		gone "$pid"
		cost_at_most 300
	done
}

@test "a hang-up without its signal ends it as well, without spinning" {
	local screen pid

	for screen in Home Form Progress; do
		# In a session of its own the terminal is not the one that would send SIGHUP.
		MEASURED=yes STARTED_BY='setsid -w' console
		wait_for 'Mail:'
		pid=$(console_pid)
		[[ $(awk '{print $7}' "/proc/$pid/stat") == 0 ]]
		case $screen in
		Form)
			keys f Enter
			typed abc
			;;
		Progress) keys p p Enter ;;
		esac
		sleep 0.3
		kill -KILL "$TMUX_SERVER"
		gone "$pid"
		cost_at_most 300
	done
}

@test "SIGHUP, SIGTERM and Ctrl-C end it by that signal, with the terminal restored" {
	local signal

	for signal in HUP TERM INT; do
		console
		wait_for 'Mail:'
		keys f Enter
		typed abc
		kill -s "$signal" "$(console_pid)"
		wait_for_end
		((END_STATUS == 128 + $(kill -l "$signal")))
		kill "$TMUX_SERVER"
		sleep 0.2
	done
}

@test "Ctrl-C gives the shell its terminal back: echo, cursor, the screen of before" {
	shell
	typed "$PROGRAM"
	keys Enter
	wait_for 'Mail:'
	keys C-c
	wait_for 'prompt>'
	shows_not 'Mail:'
	typed 'stty -a | tr ";" "\n" | grep -c " echo "; echo after=$?'
	keys Enter
	wait_for 'after=0'
	[[ $(in_tmux display-message -p -t test '#{cursor_flag}') == 1 ]]
	[[ $(in_tmux display-message -p -t test '#{alternate_on}') == 0 ]]
}

@test "what is typed shows at once, also with a report of the terminal right behind it" {
	console
	wait_for 'Mail:'
	keys f Enter
	wait_for 'Account'
	# abc, and: the window has the focus.
	in_tmux send-keys -t test -H 61 62 63 1b 5b 49
	wait_for 'smtp.example.orgabc'
	# Help is opened and left in one go.
	in_tmux send-keys -t test -H 1b 4f 50 0d
	sleep 0.3
	typed d
	wait_for 'smtp.example.orgabcd'
}

@test "Ctrl-Z suspends, fg brings back what was typed" {
	shell
	typed "$PROGRAM"
	keys Enter
	wait_for 'Mail:'
	keys f Enter
	typed xyz
	wait_for 'smtp.example.orgxyz'
	keys C-z
	wait_for 'Stopped'
	typed 'echo still=here'
	keys Enter
	wait_for 'still=here'
	typed fg
	keys Enter
	wait_for 'smtp.example.orgxyz'
	typed q
	wait_for 'smtp.example.orgxyzq'
}

@test "Ctrl-Z where no shell could continue it does nothing" {
	local login

	for login in '' yes; do
		LOGIN_SHELL=$login console
		wait_for 'Mail:'
		keys C-z f Enter
		wait_for 'Account'
		[[ $(awk '{print $3}' "/proc/$(console_pid)/stat") == S ]]
		kill "$TMUX_SERVER"
		sleep 0.2
	done
}

@test "stopped and continued by others: it is drawn anew" {
	console
	wait_for 'Mail:'
	local pid
	pid=$(console_pid)
	kill -STOP "$pid"
	kill -CONT "$pid"
	sleep 0.3
	golden home-80x24
}

@test "waiting costs no processor time" {
	console
	wait_for 'Mail:'
	local pid before
	pid=$(console_pid)
	before=$(ticks "$pid")
	sleep 1
	(($(ticks "$pid") - before <= 2))
}

@test "every common terminal shows the form" {
	local term

	for term in vt100 vt220 linux xterm-256color screen tmux tmux-256color; do
		echo "TERM=$term"
		console "TERM=$term"
		wait_for 'Mail:'
		keys f Enter
		wait_for 'smtp.example.org'
		keys Tab Down
		typed ' '
		wait_for '< Implicit TLS >'
		keys Escape
		wait_for 'Throw away'
		kill "$TMUX_SERVER"
		sleep 0.1
	done
}

@test "TERM=dumb, unknown and unset ask line by line, and say why" {
	local term

	for term in TERM=dumb TERM=no-such-terminal TERM=; do
		echo "$term"
		console "$term"
		wait_for 'line by line'
		wait_for 'Your choice:'
		keys 0 Enter
		wait_for_end
		[[ $END_STATUS == 0 ]]
		kill "$TMUX_SERVER"
		sleep 0.1
	done
}

@test "no UTF-8 locale: ASCII lines and ASCII text" {
	console LC_ALL=C
	wait_for 'Mail:'
	keys m Enter
	wait_for 'Less often'
	keys h Enter
	wait_for 'before[31m'
	golden hostile-ascii
	screen >"$BATS_TEST_TMPDIR/screen"
	run ! grep -qP '[^\x00-\x7f]' "$BATS_TEST_TMPDIR/screen"
}

@test "no UTF-8 locale: bytes that are typed arrive as they are" {
	console LC_ALL=C
	wait_for 'Mail:'
	keys f Enter
	wait_for 'Account'
	keys Tab Tab Tab
	typed 'ä'
	keys Tab
	typed 'ü1'
	keys Tab Enter
	wait_for 'password of 3 bytes'
}

@test "NO_COLOR: not a single colour is sent" {
	console NO_COLOR=1
	wait_for 'Mail:'
	keys d Enter
	wait_for '+relayhost'
	in_tmux capture-pane -p -e -t test >"$BATS_TEST_TMPDIR/colours"
	run ! grep -qP '\e\[[0-9;]*[34][0-7]' "$BATS_TEST_TMPDIR/colours"
	grep -qP '\e\[[0-9;]*7' "$BATS_TEST_TMPDIR/colours"
}

@test "a broken ~/.dialogrc, DIALOGRC and DIALOG_TIMEOUT change nothing" {
	echo 'use_colors = (((' >"$BATS_TEST_TMPDIR/.dialogrc"
	cp "$BATS_TEST_TMPDIR/.dialogrc" "$BATS_TEST_TMPDIR/rc"
	console "DIALOGRC=$BATS_TEST_TMPDIR/rc" DIALOG_TIMEOUT=1 DIALOG_TTY=1 DIALOGOPTS=--bogus LINES=99 \
		COLUMNS=200
	wait_for 'Mail:'
	sleep 1.2
	golden home-80x24
	keys Escape
	wait_for_end
	[[ $END_STATUS == 0 ]]
}

@test "it stays under 20 MB" {
	console
	wait_for 'Mail:'
	keys f Enter
	wait_for 'Account'
	local kib
	kib=$(awk '/VmHWM/ {print $2}' "/proc/$(console_pid)/status")
	echo "$kib KiB"
	((kib < 20000))
}

@test "no core, not dumpable, umask 077" {
	console
	wait_for 'Mail:'
	local pid
	pid=$(console_pid)
	grep -q '^Umask:.*0077' "/proc/$pid/status"
	grep -q '^Max core file size *0 *0' "/proc/$pid/limits"
}

@test "Ctrl-L draws everything anew, whatever the terminal shows" {
	local tty

	console
	wait_for 'Mail:'
	tty=$(in_tmux display-message -p -t test '#{pane_tty}')
	printf '\e[3;5H\e(0GARBAGE' >"$tty"
	sleep 0.2
	run ! golden home-80x24
	keys C-l
	golden home-80x24
}

@test "suspended or ended in the midst of a picture: no line drawing, colours or region stay" {
	local key tty

	for key in C-z C-c; do
		shell
		typed "$PROGRAM"
		keys Enter
		wait_for 'Mail:'
		tty=$(in_tmux display-message -p -t test '#{pane_tty}')
		# As it is when the kernel has thrown away the rest of a picture.
		printf '\e[5;9r\e(0\e[31m' >"$tty"
		sleep 0.2
		keys "$key"
		wait_for 'prompt>'
		typed 'echo plain letters'
		keys Enter
		wait_for 'plain letters'
		in_tmux capture-pane -p -e -t test >"$BATS_TEST_TMPDIR/colours"
		run ! grep -q $'\e\[31m' "$BATS_TEST_TMPDIR/colours"
		[[ $(in_tmux display-message -p -t test '#{scroll_region_upper} #{scroll_region_lower}') == '0 23' ]]
		kill "$TMUX_SERVER"
		sleep 0.2
	done
}

@test "a SIGTSTP while a password is asked for waits until there is echo again" {
	shell
	typed "$PROGRAM --plain"
	keys Enter
	wait_for 'Your choice:'
	keys 1 Enter Enter Enter Enter Enter
	wait_for 'not shown'
	kill -TSTP "$(console_pid)"
	sleep 0.3
	[[ $(awk '{print $3}' "/proc/$(console_pid)/stat") == S ]]
	typed hidden
	keys Enter
	wait_for 'Stopped'
	shows_not hidden
	typed 'stty -a | tr ";" "\n" | grep -c " echo "; echo after=$?'
	keys Enter
	wait_for 'after=0'
}

# --- what is not confirmed ------------------------------------------------------------------------

# Keys that wait while it does not look.
typed_ahead() { # KEY...
	local pid
	pid=$(console_pid)
	kill -STOP "$pid"
	in_tmux send-keys -t test "$@"
	sleep 0.2
	kill -CONT "$pid"
	sleep 0.3
}

@test "what is typed ahead of a page that commits, or pasted into it, applies nothing" {
	console
	wait_for 'Mail:'
	typed_ahead d Enter Tab Enter
	wait_for 'relayhost'
	shows_not 'Applied.'
	in_tmux set-buffer "$(printf '\tline\rand\r')"
	in_tmux paste-buffer -t test
	sleep 0.3
	shows 'relayhost'
	keys Tab Tab
	shows 'relayhost'
	keys Enter
	wait_for 'Applied.'
}

@test "plain: what is typed ahead of a question that commits does not answer it" {
	console -- --plain
	wait_for 'Your choice:'
	typed_ahead 3 Enter 1 Enter
	wait_for '1. Apply'
	shows_not 'Applied.'
	keys 1 Enter
	wait_for 'Applied.'
}

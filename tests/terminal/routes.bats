#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# routes.bats: relays and routes in the console, by keys alone, on a real Postfix: the list, a route, "who
# would take this mail?".

load relay_helper
load routes_helper

@test "list: nothing yet, one relay, several and their routes in order; help" {
	list
	picture routes-none
	close_terminal
	set_up_relay
	list
	picture routes-one
	close_terminal
	"$SANDBOX_TOOL" reset "$SANDBOX_FOLDER" 3>&-
	routes
	list
	picture routes-list
	keys F1
	wait_for 'in the order in which they count'
	picture routes-help
	keys Escape
	line 'To you@example.net'
	picture routes-line
	keys Escape
	wait_for 'Who delivers'
	keys Escape
	wait_for 'Mail goes:'
	picture routes-home
}

@test "list: on a small screen, on a large one, and without UTF-8" {
	routes
	list 64x16
	wait_for 'Relay second'
	picture routes-small
	resize 132x43
	wait_for 'To you@example.net'
	picture routes-large
	close_terminal
	relay_console TERM=vt100 LC_ALL=C
	menu
	keys r Enter
	wait_for 'To you@example.net'
	picture routes-vt100
}

@test "a route: what is wrong is said at its field; conflicts; changed; removed" {
	routes
	list
	choose 'Add a route'
	wait_for 'Goes to'
	submit
	wait_for 'Type an address'
	picture routes-route-empty
	typed 'two words'
	submit
	wait_for 'two words'
	shows 'Address or domain!'
	keys C-u
	typed 'example.com'
	submit
	wait_for 'Nothing to change'
	keys Enter
	wait_for 'Add a route'
	choose 'Add a route'
	wait_for 'Goes to'
	typed 'EXAMPLE.com'
	keys Tab Enter
	wait_for 'through no relay'
	picture routes-route-list
	keys End Enter
	wait_for '< directly, through no relay >'
	submit
	wait_for 'example.com'
	picture routes-route-conflict
	nothing_left_to_review
	keys Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Add a route'
	choose 'From @example.com'
	wait_for 'Remove'
	picture routes-route-edit
	keys C-u
	typed example.org
	submit
	apply
	wait_for 'From @example.org'
	choose 'From @example.org'
	wait_for 'Remove'
	keys Tab Tab Right Enter
	wait_for 'this route goes'
	picture_words routes-route-remove
	apply
	wait_for 'Add a route'
	shows_not '@example.org'
}

nothing_left_to_review() {
	shows_not 'This is what will change'
}

@test "who would take this mail? for senders and recipients, without sending" {
	routes
	list
	choose 'Who takes it?'
	wait_for "Postfix's own tables are asked"
	typed me@example.com
	submit
	wait_for 'Type a whole address'
	picture routes-ask
	typed someone@example.org
	submit
	wait_for 'Goes through: office'
	picture_words routes-answer
	keys Enter
	wait_for 'someone@example.org'
	keys C-u
	typed YOU@example.net
	submit
	wait_for 'Goes directly'
	picture_words routes-answer-direct
	keys Enter
	wait_for 'YOU@example.net'
	# What was asked is no loss.
	keys Escape
	wait_for 'Add a route'
}

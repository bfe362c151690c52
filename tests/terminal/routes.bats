#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# routes.bats: several relays, failover and routes in the console, by keys alone, on a real Postfix.

load relay_helper

# The list, from the home screen.
list() {
	relay_console "$@"
	menu
	keys r Enter
	wait_for ' Relays and routes ─'
}

# To the line of the list that begins so.
line() { # TITLE
	local i

	keys Home
	for ((i = 0; i < 20; i++)); do
		! focus_is "$1" 2>/dev/null || return 0
		keys Down
	done
	focus_is "$1"
}

choose() { # TITLE
	line "$1" && keys Enter
}

relay_set() { # NAME PORT [LOGIN PASSWORD-FILE] [OPTION ...]
	local login=("$SANDBOX_LOGIN" "$SANDBOX_PASSWORD_FILE")

	[[ ${3---} == --* ]] || {
		login=("$3" "$4")
		set -- "$1" "$2" "${@:5}"
	}
	relaycon --config-dir "$OWN" relay set "$1" custom --host localhost --port "$2" --ca-file "$SANDBOX_CA" \
		--login "${login[0]}" --password-file "${login[1]}" --no-test "${@:3}" >/dev/null
}

# Beside the default relay: "office", implicit TLS, and "second", another login on the default one's port.
several() {
	set_up_relay
	relay_set office "$SANDBOX_PORT_IMPLICIT" --tls implicit
	relay_set second "$SANDBOX_PORT" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
}

routes() {
	several
	relaycon route add --sender example.com office >/dev/null
	relaycon route add --sender boss@example.com second >/dev/null
	relaycon route add --sender '<>' direct >/dev/null
	relaycon route add --recipient you@example.net direct >/dev/null
	relaycon route add --recipient example.net office >/dev/null
}

apply() { # at the review
	wait_for 'This is what will change'
	submit
	wait_for ' Applied '
	keys Enter
}

# --- the list -------------------------------------------------------------------------------------

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

# --- relays ---------------------------------------------------------------------------------------

@test "a relay is added by keys alone, then a route to it, and its mail takes it" {
	set_up_relay
	list
	choose 'Add a relay'
	wait_for 'Whose relay is it'
	picture routes-providers
	choose Custom
	wait_for 'A relay has a name'
	picture routes-name
	submit
	wait_for 'Type a name for it'
	picture routes-name-missing
	typed office
	submit
	wait_for 'Relay office: Custom relay'
	server localhost "$SANDBOX_PORT_IMPLICIT"
	keys Right
	wait_for '< Implicit TLS >'
	keys Tab Tab Tab
	typed "$SANDBOX_CA"
	keys Tab
	credentials
	picture routes-form
	keys Enter
	wait_for 'This is what will change'
	shows_not "$OUR_PASSWORD"
	submit
	wait_for 'No mail goes to it yet'
	picture_words routes-idle
	mail_is_relayed_as "$SANDBOX_LOGIN"
	keys Enter
	wait_for 'Add a route'

	choose 'Add a route'
	wait_for 'Goes to'
	picture routes-route
	keys F1
	wait_for 'its subdomains'
	picture routes-route-help
	keys Escape
	typed 'Example.ORG'
	submit
	wait_for 'This is what will change'
	shows 'From @example.org  ->  office'
	keys End
	wait_for '+sender_dependent_default_transport_maps = '
	shows '+default_transport = relaycon'
	shows '-smtp_sasl_auth_enable = yes'
	keys Home
	apply
	wait_for 'From @example.org'
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER" someone@example.org)
	grep -q 'by implicit.sandbox.test' "$file"
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "a relay: what it is, edit, test, make default, rename, remove" {
	routes
	list
	choose 'Relay office'
	wait_for 'Takes: '
	picture routes-relay
	choose Edit
	wait_for 'Relay office: Custom relay'
	picture routes-edit
	submit
	wait_for 'Nothing to change'
	keys Enter
	wait_for 'Takes: '
	choose Test
	wait_for 'Test passed'
	keys Enter
	wait_for 'Takes: '
	choose Rename
	wait_for 'Rename the relay'
	picture routes-rename
	keys C-u
	typed 'Head Office'
	submit
	wait_for 'is no name for a relay'
	keys C-u
	typed default
	submit
	wait_for 'There is a relay default already'
	keys C-u
	typed head-office
	submit
	wait_for 'Mail goes the same ways as before'
	picture routes-renamed
	apply
	wait_for 'Relay head-office'
	# A route leads to it.
	choose 'Relay head-office'
	wait_for 'Takes: '
	choose Remove
	wait_for 'still needed'
	picture routes-needed
	keys Enter
	wait_for 'Takes: '
	choose 'Make default'
	wait_for 'This is what will change'
	shows 'All other mail  ->  head-office'
	apply
	wait_for 'Takes: all mail without a route'
	keys Escape
	wait_for 'Add a route'
	mail_is_relayed_as "$SANDBOX_LOGIN"
	# What was the default has its place behind, and nothing leads to it any more.
	choose 'Relay default'
	wait_for 'no route leads to it'
	choose Remove
	wait_for 'Remove the relay default'
	picture_words routes-remove
	apply
	wait_for 'Add a route'
	shows_not 'Relay default'
}

@test "failover: put together, moved, thrown away only when asked, applied" {
	several
	list
	choose 'Relay default'
	wait_for 'Takes: '
	choose Failover
	wait_for 'the next in the list takes over'
	picture routes-failover-none
	choose Add
	wait_for 'takes over when'
	choose office
	wait_for '1. office'
	choose Add
	wait_for 'takes over when'
	picture routes-failover-add
	choose second
	wait_for '2. second'
	picture routes-failover
	choose '2. second'
	wait_for 'Take it out'
	picture routes-failover-move
	choose Earlier
	wait_for '1. second'
	keys Escape
	wait_for 'Throw away the new order?'
	picture routes-failover-leave
	keys Enter
	wait_for '1. second'
	choose Review
	wait_for 'default, else second, else office'
	keys Escape
	wait_for '1. second'
	choose Review
	apply
	wait_for 'Falls back to: second, office'
	picture routes-failover-relay
	mail_is_relayed_as "$SANDBOX_LOGIN"
	choose Failover
	wait_for '1. second'
	choose '1. second'
	wait_for 'Take it out'
	choose 'Take it out'
	wait_for '1. office'
	keys Escape
	wait_for 'Throw away the new order?'
	keys Tab Enter
	wait_for 'Falls back to: second, office'
}

@test "sender rewriting: asked for, refused in words, applied, taken back" {
	several
	list
	choose 'Relay default'
	wait_for 'Takes: '
	choose 'Sender rewriting'
	wait_for 'Many providers'
	typed 'nobody in particular'
	submit
	wait_for 'nobody in particular'
	picture routes-rewrite-wrong
	keys C-u
	typed list@example.com
	submit
	wait_for 'Senders of other domains get this address'
	apply
	wait_for 'Senders of other domains become: list@example.com'
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER" stranger@example.org)
	grep -qi '^Return-Path: <list@example.com>' "$file"
	choose 'Sender rewriting'
	wait_for 'list@example.com'
	keys C-u
	submit
	apply
	wait_for 'Takes: '
	shows_not 'become:'
}

# --- routes ---------------------------------------------------------------------------------------

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

@test "test all, side by side: what failed is read first" {
	several
	relay_set broken 9
	list
	choose 'Test all'
	wait_for '1 of 4 failed'
	picture_words routes-tests
	keys Enter
	wait_for 'Add a route'
}

@test "test all: ESC stops it" {
	several
	start_server silent
	relay_set silent "$SERVER_PORT"
	list
	choose 'Test all'
	wait_for 'running'
	keys Escape
	wait_for 'not tested'
	keys Enter
	wait_for 'Add a route'
}

# --- roughly --------------------------------------------------------------------------------------

@test "ESC at each step changes nothing; sizes lose nothing that was typed" {
	routes
	remember
	list
	choose 'Relay office'
	wait_for 'Takes: '
	for action in Edit Test Failover 'Sender rewriting' 'Other provider' Rename 'Make default' Remove; do
		choose "$action"
		[[ $action != Test ]] || wait_for 'Test passed'
		wait_for_other 'Takes: '
		keys Escape
		wait_for 'Takes: '
	done
	keys Escape
	wait_for 'Add a route'
	choose 'All other mail'
	wait_for 'Where does mail go'
	choose direct
	wait_for 'This is what will change'
	resize 1x1
	resize 132x43
	resize 80x24
	keys Escape
	wait_for 'Where does mail go'
	keys Escape
	wait_for 'Add a route'
	choose 'Add a route'
	wait_for 'Goes to'
	typed kept.example
	resize 1x1
	resize 40x10
	resize 80x24
	wait_for kept.example
	submit
	wait_for 'This is what will change'
	keys Escape
	wait_for kept.example
	keys Escape
	wait_for 'Throw away'
	keys Tab Enter
	wait_for 'Add a route'
	nothing_written
	keys Escape Escape Escape
	wait_for_end
	((END_STATUS == 0))
}

# Until the screen shows this no more.
wait_for_other() { # TEXT
	local i

	for ((i = 0; i < 100; i++)); do
		screen | grep -qF -- "$1" || return 0
		sleep 0.05
	done
	echo "still shown: $1" >&2
	return 1
}

@test "another relaycon's change while a form is open: the review is of what is true then" {
	several
	list
	choose 'Add a route'
	wait_for 'Goes to'
	typed example.org
	relaycon route add --sender example.com second >/dev/null
	submit
	wait_for 'From @example.org  ->  office'
	apply
	wait_for 'From @example.com'
	shows 'From @example.org'
	choose 'Relay second'
	wait_for 'Takes: '
	choose Rename
	wait_for 'Rename the relay'
	typed nd
	relaycon route remove --sender example.com >/dev/null
	relaycon relay remove second >/dev/null
	remember
	submit
	wait_for 'There is no relay "second"'
	nothing_written
}

@test "Deconfigure takes all of it back" {
	routes
	list
	keys Escape
	wait_for 'Who delivers'
	keys d Enter
	wait_for 'This is what will be restored'
	submit
	wait_for 'Mail goes: directly'
	files_as_first
	no_secret_left
}

# --- many, and plain ------------------------------------------------------------------------------

many() { # ROUTES
	{
		relaycon export
		echo '[routes]'
		echo 'sender ='
		for ((i = 0; i < $1; i++)); do
			echo "  @domain$i.test office"
		done
	} >"$BATS_TEST_TMPDIR/many.ini"
	relaycon apply "$BATS_TEST_TMPDIR/many.ini" --no-test >/dev/null
}

@test "20,000 routes: not a line for each; found by a word" {
	several
	many 20000
	list
	picture routes-many
	choose 'Find a route'
	wait_for 'There are 20000 routes'
	typed domain1234
	submit
	wait_for 'in the order in which they count'
	picture routes-found
	choose 'From @domain12345.test'
	wait_for 'Goes to'
	shows domain12345.test
}

@test "plain: a route added, asked about, removed" {
	local plain=("$PROGRAM" --plain --config-dir "$OWN" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE")

	several
	# Mail relay, Relays and routes; Add a route: from, the domain, office; review, apply, go on.
	run --separate-stderr timeout 30 "${plain[@]}" \
		< <(printf '%s\n' 1 11 6 1 example.org 2 1 1 '' 8 x@example.org y@example.net 1 '' 0 0 0 0 0)
	exits 0
	says '6. Add a route'
	says 'From @example.org  ->  office'
	says '4. From @example.org - -> office: localhost'
	says 'Goes through: office'
	says_not "$OUR_PASSWORD"
	run --separate-stderr timeout 30 "${plain[@]}" < <(printf '%s\n' 1 11 4 '' '' '' 2 1 '' 0 0 0)
	exits 0
	says 'this route goes'
	says 'The route is removed'
}

#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# routes_rough.bats: relays and routes in the console where it gets rough: ESC everywhere, changes from elsewhere, very
# many routes, no screen.

load relay_helper
load routes_helper

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

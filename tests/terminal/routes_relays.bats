#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# routes_relays.bats: several relays in the console, by keys alone, on a real Postfix: added, looked at, changed,
# failing over, rewriting senders, tested.

load relay_helper
load routes_helper

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

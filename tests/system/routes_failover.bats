#!/usr/bin/env bats
# Failover: what moves a mail on to the next relay, and what does not, by really sent mail.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

# The default relay at that place falls back to a good one of the same TLS mode, or another.
falls_back() { # PLACE[/...] PLACE[/...] [OPTIONS...]
	relay_at good "$2"
	relay_at default "$1" --fallback good "${@:3}"
}

@test "refused: the next takes it" {
	falls_back refused starttls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "wrong login: the next takes it, at the same host and port with a login of its own" {
	falls_back starttls/wrong starttls/second
	mail me@one.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "starttls $SANDBOX_LOGIN refused
starttls $SANDBOX_LOGIN2"
}

@test "bad certificate: the next takes it, and the first was offered no login" {
	falls_back untrusted starttls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	machine_says 'Server certificate not verified'
}

@test "refused for now: the next takes it" {
	falls_back busy starttls/second
	mail me@one.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "busy somebody
starttls $SANDBOX_LOGIN2"
}

@test "refused recipient: the next is not even asked" {
	falls_back choosy starttls/second
	mail_bounces me@one.test you@elsewhere.test
	arrived ''
	offered_are "choosy somebody"
}

@test "refused: one with implicit TLS takes it" {
	falls_back refused implicit/second
	mail_goes me@one.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	machine_says 'Verified TLS connection established to localhost'
}

@test "wrong login: one with implicit TLS takes it" {
	falls_back starttls/wrong implicit/second
	mail me@one.test you@elsewhere.test
	arrived "implicit $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "implicit $SANDBOX_LOGIN2
starttls $SANDBOX_LOGIN refused"
}

@test "bad certificate: one with implicit TLS takes it, and the first was offered no login" {
	falls_back untrusted implicit/second
	mail_goes me@one.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "refused for now: one with implicit TLS takes it" {
	falls_back busy implicit/second
	mail me@one.test you@elsewhere.test
	arrived "implicit $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "busy somebody
implicit $SANDBOX_LOGIN2"
}

@test "refused recipient: one with implicit TLS is not even asked" {
	falls_back choosy implicit/second
	mail_bounces me@one.test you@elsewhere.test
	arrived ''
	offered_are "choosy somebody"
}

@test "from implicit TLS to STARTTLS: wrong login" {
	falls_back implicit/wrong starttls/second
	mail me@one.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "implicit $SANDBOX_LOGIN refused
starttls $SANDBOX_LOGIN2"
}

@test "from implicit TLS to STARTTLS: refused" {
	relay_at good starttls/second
	relay_at default refused --tls implicit --fallback good
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
}

@test "in order: refused, wrong login, implicit TLS with a wrong login, bad certificate, then the one that works" {
	relay_at second starttls/wrong
	relay_at third implicit/wrong
	relay_at fourth untrusted
	relay_at fifth cram/second
	relay_at default refused --fallback second,third,fourth,fifth
	mail me@one.test you@elsewhere.test
	arrived "cram $SANDBOX_LOGIN2 you@elsewhere.test"
	offered_are "cram $SANDBOX_LOGIN2
implicit $SANDBOX_LOGIN refused
starttls $SANDBOX_LOGIN refused"
}

@test "the first takes it while it works" {
	relay_at tls implicit/second
	relay_at default starttls --fallback tls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "only the relay's own list counts: a fallback's fallback is not tried" {
	relay_at last starttls/second
	relay_at middle refused --fallback last
	relay_at default busy --fallback middle
	mail_waits me@one.test you@elsewhere.test
	offered_are "busy somebody"
}

@test "none of them works: the mail waits, and goes when one does" {
	relay_at tls implicit/wrong
	relay_at default refused --fallback tls
	mail_waits me@one.test you@elsewhere.test
	offered_are "implicit $SANDBOX_LOGIN refused"
	relay_at tls implicit/second
	postqueue -c "$SANDBOX_CONFIG" -f
	for ((tries = 0; tries < 200; tries++)); do
		grep -rlqF 'Sent by the tests.' "$SANDBOX_MAILDIR/new" && break
		sleep 0.05
	done
	offered | grep -qxF "implicit $SANDBOX_LOGIN2" || explain_mail "the mail did not go"
}

@test "a route's relay has its own list, another relay's mail is not touched by it" {
	three_providers
	relay_at sick refused --fallback other
	route_from @two.test sick
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "direct mail is direct: a refused server of the recipient's moves on to no relay" {
	relay_at tls implicit/second
	relay_at default starttls --fallback tls
	route_to nowhere.test direct
	mail '<>' you@nowhere.test
	arrived ''
	offered_are ''
}

@test "rewriting and failover together: each relay's mail has the sender of the first" {
	relay_at tls implicit/second
	relay_at default refused --fallback tls --sender-rewrite relay@example.com
	mail_goes me@one.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	header_is Return-Path '<relay@example.com>'
	header_is From '<me@one.test>'
}

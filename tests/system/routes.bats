#!/usr/bin/env bats
# Many relays: which mail goes where, by really sent mail. The provider's record of logins is the witness
# that none was offered anywhere else.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

@test "default: whatever has no route goes through the default relay" {
	three_providers
	route_from @two.test tls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	mail_goes me@sub.two.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "per sender domain, in any case of letters, with and without an extension" {
	three_providers
	route_from @Two.Test tls
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	mail_goes Me@TWO.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	mail_goes me+news@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "per sender address, over its domain" {
	three_providers
	route_from @two.test tls
	route_from boss@two.test other
	mail_goes boss@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	mail_goes Boss@Two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	mail_goes boss+x@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	mail_goes clerk@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "per recipient: domain, address over its domain, and both over the sender's route" {
	three_providers
	route_from @two.test other
	route_to partner.test tls
	route_to boss@partner.test default
	mail_goes me@one.test you@partner.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@two.test you@partner.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@two.test boss@partner.test starttls "$SANDBOX_LOGIN"
	mail_goes me@two.test you@sub.partner.test starttls "$SANDBOX_LOGIN2"
}

@test "direct by recipient: to its own server, without a login, while there is a default relay" {
	three_providers
	route_to customer.test direct
	mail_goes me@one.test you@customer.test direct -
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "direct by sender: round every relay, without a login, while there is a default relay" {
	three_providers
	route_from @newsletter.test direct
	route_from boss@newsletter.test tls
	mail_goes me@newsletter.test you@customer.test direct -
	mail_goes me@newsletter.test you@example.net direct -
	mail_goes boss@newsletter.test you@customer.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@one.test you@customer.test starttls "$SANDBOX_LOGIN"
}

@test "direct mail keeps the machine's own TLS level: a server without TLS gets it" {
	administrator_has <<<'smtp_tls_security_level = may'
	relay_at default starttls
	route_to customer.test direct
	parameter_is smtp_tls_security_level may
	mail_goes me@one.test you@customer.test direct -
	! grep -qF '(using TLSv1.' "$MAIL" || explain "the direct server speaks no TLS"
}

@test "the null sender has its own relay" {
	three_providers
	route_from '<>' other
	mail_goes '<>' you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "the null sender direct, as for a provider that rejects bounces" {
	three_providers
	route_from '<>' direct
	mail_goes '<>' you@customer.test direct -
	mail_goes me@one.test you@customer.test starttls "$SANDBOX_LOGIN"
}

@test "two logins at one host and port, mail by turns over connections that Postfix may keep" {
	three_providers
	route_from @two.test other
	for turn in 1 2 3; do
		mail_goes "me$turn@one.test" you@elsewhere.test starttls "$SANDBOX_LOGIN"
		mail_goes "me$turn@two.test" you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	done
}

@test "465 beside 587: each with verified TLS" {
	three_providers
	route_from @two.test tls
	for from in me@one.test me@two.test; do
		mail "$from" you@elsewhere.test
		grep -qF '(using TLSv1.' "$MAIL" || explain "no TLS in $(head -n 12 "$MAIL")"
		machine_says 'Verified TLS connection established'
	done
	parameter_is smtp_tls_wrappermode no
}

@test "relays with and without TLS, with and without a login, side by side" {
	three_providers
	relay_at plain plain
	relay_at open open/none
	relay_at cram cram
	route_from @plain.test plain
	route_from @open.test open
	route_from @cram.test cram
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	mail_goes me@plain.test you@elsewhere.test plain "$SANDBOX_LOGIN"
	mail_goes me@open.test you@elsewhere.test open -
	mail_goes me@cram.test you@elsewhere.test cram "$SANDBOX_LOGIN"
}

@test "without a default relay: only what has a route is relayed, the rest goes direct" {
	relay_at tls implicit/second
	route_from @two.test tls
	mail_goes me@two.test you@customer.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@one.test you@customer.test direct -
}

@test "one mail to recipients of different routes" {
	three_providers
	route_to customer.test direct
	route_to partner.test tls
	printf '%s\n' 'virtual_alias_maps = inline:{ { all@list.test = a@customer.test b@partner.test c@elsewhere.test } }' \
		'virtual_alias_domains = list.test' >>"$SANDBOX_CONFIG/main.cf"
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER"
	mail me@one.test all@list.test
	arrived "direct - a@customer.test
implicit $SANDBOX_LOGIN2 b@partner.test
starttls $SANDBOX_LOGIN c@elsewhere.test"
	offered_are "implicit $SANDBOX_LOGIN2
starttls $SANDBOX_LOGIN"
}

@test "mail for this machine stays here, whatever routes there are" {
	three_providers
	route_from '<>' other
	route_from @machine.sandbox.test tls
	mail_goes root@machine.sandbox.test nobody@machine.sandbox.test machine -
}

@test "sender rewriting: a foreign envelope sender becomes the address, nothing else changes" {
	relay_at default starttls --sender-rewrite relay@example.com
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<relay@example.com>'
	header_is From '<me@one.test>'
	header_is To '<you@elsewhere.test>'
	mail_goes me@one.test you@one.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<relay@example.com>'
}

@test "sender rewriting leaves the domain's own senders, and the null sender" {
	relay_at default starttls --sender-rewrite relay@example.com
	mail_goes someone@example.com you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<someone@example.com>'
	mail_goes someone@Example.COM you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<someone@Example.COM>'
	mail_goes someone@notexample.com you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<relay@example.com>'
	mail_goes someone@sub.example.com you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<relay@example.com>'
	mail_goes '<>' you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<>'
}

@test "sender rewriting is for its relay alone: local mail, direct mail and other relays' stay" {
	three_providers
	relay_at other starttls/second --sender-rewrite relay@example.com
	route_from @two.test other
	route_to customer.test direct
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	header_is Return-Path '<relay@example.com>'
	mail_goes me@two.test you@customer.test direct -
	header_is Return-Path '<me@two.test>'
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	header_is Return-Path '<me@one.test>'
	mail_goes me@two.test nobody@machine.sandbox.test machine -
	header_is Return-Path '<me@two.test>'
}

@test "from one relay to many and back to one: mail flows at each step, passwords stay" {
	relay_at default starttls
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	relay_at tls implicit/second
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	route_from @two.test tls
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	call route remove --sender @two.test
	exits 0
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	route_from @two.test tls
	mail_goes me@two.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_first
}

@test "a relay is changed, renamed and removed under its routes" {
	three_providers
	route_from @two.test tls
	relay_at tls cram/second
	mail_goes me@two.test you@elsewhere.test cram "$SANDBOX_LOGIN2"
	call relay rename tls second
	exits 0
	says "For Postfix nothing changes."
	mail_goes me@two.test you@elsewhere.test cram "$SANDBOX_LOGIN2"
	call relay remove second
	exits 64
	says @two.test
	call route remove --sender @two.test
	exits 0
	call relay remove second
	exits 0
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
}

@test "route test says what really sent mail proves" {
	three_providers
	route_from @two.test tls
	route_from boss@two.test other
	route_from '<>' other
	route_from @newsletter.test direct
	route_to customer.test direct
	route_to partner.test tls
	while read -r from to result name place login; do
		call route test --from "$from" --to "$to" --json
		exits 0
		json_is result "$result"
		[[ $name == - ]] || json_is relay.name "$name"
		mail_goes "$from" "$to" "$place" "$login"
	done <<-END
		me@one.test you@elsewhere.test relay default starttls $SANDBOX_LOGIN
		me@two.test you@elsewhere.test relay tls implicit $SANDBOX_LOGIN2
		boss@two.test you@elsewhere.test relay other starttls $SANDBOX_LOGIN2
		<> you@elsewhere.test relay other starttls $SANDBOX_LOGIN2
		me@newsletter.test you@example.net direct - direct -
		boss@two.test you@partner.test relay tls implicit $SANDBOX_LOGIN2
		me@two.test you@customer.test direct - direct -
		me@two.test nobody@machine.sandbox.test local - machine -
	END
}

@test "recipients in an internationalised domain, typed as people write it" {
	three_providers
	route_to bücher.test direct
	mail_goes me@one.test you@xn--bcher-kva.test direct -
	route_from @MÜLLER.test tls
	mail_goes me@xn--mller-kva.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "the same route again is unchanged; another relay for it, in whatever writing, is refused in words" {
	three_providers
	route_from @two.test tls
	remember
	call route add --sender @TWO.test tls --json
	exits 0
	json_is result unchanged
	nothing_written
	call route add --sender two.test other
	exits 64
	says @two.test
	says tls
	nothing_written
	route_to bücher.test direct
	remember
	call route add --recipient xn--bcher-kva.test tls
	exits 64
	nothing_written
}

@test "recipients in relay_domains: their own route counts, else the default relay, never a sender's" {
	administrator_has <<<'relay_domains = customer.test, partner.test'
	three_providers
	route_from @two.test tls
	route_to partner.test other
	mail_goes me@two.test you@customer.test starttls "$SANDBOX_LOGIN"
	mail_goes me@two.test you@partner.test starttls "$SANDBOX_LOGIN2"
}

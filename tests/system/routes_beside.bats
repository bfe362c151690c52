#!/usr/bin/env bats
# Many relays beside what an administrator has in main.cf: nothing of that is applied twice on the way
# through a hop, nothing of it leads our mail elsewhere, and all of it comes back.
load helper
load routes_helper

setup_file() { setup_routes_file; }
teardown_file() { remove_sandbox; }
setup() { setup_routes_test; }
teardown() { teardown_test; }

table() { # NAME LINES...: a regexp table beside the sandbox's folders
	printf '%s\n' "${@:2}" >"$BATS_FILE_TMPDIR/$1"
	chmod 0644 "$BATS_FILE_TMPDIR/$1"
	printf 'regexp:%s\n' "$BATS_FILE_TMPDIR/$1"
}

# Whatever refuses, doubles or changes mail, once for everything that comes in by SMTP and once for
# everything that is cleaned up.
administrator_meddles() {
	administrator_has <<-END
		header_checks = $(table header_checks '/^Subject:/ PREPEND X-Checked: by the administrator')
		smtp_header_checks = $(table smtp_header_checks '/^Message-ID:/ PREPEND X-Smtp-Checked: by the administrator')
		virtual_alias_maps = $(table aliases '/^alias@elsewhere/ you@elsewhere.test, they@elsewhere.test' '/^they@elsewhere/ they@elsewhere.test, all@elsewhere.test')
		canonical_maps = $(table canonical '/^me@one/ you@one.test' '/^you@one/ they@one.test')
		masquerade_domains = one.test
		always_bcc = archive@customer.test
		sender_bcc_maps = inline:{ they@one.test=sent@customer.test }
		recipient_bcc_maps = inline:{ you@elsewhere.test=got@customer.test }
		smtpd_milters = unix:nowhere
		milter_default_action = tempfail
		smtpd_client_restrictions = reject
		smtpd_helo_restrictions = reject
		smtpd_helo_required = yes
		smtpd_sender_restrictions = reject
		smtpd_recipient_restrictions = reject
		smtpd_relay_restrictions = reject
		smtpd_data_restrictions = reject
		smtpd_end_of_data_restrictions = reject
		smtpd_proxy_filter = 127.0.0.1:1
		smtpd_tls_security_level = encrypt
		smtpd_delay_reject = no
		smtpd_reject_unlisted_sender = yes
		smtpd_upstream_proxy_protocol = haproxy
		smtpd_discard_ehlo_keywords = pipelining, dsn, 8bitmime
		smtpd_recipient_limit = 1
		strict_rfc821_envelopes = yes
		mynetworks = 10.0.0.0/8
		transport_maps = inline:{ customer.test=smtp: }
	END
}

meddled_once() { # PLACE LOGIN
	mail me@one.test alias@elsewhere.test
	arrived "$(sort <<-END
		$1 $2 all@elsewhere.test
		$1 $2 they@elsewhere.test
		$1 $2 you@elsewhere.test
		direct - archive@customer.test
		direct - sent@customer.test
	END
	)"
	offered_are "$1 $2"
	for file in "${FILES[@]}"; do
		[[ $(grep -c '^X-Checked:' "$file") == 1 && $(grep -c '^X-Smtp-Checked:' "$file") == 1 ]] ||
			explain "not checked exactly once: $(head -n 30 "$file")"
		MAIL=$file
		header_is From '<they@one.test>'
	done
}

@test "checks, copies, aliases and rewriting happen once: a route" {
	administrator_meddles
	three_providers
	route_from @one.test tls
	meddled_once implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_the_administrator_had_them
}

@test "checks, copies, aliases and rewriting happen once: a failover to another TLS mode" {
	administrator_meddles
	relay_at tls implicit/second
	relay_at default refused --fallback tls
	meddled_once implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_the_administrator_had_them
}

@test "checks, copies, aliases and rewriting happen once: a rewritten sender" {
	administrator_meddles
	relay_at default starttls --sender-rewrite relay@example.com
	meddled_once starttls "$SANDBOX_LOGIN"
	[[ $(grep -lx 'Return-Path: <relay@example.com>' "${FILES[@]}" | wc -l) == 3 ]] || explain "not rewritten"
	[[ $(grep -lx 'Return-Path: <they@one.test>' "${FILES[@]}" | wc -l) == 2 ]] || explain "direct mail was rewritten"
	deconfigured
	files_as_the_administrator_had_them
}

@test "an address of its own for outgoing connections: failover to another TLS mode works" {
	address=$(ip -4 -o address show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
	administrator_has <<-END
		smtp_bind_address = ${address:-127.0.0.1}
		inet_interfaces = all
	END
	relay_at tls implicit/second
	relay_at default refused --fallback tls
	mail_goes me@one.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
}

@test "the administrator's smtp_fallback_relay gets none of our mail" {
	administrator_has <<<"smtp_fallback_relay = [localhost]:$SANDBOX_PORT_OPEN"
	relay_at default refused
	relay_at tls implicit/wrong
	route_from @two.test tls
	mail_waits me@one.test you@elsewhere.test
	mail_waits me@two.test you@elsewhere.test
}

@test "a wrong login that bounces elsewhere (smtp_sasl_auth_soft_bounce = no) moves on here" {
	administrator_has <<<'smtp_sasl_auth_soft_bounce = no'
	relay_at second starttls/second
	relay_at default starttls/wrong --fallback second
	mail me@one.test you@elsewhere.test
	arrived "starttls $SANDBOX_LOGIN2 you@elsewhere.test"
}

@test "the administrator's sender_dependent_relayhost_maps does not take what is direct, nor what has a route" {
	administrator_has <<-END
		sender_dependent_relayhost_maps = inline:{ @newsletter.test=[localhost]:$SANDBOX_PORT_OPEN, @two.test=[localhost]:$SANDBOX_PORT_OPEN }
	END
	three_providers
	route_from @newsletter.test direct
	route_from @two.test tls
	mail_goes me@newsletter.test you@customer.test direct -
	mail_goes me@two.test you@customer.test implicit "$SANDBOX_LOGIN2"
	deconfigured
	files_as_the_administrator_had_them
}

@test "the administrator's own transport tables stay in force behind ours, and come back" {
	administrator_has <<-END
		transport_maps = inline:{ kept.test=smtp:[localhost]:$SANDBOX_PORT_OPEN, partner.test=smtp:[localhost]:$SANDBOX_PORT_OPEN }
		sender_dependent_default_transport_maps = inline:{ @kept.test=smtp:[localhost]:$SANDBOX_PORT_OPEN, @two.test=smtp:[localhost]:$SANDBOX_PORT_OPEN }
	END
	three_providers
	route_to partner.test tls
	route_from @two.test other
	mail_goes me@one.test you@kept.test open -
	mail_goes me@kept.test you@elsewhere.test open -
	mail_goes me@one.test you@partner.test implicit "$SANDBOX_LOGIN2"
	mail_goes me@two.test you@elsewhere.test starttls "$SANDBOX_LOGIN2"
	deconfigured
	files_as_the_administrator_had_them
	mail_goes me@two.test you@elsewhere.test open -
}

@test "Debian's \"Local only\": routes work, and it is local only again afterwards" {
	administrator_has <<-END
		default_transport = error
		relay_transport = error
	END
	three_providers
	route_to customer.test direct
	mail_goes me@one.test you@elsewhere.test starttls "$SANDBOX_LOGIN"
	mail_goes me@one.test you@customer.test direct -
	deconfigured
	files_as_the_administrator_had_them
	mail_bounces me@one.test you@customer.test
	arrived ''
}

# The sandbox's provider has IPv4 alone: what can be seen is that the mail gets through the hop.
@test "a machine with IPv6 alone: failover to another TLS mode works there as well" {
	administrator_has <<<'inet_protocols = ipv6'
	grep -q '^::1 localhost' "$SANDBOX_QUEUE/etc/hosts" || echo '::1 localhost' >>"$SANDBOX_QUEUE/etc/hosts"
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
	"$SANDBOX_TOOL" machine-start "$SANDBOX_FOLDER"
	relay_at tls implicit/second
	relay_at default refused --fallback tls --sender-rewrite relay@example.com
	mail_goes me@one.test you@elsewhere.test implicit "$SANDBOX_LOGIN2"
	header_is Return-Path '<relay@example.com>'
	postfix -c "$SANDBOX_CONFIG" status
	deconfigured
	files_as_the_administrator_had_them
	sed -i '/^::1 localhost$/d' "$SANDBOX_QUEUE/etc/hosts"
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
}

@test "master.cf without the smtp service: a route to direct is warned of, since its mail waits; relays' is not" {
	sed -i 's/^smtp  *unix/#&/' "$SANDBOX_CONFIG/master.cf"
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER"
	relay_at default starttls
	relay_at other starttls/second
	route_from @two.test other
	says_not 'waits in the queue'
	call route add --recipient customer.test direct
	exits 0
	says 'Warning: master.cf, smtp/unix: there is no such service'
	mail_goes me@one.test you@example.net starttls "$SANDBOX_LOGIN"
	# A route away from it again: nothing to warn of; no default relay: all other mail goes direct.
	call route remove --recipient customer.test
	exits 0
	call status --json
	[[ $(json warnings) != *smtp/unix* ]] || explain "there is no mail that goes direct"
	call relay remove default
	exits 0
	says 'waits in the queue'
	call status --json
	[[ $(json warnings) == *smtp/unix* ]] || explain "status warns as well"
	mail_waits me@one.test you@customer.test
	machine_says 'mail transport unavailable'
}

# Between the first check and a hop a mail grows by a Received line: a bug was that the hop refused it for
# now, again and again.
@test "a mail just below message_size_limit goes through hops" {
	administrator_has <<<'message_size_limit = 20000'
	relay_at good implicit/second
	relay_at default refused --fallback good
	relay_at rewriting starttls --sender-rewrite us@relay.test --fallback good
	route_from @two.test rewriting
	mapfile -t filler < <(for ((i = 0; i < 265; i++)); do printf 'X-Filler: %060d\n' "$i"; done)
	for sender in me@one.test me@two.test; do
		mail "$sender" you@elsewhere.test 'From: <me@one.test>' "${filler[@]}"
		[[ $ARRIVED == *' you@elsewhere.test' ]] || explain_mail "it did not arrive"
		# So close that the Received lines are too much: else this test would prove nothing.
		size=$(log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" | sed -n 's/.* from=<me@.*, size=\([0-9]*\),.*/\1/p' | head -n 1)
		((size > 19300 && size <= 20000)) || explain "the mail has $size bytes"
	done
}

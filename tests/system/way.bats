#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # quotes are meant; each test is a process of its own
# `route test` works out from the tables what a running Postfix works out: the same transport and the same
# next hop for every pair of addresses, on configurations that have nothing to do with relaycon.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

senders='<> a@x.test u@sender.test u+ext@sender.test plain@sender.test plain+ext@sender.test
	dunno@sender.test u@relays.test U@SENDER.TEST'
recipients='u@machine.test u@infile.test u@list.test u@sub.list.test u@mailbox.test u@relayed.test
	u@deep.relayed.test u@other.test user@whole.test user+ext@whole.test other@whole.test
	u@domain.test u@sub.domain.test u@a.b.parent.test u@parent.test u@hop.test u@nothing.test
	u@pattern.test u+ext@pattern.test u@bare.test U@DOMAIN.Test owner-list+x@whole.test'

file() { # NAME, text on standard input; as old as Postfix likes it
	cat >"$SANDBOX_CONFIG/$1"
	touch -d '10 seconds ago' "$SANDBOX_CONFIG/$1"
}

# A configuration of the administrator's own, on top of the sandbox's.
administrator() { # LINES OF MAIN.CF
	file local_names <<<$'# ours\ninfile.test'
	file transport <<-'END'
		user@whole.test whole:[w.test]
		domain.test dom:
		.parent.test parent:[p.test]:25
		hop.test :[h.test]
		nothing.test :
		sub.list.test far:
	END
	file patterns <<<$'/@pattern\\.test$/ pat:[r.test]\n/^bare\\.test$/ wrong:'
	file senders <<-'END'
		@sender.test own:[s.test]:587
		plain@sender.test smtp:
		<> bounce:[b.test]
		dunno@sender.test DUNNO
	END
	file sender_relays <<<'@relays.test [sr.test]'
	{
		cat "$SANDBOX_FOLDER/machine/first/main.cf"
		printf 'recipient_delimiter = +\nrelay_domains = relayed.test\n'
		printf 'virtual_mailbox_domains = mailbox.test\nvirtual_transport = lmtp:unix:private/lmtp\n'
		printf 'mydestination = machine.test, !sub.list.test, %s, %s\n' \
			"$SANDBOX_CONFIG/local_names" 'inline:{ {list.test = x}, {y.test=z} }'
		printf '%s\n' "$@"
	} | sed "s|CONFIG|$SANDBOX_CONFIG|g" | file main.cf
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER" 3>&-
}

pairs() {
	local sender recipient
	for sender in $senders; do
		for recipient in $recipients; do
			printf '%s %s\n' "$sender" "$recipient"
		done
	done
}

# Every pair is asked of Postfix; every few of relaycon as well, which asks as many tables each time.
compare() { # EVERY
	local every=$1 number=0 sender recipient expected
	pairs >"$BATS_TEST_TMPDIR/pairs"
	"$BATS_TEST_DIRNAME/trivial_rewrite.py" "$SANDBOX_QUEUE" <"$BATS_TEST_TMPDIR/pairs" \
		>"$BATS_TEST_TMPDIR/answers"
	while read -r sender recipient expected; do
		((number++ % every == 0)) || continue
		call route test --from "$sender" --to "$recipient" --json
		exits 0
		# Letters are the same to whom it is handed to.
		[[ "$(json postfix.transport) $(json postfix.nexthop)" == "${expected,,}" ]] ||
			explain "$sender to $recipient: Postfix says $expected"
	done < <(paste -d ' ' "$BATS_TEST_TMPDIR/pairs" "$BATS_TEST_TMPDIR/answers")
}

@test "the machine as it is: everything goes directly or stays" {
	pairs_before=$recipients
	recipients='u@localhost u@other.test u@sub.other.test'
	compare 1
	recipients=$pairs_before
	call route test --from a@x.test --to u@other.test
	exits 0
	says 'Goes directly: to the servers of other.test'
	call route test --from a@x.test --to root@localhost
	exits 0
	says 'Stays here'
	says mydestination
}

@test "tables of every kind, and a relayhost" {
	administrator 'transport_maps = texthash:CONFIG/transport, regexp:CONFIG/patterns' \
		'sender_dependent_default_transport_maps = texthash:CONFIG/senders' \
		'sender_dependent_relayhost_maps = texthash:CONFIG/sender_relays' \
		'relayhost = [hub.test]:587'
	compare 3
}

@test "the same without a relayhost, and with the parents' own style" {
	administrator 'transport_maps = texthash:CONFIG/transport' \
		'sender_dependent_default_transport_maps = texthash:CONFIG/senders' \
		'parent_domain_matches_subdomains = transport_maps' \
		'default_transport = smtp:[other.hub.test]'
	compare 4
}

@test "somebody else's table decides, and is named" {
	administrator 'transport_maps = texthash:CONFIG/transport'
	call route test --from a@x.test --to user@whole.test --json
	exits 0
	json_is result other
	json_is relay null
	json_is postfix.table "texthash:$SANDBOX_CONFIG/transport"
	json_is postfix.key user@whole.test
	json_is postfix.value 'whole:[w.test]'
	call route test --from a@x.test --to user@whole.test
	says "somebody else's setting"
	says "texthash:$SANDBOX_CONFIG/transport"
}

@test "a table that cannot be read: an error that names it, since mail waits for it" {
	administrator 'transport_maps = hash:CONFIG/nowhere'
	call route test --from a@x.test --to u@other.test --json
	exits 78
	[[ $(json error.message) == *"$SANDBOX_CONFIG/nowhere"* ]]
}

@test "the relay that is configured, with its login and its protection" {
	configure "$SANDBOX_PORT" --no-test
	exits 0
	call route test --from '<>' --to u@other.test --json
	exits 0
	json_is result relay
	json_is relay.name default
	json_is relay.host "$SANDBOX_HOST"
	json_is relay.login "$SANDBOX_LOGIN"
	json_is relay.tls starttls
	json_is from '<>'
	call route test --from a@x.test --to u@other.test
	says "Goes through: default: $SANDBOX_HOST:$SANDBOX_PORT, STARTTLS"
	says 'default is the default (relayhost)'
	call route test --from a@x.test --to u@localhost --json
	json_is result local
}

@test "addresses that are none" {
	for bad in '--from a@x.test' '--to a@x.test' '--from x --to a@x.test' '--from a@x.test --to x' \
		'--from a@x.test --to x.test'; do
		read -ra words <<<"$bad"
		call route test "${words[@]}" --json
		exits 64
		json_is error.code 64
	done
}

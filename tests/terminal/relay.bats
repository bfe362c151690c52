#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2119,SC2120 # what bats sets; words with arguments that may be left out
# relay.bats: the main job in the console with the real drivers, by keys alone, on a real Postfix.

load relay_helper

# --- home -----------------------------------------------------------------------------------------

foreign() {
	sed -i 's/^relayhost =.*/relayhost = [mail.example.net]:587/' "$SANDBOX_CONFIG/main.cf"
	# Postfix waits before it reads what was just written.
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	remember
}

@test "home: direct, relayed, set up by someone else, Postfix stopped" {
	relay_console
	picture home-direct
	close_terminal
	set_up_relay
	relay_console
	picture home-relay
	close_terminal
	"$SANDBOX_TOOL" reset "$SANDBOX_FOLDER" 3>&-
	foreign
	relay_console
	picture home-foreign
	close_terminal
	"$SANDBOX_TOOL" reset "$SANDBOX_FOLDER" 3>&-
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
	relay_console
	picture home-stopped
}

@test "not root: looks, and says sudo where more is wanted" {
	local command
	command=$(printf '%q ' env LC_ALL=C.UTF-8 TERM=tmux-256color setpriv --reuid=nobody --regid=nogroup \
		--clear-groups "$PROGRAM" --config-dir "$OWN" --postfix-config "$SANDBOX_CONFIG" \
		--state-dir "$SANDBOX_STATE")
	terminal 80 24 "$command"
	wait_for 'Mail goes:'
	picture home-not-root
	menu
	keys b Enter
	wait_for 'sudo'
	picture not-root
}

# --- menus ----------------------------------------------------------------------------------------

@test "menu: the common providers first, type-ahead, all providers, help" {
	relay_console
	menu
	picture menu
	keys F1
	wait_for 'smarthost'
	picture menu-help
	keys Escape a a Enter
	wait_for 'Choose your provider'
	picture providers
	keys z z Enter
	wait_for 'Zoho ZeptoMail'
	keys Escape
	wait_for 'Choose your provider'
	keys Escape
	wait_for 'Who delivers'
	keys Escape
	wait_for 'Mail goes:'
	keys Escape
	wait_for_end
	((END_STATUS == 0))
	nothing_written
}

@test "presets: notes, regions, a fixed login, a warning; Back goes one step" {
	relay_console
	menu
	keys b Enter
	wait_for 'SMTP key'
	picture brevo
	keys F1
	wait_for 'Other ports'
	picture brevo-help
	keys Escape Escape a Enter
	wait_for 'Which region'
	picture regions
	keys End Enter
	wait_for 'us-gov-east-1.amazonaws.com:587'
	keys Escape
	wait_for 'Which region'
	keys Escape
	wait_for 'Who delivers'
	keys s Enter Enter
	wait_for 'apikey'
	picture sendgrid
	keys Escape Escape m m
	keys Enter
	wait_for 'switching off'
	picture microsoft
	# Back is where the focus is.
	keys Enter
	wait_for 'Who delivers'
	keys Enter BTab Enter
	wait_for 'Which region'
	keys Escape
	wait_for 'switching off'
	keys Escape
	wait_for 'Who delivers'
	nothing_written
}

@test "a region with a port of its own sets port and security" {
	relay_console
	menu
	keys a a Enter
	wait_for 'Choose your provider'
	keys o o o Enter
	wait_for 'email-pro'
	keys Enter
	wait_for 'ssl0.ovh.net:465, implicit TLS'
	keys Escape e Enter
	wait_for 'pro1.mail.ovh.net:587, STARTTLS'
	keys Escape Home Enter
	wait_for 'ssl0.ovh.net:465, implicit TLS'
}

@test "what is thrown away is gone, also behind a choice of region" {
	relay_console
	menu
	keys a Enter
	wait_for 'Which region'
	keys Enter
	wait_for 'SES console'
	credentials someone 'of no use'
	keys Escape
	wait_for 'Throw away'
	picture throw-away
	keys Tab Enter
	wait_for 'Which region'
	keys Enter
	wait_for 'SES console'
	shows_not 'someone'
	shows_not '***'
}

# --- the custom form ------------------------------------------------------------------------------

@test "custom: port and security suggest each other; an odd port stays" {
	relay_console
	menu
	custom
	picture custom
	server relay.example.net 465
	wait_for '< Implicit TLS >'
	keys BTab C-u
	typed 2525
	keys Tab
	wait_for '< STARTTLS, required >'
	keys Right
	wait_for ' 465'
	keys Right
	# What was typed is not forgotten on the way round.
	wait_for ' 2525'
	wait_for 'None: any certificate is accepted'
	keys BTab C-u
	typed 10025
	keys Tab Right Right
	wait_for '< STARTTLS, required >'
	shows ' 10025'
	shows "Trusted certificate with the relay's name"
	keys Tab Enter
	wait_for 'DANE: TLSA records, signed by DNSSEC'
	picture verification
	nothing_written
}

@test "custom: what is wrong is said at its field" {
	relay_console
	menu
	custom
	submit
	wait_for "Type the relay's name"
	picture custom-empty
	typed 'not a host'
	submit
	wait_for 'cannot be used'
	keys C-u
	typed relay.example.net
	keys Tab C-u
	typed 70000
	submit
	wait_for '65535'
	keys C-u
	typed 587
	keys Tab Tab Tab
	typed 'AB:CD'
	keys Tab
	wait_for '< Fingerprint of exactly one certificate >'
	submit
	wait_for 'SHA-256'
	shows 'Fingerprint !'
	nothing_written
}

@test "a relay without a login is asked about" {
	relay_console
	menu
	custom
	server localhost "$SANDBOX_PORT_OPEN"
	keys Tab Tab Tab
	typed "$SANDBOX_CA"
	keys Tab Tab Enter Enter
	wait_for 'Relay without a login?'
	picture no-login
	keys Enter
	wait_for 'Custom relay'
	shows "$SANDBOX_PORT_OPEN"
	submit
	wait_for 'Relay without a login?'
	keys BTab Enter
	wait_for 'This is what will change'
	keys Escape
	wait_for 'Custom relay'
	nothing_written
}

@test "a login over an unencrypted connection is refused unless confirmed in so many words" {
	relay_console
	menu
	custom
	server localhost "$SANDBOX_PORT_PLAIN"
	keys Left
	wait_for '< None: not encrypted >'
	keys Tab Tab Tab Tab
	credentials
	keys Enter
	wait_for 'Password over an unencrypted connection'
	picture unencrypted
	keys Enter
	wait_for 'Custom relay'
	shows "$SANDBOX_LOGIN"
	shows '****'
	submit
	wait_for 'Password over an unencrypted connection'
	keys BTab Enter
	wait_for 'as you have agreed'
	keys Escape
	wait_for 'Custom relay'
	nothing_written
}

# --- the main job ---------------------------------------------------------------------------------

@test "the main job by keys alone: set up, mail arrives, test, edit, deconfigure, as it was" {
	relay_console
	menu
	practice
	picture form
	credentials
	keys Enter
	wait_for 'This is what will change'
	picture_words review
	keys End
	wait_for '+header_size_limit'
	picture review-end
	shows_not "$OUR_PASSWORD"
	keys Enter
	wait_for 'Postfix was reloaded'
	picture applied
	mail_is_relayed_as "$SANDBOX_LOGIN"

	keys Enter
	wait_for 'Who delivers'
	keys t Enter
	wait_for 'Test passed'
	picture_words tested
	keys Enter
	practice
	picture form-edit
	# Nothing typed: the stored password is used, and nothing changes.
	keys Enter Enter Enter
	wait_for 'Nothing to change'
	picture unchanged
	keys Enter
	wait_for 'Who delivers'

	# The same server at another port gets no password that was not typed for it.
	practice
	keys Enter Tab Tab Enter
	wait_for "Provider's ports"
	keys BTab Right
	wait_for '< Implicit TLS >'
	picture server
	submit
	wait_for 'implicit TLS'
	submit
	wait_for 'belongs to another server'
	typed "$OUR_PASSWORD"
	keys Enter Enter
	wait_for 'This is what will change'
	keys Enter
	wait_for 'Postfix was reloaded'
	wait_for 'Implicit TLS; certificate verified'
	mail_is_relayed_as "$SANDBOX_LOGIN"

	keys Enter
	wait_for 'Who delivers'
	keys d Enter
	wait_for 'This is what will be restored'
	picture deconfigure
	shows_not "$OUR_PASSWORD"
	keys Escape
	wait_for 'Who delivers'
	keys Enter
	wait_for 'This is what will be restored'
	keys Enter
	wait_for 'Restored'
	picture restored
	files_as_first
	no_secret_left
	[[ $(postfix -c "$SANDBOX_CONFIG" status 2>&1; echo $?) == *0 ]]
	keys Enter
	wait_for 'Who delivers'
	keys Enter
	wait_for 'Nothing to restore'
	picture nothing-to-restore
	keys Enter t Enter
	wait_for 'No relay is configured'
	picture nothing-to-test
}

@test "the main job on a vt100 without UTF-8, on a small screen and on a large one" {
	local terminal

	for terminal in '60x16 LC_ALL=C TERM=vt100' '132x43 TERM=linux' '80x24 LC_ALL=C TERM=vt220'; do
		echo "$terminal"
		# shellcheck disable=SC2086 # words
		to_review $terminal
		picture_words "review-${terminal%% *}${terminal##*=}"
		keys Enter
		wait_for 'Postfix was reloaded'
		picture "applied-${terminal%% *}${terminal##*=}"
		keys Enter d Enter
		wait_for 'This is what will be restored'
		keys Enter
		wait_for 'Mail goes: directly'
		files_as_first
		no_secret_left
		close_terminal
	done
}

@test "deconfigure: what someone else changed is kept, and restored on request" {
	set_up_relay
	postconf -c "$SANDBOX_CONFIG" -e 'smtp_sasl_security_options = noanonymous'
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	relay_console
	picture home-drift
	menu
	keys d Enter
	wait_for 'This is what will be restored'
	picture deconfigure-kept
	keys Tab Enter
	wait_for 'is restored as well'
	keys Enter
	wait_for 'Restored'
	files_as_first
}

@test "a relay set up by someone else: explained, a backup, then removed" {
	foreign
	relay_console
	menu
	keys d Enter
	wait_for 'Set up by someone else'
	picture foreign
	keys Enter
	wait_for 'mail.example.net'
	picture foreign-review
	keys Escape
	wait_for 'Who delivers'
	nothing_written
	keys Enter
	wait_for 'Set up by someone else'
	keys Enter
	wait_for 'This is what will change'
	keys Enter
	wait_for 'are removed'
	picture foreign-removed
	[[ -z $(parameter relayhost) ]]
	grep -rqF '[mail.example.net]:587' "$SANDBOX_STATE/backup"
}

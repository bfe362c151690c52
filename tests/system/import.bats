#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats and the sandbox set what is read here
# What somebody had before relaycon, taken over: a relay that Confconsole set up on this machine, and
# docker-mailserver's folder of files; with mail that is really sent afterwards.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }

setup() {
	setup_test
	FOLDER=$BATS_TEST_TMPDIR/config
	ENV=$BATS_TEST_TMPDIR/mailserver.env
	mkdir "$FOLDER"
	PASSWORD=$(<"$SANDBOX_PASSWORD_FILE")
	PASSWORD2=$(<"$SANDBOX_PASSWORD2_FILE")
}

teardown() { teardown_test; }

# --- Confconsole ----------------------------------------------------------------------------------

# As the plugin writes it.
confconsole_set_up() { # [TABLE [LEVEL]]
	administrator_has "relayhost=[$SANDBOX_HOST]:$SANDBOX_PORT" smtp_sasl_auth_enable=yes \
		"smtp_sasl_password_maps=${1:-hash:$SANDBOX_CONFIG/sasl_passwd}" \
		smtp_sasl_security_options=noanonymous "smtp_tls_security_level=${2:-may}" \
		header_size_limit=4096000
}

password_table() { # [KEY]
	(umask 077 && printf '%s %s:%s\n' "${1:-[$SANDBOX_HOST]:$SANDBOX_PORT}" "$SANDBOX_LOGIN" "$PASSWORD" \
		>"$SANDBOX_CONFIG/sasl_passwd")
}

adopts() {
	call import confconsole --ca-file "$SANDBOX_CA" --apply
	exits 0
	says 'changed: '
	says_not "$PASSWORD"
	call status --json
	json_is mode relay
	json_is relays.0.login "$SANDBOX_LOGIN"
	json_is relays.0.tls starttls
	json_is relays.0.verify name
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

goes_back() {
	call deconfigure
	exits 0
	files_as_the_administrator_had_them
	call status --json
	json_is mode foreign
}

@test "Confconsole's set-up: reviewed, then adopted, then put back byte for byte" {
	password_table
	postmap -c "$SANDBOX_CONFIG" "hash:$SANDBOX_CONFIG/sasl_passwd"
	confconsole_set_up
	remember
	call import confconsole --ca-file "$SANDBOX_CA"
	exits 0
	says "relayhost = [$SANDBOX_HOST]:$SANDBOX_PORT"
	says "The login $SANDBOX_LOGIN"
	says 'The level for this relay was "may"'
	says 'Nothing was written'
	says_not "$PASSWORD"
	nothing_written
	adopts
	remember
	call import confconsole --ca-file "$SANDBOX_CA" --apply
	exits 0
	says unchanged
	nothing_written
	call test
	exits 0
	goes_back
}

@test "with only the .db left, the login comes out of it" {
	password_table
	postmap -c "$SANDBOX_CONFIG" "hash:$SANDBOX_CONFIG/sasl_passwd"
	rm "$SANDBOX_CONFIG/sasl_passwd"
	confconsole_set_up
	adopts
	[[ -e $SANDBOX_CONFIG/sasl_passwd.db ]]
	goes_back
}

@test "without the .db, which Postfix then cannot do, the login comes out of the text" {
	password_table
	confconsole_set_up
	adopts
	goes_back
}

@test "texthash: and static: tables, and a level that was strict already" {
	password_table
	confconsole_set_up "texthash:$SANDBOX_CONFIG/sasl_passwd" secure
	adopts
	says_not 'The level for this relay was'
	goes_back
	confconsole_set_up "static:$SANDBOX_LOGIN:$PASSWORD" encrypt
	call import confconsole --ca-file "$SANDBOX_CA" --json
	exits 0
	says_not "$PASSWORD"
	json_is relays.0.login "$SANDBOX_LOGIN"
	json_is lines.1.text 'smtp_sasl_password_maps = static:********'
}

@test "a key that is not quite the relay's: the login that Postfix did not find is found" {
	password_table "$SANDBOX_HOST:$SANDBOX_PORT"
	confconsole_set_up "texthash:$SANDBOX_CONFIG/sasl_passwd"
	call import confconsole --ca-file "$SANDBOX_CA"
	exits 0
	says 'so that Postfix did not find it'
	adopts
}

@test "a relay whose login is not found is refused, unless it has none" {
	password_table '[other.test]:587'
	confconsole_set_up "texthash:$SANDBOX_CONFIG/sasl_passwd"
	remember
	call import confconsole --ca-file "$SANDBOX_CA" --apply
	exits 65
	says 'No login was found'
	nothing_written
	call import confconsole --ca-file "$SANDBOX_CA" --no-auth
	exits 0
	says 'without a login'
	nothing_written
}

@test "a test that fails writes nothing" {
	password_table
	confconsole_set_up "texthash:$SANDBOX_CONFIG/sasl_passwd"
	remember
	call import confconsole --apply
	exits 69
	says 'does not trust'
	nothing_written
}

@test "a machine without a relay has none to take over; two answers contradict" {
	call import confconsole
	exits 65
	says 'mail goes direct'
	call import confconsole --apply --dry-run
	exits 64
	call import confconsole --verify maybe
	exits 64
	call import
	exits 64
}

# --- docker-mailserver ----------------------------------------------------------------------------

relay_map() { cat >"$FOLDER/postfix-relaymap.cf"; }
logins() { cat >"$FOLDER/postfix-sasl-password.cf"; }
variables() { cat >"$ENV"; }

# Two logins at one server, one at another by the server's name, one sender kept off.
whole_folder() {
	relay_map <<-END
		# who goes where
		@one.test [$SANDBOX_HOST]:$SANDBOX_PORT
		@Two.Test	[$SANDBOX_HOST]:$SANDBOX_PORT
		@three.test [$SANDBOX_HOST]:$SANDBOX_PORT_CRAM
		@out.test
	END
	logins <<-END
		@one.test $SANDBOX_LOGIN:$PASSWORD
		@two.test $SANDBOX_LOGIN2:$PASSWORD2
		[$SANDBOX_HOST]:$SANDBOX_PORT_CRAM $SANDBOX_LOGIN2:$PASSWORD2
	END
	printf '%s\n' "me@four.test|{SHA512-CRYPT}\$6\$x" "you@out.test|{SHA512-CRYPT}\$6\$y" \
		>"$FOLDER/postfix-accounts.cf"
	printf 'all@five.test me@four.test\n' >"$FOLDER/postfix-virtual.cf"
	variables <<-END
		# docker-mailserver's template has many more
		OVERRIDE_HOSTNAME=mail.four.test
		DEFAULT_RELAY_HOST=
		RELAY_HOST=$SANDBOX_HOST
		RELAY_PORT=$SANDBOX_PORT
		RELAY_USER=$SANDBOX_LOGIN2
		RELAY_PASSWORD="$PASSWORD2"
	END
}

import_folder() { # OPTIONS...
	call import docker-mailserver "$FOLDER" --env "$ENV" --ca-file "$SANDBOX_CA" "$@"
}

# Mail from this sender comes by this server, under this login ("": none).
goes_by() { # FROM SERVER LOGIN
	local file
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER" "$1" someone@customer.test) || return 1
	grep -q "by $2.sandbox.test" "$file" || explain "$1 did not come by $2: $(head -n 15 "$file")"
	if [[ $3 ]]; then
		grep -qF "(Authenticated sender: $3)" "$file" || explain "no login $3: $(head -n 15 "$file")"
	else
		! grep -qF '(Authenticated sender' "$file" || explain "a login: $(head -n 15 "$file")"
	fi
}

@test "docker-mailserver's folder: each line told, then applied, then mail goes as it says" {
	whole_folder
	administrator_has smtp_dns_support_level=disabled
	remember
	import_folder
	exits 0
	says 'Senders @one.test go to the relay'
	says 'Senders @out.test go direct.'
	says 'RELAY_PASSWORD=********'
	says 'Nothing was written'
	says_not "$PASSWORD"
	says_not "$PASSWORD2"
	nothing_written

	import_folder --apply
	exits 0
	says 'changed: '
	says_not "$PASSWORD"
	says_not "$PASSWORD2"
	goes_by a@one.test starttls "$SANDBOX_LOGIN"
	goes_by b@two.test starttls "$SANDBOX_LOGIN2"
	goes_by c@three.test cram "$SANDBOX_LOGIN2"
	goes_by d@four.test starttls "$SANDBOX_LOGIN2"
	goes_by e@five.test starttls "$SANDBOX_LOGIN2"
	goes_by f@out.test direct ''
	goes_by g@stranger.test direct ''
	! grep -q 'provider/direct/.* auth=' "$SANDBOX_PROVIDER_LOG" || explain "a login was offered to the recipient's server"

	remember
	import_folder --apply
	exits 0
	says unchanged
	nothing_written
	call deconfigure
	exits 0
	files_as_the_administrator_had_them
	no_secret_left
}

@test "a list of servers, as Postfix goes through it: the next takes the mail, under its own login" {
	administrator_has smtp_dns_support_level=disabled
	cat >"$FOLDER/postfix-relaymap.cf" <<-END
		@one.test [$SANDBOX_HOST]:$SANDBOX_PORT_REFUSED, [$SANDBOX_HOST]:$SANDBOX_PORT
		@two.test [$SANDBOX_HOST]:$SANDBOX_PORT_UNTRUSTED [$SANDBOX_HOST]:$SANDBOX_PORT_CRAM
	END
	cat >"$FOLDER/postfix-sasl-password.cf" <<-END
		@one.test $SANDBOX_LOGIN:$PASSWORD
		[$SANDBOX_HOST]:$SANDBOX_PORT_UNTRUSTED $SANDBOX_LOGIN:$PASSWORD
		[$SANDBOX_HOST]:$SANDBOX_PORT_CRAM $SANDBOX_LOGIN2:$PASSWORD2
		[$SANDBOX_HOST]:$SANDBOX_PORT $SANDBOX_LOGIN2:$PASSWORD2
	END
	variables <<<"DEFAULT_RELAY_HOST=[$SANDBOX_HOST]:$SANDBOX_PORT_REFUSED, [$SANDBOX_HOST]:$SANDBOX_PORT"
	import_folder --no-auth --apply --no-test
	exits 0
	says 'does not take the mail, it goes on to: '
	says_not "$PASSWORD"
	says_not "$PASSWORD2"
	goes_by a@one.test starttls "$SANDBOX_LOGIN"
	goes_by b@two.test cram "$SANDBOX_LOGIN2"
	goes_by c@stranger.test starttls "$SANDBOX_LOGIN2"
	! grep -q 'provider/untrusted/.* auth=' "$SANDBOX_PROVIDER_LOG" || explain "a login was offered to the server that was not verified"
	remember
	import_folder --no-auth --apply --no-test
	exits 0
	says unchanged
	nothing_written
	call deconfigure
	exits 0
	files_as_the_administrator_had_them
	no_secret_left
}

@test "all mail by RELAY_HOST, and what is kept off it really is" {
	whole_folder
	administrator_has smtp_dns_support_level=disabled
	import_folder --all-mail --apply
	exits 0
	goes_by g@stranger.test starttls "$SANDBOX_LOGIN2"
	goes_by a@one.test starttls "$SANDBOX_LOGIN"
	goes_by f@out.test direct ''
	call deconfigure
	exits 0
	files_as_the_administrator_had_them
}

@test "as JSON: lines with their fates, relays, routes, the diff" {
	whole_folder
	import_folder --json
	exits 0
	json_is result planned
	json_is lines.0.file mailserver.env
	json_is lines.0.text "RELAY_HOST=$SANDBOX_HOST"
	json_is lines.0.fate taken
	json_is routes.# 6
	json_is relays.# 3
	says_not "$PASSWORD"
	says_not "$PASSWORD2"
}

@test "a login that is missing: nothing is written, and the relay is named" {
	whole_folder
	logins <<-END
		@one.test $SANDBOX_LOGIN:$PASSWORD
	END
	remember
	import_folder --apply
	exits 65
	says "[$SANDBOX_HOST]:$SANDBOX_PORT_CRAM: the sender @three.test"
	nothing_written
}

@test "relays that are there already are not replaced unless that is said" {
	whole_folder
	configure "$SANDBOX_PORT" --no-test
	exits 0
	remember
	import_folder
	exits 64
	says '--replace'
	nothing_written
	import_folder --replace
	exits 0
	nothing_written
}

@test "secrets in files, and none from the environment that relaycon runs in" {
	printf '%s\n' "$PASSWORD" >"$FOLDER/relay-password"
	variables <<-END
		DEFAULT_RELAY_HOST=[$SANDBOX_HOST]:$SANDBOX_PORT
		RELAY_HOST=$SANDBOX_HOST
		RELAY_PORT=$SANDBOX_PORT
		RELAY_USER=$SANDBOX_LOGIN
		RELAY_PASSWORD__FILE=/tmp/docker-mailserver/relay-password
	END
	import_folder --apply
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	variables <<<"RELAY_HOST=$SANDBOX_HOST"
	RELAY_USER=$SANDBOX_LOGIN RELAY_PASSWORD=$PASSWORD import_folder --apply
	exits 65
	says 'No login was found'
}

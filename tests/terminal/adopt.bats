#!/usr/bin/env bats
# shellcheck disable=SC2154 # bats and the sandbox set what is read here
# A relay that somebody else set up is taken over in the console: from the page that explains it to mail that
# is really sent, and back.
load relay_helper

# As Confconsole leaves it.
confconsole() { # TABLE-KEY
	(umask 077 && printf '%s %s:%s\n' "$1" "$SANDBOX_LOGIN" "$OUR_PASSWORD" >"$SANDBOX_CONFIG/sasl_passwd")
	sed -i '/^relayhost *=/d; /^smtp_tls_security_level *=/d; /^smtp_tls_CAfile *=/d' "$SANDBOX_CONFIG/main.cf"
	cat >>"$SANDBOX_CONFIG/main.cf" <<-END
		relayhost = [localhost]:$SANDBOX_PORT
		smtp_sasl_auth_enable = yes
		smtp_sasl_password_maps = texthash:$SANDBOX_CONFIG/sasl_passwd
		smtp_sasl_security_options = noanonymous
		smtp_tls_security_level = may
		smtp_tls_CAfile = $SANDBOX_CA
	END
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER"
	cp -a "$SANDBOX_CONFIG" "$BATS_TEST_TMPDIR/started"
	remember
}

take_over() {
	relay_console
	menu
	keys d Enter
	wait_for 'Set up by someone else'
	keys Tab Enter
}

@test "a relay of somebody else's is taken over, works, and is put back" {
	confconsole "[localhost]:$SANDBOX_PORT"
	take_over
	wait_for 'This is what was found'
	picture_words adopt
	keys Enter
	wait_for 'This is what will change'
	picture adopt-review
	nothing_written
	keys Enter
	wait_for "The relay is relaycon's now."
	picture_words adopted
	mail_is_relayed_as "$SANDBOX_LOGIN"
	keys Enter
	wait_for 'Who delivers'
	keys d Enter
	wait_for 'will be restored'
	keys Enter
	wait_for 'Restored'
	diff -r "$BATS_TEST_TMPDIR/started" "$SANDBOX_CONFIG"
}

@test "a login that is not found is said, and where to give it" {
	confconsole '[other.test]:587'
	take_over
	wait_for 'no login was found for it'
	picture adopt-no-login
	nothing_written
}

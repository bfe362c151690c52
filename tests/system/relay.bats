#!/usr/bin/env bats
# The main job: configure, really deliver, take it all back.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

@test "STARTTLS: configured, delivered under that login over verified TLS, taken back byte for byte" {
	configure "$SANDBOX_PORT" --json
	exits 0
	json_is result changed
	json_is test.result ok
	[[ $(steps test.steps) == 'resolve=ok connect=ok greeting=ok ehlo=ok starttls=ok certificate=ok auth=ok' ]] ||
		explain "steps: $(steps test.steps)"
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure --json
	exits 0
	json_is result changed
	files_as_first
	no_secret_left
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER"
	mail_is_not_relayed
}

@test "implicit TLS: configured, delivered, taken back byte for byte" {
	configure "$SANDBOX_PORT_IMPLICIT" --tls implicit --json
	exits 0
	[[ $(steps test.steps) == 'resolve=ok connect=ok tls=ok greeting=ok ehlo=ok certificate=ok auth=ok' ||
		$(steps test.steps) == 'resolve=ok connect=ok tls=ok certificate=ok greeting=ok ehlo=ok auth=ok' ]] ||
		explain "steps: $(steps test.steps)"
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "implicit TLS touches no other mail: the global wrapper mode stays off" {
	configure "$SANDBOX_PORT_IMPLICIT" --tls implicit
	exits 0
	parameter_is smtp_tls_wrappermode no
}

@test "CRAM-MD5 only: the same mechanisms as Postfix has" {
	configure "$SANDBOX_PORT_CRAM"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "a relay without a login" {
	call configure custom --host localhost --port "$SANDBOX_PORT_OPEN" --ca-file "$SANDBOX_CA" --no-auth --json
	exits 0
	parameter_is relayhost "[localhost]:$SANDBOX_PORT_OPEN"
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER")
	grep -qF '(using TLSv1.' "$file"
	call deconfigure
	exits 0
	files_as_first
}

@test "the second run says unchanged and touches no file" {
	configure "$SANDBOX_PORT"
	exits 0
	before=$(tree "$SANDBOX_CONFIG"; state_files)
	configure "$SANDBOX_PORT" --json
	exits 0
	json_is result unchanged
	[[ $(tree "$SANDBOX_CONFIG"; state_files) == "$before" ]] || explain "files were touched"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	says unchanged
	[[ $(tree "$SANDBOX_CONFIG"; state_files) == "$before" ]] || explain "files were touched"
}

@test "deconfigure twice: the second finds nothing to restore" {
	configure "$SANDBOX_PORT" --no-test
	call deconfigure
	exits 0
	before=$(tree "$SANDBOX_CONFIG")
	call deconfigure --json
	exits 0
	json_is result unchanged
	[[ $(tree "$SANDBOX_CONFIG") == "$before" ]]
}

@test "deconfigure on a machine that was never configured" {
	remember
	call deconfigure --json
	exits 0
	json_is result unchanged
	nothing_written
}

@test "the password from standard input" {
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" -
	run --separate-stderr relaycon configure "${OPTIONS[@]}" --json <"$SANDBOX_PASSWORD_FILE"
	exits 0
	json_is result changed
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "the stored password is kept when none is given for the same relay and login" {
	configure "$SANDBOX_PORT"
	exits 0
	call configure custom --host localhost --port "$SANDBOX_PORT" --ca-file "$SANDBOX_CA" --login "$SANDBOX_LOGIN" --json
	exits 0
	json_is result unchanged
}

@test "relay A, then relay B with another login, then back to the beginning" {
	configure "$SANDBOX_PORT"
	exits 0
	to_provider "$SANDBOX_PORT_IMPLICIT" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
	call configure "${OPTIONS[@]}" --tls implicit
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN2"
	! grep -rqF "$(<"$SANDBOX_PASSWORD_FILE")" "$SANDBOX_CONFIG" "$SANDBOX_STATE" || explain "A's password stayed"
	configure "$SANDBOX_PORT"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	diff "$SANDBOX_FOLDER/machine/first/master.cf" "$SANDBOX_CONFIG/master.cf" ||
		explain "the service of the implicit relay stayed in master.cf"
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "--dry-run shows the diff with the password masked and changes nothing" {
	remember
	configure "$SANDBOX_PORT" --dry-run
	exits 0
	says "+relayhost = [localhost]:$SANDBOX_PORT"
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	nothing_written
	configure "$SANDBOX_PORT" --dry-run --json
	exits 0
	json_is result planned
	json diff | grep -qF "+relayhost = [localhost]:$SANDBOX_PORT"
	nothing_written
}

@test "deconfigure --dry-run shows the way back and changes nothing" {
	configure "$SANDBOX_PORT"
	remember
	call deconfigure --dry-run
	exits 0
	says "-relayhost = [localhost]:$SANDBOX_PORT"
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	nothing_written
}

@test "test alone writes nothing, and tests the configured relay when nothing is named" {
	remember
	to_provider "$SANDBOX_PORT"
	call test "${OPTIONS[@]}" --json
	exits 0
	json_is result ok
	nothing_written
	configure "$SANDBOX_PORT" --no-test
	exits 0
	call test --json
	exits 0
	json_is result ok
}

@test "the settings that are written are the ones that work" {
	configure "$SANDBOX_PORT"
	exits 0
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	parameter_is smtp_sasl_auth_enable yes
	parameter_is smtp_sasl_security_options 'noplaintext, noanonymous'
	parameter_is smtp_sasl_tls_security_options noanonymous
	parameter_is smtp_tls_security_level may
	parameter_is smtp_tls_CAfile "$SANDBOX_CA"
	parameter_is header_size_limit 4096000
	[[ $(parameter smtp_sasl_password_maps) == texthash:* ]] || explain "$(parameter smtp_sasl_password_maps)"
	table=$(parameter smtp_sasl_password_maps)
	[[ $(stat -c '%a %U' "${table#texthash:}") == '600 root' ]] || explain "mode $(stat -c '%a %U' "${table#texthash:}")"
	grep -qF "[localhost]:$SANDBOX_PORT " "${table#texthash:}"
	table=$(parameter smtp_tls_policy_maps)
	[[ $(postmap -c "$SANDBOX_CONFIG" -q "[localhost]:$SANDBOX_PORT" "$table") == secure* ]] ||
		explain "no policy for exactly [localhost]:$SANDBOX_PORT in $table"
}

@test "status: direct, then relay with who and how, then direct again" {
	call status --json
	exits 0
	json_is mode direct
	json_is relays.# 0
	json_is postfix.installed true
	json_is postfix.running true
	json_is postfix.config_dir "$SANDBOX_CONFIG"
	json_is postfix.version "$(postconf -d -h mail_version)"
	configure "$SANDBOX_PORT"
	call status --json
	exits 0
	json_is mode relay
	json_is relays.0.name default
	json_is relays.0.provider custom
	json_is relays.0.host localhost
	json_is relays.0.port "$SANDBOX_PORT"
	json_is relays.0.tls starttls
	json_is relays.0.verify name
	json_is relays.0.login "$SANDBOX_LOGIN"
	json_is drift '[]'
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
	call deconfigure
	call status --json
	json_is mode direct
}

@test "status: a relay that somebody else set up is foreign" {
	sed -i 's/^relayhost = $/relayhost = [elsewhere.test]:587/' "$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	call status --json
	exits 0
	json_is mode foreign
}

@test "status names what somebody else changed since" {
	configure "$SANDBOX_PORT"
	sed -i 's/^relayhost = .*/relayhost = [elsewhere.test]:587/' "$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	call status --json
	exits 0
	json drift | grep -q relayhost
	says '[elsewhere.test]:587'
}

@test "deconfigure keeps what somebody else changed since, says so, and takes it back with --force" {
	configure "$SANDBOX_PORT"
	sed -i 's/^header_size_limit = .*/header_size_limit = 5000000/' "$SANDBOX_CONFIG/main.cf"
	printf 'message_size_limit = 12345678\n' >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	call deconfigure
	exits 0
	says header_size_limit
	parameter_is header_size_limit 5000000
	parameter_is message_size_limit 12345678
	parameter_is relayhost ''
	no_secret_left
	configure "$SANDBOX_PORT"
	sed -i 's/^relayhost = .*/relayhost = [elsewhere.test]:587/' "$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	call deconfigure --force
	exits 0
	parameter_is relayhost ''
}

@test "fingerprint: pinned, delivered; another certificate is refused" {
	pin=$(openssl x509 -in "$SANDBOX_CERTS/untrusted.pem" -noout -fingerprint -sha256)
	call configure custom --host localhost --port "$SANDBOX_PORT_UNTRUSTED" --login "$SANDBOX_LOGIN" \
		--password-file "$SANDBOX_PASSWORD_FILE" --verify fingerprint --fingerprint "${pin#*=}" --json
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	remember
	call configure custom --host localhost --port "$SANDBOX_PORT" --login "$SANDBOX_LOGIN" \
		--password-file "$SANDBOX_PASSWORD_FILE" --verify fingerprint --fingerprint "${pin#*=}" --json
	exits 69
	nothing_written
}

#!/usr/bin/env bats
# shellcheck disable=SC2034 # the helper reads what is set here
# Main.cf files of real machines: configured, compared, taken back byte for byte. The two that Postfix
# itself rejects are refused with their line, and left alone.
load helper

setup_file() {
	setup_sandbox
	"$SANDBOX_TOOL" machine-stop "$SANDBOX_FOLDER"
}
teardown_file() { remove_sandbox; }

setup() {
	exec 0</dev/null
	rm -rf "$SANDBOX_FOLDER/case"
	mkdir -m 0755 "$SANDBOX_FOLDER/case" "$SANDBOX_FOLDER/case/config"
	# As in helper.bash, but this machine's files; nothing runs here.
	SANDBOX_CONFIG=$SANDBOX_FOLDER/case/config
	SANDBOX_STATE=$SANDBOX_FOLDER/case/state
}

take() { # NUMBER
	local file
	file=$(echo "$PROJECT/tests/corpus/$1"-*.cf)
	cp "$file" "$SANDBOX_CONFIG/main.cf"
	cp /usr/share/postfix/master.cf.dist "$SANDBOX_CONFIG/master.cf"
	chmod 0644 "$SANDBOX_CONFIG/"*.cf
	touch -d '1 hour ago' "$SANDBOX_CONFIG/"*.cf
	cp -a "$SANDBOX_CONFIG" "$SANDBOX_FOLDER/case/first"
}

# Everything set, but what a relay is made of; runs of white space are one, as postconf has them.
everything_else() {
	postconf -c "$SANDBOX_CONFIG" -n 2>/dev/null | grep -vE '^(relayhost|smtp_sasl_auth_enable|smtp_sasl_password_maps|smtp_sasl_security_options|smtp_sasl_tls_security_options|smtp_tls_policy_maps|smtp_tls_CAfile|smtp_tls_security_level|header_size_limit|default_transport|relay_transport) ='
}

as_at_first() {
	cmp "$SANDBOX_FOLDER/case/first/main.cf" "$SANDBOX_CONFIG/main.cf" || explain "main.cf is not what it was"
	cmp "$SANDBOX_FOLDER/case/first/master.cf" "$SANDBOX_CONFIG/master.cf" || explain "master.cf is not what it was"
	[[ $(names_in "$SANDBOX_CONFIG") == $'main.cf\nmaster.cf' ]] || explain "left: $(names_in "$SANDBOX_CONFIG")"
	no_secret_left
}

# Postfix gives them in no order of its own.
warnings() { # CONFIG
	postconf -c "$1" -n 2>&1 >/dev/null | sed "s|$1||g; s/line [0-9]*//" | sort
}

is_configured() { # PORT OPTIONS...
	local before
	before=$(everything_else)
	configure "$@" --no-test --json
	exits 0
	json_is result changed
	parameter_is relayhost "[localhost]:$1"
	parameter_is smtp_sasl_auth_enable yes
	parameter_is smtp_sasl_security_options 'noplaintext, noanonymous'
	parameter_is smtp_sasl_tls_security_options noanonymous
	parameter_is header_size_limit 4096000
	parameter_is smtp_tls_CAfile "$SANDBOX_CA"
	diff <(printf '%s\n' "$before") <(everything_else) >&2 || explain "something else changed"
	# Postfix says nothing new about the file.
	[[ -z $(comm -13 <(warnings "$SANDBOX_FOLDER/case/first") <(warnings "$SANDBOX_CONFIG")) ]] ||
		explain "Postfix warns of something new: $(warnings "$SANDBOX_CONFIG")"
	configure "$@" --no-test --json
	exits 0
	json_is result unchanged
	call deconfigure --json
	exits 0
	json_is result changed
	as_at_first
}

goes_through() { # NUMBER
	take "$1"
	is_configured "$SANDBOX_PORT"
	is_configured "$SANDBOX_PORT_IMPLICIT" --tls implicit
}

is_left_alone() { # NUMBER LINE
	take "$1"
	before=$(tree "$SANDBOX_CONFIG")
	for word in 'configure' 'deconfigure' 'status'; do
		to_provider "$SANDBOX_PORT"
		[[ $word == configure ]] && OPTIONS+=(--no-test) || OPTIONS=()
		call "$word" "${OPTIONS[@]}" --json
		exits 78
		json_is error.code 78
		says "line $2"
		[[ $(tree "$SANDBOX_CONFIG") == "$before" ]] || explain "something was touched"
		no_secret_left
	done
}

@test "01 debian-stock" { goes_through 01; }
@test "02 rhel7-stock" { goes_through 02; }
@test "03 rhel-stig-crlf" { goes_through 03; }
@test "04 german-mysql" { goes_through 04; }
@test "05 cp1251-ubuntu-mysql" { goes_through 05; }
@test "06 macos-null-relay" { goes_through 06; }
@test "07 office365-relay" { goes_through 07; }
@test "08 long-relay-nobracket" { goes_through 08; }
@test "09 opensuse-lmdb-relay" { goes_through 09; }
@test "10 docker-mailserver" { goes_through 10; }
@test "11 sendgrid-static" { goes_through 11; }
@test "12 mysql-nonl" { goes_through 12; }
@test "13 pgsql-comments-in-cont" { goes_through 13; }
@test "14 feministwiki-ldap" { goes_through 14; }
@test "15 mailcow" { goes_through 15; }
@test "16 froxlor-tabs" { goes_through 16; }
@test "17 opendarwin-dups-tabs" { goes_through 17; }
@test "18 sixarm-65k" { goes_through 18; }
@test "19 ffho-mailman" { goes_through 19; }
@test "20 joekun-pgsql-amavis" { goes_through 20; }
@test "22 danwin-inline-braces" { goes_through 22; }
@test "23 french-dups" { goes_through 23; }
@test "21 zeus-all-indented: refused with its line" { is_left_alone 21 1; }
@test "24 macos-broken-debugger: refused with its line" { is_left_alone 24 595; }

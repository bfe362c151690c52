#!/usr/bin/env bats
# shellcheck disable=SC2016 # single quotes are meant
# The defects of the mail relay plugin that this replaces: each a test of its own, named after it.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

machine_starts_with() { # standard input
	cat >"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	cp -a "$SANDBOX_CONFIG/main.cf" "$BATS_TEST_TMPDIR/main.cf"
}

first_main_cf() {
	cat "$SANDBOX_FOLDER/machine/first/main.cf"
}

main_cf_as_started() {
	cmp "$BATS_TEST_TMPDIR/main.cf" "$SANDBOX_CONFIG/main.cf" || explain "main.cf is not what it was"
}

goes_and_comes_back() {
	configure "$SANDBOX_PORT" --no-test
	exits 0
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	call deconfigure
	exits 0
	main_cf_as_started
}

@test "the menu says SendinBlue and the code tests Brevo: the preset applies" {
	call configure brevo --login "$SANDBOX_LOGIN" --password-file "$SANDBOX_PASSWORD_FILE" --no-test --json
	exits 0
	parameter_is relayhost '[smtp-relay.brevo.com]:587'
	call status --json
	json_is relays.0.provider brevo
}

@test "every preset applies as its name says" {
	call providers --json
	mapfile -t ids < <(/usr/bin/python3 -c 'import json, sys
for p in json.load(sys.stdin)["providers"]: print(p["id"], p["host"], p["port"])' <<<"$output")
	((${#ids[@]} >= 32)) || explain "only ${#ids[@]} providers"
	for line in "${ids[@]}"; do
		read -r id host port <<<"$line"
		call configure "$id" --login somebody --password-file "$SANDBOX_PASSWORD_FILE" --no-test --dry-run
		((status == 0)) || call configure "$id" --password-file "$SANDBOX_PASSWORD_FILE" --no-test --dry-run
		exits 0
		says "+relayhost = [$host]:$port"
	done
}

@test "lines edited by substring: comments with the word in them stay" {
	{
		echo '# relayhost = [commented.test]:587 is what we had'
		echo '#relayhost = [commented2.test]:587'
		first_main_cf
		echo '# smtp_sasl_auth_enable, smtp_tls_security_level and header_size_limit: see the wiki'
	} >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	grep -qxF '# relayhost = [commented.test]:587 is what we had' "$SANDBOX_CONFIG/main.cf"
	grep -qxF '#relayhost = [commented2.test]:587' "$SANDBOX_CONFIG/main.cf"
	grep -qF 'see the wiki' "$SANDBOX_CONFIG/main.cf"
	call deconfigure
	main_cf_as_started
}

@test "lines edited by substring: sender_dependent_relayhost_maps stays" {
	{
		first_main_cf
		echo 'sender_dependent_relayhost_maps = inline:{ @a.test=[b.test]:587 }'
		echo 'my_relayhost_note = relayhost'
	} >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	parameter_is sender_dependent_relayhost_maps 'inline:{ @a.test=[b.test]:587 }'
	call deconfigure
	main_cf_as_started
}

@test "lines edited by substring: continuation lines with the word stay, no restriction is lost" {
	{
		first_main_cf
		printf '%s\n' 'smtpd_recipient_restrictions = permit_mynetworks,' \
			'    check_client_access inline:{ relayhost=OK },' '    # relayhost in a comment' \
			'    reject_unauth_destination,' '    check_policy_service unix:private/smtp_tls_security_level'
	} >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	restrictions=$(parameter smtpd_recipient_restrictions)
	configure "$SANDBOX_PORT" --no-test
	exits 0
	parameter_is smtpd_recipient_restrictions "$restrictions"
	call deconfigure
	main_cf_as_started
}

@test "continuation lines are orphaned onto the parameter above: they go with their parameter" {
	{
		first_main_cf | grep -v '^relayhost'
		printf '%s\n' 'myorigin = machine.sandbox.test' 'relayhost =' '# the old one' '   [old.test]:25' '' 'smtp_tls_security_level' '   = may'
	} >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	configure "$SANDBOX_PORT" --no-test
	exits 0
	parameter_is myorigin machine.sandbox.test
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	call deconfigure
	exits 0
	main_cf_as_started
	parameter_is relayhost '[old.test]:25'
}

@test "a last line without newline loses relayhost with exit 0: it is complete, and comes back without one" {
	printf '%s' "$(first_main_cf)" | machine_starts_with
	[[ $(tail -c 1 "$SANDBOX_CONFIG/main.cf") != $'\n' ]]
	last=$(parameter smtp_tls_loglevel)
	configure "$SANDBOX_PORT" --no-test
	exits 0
	parameter_is relayhost "[localhost]:$SANDBOX_PORT"
	parameter_is smtp_tls_loglevel "$last"
	call deconfigure
	main_cf_as_started
	printf 'myorigin = last.test\nrelayhost =' | cat <(first_main_cf | grep -v '^relayhost') - >"$BATS_TEST_TMPDIR/new"
	machine_starts_with <"$BATS_TEST_TMPDIR/new"
	goes_and_comes_back
}

@test "a host with a newline injects a parameter: it is refused" {
	remember
	for bad in $'localhost\nmynetworks = 0.0.0.0/0' $'localhost\rx' 'local host' '[localhost' 'a]b' '' '-x' \
		$'local\thost' 'localhost,evil.test'; do
		call configure custom --host "$bad" --port "$SANDBOX_PORT" --login x \
			--password-file "$SANDBOX_PASSWORD_FILE" --no-test
		((status == 64 || status == 65)) || explain "host taken: $(printf %q "$bad")"
		nothing_written
	done
}

@test "a login or a password that Postfix would read as something else is refused" {
	remember
	for bad in $'me\nyou' 'me:you' ' me' $'me\xff'; do
		call configure custom --host localhost --port "$SANDBOX_PORT" --login "$bad" \
			--password-file "$SANDBOX_PASSWORD_FILE" --no-test
		((status == 64 || status == 65)) || explain "login taken: $(printf %q "$bad")"
		nothing_written
	done
	for bad in $'first\nsecond\n' 'trailing space ' $'bell\xffbyte' $'null\0byte'; do
		printf '%s' "$bad" >"$BATS_TEST_TMPDIR/bad"
		[[ $bad != null* ]] || printf 'null\0byte' >"$BATS_TEST_TMPDIR/bad"
		to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$BATS_TEST_TMPDIR/bad"
		call configure "${OPTIONS[@]}" --no-test
		((status == 64 || status == 65)) || explain "password taken: $(printf %q "$bad")"
		nothing_written
	done
}

@test "deconfigure does not restore what was there: smtp_tls_security_level and relayhost come back" {
	configure "$SANDBOX_PORT" --no-test
	exits 0
	call deconfigure
	exits 0
	parameter_is smtp_tls_security_level may
	grep -qxF 'relayhost = ' "$SANDBOX_CONFIG/main.cf"
	files_as_first
}

@test "deconfigure leaves sasl_passwd.db with the password: nothing of it is left" {
	configure "$SANDBOX_PORT"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	no_secret_left "$SANDBOX_CONFIG" "$SANDBOX_STATE" "$SANDBOX_QUEUE" "$SANDBOX_FOLDER/machine/data" "$SANDBOX_MACHINE_LOG"
	files_as_first
}

@test "deconfigure does not reload: the running Postfix stops relaying at once" {
	configure "$SANDBOX_PORT"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure
	exits 0
	mail_is_not_relayed 2
}

@test "the password is in argv, in a trace and in the environment: it is in none" {
	to_provider "$SANDBOX_PORT"
	trace=$BATS_TEST_TMPDIR/trace
	run --separate-stderr env ASAN_OPTIONS=detect_leaks=0 strace -f -v -s 65536 -e trace=execve,execveat,prctl -o "$trace" \
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" configure "${OPTIONS[@]}"
	exits 0
	grep -q execve "$trace"
	! grep -F "$(<"$SANDBOX_PASSWORD_FILE")" "$trace" || explain "the password is in an execve"
	says_not "$(<"$SANDBOX_PASSWORD_FILE")"
}

@test "for 8 ms the password is in a 0644 file: it is only ever written to files that were made 0600" {
	to_provider "$SANDBOX_PORT"
	trace=$BATS_TEST_TMPDIR/trace
	run env ASAN_OPTIONS=detect_leaks=0 strace -f -yy -s 65536 -e trace=desc,file,chmod,fchmod,write,writev,pwrite64,send,sendto,sendmsg \
		-o "$trace" "$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" \
		configure "${OPTIONS[@]}" --no-test
	((status == 0)) || explain "configure failed"
	/usr/bin/python3 - "$trace" "$(<"$SANDBOX_PASSWORD_FILE")" <<-'END'
		import re, sys
		lines = open(sys.argv[1], errors="replace").read().splitlines()
		secret = sys.argv[2]
		paths = set()
		for line in lines:
		    if secret in line and re.search(r" (p?write|writev|send)", line):
		        found = re.search(r"(?:p?write(?:v|64)?|send\w*)\(\d+<([^>]*)>", line)
		        paths.add(found.group(1) if found else line)
		assert paths, "nobody wrote the password"
		for path in paths:
		    assert path.startswith("/"), f"the password went to {path}"
		    name = path.replace(" (deleted)", "").rsplit("/", 1)[1]
		    made = [l for l in lines if "O_CREAT" in l and name in l or "O_TMPFILE" in l and path in l]
		    assert made, f"{path} was not made by relaycon"
		    for line in made:
		        assert re.search(r", 0600\)", line), line
		        assert "O_EXCL" in line or "O_TMPFILE" in line, line
		    for line in lines:
		        if "chmod" in line and name in line:
		            assert re.search(r"0[46]00\)", line), line
	END
	! find "$SANDBOX_CONFIG" "$SANDBOX_STATE" -type f -perm /077 -exec grep -lF "$(<"$SANDBOX_PASSWORD_FILE")" {} + ||
		explain "readable by others"
}

@test "level may, a stripped STARTTLS gets the password in clear: neither the test nor Postfix sends it" {
	start_server no-starttls
	to_provider "$SERVER_PORT"
	remember
	call configure "${OPTIONS[@]}" --json
	exits 69
	nothing_written
	server_heard_no_login
	call configure "${OPTIONS[@]}" --no-test
	exits 0
	mail_is_not_relayed 2
	grep -q "TLS is required, but was not offered" "$SANDBOX_MACHINE_LOG" || explain "$(tail -n 3 "$SANDBOX_MACHINE_LOG")"
	server_heard_no_login
}

@test "the test verifies no certificate: it does, as Postfix then does too" {
	to_provider "$SANDBOX_PORT_UNTRUSTED"
	call test "${OPTIONS[@]}" --json
	exits 69
	call configure "${OPTIONS[@]}" --no-test
	exits 0
	mail_is_not_relayed 2
	grep -q 'Server certificate not verified' "$SANDBOX_MACHINE_LOG"
}

@test "the test has no time-out: a silent server ends it in words" {
	start_server silent
	to_provider "$SERVER_PORT"
	started=$SECONDS
	call test "${OPTIONS[@]}" --json
	exits 69
	json_is cause timed-out
	((SECONDS - started < 50)) || explain "it took $((SECONDS - started)) s"
}

@test "a traceback for refused" {
	call test custom --host localhost --port 1 --no-auth
	exits 69
	says refused
	says_not Traceback
}

@test "a traceback for no STARTTLS" {
	start_server no-starttls-no-auth
	to_provider "$SERVER_PORT"
	call test "${OPTIONS[@]}"
	exits 69
	says STARTTLS
}

@test "a traceback for no usable AUTH" {
	start_server '{"mechanisms": ["GSSAPI", "NTLM"]}'
	to_provider "$SERVER_PORT"
	call test "${OPTIONS[@]}" --json
	exits 69
	[[ $(json cause) == auth-* ]] || explain "cause $(json cause)"
}

@test "a traceback for a non-numeric port" {
	call test custom --host localhost --port smtp --no-auth
	((status == 64 || status == 65)) || explain "port taken"
	says smtp
}

@test "a traceback for a UTF-8 password: it works" {
	password='pässwörd ☃ с паролем'
	printf '%s\n' "$password" >"$BATS_TEST_TMPDIR/utf8"
	printf '%s' "$password" | saslpasswd2 -p -c -f "$SANDBOX_PROVIDER_CONFIG/sasl/sasldb2" -u relay.test unicode
	to_provider "$SANDBOX_PORT" unicode@relay.test "$BATS_TEST_TMPDIR/utf8"
	call configure "${OPTIONS[@]}" --json
	exits 0
	mail_is_relayed_as unicode@relay.test
}

@test "no success message: what is true now is said" {
	configure "$SANDBOX_PORT"
	exits 0
	says localhost
	[[ -n $output ]] || explain "nothing on standard output"
	call deconfigure
	exits 0
	[[ -n $output ]] || explain "nothing on standard output"
}

@test "the screen freezes 10 s: configure with its test takes less than three" {
	started=$(date +%s%N)
	configure "$SANDBOX_PORT"
	exits 0
	((($(date +%s%N) - started) / 1000000 < 3000)) || explain "it took $((($(date +%s%N) - started) / 1000000)) ms"
}

@test "cancel says that no mail is relayed even when it is: status tells the truth after a failed change" {
	configure "$SANDBOX_PORT"
	exits 0
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN2" "$SANDBOX_WRONG_PASSWORD_FILE"
	call configure "${OPTIONS[@]}"
	exits 77
	call status --json
	json_is mode relay
	json_is relays.0.login "$SANDBOX_LOGIN"
}

# What is in force: relay and password of the same setting, or none of both.
one_whole_setting() {
	local host table
	host=$(parameter relayhost)
	if [[ -z $host ]]; then
		no_secret_left "$SANDBOX_CONFIG"
		return
	fi
	table=$(parameter smtp_sasl_password_maps)
	table=${table#texthash:}
	case $host in
	"[localhost]:$SANDBOX_PORT") grep -qxF "$host $SANDBOX_LOGIN:$(<"$SANDBOX_PASSWORD_FILE")" "$table" ;;
	"[localhost]:$SANDBOX_PORT_CRAM") grep -qxF "$host $SANDBOX_LOGIN2:$(<"$SANDBOX_PASSWORD2_FILE")" "$table" ;;
	*) false ;;
	esac || explain "relayhost $host does not go with the table"
	[[ $(grep -c '^\[localhost\]' "$table") == 1 ]] || explain "more than one login in the table"
	parameter_is smtp_sasl_auth_enable yes
	parameter_is smtp_sasl_tls_security_options noanonymous
	parameter_is header_size_limit 4096000
}

@test "killed halfway: never a relay without login, never relay B with the password of A" {
	for ((try = 0; try < 24; try++)); do
		if ((try % 2)); then
			to_provider "$SANDBOX_PORT"
		else
			to_provider "$SANDBOX_PORT_CRAM" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
		fi
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" \
			configure "${OPTIONS[@]}" --no-test >/dev/null 2>&1 3>&- &
		victim=$!
		sleep "0.0$((RANDOM % 80 + 10))"
		kill -KILL "$victim" 2>/dev/null || true
		wait "$victim" 2>/dev/null || true
		# The next start finishes or undoes it: here one that is refused before it writes anything.
		to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$SANDBOX_WRONG_PASSWORD_FILE"
		call configure "${OPTIONS[@]}"
		exits 77
		[[ ! -e $SANDBOX_STATE/journal ]] || explain "the journal is still there"
		one_whole_setting
	done
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "two at once, 14 of 20 runs lost parameters: one whole setting in each of 20 runs" {
	for ((try = 0; try < 20; try++)); do
		to_provider "$SANDBOX_PORT"
		relaycon configure "${OPTIONS[@]}" --no-test >/dev/null 2>"$BATS_TEST_TMPDIR/a" 3>&- &
		a=$!
		to_provider "$SANDBOX_PORT_CRAM" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
		relaycon configure "${OPTIONS[@]}" --no-test >/dev/null 2>"$BATS_TEST_TMPDIR/b" 3>&- &
		b=$!
		code_a=0 code_b=0
		wait "$a" || code_a=$?
		wait "$b" || code_b=$?
		[[ $code_a == 0 || $code_a == 75 ]] || explain "exit code $code_a: $(cat "$BATS_TEST_TMPDIR/a")"
		[[ $code_b == 0 || $code_b == 75 ]] || explain "exit code $code_b: $(cat "$BATS_TEST_TMPDIR/b")"
		[[ $code_a == 0 || $code_b == 0 ]] || explain "both were refused"
		[[ -n $(parameter relayhost) ]] || explain "no relay at all"
		one_whole_setting
	done
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "passwords with spaces, as Gmail's app passwords have them" {
	[[ $(<"$SANDBOX_PASSWORD_FILE") == *' '* ]]
	configure "$SANDBOX_PORT"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

@test "passwords with everything that a table line could stumble over" {
	number=0
	for password in '#hash at the start' 'a:b:c' 'back\slash' '$dollar ${x}' 'quote"and'"'"'single' '%percent' \
		'  leading spaces' '{brace}' 'tab	inside' '`tick`' 'comma, semi;'; do
		number=$((number + 1))
		printf '%s\n' "$password" >"$BATS_TEST_TMPDIR/odd"
		printf '%s' "$password" | saslpasswd2 -p -c -f "$SANDBOX_PROVIDER_CONFIG/sasl/sasldb2" -u relay.test "odd$number"
		to_provider "$SANDBOX_PORT" "odd$number@relay.test" "$BATS_TEST_TMPDIR/odd"
		call configure "${OPTIONS[@]}"
		exits 0
		mail_is_relayed_as "odd$number@relay.test"
	done
}

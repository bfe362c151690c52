#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# relaycon's own state: lost, cut short, altered, somebody else's. It is noticed in clear words, and
# Postfix's files are never damaged by it.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() { setup_test; }
teardown() { teardown_test; }

configured() {
	configure "$SANDBOX_PORT" --no-test
	exits 0
	remember
}

# But for the folder's own time: Postfix's lock comes and goes in it.
postfix_untouched() {
	diff <(sed 1d <<<"$REMEMBERED") <(tree "$SANDBOX_CONFIG" | sed 1d) >&2 ||
		explain "the configuration folder changed"
}

# Nothing is taken back by halves: main.cf named tables that "deconfigure" had just removed.
cannot_be_restored() {
	local options
	for options in '' --json --force --dry-run; do
		# shellcheck disable=SC2086
		call deconfigure $options
		exits 65
		says 'not known any more'
		says '--remove-foreign'
		nothing_written
	done
	mail_is_relayed_as "$SANDBOX_LOGIN"
	call deconfigure --remove-foreign
	exits 0
	says backup
	parameter_is relayhost ''
	no_secret_left
	[[ ! -e $SANDBOX_CONFIG/relaycon_sasl_passwd && ! -e $SANDBOX_CONFIG/relaycon_tls_policy ]] ||
		explain "tables of ours are left"
	call status --json
	json_is mode direct
}

@test "the baseline is gone: deconfigure says so and leaves a whole configuration" {
	configured
	rm "$SANDBOX_STATE/baseline/baseline.json"
	remember
	cannot_be_restored
}

@test "the whole state folder is gone" {
	configured
	rm -r "$SANDBOX_STATE"
	remember
	cannot_be_restored
}

@test "the state folder is gone and another relay was configured since" {
	configured
	rm -r "$SANDBOX_STATE"
	configure "$SANDBOX_PORT_IMPLICIT" --tls implicit
	exits 0
	remember
	call deconfigure
	exits 65
	nothing_written
	call deconfigure --remove-foreign
	exits 0
	no_secret_left
	call status --json
	json_is mode direct
}

@test "a record that is cut short, emptied or altered is noticed, and nothing is touched" {
	local file damage
	for file in settings.ini baseline/baseline.json; do
		for damage in 'truncate -s 70' 'truncate -s 0' 'sed -i s/./\xff/' 'sed -i 1s/^/x/'; do
			"$SANDBOX_TOOL" reset "$SANDBOX_FOLDER" 3>&-
			configured
			$damage "$SANDBOX_STATE/$file"
			remember
			for command in status deconfigure; do
				call "$command"
				exits 65
				says "$SANDBOX_STATE/$file"
				says backup
				nothing_written
			done
		done
	done
}

@test "without its note of what it set up, deconfigure still restores" {
	configured
	rm "$SANDBOX_STATE/settings.ini"
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

# A bug: the status said that mail goes directly, and the next route took relay and login away.
@test "without its note of what it set up, relays with routes stay until all is said anew" {
	configured
	call route add --sender @one.test direct
	exits 0
	mv "$SANDBOX_STATE/settings.ini" "$BATS_TEST_TMPDIR/note.ini"
	remember
	call status --json
	exits 0
	json_is mode foreign
	call route add --sender @two.test direct
	exits 65
	says "$SANDBOX_STATE/settings.ini"
	says backup
	nothing_written
	call relay set other custom --host localhost --port "$SANDBOX_PORT" --no-auth --no-test
	exits 65
	nothing_written
	call deconfigure
	exits 0
	files_as_first
	no_secret_left
}

@test "a journal that names other files than a change makes is refused" {
	local victim=$BATS_TEST_TMPDIR/victim
	configured
	echo precious >"$victim"
	for names in "\"$victim\", \"old\": null" "null, \"old\": \"$victim\""; do
		printf '{"version": 1, "summary": "", "reload": false, "service": null, "steps": [{"target": "%s", "inode": 1, "staged": %s}]}' \
			"$SANDBOX_CONFIG/main.cf" "$names" >"$SANDBOX_STATE/journal"
		call status
		exits 65
		says "$SANDBOX_STATE/journal"
		[[ $(<"$victim") == precious ]] || explain "a file was touched"
		postfix_untouched
	done
}

@test "a state folder that others can write or own is not believed" {
	local why
	configured
	for why in 'chmod 0777' 'chown nobody'; do
		$why "$SANDBOX_STATE"
		for command in status deconfigure 'configure brevo --login me --no-test --dry-run --password-file /dev/null'; do
			# shellcheck disable=SC2086
			call $command
			exits 77
			says "$SANDBOX_STATE"
			postfix_untouched
		done
		chmod 0700 "$SANDBOX_STATE"
		chown root "$SANDBOX_STATE"
	done
	mv "$SANDBOX_STATE" "$SANDBOX_STATE.real"
	ln -s "$SANDBOX_STATE.real" "$SANDBOX_STATE"
	call status
	exits 77
	rm "$SANDBOX_STATE"
	mv "$SANDBOX_STATE.real" "$SANDBOX_STATE"
	call deconfigure
	exits 0
	files_as_first
}

#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031 # quotes are meant; each test is a process of its own
# The command line itself: usage, permission, what is missing, who else is at work.
load helper

setup_file() {
	setup_sandbox
	# Somebody else must be able to reach the program: a copy that everybody may enter.
	OPEN_COPY=$(mktemp -d /tmp/relaycon-copy.XXXXXX)
	chmod 0755 "$OPEN_COPY"
	cp -r "$(dirname "$RELAYCON")/.." "$OPEN_COPY/root"
	chmod -R u=rwX,go=rX "$OPEN_COPY"
	install -m 0644 "$SANDBOX_PASSWORD_FILE" "$OPEN_COPY/password"
	export OPEN_COPY
}
teardown_file() {
	rm -rf "$OPEN_COPY"
	remove_sandbox
}
setup() {
	setup_test
	remember
}
teardown() { teardown_test; }

as_nobody() {
	run --separate-stderr setpriv --reuid=nobody --regid=nogroup --clear-groups \
		"$OPEN_COPY/root/bin/relaycon" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "$@"
}

is_usage() { # WORDS OPTIONS...
	local words=$1
	shift
	call "$@"
	exits 64
	[[ -z $words ]] || says "$words"
	nothing_written
	call "$@" --json
	exits 64
	json_is error.code 64
	nothing_written
}

@test "--version and --help" {
	call --version
	exits 0
	says relaycon
	call --help
	exits 0
	for word in configure test relay route export apply deconfigure status providers; do
		says "$word"
		call "$word" --help
		exits 0
		[[ -n $output ]] || explain "no help for $word"
		call --help
	done
}

@test "usage: an unknown command, an unknown option, a missing value" {
	call frobnicate
	exits 64
	says frobnicate
	call configure custom --frobnicate
	exits 64
	says --frobnicate
	# An option without a name was read beyond all bounds.
	call -=frobnicate
	exits 64
	call configure custom --host
	exits 64
	says --host
	nothing_written
}

@test "usage: what is missing is named by its option" {
	is_usage --host configure custom --login x --password-file "$SANDBOX_PASSWORD_FILE"
	is_usage --login configure custom --host localhost
	is_usage --password-file configure custom --host localhost --login x
	is_usage '' configure
	is_usage '' configure custom brevo
}

@test "usage: an unknown provider, with the nearest names" {
	is_usage brevo configure brevvo --login x --password-file "$SANDBOX_PASSWORD_FILE"
}

@test "usage: values that cannot be" {
	to_provider "$SANDBOX_PORT"
	OPTIONS=("${OPTIONS[@]:0:3}" "${OPTIONS[@]:5}")
	for bad in '--port 0' '--port 65536' '--port smtp' '--tls always' '--verify maybe' \
		'--region moon'; do
		read -ra words <<<"$bad"
		call configure "${OPTIONS[@]}" "${words[@]}" --json
		((status == 64 || status == 65)) || explain "$bad was taken"
		[[ $(json error.code) == "$status" ]]
		nothing_written
	done
}

@test "bad data: a password file that is missing, empty, a folder, or too long" {
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$BATS_TEST_TMPDIR/none"
	call configure "${OPTIONS[@]}" --json
	((status != 0)) || explain "a missing file was taken"
	[[ $(json error.code) == "$status" ]]
	says "$BATS_TEST_TMPDIR/none"
	: >"$BATS_TEST_TMPDIR/empty"
	head -c 2000000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
	for bad in empty long .; do
		to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$BATS_TEST_TMPDIR/$bad"
		call configure "${OPTIONS[@]}" --no-test
		((status != 0)) || explain "$bad was taken"
	done
	nothing_written
}

@test "bad data: a password file that is a FIFO is not waited for; process substitution and /dev/stdin are read" {
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" "$BATS_TEST_TMPDIR/fifo"
	# 124: it was waited for.
	call_in_time() { run --separate-stderr timeout 60 "$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "$@"; }
	call_in_time configure "${OPTIONS[@]}"
	exits 65
	says FIFO
	printf '[relay default]\nhost = a.test\nlogin = x\npassword-file = %s\n' "$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/settings"
	call_in_time apply "$BATS_TEST_TMPDIR/settings" --no-test
	exits 65
	says FIFO
	says 'relay default'
	nothing_written
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN"
	call_in_time configure "${OPTIONS[@]:0:${#OPTIONS[@]}-2}" --password-file <(cat "$SANDBOX_PASSWORD_FILE")
	exits 0
	to_provider "$SANDBOX_PORT" "$SANDBOX_LOGIN" /dev/stdin
	call_in_time test "${OPTIONS[@]}" < <(cat "$SANDBOX_PASSWORD_FILE")
	exits 0
	call_in_time test "${OPTIONS[@]}" <"$SANDBOX_PASSWORD_FILE"
	exits 0
}

@test "providers: all of them, for people and as JSON, Brevo among them" {
	call providers
	exits 0
	says brevo
	call providers --json
	exits 0
	(($(json providers.#) >= 32)) || explain "only $(json providers.#) providers"
	nothing_written
}

@test "somebody else: providers and test work, everything else says sudo and exits 77" {
	as_nobody providers --json
	exits 0
	as_nobody test custom --host localhost --port "$SANDBOX_PORT" --ca-file "$SANDBOX_CA" \
		--login "$SANDBOX_LOGIN" --password-file "$OPEN_COPY/password" --json
	exits 0
	json_is result ok
	as_nobody configure custom --host localhost --port "$SANDBOX_PORT" --ca-file "$SANDBOX_CA" \
		--login "$SANDBOX_LOGIN" --password-file "$OPEN_COPY/password"
	exits 77
	says sudo
	for word in deconfigure status export 'apply -' 'relay list' 'route list' 'relay remove x'; do
		read -ra words <<<"$word"
		as_nobody "${words[@]}"
		exits 77
		says "sudo relaycon ${word%% [-x]}"
		as_nobody "${words[@]}" --json
		exits 77
		json_is error.code 77
	done
	nothing_written
}

@test "no Postfix: says which package to install, 78" {
	# A mount space of its own where Postfix's programs are not.
	mkdir "$BATS_TEST_TMPDIR/sbin"
	find /usr/sbin -mindepth 1 ! -name 'post*' ! -name sendmail -printf '%f\n' |
		while read -r name; do ln -s "$BATS_TEST_TMPDIR/real/$name" "$BATS_TEST_TMPDIR/sbin/$name"; done
	mkdir "$BATS_TEST_TMPDIR/real"
	run --separate-stderr unshare -m bash -c '
		mount --bind /usr/sbin "$1/real" && mount --bind "$1/sbin" /usr/sbin || exit 99
		shift
		exec "$@"' - "$BATS_TEST_TMPDIR" "$RELAYCON" --state-dir "$SANDBOX_STATE" status --json
	exits 78
	json_is error.code 78
	says postfix
	says install
}

@test "a Postfix configuration that cannot be read: 78 with Postfix's own words" {
	echo 'this line has no equals sign' >>"$SANDBOX_CONFIG/main.cf"
	number=$(wc -l <"$SANDBOX_CONFIG/main.cf")
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	remember
	to_provider "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --no-test --json
	exits 78
	json_is error.code 78
	says "line $number"
	nothing_written
}

@test "no configuration folder there: 78" {
	run --separate-stderr "$RELAYCON" --postfix-config "$BATS_TEST_TMPDIR/none" --state-dir "$SANDBOX_STATE" status --json
	exits 78
	says "$BATS_TEST_TMPDIR/none"
}

@test "busy: Postfix's own lock is held: 75, nothing changed" {
	to_provider "$SANDBOX_PORT"
	: >"$SANDBOX_CONFIG/main.cf.tmp"
	chmod 0600 "$SANDBOX_CONFIG/main.cf.tmp"
	remember
	exec 9>>"$SANDBOX_CONFIG/main.cf.tmp"
	flock 9
	call configure "${OPTIONS[@]}" --no-test --json
	exec 9>&-
	exits 75
	json_is error.code 75
	nothing_written
	rm -f "$SANDBOX_CONFIG/main.cf.tmp"
}

@test "busy: another relaycon is at work: 75, and who holds it" {
	to_provider "$SANDBOX_PORT"
	call configure "${OPTIONS[@]}" --no-test
	exits 0
	remember
	# Stopped with the lock in hand: at its first rename.
	run_stopped deconfigure
	call configure "${OPTIONS[@]:0:4}" "$SANDBOX_PORT_CRAM" "${OPTIONS[@]:5}" --no-test --json
	kill -KILL "$STOPPED_TRACER" "$STOPPED" 2>/dev/null || true
	exits 75
	json_is error.code 75
	says "$STOPPED"
}

# Runs relaycon until it stands still inside its first rename, as strace lets it.
run_stopped() {
	local tries
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/strace" -e trace=rename,renameat,renameat2 \
		-e inject=rename,renameat,renameat2:delay_enter=20000000:when=1 \
		"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "$@" >/dev/null 2>&1 3>&- &
	STOPPED_TRACER=$!
	for ((tries = 0; tries < 100; tries++)); do
		STOPPED=$(pgrep -P "$STOPPED_TRACER" relaycon) || true
		if [[ -n $STOPPED && -s $SANDBOX_STATE/lock ]]; then
			sleep 0.3
			return 0
		fi
		sleep 0.05
	done
	echo "relaycon did not get to its first rename" >&2
	return 1
}

@test "a state folder belongs to one Postfix: another is refused with 78" {
	configure "$SANDBOX_PORT" --no-test
	exits 0
	cp -a "$SANDBOX_FOLDER/machine/first" "$SANDBOX_FOLDER/other"
	run --separate-stderr "$RELAYCON" --postfix-config "$SANDBOX_FOLDER/other" --state-dir "$SANDBOX_STATE" \
		deconfigure --json
	rm -rf "$SANDBOX_FOLDER/other"
	exits 78
	says "$SANDBOX_CONFIG"
}

@test "MAIL_CONFIG names the configuration folder where no option does" {
	run --separate-stderr env MAIL_CONFIG="$SANDBOX_CONFIG" "$RELAYCON" --state-dir "$SANDBOX_STATE" status --json
	exits 0
	json_is postfix.config_dir "$SANDBOX_CONFIG"
}

@test "an administrator's provider is one new file" {
	mkdir -p "$SANDBOX_FOLDER/etc/providers"
	printf '%s\n' '[entry]' 'title = House relay' 'menu = providers' 'driver = relay/preset' '[provider]' \
		'name = House relay' "host = localhost" "port = $SANDBOX_PORT" 'tls = starttls' \
		"ca-file = $SANDBOX_CA" 'documentation = https://house.test/' >"$SANDBOX_FOLDER/etc/providers/house.ini"
	run --separate-stderr "$RELAYCON" --config-dir "$SANDBOX_FOLDER/etc" --postfix-config "$SANDBOX_CONFIG" \
		--state-dir "$SANDBOX_STATE" configure house --login "$SANDBOX_LOGIN" --password-file "$SANDBOX_PASSWORD_FILE"
	rm -rf "${SANDBOX_FOLDER:?}/etc"
	exits 0
	mail_is_relayed_as "$SANDBOX_LOGIN"
}

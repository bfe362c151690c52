# shellcheck shell=bash disable=SC2034 # the tests read what is set here
# helper.bash: what the system tests share: a sandbox for each file, and words for what is expected.
#
# Every test starts from the machine's first files (setup_test) and calls the program as a user would.
# `call` runs it: $status, $output (standard output alone) and $stderr are what it gave back.
bats_require_minimum_version 1.5.0

PROJECT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
SANDBOX_TOOL=$PROJECT/tests/sandbox/sandbox
: "${RELAYCON:=$PROJECT/build/release/root/bin/relaycon}"
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset MAIL_CONFIG SUDO_USER

setup_sandbox() {
	[[ -x $RELAYCON ]] || {
		echo "there is no $RELAYCON: build first" >&2
		return 1
	}
	SANDBOX_FOLDER=$(mktemp -d /tmp/relaycon-system.XXXXXX)
	[[ -z ${SANDBOX_LIST-} ]] || echo "$SANDBOX_FOLDER" >>"$SANDBOX_LIST"
	"$SANDBOX_TOOL" start "$SANDBOX_FOLDER" 3>&- || return 1
	export SANDBOX_FOLDER
	SYSTEMS_OWN=$(systems_own)
	export SYSTEMS_OWN
	set -a
	eval "$("$SANDBOX_TOOL" env "$SANDBOX_FOLDER")"
	set +a
}

remove_sandbox() {
	[[ -z ${SANDBOX_FOLDER-} ]] || "$SANDBOX_TOOL" stop "$SANDBOX_FOLDER"
	[[ ${SYSTEMS_OWN-} == "$(systems_own)" ]] || {
		echo "the tests changed the system's own Postfix or state folder" >&2
		return 1
	}
}

systems_own() {
	find /etc/postfix /var/lib/relaycon -printf '%p %T@ %m\n' 2>/dev/null | sort | sha256sum
}

setup_test() {
	"$SANDBOX_TOOL" reset "$SANDBOX_FOLDER" 3>&-
	SERVER_PID=''
	exec 0</dev/null
}

teardown_test() {
	[[ -z ${SERVER_PID-} ]] || {
		kill "$SERVER_PID" 2>/dev/null || true
		wait "$SERVER_PID" 2>/dev/null || true
	}
	# Tests that stop the machine, or hide things, put it right in reset.
	return 0
}

# --- calling --------------------------------------------------------------------------------------

relaycon() {
	"$RELAYCON" --postfix-config "$SANDBOX_CONFIG" --state-dir "$SANDBOX_STATE" "$@"
}

# The options of a relay at the sandbox's provider.
to_provider() { # PORT [LOGIN PASSWORD-FILE]
	OPTIONS=(custom --host "$SANDBOX_HOST" --port "$1" --ca-file "$SANDBOX_CA"
		--login "${2:-$SANDBOX_LOGIN}" --password-file "${3:-$SANDBOX_PASSWORD_FILE}")
}

call() {
	run --separate-stderr relaycon "$@"
}

configure() { # PORT [OPTIONS...]
	to_provider "$1"
	call configure "${OPTIONS[@]}" "${@:2}"
}

# What the administrator wrote into main.cf, in the place of what it had of these parameters; Postfix goes by it.
administrator_has() { # LINE...; none: they are on standard input
	local lines=("$@") names
	(($#)) || mapfile -t lines
	names=$(printf '%s\n' "${lines[@]}" | sed -n 's/^\([a-z0-9_]*\) *=.*/\1/p' | paste -sd'|')
	sed -Ei "/^($names) *=/d" "$SANDBOX_CONFIG/main.cf"
	printf '%s\n' "${lines[@]}" >>"$SANDBOX_CONFIG/main.cf"
	touch -d '1 hour ago' "$SANDBOX_CONFIG/main.cf"
	rm -rf "$BATS_TEST_TMPDIR/administrator"
	cp -a "$SANDBOX_CONFIG" "$BATS_TEST_TMPDIR/administrator"
	"$SANDBOX_TOOL" machine-reload "$SANDBOX_FOLDER"
}

# --- expectations ---------------------------------------------------------------------------------

explain() {
	printf '%s\n--- exit code %s, standard output:\n%s\n--- standard error:\n%s\n' "$1" "${status-}" \
		"${output-}" "${stderr-}" >&2
	return 1
}

exits() { # CODE
	((status == $1)) || explain "expected exit code $1"
}

says() { # TEXT: in what was printed, on either stream
	grep -qiF -- "$1" <<<"$output"$'\n'"${stderr-}" || explain "expected the words: $1"
}

says_not() { # TEXT
	! grep -qF -- "$1" <<<"$output"$'\n'"${stderr-}" || explain "did not expect the words: $1"
}

json() { # PATH: of the document on standard output; lists by number; "#" counts
	/usr/bin/python3 - "$1" "$output" <<-'END'
		import json, sys
		value = json.loads(sys.argv[2])
		for key in filter(None, sys.argv[1].split(".")):
		    if key == "#":
		        value = len(value)
		    else:
		        value = value[int(key)] if isinstance(value, list) else value[key]
		print(value if isinstance(value, str) else json.dumps(value))
	END
}

json_is() { # PATH VALUE
	local value
	value=$(json "$1") || explain "no $1 in the JSON document"
	[[ $value == "$2" ]] || explain "expected $1 to be \"$2\", found \"$value\""
}

# Every step of a test report with its result, in order: "resolve=ok connect=failed".
steps() { # PATH of the list
	/usr/bin/python3 - "$1" "$output" <<-'END'
		import json, sys
		value = json.loads(sys.argv[2])
		for key in filter(None, sys.argv[1].split(".")):
		    value = value[key]
		print(" ".join(f"{step['name']}={step['result']}" for step in value))
	END
}

# Names, kinds, modes, owners, inodes, times and contents below the folders.
tree() { # FOLDER...
	local folder
	for folder in "$@"; do
		[[ -e $folder ]] || continue
		find "$folder" -printf '%p %y %m %u %i %T@ %l\n' | sort
		find "$folder" -type f -exec sha256sum {} + | sort
	done
}

# The record of the last test, and the lock, may come and go in the state folder; nothing else may.
remember() {
	REMEMBERED=$(tree "$SANDBOX_CONFIG")
	REMEMBERED_STATE=$(state_files)
}

state_files() {
	[[ -d $SANDBOX_STATE ]] || return 0
	find "$SANDBOX_STATE" -type f ! -name last-test.json ! -name lock ! -name instance \
		-exec sha256sum {} + | sort
}

nothing_written() {
	diff <(printf '%s\n' "$REMEMBERED") <(tree "$SANDBOX_CONFIG") >&2 ||
		explain "the configuration folder changed"
	diff <(printf '%s' "${REMEMBERED_STATE:+$REMEMBERED_STATE$'\n'}") <(state_files) >&2 || explain "the state folder changed"
}

# After a change that was taken back: files that went and came back are new ones with the old bytes.
nothing_written_but_times() {
	diff <(sed -E 's/ [0-9]+ [0-9.]+ $//' <<<"$REMEMBERED" | grep -v main.cf.tmp) \
		<(tree "$SANDBOX_CONFIG" | sed -E 's/ [0-9]+ [0-9.]+ $//' | grep -v main.cf.tmp) >&2 ||
		explain "the configuration folder changed"
}

# postconf leaves its lock file behind, and so may we.
names_in() { # FOLDER
	find "$1" -mindepth 1 -maxdepth 1 ! -name main.cf.tmp -printf '%f\n' | sort
}

# main.cf and master.cf are what they were, and nothing was added to the folder.
files_as_first() {
	local first=$SANDBOX_FOLDER/machine/first file
	for file in main.cf master.cf; do
		cmp "$first/$file" "$SANDBOX_CONFIG/$file" >&2 || explain "$file is not what it was"
		[[ $(stat -c '%a %U %G %F' "$first/$file") == $(stat -c '%a %U %G %F' "$SANDBOX_CONFIG/$file") ]] ||
			explain "mode or owner of $file changed"
	done
	diff <(names_in "$first") <(names_in "$SANDBOX_CONFIG") >&2 ||
		explain "the folder holds other files than before"
}

# After administrator_has: byte for byte, and no file more.
files_as_the_administrator_had_them() {
	diff -r -x main.cf.tmp "$BATS_TEST_TMPDIR/administrator" "$SANDBOX_CONFIG" >&2 ||
		explain "the files are not what they were"
}

# Neither in clear nor as it goes over the wire.
no_secret_left() { # [FOLDER...]
	local secret encoded places=("$@")
	((${#places[@]})) || places=("$SANDBOX_CONFIG" "$SANDBOX_STATE")
	for secret in "$(<"$SANDBOX_PASSWORD_FILE")" "$(<"$SANDBOX_PASSWORD2_FILE")"; do
		encoded=$(printf '%s' "$secret" | base64)
		! grep -rlF -e "$secret" -e "$encoded" -- "${places[@]}" 2>/dev/null ||
			explain "a password is left in the files above"
	done
}

parameter() { # NAME
	postconf -c "$SANDBOX_CONFIG" -h "$1" 2>/dev/null
}

parameter_is() { # NAME VALUE
	local value
	value=$(parameter "$1")
	[[ $value == "$2" ]] || explain "$1 is \"$value\", not \"$2\""
}

# Sends a message through the machine; it arrives at the provider under this login, over TLS that the
# machine verified ("Verified" in its log).
mail_is_relayed_as() { # LOGIN
	local file
	file=$("$SANDBOX_TOOL" send "$SANDBOX_FOLDER") || return 1
	grep -qF "(Authenticated sender: $1)" "$file" || explain "no login $1 in $(head -n 12 "$file")"
	grep -qF '(using TLSv1.' "$file" || explain "no TLS in $(head -n 12 "$file")"
	grep 'TLS connection established to' "$SANDBOX_MACHINE_LOG" | tail -n 1 | grep -q 'Verified TLS' ||
		explain "the certificate was not verified: $(tail -n 5 "$SANDBOX_MACHINE_LOG")"
	grep -qF "sasl_username=$1" "$SANDBOX_PROVIDER_LOG" || explain "no login $1 in the provider's log"
}

mail_is_not_relayed() {
	! SANDBOX_WAIT=${1:-1} "$SANDBOX_TOOL" send "$SANDBOX_FOLDER" 2>/dev/null ||
		explain "mail went through the provider"
}

# A server for what Postfix would never do: see hostile_server.py for the scripts.
start_server() { # SCRIPT [OPTIONS...]
	local tries
	SERVER_LOG=$BATS_TEST_TMPDIR/server.log
	: >"$SERVER_LOG"
	rm -f "$BATS_TEST_TMPDIR/port"
	/usr/bin/python3 "$PROJECT/tests/sandbox/hostile_server.py" --port-file "$BATS_TEST_TMPDIR/port" \
		--cert "$SANDBOX_CERTS/server.pem" --key "$SANDBOX_CERTS/server.key" --script "$1" \
		--log "$SERVER_LOG" "${@:2}" 3>&- 2>"$BATS_TEST_TMPDIR/server.err" &
	SERVER_PID=$!
	for ((tries = 0; tries < 100; tries++)); do
		[[ ! -s $BATS_TEST_TMPDIR/port ]] || break
		sleep 0.05
	done
	SERVER_PORT=$(<"$BATS_TEST_TMPDIR/port")
}

# The server heard neither the password nor the login, in clear or encoded, and no AUTH.
server_heard_no_login() {
	local password
	password=$(<"$SANDBOX_PASSWORD_FILE")
	! grep -qF -e "$password" -e "$(printf '%s' "$password" | base64)" \
		-e "$(printf '\0%s\0%s' "$SANDBOX_LOGIN" "$password" | base64 -w0)" -e '"AUTH' "$SERVER_LOG" ||
		explain "the server heard a login: $(cat "$SERVER_LOG")"
}

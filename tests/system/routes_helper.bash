# shellcheck shell=bash disable=SC2034 # the tests read what is set here
# routes_helper.bash: what the tests of many relays share: relays at the sandbox's servers, mail sent
# through the machine, and the two things that prove where it went: what each server took (its name
# stands in the Received line) and which logins it was offered (its log, taken or not).
#
# Places: starttls, implicit, cram, untrusted, plain, open, choosy, busy (a provider's ports), refused
# (nobody listens), and direct, the recipients' own server (see tests/sandbox/sandbox).

# The machine finds the recipients' own server, and what is delivered here stays in the sandbox.
setup_routes_file() {
	setup_sandbox
	LOCAL_MAIL=$SANDBOX_FOLDER/machine/mail
	mkdir -m 1777 "$LOCAL_MAIL"
	{
		printf 'smtp_dns_support_level = disabled\n'
		printf 'mail_spool_directory = %s/\n' "$LOCAL_MAIL"
	} >>"$SANDBOX_FOLDER/machine/first/main.cf"
	touch -d '1 hour ago' "$SANDBOX_FOLDER/machine/first/main.cf"
	export LOCAL_MAIL
}

setup_routes_test() {
	setup_test
	find "$LOCAL_MAIL" -mindepth 1 -delete
}

# --- relays ---------------------------------------------------------------------------------------

port_of() { # PLACE
	local name=SANDBOX_PORT_${1^^}
	[[ $1 != starttls ]] || name=SANDBOX_PORT
	printf '%s\n' "${!name}"
}

# As call. Other sandboxes work at the same time, and may take the very port that a hop was to have.
call_with_hops() {
	local tries
	for tries in 1 2 3 4 5; do
		call "$@"
		((${status-} == 75)) && grep -q 'taken by another program' <<<"${output-}${stderr-}" || return 0
		sleep "0.$tries"
	done
}

# A relay at that place, with the first login unless another is given; the rest are options.
relay_at() { # NAME PLACE[/second|/wrong|/none] [OPTIONS...]
	local place=${2%/*} options
	options=(--host "$SANDBOX_HOST" --port "$(port_of "$place")")
	case $place in
	plain) options+=(--tls none --allow-unencrypted-login) ;;
	implicit) options+=(--tls implicit --ca-file "$SANDBOX_CA") ;;
	*) options+=(--ca-file "$SANDBOX_CA") ;;
	esac
	case $2 in
	*/second) options+=(--login "$SANDBOX_LOGIN2" --password-file "$SANDBOX_PASSWORD2_FILE") ;;
	*/wrong) options+=(--login "$SANDBOX_LOGIN" --password-file "$SANDBOX_WRONG_PASSWORD_FILE") ;;
	*/none) options+=(--no-auth) ;;
	*) options+=(--login "$SANDBOX_LOGIN" --password-file "$SANDBOX_PASSWORD_FILE") ;;
	esac
	call_with_hops relay set "$1" custom "${options[@]}" --no-test "${@:3}"
	exits 0
}

route_from() { # SENDER RELAY
	call_with_hops route add --sender "$1" "$2"
	exits 0
}

route_to() { # RECIPIENT RELAY
	call_with_hops route add --recipient "$1" "$2"
	exits 0
}

# The three providers: default (STARTTLS, first login), tls (implicit TLS, second login), other (a second
# login on the default one's host and port).
three_providers() {
	relay_at default starttls
	relay_at tls implicit/second
	relay_at other starttls/second
}

# --- mail -----------------------------------------------------------------------------------------

log_ends() { # FILE
	stat -c %s "$1" 2>/dev/null || echo 0
}

log_since() { # FILE OFFSET
	tail -c "+$(($2 + 1))" "$1"
}

# Nothing is on its way any more, and no connection to the provider is open: then its log is complete.
settled() {
	local log
	! find "$SANDBOX_QUEUE"/{maildrop,incoming,active} "$SANDBOX_FOLDER/provider/queue"/{maildrop,incoming,active} \
		-type f -print -quit | grep -q . || return 1
	log=$(log_since "$SANDBOX_PROVIDER_LOG" "$PROVIDER_START")
	[[ $(grep -c 'smtpd\[[0-9]*\]: connect from' <<<"$log") == $(grep -c 'smtpd\[[0-9]*\]: disconnect from' <<<"$log") ]]
}

# One mail, until everything about it has happened. ARRIVED: "PLACE LOGIN RECIPIENT" of each copy that a server
# took, sorted; OFFERED: "PLACE LOGIN" or "PLACE LOGIN refused" of each login that a server was
# offered; MAIL: the last copy's file.
mail() { # FROM TO [HEADER-LINE...]
	local mark=$BATS_TEST_NUMBER.$$.$RANDOM$RANDOM@machine.sandbox.test tries from=$1
	PROVIDER_START=$(log_ends "$SANDBOX_PROVIDER_LOG")
	MACHINE_START=$(log_ends "$SANDBOX_MACHINE_LOG")
	{
		(($# > 2)) && printf '%s\n' "${@:3}" || printf 'From: <%s>\nTo: <%s>\n' "${1#<>}" "$2"
		printf 'Subject: Hello\nMessage-ID: <%s>\n\nSent by the tests.\n' "$mark"
	} | sendmail -C "$SANDBOX_CONFIG" -f "$from" -- "$2"
	for ((tries = 0; tries < 300; tries++)); do
		sleep 0.05
		((tries < 2)) || ! settled || break
	done
	((tries < 300)) || explain_mail "the mail from $1 to $2 is still on its way"
	mapfile -t FILES < <(grep -rlF -- "<$mark>" "$SANDBOX_MAILDIR/new" "$LOCAL_MAIL" 2>/dev/null)
	MAIL=
	((${#FILES[@]} == 0)) || MAIL=${FILES[-1]}
	ARRIVED=$(/usr/bin/python3 - "<$mark>" "${FILES[@]}" <<-'END'
		import email, re, sys
		found = []
		for path in sys.argv[2:]:
		    with open(path, errors="replace") as file:
		        message = email.message_from_file(file)
		    if message["Message-ID"] != sys.argv[1]:
		        continue  # a bounce, with the mail in it
		    last = message.get_all("Received")[0]
		    place = re.search(r"by (\S+)\.sandbox\.test", last).group(1)
		    login = re.search(r"Authenticated sender: ([^)]*)\)", last)
		    found.append(f"{place} {login.group(1) if login else '-'} {message['X-Original-To']}")
		print("\n".join(sorted(found)))
	END
	)
	OFFERED=$(offered)
}

# The provider's record of logins, since the mail was sent. It counts all attempts of each connection; who
# made them is named unless the sender was refused thereafter: then "PLACE somebody".
offered() {
	log_since "$SANDBOX_PROVIDER_LOG" "$PROVIDER_START" | /usr/bin/python3 -c '
import re, sys
found = set()
for line in sys.stdin:
    line = re.search(r" provider/(\w+)/smtpd\[\d+\]: (.*)", line)
    if not line:
        continue
    place, what = line.groups()
    login = re.search(r"\bsasl_username=([^\s,]+)", what)
    if login:
        found.add(" ".join([place, login[1], *["refused"] * ("authentication failed" in what)]))
    if re.match("disconnect from .* auth=", what) and not any(entry.split()[0] == place for entry in found):
        found.add(f"{place} somebody")
print("\n".join(sorted(found)))'
}

explain_mail() {
	printf '%s\n--- arrived:\n%s\n--- logins offered:\n%s\n--- the machine:\n%s\n' "$1" "${ARRIVED-}" "${OFFERED-}" \
		"$(log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" | grep -E 'to=<|warning|fatal|said:|connect to' | cut -c1-300)" >&2
	return 1
}

arrived() { # LINES: "PLACE LOGIN RECIPIENT", sorted
	[[ $ARRIVED == "$1" ]] || explain_mail "expected to arrive: $1"
}

# In the order of sort(1); "" for none at all.
offered_are() { # LINES
	[[ $OFFERED == "$1" ]] || explain_mail "expected logins: $1"
}

# The whole proof of a route: this mail arrives once, there, under that login ("-": none), and no server
# was offered any other login.
mail_goes() { # FROM TO PLACE LOGIN
	mail "$1" "$2"
	arrived "$3 $4 $2"
	if [[ $4 == - ]]; then
		offered_are ''
	else
		offered_are "$3 $4"
	fi
}

# It stays in the queue: nobody took it.
mail_waits() { # FROM TO
	mail "$1" "$2"
	arrived ''
	log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" | grep -q "to=<$2>.* status=deferred" ||
		explain_mail "the mail from $1 to $2 does not wait"
}

mail_bounces() { # FROM TO
	mail "$1" "$2"
	log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" | grep -q "to=<$2>.* status=bounced" ||
		explain_mail "the mail from $1 to $2 does not bounce"
}

# What the machine's log says of the mail.
machine_says() { # TEXT
	log_since "$SANDBOX_MACHINE_LOG" "$MACHINE_START" | grep -qF -- "$1" || explain_mail "the machine does not say: $1"
}

header_is() { # NAME VALUE: of the copy in MAIL
	grep -qxF -- "$1: $2" "$MAIL" || explain "no \"$1: $2\" in $(head -n 30 "$MAIL")"
}

deconfigured() {
	call deconfigure
	exits 0
	no_secret_left
}

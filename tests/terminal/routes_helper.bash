# shellcheck shell=bash disable=SC2119,SC2120 # words with arguments that may be left out
# routes_helper.bash: several relays and routes for a test of the console (after relay_helper.bash).
#
#   several, routes            relays beside the default one; and routes that lead to them
#   list [...]                 the console, at the list "Relays and routes"; the arguments of relay_console
#   line TITLE, choose TITLE   to the line of the list that begins so; Enter on it

# The list, from the home screen.
list() {
	relay_console "$@"
	menu
	keys r Enter
	wait_for ' Relays and routes ─'
}

# To the line of the list that begins so.
line() { # TITLE
	local i

	keys Home
	for ((i = 0; i < 20; i++)); do
		! focus_is "$1" 2>/dev/null || return 0
		keys Down
	done
	focus_is "$1"
}

choose() { # TITLE
	line "$1" && keys Enter
}

relay_set() { # NAME PORT [LOGIN PASSWORD-FILE] [OPTION ...]
	local login=("$SANDBOX_LOGIN" "$SANDBOX_PASSWORD_FILE")

	[[ ${3---} == --* ]] || {
		login=("$3" "$4")
		set -- "$1" "$2" "${@:5}"
	}
	relaycon --config-dir "$OWN" relay set "$1" custom --host localhost --port "$2" --ca-file "$SANDBOX_CA" \
		--login "${login[0]}" --password-file "${login[1]}" --no-test "${@:3}" >/dev/null
}

# Beside the default relay: "office", implicit TLS, and "second", another login on the default one's port.
several() {
	set_up_relay
	relay_set office "$SANDBOX_PORT_IMPLICIT" --tls implicit
	relay_set second "$SANDBOX_PORT" "$SANDBOX_LOGIN2" "$SANDBOX_PASSWORD2_FILE"
}

routes() {
	several
	relaycon route add --sender example.com office >/dev/null
	relaycon route add --sender boss@example.com second >/dev/null
	relaycon route add --sender '<>' direct >/dev/null
	relaycon route add --recipient you@example.net direct >/dev/null
	relaycon route add --recipient example.net office >/dev/null
}

apply() { # at the review
	wait_for 'This is what will change'
	submit
	wait_for ' Applied '
	keys Enter
}

#!/bin/bash
# deps.sh [pictures|fuzz]: are the packages of assets/packages.txt here (those for pictures and for
# fuzzing only when asked)? Silent when they are. As root, installs what is missing (no service is
# started, nothing else changes); otherwise names it with the command, and gives 69.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

list=$(dirname "${BASH_SOURCE[0]}")/../assets/packages.txt
mapfile -t wanted < <(awk -v also="${1-}" '!/^#/ && NF >= 2 && ($1 !~ /^(pictures|fuzz)$/ || also == $1) { print $2 }' "$list")

say() {
	printf 'deps: %s\n' "$*" >&2
}

find_missing() {
	local installed name
	installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null) || true
	missing=()
	for name in "${wanted[@]}"; do
		grep -qxF "$name installed" <<<"$installed" || missing+=("$name")
	done
}

if ! command -v dpkg-query >/dev/null; then
	say "this is not Debian; what stands in for these packages must be here: ${wanted[*]}"
	# Whether it is cannot be told; the compiler will.
	exit 0
fi

find_missing
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
	say "these packages are missing: ${missing[*]}"
	say "install them as root: apt-get install --no-install-recommends ${missing[*]}"
	exit 69
fi

# While packages are unpacked no service may start: Debian starts Postfix on installation, and the
# tests need its programs only. A policy that stands here already is the administrator's.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy && ! -L $policy ]]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 0755 "$policy"
fi
if [[ " ${missing[*]} " == *" postfix "* ]]; then
	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections || true
fi

say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{
	apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"
} >"$log" 2>&1 </dev/null || {
	tail -n 20 "$log" >&2
	rm -f "$log"
	say "apt-get could not install them; its last words are above"
	exit 69
}
rm -f "$log"
find_missing
((${#missing[@]} == 0)) || {
	say "still missing: ${missing[*]}"
	exit 69
}

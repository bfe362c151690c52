#!/usr/bin/env bats
# make install and make uninstall: what lies where and with which modes, that the installed tree runs,
# and that the administrator's files come through both.
load helper

setup_file() { setup_sandbox; }
teardown_file() { remove_sandbox; }
setup() {
	setup_test
	DESTINATION=$BATS_TEST_TMPDIR/image
	BUILT=$(realpath --relative-to="$PROJECT" "$(dirname "$RELAYCON")/../..")
}
teardown() { teardown_test; }

# What was built is what is installed: nothing is compiled here.
make_it() { # TARGET [VARIABLE=VALUE...]
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$PROJECT" -o all "B=$BUILT" \
		"DESTDIR=$DESTINATION" PREFIX=/usr "$@"
}

installed() {
	(cd "$DESTINATION" && find . ! -type d -printf '%P %m\n' | sort)
}

ours() {
	(
		cd "$PROJECT" || exit
		echo 'usr/bin/relaycon 755'
		echo 'usr/lib/relaycon/librelay.so 644'
		echo 'usr/lib/relaycon/relay.so 644'
		echo 'usr/share/bash-completion/completions/relaycon 644'
		echo 'usr/share/man/man8/relaycon.8 644'
		printf 'usr/share/relaycon/entries/%s 644\n' plugins/*/entries/*.ini
		printf 'usr/share/relaycon/providers/%s 644\n' providers/*.ini
	) | sed 's|/entries/plugins/.*/|/entries/|; s|/providers/providers/|/providers/|' | sort
}

same() { # EXPECTED FOUND
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") >&2
}

@test "each file lies where it belongs, whatever the umask, and nobody else may write to any" {
	for mask in 022 000 077; do
		rm -rf "$DESTINATION"
		(umask "$mask" && make_it install)
		same "$(ours)" "$(installed)"
		found=$(find "$DESTINATION" ! -user root -o -perm /022 ! -type l)
		[[ -z $found ]] || explain "not root's, or others may write: $found"
		found=$(find "$DESTINATION/usr" "$DESTINATION/etc" -type d ! -perm 755)
		[[ -z $found ]] || explain "others cannot enter: $found"
	done
	[[ -z $(ls -A "$DESTINATION/etc/relaycon") ]]
}

@test "the installed tree runs from where it lies, by root and by anybody" {
	make_it install
	# What was built may not be what answers.
	mv "$DESTINATION" "$BATS_TEST_TMPDIR/elsewhere"
	RELAYCON=$BATS_TEST_TMPDIR/elsewhere/usr/bin/relaycon
	call --version
	exits 0
	says relaycon
	call providers --json
	exits 0
	json_is providers.# "$(find "$PROJECT/providers" -name '*.ini' | wc -l)"
	configure "$SANDBOX_PORT"
	exits 0
	call status --json
	exits 0
	json_is mode relay
	call deconfigure
	exits 0
	files_as_first

	# bats keeps its folders to itself.
	chmod a+x "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	run --separate-stderr setpriv --reuid=nobody --regid=nogroup --clear-groups "$RELAYCON" providers
	exits 0
	says Brevo
}

@test "libraries are found beside the program alone" {
	make_it install
	for file in bin/relaycon lib/relaycon/librelay.so lib/relaycon/relay.so; do
		run -0 objdump -p "$DESTINATION/usr/$file"
		while read -r _ value; do
			# shellcheck disable=SC2016 # the loader's word
			[[ $value == '$ORIGIN' ]] || explain "$file looks for libraries in $value"
		done < <(grep -E '^ *(RPATH|RUNPATH) ' <<<"$output")
	done
}

@test "configuration and folders that were there stay as they were, through both" {
	mkdir -p "$DESTINATION/etc/relaycon/providers" "$DESTINATION/usr/bin"
	printf 'mine\n' >"$DESTINATION/etc/relaycon/providers/brevo.ini"
	chmod 0640 "$DESTINATION/etc/relaycon/providers/brevo.ini"
	chmod 0700 "$DESTINATION/etc/relaycon"
	chmod 2775 "$DESTINATION/usr/bin"
	before=$(tree "$DESTINATION/etc")
	make_it install
	make_it install
	same "$before" "$(tree "$DESTINATION/etc")"
	[[ $(stat -c %a "$DESTINATION/usr/bin") == 2775 ]]
	make_it uninstall
	same "$before" "$(tree "$DESTINATION/etc")"
}

@test "uninstall leaves nothing of ours, and nothing of others goes" {
	make_it install
	printf 'other\n' >"$DESTINATION/usr/bin/other"
	make_it uninstall
	same 'usr/bin/other 644' "$(installed)"
	found=$(find "$DESTINATION" -name '*relaycon*')
	[[ -z $found ]] || explain "left: $found"
	# Where nothing is installed there is nothing to complain of.
	make_it uninstall
}

@test "names with spaces, and another prefix" {
	DESTINATION="$BATS_TEST_TMPDIR/an image"
	make_it install PREFIX="/opt/relay con"
	RELAYCON="$DESTINATION/opt/relay con/bin/relaycon"
	call providers
	exits 0
	says Brevo
	make_it uninstall PREFIX="/opt/relay con"
	[[ -z $(installed) ]]
}

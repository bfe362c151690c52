#!/usr/bin/env bats
# modules.bats: what may be loaded, what may be read, and what a broken part takes down: nothing.

load helper

refused() { # WORDS: the command fails with them, and the console still stands
	run "$PROGRAM" --config-dir "$OWN" echo hello </dev/null
	echo "$status: $output"
	[[ $status == 70 && $output == *"$1"* ]]
	run "$PROGRAM" --config-dir "$OWN" --plain <<<$'1\n\n0'
	[[ $status == 0 && $output == *'Form (not available)'* ]]
}

@test "a module of another version of the interface is refused, both numbers named" {
	compile_module "$ROOT/lib/relaycon/demo.so" -DDEMO_ABI=7
	refused 'version 7 of the driver interface; this relaycon has version 3'
}

@test "a module that others can write is refused" {
	chmod g+w "$ROOT/lib/relaycon/demo.so"
	refused 'can be written by others'
}

@test "a module in a folder that others can write is refused" {
	chmod o+w "$ROOT/lib/relaycon"
	refused 'can be written by others'
}

@test "a module of another user is refused" {
	chown 65534 "$ROOT/lib/relaycon/demo.so"
	refused 'belongs to user 65534'
}

@test "a symbolic link to a module that others can write is refused" {
	mkdir "$BATS_TEST_TMPDIR/elsewhere"
	mv "$ROOT/lib/relaycon/demo.so" "$BATS_TEST_TMPDIR/elsewhere/"
	chmod o+w "$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere/demo.so" "$ROOT/lib/relaycon/demo.so"
	refused 'can be written by others'
}

@test "a file that is no library, and a library that is no module" {
	echo 'not a library' >"$ROOT/lib/relaycon/demo.so"
	refused 'cannot be loaded'
	echo 'int nothing;' | cc -shared -fPIC -x c - -o "$ROOT/lib/relaycon/demo.so"
	refused 'is not a module of relaycon'
}

@test "an option or a command that a file declares which cannot be used: the file is named" {
	local word

	rm "$ROOT/share/relaycon/entries/broken.ini"
	chmod 666 "$ROOT/share/relaycon/entries/echo.ini"
	for word in --mood=good nothing; do
		run "$PROGRAM" --config-dir "$OWN" "$word" </dev/null
		echo "$status: $output"
		[[ $status == 64 && $output == *'/entries/echo.ini can be written by others'* ]]
	done
}

@test "a folder that cannot be read is an error of its own" {
	rmdir "$OWN" && ln -s etc "$OWN"
	run "$PROGRAM" --config-dir "$OWN" echo hello </dev/null
	[[ $status == 74 && $output == *"cannot read $OWN: "* ]]
}

@test "a driver is named, not a path" {
	sed -i 's|demo/echo|../demo/echo|' "$ROOT/share/relaycon/entries/echo.ini"
	run "$PROGRAM" --config-dir "$OWN" echo hello </dev/null
	[[ $status == 70 && $output == *'not of the form MODULE/DRIVER'* ]]
}

@test "no environment variable chooses modules or folders" {
	mkdir -p "$BATS_TEST_TMPDIR/evil/lib/relaycon" "$BATS_TEST_TMPDIR/evil/bin"
	ln -s "$PROGRAM" "$BATS_TEST_TMPDIR/evil/bin/relaycon"
	run env RELAYCON_LIB="$BATS_TEST_TMPDIR/evil" XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/evil" \
		HOME="$BATS_TEST_TMPDIR/evil" "$BATS_TEST_TMPDIR/evil/bin/relaycon" echo hello </dev/null
	[[ $status == 0 && $output == 'hello '* ]]
}

@test "the administrator's file replaces the shipped one of the same name, and adds others" {
	mkdir "$OWN/entries" "$OWN/providers"
	printf '%s\n' '[entry]' 'title = My own form' 'menu = home' 'order = 99' 'driver = demo/form' \
		>"$OWN/entries/form.ini"
	printf '%s\n' '[entry]' 'title = Zweig' 'menu = home' 'driver = demo/page' '[provider]' \
		'host = smtp.example.net' >"$OWN/providers/zweig.ini"
	run "$PROGRAM" --config-dir "$OWN" --plain </dev/null
	echo "$output"
	[[ $output == *'5. My own form'* && $output == *'6. Zweig'* && $output != *'every kind of field'* ]]
}

@test "an administrator's file that others can write is not followed" {
	mkdir "$OWN/entries"
	printf '%s\n' '[entry]' 'title = Trap' 'menu = home' 'driver = demo/form' >"$OWN/entries/trap.ini"
	chmod o+w "$OWN/entries/trap.ini"
	run "$PROGRAM" --config-dir "$OWN" --plain </dev/null
	[[ $output == *'Trap (not available)'*'can be written by others'* ]]
}

@test "files that cannot be read as they should be: each says where and what" {
	local words text

	mkdir "$OWN/entries"
	while IFS='|' read -r words text; do
		printf '%b\n' "$text" >"$OWN/entries/odd.ini"
		run "$PROGRAM" --config-dir "$OWN" --plain </dev/null
		echo "$text: $output"
		[[ $output == *'(not available)'*"odd.ini"*"$words"* ]]
	done <<-END
		neither "name = value" nor|[entry]\ntitle = Odd\nmenu = home\nrubbish
		"title" stands twice|[entry]\ntitle = Odd\ntitle = Odder\nmenu = home\ndriver = demo/form
		the line is too long|[entry]\nmenu = home\ntitle = $(printf 'x%.0s' {1..250})
		either driver = or opens =|[entry]\ntitle = Odd\nmenu = home
		is not a number|[entry]\ntitle = Odd\nmenu = home\norder = first\ndriver = demo/form
		did you mean "summary"|[entry]\ntitle = Odd\nmenu = home\nsummery = x\ndriver = demo/form
		"yes" or "no"|[entry]\ntitle = Odd\nmenu = home\nprivileged = maybe\ndriver = demo/form
	END
}

@test "a command does not read the providers" {
	command -v strace >/dev/null
	touch "$ROOT/share/relaycon/providers/one.ini"
	# The leak checker of a test build cannot work below strace.
	ASAN_OPTIONS=detect_leaks=0 strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=openat "$PROGRAM" --config-dir "$OWN" echo hello
	grep -q 'entries/echo.ini' "$BATS_TEST_TMPDIR/trace"
	run ! grep -q 'providers/one.ini' "$BATS_TEST_TMPDIR/trace"
	run ! grep -q terminfo "$BATS_TEST_TMPDIR/trace"
}

@test "entries that need root say so to others" {
	sed -i '$a privileged = yes' "$ROOT/share/relaycon/entries/form.ini"
	chmod -R a+rX "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$PROGRAM" --plain </dev/null
	[[ $output == *'Form (not available) - needs root: run "sudo relaycon"'* ]]
}

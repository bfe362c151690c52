# relaycon: make demo, make check; make install for real use. `make help` names every target.

PREFIX     ?= /usr/local
DESTDIR    ?=
BUILD_TYPE ?= release
SANITIZE   ?=
MINUTES    ?= 1
VERSION    := 0.1.0

# --- the tool chain -------------------------------------------------------------------------------
CC         ?= gcc
PKG_CONFIG ?= pkg-config
VARIANT    := $(if $(SANITIZE),sanitize,$(BUILD_TYPE))
B          := build/$(VARIANT)
ROOT       := $(B)/root

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wvla -Werror
COMMON   := -std=c17 -D_GNU_SOURCE -DRELAYCON_VERSION='"$(VERSION)"' -include tests/lint/banned.h \
            -MMD -MP $(WARNINGS) -fvisibility=hidden -fstack-protector-strong -fno-strict-aliasing
LDHARDEN := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
# Nothing undefined in a library, and a run path that the environment cannot get ahead of.
LIBHARDEN := -Wl,-z,defs -Wl,--disable-new-dtags
PIC      := -fPIC
# `make V=1` shows the commands.
Q        := $(if $(V),,@)

ifneq ($(SANITIZE),)
COMMON   += -O1 -g -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDHARDEN += -fsanitize=$(SANITIZE)
LIBHARDEN := -Wl,--disable-new-dtags
else ifeq ($(BUILD_TYPE),debug)
COMMON   += -O0 -g3
else
COMMON   += -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection
endif

# Checked only where something is built, so that `make deps` works on a fresh machine.
BACKEND_LIBS = $(shell $(PKG_CONFIG) --libs openssl libsasl2 json-c libidn2 inih) -lunistring -lresolv -lpthread
# muldefs: our dlg_exiterr takes the place of libdialog's, which ends the process behind our back.
# wrap: what is freed inside the executable, libdialog included, is zeroed first (console/wipe.c).
CONSOLE_LDFLAGS := -Wl,-z,muldefs -Wl,--wrap=free -Wl,--wrap=realloc -Wl,--wrap=reallocarray
CONSOLE_LIBS = -ldialog $(shell $(PKG_CONFIG) --libs ncursesw json-c inih) -lm -ldl

# --- what is built --------------------------------------------------------------------------------
BACKEND_SRC := $(sort $(wildcard plugins/backend/*/*.c))
RELAY_SRC   := $(sort $(wildcard plugins/relay/*.c plugins/relay/*/*.c))
CONSOLE_SRC := $(sort $(wildcard console/*.c))
UNIT_SRC    := $(sort $(wildcard tests/unit/test_*.c))
FUZZ_SRC    := $(sort $(wildcard tests/fuzz/fuzz_*.c))

BACKEND_OBJ := $(BACKEND_SRC:%.c=$(B)/obj/%.o)
RELAY_OBJ   := $(RELAY_SRC:%.c=$(B)/obj/%.o)
CONSOLE_OBJ := $(CONSOLE_SRC:%.c=$(B)/obj/%.o)
UNIT_BIN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

LIB      := $(ROOT)/lib/relaycon
SHARE    := $(ROOT)/share/relaycon
PROGRAM  := $(ROOT)/bin/relaycon
BACKEND  := $(LIB)/librelay.so
MODULE   := $(LIB)/relay.so
ENTRIES  := $(sort $(wildcard plugins/*/entries/*.ini))
PROVIDERS := $(sort $(wildcard providers/*.ini))

# `make` lays out a tree under build/ that runs as it stands: the program finds its modules and
# entries beside itself, there as well as under PREFIX.
.PHONY: all
all: $(PROGRAM) $(MODULE) $(B)/data.stamp ## build into build/, where the program runs as it stands

$(B)/obj/%.o: %.c tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(COMMON) $(CPPFLAGS) $(CFLAGS) $(PIC) -c $< -o $@

# The backend is one library of our own; everything in it may be called by drivers and tests.
$(B)/obj/plugins/backend/%.o: COMMON += -fvisibility=default

# The executable itself: position independent as well, but not a library.
$(B)/obj/console/%.o: PIC := -fPIE

# nodelete: a name look-up that hangs is left behind in a thread of its own (smtp/background.h).
$(BACKEND): $(BACKEND_OBJ)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) -shared $(LDHARDEN) $(LIBHARDEN) -Wl,-z,nodelete -Wl,-soname,librelay.so $(LDFLAGS) $^ $(BACKEND_LIBS) -o $@

$(MODULE): $(RELAY_OBJ) $(BACKEND)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) -shared $(LDHARDEN) $(LIBHARDEN) -Wl,-rpath,'$$ORIGIN' $(LDFLAGS) $(RELAY_OBJ) -L$(LIB) -lrelay \
		$(shell $(PKG_CONFIG) --libs json-c) -o $@

$(PROGRAM): $(CONSOLE_OBJ)
	@mkdir -p $(@D)
	@echo '  LINK  $@'
	$(Q)$(CC) -pie $(LDHARDEN) $(CONSOLE_LDFLAGS) $(LDFLAGS) $^ $(CONSOLE_LIBS) -o $@

$(B)/data.stamp: $(ENTRIES) $(PROVIDERS)
	@mkdir -p $(SHARE)/entries $(SHARE)/providers
	@rm -f $(SHARE)/entries/*.ini $(SHARE)/providers/*.ini
	$(Q)$(if $(ENTRIES),cp $(ENTRIES) $(SHARE)/entries/)
	$(Q)$(if $(PROVIDERS),cp $(PROVIDERS) $(SHARE)/providers/)
	@touch $@

# Static pattern rules: the choice between implicit ones depends on what is built already.
DRIVER_UNITS := $(filter $(B)/unit/test_drivers_%,$(UNIT_BIN))
FAKE_HOST    := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/unit/fake_*.c)))

$(filter-out $(DRIVER_UNITS),$(UNIT_BIN)): $(B)/unit/%: tests/unit/%.c $(BACKEND) $(MODULE) tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(COMMON) -Iplugins/backend -Iconsole -Itests/unit $(CPPFLAGS) $(CFLAGS) $< \
		$(LDHARDEN) $(LDFLAGS) -L$(LIB) -Wl,-rpath,$(CURDIR)/$(LIB) -lrelay \
		$(shell $(PKG_CONFIG) --libs cmocka json-c) -o $@

# The drivers are tested through their module's table, by a host that answers from a script.
$(DRIVER_UNITS): $(B)/unit/%: tests/unit/%.c $(FAKE_HOST) \
		$(BACKEND) $(MODULE) tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(COMMON) -Iplugins/backend -Iconsole -Itests/unit $(CPPFLAGS) $(CFLAGS) $< \
		$(FAKE_HOST) $(LDHARDEN) $(LDFLAGS) -L$(LIB) \
		-Wl,-rpath,$(CURDIR)/$(LIB) -l:relay.so -lrelay \
		$(shell $(PKG_CONFIG) --libs cmocka json-c) -o $@

# The tools of the attacks: programs of their own, nothing of relaycon's in them.
FAULT_BIN := $(patsubst tests/fault/%.c,$(B)/fault/%,$(sort $(wildcard tests/fault/*.c)))

$(FAULT_BIN): $(B)/fault/%: tests/fault/%.c tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(COMMON) $(CPPFLAGS) $(CFLAGS) $< $(LDHARDEN) $(LDFLAGS) -o $@

# Fuzz targets: one program each. With clang libFuzzer drives them (make fuzz); with any other
# compiler replay.c does, on the committed corpus. The console's are apart from the backend's, as both
# have a text.h.
FUZZ_BIN     := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(B)/fuzz/%)
FUZZ_CONSOLE := $(addprefix $(B)/fuzz/,console entry)
FUZZ_DRIVER  = $(B)/obj/tests/fuzz/replay.o
FUZZ_CONSOLE_OBJ := $(addprefix $(B)/obj/console/,args.o catalogue.o entry_file.o inifile.o screen_escape.o \
	text.o wrap.o)

$(FUZZ_CONSOLE): FUZZ_OBJ := $(FUZZ_CONSOLE_OBJ)
$(FUZZ_CONSOLE): $(FUZZ_CONSOLE_OBJ)
$(filter-out $(FUZZ_CONSOLE),$(FUZZ_BIN)): FUZZ_OBJ := $(BACKEND_OBJ)
$(filter-out $(FUZZ_CONSOLE),$(FUZZ_BIN)): $(BACKEND_OBJ)
$(FUZZ_BIN): $(B)/fuzz/%: tests/fuzz/fuzz_%.c $(filter %.o,$(FUZZ_DRIVER)) tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $<'
	$(Q)$(CC) $(COMMON) -Iplugins/backend -Iconsole $(CPPFLAGS) $(CFLAGS) $< $(FUZZ_OBJ) $(FUZZ_DRIVER) \
		$(LDHARDEN) $(LDFLAGS) $(BACKEND_LIBS) -o $@

.PHONY: fuzzers
fuzzers: $(FUZZ_BIN)

# Our reading of main.cf and master.cf against postconf(1)'s; tests/fuzz/differential runs it.
DIFFERENTIAL := $(B)/fuzz/differential
DIFFERENTIAL_SRC := $(sort $(wildcard tests/fuzz/postconf/*.c))

$(DIFFERENTIAL): $(DIFFERENTIAL_SRC) $(wildcard tests/fuzz/postconf/*.h) $(BACKEND) tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(filter-out -MMD -MP,$(COMMON)) -Iplugins/backend $(CPPFLAGS) $(CFLAGS) $(DIFFERENTIAL_SRC) \
		$(LDHARDEN) $(LDFLAGS) -L$(LIB) -Wl,-rpath,$(CURDIR)/$(LIB) -lrelay -o $@

ATTACK_BIN := $(FAULT_BIN) $(FUZZ_BIN) $(DIFFERENTIAL)

.PHONY: units
units: $(UNIT_BIN) ## the unit tests alone
	@tests/sandbox/own_network sh -ec 'for t; do echo "== $$t"; "$$t"; done' units $(UNIT_BIN)

# --- machine set-up -------------------------------------------------------------------------------
.PHONY: deps
deps: ## install the packages of assets/packages.txt (as root), or name what is missing
	@tests/deps.sh

.PHONY: install uninstall
# A folder that stands there already keeps the mode that it has.
install: all ## install under PREFIX (/usr/local), into DESTDIR; configuration is never overwritten
	@set -e; for folder in '$(PREFIX)/bin' '$(PREFIX)/lib/relaycon' '$(PREFIX)/share/relaycon/entries' \
		'$(PREFIX)/share/relaycon/providers' '$(PREFIX)/share/man/man8' \
		'$(PREFIX)/share/bash-completion/completions' /etc/relaycon; do \
		test -d '$(DESTDIR)'"$$folder" || install -d -m 0755 '$(DESTDIR)'"$$folder"; \
	done
	install -m 0755 $(PROGRAM) '$(DESTDIR)$(PREFIX)/bin/'
	install -m 0644 $(BACKEND) $(MODULE) '$(DESTDIR)$(PREFIX)/lib/relaycon/'
	install -m 0644 $(SHARE)/entries/*.ini '$(DESTDIR)$(PREFIX)/share/relaycon/entries/'
	install -m 0644 $(SHARE)/providers/*.ini '$(DESTDIR)$(PREFIX)/share/relaycon/providers/'
	install -m 0644 assets/man/relaycon.8 '$(DESTDIR)$(PREFIX)/share/man/man8/'
	install -m 0644 assets/completions/relaycon \
		'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/'

uninstall: ## remove what install put there; /etc/relaycon and /var/lib/relaycon stay
	rm -f '$(DESTDIR)$(PREFIX)/bin/relaycon' '$(DESTDIR)$(PREFIX)/share/man/man8/relaycon.8' \
		'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/relaycon'
	rm -rf '$(DESTDIR)$(PREFIX)/lib/relaycon' '$(DESTDIR)$(PREFIX)/share/relaycon'
	@rmdir --ignore-fail-on-non-empty '$(DESTDIR)/etc/relaycon' 2>/dev/null || true

# --- the demo, the tests, the figures -------------------------------------------------------------
# What is missing is installed or named before anything is compiled.
.PHONY: demo check torture memcheck valgrind bench lint screens pot
demo: ## the console on a practice machine with a practice provider; without a terminal, a tour
	@tests/deps.sh
	@$(MAKE) --no-print-directory -s all
	@RELAYCON=$(abspath $(PROGRAM)) tests/sandbox/demo

check: ## every test: units, the program on a real Postfix, the console in a terminal
	@tests/deps.sh
	@$(MAKE) --no-print-directory -s -j$$(nproc) all $(UNIT_BIN) $(ATTACK_BIN)
	@RELAYCON=$(abspath $(PROGRAM)) FAULT_TOOLS=$(abspath $(B)/fault) tests/sandbox/own_network tests/system/check $(UNIT_BIN)

# MINUTES: for each fuzzer. PARTS: some of the attacks, by name.
torture: ## every attack: kills, failing calls, fuzzers, hostile relays ... (an hour; MINUTES=, PARTS=)
	@tests/deps.sh
	@$(MAKE) --no-print-directory -s all $(FAULT_BIN) $(DIFFERENTIAL)
	@$(MAKE) --no-print-directory -s fuzz-programs
	@$(MAKE) --no-print-directory -s all B=build/sanitize SANITIZE=address,undefined
	@RELAYCON=$(abspath $(PROGRAM)) FAULT_TOOLS=$(abspath $(B)/fault) MINUTES=$(MINUTES) tests/sandbox/own_network tests/fault/torture $(PARTS)

# Two builds of their own, beside whatever else is built. Of the attacks those in which the program
# itself is all that counts: limits on memory and traced system calls are not for the sanitizers.
memcheck: ## every test with the sanitizers; units, main job and console under valgrind
	@tests/deps.sh
	@ATTACKS='fuzz keys signals altered' tests/system/sanitized $(MAKE) --no-print-directory check B=build/sanitize SANITIZE=address,undefined
	@$(MAKE) --no-print-directory -s valgrind B=build/debug SANITIZE= BUILD_TYPE=debug

valgrind: all $(UNIT_BIN)
	@RELAYCON=$(abspath $(PROGRAM)) tests/sandbox/own_network tests/system/valgrind $(UNIT_BIN)

# Needs clang. A build of its own; what is found goes to build/fuzz/found/TARGET.
.PHONY: fuzz fuzz-programs
fuzz: fuzz-programs ## coverage-guided fuzzing, MINUTES=n (1) a target, or of TARGET=name alone
	@MINUTES='$(MINUTES)' TARGET='$(TARGET)' tests/fuzz/fuzz all

fuzz-programs:
	@tests/deps.sh fuzz
	@$(MAKE) --no-print-directory -s fuzzers B=build/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined \
		FUZZ_DRIVER=-fsanitize=fuzzer

bench: ## the figures that are promised, and their ratios
	@tests/deps.sh
	@$(MAKE) --no-print-directory -s all
	@RELAYCON=$(abspath $(PROGRAM)) tests/bench/bench

screens: ## draw the README's pictures anew, from the console on a sandbox
	@tests/deps.sh pictures
	@$(MAKE) --no-print-directory -s all
	@RELAYCON=$(abspath $(PROGRAM)) tests/terminal/screens/make_screens

# A release makes it anew; in between nobody who changes a sentence need think of it.
POT       := assets/translations/relaycon.pot
POT_FLAGS := $(foreach f,error_set:3 error_errno:4 error_append:2 error_advise:2 fault_set:3 strbuf_addf:2 \
	text_format:1 text_make:1 text_addf:2 plain_sayf:1,--flag=$(f):c-format)
pot: ## gather the sentences to be translated into assets/translations/relaycon.pot
	@mkdir -p $(B)
	$(Q)awk -f assets/translations/ini_strings.awk $(ENTRIES) $(PROVIDERS) >$(B)/ini_strings.c
	$(Q)xgettext --language=C --from-code=UTF-8 --keyword --keyword=_ --keyword=N_ $(POT_FLAGS) \
		--flag=_:1:pass-c-format --flag=N_:1:pass-c-format --add-location=file \
		--package-name=relaycon --package-version=$(VERSION) \
		--copyright-holder='the relaycon authors' -o $(B)/relaycon.pot \
		$(CONSOLE_SRC) $(RELAY_SRC) $(BACKEND_SRC) $(B)/ini_strings.c
	$(Q)sed '/^"POT-Creation-Date:/d' $(B)/relaycon.pot >$(POT)

lint: ## boundaries, headers, cppcheck, clang-tidy, shellcheck, clang-format
	@tests/deps.sh
	@PKG_CONFIG=$(PKG_CONFIG) tests/lint/lint

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: clean
clean: ## remove build/
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# relaycon: make demo, make check; make install for real use. `make help` names every target.

PREFIX     ?= /usr/local
DESTDIR    ?=
BUILD_TYPE ?= release
SANITIZE   ?=
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
            -MMD -MP $(WARNINGS) -fvisibility=hidden -fstack-protector-strong
LDHARDEN := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

ifneq ($(SANITIZE),)
COMMON   += -O1 -g -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDHARDEN += -fsanitize=$(SANITIZE)
else ifeq ($(BUILD_TYPE),debug)
COMMON   += -O0 -g3
else
COMMON   += -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection
endif

# Checked only where something is built, so that `make deps` works on a fresh machine.
BACKEND_LIBS = $(shell $(PKG_CONFIG) --libs openssl libsasl2 json-c libidn2 inih) -lunistring -lresolv -lpthread
CONSOLE_LIBS = -ldialog $(shell $(PKG_CONFIG) --libs ncursesw json-c inih) -lm -ldl

# --- what is built --------------------------------------------------------------------------------
BACKEND_SRC := $(sort $(wildcard plugins/backend/*/*.c))
RELAY_SRC   := $(sort $(wildcard plugins/relay/*.c))
CONSOLE_SRC := $(sort $(wildcard console/*.c))
UNIT_SRC    := $(sort $(wildcard tests/unit/test_*.c))

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
all: $(PROGRAM) $(MODULE) $(B)/data.stamp

$(B)/obj/%.o: %.c tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(CPPFLAGS) $(CFLAGS) -fPIC -c $< -o $@

# The backend is one library of our own; everything in it may be called by drivers and tests.
$(B)/obj/plugins/backend/%.o: COMMON += -fvisibility=default

# The executable itself: position independent as well, but not a library.
$(B)/obj/console/%.o: COMMON += -fPIE

$(BACKEND): $(BACKEND_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(LDHARDEN) -Wl,-soname,librelay.so $(LDFLAGS) $^ $(BACKEND_LIBS) -o $@

$(MODULE): $(RELAY_OBJ) $(BACKEND)
	@mkdir -p $(@D)
	$(CC) -shared $(LDHARDEN) -Wl,-rpath,'$$ORIGIN' $(LDFLAGS) $(RELAY_OBJ) -L$(LIB) -lrelay \
		$(shell $(PKG_CONFIG) --libs json-c) -o $@

$(PROGRAM): $(CONSOLE_OBJ)
	@mkdir -p $(@D)
	$(CC) -pie $(LDHARDEN) $(CONSOLE_LDFLAGS) $(LDFLAGS) $^ $(CONSOLE_LIBS) -o $@

$(B)/data.stamp: $(ENTRIES) $(PROVIDERS)
	@mkdir -p $(SHARE)/entries $(SHARE)/providers
	@rm -f $(SHARE)/entries/*.ini $(SHARE)/providers/*.ini
	$(if $(ENTRIES),cp $(ENTRIES) $(SHARE)/entries/)
	$(if $(PROVIDERS),cp $(PROVIDERS) $(SHARE)/providers/)
	@touch $@

$(B)/unit/%: tests/unit/%.c $(BACKEND) $(MODULE) tests/lint/banned.h Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) -Iplugins/backend -Iconsole -Itests/unit $(CPPFLAGS) $(CFLAGS) $< \
		$(LDHARDEN) $(LDFLAGS) -L$(LIB) -Wl,-rpath,$(CURDIR)/$(LIB) -lrelay \
		$(shell $(PKG_CONFIG) --libs cmocka json-c) -o $@

.PHONY: units
units: $(UNIT_BIN)
	@set -e; for t in $(UNIT_BIN); do echo "== $$t"; $$t; done

# --- machine set-up -------------------------------------------------------------------------------
.PHONY: deps
deps:
	@tests/deps.sh

.PHONY: clean
clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)

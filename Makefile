# make            build the static program build/release/moonward
# make run        install what is missing, build, and serve the Docker Engine at hand on 127.0.0.1:2375
# make test       install what is missing; every test, against a real Docker Engine too
#                 ENGINE=SUITE: against that of another Debian release, unpacked by tools/engine
# make test-clients  real clients from PyPI, npm, Maven and Go's modules, through their policies; as root
# make lint       formatters, linters, layers, and whether the pages in docs/ fit the code
# make fuzz       every fuzz target for FUZZ_SECONDS (600); fuzz-short: for 6
# make bench      instructions and CPU time of a request, and what HAProxy takes for it
# make image      build the container image moonward:latest with the engine at hand
# make install    into PREFIX (/usr/local), below DESTDIR
# make docs       write the pages in docs/ that follow from the options
# make format     clang-format over all C
# make MODE=asan  build with AddressSanitizer and UBSan (also: debug)
# make help       this list

MODE    ?= release
BUILD   := build/$(MODE)
PREFIX  ?= /usr/local
# A tree without git, such as the one an image is built in, can say it: make MOONWARD_VERSION=1.2
VERSION := $(or $(MOONWARD_VERSION),$(shell git describe --tags --always --dirty 2>/dev/null),unknown)
LUA     := lua5.4

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla \
           -Wwrite-strings -Wimplicit-fallthrough -Wconversion -Wno-sign-conversion -Werror
WARN_C  := -Wstrict-prototypes -Wmissing-prototypes
FLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE \
                 -ffunction-sections -fdata-sections
FLAGS_debug   := -Og -g3
# For an emulator such as valgrind, where everything takes longer but what goes by the clock.
FLAGS_count   := $(FLAGS_release) -DCLOCK_SLOWER=200
FLAGS_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_release  := -static-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--gc-sections
LINK_count    := $(LINK_release)
LINK_asan     := -fsanitize=address,undefined
ifeq ($(FLAGS_$(MODE)),)
$(error MODE is one of: release debug asan count)
endif

# Releases differ in what stands behind a library: on Debian 13 RE2 needs abseil, which is 90 archives.
LIBRARIES := lua5.4-lpeg lua5.4 libevent_extra libevent_core re2 libmd zlib
# It is asked once, when its answer is first needed: on Debian 13 an answer takes seconds.
pkg_config = $(sort $(shell pkg-config $(1) $(LIBRARIES) 2>/dev/null))
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(call pkg_config,--cflags))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(call pkg_config,--libs))$(PKG_LIBS)
PKG_STATIC = $(eval PKG_STATIC := $$(call pkg_config,--static --libs))$(PKG_STATIC)

CPPFLAGS += -Icore -D_GNU_SOURCE $(filter -I%,$(PKG_CFLAGS))
CFLAGS   += -std=c17 $(WARN) $(WARN_C) $(FLAGS_$(MODE))
CXXFLAGS += -std=c++17 $(WARN) $(FLAGS_$(MODE))
LDFLAGS  += $(LINK_$(MODE))
# The static libraries in every mode, so that what is tested is what is shipped. The C library's own parts
# are static in a release alone.
LIBC     := -lm -ldl -lrt -lpthread
LDLIBS   += -Wl,--start-group \
            $(patsubst -l%,-l:lib%.a,$(filter-out $(LIBC),$(filter -l%,$(PKG_STATIC)))) \
            -Wl,--end-group -lstdc++ $(LIBC)

# A new file is picked up by being there. Tests do not link main.c.
LAYERS := command proxy native lua net config http json tar base
SRC   := $(sort $(wildcard core/*/*.c))
SRCXX := $(sort $(wildcard core/*/*.cc))
OBJ   := $(SRC:%.c=$(BUILD)/%.o) $(SRCXX:%.cc=$(BUILD)/%.o) $(BUILD)/core/lua/bundle_data.o
LUASRC := $(sort $(shell find lualib policies -name '*.lua' 2>/dev/null))
TESTS := $(patsubst test/%.c,$(BUILD)/test/%,$(sort $(wildcard test/test_*.c)))
DEPFILES := $(OBJ:.o=.d) $(TESTS:=.d) $(BUILD)/core/main.d

# Says which file is made, and not with which command; make V=1 says that.
brief = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo "$(1) $@" && )

.PHONY: all help clean always specs test-clients install-rock run test test-programs fuzz-programs fuzz fuzz-short \
        lint bench image docs format install
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

all: $(BUILD)/moonward

# The linker warns of getaddrinfo in a static program: libevent has a call that nothing here makes. So
# its words are shown only when it fails.
QUIETLY = >$@.log 2>&1 || { cat $@.log >&2; false; }

$(BUILD)/moonward: $(BUILD)/core/main.o $(OBJ)
	$(call brief,link)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(QUIETLY)

# Objects also depend on this file, so that a changed flag rebuilds them.
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc Makefile
	@mkdir -p $(@D)
	$(call brief,c++)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# lualib and the policies that ship, as C. The list of files counts too: one may be gone.
$(BUILD)/core/lua/bundle_data.c: tools/embed.lua $(LUASRC) $(BUILD)/bundle.list
	@mkdir -p $(@D)
	$(call brief,embed)$(LUA) tools/embed.lua $(LUASRC) > $@

$(BUILD)/bundle.list: always
	@mkdir -p $(@D)
	@echo '$(LUASRC)' | cmp -s - $@ || echo '$(LUASRC)' > $@

$(BUILD)/core/lua/bundle_data.o: $(BUILD)/core/lua/bundle_data.c
	$(call brief,cc)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Only one file knows the version, so that a commit does not rebuild the rest.
$(BUILD)/core/command/version.o: CPPFLAGS += -DMOONWARD_VERSION='"$(VERSION)"'
$(BUILD)/core/command/version.o: $(BUILD)/version

$(BUILD)/version: always
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' > $@

# A test links the layers it needs, so that it can be built while another one is broken.
LAYERS_test_base     := base
LAYERS_test_log_output := base
LAYERS_test_reservations := base
LAYERS_test_head     := http base
LAYERS_test_request  := http base
LAYERS_test_response := http base
LAYERS_test_target   := http base
LAYERS_test_chunked  := http base
LAYERS_test_write    := http base
LAYERS_test_json     := json base
LAYERS_test_cut      := json base
LAYERS_test_filter   := json base
LAYERS_test_gather   := json base
LAYERS_test_members  := json base
LAYERS_test_redact   := json base
LAYERS_test_filter_property := json base
LAYERS_test_redact_path     := json base
LAYERS_test_options  := config base
LAYERS_test_option_refusals := config base
LAYERS_test_settings := config base
LAYERS_test_nearest  := config base
LAYERS_test_tar      := tar base
LAYERS_test_context  := tar base
LAYERS_test_decision := lua config http json base
LAYERS_test_sandbox  := lua config http json base
LAYERS_test_verdict_memory := lua config http json base
layer_objects = $(foreach layer,$(or $(LAYERS_$(1)),$(LAYERS)),$(filter $(BUILD)/core/$(layer)/%,$(OBJ)))

.SECONDEXPANSION:
$(BUILD)/test/%: test/%.c $$(call layer_objects,$$*) Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(CPPFLAGS) -Itest $(CFLAGS) -MMD -MP -MT $@ -MF $@.d \
	  $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(LDLIBS) $(QUIETLY)

# What decisions and filters cost by themselves: build/release/bench/NAME
$(BUILD)/bench/%: bench/%.c $(foreach layer,lua config http json base,$(filter $(BUILD)/core/$(layer)/%,$(OBJ))) Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(LDLIBS) \
	  -l:liblua5.4-cjson.a -l:liblua5.4.a -lm $(QUIETLY)

include spec/rules.mk fuzz/rules.mk

# --- jobs -----------------------------------------------------------------------------------------
# Those that need packages install them first and then call make again, since the rules above look
# for compilers and libraries as soon as they are read.

AGAIN := $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

run:
	@tools/deps build
	@$(AGAIN) all
	@tools/run build/release/moonward

test:
	@tools/deps build test
	@$(AGAIN) MODE=release all test-programs specs
	@$(AGAIN) MODE=asan all test-programs fuzz-programs
	@tools/test

test-clients:
	@tools/deps build test
	@$(AGAIN) all
	@tools/test-clients

test-programs: $(TESTS)

lint:
	@tools/deps build lint
	@$(AGAIN) all
	@tools/lint

bench:
	@tools/deps build bench test
	@$(AGAIN) all specs build/release/bench/decision build/release/bench/filter
	@$(AGAIN) MODE=count all
	@bench/instructions
	@bench/run

image:
	@tools/image $(VERSION)

docs: all build/release/moonward.so
	$(LUA) tools/docs.lua

format:
	clang-format -i $$(find core test fuzz spec -name '*.[ch]' -o -name '*.cc')

install: all
	install -D -s -m 755 build/release/moonward $(DESTDIR)$(PREFIX)/bin/moonward
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/moonward/LICENSE
	install -m 644 README.md CHANGELOG.md docs/*.md $(DESTDIR)$(PREFIX)/share/doc/moonward

clean:
	rm -rf build

help:
	@sed -n 's/^# \(make.*\|  .*\)/\1/p' Makefile

-include $(DEPFILES)

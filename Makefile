# make            build the static program build/release/moonward
# make run        install what is missing, build, and serve the Docker Engine at hand on 127.0.0.1:2375
# make test       install what is missing; every test, against a real Docker Engine too
# make MODE=asan  build with AddressSanitizer and UBSan (also: debug)
# make help       all targets

MODE    ?= release
BUILD   := build/$(MODE)
PREFIX  ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LUA     := lua5.4

WARN    := -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith -Wcast-qual -Wformat=2 -Wundef -Wvla \
           -Wwrite-strings -Wimplicit-fallthrough -Wconversion -Wno-sign-conversion -Werror
WARN_C  := -Wstrict-prototypes -Wmissing-prototypes
FLAGS_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
FLAGS_debug   := -Og -g3
FLAGS_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_release  := -static
LINK_asan     := -fsanitize=address,undefined
ifeq ($(FLAGS_$(MODE)),)
$(error MODE is one of: release debug asan)
endif

CPPFLAGS += -Icore -D_GNU_SOURCE -DMOONWARD_VERSION='"$(VERSION)"' -I/usr/include/lua5.4
CFLAGS   += -std=c17 $(WARN) $(WARN_C) $(FLAGS_$(MODE))
CXXFLAGS += -std=c++17 $(WARN) $(FLAGS_$(MODE))
LDFLAGS  += $(LINK_$(MODE))
# The static libraries in every mode, so that what is tested is what is shipped.
LDLIBS   += -l:libevent_core.a -l:libevent_extra.a -l:liblua5.4-lpeg.a -l:liblua5.4-cjson.a \
            -l:liblua5.4.a -l:libre2.a -lstdc++ -lpthread -lm

# A new file is picked up by being there. Tests do not link main.c; native.c is for the Lua module.
LAYERS := command proxy lua net config http json base
SRC   := $(filter-out core/main.c core/lua/native.c,$(sort $(wildcard core/*/*.c)))
SRCXX := $(sort $(wildcard core/*/*.cc))
OBJ   := $(SRC:%.c=$(BUILD)/%.o) $(SRCXX:%.cc=$(BUILD)/%.o) $(BUILD)/core/lua/bundle_data.o
LUASRC := $(sort $(shell find lualib policies -name '*.lua' 2>/dev/null))
TESTS := $(patsubst test/%.c,$(BUILD)/test/%,$(sort $(wildcard test/test_*.c)))
DEPFILES := $(OBJ:.o=.d) $(TESTS:=.d) $(BUILD)/core/main.d

.PHONY: all help clean specs always
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

all: $(BUILD)/moonward

$(BUILD)/moonward: $(BUILD)/core/main.o $(OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Objects also depend on this file, so that a changed flag rebuilds them.
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# lualib and the policies that ship, as C. The list of files counts too: one may be gone.
$(BUILD)/core/lua/bundle_data.c: tools/embed.lua $(LUASRC) $(BUILD)/bundle.list
	@mkdir -p $(@D)
	$(LUA) tools/embed.lua $(LUASRC) > $@

$(BUILD)/bundle.list: always
	@mkdir -p $(@D)
	@echo '$(LUASRC)' | cmp -s - $@ || echo '$(LUASRC)' > $@

$(BUILD)/core/lua/bundle_data.o: $(BUILD)/core/lua/bundle_data.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# A test links the layers it needs, so that it can be built while another one is broken.
LAYERS_test_base     := base
LAYERS_test_head     := http base
LAYERS_test_request  := http base
LAYERS_test_response := http base
LAYERS_test_target   := http base
LAYERS_test_chunked  := http base
LAYERS_test_write    := http base
LAYERS_test_json     := json base
LAYERS_test_cut      := json base
LAYERS_test_options  := config base
LAYERS_test_settings := config base
LAYERS_test_decision := lua config http base
LAYERS_test_sandbox := lua config http base
layer_objects = $(foreach layer,$(or $(LAYERS_$(1)),$(LAYERS)),$(filter $(BUILD)/core/$(layer)/%,$(OBJ)))

.SECONDEXPANSION:
$(BUILD)/test/%: test/%.c $$(call layer_objects,$$*) Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itest $(CFLAGS) -MMD -MP -MT $@ -MF $@.d $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(LDLIBS)

# The host as a Lua module, for specs: moonward.native and moonward.core. Lua itself comes from the
# interpreter that loads it, and the other libraries are shared: the static ones cannot be in a module.
PIC := $(patsubst $(BUILD)/%,$(BUILD)/pic/%,$(foreach layer,lua config http base,$(filter $(BUILD)/core/$(layer)/%,$(OBJ)))) \
       $(BUILD)/pic/core/lua/native.o
DEPFILES += $(PIC:.o=.d)

$(BUILD)/moonward.so: $(PIC)
	$(CC) -shared -Wl,-Bsymbolic,--exclude-libs,ALL $(filter-out -static,$(LDFLAGS)) -o $@ $^ \
	  -llua5.4-lpeg -llua5.4-cjson -lre2 -lstdc++

$(BUILD)/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/pic/%.o: %.cc Makefile
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/pic/core/lua/bundle_data.o: $(BUILD)/core/lua/bundle_data.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -c -o $@ $<

# What the specs under spec/ need besides Lua.
specs: build/spec/sys.so build/release/moonward.so

build/spec/sys.so: spec/support/sys_io.c spec/support/sys_process.c spec/support/sys.h Makefile
	@mkdir -p $(@D)
	$(CC) -I/usr/include/lua5.4 -D_GNU_SOURCE -std=c17 $(WARN) $(WARN_C) -O2 -fPIC -shared -o $@ $(filter %.c,$^)

clean:
	rm -rf build

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile

-include $(DEPFILES)

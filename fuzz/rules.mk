# The fuzz targets; read by the Makefile.
# Each fuzzer checks what must hold for any input of one parser, not only that it survives.

FUZZ_CC    := clang
FUZZ_FLAGS := -std=c17 $(WARN) $(WARN_C) -O1 -g -fno-omit-frame-pointer \
              -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_OBJ   := $(patsubst %.c,build/fuzz/%.o,$(filter core/base/% core/http/% core/json/% core/tar/%,$(SRC)))
# Of Lua's side of JSON, for the target that has Lua.
FUZZ_LUA   := $(patsubst %.c,build/fuzz/%.o,$(filter core/lua/json_% core/lua/frozen.c,$(SRC)))
FUZZ       := $(patsubst fuzz/%.c,build/fuzz/%,$(sort $(wildcard fuzz/fuzz_*.c)))
DEPFILES   += $(FUZZ_OBJ:.o=.d) $(FUZZ_LUA:.o=.d) $(FUZZ:=.d)

fuzz-programs: $(FUZZ)

build/fuzz/core/%.o: core/%.c Makefile
	@mkdir -p $(@D)
	$(call brief,clang)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

build/fuzz/fuzz_%: fuzz/fuzz_%.c $(FUZZ_OBJ) Makefile
	@mkdir -p $(@D)
	$(call brief,clang)$(FUZZ_CC) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer -MMD -MP -MT $@ -MF $@.d -o $@ $< $(FUZZ_OBJ) $(FUZZ_MORE) -l:libz.a

build/fuzz/fuzz_picker: $(FUZZ_LUA)
build/fuzz/fuzz_picker: FUZZ_MORE := $(FUZZ_LUA) -l:liblua5.4.a -lm

fuzz:
	@tools/deps build test
	@$(AGAIN) fuzz-programs
	tools/fuzz $(or $(FUZZ_SECONDS),600)

fuzz-short: fuzz-programs
	tools/fuzz 6

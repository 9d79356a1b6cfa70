# What specs and authors of policies need besides Lua; read by the Makefile.

# The host as a Lua module, for specs: moonward.native and moonward.core. Lua itself comes from the
# interpreter that loads it, and the other libraries are shared: the static ones cannot be in a module.
PIC := $(patsubst $(BUILD)/%,$(BUILD)/pic/%,$(foreach layer,native lua config http json base,$(filter $(BUILD)/core/$(layer)/%,$(OBJ))))
DEPFILES += $(PIC:.o=.d)

$(BUILD)/moonward.so: $(PIC)
	$(call brief,link)$(CC) -shared -Wl,-Bsymbolic,--exclude-libs,ALL $(filter-out -static-pie,$(LDFLAGS)) -o $@ $^ \
	  $(filter-out -llua5.4,$(filter -l%,$(PKG_LIBS))) -lstdc++

$(BUILD)/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/pic/%.o: %.cc Makefile
	@mkdir -p $(@D)
	$(call brief,c++)$(CXX) $(CPPFLAGS) $(CXXFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(BUILD)/pic/core/lua/bundle_data.o: $(BUILD)/core/lua/bundle_data.c
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -c -o $@ $<

# For luarocks, which says where: see moonward-dev-1.rockspec.
install-rock: build/release/moonward.so
	@mkdir -p $(LUADIR) $(LIBDIR)
	cp -R lualib/moonward $(LUADIR)/
	cp build/release/moonward.so $(LIBDIR)/

# What the specs under spec/ need besides Lua.
specs: build/spec/sys.so build/spec/door build/spec/flood build/spec/rival build/release/moonward.so

build/spec/sys.so: spec/support/sys_io.c spec/support/sys_process.c spec/support/sys.h Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) $(filter -I%,$(CPPFLAGS)) -D_GNU_SOURCE -std=c17 $(WARN) $(WARN_C) -O2 -fPIC -shared -o $@ $(filter %.c,$^)

# A client inside containers, where there are no libraries.
build/spec/door: spec/support/door.c Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) -D_GNU_SOURCE -std=c17 $(WARN) $(WARN_C) -O2 -static -o $@ $<

# Streams that are faster than what is measured.
build/spec/flood: spec/support/flood.c Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) -D_GNU_SOURCE -std=c17 $(WARN) $(WARN_C) -O2 -o $@ $<


build/spec/rival: spec/support/rival.c Makefile
	@mkdir -p $(@D)
	$(call brief,cc)$(CC) -D_GNU_SOURCE -std=c17 $(WARN) $(WARN_C) -O2 -o $@ $<

# c.mk — builds the C core's tests without SwiftPM, one folder per flavour in .build-c/.
#
#   make -f Tools/c.mk FLAVOUR=plain|asan|tsan|gcc|gcc-tsan|fuzz|coverage|planted tests|stress
#   make -f Tools/c.mk FLAVOUR=fuzz fuzzers
#   make -f Tools/c.mk FLAVOUR=model|planted-model model
#
# Every core and wire source is compiled once per flavour into one archive; the unit tests are one
# program, each stress test and each fuzz target its own. Sources and headers are found, not
# listed, so a new file needs no line here.

SHELL := /bin/bash
FLAVOUR ?= plain
SWIFT_BIN := $(shell . Tools/lib.sh && swift_bin)
CLANG := $(if $(wildcard $(SWIFT_BIN)/clang),$(SWIFT_BIN)/clang,clang)
CC := $(if $(filter gcc%,$(FLAVOUR)),gcc,$(CLANG))
OUT := .build-c/$(FLAVOUR)

SOURCES := $(sort $(wildcard CCore/*/*.c CCore/*/*/*.c) $(shell find Sources -path '*/Wire/*.c'))
SOURCES := $(filter-out CCore/tests/%,$(SOURCES))
WIRES := $(sort $(dir $(filter Sources/%,$(SOURCES))))
TESTS := $(wildcard CCore/tests/*_test.c Tests/VenueWireTests/*_test.c)
STRESS := $(wildcard CCore/tests/stress/*_stress.c)
FUZZ := $(wildcard CCore/tests/fuzz/*_fuzz.c Tests/VenueWireTests/fuzz/*_fuzz.c)
# The model checker, its cases, and the sources that it runs; a case may compile more in.
MODEL_CASES := $(wildcard CCore/tests/model/*_model.c)
MODEL := $(filter-out $(MODEL_CASES),$(wildcard CCore/tests/model/*.c))
MODELLED := $(MODEL_CASES) $(wildcard CCore/queue/*.c) CCore/journal/record.c CCore/base/crc32c.c
# What several tests share: any other C file beside them, and the harness.
HELPERS := $(filter-out $(TESTS) CCore/tests/test_main.c,\
             $(wildcard CCore/tests/*.c Tests/VenueWireTests/*.c))

INCLUDES := -ICCore/include -ICCore -ICCore/tests $(foreach w,$(WIRES),-I$w -I$winclude)
WARNINGS := -Wall -Wextra -Wconversion -Werror
# After inlining gcc warns of lengths that the caller rules out.
WARNINGS += $(if $(filter gcc,$(CC)),-Wno-array-bounds -Wno-stringop-overread)
# Gold, some systems' default, prints a warning per sanitizer symbol.
LINKER := -fuse-ld=$(if $(filter gcc,$(CC)),bfd,$(if $(wildcard $(SWIFT_BIN)/ld.lld),lld,bfd))
LIBRARIES := $(LINKER) -lwebsockets -luring -lssl -lcrypto -lm -lpthread

SANITIZE_plain :=
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_tsan := -fsanitize=thread
SANITIZE_gcc :=
SANITIZE_gcc-tsan := -fsanitize=thread
# Read by Tools/coverage. Ten conditions of one decision are more than we write.
SANITIZE_coverage := -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc
SANITIZE_fuzz := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# The thread sanitizer of the Swift toolchain's clang refers to libdispatch (empty elsewhere).
SWIFT_LIB := $(wildcard $(SWIFT_BIN)/../lib/swift/linux)
LINK_tsan := $(if $(SWIFT_LIB),-L$(SWIFT_LIB) \
    -Xlinker -rpath -Xlinker $(SWIFT_LIB) -ldispatch -lBlocksRuntime)

CFLAGS := -std=gnu17 -D_GNU_SOURCE -DNT_STOP_ON_BUG=1 -O2 -g -ffp-contract=off $(WARNINGS) \
          $(INCLUDES) $(SANITIZE_$(FLAVOUR)) $(if $(filter planted%,$(FLAVOUR)),-DNT_PLANTED)
LINK = $(CC) $(SANITIZE_$(FLAVOUR)) -o $@ $^ $(LINK_$(FLAVOUR)) $(LIBRARIES)

objects = $(patsubst %.c,$(OUT)/%.o,$(1))
program = $(patsubst %.c,$(OUT)/bin/%,$(notdir $(1)))

.PHONY: tests stress fuzzers model core
.DELETE_ON_ERROR:
.SECONDARY:
tests: $(OUT)/bin/unit_tests
stress: $(call program,$(STRESS))
fuzzers: $(call program,$(FUZZ))
model: $(OUT)/bin/model_tests
core: $(OUT)/core.a

$(OUT)/bin/unit_tests: $(call objects,$(TESTS) $(HELPERS) CCore/tests/test_main.c) $(OUT)/core.a
	@mkdir -p $(@D)
	@$(LINK)

# Made anew each time, so that a deleted source leaves no object behind; `q`, because two folders
# may have a file of the same name.
$(OUT)/core.a: $(call objects,$(SOURCES))
	@rm -f $@
	@ar qcs $@ $^

# A stress test that has no main of its own is driven by the harness.
define stress_program
$(call program,$(1)): $(call objects,$(1)) $(call objects,$(HELPERS)) $(OUT)/core.a \
        $(if $(shell grep -L '^int main' $(1)),$(OUT)/CCore/tests/test_main.o)
	@mkdir -p $$(@D)
	@$$(CC) $$(SANITIZE_$$(FLAVOUR)) -o $$@ $$(filter %.o,$$^) $(OUT)/core.a \
	    $$(LINK_$$(FLAVOUR)) $$(LIBRARIES)
endef
$(foreach s,$(STRESS),$(eval $(call stress_program,$(s))))

define fuzz_program
$(call program,$(1)): $(call objects,$(1)) $(OUT)/core.a
	@mkdir -p $$(@D)
	@$$(CC) $$(SANITIZE_$$(FLAVOUR)) -fsanitize=fuzzer -o $$@ $$^ $$(LIBRARIES)
endef
$(foreach f,$(FUZZ),$(eval $(call fuzz_program,$(f))))

# What the checker does not run itself is not instrumented.
PLAIN := .build-c/$(if $(filter planted%,$(FLAVOUR)),planted,plain)
# The thread sanitizer's instrumentation without its library: the checker answers the calls.
ifneq ($(filter model planted-model,$(FLAVOUR)),)
$(call objects,$(MODELLED)): CFLAGS += -include CCore/tests/model/shim.h -fsanitize=thread \
    -mllvm -tsan-instrument-func-entry-exit=0 -Wno-conversion -Wno-sign-conversion
endif

$(OUT)/bin/model_tests: $(call objects,$(MODEL) $(MODELLED)) $(PLAIN)/core.a
	@mkdir -p $(@D)
	@$(LINK)

# The flags are a prerequisite: changing them rebuilds everything.
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS)' >$@
FORCE:

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	@echo "  $(FLAVOUR)  $<" >&2
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

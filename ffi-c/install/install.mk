# `make install` and `make uninstall`: what the C and C++ interfaces consist of, where systems look for it.
#
#     make install PREFIX=/usr/local
#     make install PREFIX=/usr LIBDIR=lib64
#     make install PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu DESTDIR=stage
#     make install RUNS=1
#
# RUNS=1 installs the library with runs. It has the same name and all functions of the plain one, as other C
# libraries do it with what is chosen when they are built: a program that needs no runs is linked with either, and
# clients, transfers and errors pass between both parts, which a second library with a copy of the core could not
# allow. Who packages both lets the two packages replace each other.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/calltransfer
ifneq ($(words $(PREFIX)|$(LIBDIR)|$(INCLUDEDIR)|$(MANDIR)|$(DOCDIR)|$(DESTDIR)|),1)
  $(if $(filter install uninstall,$(MAKECMDGOALS)),$(error PREFIX, LIBDIR, INCLUDEDIR, MANDIR, DOCDIR, DESTDIR: has a space; a path without spaces is allowed))
endif
# A relative LIBDIR, as lib64, is below PREFIX; a variable of the command line needs `override`.
override LIBDIR := $(if $(filter /%,$(LIBDIR)),$(LIBDIR),$(PREFIX)/$(LIBDIR))
INSTALL ?= install
OBJCOPY ?= objcopy

VERSION := $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
SONAME := libcalltransfer.so.$(firstword $(subst ., ,$(VERSION)))

# What a program needs beside libcalltransfer.a; tests/c/test_install.py asks rustc whether it is whole.
STATIC_LIBS := -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

# Paths below the prefix are written relative to it, so that the whole can be moved.
below_prefix = $(patsubst $(PREFIX)/%,$(2)%,$(1))
dots = $(shell printf '%s' '$(patsubst $(PREFIX)/%,%,$(LIBDIR))' | sed 's,[^/][^/]*,..,g')
CMAKE_INCLUDEDIR = $(if $(filter $(PREFIX)/%,$(LIBDIR)),$(call below_prefix,$(INCLUDEDIR),$${calltransfer_libdir}/$(dots)/),$(INCLUDEDIR))
FILL = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@SONAME@|$(SONAME)|g' -e 's|@STATIC_LIBS@|$(STATIC_LIBS)|g' \
	-e 's|@RUNS@|$(if $(filter 1,$(RUNS)),yes,no)|g' -e 's|@CMAKE_RUNS@|$(if $(filter 1,$(RUNS)),ON,OFF)|g' \
	-e 's|@PREFIX@|$(PREFIX)|g' -e 's|@CMAKE_INCLUDEDIR@|$(CMAKE_INCLUDEDIR)|g' \
	-e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR),$${prefix}/)|g' \
	-e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR),$${prefix}/)|g'

RUNS ?= 0
HEADERS_OF_RUNS := $(notdir $(wildcard include/calltransfer/run*))
ALL_HEADERS := $(notdir $(wildcard include/calltransfer/*))
ifeq ($(RUNS),1)
  ifeq ($(wildcard runs/Cargo.toml),)
    $(error RUNS: this is the source of the library without runs; a checkout has them)
  endif
  BUILT := $(RUNS_LIBRARY)
  HEADERS := $(ALL_HEADERS)
else
  BUILT := $(LIBRARY)
  HEADERS := $(filter-out $(HEADERS_OF_RUNS),$(ALL_HEADERS))
endif
# The library with runs has more crates: a list of its own.
NOTICES := $(if $(filter 1,$(RUNS)),THIRD-PARTY-RUNS.txt,THIRD-PARTY.txt)
OTHER_NOTICES := $(filter-out $(NOTICES),THIRD-PARTY.txt THIRD-PARTY-RUNS.txt)
LICENSES := LICENSE-APACHE LICENSE-MIT $(NOTICES)
# For ThreadSanitizer and valgrind.
SUPPRESSIONS := tsan.supp valgrind.supp
SUPPRESSIONS_DIR = $(DESTDIR)$(PREFIX)/share/calltransfer
LIB := $(DESTDIR)$(LIBDIR)
INSTALLED = $(addprefix $(DESTDIR)$(INCLUDEDIR)/calltransfer/,$(ALL_HEADERS)) \
	$(addprefix $(LIB)/,libcalltransfer.a libcalltransfer.so $(SONAME) libcalltransfer.so.$(VERSION)) \
	$(LIB)/pkgconfig/calltransfer.pc \
	$(addprefix $(LIB)/cmake/CallTransfer/,CallTransferConfig.cmake CallTransferConfigVersion.cmake) \
	$(DESTDIR)$(MANDIR)/man3/calltransfer.3 \
	$(addprefix $(DESTDIR)$(DOCDIR)/,$(LICENSES) $(OTHER_NOTICES)) \
	$(addprefix $(SUPPRESSIONS_DIR)/,$(SUPPRESSIONS))

.PHONY: library install uninstall

# The archive as one object that shows the functions of its header and nothing else: what another Rust
# archive in the same program brings of Rust's own library can't collide with it.
ARCHIVE := $(dir $(BUILT))archive/libcalltransfer.a
$(ARCHIVE): $(BUILT)
	@mkdir -p $(@D) && rm -f $@
	$(LD) -r --force-group-allocation --whole-archive $(dir $(BUILT))libcalltransfer.a -o $(@D)/calltransfer.o
	$(OBJCOPY) --strip-debug --wildcard --keep-global-symbol='calltransfer_*' \
		--remove-section=.llvmbc --remove-section=.llvmcmd $(@D)/calltransfer.o
	$(AR) rcs $@ $(@D)/calltransfer.o
	@rm $(@D)/calltransfer.o

library: $(BUILT) $(ARCHIVE) ## build the C and C++ library (RUNS=1: with runs)

# Builds only what isn't built, so that `sudo make install` after `make library` runs no compiler.
install: $(BUILT) $(ARCHIVE) ## put the C and C++ library below PREFIX (RUNS=1: with runs)
	$(INSTALL) -d $(DESTDIR)$(INCLUDEDIR)/calltransfer $(LIB)/pkgconfig $(LIB)/cmake/CallTransfer \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(DOCDIR) $(SUPPRESSIONS_DIR)
	rm -f $(addprefix $(DESTDIR)$(INCLUDEDIR)/calltransfer/,$(HEADERS_OF_RUNS))
	$(INSTALL) -m 644 $(addprefix include/calltransfer/,$(HEADERS)) $(DESTDIR)$(INCLUDEDIR)/calltransfer
	$(INSTALL) -m 644 $(ARCHIVE) $(LIB)
	$(INSTALL) -m 755 $(BUILT) $(LIB)/libcalltransfer.so.$(VERSION)
	ln -sf libcalltransfer.so.$(VERSION) $(LIB)/$(SONAME)
	ln -sf $(SONAME) $(LIB)/libcalltransfer.so
	$(FILL) ffi-c/install/calltransfer.pc.in > $(LIB)/pkgconfig/calltransfer.pc
	$(FILL) ffi-c/install/CallTransferConfig.cmake.in > $(LIB)/cmake/CallTransfer/CallTransferConfig.cmake
	$(FILL) ffi-c/install/CallTransferConfigVersion.cmake.in > $(LIB)/cmake/CallTransfer/CallTransferConfigVersion.cmake
	$(INSTALL) -m 644 ffi-c/install/calltransfer.3 $(DESTDIR)$(MANDIR)/man3
	rm -f $(DESTDIR)$(DOCDIR)/$(OTHER_NOTICES)
	$(INSTALL) -m 644 $(LICENSES) $(DESTDIR)$(DOCDIR)
	$(INSTALL) -m 644 $(addprefix packaging/suppressions/,$(SUPPRESSIONS)) $(SUPPRESSIONS_DIR)

uninstall: ## take away what `make install` put below PREFIX
	rm -f $(INSTALLED)
	-rmdir $(DESTDIR)$(INCLUDEDIR)/calltransfer $(LIB)/cmake/CallTransfer $(DESTDIR)$(DOCDIR) $(SUPPRESSIONS_DIR)

"""Conan 2 recipe of the C and C++ library: `conan create packaging/conan`, in a checkout. Needs cargo and make on PATH."""

import os
import pathlib
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy, rm, rmdir

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCES = [
    "Cargo.toml", "Cargo.lock", "Makefile", "LICENSE-*", "THIRD-PARTY.txt",
    "core/*", "ffi-c/*", "include/*", "packaging/*.py", "packaging/suppressions/*", "tests/abi/ledger*.txt",
]  # fmt: skip


class CallTransfer(ConanFile):
    name = "calltransfer"
    description = "Transfers a live phone call to another number, and reports the outcome"
    license = "MIT OR Apache-2.0"
    topics = ("telephony", "voip", "call-transfer")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}  # noqa: RUF012 -- Conan's way to declare them
    default_options = {"shared": True}  # noqa: RUF012

    def set_version(self):
        manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
        self.version = re.search(r'(?m)^version = "(.*)"$', manifest)[1]

    def export_sources(self):
        for pattern in SOURCES:
            copy(self, pattern, src=ROOT, dst=self.export_sources_folder, excludes=["*/target/*", "*__pycache__*"])

    def configure(self):
        # It is Rust with a C interface: no setting of a C++ compiler changes it.
        self.settings.rm_safe("compiler.cppstd")
        self.settings.rm_safe("compiler.libcxx")

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration(f"os: {self.settings.os} was not tried; allowed: Linux")

    def package_id(self):
        # Always cargo's release profile.
        del self.info.settings.compiler
        del self.info.settings.build_type

    def build(self):
        # Only the crates of the library are here; their versions are those of Cargo.lock.
        self.run("python3 packaging/source.py . --trim")
        # BUILT is for tests: arguments that name a library that was built already.
        self.run(f"make library {os.environ.get('BUILT', '')}")

    def package(self):
        self.run(
            f"make install PREFIX={self.package_folder} LIBDIR=lib DOCDIR={self.package_folder}/licenses"
            f" {os.environ.get('BUILT', '')}"
        )
        # Conan writes the files of pkg-config and CMake itself.
        for folder in ("cmake", "pkgconfig"):
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        rm(self, "*.a" if self.options.shared else "*.so*", os.path.join(self.package_folder, "lib"))

    def package_info(self):
        kind = "shared" if self.options.shared else "static"
        self.cpp_info.libs = ["calltransfer"]
        self.cpp_info.set_property("cmake_file_name", "CallTransfer")
        self.cpp_info.set_property("cmake_target_name", f"CallTransfer::{kind}")
        self.cpp_info.set_property("pkg_config_name", "calltransfer")
        if not self.options.shared:
            self.cpp_info.system_libs = ["gcc_s", "util", "rt", "pthread", "m", "dl"]

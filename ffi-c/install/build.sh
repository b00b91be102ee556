#!/bin/sh
# Builds the C and C++ library into a folder of its own, which no build of cargo's changes:
#
#     sh ffi-c/install/build.sh FOLDER OPTION_OF_CARGO…
#
# FOLDER gets libcalltransfer.a as cargo builds it, libcalltransfer.so.N and libcalltransfer.so. The shared library is
# linked from the archive with a version for each symbol, which Rust can't give them. Nothing is written if nothing has
# changed. What may be set:
#
#     CALLTRANSFER_BUILD           the command that compiles; `cargo rustc` by default
#     CALLTRANSFER_LINK            the compiler that links; CC by default, or `cc`
#     CALLTRANSFER_LEDGERS         the lists of symbols and their versions; tests/abi/ledger.txt by default
#     CALLTRANSFER_KEEP_SYMBOLS=1  keeps symbols, and the paths of source files
set -eu
script=ffi-c/install/symbol_versions.awk
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."

# Only the archive: with the cdylib beside it, cargo gives the files of all builds the same name, whatever their features.
# Two builds at once would take each other's.
if command -v flock >/dev/null; then
    exec 9>"$folder/../.lock"
    flock 9
fi
without_paths="sh ffi-c/install/without_paths.sh"
strip=-Wl,--strip-all
if [ "${CALLTRANSFER_KEEP_SYMBOLS-0}" = 1 ]; then
    without_paths="env"
    strip=-Wl,--discard-locals
fi
# shellcheck disable=SC2086 # commands of several words
messages=$($without_paths ${CALLTRANSFER_BUILD:-"${CARGO:-cargo}" rustc} --locked -p calltransfer-c --lib --crate-type staticlib \
    --message-format json-render-diagnostics "$@" 9>&-)
archive=$(printf '%s\n' "$messages" | sed -n 's/.*"filenames":\["\([^"]*libcalltransfer\.a\)".*/\1/p')
if [ -z "$archive" ]; then
    echo "build.sh: cargo named no libcalltransfer.a among what it built" >&2
    exit 1
fi

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\([0-9]*\)\..*"/\1/p' Cargo.toml)
soname=libcalltransfer.so.$version
# shellcheck disable=SC2086 # a list of files
awk -f $script ${CALLTRANSFER_LEDGERS:-tests/abi/ledger.txt} > "$folder/libcalltransfer.map"

# It stays loaded for as long as the process runs: threads of its own may run when a host unloads it.
# shellcheck disable=SC2046,SC2086 # commands and lists of several words
set -- ${CALLTRANSFER_LINK:-${CC:-cc}} -shared -Wl,--whole-archive "$folder/libcalltransfer.a" -Wl,--no-whole-archive -Wl,--gc-sections \
    "-Wl,--version-script=$folder/libcalltransfer.map" "-Wl,-soname,$soname" -Wl,-z,nodelete \
    -Wl,-z,relro -Wl,-z,now -Wl,-O1 -Wl,--as-needed $strip $(sed -n 's/^STATIC_LIBS := //p' ffi-c/install/install.mk) \
    -o "$folder/$soname.new"
linked="$* $(cksum < "$folder/libcalltransfer.map")"
if cmp -s "$archive" "$folder/libcalltransfer.a" && [ -e "$folder/libcalltransfer.so" ] \
    && [ "$linked" = "$(cat "$folder/linked" 2>/dev/null)" ]; then
    exit 0
fi
# Programs that run keep the file that they have loaded.
rm -f "$folder/linked"
cp "$archive" "$folder/libcalltransfer.a.new"
mv "$folder/libcalltransfer.a.new" "$folder/libcalltransfer.a"
"$@"
mv "$folder/$soname.new" "$folder/$soname"
ln -sf "$soname" "$folder/libcalltransfer.so"
printf '%s\n' "$linked" > "$folder/linked"

#!/bin/sh
# Runs a command that compiles Rust so that no path of this machine gets into what it builds:
#
#     sh ffi-c/install/without_paths.sh cargo build --release
#
# Panic messages and debug information name source files. Those of the crates, of this folder, of cargo's target folder
# and of the toolchain are renamed. Cargo 1.101 has `trim-paths` for this; the oldest Rust that is supported has not.
# Flags of RUSTFLAGS are kept; those of a config.toml are not used, since cargo takes one source of flags only.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cargo=${CARGO:-cargo}
rustc=${RUSTC:-rustc}
command -v "$rustc" >/dev/null || rustc=${cargo%/*}/rustc
sysroot=$("$rustc" --print sysroot)
cargo_home=${CARGO_HOME:-$HOME/.cargo}
separator=$(printf '\037')

# The name of a registry's folder is known once crates were fetched, and a later run must give the same flags.
if [ ! -d "$cargo_home/registry/src" ]; then
    "$cargo" fetch --quiet --locked --manifest-path "$root/Cargo.toml" >&2
fi

flags=${CARGO_ENCODED_RUSTFLAGS-}
if [ -z "${CARGO_ENCODED_RUSTFLAGS+set}" ] && [ -n "${RUSTFLAGS-}" ]; then
    # shellcheck disable=SC2086 # cargo splits it at spaces as well
    flags=$(set -f; for flag in $RUSTFLAGS; do printf '%s\037' "$flag"; done)
    flags=${flags%"$separator"}
fi

rename() { flags="${flags:+$flags$separator}--remap-path-prefix=$1=$2"; }

# The last that matches counts: what may be inside another follows it.
rename "$sysroot" rust
rename "$cargo_home" cargo
for folder in "$cargo_home"/registry/src/*/; do
    if [ -d "$folder" ]; then
        rename "${folder%/}" registry
    fi
done
rename "$root" calltransfer
case ${CARGO_TARGET_DIR-} in
    "") rename "$root/target" target ;;
    /*) rename "$CARGO_TARGET_DIR" target ;;
    *) rename "$PWD/$CARGO_TARGET_DIR" target ;;
esac

export CARGO_ENCODED_RUSTFLAGS="$flags"
exec "$@"

# shellcheck shell=bash
# lib.sh — what the scripts in Tools/ share. Source it first; it moves to the repository's root.
#
# Everything a script has to say goes to standard error: standard output belongs to results
# (the program's JSON, a test's last line).

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
export ROOT

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The directory of the Swift toolchain's programs; empty when there is no toolchain.
swift_bin() {
    local swift
    swift=$(command -v swift) || return 0
    if [ -x "$(dirname "$swift")/clang" ]; then dirname "$swift"; else
        dirname "$(readlink -f "$swift")"
    fi
}

# A Python environment of our own, made once: `ensure_venv` then $VENV/bin/python.
VENV=$ROOT/.build-clients/venv
ensure_venv() {
    [ -x "$VENV/bin/pip" ] && return 0
    mkdir -p "$(dirname "$VENV")"
    rm -rf "$VENV"
    python3 -m venv "$VENV" >&2
}

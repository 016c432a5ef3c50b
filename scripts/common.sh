# shellcheck shell=bash disable=SC2034,SC2154
# What the scripts share; sourced by them, which set `program` first.
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$tree/.cache
deps=$tree/.deps

say() {
	printf '%s: %s\n' "$program" "$*"
}

fail() {
	printf '%s: %s\n' "$program" "$*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

can_be_root() {
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null || return 1
	# Without a terminal sudo can't ask for a password.
	[ -t 0 ] || sudo -n true 2>/dev/null
}

# Where pkg-config looks, beside the system's places.
export PKG_CONFIG_PATH=$deps/prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}

# shellcheck shell=bash disable=SC1007,SC2016,SC2154,SC2317
# An apt configuration of our own, derived from the system's: the same mirror and keys, Debian's
# archive only, and on Debian 12 what is newer (bookworm-backports) and wlroots' source (trixie).
# Nothing of the system's configuration is changed; packages do get installed into the system.
# Sourced by scripts/setup.
apt_folder=$cache/apt
codename= # of the system's Debian

private_apt() { # COMMAND ARGUMENT...: an apt program with that configuration
	local command=$1
	shift
	"$command" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt_folder/sources" \
		-o Dir::Etc::Preferences="$apt_folder/preferences" \
		-o Dir::State::Lists="$apt_folder/lists" -o Dir::Cache="$apt_folder/cache" \
		-o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
		-o Acquire::GzipIndexes=true -o Dir::Cache::srcpkgcache= \
		-o APT::Keep-Downloaded-Packages=false "$@"
}

# The deb822 fields Signed-By and Trusted of one entry of the system's apt configuration.
entry_fields() { # FILE:NUMBER, as apt counts: the stanza of a .sources file, the line of a .list
	local file=${1%:*} number=${1##*:}
	case $file in
	*.sources)
		awk -v number="$number" '
			/^#/ { next }
			/^[[:space:]]*$/ { inside = 0; keep = 0; next }
			/^[^[:space:]]/ { if (!inside) { inside = 1; stanza++ }
				keep = tolower($0) ~ /^(signed-by|trusted):/ }
			keep && stanza == number' "$file" ;;
	*)
		sed -n "${number}s/.*\[\([^]]*\)\].*/\1/p" "$file" | tr ' ' '\n' |
			sed -n 's/^signed-by=/Signed-By: /p; s/^trusted=/Trusted: /p' | tr ',' ' ' ;;
	esac
}

# Lines "URI RELEASE FILE:NUMBER" for this Debian's own suites in the system's configuration.
debian_entries() {
	apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(REPO_URI) $(RELEASE) $(CODENAME) $(SOURCESENTRY)' \
		2>/dev/null | awk -v name="$codename" '
		$1 == "Packages" && $2 == "main" && (index($4, name) == 1 || index($5, name) == 1) {
			print $3, $4, $NF }' | sort -u
}

write_source() { # TYPE URI SUITE ENTRY
	printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n' "$1" "$2" "$3"
	entry_fields "$4"
	echo
}

write_sources() {
	local uri suite entry main= backports=
	while read -r uri suite entry; do
		case $suite in
		*backports-sloppy) continue ;;
		*backports) backports=1 ;;
		*updates | *security | *debug | *proposed*) ;;
		*) main="$uri $entry" ;;
		esac
		write_source deb "$uri" "$suite" "$entry"
	done < <(debian_entries)
	[ "$main" ] || return 1
	[ "$codename" = bookworm ] || return 0
	read -r uri entry <<<"$main"
	[ "$backports" ] || write_source deb "$uri" bookworm-backports "$entry"
	write_source deb-src "$uri" trixie "$entry"
}

write_preferences() {
	[ "$codename" = bookworm ] || return 0
	echo "Package: src:mesa src:llvm-toolchain-19 src:libdrm src:wayland src:wayland-protocols src:qemu" \
		"src:meson src:libdisplay-info src:memtest86+ src:seabios src:ipxe src:edk2"
	echo "Pin: release n=bookworm-backports"
	echo "Pin-Priority: 600"
}

# Writes the configuration; false if the system's names no mirror of Debian.
private_apt_configure() {
	local next=$apt_folder/sources/debian.sources.next
	as_root mkdir -p "$apt_folder/sources" "$apt_folder/lists/partial" \
		"$apt_folder/cache/archives/partial"
	write_sources | as_root tee "$next" >/dev/null
	[ "${PIPESTATUS[0]}" = 0 ] || return 1
	if ! cmp -s "$next" "${next%.next}"; then
		as_root mv "$next" "${next%.next}"
		as_root rm -f "$apt_folder/updated"
	else
		as_root rm "$next"
	fi
	write_preferences | as_root tee "$apt_folder/preferences" >/dev/null
}

# Shows apt-get's progress, which it reports in lines, in steps of ten per cent.
apt_progress() {
	local line step last=
	while IFS= read -r line; do
		[[ $line =~ ^(dl|pm)status:.*:([0-9]+)(\.[0-9]+)?: ]] || continue
		step="$([ "${BASH_REMATCH[1]}" = dl ] && echo downloading || echo installing)"
		step="$step $((BASH_REMATCH[2] / 10 * 10)) %"
		[ "$step" = "$last" ] || say "  $step"
		last=$step
	done
}

apt_update() {
	say "updating the package lists"
	as_root_apt update --error-on=any || fail "apt-get update failed: $(apt_error)"
	as_root touch "$apt_folder/updated"
}

# apt-get with our configuration as root: its words go to the log, its progress to stdout. (The
# descriptor for the progress must be its own, because apt makes it non-blocking, and opened by
# root's shell, because sudo closes what it inherits.)
as_root_apt() { # ARGUMENT...
	apt_get() {
		as_root env DEBIAN_FRONTEND=noninteractive sh -c \
			'log=$1; shift; exec apt-get "$@" 3>&1 >>"$log" 2>&1 </dev/null' \
			sh "$cache/setup.log" "$@"
	}
	private_apt apt_get "$@"
}

apt_error() { # the last error in the log, for the one line
	sed -n 's/^E: //p' "$cache/setup.log" | tail -n 1
}

apt_lists_are_fresh() { # updated within a day
	[ -n "$(find "$apt_folder/updated" -mmin -1440 2>/dev/null)" ]
}

apt_install_once() { # PACKAGE...
	as_root_apt install -y -q --no-install-recommends --no-remove -o APT::Status-Fd=3 \
		-o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" | apt_progress
	return "${PIPESTATUS[0]}"
}

# Makes the package lists usable; without root, those of an earlier run must do.
apt_prepare() {
	if ! can_be_root; then
		[ -f "$apt_folder/updated" ] || fail "needs root or sudo once, to read the package lists"
		return 0
	fi
	private_apt_configure || fail "apt's configuration names no mirror of Debian ($codename)"
	apt_lists_are_fresh || apt_update
}

apt_install() { # PACKAGE...
	apt_prepare
	say "installing $# packages and what they need"
	apt_install_once "$@" && return
	# The mirror may have moved on since the lists were read.
	apt_update
	apt_install_once "$@" || fail "apt-get could not install the packages: $(apt_error) (all of it: ${cache##*/}/setup.log)"
}

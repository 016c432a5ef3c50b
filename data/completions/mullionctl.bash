# Completion of mullionctl(1) for bash.

# Names of guests, views or outputs: $1 is the list's name, $2 the key.
_mullionctl_names() {
	mullionctl list --json 2>/dev/null | awk -v list="$1" -v key="$2" '
		/^  "/ { inside = index($0, "\"" list "\":") }
		/^      "/ && inside && index($0, "\"" key "\":") {
			sub(/^[^:]*:"/, ""); sub(/",?$/, ""); print
		}'
}

# Names of remote servers, sessions or users: $1 is what lists them, $2 the key.
_mullionctl_remote_names() {
	mullionctl remote "$1" --json 2>/dev/null | awk -v key="$2" '
		/^    "/ && index($0, "\"" key "\":") == 5 {
			sub(/^[^:]*:"/, ""); sub(/",?$/, ""); print
		}'
}

_mullionctl_remote_words() {
	case $1 in
	start | stop) _mullionctl_remote_names list name ;;
	kick) _mullionctl_remote_names sessions id ;;
	list | sessions) echo "--json" ;;
	users) echo "--json --file" ;;
	remove-user) echo "--file" && _mullionctl_remote_names users name ;;
	add-user)
		echo "--target --view-only --control --keep-password --file"
		_mullionctl_remote_names users name
		;;
	*) echo "list sessions start stop kick users add-user remove-user" ;;
	esac
}

_mullionctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	local commands="list start stop reset pause resume remove layout focus opacity move close output
		screenshot key type click scroll wait events remote status reload quit version"
	local words=""
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
		return
	fi
	case $prev in
	--guest) words=$(_mullionctl_names guests name) ;;
	--output) words=$(_mullionctl_names outputs name) ;;
	--button) words="left middle right" ;;
	--transform) words="normal 90 180 270 flipped flipped-90 flipped-180 flipped-270" ;;
	--target)
		words="desktop guest:* output:* $(_mullionctl_names guests name | sed 's/^/guest:/')"
		;;
	--file)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--timeout | --still | --delay | --layout | --area | --mode | --scale | --position) return ;;
	*) words=$(_mullionctl_words "$command" "${COMP_WORDS[2]}") ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	case $command in
	start | screenshot)
		[[ $prev == --* ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
		;;
	esac
}

# What may stand at an ordinary place of a command.
_mullionctl_words() {
	local target="--guest --output"
	case $1 in
	list | events) echo "--json" ;;
	start | reset | pause | resume | remove) _mullionctl_names guests name ;;
	stop) echo "--force" && _mullionctl_names guests name ;;
	layout) echo "grid single free --output" ;;
	focus | opacity | close) _mullionctl_names views id ;;
	move) echo "--output" && _mullionctl_names views id ;;
	output)
		echo "list create remove configure --mode --scale --position --transform --enable --disable"
		_mullionctl_names outputs name
		;;
	screenshot) echo "$target --cursor --timeout" ;;
	key | type) echo "$target --layout --delay" ;;
	click) echo "$target --button --double" ;;
	scroll) echo "$target up down" ;;
	wait) echo "$target --still --changed --area --timeout" ;;
	quit) echo "--stop-guests" ;;
	remote) _mullionctl_remote_words "$2" ;;
	esac
	echo "--help"
}

complete -F _mullionctl mullionctl

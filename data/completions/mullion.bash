# Completion of mullion(1) for bash.

_mullion() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=""
	case $prev in
	-b | --backend) words="auto headless wayland x11 drm" ;;
	-r | --renderer) words="auto pixman gles2" ;;
	-l | --layout) words="grid single free" ;;
	-o | --output | -e | --exec) return ;;
	*)
		if [[ $cur != -* || $prev == -c || $prev == --config ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
		fi
		words="--backend --config --debug --exec --fresh --layout --no-autostart --output
			--renderer --help --version"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _mullion mullion

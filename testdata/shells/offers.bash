# Prints what bash offers at the end of each line of standard input: one offer on
# each line, and an empty line behind those of one input.
#
#   bash offers.bash [COMPLETION] < LINES
#
# Without a COMPLETION file it takes the one that is installed.
. /usr/share/bash-completion/bash_completion
if [ -n "${1:-}" ]; then
	. "$1"
else
	_completion_loader mailctl
fi
function=$(complete -p mailctl)
function=${function#*-F }
function=${function%% *}
compopt() { :; } # options are of use only while somebody types

# tear takes a line apart as readline does: blanks end a word, and what breaks
# words is a word of its own.
tear() {
	local line=$1 word= i c
	COMP_WORDS=()
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		case $c in
		[[:space:]] | [=:])
			[ -z "$word" ] || COMP_WORDS+=("$word")
			word=
			[[ $c == [[:space:]] ]] || COMP_WORDS+=("$c")
			;;
		*) word+=$c ;;
		esac
	done
	[[ $line == *[=:] ]] || COMP_WORDS+=("$word")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9 COMP_KEY=9
}

while IFS= read -r line; do
	tear "$line"
	COMPREPLY=()
	"$function" mailctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" </dev/null
	[ "${#COMPREPLY[@]}" = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
	echo
done

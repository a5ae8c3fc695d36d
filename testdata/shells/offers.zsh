# Prints what zsh offers at the end of each line of standard input: one offer on
# each line, and an empty line behind those of one input.
#
#   zsh -f offers.zsh [COMPLETION] < LINES
#
# Without a COMPLETION file it takes the one that is installed. A second shell on
# a terminal of its own completes the lines, since only an interactive one can.
zmodload zsh/zpty
export COMPLETION=${1:-} LINES_FILE=$(mktemp) OFFERS=$(mktemp)
cat >$LINES_FILE
zpty shell zsh -f -i
zpty -w shell '
compadd() {
	case " ${(j: :)@} " in
	*" -"[OAD]" "*) builtin compadd "$@"; return ;;
	esac
	local -a found
	builtin compadd -A found "$@"
	(( $#found )) && print -rl -- $found >>$OFFERS
	builtin compadd "$@"
}
autoload -Uz compinit && compinit -u -D
[[ -z $COMPLETION ]] || source $COMPLETION
LISTMAX=100000
finish() {
	local line
	while IFS= read -r line; do
		BUFFER=$line CURSOR=$#line
		zle list-choices </dev/null
		print >>$OFFERS
	done <$LINES_FILE
	exit
}
zle -N finish && bindkey "^G" finish && print rea""dy'
while zpty -r shell said && [[ $said != *ready* ]]; do :; done
zpty -w -n shell $'\a'
while zpty -r shell said; do :; done
cat $OFFERS
rm -f $LINES_FILE $OFFERS

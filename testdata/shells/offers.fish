# Prints what fish offers at the end of each line of standard input: one offer on
# each line, and an empty line behind those of one input.
#
#   fish offers.fish [COMPLETION] < LINES
#
# Without a COMPLETION file it takes the one that is installed.
if set -q argv[1]
    source $argv[1]
end
while read --line line
    complete -C $line </dev/null
    echo
end

# Completion of mullionctl(1) for fish.

# Names of guests, views or outputs: the list's name, the key.
function __mullionctl_names
    mullionctl list --json 2>/dev/null | awk -v list="$argv[1]" -v key="$argv[2]" '
        /^  "/ { inside = index($0, "\"" list "\":") }
        /^      "/ && inside && index($0, "\"" key "\":") {
            sub(/^[^:]*:"/, ""); sub(/",?$/, ""); print
        }'
end

# Names of remote servers, sessions or users: what lists them, the key.
function __mullionctl_remote_names
    mullionctl remote $argv[1] --json 2>/dev/null | awk -v key="$argv[2]" '
        /^    "/ && index($0, "\"" key "\":") == 5 {
            sub(/^[^:]*:"/, ""); sub(/",?$/, ""); print
        }'
end

# The word behind "remote" is one of these.
function __mullionctl_remote
    set -l words (commandline -opc)
    test (count $words) -ge 3; and test "$words[2]" = remote; and contains -- $words[3] $argv
end

function __mullionctl_remote_begins
    set -l words (commandline -opc)
    test (count $words) -eq 2; and test "$words[2]" = remote
end

# The command, not a word behind it: `remote start` isn't `start`.
function __mullionctl_in
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

set -l guests start stop reset pause resume remove
set -l views focus opacity move close
set -l targets screenshot key type click scroll wait
set -l plain events list layout output quit reload remote status version
set -l all $guests $views $targets $plain

complete -c mullionctl -f
complete -c mullionctl -n "not __mullionctl_in $all" -a "$all"
complete -c mullionctl -n "not __mullionctl_in $all" -l version -d 'Version'
complete -c mullionctl -l help -d 'Help'
complete -c mullionctl -n "__mullionctl_in $guests" -a '(__mullionctl_names guests name)'
complete -c mullionctl -n "__mullionctl_in start" -F
complete -c mullionctl -n "__mullionctl_in stop" -l force -d 'Cut the power'
complete -c mullionctl -n "__mullionctl_in $views" -a '(__mullionctl_names views id)'
complete -c mullionctl -n "__mullionctl_in list events" -l json -d 'As JSON'
complete -c mullionctl -n "__mullionctl_in layout" -a 'grid single free'
complete -c mullionctl -n "__mullionctl_in layout move $targets" -l output -x -a '(__mullionctl_names outputs name)'
complete -c mullionctl -n "__mullionctl_in $targets" -l guest -x -a '(__mullionctl_names guests name)'
complete -c mullionctl -n "__mullionctl_in output" -a 'list create remove configure (__mullionctl_names outputs name)'
complete -c mullionctl -n "__mullionctl_in output" -l mode -x -d 'WIDTHxHEIGHT[@HZ]'
complete -c mullionctl -n "__mullionctl_in output" -l scale -x
complete -c mullionctl -n "__mullionctl_in output" -l position -x -d 'X,Y'
complete -c mullionctl -n "__mullionctl_in output" -l transform -x -a 'normal 90 180 270 flipped flipped-90 flipped-180 flipped-270'
complete -c mullionctl -n "__mullionctl_in output" -l enable
complete -c mullionctl -n "__mullionctl_in output" -l disable
complete -c mullionctl -n "__mullionctl_in screenshot" -F
complete -c mullionctl -n "__mullionctl_in screenshot" -l cursor -d 'With the pointer'
complete -c mullionctl -n "__mullionctl_in screenshot wait" -l timeout -x -d 'Seconds'
complete -c mullionctl -n "__mullionctl_in key type" -l layout -x -d 'Keyboard layout'
complete -c mullionctl -n "__mullionctl_in key type" -l delay -x -d 'Milliseconds'
complete -c mullionctl -n "__mullionctl_in click" -l button -x -a 'left middle right'
complete -c mullionctl -n "__mullionctl_in click" -l double
complete -c mullionctl -n "__mullionctl_in scroll" -a 'up down'
complete -c mullionctl -n "__mullionctl_in wait" -l still -x -d 'Milliseconds'
complete -c mullionctl -n "__mullionctl_in wait" -l changed
complete -c mullionctl -n "__mullionctl_in wait" -l area -x -d 'X,Y,WIDTH,HEIGHT'
complete -c mullionctl -n "__mullionctl_in quit" -l stop-guests -d 'Cut their power'
complete -c mullionctl -n __mullionctl_remote_begins -a 'list sessions start stop kick users add-user remove-user'
complete -c mullionctl -n "__mullionctl_remote start stop" -a '(__mullionctl_remote_names list name)'
complete -c mullionctl -n "__mullionctl_remote kick" -a '(__mullionctl_remote_names sessions id)'
complete -c mullionctl -n "__mullionctl_remote add-user remove-user" -a '(__mullionctl_remote_names users name)'
complete -c mullionctl -n "__mullionctl_remote list sessions users" -l json -d 'As JSON'
complete -c mullionctl -n "__mullionctl_remote users add-user remove-user" -l file -r -F -d 'The users'
complete -c mullionctl -n "__mullionctl_remote add-user" -l target -x -a 'desktop guest:\* output:\*'
complete -c mullionctl -n "__mullionctl_remote add-user" -l view-only
complete -c mullionctl -n "__mullionctl_remote add-user" -l control
complete -c mullionctl -n "__mullionctl_remote add-user" -l keep-password

# SPDX-License-Identifier: Apache-2.0
# Prints what the server wants to know about the PHP that $1 is, as JSON; $2 is the name of its server interface.
set -eu
LC_ALL=C
export LC_ALL

version=$("$1" -v 2>/dev/null | sed -n 's/^PHP \([0-9][0-9.]*\).*('"$2"').*/\1/p;1q')
case $version in
    7.[1-9]* | [89].* | [1-9][0-9].*) ;;
    *) exit 1 ;;
esac

minor=${version#*.}
minor=${version%%.*}.${minor%%.*}

value() {
    printf '%s\n' "$info" | sed -n "s/^$1 => \\([^ ]*\\).*/\\1/p" | sed 1q
}

# Directories of the libraries of a file, by the names that the loader uses.
libraries() {
    LD_TRACE_LOADED_OBJECTS=1 "$1" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\)\/[^ ]* (.*/\1/p'
    LD_TRACE_LOADED_OBJECTS=1 "$1" 2>/dev/null | sed -n 's/^[[:space:]]*\(\/[^ ]*\)\/[^ ]* (.*/\1/p'
}

# What a program needs wherever it runs.
needs() {
    info=$("$1" -i 2>/dev/null || :)
    libraries "$1"
    value extension_dir
    dirname "$(value 'Loaded Configuration File')"
    scanned=$(value 'Scan this dir for additional .ini files')
    echo "$scanned"
    # Debian's files there are links.
    for file in "$scanned"/*.ini; do
        [ -e "$file" ] && dirname "$(readlink -f "$file")"
    done
    return 0
}

{
    dirname "$1"
    dirname "$(readlink -f "$1")"
    needs "$1"
    extensions=$(value extension_dir)
    for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
        for module in "$extensions"/*.so; do
            if [ -x "$loader" ] && [ -f "$module" ]; then
                "$loader" --list "$module" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\)\/[^ ]* (.*/\1/p'
            fi
        done
    done
    # The command line's program of the same version, which resident workers are run by.
    for place in "$(dirname "$1")" "$(dirname "$(dirname "$1")")/bin"; do
        other=$place/php$minor
        if [ "$2" != cli ] && [ -x "$other" ]; then
            echo "$other"
            needs "$other"
        fi
    done
    # The system's time zones and its locales, which PHP may be built to use.
    echo /usr/share/zoneinfo
    echo /usr/lib/locale
    # php-fpm opens it before it looks at anything.
    echo /dev/null
    [ -d /lib64 ] && echo /lib64
} | sort -u | {
    printf '{"version": "%s", "file": "%s", "mounts": [' "$version" "$1"
    last= separator=
    while read -r place; do
        case $place in
            /*[\"\\]* | [!/]* | "") continue ;;
        esac
        [ -d "$place" ] || [ "$place" = /dev/null ] || [ "${place##*/}" = "php$minor" ] || continue
        # What lies below a directory that is mounted already comes with it.
        case $last in
            ?*) case $place/ in "$last"/*) continue ;; esac ;;
        esac
        last=$place
        printf '%s{"src": "%s", "dst": "%s"}' "$separator" "$(readlink -f "$place")" "$place"
        separator=', '
    done
    printf ']}\n'
}

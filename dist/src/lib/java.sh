# SPDX-License-Identifier: Apache-2.0
# Finds the JVM for the scripts in bin/, which source this. Forks nothing: each fork is paid at each start.
#
# Out: java, the program; java_arch, the name of its natives in lib/native; the environment for JVMs.

java=
java_arch=
java_seen=

# Takes the JVM in directory $1 if its release file says 25 or newer.
try_java() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
    version= arch=
    while IFS='=' read -r name value; do
        value=${value#\"}
        case $name in
            JAVA_VERSION) version=${value%\"} ;;
            OS_ARCH) arch=${value%\"} ;;
        esac
    done < "$1/release"
    case ${version%%[!0-9]*} in
        ''|?|1?|2[0-4])
            java_seen="$java_seen $1 (${version:-unknown version})"
            return 1 ;;
    esac
    java=$1/bin/java
    java_arch=${arch:-x86_64}
}

# Takes the JVM whose program is $1, which may be a link.
try_program() {
    program_path=$1
    if [ -L "$program_path" ]; then
        program_path=$(readlink -f "$program_path") || return 1
    fi
    case $program_path in
        */bin/java) try_java "${program_path%/bin/java}" ;;
        *) return 1 ;;
    esac
}

find_java() {
    if [ -n "${MARGAY_JAVA-}" ]; then
        if [ -d "$MARGAY_JAVA" ]; then try_java "$MARGAY_JAVA"; else try_program "$MARGAY_JAVA"; fi && return
        echo "MARGAY_JAVA=$MARGAY_JAVA is no Java 25 or newer" >&2
        exit 1
    fi
    [ -n "${JAVA_HOME-}" ] && try_java "$JAVA_HOME" && return
    program_path=$(command -v java) && try_program "$program_path" && return
    for directory in /usr/lib/jvm/* /opt/java/openjdk /opt/jdk* /opt/jre*; do
        [ -L "$directory" ] || { try_java "$directory" && return; }
    done
    echo "no Java 25 or newer found; install one, for example Temurin 25 from https://adoptium.net" \
        "or the package openjdk-25-jre-headless, or set MARGAY_JAVA to its directory" >&2
    [ -z "$java_seen" ] || echo "too old:$java_seen" >&2
    exit 1
}

# Keeps the value of variable $1 for the applications, since the JVMs of the server get another or none.
save() {
    MARGAY_CHANGED="${MARGAY_CHANGED-} $1"
    export MARGAY_CHANGED
    eval "[ -z \"\${$1+set}\" ]" || eval "MARGAY_SAVED_$1=\$$1; export MARGAY_SAVED_$1"
}

find_java

# One arena is enough and keeps the memory small.
save MALLOC_ARENA_MAX
export MALLOC_ARENA_MAX=1

# The JVM suspends its threads by a signal of its own choice, SIGUSR2, which nobody else gets to see then. Like SIGUSR2
# it ends a process that does not handle it, so it is one that nobody sends.
save _JAVA_SR_SIGNUM
export _JAVA_SR_SIGNUM=60

# Meant for applications, if at all; the JVM would print a line about each. MARGAY_JAVA_OPTS is for the server.
for name in JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS; do
    if eval "[ -n \"\${$name+set}\" ]"; then
        save "$name"
        unset "$name"
    fi
done

# File names are bytes; a JVM keeps those that are not ASCII only in a UTF-8 locale.
case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
    *[Uu][Tt][Ff]*) ;;
    *) save LC_ALL; export LC_ALL=C.UTF-8 ;;
esac

# SPDX-License-Identifier: Apache-2.0
# Prints what the server wants to know about this interpreter, as JSON.
use strict;
use warnings;
use Config;
use Cwd ();
use Errno ();
use File::Basename ();
use IO::File ();
use IPC::SysV ();
use POSIX ();
use Scalar::Util ();
use Socket ();

exit 1 if $] < 5.016 || $Config{ptrsize} != 8 || $Config{ivsize} != 8;
exit 1 if !grep { $_ eq (POSIX::uname())[4] } 'x86_64', 'aarch64';

# An application with a root directory of its own starts the interpreter inside
# that root, so it needs the program, its libraries and the modules.
my %places = map { $_ => 1 } File::Basename::dirname($^X), File::Basename::dirname(Cwd::realpath($^X)),
    grep { !ref && m{\A/} && -d } @INC;
if (open my $maps, '<', '/proc/self/maps') {
    while (<$maps>) {
        $places{File::Basename::dirname($1)} = 1 if m{ (/\S+\.so\S*)$};
    }
}
# The C library looks there for what LANG names.
$places{'/usr/lib/locale'} = 1;
# Threads are loaded when they are wanted.
$places{$Config{archlibexp}} = 1;
# The loader is asked for by the name in the program, and it may be a link that
# leads through /lib, which is a link itself where /usr is merged.
if (-d '/lib64') {
    $places{'/lib64'} = 1;
    -f "$_/libc.so.6" && m{\A/usr(/lib/.*)} && ($places{$1} = 1) for keys %places;
} else {
    $places{'/lib'} = 1;
}

sub quoted {
    my ($text) = @_;
    $text =~ s{(["\\])}{\\$1}g;
    $text =~ s{([\x00-\x1f])}{sprintf '\\u%04x', ord $1}ge;
    return "\"$text\"";
}

my @mounts;
for my $place (grep { -d } sort keys %places) {
    # What lies below a directory that is mounted already comes with it.
    push @mounts, $place if !grep { index($place, "$_/") == 0 } @mounts;
}
my ($major, $minor, $patch) = $] =~ /\A(\d+)\.(\d{3})(\d{3})/;
printf "{\"version\": \"%d.%d.%d\", \"file\": %s, \"mounts\": [%s]}\n", $major, $minor, $patch, quoted($^X),
    join ', ', map { '{"src": ' . quoted(Cwd::realpath($_)) . ', "dst": ' . quoted($_) . '}' } @mounts;

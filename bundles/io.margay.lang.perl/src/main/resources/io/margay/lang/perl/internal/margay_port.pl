# SPDX-License-Identifier: Apache-2.0
#line 2 "<margay>"
# Messages, log lines and system calls of the Perl runtime.
#
# The runtime's files are joined in the order margay_port, margay_psgi,
# margay_context, margay_worker, margay_prototype and read as one program from
# an inherited descriptor: no file of the server has to exist in the
# application's root.  Perl has no sendmsg(2) or mmap(2), but syscall().

# The application's script; no variable of the runtime is in sight of it, and
# the package is the one that scripts were evaluated in by Unit.
package NGINX::Unit::Sandbox;

sub Margay::evaluate {
    local ($@, $!);
    my $application = do $_[0];
    return ($application, $@ ne '' ? "$@" : defined $application || !$! ? '' : "$!");
}

package Margay;
use strict;
use warnings;
use Errno ();
use Fcntl ();
use IO::File ();
use IO::Handle ();
use IPC::SysV ();
use POSIX ();
use Scalar::Util ();
use Socket ();
use Symbol ();
use overload ();

our %CALLS = (
    x86_64  => {mmap => 9, sendmsg => 46, recvmsg => 47, signalfd => 289},
    aarch64 => {mmap => 222, sendmsg => 211, recvmsg => 212, signalfd => 74},
);
our $CALL = $CALLS{(POSIX::uname())[4]};

use constant {
    HEADER      => 'L l S C C x4',
    HEADER_SIZE => 16,
    MAX_MESSAGE => 65536,
    # One descriptor fewer than the kernel's SCM_MAX_FD leaves no message on
    # the edge.
    MAX_FDS => 252,

    RPC_READY       => 0,
    RPC_ERROR       => 1,
    START_PROCESS   => 2,
    CHANGE_FILE     => 12,
    PROCESS_CREATED => 18,
    PROCESS_READY   => 19,
    WHOAMI          => 20,
    REMOVE_PID      => 21,
    QUIT            => 22,
    REQ_HEADERS_ACK => 24,
    REQ_BODY        => 25,
    DATA            => 27,

    SOL_SOCKET  => 1,
    SCM_RIGHTS  => 1,
    NOSIGNAL    => 0x4000,
    DONTWAIT    => 0x40,
    CMSG_CLOEXEC => 0x40000000,
    SFD_FLAGS   => 0x80800,
    PROT_RW     => 3,
    MAP_SHARED  => 1,
    F_SETSIG    => 10,
    O_ASYNC     => 0x2000,

    # Tells a worker that sleeps in recv() on the shared queue to read its own
    # control socket.  SIGRTMIN + 1 is not one that the server itself uses.
    WAKE => 35,

    SLOT_BYTES => 64,
    # Behind the slots: requests that nobody waits for any more, as pairs of
    # stream and loop, then a word that is not 0 once there was one.
    CANCELS   => 4096 * 64,
    CANCELLED => 4096 * 64 + 4096 * 8,
    SLOTS     => 4096 * 64 + 4096 * 8 + 64,
};

# TERM, INT and the like concern the server, which tells its children by
# messages; a terminal sends them to the whole process group.
our @BLOCKED = (POSIX::SIGTERM, POSIX::SIGINT, POSIX::SIGQUIT, POSIX::SIGHUP,
    POSIX::SIGUSR1, POSIX::SIGUSR2);

our $PID = $$;
our $MARK = '';

# One line of the server's log format, written by one write(2).  Not by
# STDERR, which the application may have closed, tied or given layers.
sub logged {
    my ($level, $text, $stream) = @_;
    my $line = sprintf '%s [%s] %d#%d %s%s%s',
        POSIX::strftime('%Y/%m/%d %H:%M:%S', localtime), $level, $PID, $PID, $MARK,
        $stream ? "#$stream: " : '', $text;
    utf8::encode($line) if utf8::is_utf8($line);
    $line =~ s/\s+\z//;
    $line =~ tr/\n/ /;
    # A log that cannot be written cannot be complained about either.
    POSIX::write(2, substr($line, 0, 2047) . "\n", 2048 < length($line) + 1 ? 2048 : length($line) + 1);
    return;
}

sub close_all {
    POSIX::close($_) for @_;
    return;
}

sub close_on_exec {
    my ($fd) = @_;
    open(my $handle, '+<&=', $fd) or die "descriptor $fd: $!\n";
    fcntl($handle, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC());
    return $handle;
}

# A pair of message sockets as descriptors, close-on-exec.
sub pair {
    socketpair(my $a, my $b, Socket::AF_UNIX(), Socket::SOCK_SEQPACKET(), 0) or die "socketpair: $!\n";
    fcntl($_, Fcntl::F_SETFD(), Fcntl::FD_CLOEXEC()) for $a, $b;
    return ($a, $b);
}

# Sends one message on a descriptor; waits when the peer's queue is full,
# unless DONTWAIT is among the flags.  True, or false with $! set.
sub transmit {
    my ($fd, $type, $stream, $payload, %more) = @_;
    my @fds = @{$more{fds} || []};
    my $data = pack(HEADER, $stream, $more{pid} || $PID, 0, $type, defined $more{last} ? $more{last} : 1) . $payload;
    my $control = @fds
        ? pack('Q L L l*', 16 + 4 * @fds, SOL_SOCKET, SCM_RIGHTS, @fds) . "\0" x (4 * (@fds % 2)) : '';
    my $vector = pack('P Q', $data, length $data);
    my $message = pack('Q Q P Q', 0, 0, $vector, 1)
        . (@fds ? pack('P Q Q', $control, length $control, 0) : pack('Q Q Q', 0, 0, 0));
    while (1) {
        return 1 if syscall($CALL->{sendmsg}, $fd + 0, $message, NOSIGNAL | ($more{flags} || 0)) >= 0;
        next if $!{EINTR};
        return 0 if !$!{EAGAIN} || ($more{flags} || 0) & DONTWAIT;
        # The other side may have made the shared description non-blocking.
        my $writable = '';
        vec($writable, $fd, 1) = 1;
        select(undef, $writable, undef, 1);
    }
}

# One message of a descriptor as (type, stream, payload, fds...); nothing at
# the end or with $! set.  The type of what is no message is -1.  Received
# descriptors are close-on-exec.
sub receive {
    my ($fd, $flags) = @_;
    my $data = "\0" x 16384;
    my $control = "\0" x 4096;
    # Assigning to a part makes the memory this variable's own.
    vec($data, 0, 8) = vec($control, 0, 8) = 0;
    my $vector = pack('P Q', $data, length $data);
    my $message = pack('Q Q P Q P Q Q', 0, 0, $vector, 1, $control, length $control, 0);
    my $size;
    while (1) {
        $size = syscall($CALL->{recvmsg}, $fd + 0, $message, CMSG_CLOEXEC | ($flags || 0));
        last if $size >= 0 || !$!{EINTR};
    }
    return if $size < 0;
    my $left = unpack('x40 Q', $message);
    my ($at, @fds) = (0);
    while ($at + 16 <= $left) {
        my ($length, $level, $kind) = unpack("x$at Q L L", $control);
        last if $length < 16;
        push @fds, unpack('x' . ($at + 16) . ' l' . int(($length - 16) / 4), $control)
            if $level == SOL_SOCKET && $kind == SCM_RIGHTS;
        $at += $length + 7 & ~7;
    }
    if ($size < HEADER_SIZE) {
        close_all(@fds);
        $! = 0;
        return $size ? (-1, 0, '') : ();
    }
    my ($stream, undef, undef, $type) = unpack(HEADER, $data);
    return ($type, $stream, substr($data, HEADER_SIZE, $size - HEADER_SIZE), @fds);
}

# The address of memory shared by its descriptor.
sub map_shared {
    my ($fd, $size) = @_;
    my $address = syscall($CALL->{mmap}, 0, $size + 0, PROT_RW, MAP_SHARED, $fd + 0, 0);
    die "mmap: $!\n" if $address == -1;
    return $address;
}

sub text {
    my ($value) = @_;
    $value = defined $value ? "$value" : '';
    $value =~ s/\s+\z//;
    return $value;
}

# SPDX-License-Identifier: Apache-2.0
# The prototype: forks workers, forwards orders to them and reports their end.
# It runs no code of the application.
package Margay::Prototype;

use constant {
    # Seconds between two signals to a worker that has not answered yet.
    WAKE_FIRST   => 0.05,
    WAKE_LONGEST => 2,
};

sub new {
    my ($class, $init, $conf) = @_;
    my $self = bless {
        init     => $init,
        conf     => $conf,
        pid      => $$,
        isolated => 0,
        quitting => 0,
        children => {},
        slots    => Margay::map_shared($init->{slots}, Margay::SLOTS),
    }, $class;
    POSIX::close($init->{slots});
    # What this process forks keeps these; what that executes must not.
    $self->{handles} = {map { $_ => Margay::close_on_exec($init->{$_}) } qw(read main router request)};
    return $self;
}

sub prepare {
    my ($self) = @_;
    # Signals are read from a descriptor, since handlers would be called too
    # late by a select() that has just begun.
    my @signals = (POSIX::SIGCHLD, POSIX::SIGTERM, POSIX::SIGINT, POSIX::SIGQUIT);
    POSIX::sigprocmask(POSIX::SIG_BLOCK, POSIX::SigSet->new(@Margay::BLOCKED, @signals));
    $SIG{CHLD} = 'DEFAULT';
    # Ignored until a worker has its handler, lest an early order kill it.
    $SIG{NUM35} = 'IGNORE';
    my $bits = 0;
    $bits |= 1 << $_ - 1 for @signals;
    my $mask = pack('Q', $bits);
    my $fd = syscall($Margay::CALL->{signalfd}, -1, $mask, 8, Margay::SFD_FLAGS);
    die "signalfd: $!\n" if $fd < 0;
    $self->{signals} = $fd;
    $0 = "unit: \"$self->{conf}{title}\" prototype";
    $self->whoami if $$ == 1;
    Margay::logged('info', "\"$self->{conf}{title}\" prototype started");
    Margay::transmit($self->{init}{main}, Margay::PROCESS_READY, 0, '') or exit 1;
    return;
}

# Process 1 of its own namespace; the others know it by another pid.
sub whoami {
    my ($self) = @_;
    $self->{isolated} = 1;
    Margay::transmit($self->{init}{main}, Margay::WHOAMI, 0, pack('l', $self->{init}{parent} || 0)) or exit 1;
    while (1) {
        my ($type, undef, $payload, @fds) = Margay::receive($self->{init}{read});
        exit 1 if !defined $type;
        Margay::close_all(@fds);
        if ($type == Margay::RPC_READY && length $payload >= 4) {
            $self->{pid} = $Margay::PID = unpack('l', $payload);
            return;
        }
        if ($type == Margay::RPC_ERROR) {
            Margay::logged('alert', 'WHOAMI error');
            exit 1;
        }
        exit 0 if $type == Margay::QUIT;
    }
}

# ---- loop --------------------------------------------------------------

# Returns the worker to run, in a forked process only.
sub run {
    my ($self) = @_;
    while (!($self->{quitting} && !%{$self->{children}})) {
        my $ready = '';
        vec($ready, $_, 1) = 1
            for $self->{signals}, defined $self->{init}{read} ? $self->{init}{read} : (),
            map { $_->{open} ? fileno $_->{control} : () } values %{$self->{children}};
        if (select($ready, undef, undef, $self->timeout) > 0) {
            $self->on_signals if vec($ready, $self->{signals}, 1);
            for my $child (values %{$self->{children}}) {
                $self->on_child($child) if $child->{open} && vec($ready, fileno $child->{control}, 1);
            }
            if (defined $self->{init}{read} && vec($ready, $self->{init}{read}, 1)) {
                my $worker = $self->on_port;
                return $worker if $worker;
            }
        }
        $self->reap;
        $self->repeat_wakes;
    }
    return;
}

sub timeout {
    my ($self) = @_;
    my ($first) = sort { $a <=> $b } map { $_->{unanswered} ? $_->{wake_at} : () } values %{$self->{children}};
    return if !defined $first;
    my $left = $first - now();
    return $left < 0.001 ? 0.001 : $left;
}

# Seconds since the machine was started.
sub now { return (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK) }

sub on_signals {
    my ($self) = @_;
    my $leave;
    while (POSIX::read($self->{signals}, my $data, 128 * 16)) {
        $leave ||= grep { $_ != POSIX::SIGCHLD } unpack('(L x124)*', $data);
    }
    $self->quit_all if $leave && !$self->{quitting};
    return;
}

sub on_port {
    my ($self) = @_;
    my ($type, $stream, $payload, @fds) = Margay::receive($self->{init}{read}, Margay::DONTWAIT);
    if (!defined $type) {
        return if $!{EAGAIN};
        # Main has gone, and with it everybody who could order anything.
        $self->{init}{read} = undef;
        $self->quit_all;
        return;
    }
    if ($type == Margay::START_PROCESS) {
        Margay::close_all(@fds);
        return $self->start_worker($stream, $payload);
    }
    if ($type == Margay::QUIT) {
        $self->on_quit($stream, $payload);
    } elsif ($type == Margay::CHANGE_FILE && @fds) {
        POSIX::dup2($fds[0], 2);
        $self->order($_, Margay::CHANGE_FILE, $fds[0]) for values %{$self->{children}};
    }
    Margay::close_all(@fds);
    return;
}

sub on_quit {
    my ($self, $stream, $payload) = @_;
    return $self->quit_all if length $payload < 5;
    my ($graceful, $pid) = unpack('C l', $payload);
    for my $child (values %{$self->{children}}) {
        if ($graceful) {
            $self->order($child, Margay::QUIT) if $child->{pid} == $pid;
        } elsif ($pid > 0 && $child->{pid} == $pid) {
            kill 'KILL', $child->{local};
        } elsif ($pid <= 0 && $child->{stream} == $stream) {
            # Ends a worker whose start takes too long.  Its word that it is
            # ready may be waiting: then it takes requests.
            while (!$child->{ready} && $self->on_child($child)) { }
            kill 'KILL', $child->{local} if !$child->{ready};
        }
    }
    return;
}

sub quit_all {
    my ($self) = @_;
    $self->{quitting} = 1;
    $self->order($_, Margay::QUIT) for values %{$self->{children}};
    return;
}

# Puts a message on the worker's control socket and wakes it.
sub order {
    my ($self, $child, $type, @fds) = @_;
    return if !$child->{open};
    if (!Margay::transmit(fileno $child->{control}, $type, 0, '', fds => \@fds, flags => Margay::DONTWAIT)) {
        Margay::logged('alert', "sendmsg to process $child->{pid} failed (" . ($! + 0) . ": $!)")
            if !$!{EPIPE} && !$!{ECONNRESET};
        return;
    }
    $child->{unanswered}++;
    $child->{pause} = WAKE_FIRST;
    $self->wake($child);
    return;
}

# A worker that waits for requests is interrupted.  One that works on a request
# looks for orders afterwards, and what its application waits for is not cut
# short.  The signal may come just before the worker begins to wait, so it is
# repeated until the worker has answered.
sub wake {
    my ($self, $child) = @_;
    $child->{wake_at} = now() + $child->{pause};
    my $busy = unpack('L', unpack('P4', $child->{slot}));
    $child->{pause} = $child->{pause} * 2 > WAKE_LONGEST ? WAKE_LONGEST : $child->{pause} * 2 if !$busy;
    $child->{unanswered} = 0 if !$busy && !kill(Margay::WAKE, $child->{local});
    return;
}

sub repeat_wakes {
    my ($self) = @_;
    my $now;
    for my $child (grep { $_->{unanswered} } values %{$self->{children}}) {
        $now = now() if !defined $now;
        $self->wake($child) if $child->{wake_at} <= $now;
    }
    return;
}

# Takes one message of a worker; false when there was none.
sub on_child {
    my ($self, $child) = @_;
    return 0 if !$child->{open};
    my ($type, undef, $payload, @fds) = Margay::receive(fileno $child->{control}, Margay::DONTWAIT);
    if (!defined $type) {
        return 0 if $!{EAGAIN};
        # Its end follows; a closed socket would be reported for ever.
        $child->{open} = 0;
        $child->{unanswered} = 0;
        return 0;
    }
    Margay::close_all(@fds);
    if ($type == Margay::RPC_READY) {
        $child->{unanswered}-- if $child->{unanswered};
    } elsif ($type == Margay::PROCESS_READY) {
        $child->{ready} = 1;
    } elsif ($type == Margay::PROCESS_CREATED && length $payload == 4) {
        $child->{pid} = unpack('l', $payload) if $self->{isolated};
    } else {
        # Foreign code wrote it; nothing else that it shares with the server
        # can be relied upon either.
        Margay::logged('alert', "app process $child->{pid} is killed: it sent something that is no message");
        kill 'KILL', $child->{local};
        # What else it wrote is not worth a line each.
        $child->{open} = 0;
    }
    return 1;
}

# ---- children ----------------------------------------------------------

sub start_worker {
    my ($self, $stream, $payload) = @_;
    if ($self->{quitting} || length $payload < 4) {
        Margay::transmit($self->{init}{router}, Margay::RPC_ERROR, $stream, '');
        return;
    }
    my ($loops, $slot) = unpack('S S', $payload);
    my ($mine, $its) = Margay::pair();
    my $pid = fork;
    if (!defined $pid) {
        Margay::logged('alert', "fork() failed for \"$self->{conf}{title}\" application (" . ($! + 0) . ": $!)");
        Margay::transmit($self->{init}{router}, Margay::RPC_ERROR, $stream, '');
        return;
    }
    return $self->become_worker($mine, $its, $stream, $loops, $slot) if !$pid;
    close $its;
    $self->{children}{$pid} = {
        local      => $pid,
        # In a namespace of its own the pid here is another process elsewhere;
        # 0 until the worker has learnt the one that all others use.
        pid        => $self->{isolated} ? 0 : $pid,
        control    => $mine,
        open       => 1,
        stream     => $stream,
        slot       => pack('J', $self->{slots} + $slot * Margay::SLOT_BYTES),
        ready      => 0,
        unanswered => 0,
        wake_at    => 0,
        pause      => WAKE_FIRST,
    };
    return;
}

sub become_worker {
    my ($self, $mine, $its, $stream, $loops, $slot) = @_;
    POSIX::sigprocmask(POSIX::SIG_SETMASK, POSIX::SigSet->new(@Margay::BLOCKED));
    POSIX::close($self->{signals});
    close $self->{handles}{read};
    $self->{children} = {};
    $0 = "unit: \"$self->{conf}{title}\" application";
    my $worker = Margay::Worker->new($self, $its, $stream, $loops, $slot);
    $worker->learn($mine);
    $worker->redirect;
    return $worker;
}

sub reap {
    my ($self) = @_;
    while ((my $pid = waitpid(-1, POSIX::WNOHANG)) > 0) {
        my $status = $?;
        my $child = delete $self->{children}{$pid};
        my $shown = $child && $child->{pid} && $child->{pid} != $pid ? "$child->{pid} (isolated $pid)" : $pid;
        if ($status & 127) {
            Margay::logged('alert', sprintf 'app process %s exited on signal %d%s', $shown, $status & 127,
                $status & 128 ? ' (core dumped)' : '');
        } else {
            Margay::logged('notice', sprintf 'app process %s exited with code %d', $shown, $status >> 8);
        }
        $self->report($child) if $child;
    }
    $? = 0;
    return;
}

sub report {
    my ($self, $child) = @_;
    close $child->{control};
    # A stream means: the start that it names has failed.  A peer that has gone
    # is no reason not to tell the other one.
    Margay::transmit($self->{init}{$_}, Margay::REMOVE_PID, $child->{ready} ? 0 : $child->{stream},
        pack('l', $child->{pid})) for 'router', 'main';
    return;
}

# The whole life of the process.
package Margay;

our $WORKER;

END { $WORKER->ended if $WORKER }

sub start {
    my ($init) = @_;
    open(my $file, '<&=', $init->{application}) or die "the configuration cannot be read: $!\n";
    seek($file, 0, 0);
    my $content = do { local $/; <$file> };
    close $file;
    my $prototype = Margay::Prototype->new($init, {split(/\0/, $content, -1)});
    $prototype->prepare;
    $WORKER = $prototype->run;
    undef $prototype;
    $WORKER->run if $WORKER;
    return;
}

@ARGV = ();
start({map { split /=/, $_, 2 } split / /, delete $ENV{MARGAY_INIT}});
exit 0;

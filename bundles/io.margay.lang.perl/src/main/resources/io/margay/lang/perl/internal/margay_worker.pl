# SPDX-License-Identifier: Apache-2.0
# An application process: loads the application, opens its contexts, obeys the
# prototype and leaves without losing a request.
package Margay::Worker;

sub new {
    my ($class, $prototype, $control, $stream, $loops, $slot) = @_;
    my $conf = $prototype->{conf};
    return bless {
        conf     => $conf,
        script   => $conf->{script},
        threads  => $conf->{threads} || 1,
        software => "Unit/$prototype->{init}{version}",
        main     => $prototype->{init}{main},
        router   => $prototype->{init}{router},
        request  => $prototype->{init}{request},
        # Closed when nothing refers to them.
        handles  => $prototype->{handles},
        queue    => $prototype->{handles}{request},
        slots    => $prototype->{slots},
        parent   => $prototype->{pid},
        control  => $control,
        channel  => fileno $control,
        stream   => $stream,
        loops    => $loops,
        slot     => $slot,
        local    => $$,
        looked   => 0,
        taken    => 0,
        limit    => $conf->{requests} || 0,
        leaving  => 0,
    }, $class;
}

# ---- start -------------------------------------------------------------

# Asks main for the pid that the rest of the server knows; main gets the other
# end of the control socket.
sub learn {
    my ($self, $peer) = @_;
    Margay::transmit($self->{main}, Margay::WHOAMI, $self->{stream}, pack('l', $self->{parent}),
        fds => [fileno $peer], pid => $self->{local}) or exit 1;
    close $peer;
    while (1) {
        my ($type, undef, $payload, @fds) = Margay::receive($self->{channel});
        exit 1 if !defined $type;
        POSIX::dup2($fds[0], 2) if $type == Margay::CHANGE_FILE && @fds;
        if ($type == Margay::RPC_READY && length $payload >= 4) {
            $Margay::PID = unpack('l', $payload);
            $self->leash(shift @fds) if @fds;
            Margay::close_all(@fds);
            last;
        }
        Margay::close_all(@fds);
        if ($type == Margay::RPC_ERROR) {
            Margay::logged('alert', 'WHOAMI error');
            exit 1;
        }
        exit 0 if $type == Margay::QUIT;
    }
    Margay::transmit($self->{channel}, Margay::PROCESS_CREATED, $self->{stream}, pack('l', $Margay::PID));
    Margay::logged('info', "\"$self->{conf}{title}\" application started");
    $Margay::MARK = '[unit] ';
    return;
}

# The other end is main's: when that ends, however it does, the kernel kills
# this process, be it asleep, stopped or deaf.
sub leash {
    my ($self, $fd) = @_;
    my $leash = $self->{leash} = Margay::close_on_exec($fd);
    # A packed argument would be a structure, an integer is not.
    fcntl($leash, Fcntl::F_SETOWN(), $$ + 0);
    fcntl($leash, Margay::F_SETSIG, POSIX::SIGKILL + 0);
    fcntl($leash, Fcntl::F_SETFL(),
        fcntl($leash, Fcntl::F_GETFL(), 0) | Margay::O_ASYNC | Fcntl::O_NONBLOCK());
    # Main may have ended before.
    my $count = sysread($leash, my $byte, 1);
    exit 1 if defined $count && !$count;
    return;
}

# stdout and stderr of the application, if it has its own; again when the log
# is reopened.
sub redirect {
    my ($self) = @_;
    for my $way (['stdout', 1], ['stderr', 2]) {
        my $path = $self->{conf}{$way->[0]};
        next if !defined $path;
        if (sysopen(my $file, $path, Fcntl::O_WRONLY() | Fcntl::O_APPEND() | Fcntl::O_CREAT(), 0666)) {
            POSIX::dup2(fileno $file, $way->[1]);
        } else {
            Margay::logged('error', "open(\"$path\") failed (" . ($! + 0) . ": $!)");
        }
    }
    return;
}

# Tells the router, and so the client who changed the configuration, why the
# start fails.
sub explain {
    my ($self, $reason) = @_;
    Margay::logged('alert', $reason);
    utf8::encode($reason) if utf8::is_utf8($reason);
    Margay::transmit($self->{router}, Margay::RPC_ERROR, $self->{stream}, substr($reason, 0, 1024))
        or Margay::logged('warn', "the router could not be told the reason: $!");
    return;
}

# Evaluates the script; the application, or a text that says why there is none.
sub load {
    my ($self) = @_;
    my $script = $self->{script};
    my $path = $script =~ m{\A/} ? $script : "./$script";
    # The variable that shows the title is replaced: assigning to it would
    # change the title of the process.
    *main::0 = \(my $name = $script);
    my ($application, $error) = Margay::evaluate($path);
    return $application if ref $application eq 'CODE'
        || Scalar::Util::blessed($application) && overload::Method($application, '&{}');
    if ($error eq '') {
        $error = defined $application ? 'the script returned no code reference'
            : 'File not found or compilation error.';
    }
    return (undef, "PSGI: Failed to parse script: $script\n$error");
}

# Makes the reply sockets, one per context and loop of the router, and hands
# the router's ends over.
sub connect {
    my ($self) = @_;
    my (@mine, @remote);
    for my $index (0 .. $self->{threads} - 1) {
        for (1 .. $self->{loops}) {
            my ($own, $other) = Margay::pair();
            push @{$self->{sockets}}, $own;
            push @{$mine[$index]}, fileno $own;
            push @remote, $other;
        }
    }
    $self->{replies} = \@mine;
    $self->{remote} = \@remote;
    return;
}

sub announce {
    my ($self) = @_;
    my $remote = delete $self->{remote};
    while (@$remote) {
        my @part = splice @$remote, 0, Margay::MAX_FDS;
        Margay::transmit($self->{router}, Margay::PROCESS_READY, $self->{stream},
            pack('S S', $self->{threads}, $self->{loops}), fds => [map { fileno $_ } @part], last => @$remote ? 0 : 1)
            # The router has gone meanwhile; nobody waits for this worker.
            or exit 0;
    }
    Margay::transmit($self->{channel}, Margay::PROCESS_READY, $self->{stream}, '');
    return;
}

# ---- life --------------------------------------------------------------

# The next request; undefined when there are no more to come.
sub take {
    my ($self) = @_;
    my $queue = $self->{queue};
    while (!$self->{leaving}) {
        # Under load there is no pause in which an order would be seen.
        if ($self->{looked} != time) {
            $self->{looked} = time;
            $self->obey;
            next;
        }
        if (defined recv($queue, my $data, Margay::MAX_MESSAGE, 0)) {
            return if $data eq '';
            $self->{leaving} = 1 if $self->{limit} && ++$self->{taken} >= $self->{limit};
            return $data;
        }
        $self->interrupted;
    }
    return;
}

# recv() on the queue has failed, mostly for the signal that orders are there.
sub interrupted {
    my ($self) = @_;
    return $self->obey if $!{EINTR} || $!{EAGAIN};
    return $self->give_up("recv: $!");
}

# Reads the orders of the prototype.
sub obey {
    my ($self) = @_;
    while (1) {
        my ($type, undef, undef, @fds) = Margay::receive($self->{channel}, Margay::DONTWAIT);
        if (!defined $type) {
            return if $!{EAGAIN};
            # The prototype has gone: nobody would ever stop this process.
            return $self->leave;
        }
        if ($type == Margay::QUIT) {
            $self->leave;
        } elsif ($type == Margay::CHANGE_FILE) {
            POSIX::dup2($fds[0], 2) if @fds && !defined $self->{conf}{stderr};
            $self->redirect;
        }
        Margay::close_all(@fds);
        # Only the repetition of the signal depends on it.
        Margay::transmit($self->{channel}, Margay::RPC_READY, $type, '', flags => Margay::DONTWAIT);
    }
}

sub leave {
    my ($self) = @_;
    $self->{leaving} = 1;
    $self->leave_all if $self->{threads} > 1;
    return;
}

# Ends a process that the application has forked and let return.
sub own_process {
    my ($self) = @_;
    return if $$ == $self->{local};
    Margay::logged('error', 'a process forked by the application returned from its request; it ends');
    POSIX::_exit(1);
}

# Ends the process, since it cannot serve any more.
sub give_up {
    my ($self, $why) = @_;
    POSIX::_exit(1) if $$ != $self->{local} || $!{EPIPE} || $!{ECONNRESET};
    Margay::logged('alert', "the application process cannot serve any more: $why");
    POSIX::_exit(1);
}

sub run {
    my ($self) = @_;
    $self->connect;
    return $self->run_threads if $self->{threads} > 1;
    # What reads in a system call goes on reading; recv() on the queue does
    # not, since that socket has a time limit (signal(7)).
    setsockopt($self->{queue}, Socket::SOL_SOCKET(), Socket::SO_RCVTIMEO(), pack('q q', 3600, 0));
    my $wake = POSIX::SigAction->new(sub { }, POSIX::SigSet->new, POSIX::SA_RESTART);
    # Else the interpreter would run the handler in the middle of whatever it
    # does, malloc() included.
    $wake->safe(1);
    POSIX::sigaction(Margay::WAKE, $wake);
    $self->{loading} = 1;
    my ($application, $why) = $self->load;
    $self->own_process;
    $self->{loading} = 0;
    if (!$application) {
        $self->explain($why);
        exit 1;
    }
    my $context = Margay::Context->new($self, 0, $self->{replies}[0], $application);
    $self->announce;
    $context->serve;
    return;
}

# Called at the end of the process, whoever ended it.
sub ended {
    my ($self) = @_;
    return if $$ != $self->{local} || !$self->{loading};
    $self->explain("the application exited while it was loaded: exit($?)");
    $? ||= 1;
    return;
}

# ---- threads -----------------------------------------------------------

# Each thread is an interpreter of its own and evaluates the script again.
sub run_threads {
    my ($self) = @_;
    if (!eval { require threads; require threads::shared; 1 }) {
        $self->explain('PSGI: option "threads": this Perl has no threads');
        exit 1;
    }
    threads->set_stack_size($self->{conf}{thread_stack_size}) if $self->{conf}{thread_stack_size};
    $SIG{NUM35} = 'IGNORE';
    pipe(my $ends, my $end) or die "pipe: $!\n";
    my %shared = (turn => 0, leaving => 0, taken => 0, loaded => 0, why => '');
    threads::shared::share(\%shared);
    @shared{qw(turn leaving taken loaded why)} = (0, 0, 0, 0, '');
    $self->{shared} = \%shared;
    $self->{loading} = 1;
    my @threads;
    for my $index (1 .. $self->{threads} - 1) {
        my $thread = threads->create(sub { $self->run_thread($index) });
        if (!$thread) {
            $self->{loading} = 0;
            $self->explain("thread #$index create failed: $!");
            POSIX::_exit(1);
        }
        push @threads, $thread;
    }
    my ($application, $why) = $self->load;
    $self->own_process;
    {
        lock(%shared);
        threads::shared::cond_wait(\%shared) while $shared{loaded} < @threads && $shared{why} eq '';
        $why = $shared{why} if $application && $shared{why} ne '';
    }
    $self->{loading} = 0;
    if (!$application || defined $why) {
        $self->explain($why);
        POSIX::_exit(1);
    }
    my $context = Margay::Context->new($self, 0, $self->{replies}[0], $application);
    $self->announce;
    {
        lock(%shared);
        $shared{loaded}++;
        threads::shared::cond_broadcast(\%shared);
    }
    $context->serve;
    $_->join for @threads;
    return;
}

sub run_thread {
    my ($self, $index) = @_;
    eval {
        my $shared = $self->{shared};
        my ($application, $why) = $self->load;
        {
            lock(%$shared);
            $shared->{why} = $why if !$application;
            $shared->{loaded}++;
            threads::shared::cond_broadcast($shared);
            # Not before the others and the router are ready.
            threads::shared::cond_wait($shared) while $shared->{loaded} < $self->{threads};
        }
        Margay::Context->new($self, $index, $self->{replies}[$index], $application)->serve;
        1;
    } or $self->give_up('thread #' . ($index + 1) . ' ended: ' . Margay::text($@));
    return;
}

# One thread after the other waits for a request or an order.
sub take_in_turn {
    my ($self) = @_;
    my $shared = $self->{shared};
    my $queue = $self->{queue};
    lock(%$shared);
    while (!$shared->{leaving}) {
        my $ready = '';
        vec($ready, $self->{request}, 1) = vec($ready, $self->{channel}, 1) = 1;
        my $count = select($ready, undef, undef, undef);
        next if $count < 0 && $!{EINTR};
        $self->give_up("select: $!") if $count < 0;
        if (vec($ready, $self->{channel}, 1)) {
            $self->obey;
            next;
        }
        if (defined recv($queue, my $data, Margay::MAX_MESSAGE, Margay::DONTWAIT)) {
            $self->leave_all if $data eq '' || $self->{limit} && ++$shared->{taken} >= $self->{limit};
            return $data eq '' ? undef : $data;
        }
        $self->give_up("recv: $!") if !$!{EAGAIN} && !$!{EINTR};
    }
    return;
}

sub leave_all {
    my ($self) = @_;
    $self->{shared}{leaving} = 1;
    return;
}

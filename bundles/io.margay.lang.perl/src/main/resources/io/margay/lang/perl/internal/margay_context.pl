# SPDX-License-Identifier: Apache-2.0
# One request after the other on one thread; what PSGI says of a response is in
# margay_response.pl.
package Margay::Context;

use constant {
    FLAG_TLS     => 1,
    FLAG_BODY_FD => 2,
    # Interim responses may come before the response.
    FLAG_MORE    => 8,
    ROOM         => Margay::MAX_MESSAGE - Margay::HEADER_SIZE,
    # Stream and loop with what lies between them, type and the last flag,
    # flags, length of the head, of the body in the message, of the body.
    REQUEST      => 'L x4 S x6 C x3 L L Q',
    REQUEST_SIZE => 36,
    # A body that fits into a message with all but the strangest heads.
    SMALL        => 32768,
};

sub new {
    my ($class, $worker, $index, $replies, $application) = @_;
    my $slot = $worker->{slots} + ($worker->{slot} + $index) * Margay::SLOT_BYTES;
    my $self = bless {
        worker      => $worker,
        application => $application,
        replies     => [map { Margay::close_on_exec($_) } @$replies],
        slot        => pack('J', $slot),
        cancels     => $worker->{slots} + Margay::CANCELS,
        cancelled   => pack('J', $worker->{slots} + Margay::CANCELLED),
        pid         => $Margay::PID,
        statuses    => {},
        served      => 0,
        stream      => 0,
        loop        => 0,
        flags       => 0,
        head        => undef,
        sent        => 0,
        finished    => 0,
    }, $class;
    my $errors = Margay::Errors->handle($self);
    $self->{bases} = [map { [$self->base($_, $errors)] } 'http', 'https'];
    return $self;
}

sub base {
    my ($self, $scheme, $errors) = @_;
    my $worker = $self->{worker};
    return (
        'psgi.version'         => [1, 1],
        'psgi.url_scheme'      => $scheme,
        'psgi.errors'          => $errors,
        'psgi.multithread'     => $worker->{threads} > 1 ? !!1 : !!0,
        'psgi.multiprocess'    => !!1,
        'psgi.run_once'        => !!0,
        'psgi.nonblocking'     => !!0,
        'psgi.streaming'       => !!1,
        'psgix.input.buffered' => !!1,
        'psgix.harakiri'       => !!1,
        'psgix.cleanup'        => !!1,
        # Responses before the response, such as 103 with links.
        'psgix.informational'  => sub { $self->informational(@_) },
        'SERVER_SOFTWARE'      => $worker->{software},
        'SCRIPT_NAME'          => '',
    );
}

# ---- request body ------------------------------------------------------

# The body that did not fit into the message, as a file.
sub fetch_body {
    my ($self) = @_;
    my $reply = fileno $self->{replies}[$self->{loop}];
    Margay::transmit($reply, Margay::REQ_HEADERS_ACK, $self->{stream}, '', last => 0, pid => $self->{pid})
        or die "request body: $!\n";
    my ($type, undef, undef, @fds) = Margay::receive($reply);
    if (!defined $type || $type != Margay::REQ_BODY || @fds != 1) {
        Margay::close_all(@fds);
        die "the server has gone\n" if !defined $type;
        return;
    }
    open(my $file, '<&=', $fds[0]) or die "request body: $!\n";
    # The offset is shared with the server, which wrote the file.
    sysseek($file, 0, 0);
    seek($file, 0, 0);
    return $file;
}

# ---- loop --------------------------------------------------------------

# Handles requests until there are no more to come.  This is the hot path: what
# it needs is in lexical variables, and the response that has all of its body
# in an array is sent from here.
sub serve {
    my ($self) = @_;
    my $worker = $self->{worker};
    my ($application, $slot, $cancelled, $local) = ($self->{application}, $self->{slot}, $self->{cancelled}, $$);
    my ($bases, $replies, $pid) = @$self{qw(bases replies pid)};
    # Without threads and limits requests are taken here, as take() does.
    my $queue = $worker->{threads} == 1 && !$worker->{limit} ? $worker->{queue} : undef;
    my $take = $worker->can($worker->{threads} > 1 ? 'take_in_turn' : 'take');
    my ($input, $nothing, $data) = (undef, '');
    while (1) {
        if (!$queue || $worker->{leaving} || $worker->{looked} != time) {
            $data = $take->($worker);
            last if !defined $data;
        } elsif (!defined recv($queue, $data, Margay::MAX_MESSAGE, 0)) {
            $worker->interrupted;
            next;
        }
        last if $data eq '';
        my ($stream, $loop, $flags, $length, $inline) = unpack(REQUEST, $data);
        IPC::SysV::memwrite($slot, pack('L L', $stream, $loop), 0, 8);
        $self->{stream} = $stream;
        $self->{loop} = $loop;
        $self->{flags} = $flags;
        $self->{head} = undef;
        $self->{sent} = $self->{finished} = 0;
        # A request that nobody waits for any more is passed over.
        if (unpack('P4', $cancelled) eq "\0\0\0\0" || !$self->gone) {
            my $body = $input;
            if ($inline || $flags & FLAG_BODY_FD) {
                $body = $self->body($data, $flags, $length, $inline);
            } elsif (!$body || !defined fileno $body) {
                # An application may close it, and is given another one.
                open($body, '<', \$nothing) or die "request body: $!\n";
                $input = $body;
            }
            my %env = (
                @{$bases->[$flags & FLAG_TLS]}, 'psgi.input', $body, 'psgix.cleanup.handlers', [],
                split(/\0/, substr($data, REQUEST_SIZE, $length), -1)
            );
            my ($response, $head, $text);
            if (!$body) {
                # The body could not be had; already answered.
            } elsif (eval { $response = $application->(\%env); 1 }) {
                # A process that the application forked and that came back must
                # not answer and take requests like its parent.
                $worker->own_process if $$ != $local;
                if (ref $response eq 'ARRAY' && @$response == 3 && ref $response->[2] eq 'ARRAY'
                    && @{$response->[2]} == 1 && defined($text = $response->[2][0]) && !utf8::is_utf8($text)
                    && length $text <= SMALL) {
                    if (!eval { $head = $self->head($response->[0], $response->[1]); 1 }) {
                        $self->fail;
                    } elsif (length($head) + length($text) > ROOM) {
                        $self->{head} = $head;
                        $self->deliver($text, 1);
                    } else {
                        $self->{sent} = $self->{finished} = 1;
                        defined send($replies->[$loop],
                            pack(Margay::HEADER, $stream, $pid, 0, Margay::DATA, 1) . $head . $text, Margay::NOSIGNAL)
                            or $self->unsent($head . $text);
                    }
                } else {
                    $self->slow($response);
                }
            } else {
                my $error = $@;
                $worker->own_process if $$ != $local;
                eval { $self->died("Failed to run Perl Application: \n", $error); 1 } or $self->fail;
            }
            $self->clean(\%env)
                if $body && ($env{'psgix.harakiri.commit'} || @{$env{'psgix.cleanup.handlers'} || []});
        }
        IPC::SysV::memwrite($slot, pack('L L L', 0, $loop, ++$self->{served} & 0xffffffff), 0, 12);
        $self->{stream} = 0;
    }
    return;
}

# The body of a request that has one; nothing when it cannot be had.
sub body {
    my ($self, $data, $flags, $length, $inline) = @_;
    my $body;
    if ($flags & FLAG_BODY_FD) {
        $body = $self->fetch_body;
        return $body if $body;
        $self->trouble('the request body is not available any more');
        $self->fail;
        return;
    }
    my $content = substr($data, REQUEST_SIZE + $length, $inline);
    open($body, '<', \$content) or die "request body: $!\n";
    return $body;
}

# Answers with anything but one text in an array.
sub slow {
    my ($self, $response) = @_;
    if (!eval { $self->respond($response); 1 }) {
        my $error = $@;
        eval { $self->died('', $error); 1 } or $self->fail;
    }
    return;
}

# What an application wants to be done after the response.
sub clean {
    my ($self, $env) = @_;
    for my $handler (@{$env->{'psgix.cleanup.handlers'} || []}) {
        eval { $handler->($env); 1 } or $self->trouble("Failed to run a cleanup handler:\n" . Margay::text($@));
    }
    $self->{worker}->leave if $env->{'psgix.harakiri.commit'};
    return;
}

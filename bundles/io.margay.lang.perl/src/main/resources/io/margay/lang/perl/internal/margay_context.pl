# SPDX-License-Identifier: Apache-2.0
# One request after the other on one thread, and what PSGI says of a response.
package Margay::Context;

use constant {
    FLAG_TLS     => 1,
    FLAG_BODY_FD => 2,
    ROOM         => Margay::MAX_MESSAGE - Margay::HEADER_SIZE,
    # Stream and loop with what lies between them, type and the last flag,
    # flags, length of the head, of the body in the message, of the body.
    REQUEST      => 'L x4 S x6 C x3 L L Q',
    REQUEST_SIZE => 36,
    PIECE        => 16384,
    # A body that fits into a message with all but the strangest heads.
    SMALL        => 32768,
    # Distinct status texts worth remembering; applications use a handful.
    MAX_STATUSES => 256,
};

# Ends the handling of a response that broke the rules; already logged.
my $FAILURE = bless {}, 'Margay::Failure';

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

# ---- response ----------------------------------------------------------

# Whether the client has left.
sub gone {
    my ($self) = @_;
    return 0 if unpack('P4', $self->{cancelled}) eq "\0\0\0\0";
    my $at = $self->{cancels} + 8 * ($self->{stream} + 31 * $self->{loop} & 4095);
    my ($stream, $loop) = unpack('L L', unpack('P8', pack('J', $at)));
    return $stream == $self->{stream} && $loop == $self->{loop};
}

# Logs what went wrong, unless it is only that the client has left.
sub trouble {
    my ($self, $text) = @_;
    Margay::logged('error', "PSGI: $text", $self->{stream}) if !$self->gone;
    return;
}

sub refuse {
    my ($self, $text) = @_;
    $self->trouble($text);
    die $FAILURE;
}

sub status {
    my ($self, $status) = @_;
    $status = '' if !defined $status;
    # The wire has three digits; what is beyond is sent as 500 (http.md).
    $status =~ /\A([1-9][0-9]{2,8})(?: |\z)/
        or $self->refuse('An unexpected status was received from Perl Application');
    my $code = $1 > 999 ? 500 : $1;
    $self->{statuses} = {} if keys %{$self->{statuses}} >= MAX_STATUSES;
    return $self->{statuses}{$status} = $code . "\015\012";
}

# The bytes of status and header fields.
sub head {
    my ($self, $status, $fields) = @_;
    $self->refuse('An unsupported format was received from Perl Application for head part')
        if ref $fields ne 'ARRAY';
    $self->refuse('Bad format for head from Perl Application') if @$fields & 1;
    my $head = $self->{statuses}{defined $status ? $status : ''} || $self->status($status);
    for (my $i = 0; $i < @$fields; $i += 2) {
        no warnings 'uninitialized';
        $head .= "$fields->[$i]: $fields->[$i + 1]\015\012";
    }
    utf8::is_utf8($head) && !utf8::downgrade($head, 1)
        and $self->refuse('Bad format for head from Perl Application: a header field has a wide character');
    # One look at all: as many line ends as fields, and nothing else like it.
    if (($head =~ tr/\015\012\0//) != 2 + @$fields) {
        for (my $i = 0; $i < @$fields; $i++) {
            (my $name = text($fields->[$i & ~1])) =~ tr/\015\012\0/ /;
            $self->refuse("Bad format for head from Perl Application: header field \"$name\" contains a control character")
                if text($fields->[$i]) =~ tr/\015\012\0//;
        }
    }
    return $head . "\015\012";
}

sub text { return defined $_[0] ? $_[0] : '' }

sub message {
    my ($self, $data, $last) = @_;
    defined send($self->{replies}[$self->{loop}],
        pack(Margay::HEADER, $self->{stream}, $self->{pid}, 0, Margay::DATA, $last) . $data, Margay::NOSIGNAL)
        or $self->unsent($data, $last);
    return;
}

# Sends again what a signal has prevented.
sub unsent {
    my ($self, $data, $last) = @_;
    # The router has gone or gave this worker up, or the application has closed
    # what is not its own: nothing can be served any more.
    $self->{worker}->give_up("send: $!") if !$!{EINTR};
    return $self->message($data, defined $last ? $last : 1);
}

# Sends the head, if it waits, and the bytes in messages of bounded size.
sub deliver {
    my ($self, $data, $last) = @_;
    if (utf8::is_utf8($data) && !utf8::downgrade($data, 1)) {
        utf8::encode($data);
        $self->trouble('Wide character in the response body');
    }
    if (!$self->{sent}) {
        $self->{sent} = 1;
        $data = $self->{head} . $data;
    }
    my ($at, $size) = (0, length $data);
    while ($size - $at > ROOM) {
        $self->message(substr($data, $at, ROOM), 0);
        $at += ROOM;
        die $FAILURE if $self->gone;
    }
    $self->message($at ? substr($data, $at) : $data, $last);
    $self->{finished} = 1 if $last;
    return;
}

sub finish {
    my ($self) = @_;
    $self->deliver('', 1) if !$self->{finished};
    return;
}

# Ends the request without an answer, or with half of one.
sub fail {
    my ($self) = @_;
    return if $self->{finished};
    $self->{finished} = 1;
    send($self->{replies}[$self->{loop}], pack(Margay::HEADER, $self->{stream}, $self->{pid}, 0, Margay::RPC_ERROR, 1),
        Margay::NOSIGNAL);
    return;
}

# The application died: PSGI servers answer that with 500.
sub died {
    my ($self, $what, $error) = @_;
    if (ref $error eq 'Margay::Failure') {
        return $self->fail;
    }
    $self->trouble($what . Margay::text($error));
    return $self->fail if defined $self->{head};
    $self->{head} = "500\015\012Content-Type: text/plain\015\012Content-Length: 21\015\012\015\012";
    return $self->deliver('Internal Server Error', 1);
}

# Sends all of a response that has its body.
sub whole {
    my ($self, $response) = @_;
    my $body = $response->[2];
    $self->{head} = $self->head($response->[0], $response->[1]);
    if (ref $body eq 'ARRAY') {
        no warnings 'uninitialized';
        return $self->deliver(@$body == 1 ? text($body->[0]) : join('', @$body), 1);
    }
    if (ref $body eq 'GLOB' && !tied *$body) {
        while (1) {
            my $count = read($body, my $piece, PIECE);
            $self->refuse("Failed to read the body of the response: $!") if !defined $count;
            last if !$count || $self->gone;
            $self->deliver($piece, 0);
        }
        close $body;
    } elsif (Scalar::Util::blessed($body) || ref $body eq 'GLOB') {
        my $read = eval {
            local $/ = \PIECE;
            while (defined(my $piece = $body->getline)) {
                last if $self->gone;
                $self->deliver($piece, 0) if length $piece;
            }
            1;
        };
        my $error = $@;
        eval { $body->close; 1 } or $self->trouble("Failed to call method 'close':\n" . Margay::text($@));
        if (!$read) {
            die $error if ref $error eq 'Margay::Failure';
            $self->refuse("Failed to call method 'getline':\n" . Margay::text($error));
        }
    } else {
        $self->refuse('An unsupported format was received from Perl Application for a body part');
    }
    return $self->finish;
}

# What a delayed response is given: with a body it sends all, without one it
# returns a writer.
sub responder {
    my ($self) = @_;
    my $request = $self->{served};
    return sub {
        my ($response) = @_;
        if ($request != $self->{served} || !$self->{stream} || defined $self->{head}) {
            require Carp;
            Carp::croak('PSGI: the response has begun already');
        }
        $self->refuse('An unexpected response was received from Perl Application')
            if ref $response ne 'ARRAY';
        if (@$response == 2) {
            $self->{head} = $self->head(@$response);
            # What is not written yet may take long, and the client may act
            # upon the head.
            $self->deliver('', 0);
            return Margay::Writer->new($self);
        }
        $self->refuse('Invalid result format from Perl Application') if @$response != 3;
        $self->whole($response);
        return;
    };
}

sub respond {
    my ($self, $response) = @_;
    if (ref $response eq 'ARRAY') {
        $self->refuse('Invalid result format from Perl Application') if @$response != 3;
        return $self->whole($response);
    }
    $self->refuse('An unexpected response was received from Perl Application') if ref $response ne 'CODE';
    if (!eval { $response->($self->responder); 1 }) {
        my $error = $@;
        return $self->died("Failed to execute result callback: \n", $error);
    }
    return if $self->{finished};
    $self->refuse('An unexpected response was received from Perl Application: the callback returned and did not respond')
        if !defined $self->{head};
    return $self->finish;
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

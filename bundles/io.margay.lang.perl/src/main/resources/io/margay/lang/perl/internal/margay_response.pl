# SPDX-License-Identifier: Apache-2.0
# What PSGI says of a response: the other half of a context.
package Margay::Context;

use constant {
    PIECE        => 16384,
    # Distinct status texts worth remembering; applications use a handful.
    MAX_STATUSES => 256,
};

# Ends the handling of a response that broke the rules; already logged.
my $FAILURE = bless {}, 'Margay::Failure';

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

# Sends an interim response.
sub informational {
    my ($self, $code, $fields) = @_;
    return if !$self->{stream} || !($self->{flags} & FLAG_MORE) || defined $self->{head} || $self->{sent}
        || $self->{finished} || $self->gone;
    $self->refuse('An unexpected status was received from Perl Application for an informational response')
        if !defined $code || $code !~ /\A1[0-9]{2}\z/ || $code < 102;
    my $head = $self->head($code, $fields);
    $self->refuse('An informational response of Perl Application is too long') if length $head > ROOM;
    $self->message($head, 0);
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

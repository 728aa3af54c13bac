# SPDX-License-Identifier: Apache-2.0
# What a PSGI application is given beside its environment: psgi.errors and the
# writer of a delayed response.

package Margay::Errors;

# Behind psgi.errors: each print is one line of the log.
sub TIEHANDLE { my ($class, $context) = @_; return bless {context => $context}, $class }

sub PRINT {
    my ($self, @texts) = @_;
    my $text = join defined $, ? $, : '', map { defined $_ ? $_ : '' } @texts;
    Margay::logged('error', 'Perl: ' . $text, $self->{context}{stream});
    return 1;
}

sub PRINTF {
    my ($self, $format, @values) = @_;
    return $self->PRINT(sprintf $format, @values);
}

sub WRITE {
    my ($self, $data, $length, $offset) = @_;
    my $part = substr($data, $offset || 0, defined $length ? $length : length $data);
    $self->PRINT($part);
    return length $part;
}

sub FILENO  { return 2 }
sub BINMODE { return 1 }
sub OPEN    { return 1 }
sub CLOSE   { return 1 }

sub handle {
    my ($class, $context) = @_;
    my $handle = Symbol::gensym();
    tie *$handle, $class, $context;
    return bless $handle, 'IO::Handle';
}

package Margay::Writer;

# What the responder returns when it is not given a body.  It belongs to one
# request: whoever keeps it longer is told so.
sub new {
    my ($class, $context) = @_;
    return bless {context => $context, request => $context->{served}}, $class;
}

sub write {
    my ($self, $text) = @_;
    my $context = $self->{context};
    if ($self->{request} != $context->{served} || !$context->{stream} || $context->{finished}) {
        require Carp;
        Carp::croak('Failed to write response body: the response is complete');
    }
    return 1 if !defined $text || $text eq '';
    if ($context->gone) {
        require Carp;
        Carp::croak('Failed to write response body: the client has left');
    }
    $context->deliver($text, 0);
    return 1;
}

sub close {
    my ($self) = @_;
    my $context = $self->{context};
    $context->finish if $self->{request} == $context->{served} && $context->{stream};
    return 1;
}

sub poll_cb { return }

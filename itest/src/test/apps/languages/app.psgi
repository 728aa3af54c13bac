# SPDX-License-Identifier: Apache-2.0
# The questions that the test of all languages asks; each path is one.
use strict;
use warnings;
use Digest::SHA ();
use POSIX ();
use Socket ();

my $pattern = join '', map { chr $_ % 251 } 0 .. 251 * 256 - 1;

sub text {
    my ($content, $status, @fields) = @_;
    return [$status || 200, ['Content-Type' => 'text/plain', 'Content-Length' => length $content, @fields], [$content]];
}

sub die_now {
    print STDERR "last words\n";
    kill 'KILL', $$;
    sleep 60;
}

my %answers = (
    hello  => sub { text("Hello world\n") },
    digest => sub {
        my ($env) = @_;
        my $digest = Digest::SHA->new(256);
        my $size = 0;
        while ($env->{'psgi.input'}->read(my $part, 65536)) {
            $digest->add($part);
            $size += length $part;
        }
        return text("$size " . $digest->hexdigest);
    },
    bytes => sub {
        my (undef, $left) = @_;
        return sub {
            my $writer = $_[0]->([200, ['Content-Type' => 'application/octet-stream']]);
            while ($left > 0) {
                $writer->write($left < length $pattern ? substr($pattern, 0, $left) : $pattern);
                $left -= length $pattern;
            }
            $writer->close;
        };
    },
    sized => sub {
        return [200, ['Content-Type' => 'text/plain', 'Content-Length' => $_[1]], [substr $pattern x (1 + $_[1] / length $pattern), 0, $_[1]]];
    },
    pid   => sub { text($$) },
    software => sub { text($_[0]{SERVER_SOFTWARE}) },
    sleep => sub { select(undef, undef, undef, $_[1] / 1000); text($$) },
    raise => sub { die 'raised by the application' },
    half  => sub {
        return sub {
            my $writer = $_[0]->([200, ['Content-Type' => 'text/plain']]);
            $writer->write('some bytes');
            die 'raised after the head';
        };
    },
    exit           => sub { print STDERR "last words\n"; exit $_[1] },
    killed         => sub { die_now() },
    killedreading  => sub { $_[0]{'psgi.input'}->read(my $part, 10); die_now() },
    killedsending  => sub {
        return sub {
            my $writer = $_[0]->([200, ['Content-Type' => 'text/plain']]);
            $writer->write('some bytes');
            die_now();
        };
    },
    status    => sub { text('body', "$_[1] Text") },
    split     => sub { text('body', 200, 'X-Split' => "a\r\nX-Evil: b") },
    splitname => sub { text('body', 200, "X-Split: a\nX-Evil" => 'b') },
    field     => sub { text('body', 200, 'X-Long' => 'x' x $_[1]) },
    nothing   => sub { return },
    fork      => sub {
        my $pid = fork;
        POSIX::_exit(0) if !$pid;
        waitpid $pid, 0;
        return text($$);
    },
    woken => sub {
        my $pid = fork;
        if (!$pid) {
            # The interpreter gives up at 120 that it has not seen to, however busy the machine is.
            for (1 .. 300) {
                kill(35, getppid);
                select(undef, undef, undef, 0.001);
            }
            POSIX::_exit(0);
        }
        while (waitpid($pid, POSIX::WNOHANG) == 0) {
            my @used = map { 'x' x $_ } 1 .. 200;
        }
        return text($$);
    },
    forkreturns => sub { my $pid = $$; fork; return text($pid) },
    closed      => sub { POSIX::close($_) for 3 .. 255; text("Hello world\n") },
    become      => sub { exec '/bin/sleep', '300' },
    garbage     => sub {
        for my $fd (3 .. 63) {
            my $copy = POSIX::dup($fd) or next;
            open(my $socket, '+<&=', $copy) or next;
            send($socket, 'garbage', 0x4040);
        }
        return text("Hello world\n");
    },
);

sub {
    my ($env) = @_;
    return $answers{substr $env->{PATH_INFO}, 1}->($env, $env->{QUERY_STRING} || 0);
};

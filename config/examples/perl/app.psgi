# SPDX-License-Identifier: Apache-2.0
# The application of `./margay demo --language perl`: greets, and shows what the server told it of the request.
use strict;
use warnings;

sub {
    my ($env) = @_;
    my $body = join "\n", 'Hello from Margay.', '',
        map { "$_: " . (defined $env->{$_} ? $env->{$_} : '') }
        qw(REQUEST_METHOD PATH_INFO QUERY_STRING REMOTE_ADDR SERVER_PROTOCOL);
    return [200, ['Content-Type' => 'text/plain', 'Content-Length' => 1 + length $body], ["$body\n"]];
};

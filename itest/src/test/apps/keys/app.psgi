# SPDX-License-Identifier: Apache-2.0
# Each key of the environment with its value, as far as that is text.
use strict;
use warnings;

sub shown {
    my ($value) = @_;
    return ref $value eq 'ARRAY' ? '[' . join(', ', @$value) . ']' : ref $value ? 'object' : $value;
}

sub {
    my ($env) = @_;
    return [200, ['Content-Type' => 'text/plain'], [map { "$_=" . shown($env->{$_}) . "\n" } sort keys %$env]];
};

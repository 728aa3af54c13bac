# SPDX-License-Identifier: Apache-2.0
# Informational responses of PSGI.
use strict;
use warnings;

sub {
    my ($env) = @_;
    my $first = $env->{PATH_INFO} eq '/split' ? "</a>\r\nX-Evil: b" : '</style.css>; rel=preload';
    $env->{'psgix.informational'}->(103, ['Link' => $first, 'Link' => '</more>; rel=preload']);
    return [200, ['Content-Type' => 'text/plain'], ['some text']];
};

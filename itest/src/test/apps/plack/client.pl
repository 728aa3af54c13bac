# SPDX-License-Identifier: Apache-2.0
# Runs the cases of Plack::Test::Suite against the server on a port.
use strict;
use warnings;
use Plack::LWPish;
use Plack::Test::Suite;
use Test::More;

my ($port) = @ARGV;
my $agent = Plack::LWPish->new(no_proxy => ['127.0.0.1']);
for my $index (0 .. $#Plack::Test::Suite::TEST) {
    my ($name, $case) = @{$Plack::Test::Suite::TEST[$index]};
    subtest $name => sub {
        $case->(sub {
            my ($request) = @_;
            $request->uri->port($port);
            $request->header('X-Plack-Test' => $index);
            return $agent->request($request);
        });
    };
}
done_testing;

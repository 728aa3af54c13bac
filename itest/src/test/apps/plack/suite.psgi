# SPDX-License-Identifier: Apache-2.0
# Serves the cases of Plack::Test::Suite; each request names its own.
use strict;
use warnings;
use Plack::Middleware::Lint;

BEGIN {
    # Part of what the suite loads for tests of its own, and not for threads.
    if ($INC{'threads.pm'}) {
        $INC{'Test/SharedFork.pm'} = __FILE__;
        $Test::SharedFork::VERSION = 1;
    }
}
use Plack::Test::Suite;

Plack::Middleware::Lint->wrap(Plack::Test::Suite->test_app_handler);

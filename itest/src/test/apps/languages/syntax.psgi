# SPDX-License-Identifier: Apache-2.0
sub { my ($env = @_; }

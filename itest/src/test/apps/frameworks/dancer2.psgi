# SPDX-License-Identifier: Apache-2.0
package Hello;
use Dancer2;

set logger => 'null';
get '/'      => sub { 'Hello from Dancer2' };
post '/form' => sub { 'name=' . body_parameters->get('name') };

Hello->to_app;

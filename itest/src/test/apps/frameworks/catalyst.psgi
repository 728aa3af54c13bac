# SPDX-License-Identifier: Apache-2.0
package Hello::Controller::Root;
use Moose;
BEGIN { extends 'Catalyst::Controller' }
__PACKAGE__->config(namespace => '');

sub index : Path Args(0) { $_[1]->response->body('Hello from Catalyst') }
sub form : Local { $_[1]->response->body('name=' . $_[1]->request->body_parameters->{name}) }

package Hello;
use Moose;
extends 'Catalyst';
__PACKAGE__->config(name => 'Hello', home => '/tmp', disable_component_resolution_regex_fallback => 1);
__PACKAGE__->setup;

__PACKAGE__->psgi_app;

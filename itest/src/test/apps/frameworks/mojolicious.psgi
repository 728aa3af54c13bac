# SPDX-License-Identifier: Apache-2.0
use Mojolicious::Lite -signatures;

get '/' => sub ($c) { $c->render(text => 'Hello from Mojolicious') };
post '/form' => sub ($c) { $c->render(text => 'name=' . $c->param('name')) };
app->log->level('warn');
app->start('psgi');

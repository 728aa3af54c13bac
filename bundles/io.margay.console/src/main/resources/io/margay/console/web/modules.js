// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, live, load, notice, problem, send, t, table, upload, writes } from './common.js';

const list = h('div', {});
const rest = h('div', {});
const which = h('select', { id: 'which' });
const file = h('input', { id: 'jar', type: 'file', accept: '.jar', required: true });
const force = h('input', { id: 'force', type: 'checkbox' });
const button = h('button', { id: 'upload', class: 'primary' }, t('modules.send'));
const FEW = 8;
const unfolded = new Set();
let modules = {};

function languages(status) {
  return Object.entries(status ?? {}).flatMap(([name, value]) => (Array.isArray(value) ? value : [value])
    .map((found) => [name, found.version ?? '', h('code', {}, found.lib ?? '')]));
}

function none() {
  return h('span', { class: 'muted' }, t('common.none'));
}

function digest(value) {
  return value ? h('code', { title: value }, `${value.slice(0, 12)}…`) : '';
}

function tell(reply, text) {
  notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, text)]
    : reply.status === 412 ? [h('p', {}, t('modules.conflict')), ...problem(reply.body)] : problem(reply.body)));
  return show();
}

async function rollback(name) {
  if (await ask(t('modules.reallyback', name, modules[name].previous.version), t('modules.rollback'))) {
    tell(await send({ action: 'rollback', name, match: modules[name].sha256 ?? '' }), t('modules.isback', name));
  }
}

async function pin(name, pinned) {
  tell(await send({ action: 'pin', name, pinned, match: modules[name].sha256 ?? '' }),
    t(pinned ? 'modules.ispinned' : 'modules.isunpinned', name));
}

/** One that is in use goes only after a second question, which names who uses it. */
async function remove(name) {
  const order = { action: 'remove', name, match: modules[name].sha256 ?? '' };
  if (!await ask(t('modules.really', name), t('modules.remove'))) {
    return;
  }
  let reply = await send(order);
  if (reply.status === 409 && await ask(t('modules.reallyforce', name, reply.body.detail ?? reply.body.error),
    t('modules.forced'))) {
    reply = await send({ ...order, force: true });
  }
  tell(reply, t('modules.gone', name));
}

async function bring(event) {
  event.preventDefault();
  const name = which.value;
  button.disabled = true;
  notice('wait', h('p', {}, t('modules.coming', file.files[0].name)));
  const reply = await upload(file.files[0], { name, match: modules[name]?.sha256 ?? '', force: force.checked });
  button.disabled = false;
  if (reply.good) {
    event.target.reset();
  }
  tell(reply, t('modules.came', reply.body.module?.version ?? ''));
}

function actions(name, module) {
  return h('span', { class: 'bar tight' },
    module.previous ? h('button', { disabled: !writes, 'data-rollback': name, onclick: () => rollback(name) },
      t('modules.rollback')) : null,
    module.sha256 ? [
      h('button', { disabled: !writes, 'data-pin': name, onclick: () => pin(name, !module.pinned) },
        t(module.pinned ? 'modules.unpin' : 'modules.pin')),
      h('button', { class: 'danger', disabled: !writes, 'data-remove': name, onclick: () => remove(name) },
        t('modules.remove'))] : null);
}

function state(module) {
  return [module.problem ? h('div', { class: 'problem' }, badge('bad', t('common.error')), ' ', module.problem) : null,
    module.removed ? badge('warn', t('modules.removed')) : null,
    module.sha256 && !module.problem ? badge('good', t('modules.inuse')) : null,
    module.pinned ? [' ', badge('', t('modules.pinned'))] : null].flat().filter((part) => part);
}

/** Hundreds of names would make a table of one row; those that somebody has unfolded stay so. */
function users(name, all) {
  if (all.length <= FEW) {
    return all.join(', ') || none();
  }
  const toggle = (event) => unfolded[event.target.open ? 'add' : 'delete'](name);
  return h('details', { open: unfolded.has(name), ontoggle: toggle },
    h('summary', {}, t('modules.manyusers', all.length)), all.join(', '));
}

function row([name, module]) {
  const before = module.previous;
  return [
    h('span', {}, h('code', { class: 'name' }, name),
      h('div', { class: 'muted note' }, module.from ? t('modules.from', module.from) : '', ' ', digest(module.sha256))),
    h('span', {}, module.version ?? '', before ? h('div', { class: 'muted note' }, t('modules.previous', before.version), ' ',
      before.parked ? badge('good', t('modules.parked')) : '') : ''),
    h('span', {}, state(module)),
    h('span', {}, module.processes ? t('modules.partof', module.processes.join(', '))
      : (module.extensions ?? []).join(', ') || none(),
      module.privileges?.length ? h('div', { class: 'muted note' }, t('modules.privileges', module.privileges.join(', '))) : null),
    users(name, module.users ?? []),
    actions(name, module)];
}

function choices() {
  const chosen = which.value;
  which.replaceChildren(h('option', { value: '' }, t('modules.byname')),
    ...Object.keys(modules).filter((name) => modules[name].version)
      .map((name) => h('option', { value: name, selected: name === chosen }, name)));
}

async function show() {
  const { body } = await load();
  if (body.error) {
    list.replaceChildren(h('div', { class: 'problem' }, problem(body)));
    return;
  }
  const failed = typeof body.modules?.error === 'string';
  modules = failed ? {} : body.modules;
  if (document.activeElement !== which) {
    choices();
  }
  list.replaceChildren(
    failed ? h('div', { class: 'problem' }, problem(body.modules))
      : table(t('modules.title'), [[t('common.name')], [t('modules.version')], [t('common.state')], [t('modules.adds')],
        [t('modules.users')], [t('common.actions')]],
      Object.entries(modules).map(row), t('modules.empty')));
  rest.replaceChildren(
    h('h2', {}, t('modules.languages')),
    body.status?.error ? h('div', { class: 'problem' }, problem(body.status))
      : table(t('modules.languages'), [[t('common.name')], [t('modules.version')], [t('modules.library')]],
        languages(body.status)),
    h('h2', {}, t('modules.parts')),
    table(t('modules.parts'), [[t('common.name')], [t('modules.kind')], [t('modules.version')], [t('modules.api')],
      [t('common.state')], [t('modules.bundle')], [t('modules.digest')]],
    body.parts.map((part) => [part.name, part.kind, part.version, part.api,
      badge(part.state === 'active' ? 'good' : '', part.state), h('code', {}, part.bundle), digest(part.digest)])));
}

content(list, ...(writes ? [h('h2', {}, t('modules.upload')),
  h('form', { onsubmit: bring },
    h('div', { class: 'bar' }, h('label', { for: 'jar' }, t('modules.file')), file,
      h('label', { for: 'which' }, t('modules.replaces')), which),
    h('div', { class: 'bar' }, force, h('label', { for: 'force' }, t('modules.force')), button),
    h('p', { class: 'muted' }, t('modules.hint')))] : []), rest);
live(show, 10);

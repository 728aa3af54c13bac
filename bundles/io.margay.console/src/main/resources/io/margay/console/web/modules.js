// SPDX-License-Identifier: Apache-2.0
import { badge, content, h, live, load, problem, t, table } from './common.js';

function languages(status) {
  return Object.entries(status ?? {}).flatMap(([name, value]) => (Array.isArray(value) ? value : [value])
    .map((found) => [name, found.version ?? '', h('code', {}, found.lib ?? '')]));
}

async function show() {
  const { body } = await load();
  if (body.error) {
    content(h('div', { class: 'problem' }, problem(body)));
    return;
  }
  content(
    h('p', { class: 'muted' }, t('modules.hint')),
    table(t('modules.title'), [[t('common.name')], [t('modules.kind')], [t('modules.version')], [t('modules.api')],
      [t('common.state')], [t('modules.users')], [t('modules.bundle')], [t('modules.digest')]],
    body.modules.map((module) => [module.name, module.kind, module.version, module.api,
      badge(module.state === 'active' ? 'good' : '', module.state),
      module.users.join(', ') || h('span', { class: 'muted' }, t('common.none')), h('code', {}, module.bundle),
      h('code', { title: module.digest }, module.digest ? `${module.digest.slice(0, 16)}…` : '')]),
    t('modules.empty')),
    h('h2', {}, t('modules.languages')),
    body.status?.error ? h('div', { class: 'problem' }, problem(body.status))
      : table(t('modules.languages'), [[t('common.name')], [t('modules.version')], [t('modules.library')]],
        languages(body.status)));
}

live(show, 10);

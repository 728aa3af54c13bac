// SPDX-License-Identifier: Apache-2.0
import { badge, content, h, live, load, problem, t, table } from './common.js';

const PAGE = 500;
const filter = h('input', { id: 'filter', type: 'search' });
const steps = h('div', {});
const count = h('span', { class: 'muted', role: 'status' });
const listeners = h('div', {});
let all = [];

/** Short, and readable: a condition is a name and what it must be. */
function text(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parts(object) {
  return Object.entries(object ?? {}).map(([name, value]) => h('div', {}, `${name}: `, h('code', {}, text(value))));
}

function flat(routes) {
  const named = Array.isArray(routes) ? { '': routes } : routes ?? {};
  return Object.entries(named).flatMap(([name, list]) => (Array.isArray(list) ? list : []).map((step, i) =>
    ({ route: name || t('routes.main'), number: i, step, search: `${name} ${JSON.stringify(step)}`.toLowerCase() })));
}

function draw() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((entry) => words.every((word) => entry.search.includes(word)));
  count.textContent = t('common.count', Math.min(found.length, PAGE), all.length);
  steps.replaceChildren(table(t('routes.steps'), [[t('routes.step')], [t('routes.route')], [t('routes.match')],
    [t('routes.action')]], found.slice(0, PAGE).map((entry) => [String(entry.number), entry.route,
    entry.step.match ? parts(entry.step.match) : h('span', { class: 'muted' }, t('routes.always')),
    parts(entry.step.action)]), t('routes.nosteps')));
}

async function show() {
  const { body } = await load();
  if (body.error) {
    listeners.replaceChildren(h('div', { class: 'problem' }, problem(body)));
    return;
  }
  const closed = body.status?.listeners ?? {};
  listeners.replaceChildren(table(t('routes.listeners'), [[t('routes.listener')], [t('routes.pass')], [t('routes.tls')],
    [t('common.state')]], Object.entries(body.listeners).map(([address, listener]) => [h('code', {}, address),
    h('code', {}, text(listener.pass ?? '')), listener.tls ? t('routes.yes') : t('routes.no'),
    closed[address]?.error ? badge('bad', t('routes.closed', text(closed[address].error)))
      : badge('good', t('routes.open'))]), t('routes.empty')));
  const fresh = flat(body.routes);
  if (JSON.stringify(fresh) !== JSON.stringify(all) || !steps.hasChildNodes()) {
    all = fresh;
    draw();
  }
}

filter.addEventListener('input', draw);
content(h('h2', {}, t('routes.listeners')), listeners, h('h2', {}, t('routes.steps')),
  h('div', { class: 'bar' }, h('label', { for: 'filter' }, t('common.filter')), filter, count), steps);
live(show, 10);

// SPDX-License-Identifier: Apache-2.0
import { badge, content, h, live, load, notice, problem, send, t, table, writes } from './common.js';

const PAGE = 500;
const filter = h('input', { id: 'filter', type: 'search' });
const every = h('input', { id: 'every', type: 'checkbox' });
const steps = h('div', {});
const count = h('span', { class: 'muted', role: 'status' });
const listeners = h('div', {});
const way = h('div', { 'aria-live': 'polite' });
const listener = h('select', { id: 'listener' });
const method = h('input', { id: 'method', value: 'GET', size: '8', autocapitalize: 'none' });
const host = h('input', { id: 'host', autocapitalize: 'none' });
const uri = h('input', { id: 'uri', value: '/', size: '30', autocapitalize: 'none' });
const source = h('input', { id: 'source', size: '16', placeholder: '127.0.0.1', autocapitalize: 'none' });
const fields = h('textarea', { id: 'fields', class: 'tiny', spellcheck: 'false', placeholder: 'Name: value' });
let all = [];
let tag = '';

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
    ({ route: name, number: i, step, search: `${name} ${JSON.stringify(step)}`.toLowerCase() })));
}

/** The button has the name of what it does, and says to those who do not see the row what it does it to. */
function turning(on, what, order) {
  return h('button', { disabled: !writes, 'aria-label': `${t(on ? 'routes.off' : 'routes.on')}: ${what}`,
    'data-switch': what, onclick: async () => {
      const reply = await send({ action: 'switch', on: !on, tag, ...order });
      notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, t(on ? 'routes.isoff' : 'routes.ison', what))]
        : reply.status === 412 ? [h('p', {}, t('routes.conflict'))] : problem(reply.body)));
      await show();
    } }, t(on ? 'routes.off' : 'routes.on'));
}

function row({ route, number, step }) {
  const on = step.enabled !== false;
  const what = `routes${route ? `/${route}` : ''}/${number}`;
  return [String(number), route || t('routes.main'),
    step.match ? parts(step.match) : h('span', { class: 'muted' }, t('routes.always')), parts(step.action),
    on ? badge('good', t('routes.ison1')) : badge('warn', t('routes.isoff1')),
    turning(on, what, { kind: 'step', name: route, number })];
}

function draw() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((entry) => words.every((word) => entry.search.includes(word)));
  const shown = every.checked ? found : found.slice(0, PAGE);
  count.textContent = t('common.count', shown.length, all.length);
  steps.replaceChildren(table(t('routes.steps'), [[t('routes.step'), 'number'], [t('routes.route')], [t('routes.match')],
    [t('routes.action')], [t('common.state')], [t('common.actions')]], shown.map(row), t('routes.nosteps')));
}

function state(address, conf, closed) {
  if (conf.enabled === false) {
    return badge('warn', t('routes.isoff1'));
  }
  return closed?.[address]?.error ? badge('bad', t('routes.closed', text(closed[address].error)))
    : badge('good', t('routes.open'));
}

function choices(addresses) {
  if (document.activeElement !== listener) {
    const chosen = listener.value;
    listener.replaceChildren(...addresses.map((address) => h('option', { selected: address === chosen }, address)));
  }
}

async function show() {
  const { body } = await load();
  if (body.error) {
    listeners.replaceChildren(h('div', { class: 'problem' }, problem(body)));
    return;
  }
  const moved = tag !== body.tag;
  tag = body.tag;
  choices(Object.keys(body.listeners));
  listeners.replaceChildren(table(t('routes.listeners'), [[t('routes.listener')], [t('routes.pass')], [t('routes.tls')],
    [t('common.state')], [t('common.actions')]], Object.entries(body.listeners).map(([address, conf]) => [
    h('code', {}, address), h('code', {}, text(conf.pass ?? `applications/${conf.application}`)),
    conf.tls ? t('routes.yes') : t('routes.no'), state(address, conf, body.closed),
    turning(conf.enabled !== false, address, { kind: 'listener', name: address })]), t('routes.empty')));
  if (moved || !steps.hasChildNodes()) {
    all = flat(body.routes);
    draw();
  }
}

/** What became of a condition, with the pattern and what the request has. */
function condition(one) {
  return h('div', {}, one.matched ? badge('good', t('routes.holds')) : badge('bad', t('routes.fails')), ' ',
    `${one.condition}: `, h('code', {}, text(one.decisive ?? one.pattern)), ' ',
    h('span', { class: 'muted' }, t('routes.has', text(one.value))));
}

function explained(body) {
  const result = body.result ?? {};
  const end = result.pass ?? result.action ?? result.status ?? '';
  return [h('p', { class: 'fine', id: 'result' }, h('strong', {}, t('routes.result', text(end))),
    result.reason ? ` ${result.reason}` : '',
    ...Object.entries(result).filter(([name]) => !['pass', 'action', 'status', 'reason'].includes(name))
      .map(([name, value]) => ` ${name}: ${text(value)}`)),
  table(t('routes.tried'), [[t('routes.step')], [t('common.state')], [t('routes.conditions')]],
    (body.steps ?? []).map((step) => [h('code', {}, step.step),
      step.matched ? badge('good', t('routes.taken')) : badge('', t('routes.passed')),
      (step.conditions ?? []).length ? step.conditions.map(condition)
        : h('span', { class: 'muted' }, t('routes.always'))]), t('routes.notried')),
  body.omitted ? h('p', { class: 'muted' }, t('routes.omitted', body.omitted)) : null,
  ...(body.actions ?? []).map((action) => h('p', {}, h('code', {}, action.at), ' ', h('code', {}, text(action.action)),
    action.path ? h('span', { class: 'muted' }, ` ${t('routes.path', action.path)}`) : ''))].filter((part) => part);
}

async function explain(event) {
  event.preventDefault();
  const query = new URLSearchParams();
  const given = { listener: listener.value, method: method.value, host: host.value, uri: uri.value,
    source: source.value };
  Object.entries(given).filter(([, value]) => value).forEach(([name, value]) => query.append(name, value));
  for (const line of fields.value.split('\n').filter((text) => text.includes(':'))) {
    const colon = line.indexOf(':');
    query.append(`header.${line.slice(0, colon).trim()}`, line.slice(colon + 1).trim());
  }
  const { body } = await load(`explain/${query.toString().replaceAll('+', '%20')}`);
  way.replaceChildren(...(body.error ? [h('div', { class: 'problem' }, problem(body))] : explained(body)));
}

filter.addEventListener('input', draw);
every.addEventListener('change', draw);
content(h('h2', {}, t('routes.listeners')), listeners, h('h2', {}, t('routes.explain')),
  h('p', { class: 'muted' }, t('routes.explainlead')),
  h('form', { id: 'explain', onsubmit: explain },
    h('div', { class: 'bar' },
      ...[['listener', t('routes.listener'), listener], ['method', t('routes.method'), method], ['host', 'Host', host],
        ['uri', 'URI', uri], ['source', t('routes.source'), source]].map(([name, label, input]) =>
        h('span', { class: 'pair' }, h('label', { for: name }, label), input))),
    h('label', { for: 'fields' }, t('routes.fields')), fields,
    h('div', { class: 'bar' }, h('button', { class: 'primary' }, t('routes.ask')))),
  way, h('h2', {}, t('routes.steps')),
  h('div', { class: 'bar' }, h('label', { for: 'filter' }, t('common.filter')), filter,
    every, h('label', { for: 'every' }, t('routes.every')), count), steps);
live(show, 10);

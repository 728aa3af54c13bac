// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, live, load, notice, number, problem, send, t, table, writes } from './common.js';

const KEEP = 200;
const list = h('div', {});
const log = h('div', { 'aria-live': 'off' });
let tag = '';
let shown = '';

/** Where each application is named, found in one walk: there may be hundreds of them, and a thousand routes. */
function users(body) {
  const found = new Map();
  const search = (value, place) => {
    if (typeof value === 'string' && value.startsWith('applications/')) {
      const name = decodeURIComponent(value.split('/')[1]);
      found.set(name, (found.get(name) ?? new Set()).add(place));
    } else if (value && typeof value === 'object') {
      Object.entries(value).forEach(([key, member]) => search(member, place || key));
    }
  };
  search(body.listeners, '');
  Object.entries(body.routes ?? {}).forEach(([key, step]) => search(step, `routes/${key}`));
  return found;
}

async function turn(name, on) {
  if (!on && !await ask(t('applications.reallystop', name), t('applications.stop'))) {
    return;
  }
  const reply = await send({ action: 'switch', name, on, tag });
  notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, t(on ? 'applications.started'
    : 'applications.stopped', name))] : reply.status === 412 ? [h('p', {}, t('applications.conflict'))]
    : problem(reply.body)));
  await show();
}

/** The lines of the log about one application, the newest first. */
async function follow() {
  if (!shown) {
    return;
  }
  const { body } = await load(`log/${shown}`);
  const lines = (body.lines ?? []).slice(-KEEP).reverse();
  const place = log.querySelector('.lines');
  place?.replaceChildren(body.error ? h('div', { class: 'problem' }, problem(body))
    : lines.length ? h('pre', { tabindex: '0' }, ...lines.map((line) => h('div', { class: `level-${line.level ?? ''}` },
      [line.time, line.level ? `[${line.level}]` : '', line.text].filter(Boolean).join(' '))))
      : h('p', { class: 'muted' }, t('applications.nolog')));
}

function open(name) {
  shown = name;
  log.replaceChildren(h('h2', { tabindex: '-1', id: 'logof' }, t('applications.logof', name)),
    h('p', { class: 'muted' }, t('applications.loghint')), h('div', { class: 'lines' }),
    h('button', { onclick: () => { shown = ''; log.replaceChildren(); } }, t('applications.close')));
  document.getElementById('logof').focus();
  follow();
}

async function restart(name) {
  if (!await ask(t('applications.really', name), t('applications.restart'))) {
    return;
  }
  const reply = await send({ action: 'restart', name });
  notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, t('applications.restarted', name))]
    : problem(reply.body)));
  show();
}

function state(app, conf, pool) {
  if (conf.enabled === false) {
    return badge('warn', t('applications.off'));
  }
  if (!app) {
    return badge('warn', t('applications.out'));
  }
  if (app.error) {
    return badge('bad', t('applications.error'));
  }
  const serving = (app.processes?.running ?? 0) > 0;
  if (pool?.failing) {
    return serving ? badge('warn', t('applications.fewer')) : badge('bad', t('applications.failing'));
  }
  return serving || app.processes?.starting ? badge('good', t('applications.ok')) : badge('', t('applications.waits'));
}

function usedBy(places) {
  return places ? `${t('applications.used')} ${[...places].join(', ')}` : t('applications.unused');
}

function errorText(error) {
  return typeof error === 'string' ? error : JSON.stringify(error);
}

function actions(name, conf, app) {
  const on = conf.enabled !== false;
  const button = (key, text, attributes) => h('button', { 'aria-label': `${text}: ${name}`, [`data-${key}`]: name,
    ...attributes }, text);
  return h('span', { class: 'bar tight' },
    button('restart', t('applications.restart'), { disabled: !writes || !app || !on, onclick: () => restart(name) }),
    button('switch', t(on ? 'applications.stop' : 'applications.start'), { disabled: !writes,
      onclick: () => turn(name, !on) }),
    button('log', t('applications.log'), { onclick: () => open(name) }));
}

async function show() {
  const { body } = await load();
  const failed = body.error ? body : typeof body.status?.error === 'string' ? body.status : null;
  if (failed) {
    list.replaceChildren(h('div', { class: 'problem' }, problem(failed)));
    return;
  }
  tag = body.tag;
  const used = users(body);
  const rows = Object.entries(body.applications).map(([name, conf]) => {
    const app = body.status?.[name];
    const pool = body.pools?.[name];
    return [
      h('span', {}, name, h('div', { class: 'muted note' }, conf.type ?? ''),
        h('div', { class: 'muted note' }, usedBy(used.get(name)))),
      state(app, conf, pool), number(app?.processes?.running), number(app?.processes?.starting),
      number(app?.processes?.idle), number(app?.requests?.active),
      // What more requests there are than workers waits for one.
      number(Math.max(0, (pool?.active ?? 0) - (pool?.running ?? 0))), number(pool?.leaving),
      actions(name, conf, app),
    ];
  });
  // A cell is too narrow for what a process has said at its end.
  const errors = Object.entries(body.status ?? {}).filter(([, app]) => app.error).map(([name, app]) =>
    h('div', { class: 'problem' }, h('strong', {}, name), ': ', errorText(app.error)));
  list.replaceChildren(...errors, table(t('applications.title'), [[t('common.name')], [t('common.state')],
    [t('applications.running'), 'number'], [t('applications.starting'), 'number'], [t('applications.idle'), 'number'],
    [t('applications.active'), 'number'], [t('applications.queue'), 'number'],
    [t('applications.leaving'), 'number'], [t('common.actions')]], rows,
  t('applications.empty')));
  await follow();
}

content(list, log);
live(show, 5);

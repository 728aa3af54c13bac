// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, live, load, notice, number, problem, send, t, table, writes } from './common.js';

function users(name, body) {
  const wanted = `applications/${encodeURIComponent(name)}`;
  const found = [];
  const search = (value, place) => {
    if (typeof value === 'string') {
      if ((value === wanted || value === `applications/${name}` || value.startsWith(`applications/${name}/`))
          && !found.includes(place)) {
        found.push(place);
      }
    } else if (value && typeof value === 'object') {
      Object.entries(value).forEach(([key, member]) => search(member, place === '' ? key : place));
    }
  };
  search(body.listeners, '');
  Object.entries(body.routes ?? {}).forEach(([key, step]) => search(step, `routes/${key}`));
  return found;
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

function state(app) {
  if (!app) {
    return badge('warn', t('applications.out'));
  }
  return app.error ? badge('bad', t('applications.error')) : badge('good', t('applications.ok'));
}

function errorText(error) {
  return typeof error === 'string' ? error : JSON.stringify(error);
}

async function show() {
  const { body } = await load();
  if (body.error || body.status?.error && typeof body.status.error === 'string' && !body.applications?.error) {
    content(h('div', { class: 'problem' }, problem(body.error ? body : body.status)));
    return;
  }
  const rows = Object.entries(body.applications ?? {}).map(([name, conf]) => {
    const app = body.status?.[name];
    return [
      h('span', {}, name, app?.error ? h('div', { class: 'problem' }, errorText(app.error)) : ''),
      conf.type ?? '', state(app), number(app?.processes?.running), number(app?.processes?.starting),
      number(app?.processes?.idle), number(app?.requests?.active),
      users(name, body).join(', ') || h('span', { class: 'muted' }, t('common.none')),
      h('button', { disabled: !writes || !app, 'data-restart': name, onclick: () => restart(name) },
        t('applications.restart')),
    ];
  });
  content(table(t('applications.title'), [[t('common.name')], [t('common.type')], [t('common.state')],
    [t('applications.running'), 'number'], [t('applications.starting'), 'number'], [t('applications.idle'), 'number'],
    [t('applications.active'), 'number'], [t('applications.used')], [t('common.actions')]], rows,
  t('applications.empty')));
}

live(show, 5);

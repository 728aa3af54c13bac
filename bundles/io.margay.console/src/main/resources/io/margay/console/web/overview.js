// SPDX-License-Identifier: Apache-2.0
import { badge, bytes, content, h, live, load, number, problem, rate, t, table } from './common.js';

const SVG = 'http://www.w3.org/2000/svg';

/** A curve over all samples; its figures stand beside it and in the table below. */
function chart(times, values, title) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'chart');
  svg.setAttribute('viewBox', '0 0 100 40');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  const most = Math.max(...values, 1e-9);
  const last = times[times.length - 1];
  const span = Math.max(last - times[0], 60_000);
  const points = values.map((value, i) => [100 - (last - times[i]) / span * 100, 38 - Math.max(0, value) / most * 35]);
  const line = points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L');
  const curve = (shape, kind) => {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', shape);
    if (kind) {
      path.setAttribute('class', kind);
    }
    svg.append(path);
  };
  if (points.length > 1) {
    curve(`M${points[0][0].toFixed(2)} 40L${line}L100 40Z`, 'area');
    curve(`M${line}`);
  }
  return svg;
}

/** Microseconds, as a person reads them. */
function duration(value) {
  return value < 0 ? t('overview.norequests') : value < 10_000 ? `${rate(value / 1000)} ms`
    : value < 1_000_000 ? `${number(Math.round(value / 1000))} ms` : `${rate(value / 1_000_000)} s`;
}

function card(title, times, values, show) {
  const minutes = Math.max(1, Math.round((times[times.length - 1] - times[0]) / 60_000));
  const span = minutes >= 59 ? t('overview.hour') : t('overview.minutes', minutes);
  return h('section', { class: 'card' },
    h('h2', {}, title),
    h('p', { class: 'value' }, show(values[values.length - 1])),
    h('p', { class: 'note' }, `${span}, ${t('overview.most', show(Math.max(...values)))}`),
    chart(times, values, `${title}: ${show(values[values.length - 1])}`));
}

/** Differences a second; a counter that began anew counts from zero. */
function rates(times, values) {
  return values.slice(1).map((value, i) =>
    Math.max(0, value < values[i] ? value : value - values[i]) * 1000 / Math.max(1, times[i + 1] - times[i]));
}

function troubles(status, pools) {
  const applications = Object.entries(status.applications ?? {}).map(([name, app]) =>
    [name, app.error || !pools?.[name]?.failing ? app : { error: t('overview.failing') }]).filter(([, app]) => app.error);
  const closed = Object.entries(status.listeners ?? {}).filter(([, listener]) => listener.error);
  if (applications.length + closed.length === 0) {
    return h('p', { class: 'fine' }, t('overview.allgood'));
  }
  return h('div', { class: 'problem' }, [...applications, ...closed].map(([name, what]) =>
    h('p', {}, h('strong', {}, name), ': ', typeof what.error === 'string' ? what.error
      : JSON.stringify(what.error))));
}

async function show() {
  const { body } = await load();
  if (body.error || body.status?.error) {
    content(h('div', { class: 'problem' }, problem(body.error ? body : body.status)));
    return;
  }
  const { samples, names } = body.history;
  const column = (name) => samples.map((sample) => sample[names.indexOf(name) + 1]);
  const times = samples.map((sample) => sample[0]);
  const later = times.slice(1);
  const status = body.status;
  const open = column('active').map((value, i) => value + column('idle')[i]);
  content(
    troubles(status, body.pools),
    samples.length < 2 ? h('p', { class: 'muted' }, t('overview.nothing')) : h('div', { class: 'cards' },
      card(t('overview.requests'), later, rates(times, column('requests')), rate),
      card(t('overview.accepted'), later, rates(times, column('accepted')), rate),
      card(t('overview.connections'), times, open, number),
      card(t('overview.processes'), times, column('running'), number),
      card(t('overview.memory'), times, column('memory'), bytes),
      card(t('overview.errors'), times, column('errors'), number),
      card(t('overview.failed'), times, column('failed').map((value) => value / body.history.seconds), rate),
      card(t('overview.p50'), times, column('p50'), duration),
      card(t('overview.p99'), times, column('p99'), duration)),
    h('h2', {}, t('overview.table')),
    table(t('overview.table'), [[t('common.name')], [t('overview.now'), 'number']], [
      [t('overview.total'), number(status.requests?.total)],
      ...Object.entries(status.connections ?? {}).map(([name, value]) => [h('code', {}, `connections.${name}`),
        number(value)]),
      ...Object.entries(status.applications ?? {}).map(([name, app]) => [name,
        h('span', {}, number(app.processes?.running), ' ', app.error ? badge('bad', t('common.error')) : '')]),
    ]));
}

live(show, 5);

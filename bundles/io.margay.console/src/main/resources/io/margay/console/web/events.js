// SPDX-License-Identifier: Apache-2.0
import { content, h, live, load, notice, problem, t } from './common.js';

const KEEP = 2000;
const ABOUT = 'app/';
const LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'alert'];
const filter = h('input', { id: 'filter', type: 'search' });
const level = h('select', { id: 'level' }, h('option', { value: '' }, t('events.all')),
  LEVELS.map((name) => h('option', { value: name }, `≥ ${name}`)));
const source = h('select', { id: 'source' }, h('option', { value: '' }, t('events.server')),
  h('option', { value: 'access' }, t('events.access')));
const count = h('span', { class: 'muted' });
const body = h('tbody', {});
const box = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t('events.title') },
  h('table', { id: 'log' }, h('thead', {}, h('tr', {}, [t('events.time'), t('events.level'), t('events.pid'),
    t('events.message')].map((title) => h('th', { scope: 'col' }, title)))), body));
const pause = h('button', { 'aria-pressed': 'false' }, t('events.pause'));
let lines = [];
let place;

function draw() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const least = LEVELS.indexOf(level.value);
  const found = lines.filter((line) => (least < 0 || LEVELS.indexOf(line.level) >= least)
    && words.every((word) => line.text.toLowerCase().includes(word)));
  count.textContent = t('events.lines', found.length);
  body.replaceChildren(...found.slice(-500).reverse().map((line) => h('tr', {}, h('td', {}, line.time ?? ''),
    h('td', { class: `level-${line.level ?? ''}` }, line.level ?? ''), h('td', {}, String(line.pid ?? '')),
    h('td', {}, line.text))));
  if (found.length === 0) {
    body.append(h('tr', {}, h('td', { colspan: '4' }, t('events.empty'))));
  }
}

/** The applications that there are, below the logs of all of them. */
function offer(names) {
  const there = new Set([...source.options].map((option) => option.value));
  (names ?? []).filter((name) => !there.has(ABOUT + name)).forEach((name) =>
    source.append(h('option', { value: ABOUT + name }, t('events.about', name))));
}

async function show() {
  if (pause.getAttribute('aria-pressed') === 'true') {
    return;
  }
  const from = source.value;
  const after = place === undefined ? '' : `after/${place}`;
  const name = from.startsWith(ABOUT) ? from.slice(ABOUT.length) : '';
  const asked = (name ? ['app', after, name] : [from, after]).filter(Boolean).join('/');
  const { body: reply } = await load(asked || undefined);
  if (from !== source.value) {
    return;
  }
  if (reply.error) {
    notice('problem', ...problem(reply));
    return;
  }
  notice('');
  offer(reply.applications);
  const first = place === undefined;
  place = reply.place;
  lines = (reply.again ? [] : lines).concat(reply.lines).slice(-KEEP);
  if (first || reply.lines.length || reply.again) {
    draw();
  }
}

pause.addEventListener('click', () => {
  const paused = pause.getAttribute('aria-pressed') !== 'true';
  pause.setAttribute('aria-pressed', String(paused));
  pause.textContent = paused ? t('events.resume') : t('events.pause');
});
filter.addEventListener('input', draw);
source.addEventListener('change', () => {
  lines = [];
  place = undefined;
  level.disabled = source.value === 'access';
  level.value = level.disabled ? '' : level.value;
  draw();
  show();
});
level.addEventListener('change', draw);
content(h('div', { class: 'bar' }, h('label', { for: 'source' }, t('events.source')), source,
  h('label', { for: 'filter' }, t('common.filter')), filter,
  h('label', { for: 'level' }, t('events.level')), level, pause, count), box);
live(show, 2);

// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, load, notice, problem, send, t, table, time, writes } from './common.js';

const editor = h('textarea', { id: 'text', spellcheck: 'false', autocapitalize: 'none', readonly: !writes,
  'aria-describedby': 'hint position' });
const position = h('p', { id: 'position', class: 'muted', role: 'status' });
const waiting = h('div', {});
const tree = h('div', {});
const revisions = h('div', {});
const changes = h('div', {});
const seconds = h('select', { id: 'seconds' }, h('option', { value: '0' }, t('configuration.never')),
  [30, 60, 300].map((value) => h('option', { value }, t('configuration.seconds', value))));
let known = { text: '', tag: '' };
let timer;

function complain(reply) {
  notice('problem', ...(reply.status === 412 ? [h('p', {}, t('configuration.conflict'))] : problem(reply.body)));
}

/** Errors as one types: JSON first; what it means the server says on a try. */
function check() {
  try {
    JSON.parse(editor.value);
    position.textContent = '';
    editor.removeAttribute('aria-invalid');
  } catch (e) {
    const at = Number(/position (\d+)/.exec(e.message)?.[1] ?? 0);
    const before = editor.value.slice(0, at).split('\n');
    position.textContent = t('configuration.position', before.length, before[before.length - 1].length + 1, e.message);
    editor.setAttribute('aria-invalid', 'true');
  }
  draw();
}

/** Lines that are only in one of both: enough to see what one has done. */
function draw() {
  const before = known.text.split('\n');
  const after = editor.value.split('\n');
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) {
    start++;
  }
  let end = 0;
  while (end < before.length - start && end < after.length - start
      && before[before.length - 1 - end] === after[after.length - 1 - end]) {
    end++;
  }
  const lines = [...before.slice(start, before.length - end).map((line) => `- ${line}`),
    ...after.slice(start, after.length - end).map((line) => `+ ${line}`)];
  changes.replaceChildren(lines.length ? h('pre', { tabindex: '0' }, lines.slice(0, 200).join('\n'))
    : h('p', { class: 'muted' }, t('configuration.unchanged')));
}

function branch(name, value) {
  if (value === null || typeof value !== 'object') {
    return h('div', {}, `${name}: `, h('code', {}, JSON.stringify(value)));
  }
  const entries = Object.entries(value);
  return h('details', { class: 'tree', open: entries.length < 12 && name === '/' },
    h('summary', {}, name, ' ', h('span', { class: 'muted' }, `(${entries.length})`)),
    entries.slice(0, 500).map(([key, member]) => branch(key, member)));
}

async function order(what) {
  const reply = await send(what);
  if (!reply.good) {
    complain(reply);
  }
  return reply;
}

async function tryIt() {
  const reply = await order({ action: 'check', text: editor.value, tag: known.tag });
  if (reply.good) {
    notice('fine', h('p', {}, t('configuration.checked')), h('pre', { tabindex: '0' },
      JSON.stringify(reply.body, null, 2)));
  }
}

async function apply() {
  const reply = await order({ action: 'apply', text: editor.value, tag: known.tag, confirm: Number(seconds.value) });
  if (reply.good) {
    notice('fine', h('p', {}, t('configuration.applied')));
    await show();
  }
}

async function settle(action) {
  const reply = await order({ action });
  if (reply.good) {
    notice('fine', h('p', {}, t('common.done')));
  }
  await show();
}

/** The change that takes itself back, with what is left of its time. */
function count(confirm) {
  clearInterval(timer);
  waiting.replaceChildren();
  let left = confirm?.seconds_left;
  if (confirm?.error || left === undefined) {
    return;
  }
  const line = h('p', { role: 'timer' }, t('configuration.waiting', left));
  waiting.append(h('div', { class: 'wait' }, line, h('div', { class: 'bar' },
    h('button', { class: 'primary', id: 'keep', disabled: !writes, onclick: () => settle('confirm') },
      t('configuration.confirmnow')),
    h('button', { disabled: !writes, onclick: () => settle('cancel') }, t('configuration.cancelnow')))));
  timer = setInterval(() => {
    left--;
    line.textContent = t('configuration.waiting', Math.max(0, left));
    if (left <= -1) {
      clearInterval(timer);
      show();
    }
  }, 1000);
}

async function diff(number) {
  const { body } = await load(`diff/${number}`);
  const list = Array.isArray(body) ? body : [];
  notice(body.error ? 'problem' : 'fine', ...(body.error ? problem(body) : [h('p', {}, `${t('configuration.diff')}: `
    + `${number}`), list.length ? h('pre', { tabindex: '0' }, list.map((change) => `${change.op} ${change.path}`
      + ('from' in change ? `\n  - ${JSON.stringify(change.from)}` : '')
      + ('to' in change ? `\n  + ${JSON.stringify(change.to)}` : '')).join('\n'))
    : h('p', {}, t('configuration.nodiff'))]));
}

async function undo(number) {
  if (!await ask(t('configuration.really', number), t('configuration.undo'))) {
    return;
  }
  const reply = await order({ action: 'rollback', revision: number, tag: known.tag });
  if (reply.good) {
    notice('fine', h('p', {}, t('configuration.applied')));
    await show();
  }
}

function history(list) {
  if (list?.error) {
    return h('div', { class: 'problem' }, problem(list));
  }
  return table(t('configuration.revisions'), [[t('configuration.number')], [t('configuration.when')],
    [t('configuration.who')], [t('configuration.what')], [t('common.actions')]],
  [...(list ?? [])].sort((a, b) => b.number - a.number).map((entry) => [
    h('span', {}, String(entry.number), ' ', entry.current ? badge('good', t('configuration.current')) : ''),
    time(entry.time ?? entry.date ?? ''), String(entry.peer ?? entry.who ?? entry.uid ?? ''),
    h('code', {}, [entry.method, entry.path ?? entry.target].filter(Boolean).join(' ')),
    h('span', { class: 'bar' },
      h('button', { onclick: () => diff(entry.number) }, t('configuration.diff')),
      h('button', { disabled: !writes || entry.current, onclick: () => undo(entry.number) },
        t('configuration.undo'))),
  ]), t('configuration.norevisions'));
}

async function show() {
  const { body } = await load();
  if (body.error || !body.good) {
    notice('problem', ...problem(body.error ? body : body.configuration ?? {}));
    return;
  }
  known = body;
  editor.value = body.text;
  tree.replaceChildren(branch('/', body.configuration));
  revisions.replaceChildren(history(body.revisions));
  count(body.confirm);
  check();
}

editor.addEventListener('input', check);
content(
  waiting,
  h('label', { for: 'text' }, t('configuration.text')),
  editor,
  h('p', { id: 'hint', class: 'muted' }, t('configuration.hint')),
  position,
  h('div', { class: 'bar' },
    h('button', { id: 'try', disabled: !writes, onclick: tryIt }, t('configuration.check')),
    h('button', { id: 'apply', class: 'primary', disabled: !writes, onclick: apply }, t('configuration.apply')),
    h('label', { for: 'seconds' }, t('configuration.confirm')), seconds,
    h('button', { onclick: show }, t('configuration.reset'))),
  h('h2', {}, t('configuration.changes')), changes,
  h('h2', {}, t('configuration.tree')), tree,
  h('h2', {}, t('configuration.revisions')), revisions);
show();

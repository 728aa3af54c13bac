// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, load, notice, problem, send, t, table, time, writes } from './common.js';
import { form, learn, look, put } from './forms.js';

const PAUSE = 500;

const editor = h('textarea', { id: 'text', spellcheck: 'false', autocapitalize: 'none', readonly: !writes,
  'aria-describedby': 'hint position' });
const position = h('p', { id: 'position', class: 'muted', role: 'status' });
const waiting = h('div', {});
const tree = h('div', {});
const revisions = h('div', {});
const changes = h('div', {});
const seconds = h('select', { id: 'seconds' }, h('option', { value: '0' }, t('configuration.never')),
  [30, 60, 300].map((value) => h('option', { value }, t('configuration.seconds', value))));
const node = h('div', {});
const importing = h('input', { type: 'file', id: 'import', accept: '.json', disabled: !writes });
let known = { text: '', tag: '' };
let path = [];
let checking;
let asked = 0;
let timer;

function complain(reply) {
  notice('problem', ...(reply.status === 412 ? [h('p', {}, t('configuration.conflict'))] : problem(reply.body)));
}

function value() {
  try {
    return JSON.parse(editor.value);
  } catch {
    return undefined;
  }
}

function wrong(text, place) {
  position.textContent = text;
  position.className = text ? 'problem' : 'muted';
  if (text) {
    editor.setAttribute('aria-invalid', 'true');
  } else {
    editor.removeAttribute('aria-invalid');
  }
  node.querySelectorAll('[data-path]').forEach((row) => {
    const bad = text !== '' && row.dataset.path === place;
    row.classList.toggle('wrong', bad);
    row.querySelector('input, select, textarea')?.setAttribute('aria-invalid', String(bad));
  });
}

/** What it means the server says on a try, when the hands rest; an answer to an older text is of no interest. */
async function judge() {
  const turn = ++asked;
  if (!writes || editor.value === known.text) {
    wrong('');
    return;
  }
  const reply = await send({ action: 'check', text: editor.value, tag: known.tag });
  if (turn === asked) {
    const { body } = reply;
    wrong(reply.good || reply.status === 412 ? '' : [body.error, body.detail, body.location?.path ?? body.path,
      body.suggestion].filter(Boolean).join(' '), body.location?.path ?? body.path);
  }
}

/** Errors as one types: JSON first, then the server's. */
function check() {
  clearTimeout(checking);
  try {
    JSON.parse(editor.value);
    checking = setTimeout(judge, PAUSE);
  } catch (e) {
    asked++;
    const at = Number(/position (\d+)/.exec(e.message)?.[1] ?? 0);
    const before = editor.value.slice(0, at).split('\n');
    wrong(t('configuration.position', before.length, before[before.length - 1].length + 1, e.message));
  }
  draw();
}

/** The form of the node, and what leads to others. The text is what counts: a form reads and writes it. */
function redraw(focus) {
  const root = value();
  if (root === undefined) {
    node.replaceChildren(h('p', { class: 'muted' }, t('configuration.nojson')));
    return;
  }
  while (path.length && look(root, path).value === undefined) {
    path = path.slice(0, -1);
  }
  const change = (place, next) => {
    const active = document.activeElement?.id;
    editor.value = `${JSON.stringify(put(value() ?? {}, place, next) ?? {}, null, 2)}\n`;
    check();
    redraw();
    tree.replaceChildren(branch('/', value() ?? {}, []));
    document.getElementById(active)?.focus();
  };
  const crumbs = ['', ...path].map((name, i) => h('li', {}, h('button', { type: 'button', class: 'link',
    'aria-current': i === path.length ? 'true' : false, onclick: () => go(path.slice(0, i)) },
  i === 0 ? t('configuration.root') : name)));
  node.replaceChildren(h('nav', { class: 'crumbs', 'aria-label': t('configuration.place') }, h('ol', {}, crumbs)),
    h('form', { class: 'node', id: 'node', 'aria-label': `/${path.join('/')}`, tabindex: '-1',
      onsubmit: (event) => event.preventDefault() }, form(root, path, change, go)),
    h('div', { class: 'bar' }, h('button', { type: 'button', id: 'export', onclick: () => save(look(value(), path).value) },
      t('configuration.export')), h('label', { for: 'import' }, t('configuration.import')), importing));
  importing.onchange = async () => {
    try {
      change(path, JSON.parse(await importing.files[0].text()));
    } catch (e) {
      notice('problem', h('p', {}, t('configuration.noimport', e.message)));
    }
    importing.value = '';
  };
  if (focus) {
    document.getElementById('node').focus();
  }
}

function go(place) {
  path = place;
  redraw(true);
}

/** A part as a file. What is not shown is not in it. */
function save(part) {
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(part, null, 2)}\n`], { type: 'application/json' }));
  const name = ['margay', ...path].join('-').replace(/[^A-Za-z0-9.-]+/g, '_');
  h('a', { href: address, download: `${name}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
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

function branch(name, part, place) {
  if (part === null || typeof part !== 'object') {
    return h('div', {}, `${name}: `, h('code', {}, JSON.stringify(part)));
  }
  const entries = Object.entries(part);
  return h('details', { class: 'tree', open: entries.length < 12 && name === '/' },
    h('summary', {}, name, ' ', h('span', { class: 'muted' }, `(${entries.length})`)),
    h('button', { type: 'button', class: 'link', 'aria-label': `${t('configuration.form')}: /${place.join('/')}`,
      onclick: () => go(place) }, t('configuration.form')),
    entries.slice(0, 500).map(([key, member]) => branch(key, member, [...place, key])));
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
    // Not before the page has it: whoever goes on then would lose what he writes.
    await show();
    notice('fine', h('p', {}, t('configuration.applied')));
  }
}

async function settle(action) {
  const reply = await order({ action });
  await show();
  if (reply.good) {
    notice('fine', h('p', {}, t('common.done')));
  }
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
    h('button', { id: 'cancel', disabled: !writes, onclick: () => settle('cancel') }, t('configuration.cancelnow')))));
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
    await show();
    notice('fine', h('p', {}, t('configuration.applied')));
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
      h('button', { 'data-diff': entry.number, onclick: () => diff(entry.number) }, t('configuration.diff')),
      h('button', { disabled: !writes || entry.current, 'data-undo': entry.number, onclick: () => undo(entry.number) },
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
  tree.replaceChildren(branch('/', body.configuration, []));
  redraw();
  revisions.replaceChildren(history(body.revisions));
  count(body.confirm);
  check();
}

editor.addEventListener('input', check);
editor.addEventListener('change', () => redraw());
content(
  waiting,
  h('h2', {}, t('configuration.form')), node,
  h('h2', {}, t('configuration.astext')),
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
load('schema').then(({ body }) => {
  if (!body.error) {
    learn(body);
  }
  return show();
});

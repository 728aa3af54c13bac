// SPDX-License-Identifier: Apache-2.0
import { bytes, content, h, live, load, number, problem, t, table } from './common.js';

const KINDS = ['bundles', 'components', 'threads', 'ports', 'descriptors', 'memory', 'counters'];
const names = { memory: 'memorydetail', descriptors: 'descriptorsdetail' };
const inside = h('div', { 'aria-live': 'polite' });
const tree = h('div', {});

function depth(process, all) {
  let level = 0;
  let parent = all.get(process.parent);
  while (parent && level < 3) {
    level++;
    parent = all.get(parent.parent);
  }
  return level;
}

/** Parents before their children. */
function ordered(list) {
  const all = new Map(list.map((process) => [process.pid, process]));
  const out = [];
  const add = (process) => {
    out.push(process);
    list.filter((other) => other.parent === process.pid).forEach(add);
  };
  list.filter((process) => !all.has(process.parent)).forEach(add);
  return out.map((process) => [process, depth(process, all)]);
}

async function show() {
  const { body } = await load();
  if (body.error) {
    tree.replaceChildren(h('div', { class: 'problem' }, problem(body)));
    return;
  }
  tree.replaceChildren(table(t('processes.title'), [[t('processes.process')], [t('processes.pid'), 'number'],
    [t('processes.user'), 'number'], [t('processes.memory'), 'number'], [t('processes.threads'), 'number'],
    [t('processes.descriptors'), 'number'], [t('processes.namespaces')], [t('processes.limits')]],
  ordered(body.processes).map(([process, level]) => [
    // Main has its command line behind its title.
    h('span', { class: `indent indent${level}`, title: process.title }, process.title.split(' [')[0]),
    String(process.pid), process.user,
    bytes(process.memory), number(process.threads), number(process.descriptors),
    process.namespaces.length ? process.namespaces.join(', ') : h('span', { class: 'muted' }, t('processes.shared')),
    h('details', {}, h('summary', {}, t('processes.limits')),
      Object.entries(process.limits).map(([name, value]) => h('div', {}, `${name}: ${value}`))),
  ]), t('processes.empty')));
}

/** What an inspector shows is a list, or names and values. */
function shown(title, value) {
  const list = Array.isArray(value) ? value : Object.values(value).find(Array.isArray);
  if (list && list.length && typeof list[0] === 'object') {
    const columns = [...new Set(list.flatMap((entry) => Object.keys(entry)))]
      .sort((a, b) => (b === 'name') - (a === 'name'));
    const cell = (entry, column) => {
      const text = entry[column] ?? '';
      return typeof text === 'object' ? h('code', {}, JSON.stringify(text)) : String(text);
    };
    return table(title, columns.map((column) => [column]), list.map((entry) => columns.map((column) =>
      cell(entry, column))));
  }
  return h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2));
}

async function look(event) {
  event.preventDefault();
  const process = document.getElementById('process').value;
  const kind = document.getElementById('kind').value;
  const { body } = await load(`${process}/${kind}`);
  const title = `${t('processes.within', process)}: ${t(`processes.${names[kind] ?? kind}`)}`;
  inside.replaceChildren(h('h2', {}, title), body.error ? h('div', { class: 'problem' }, problem(body))
    : shown(title, body));
}

content(tree, h('h2', {}, t('processes.look')),
  h('form', { class: 'bar', onsubmit: look },
    h('label', { for: 'process' }, t('processes.which')),
    h('select', { id: 'process' }, ['main', 'controller', 'router'].map((name) => h('option', {}, name))),
    h('label', { for: 'kind' }, t('processes.what')),
    h('select', { id: 'kind' }, KINDS.map((kind) =>
      h('option', { value: kind }, t(`processes.${names[kind] ?? kind}`)))),
    h('button', {}, t('processes.look'))),
  inside);
live(show, 5);

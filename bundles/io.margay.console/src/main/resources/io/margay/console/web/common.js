// SPDX-License-Identifier: Apache-2.0
// What all pages share: texts, elements, requests, tables.

const page = document.body.dataset;
const texts = JSON.parse(document.getElementById('texts').textContent);

export const label = page.label;
export const writes = page.role === 'write';
export const language = document.documentElement.lang;

/** A text of this page or of all pages; {0} in it is the first value. */
export function t(key, ...values) {
  let text = texts[key] ?? key;
  values.forEach((value, i) => { text = text.replaceAll(`{${i}}`, String(value)); });
  return text;
}

/** An element. Text is text and never HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function content(...children) {
  const place = document.getElementById('content');
  place.replaceChildren(...children.flat().filter(Boolean));
  place.removeAttribute('aria-busy');
}

export function notice(kind, ...children) {
  document.getElementById('notice').replaceChildren(...(kind ? [h('div', { class: kind }, ...children)] : []));
}

/** What the server says is wrong: the error, why, and where. */
export function problem(reply) {
  const parts = [reply.error ?? t('common.error'), reply.detail,
    reply.location?.path ?? reply.path, reply.suggestion].filter((part) => part);
  return parts.map((part, i) => h('p', {}, i === 0 ? h('strong', {}, String(part)) : String(part)));
}

async function answer(response) {
  if (response.status === 401) {
    location.assign(`${page.root}/login?next=/${label}`);
  }
  const body = await response.json().catch(() => ({ error: `${response.status}` }));
  return { good: response.ok, status: response.status, tag: response.headers.get('X-Tag'), body };
}

/** What this page shows, or a detail of it. */
export async function load(show) {
  try {
    const query = show === undefined ? '' : `?show=${encodeURIComponent(show)}`;
    return await answer(await fetch(`${page.root}/${label}.json${query}`, { headers: { Accept: 'application/json' } }));
  } catch (e) {
    return { good: false, status: 0, body: { error: t('common.failed', e.message) } };
  }
}

/** A change, with the proof that this page makes it. */
export async function send(order) {
  try {
    return await answer(await fetch(`${page.root}/${label}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': page.token },
      body: JSON.stringify(order),
    }));
  } catch (e) {
    return { good: false, status: 0, body: { error: t('common.failed', e.message) } };
  }
}

/** A file, as it is on the disk of the browser; wishes are parameters of the address. */
export async function upload(file, wishes) {
  try {
    return await answer(await fetch(`${page.root}/${label}?${new URLSearchParams(wishes)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/java-archive', 'X-CSRF-Token': page.token },
      body: file,
    }));
  } catch (e) {
    return { good: false, status: 0, body: { error: t('common.failed', e.message) } };
  }
}

/** How the reader has sorted tables: [column, direction] by title. It outlives that a page draws itself anew. */
const sorted = new Map();

function compare(one, other) {
  const [a, b] = [one, other].map((cell) => (cell instanceof Node ? cell.textContent : String(cell ?? '')));
  const [x, y] = [a, b].map((text) => (/^-?[\d.,\s\u00a0]+( ?[KMGT]?B| ms)?$/.test(text) ? parseFloat(
    text.replace(/[\s\u00a0]/g, '').replace(language === 'de' ? /\./g : /,/g, '').replace(',', '.'))
    * ({ KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[text.slice(-2)] ?? 1) : NaN));
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, language, { numeric: true }) : x - y;
}

/**
 * A table in a box that scrolls by itself. Columns: [title, kind]; cells: text or elements. The buttons of the head
 * sort it: upwards, downwards, and as it was.
 */
export function table(title, columns, rows, empty) {
  if (rows.length === 0) {
    return h('p', { class: 'muted' }, empty ?? t('common.none'));
  }
  const box = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title });
  const draw = () => {
    const [column, direction] = sorted.get(title) ?? [-1, 0];
    const shown = direction === 0 ? rows : [...rows].sort((a, b) => direction * compare(a[column], b[column]));
    const turn = (i) => () => {
      const next = column !== i ? 1 : direction === 1 ? -1 : 0;
      sorted.set(title, [i, next]);
      draw();
      box.querySelectorAll('thead button')[i]?.focus();
    };
    box.replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, columns.map(([name, kind], i) => h('th', { scope: 'col', class: kind || false,
        'aria-sort': column !== i || direction === 0 ? false : direction === 1 ? 'ascending' : 'descending' },
      rows.length < 2 ? name : h('button', { class: 'sort', type: 'button', onclick: turn(i) }, name))))),
      h('tbody', {}, shown.map((cells) => h('tr', {}, cells.map((cell, i) =>
        h(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : false, class: columns[i][1] || false }, cell)))))));
  };
  draw();
  return box;
}

export function badge(kind, text) {
  return h('span', { class: `badge ${kind}` }, text);
}

const numbers = new Intl.NumberFormat(language);
const short = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

export const number = (value) => numbers.format(value ?? 0);
export const rate = (value) => short.format(value);

export function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${short.format(value)} ${units[unit]}`;
}

export function time(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? String(value ?? '')
    : date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Asks before something is done that cannot be undone at once. */
export function ask(question, yes) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { 'aria-labelledby': 'question' },
      h('p', { id: 'question' }, question),
      h('form', { method: 'dialog', class: 'bar' },
        h('button', { class: 'primary', value: 'yes' }, yes), h('button', { value: 'no' }, t('common.cancel'))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows the page now and from time to time, while it can be seen. */
export function live(show, seconds) {
  let busy = false;
  const look = async () => {
    if (busy || document.hidden) {
      return;
    }
    busy = true;
    try {
      await show();
    } finally {
      busy = false;
    }
  };
  look();
  if (seconds) {
    setInterval(look, seconds * 1000);
    document.addEventListener('visibilitychange', look);
  }
  return look;
}

const menu = document.getElementById('menu');
menu.addEventListener('click', () => {
  const open = document.getElementById('nav').classList.toggle('open');
  menu.setAttribute('aria-expanded', String(open));
});

// SPDX-License-Identifier: Apache-2.0
import { ask, badge, content, h, live, load, notice, problem, send, t, table, time, writes } from './common.js';

const SOON = 30;
const list = h('div', {});
const name = h('input', { id: 'name', required: true, maxlength: '200', autocapitalize: 'none' });
const pem = h('textarea', { id: 'pem', class: 'small', spellcheck: 'false', required: true });
const file = h('input', { id: 'file', type: 'file', accept: '.pem,.crt,.key' });
const replace = h('input', { id: 'replace', type: 'checkbox' });

function left(until) {
  const days = Math.floor((new Date(until).getTime() - Date.now()) / 86_400_000);
  if (Number.isNaN(days)) {
    return '';
  }
  return days < 0 ? badge('bad', t('certificates.expired'))
    : badge(days < SOON ? 'warn' : 'good', t('certificates.left', days));
}

function users(wanted, listeners, described) {
  const places = Object.values(described ?? {}).flatMap((kind) => kind[wanted]?.places ?? []);
  return Object.entries(listeners ?? {}).filter(([address, listener]) =>
    [listener.tls?.certificate].flat().includes(wanted)
    || places.some((place) => place.startsWith(`/listeners/${address.replaceAll('~', '~0').replaceAll('/', '~1')}/`)))
    .map(([address]) => address);
}

function subject(entity) {
  return typeof entity === 'string' ? entity : entity?.common_name ?? JSON.stringify(entity ?? '');
}

async function remove(wanted) {
  if (!await ask(t('certificates.really', wanted), t('certificates.remove'))) {
    return;
  }
  const reply = await send({ action: 'remove', name: wanted });
  notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, t('common.done'))] : problem(reply.body)));
  show();
}

async function upload(event) {
  event.preventDefault();
  const reply = await send({ action: 'upload', name: name.value, pem: pem.value, replace: replace.checked });
  notice(reply.good ? 'fine' : 'problem', ...(reply.good ? [h('p', {}, t('certificates.sent'))]
    : problem(reply.body)));
  if (reply.good) {
    pem.value = '';
    file.value = '';
    show();
  }
}

async function show() {
  const { body } = await load();
  if (body.error || typeof body.certificates?.error === 'string') {
    list.replaceChildren(h('div', { class: 'problem' }, problem(body.error ? body : body.certificates)));
    return;
  }
  list.replaceChildren(table(t('certificates.title'), [[t('common.name')], [t('certificates.subject')],
    [t('certificates.names')], [t('certificates.issuer')], [t('certificates.until')], [t('certificates.days')],
    [t('certificates.key')], [t('certificates.used')], [t('common.actions')]],
  Object.entries(body.certificates ?? {}).map(([key, bundle]) => {
    const first = bundle.chain?.[0] ?? {};
    return [key, subject(first.subject), (first.subject?.alt_names ?? []).join(', '), subject(first.issuer),
      time(first.validity?.until), left(first.validity?.until), bundle.key ?? '',
      users(key, body.listeners, body.described).join(', ') || h('span', { class: 'muted' }, t('common.none')),
      h('button', { class: 'danger', disabled: !writes, 'data-remove': key, onclick: () => remove(key) }, t('certificates.remove'))];
  }), t('certificates.empty')));
}

file.addEventListener('change', async () => {
  if (file.files[0] && file.files[0].size <= 1 << 20) {
    pem.value = await file.files[0].text();
  }
});
content(list, ...(writes ? [h('h2', {}, t('certificates.upload')),
  h('form', { onsubmit: upload },
    h('div', { class: 'bar' }, h('label', { for: 'name' }, t('common.name')), name),
    h('label', { for: 'pem' }, t('certificates.pem')), pem,
    h('div', { class: 'bar' }, h('label', { for: 'file' }, t('certificates.file')), file,
      replace, h('label', { for: 'replace' }, t('certificates.replace')),
      h('button', { class: 'primary' }, t('certificates.send'))))] : []));
live(show, 60);

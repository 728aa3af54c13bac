// SPDX-License-Identifier: Apache-2.0
// Forms drawn from the schemas by which the server validates: every option that an installed bundle reads.
import { h, t, writes } from './common.js';

const PREFIX = '#/components/schemas/';
const PLAIN = ['string', 'number', 'integer', 'boolean'];
let schemas = {};

export function learn(all) {
  schemas = all;
}

function at(ref) {
  return ref.slice(PREFIX.length).split('/').reduce((schema, name) => schema?.[name.replaceAll('~1', '/')], schemas);
}

function kinds(schema) {
  return [schema.type ?? []].flat();
}

function kindOf(value) {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
}

/** The variants of an object: [name, schema]. */
function variants(schema) {
  return (schema.oneOf ?? []).map((one) => [one.$ref.split('/').pop().replace(/^[^-]*-/, ''), resolved(one)]);
}

function fits([name, schema], value) {
  return typeof value?.type === 'string' && schema.properties?.type ? value.type.split(' ')[0] === name
    : value !== null && typeof value === 'object' && name in value;
}

/** What a value must be: references followed, and of several forms the one that it has. */
function resolved(schema, value) {
  if (schema?.$ref) {
    return resolved(at(schema.$ref) ?? {}, value);
  }
  if (schema?.anyOf) {
    const all = schema.anyOf.map((one) => resolved(one, value));
    return all.find((one) => kinds(one).includes(kindOf(value))) ?? all[0];
  }
  if (schema?.oneOf && value !== undefined) {
    return variants(schema).find((one) => fits(one, value))?.[1] ?? schema;
  }
  return schema ?? {};
}

function below(schema, value, name) {
  const known = resolved(schema, value);
  return Array.isArray(value) ? known.items ?? {} : known.properties?.[name] ?? known.additionalProperties ?? {};
}

/** The rule and the value at a path. */
export function look(root, path) {
  let schema = { $ref: `${PREFIX}configuration` };
  let value = root;
  for (const name of path) {
    schema = below(schema, value, name);
    value = value?.[name];
  }
  return { schema, value };
}

/** The root with another value at a path; without one the member is left out. */
export function put(root, path, value) {
  if (path.length === 0) {
    return value;
  }
  const [name, ...rest] = path;
  if (Array.isArray(root)) {
    const index = Number(name);
    return rest.length === 0 && value === undefined ? root.filter((_, i) => i !== index)
      : Object.assign([...root], { [index]: put(root[index], rest, value) });
  }
  const next = put(root?.[name], rest, value);
  const copy = { ...root };
  if (next === undefined) {
    delete copy[name];
  } else {
    copy[name] = next;
  }
  return copy;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A field for one value that is no object; what is empty is not set. */
function field(id, schema, value, change) {
  const types = kinds(schema);
  const common = { id, disabled: !writes, 'aria-describedby': `${id}-about` };
  const unset = schema.default === undefined ? t('configuration.unset')
    : t('configuration.default', JSON.stringify(schema.default));
  const only = (...allowed) => types.length > 0 && types.every((type) => allowed.includes(type));
  if (typeof schema.enum?.[0] === 'object') {
    // Nobody reads it; the description says so.
    return h('input', { ...common, type: 'text', disabled: true, placeholder: t('configuration.unset') });
  }
  if (schema.enum || only('boolean')) {
    const choices = schema.enum ?? [true, false];
    return h('select', { ...common, onchange: (e) => change(e.target.value === '' ? undefined
      : choices[Number(e.target.value)]) }, h('option', { value: '' }, unset), choices.map((choice, i) =>
      h('option', { value: i, selected: choice === value }, String(choice))));
  }
  if (only('integer', 'number')) {
    return h('input', { ...common, type: 'number', min: schema.minimum, max: schema.maximum,
      step: schema.multipleOf ?? (only('integer') ? 1 : 'any'), value: value ?? false, placeholder: unset,
      onchange: (e) => change(e.target.value === '' ? undefined : Number(e.target.value)) });
  }
  if (only('string', 'array') && types.includes('array') && (!schema.items || kinds(schema.items).includes('string'))) {
    return h('textarea', { ...common, class: 'tiny', spellcheck: 'false', placeholder: t('configuration.lines'),
      onchange: (e) => {
        const lines = e.target.value.split('\n').filter((line) => line !== '');
        change(lines.length === 0 ? undefined : lines.length === 1 && types.includes('string') ? lines[0] : lines);
      } }, [value ?? []].flat().join('\n'));
  }
  const text = value === undefined ? '' : typeof value === 'string' && types.includes('string') ? value
    : JSON.stringify(value);
  return h('input', { ...common, type: 'text', spellcheck: 'false', autocapitalize: 'none', value: text,
    placeholder: unset, onchange: (e) => change(e.target.value === '' ? undefined : only('string') ? e.target.value
      : parsed(e.target.value)) });
}

function isBranch(schema, value) {
  if (value !== null && typeof value === 'object') {
    return !(Array.isArray(value) && value.every((one) => typeof one === 'string'));
  }
  const known = resolved(schema, value);
  return value === undefined && (known.oneOf || !kinds(known).some((kind) => PLAIN.includes(kind))
    && kinds(known).some((kind) => kind === 'object' || kind === 'array'));
}

function fresh(schema) {
  const types = kinds(resolved(schema));
  return types.includes('object') || types.length === 0 ? {} : [];
}

/** How many values a branch holds, or what it is not. */
function size(value) {
  return h('span', { class: 'muted' }, value === undefined ? t('configuration.unset')
    : `(${Object.keys(value).length})`);
}

function about(id, schema) {
  const known = resolved(schema);
  const parts = [known.description, kinds(known).join(', '),
    known.minimum !== undefined ? `≥ ${known.minimum}` : '', known.maximum !== undefined ? `≤ ${known.maximum}` : ''];
  return h('span', { class: 'muted', id: `${id}-about` }, parts.filter(Boolean).join(' · '));
}

/**
 * The form of one node.
 *
 * @param root the whole configuration
 * @param path of the node
 * @param change called with a path and the value that is to be there, undefined for none
 * @param go called with the path of another node
 */
export function form(root, path, change, go) {
  const { schema, value } = look(root, path);
  const known = resolved(schema, value);
  const all = variants(resolved(schema));
  const required = known.required ?? [];
  const row = (name, rule, one, removable) => {
    const id = `f-${[...path, name].join('-').replace(/[^A-Za-z0-9-]/g, '_')}`;
    const place = [...path, name];
    const label = `${name}${required.includes(name) ? ' *' : ''}`;
    const open = (text) => h('button', { type: 'button', disabled: one === undefined && !writes,
      'aria-label': `${text}: ${name}`, onclick: () => {
        if (one === undefined) {
          change(place, fresh(rule));
        }
        go(place);
      } }, text);
    const away = removable && writes ? h('button', { type: 'button', class: 'danger',
      'aria-label': `${t('configuration.delete')}: ${name}`, onclick: () => change(place, undefined) },
    t('configuration.delete')) : null;
    return isBranch(rule, one)
      ? h('div', { class: 'row' }, h('span', { class: 'label' }, label), h('span', { class: 'bar tight' }, size(one),
        open(t(one === undefined ? 'configuration.add' : 'configuration.open')), away), about(id, rule))
      : h('div', { class: 'row', 'data-path': `/${place.join('/')}` }, h('label', { for: id }, label),
        h('span', { class: 'bar tight' }, field(id, resolved(rule, one), one, (next) => change(place, next)), away),
        about(id, rule));
  };
  const rows = [];
  if (all.length > 1) {
    const chosen = all.findIndex((one) => fits(one, value));
    rows.push(h('div', { class: 'row' }, h('label', { for: 'variant' }, t('configuration.variant')),
      h('select', { id: 'variant', disabled: !writes, onchange: (e) => {
        const [name, rule] = all[Number(e.target.value)];
        const kept = Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => rule.properties?.[key]
          && !all.some(([other]) => other === key)));
        change(path, rule.properties?.type ? { ...kept, type: name } : { [name]: '', ...kept });
      } }, chosen < 0 ? h('option', { value: '' }, t('configuration.unset')) : null,
      all.map(([name], i) => h('option', { value: i, selected: i === chosen }, name)))));
  }
  if (Array.isArray(value)) {
    value.forEach((one, i) => rows.push(row(String(i), known.items ?? {}, one, true)));
    rows.push(h('div', { class: 'bar' }, h('button', { type: 'button', id: 'add', disabled: !writes, onclick: () => {
      change(path, [...value, isBranch(known.items ?? {}, undefined) ? fresh(known.items) : '']);
    } }, t('configuration.add'))));
    return rows;
  }
  const members = value !== null && typeof value === 'object' ? value : {};
  Object.entries(known.properties ?? {}).forEach(([name, rule]) => rows.push(row(name, rule, members[name],
    members[name] !== undefined && isBranch(rule, members[name]))));
  const rest = Object.keys(members).filter((name) => !known.properties?.[name]);
  rest.forEach((name) => rows.push(row(name, known.additionalProperties || {}, members[name], true)));
  if (known.additionalProperties && typeof known.additionalProperties === 'object') {
    const name = h('input', { id: 'membername', autocapitalize: 'none', disabled: !writes });
    rows.push(h('div', { class: 'bar' }, h('label', { for: 'membername' }, t('common.name')), name,
      h('button', { type: 'button', id: 'add', disabled: !writes, onclick: () => {
        if (name.value && !(name.value in members)) {
          const rule = resolved(known.additionalProperties);
          change([...path, name.value], isBranch(rule, undefined) ? fresh(rule) : '');
        }
      } }, t('configuration.add'))));
  }
  return rows;
}

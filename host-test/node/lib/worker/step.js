// A component's step as rawdash's rows, if it keeps to the contract.

import { Buffer } from 'node:buffer';

const LATEST = BigInt(Number.MAX_SAFE_INTEGER);
const MAX_ATTRIBUTES = 1 << 20;
const MAX_ID = 4096;
/** Bytes of records that one step may hand over. */
const MAX_OUTPUT = 32 << 20;

/** The first thing in a batch that breaks the contract. */
export class BatchError extends Error {}

const SHAPES = {
  events: 'event',
  entities: 'entity',
  removals: 'entity',
  samples: 'metric',
  edges: 'edge',
  distributions: 'distribution',
};

const EFFECTS = {
  events: ['merge'],
  entities: ['merge', 'stage', 'replace-all'],
  removals: ['merge'],
  samples: ['replace-window'],
  edges: ['merge', 'stage', 'replace-all'],
  distributions: ['replace-window'],
};

function instant(at) {
  if (at < 0n || at > LATEST) throw `the timestamp ${at} is not between 0 and 2^53 - 1`;
  return Number(at);
}

function id(which, text) {
  const size = Buffer.byteLength(text);
  if (size < 1 || size > MAX_ID) throw `${which} is empty or longer than ${MAX_ID} bytes`;
  return text;
}

function finite(which, value) {
  if (!Number.isFinite(value)) throw `${which} is not finite`;
  return value;
}

function attributes(text) {
  if (Buffer.byteLength(text) > MAX_ATTRIBUTES) throw 'the attributes are longer than 1 MiB';
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw 'the attributes are no valid JSON';
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw 'the attributes are no JSON object';
  }
  return value;
}

function data({ spread, count, sum }) {
  const totals = { count: Number(count), sum: finite('the sum', sum) };
  if (spread.tag === 'histogram') {
    const bucket = (each) => ({ le: finite("a bucket's bound", each.le), count: Number(each.count) });
    return { kind: 'histogram', data: { buckets: spread.val.map(bucket), ...totals } };
  }
  const quantile = ({ q, value }) => {
    if (!(q >= 0 && q <= 1)) throw 'a quantile is not between 0 and 1';
    return { q, value: finite("a quantile's value", value) };
  };
  return { kind: 'summary', data: { quantiles: spread.val.map(quantile), ...totals } };
}

/** How each kind of record becomes a row of the resource `name`. */
const ROWS = {
  events: (event, name) => ({
    id: id('the id', event.id),
    row: {
      name,
      start_ts: instant(event.start),
      end_ts: event.end === undefined ? null : instant(event.end),
      attributes: attributes(event.attributes),
    },
  }),
  entities: (entity, name) => ({
    type: name,
    id: id('the id', entity.id),
    attributes: attributes(entity.attributes),
    updated_at: instant(entity.updatedAt),
  }),
  removals: (removal) => id('the id', removal),
  samples: (sample, name) => ({
    name,
    ts: instant(sample.at),
    value: finite('the value', sample.value),
    attributes: attributes(sample.attributes),
  }),
  edges: (edge, name) => ({
    from_type: id('the type of the node it comes from', edge.from.type),
    from_id: id('the id of the node it comes from', edge.from.id),
    kind: name,
    to_type: id('the type of the node it goes to', edge.to.type),
    to_id: id('the id of the node it goes to', edge.to.id),
    attributes: attributes(edge.attributes),
    updated_at: instant(edge.updatedAt),
  }),
  distributions: (distribution, name) => ({
    name,
    ts: instant(distribution.at),
    ...data(distribution),
    attributes: attributes(distribution.attributes),
  }),
};

function effect({ tag, val }) {
  if (tag === 'replace-window') {
    const window = { start: instant(val.start), end: instant(val.end) };
    if (window.start > window.end) throw 'its window ends before it starts';
    return { tag, window };
  }
  // As text: only equality is asked of a generation.
  return val === undefined ? { tag } : { tag, generation: String(val) };
}

function plainBatch(batch, about) {
  const wrong = (problem) =>
    new BatchError(`the component broke the contract: ${batch.resource}: ${problem}`);
  const resource = about.resources.find(({ name }) => name === batch.resource);
  if (!resource) throw wrong('its manifest has no such resource');
  const { tag, val } = batch.records;
  if (SHAPES[tag] !== resource.shape) {
    throw wrong(`its manifest calls it ${resource.shape}, the records are ${tag}`);
  }
  if (!EFFECTS[tag].includes(batch.effect.tag)) {
    throw wrong(`${tag} do not ${batch.effect.tag}; they ${EFFECTS[tag].join(' or ')}`);
  }
  let number = 0;
  try {
    const plain = effect(batch.effect);
    const rows = val.map((record, index) => {
      number = index;
      const row = ROWS[tag](record, resource.name);
      const outside =
        plain.window && (row.ts < plain.window.start || row.ts > plain.window.end);
      if (outside) throw `the timestamp ${row.ts} is outside the window`;
      return row;
    });
    const { pages, records } = batch.progress;
    return {
      resource: resource.name,
      shape: resource.shape,
      kind: tag,
      effect: plain,
      rows,
      progress: { pages: Number(pages), records: Number(records) },
      warnings: batch.warnings,
    };
  } catch (problem) {
    throw typeof problem === 'string' ? wrong(`row ${number}: ${problem}`) : problem;
  }
}

function size(batches) {
  const texts = batches.flatMap(({ records }) =>
    records.val.map((record) => record.attributes?.length ?? record.length ?? 0),
  );
  return texts.reduce((sum, length) => sum + length, 0);
}

/** @param {{tag: string, val?: any}} step as jco gives it */
export function plainStep(step, about) {
  if (step.tag !== 'batches') return step;
  if (size(step.val) > MAX_OUTPUT) {
    throw new BatchError(`the component handed over more than ${MAX_OUTPUT} bytes in one step`);
  }
  return { tag: 'batches', val: step.val.map((batch) => plainBatch(batch, about)) };
}

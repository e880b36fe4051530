// Records as rawdash's rows; throws the text of what is wrong with one.

import { fits } from '../bytes.js';

const LATEST = BigInt(Number.MAX_SAFE_INTEGER);
const MAX_ATTRIBUTES = 1 << 20;
const MAX_ID = 4096;

/** @param {bigint} at */
export function timestamp(at) {
  if (at < 0n || at > LATEST) throw `the timestamp ${at} is not between 0 and 2^53 - 1`;
  return Number(at);
}

function id(which, text) {
  if (text === '' || !fits(text, MAX_ID)) throw `${which} is empty or longer than ${MAX_ID} bytes`;
  return text;
}

/** One end of an edge. */
export function node(which, { type, id: text }) {
  return { type: id(`the type of ${which}`, type), id: id(`the id of ${which}`, text) };
}

const ends = (from, to) => {
  const [one, other] = [node('its `from` node', from), node('its `to` node', to)];
  return { from_type: one.type, from_id: one.id, to_type: other.type, to_id: other.id };
};

function finite(which, value) {
  if (!Number.isFinite(value)) throw `${which} is not finite`;
  return value;
}

/** A count, which JavaScript must hold exactly. */
function whole(which, count) {
  if (count > LATEST) throw `${which} is greater than 2^53 - 1`;
  return Number(count);
}

/** Left as text: it is read where it is stored, see `attributes.js`. */
function attributes(text) {
  if (!fits(text, MAX_ATTRIBUTES)) throw 'the attributes are longer than 1 MiB';
  return text;
}

function data({ spread, count, sum }) {
  const totals = { count: whole('the count', count), sum: finite('the sum', sum) };
  if (spread.tag === 'histogram') {
    const bucket = (each) => ({
      le: finite("a bucket's bound", each.le),
      count: whole("a bucket's count", each.count),
    });
    return { kind: 'histogram', data: { buckets: spread.val.map(bucket), ...totals } };
  }
  const quantile = ({ q, value }) => {
    if (!(q >= 0 && q <= 1)) throw 'a quantile is not between 0 and 1';
    return { q, value: finite("a quantile's value", value) };
  };
  return { kind: 'summary', data: { quantiles: spread.val.map(quantile), ...totals } };
}

/** How each kind of record becomes a row of the resource `name`. */
export const ROWS = {
  /** `StorageHandle` has no column for the id of an event. */
  events: (event, name) => ({
    id: id('the id', event.id),
    row: {
      name,
      start_ts: timestamp(event.start),
      end_ts: event.end === undefined ? null : timestamp(event.end),
      attributes: attributes(event.attributes),
    },
  }),
  entities: (entity, name) => ({
    type: name,
    id: id('the id', entity.id),
    attributes: attributes(entity.attributes),
    updated_at: timestamp(entity.updatedAt),
  }),
  samples: (sample, name) => ({
    name,
    ts: timestamp(sample.at),
    value: finite('the value', sample.value),
    attributes: attributes(sample.attributes),
  }),
  edges: (edge, name) => ({
    ...ends(edge.from, edge.to),
    kind: name,
    attributes: attributes(edge.attributes),
    updated_at: timestamp(edge.updatedAt),
  }),
  distributions: (distribution, name) => ({
    name,
    ts: timestamp(distribution.at),
    ...data(distribution),
    attributes: attributes(distribution.attributes),
  }),
  removals: (removal) => id('the id', removal),
  'edge-removals': ([from, to]) => ends(from, to),
};

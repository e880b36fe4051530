// By what an event is known again. A `StorageHandle` keeps no identity of
// events, so it must stand in what is stored: in the first declared attribute
// that holds the event's id (Auth0's `logId`), else in an attribute that is
// added.

/** The attribute that is added where no other holds the id. */
const ADDED = 'eventId';

const mark = (field, value) => JSON.stringify([field, String(value)]);

/**
 * @param {{name: string}[]} fields the resource's attributes, as declared
 * @param {{id: string, row: any}} event
 */
function identified(fields, { id, row }) {
  const { attributes } = row;
  const holding = fields.find(({ name }) => attributes[name] === id)?.name;
  const whole = holding ? row : { ...row, attributes: { ...attributes, [ADDED]: id } };
  return { row: whole, field: holding ?? ADDED, mark: mark(holding ?? ADDED, id) };
}

/** The rows of the events that are not stored yet, each once. */
export function unknownEvents(fields, events, stored) {
  const brought = events.map((event) => identified(fields, event));
  const used = [...new Set(brought.map(({ field }) => field))];
  const known = new Set(
    stored.flatMap(({ attributes }) =>
      used
        .filter((field) => ['string', 'number'].includes(typeof attributes?.[field]))
        .map((field) => mark(field, attributes[field])),
    ),
  );
  return brought.flatMap((event) => {
    if (known.has(event.mark)) return [];
    known.add(event.mark);
    return [event.row];
  });
}

/** The span in which the events lie; both ends belong to it. */
export function span(events) {
  const starts = events.map(({ row }) => row.start_ts);
  const least = starts.reduce((low, at) => Math.min(low, at), Infinity);
  const most = starts.reduce((high, at) => Math.max(high, at), -Infinity);
  return { start: least, end: most };
}

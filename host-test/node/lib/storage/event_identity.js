// How an event is recognised. A `StorageHandle` keeps no identity of events, so
// it must stand in what is stored: in the declared attribute that holds the
// event's id (Auth0's `logId`), else in an attribute that is added.

/** The attribute that is added where no other holds the id. */
const added = (fields) =>
  fields.some(({ name }) => name === 'eventId') ? 'sourceEventId' : 'eventId';

/** The first declared attribute that holds the ids of all these events, if any does. */
export function holdingAttribute(fields, events) {
  const holds = ({ name }) => events.every(({ id, row }) => row.attributes[name] === id);
  return fields.find(holds)?.name ?? added(fields);
}

/** The row of an event, with its id among the attributes. */
export function withId({ id, row }, fields, holding) {
  if (row.attributes[holding] === id) return row;
  return { ...row, attributes: { ...row.attributes, [added(fields)]: id } };
}

/** The id of a stored event; undefined if it has none. */
export function eventId({ attributes }, fields, holding) {
  const id = attributes?.[added(fields)] ?? attributes?.[holding];
  return ['string', 'number'].includes(typeof id) ? String(id) : undefined;
}

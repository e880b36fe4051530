// Equality of what JSON can express; a member that is undefined is absent.

const isObject = (value) => value !== null && typeof value === 'object';
const members = (value) => Object.keys(value).filter((name) => value[name] !== undefined);

function isSameObject(one, other) {
  const names = members(one);
  return (
    names.length === members(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
  );
}

/** Whether two values are the same, member by member; sets by their items. */
export function isEqual(one, other) {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  if (one instanceof Set || other instanceof Set) {
    return one instanceof Set && other instanceof Set && isEqual([...one], [...other]);
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  return isSameObject(one, other);
}

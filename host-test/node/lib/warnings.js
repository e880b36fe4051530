// Warnings of one run as few lines: a source whose rows are odd is so on each of its
// pages. Pure.

/** `user_id is missing (2)`: what happened, and how often. */
const COUNTED = /^(.*) \((\d+)\)$/;

/** A message as what it is about and what happened, each with how often. */
function taken({ message, count }) {
  const colon = message.indexOf(': ');
  if (colon < 0) return { subject: message, details: [] };
  const [subject, rest] = [message.slice(0, colon + 2), message.slice(colon + 2)];
  const parts = rest.replace(/\.$/, '').split(', ').map((part) => COUNTED.exec(part));
  // Other texts are not counted, and stay as they are.
  if (parts.includes(null)) return { subject: message, details: [] };
  return { subject, details: parts.map(([, what, times]) => [what, Number(times)]), count };
}

/**
 * @param {{code: string, message: string, count: number}[]} warnings
 * @returns {{code: string, message: string, count: number}[]} those of one code that
 *   are about the same are one
 */
export function folded(warnings) {
  const lines = new Map();
  for (const warning of warnings) {
    const { subject, details } = taken(warning);
    const key = JSON.stringify([warning.code, subject]);
    const line = lines.get(key) ?? { code: warning.code, subject, details: new Map(), count: 0 };
    lines.set(key, line);
    line.count += warning.count;
    for (const [what, times] of details) line.details.set(what, (line.details.get(what) ?? 0) + times);
  }
  return [...lines.values()].map(({ code, subject, details, count }) => {
    const parts = [...details].map(([what, times]) => `${what} (${times})`).join(', ');
    return { code, message: parts === '' ? subject : `${subject}${parts}.`, count };
  });
}

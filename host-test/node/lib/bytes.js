// Bytes and texts, in every runtime: `Buffer` is Node's alone.

const encoder = new TextEncoder();

/** Whether the text has at most so many bytes in UTF-8. */
export function fits(text, limit) {
  // A unit of UTF-16 has at most three bytes, and at least one.
  if (text.length * 3 <= limit) return true;
  return text.length <= limit && byteLength(text) <= limit;
}

/** Bytes of the text in UTF-8. */
export const byteLength = (text) => encoder.encode(text).byteLength;

/** The bytes of all parts, one after the other. */
export function concatenated(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Each byte as the character of its number. */
export function latin1(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Each character, up to U+00FF, as the byte of its number. */
export function ofLatin1(text) {
  // `Uint8Array.from` would make a list of all characters first.
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The text's UTF-8 bytes. */
export const utf8 = (text) => encoder.encode(text);

export const base64 = (bytes) => btoa(latin1(bytes));
export const ofBase64 = (text) => ofLatin1(atob(text));

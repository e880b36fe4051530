// What rawdash requires of a connector's package besides the class. It loads
// nothing of the component.

import about from './connector/manifest.js';
import * as manifest from './lib/manifest.js';
import { responses, schemas } from './schemas.js';

const schema = /* @__PURE__ */ JSON.parse(about.configurationSchema);

export const id = about.id;
export const doc = /* @__PURE__ */ manifest.doc(about);
export const configFields = /* @__PURE__ */ manifest.configFields(schema);
export const resources = /* @__PURE__ */ manifest.resources(about, responses);
/** A sync requests what changed, so its requests grow with the changes. */
export const cost = {
  recommendedInterval: '15 minutes',
  minInterval: '1 minute',
  perSync:
    '1 token and at least 4 requests of the Management API; a full sync 1 more for each 100 users ' +
    'and each 100 log rows',
};
export { about, schemas };

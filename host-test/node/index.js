// The connector for Node: the component runs in a thread, and its requests are
// Node's own.

import { connectorClass } from './lib/connector_class.js';
import { threadBuild } from './lib/packaged.js';
import { ThreadComponent } from './lib/thread/component.js';
import * as metadata from './metadata.js';

export { configFields, cost, doc, id, resources, schemas } from './metadata.js';
export { SyncError } from './lib/sync_error.js';
export { UnfinishedError } from './lib/unfinished.js';

const build = /* @__PURE__ */ threadBuild(
  () => import('./connector/thread.js'),
  () => import('./connector/cores.js'),
);
const component = /* @__PURE__ */ new ThreadComponent(metadata.about, build);

export const Auth0Connector = /* @__PURE__ */ connectorClass(component, {}, metadata);
export default Auth0Connector;

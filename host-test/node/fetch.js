// The connector for every runtime that can suspend WebAssembly: no thread, and
// requests by `fetch`.

import { connectorClass } from './lib/connector_class.js';
import { suspendingBuild } from './lib/packaged.js';
import { SuspendingComponent } from './lib/suspending/component.js';
import * as metadata from './metadata.js';

export { configFields, cost, doc, id, resources, schemas } from './metadata.js';
export { SyncError } from './lib/sync_error.js';
export { UnfinishedError } from './lib/unfinished.js';

const build = /* @__PURE__ */ suspendingBuild(
  () => import('./connector/suspending.js'),
  () => import('./connector/cores.js'),
);
const component = /* @__PURE__ */ new SuspendingComponent(metadata.about, build);

export const Auth0Connector = /* @__PURE__ */ connectorClass(component, {}, metadata);
export default Auth0Connector;

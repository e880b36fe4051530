import type { ConnectorClass } from './host.js';

export { createConnector } from './host.js';
declare const Connector: ConnectorClass;
export const id: ConnectorClass['id'];
export const doc: ConnectorClass['doc'];
export const configFields: ConnectorClass['configFields'];
export const resources: ConnectorClass['resources'];
export default Connector;

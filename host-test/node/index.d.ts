import type { ZodType } from 'zod';

import type { ConnectorClass, ConnectorCost, ConnectorInstance } from './host.js';

export { SyncError, UnfinishedError } from './host.js';
export type { UnfinishedResource } from './host.js';

/** The connector for Auth0, for rawdash's registry. */
export const Auth0Connector: ConnectorClass;
export type Auth0Connector = ConnectorInstance;
export default Auth0Connector;

export const id: string;
export const doc: ConnectorClass['doc'];
export const configFields: ConnectorClass['configFields'];
export const resources: ConnectorClass['resources'];
/** What Auth0 answers, as far as the connector reads it. */
export const schemas: Readonly<Record<'users' | 'logs' | 'daily_stats', ZodType>>;
export const cost: ConnectorCost;

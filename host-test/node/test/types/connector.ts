// The package where rawdash's types are wanted. Compiled, never run.

import type {
  ConfigFieldsSchema,
  ConnectorClass,
  ConnectorContext,
  ConnectorCost,
  ConnectorDoc,
  ConnectorRegistry,
  ResourceDefinitions,
  StorageHandle,
} from '@rawdash/core';

import Auth0, * as auth0 from '@rawdash/connector-auth0-component';
import * as byFetch from '@rawdash/connector-auth0-component/fetch';
import { createConnector } from '@rawdash/connector-auth0-component/host';

export const classes: ConnectorClass[] = [
  Auth0,
  auth0.Auth0Connector,
  byFetch.Auth0Connector,
  await createConnector('weather.wasm'),
];
export const registry: ConnectorRegistry = { [auth0.id]: Auth0 };

export const doc: ConnectorDoc = auth0.doc;
export const resources: ResourceDefinitions = auth0.resources;
export const cost: ConnectorCost = auth0.cost;
export const configFields: ConfigFieldsSchema = auth0.configFields;

export async function sync(storage: StorageHandle, context: ConnectorContext): Promise<boolean> {
  const connector: auth0.Auth0Connector = auth0.Auth0Connector.create({}, context);
  try {
    const { done } = await connector.sync({ mode: 'full', resources: new Set(['users']) }, storage);
    return done;
  } catch (error) {
    if (error instanceof auth0.UnfinishedError) return error.resources.length === 0;
    throw error;
  }
}

// @ts-expect-error A class without `schemas` is none: the declarations are not loose.
export const without: ConnectorClass = class {
  readonly id = '';
  serializeConfig = () => ({});
  sync = async () => ({ done: true });
};

import type { ZodObject, ZodRawShape, ZodType } from 'zod';

export interface ConnectorOptions {
  /**
   * Servers on this machine that stand in for origins, by origin as the
   * manifest writes it (`https://{/domain}`) or as the component names it.
   * For tests; the origin's host name stays in `Host`.
   */
  routes?: Record<string, string>;
  /** The time that syncs live in. For tests, which let it run faster. */
  clock?: {
    readonly rate: number;
    now(): number;
    /** In Unix milliseconds. */
    date(): number;
    after(ms: number, call: () => void): () => void;
    sleep(ms: number, signal?: AbortSignal): Promise<void>;
  };
  /** Limits of HTTP other than the usual ones. */
  http?: Partial<{
    responseBody: number;
    responseHeaders: number;
    requestBody: number;
    concurrent: number;
    exchange: number;
  }>;
}

/** What the engine gives every connector. */
export interface ConnectorContext {
  /** Not called: requests are the component's own. */
  observer?: unknown;
  /** Returns a text, or a promise of one. */
  secretsResolver?: { resolve(name: string): unknown };
  logger?: {
    info(event: string, fields?: Record<string, unknown>): void;
    warn(event: string, fields?: Record<string, unknown>): void;
  };
}

export interface SyncResult {
  done: boolean;
  cursor?: unknown;
  transientError?: unknown;
  /** What the next sync carries on with: the engine's time for this one is over. */
  unfinished?: readonly UnfinishedResource[];
}

/** One comparison of a widget's filter. */
export interface FilterClause {
  field: string;
  op: string;
  value: unknown;
}

/** What one or more widgets need of a resource. */
export interface FetchSpec {
  /** All of these hold. */
  filter?: readonly (FilterClause | { or: readonly FilterClause[] })[];
  requiredWindowMs?: number;
}

/** By configuration key, what the engine hands over apart from the settings. */
export type Credentials = Record<string, { description: string; auth: 'optional' | 'required' }>;

export interface ResourceField {
  name: string;
  description: string;
  unit?: string;
}

export type FilterOperator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains';

interface Described {
  description: string;
  endpoint?: string;
  notes?: string;
  /** Stands for any number of resources, which a configuration names. */
  dynamic?: boolean;
  /** What it is read from. */
  responses?: Readonly<Record<string, ZodType>>;
}

/** A resource, as rawdash declares it. */
export type ResourceDefinition = Described &
  (
    | {
        shape: 'entity' | 'event';
        fields?: ResourceField[];
        /** By what the source can filter. */
        filterable: { field: string; ops: FilterOperator[]; values?: (string | number)[] }[];
      }
    | {
        shape: 'metric';
        unit?: string;
        granularity?: string;
        dimensions?: ResourceField[];
        measures?: ResourceField[];
      }
    | { shape: 'distribution'; unit?: string }
    | { shape: 'edge' }
  );

export type ResourceDefinitions = Readonly<Record<string, ResourceDefinition>>;

export interface ConnectorDoc {
  displayName: string;
  category:
    | 'engineering'
    | 'product'
    | 'analytics'
    | 'marketing'
    | 'sales'
    | 'support'
    | 'finance'
    | 'infrastructure'
    | 'security'
    | 'hr'
    | 'mobile';
  tagline: string;
  brandColor?: string;
  vendor: { name: string; domain: string; apiDocs?: string };
  auth: { summary: string; setup: string[] };
  rateLimit?: string;
  limitations: string[];
}

export interface ConnectorCost {
  recommendedInterval?: string;
  minInterval?: string;
  perSync?: string;
}

export interface ConnectorInstance {
  readonly id: string;
  readonly credentials: Credentials;
  serializeConfig(): Record<string, unknown>;
  sync(
    options: {
      /** `full` without `fetchSpecs` reads everything anew; the engine always passes them. */
      mode: 'full' | 'latest';
      since?: string;
      cursor?: unknown;
      /** Absent or empty: every resource. */
      resources?: Iterable<string>;
      /** What widgets need of each resource, one for each distinct filter. */
      fetchSpecs?: Readonly<Record<string, readonly FetchSpec[]>>;
    },
    /** rawdash's `StorageHandle`. */
    storage: object,
    signal?: AbortSignal,
  ): Promise<SyncResult>;
}

export interface ConnectorClass {
  new (settings?: object, creds?: object, context?: ConnectorContext): ConnectorInstance;
  readonly id: string;
  readonly version: string;
  readonly credentials: Credentials;
  readonly schemas: Readonly<Record<string, ZodType>>;
  readonly resources: ResourceDefinitions;
  readonly configFields: ZodObject<ZodRawShape>;
  readonly doc: ConnectorDoc;
  readonly cost?: ConnectorCost;
  /** Checks a configuration by `configFields`; throws zod's error. */
  create(input: unknown, context?: ConnectorContext): ConnectorInstance;
}

/** Why a sync did not complete. */
export class SyncError extends Error {
  /** A kind of the contract, or `configuration`, `checkpoint`, `component`, `storage`, `wait`. */
  readonly kind: string;
  /** The name in storage, if it is about one resource. */
  readonly resource?: string;
  readonly status?: number;
  /** Milliseconds after which another attempt is worthwhile. */
  readonly retryAfter?: number;
  /** Whether another attempt in this sync may repair it. */
  readonly passes: boolean;
}

/** A resource that is not complete. */
export interface UnfinishedResource {
  /** The name in storage. */
  readonly name: string;
  /** `failed`: a person must act. `postponed`: the next sync carries on with it. */
  readonly state: 'failed' | 'postponed';
  readonly kind: string;
  readonly message: string;
  readonly status?: number;
  readonly retryAfter?: number;
}

/**
 * Every resource of a sync has ended, and these are not complete. Everything
 * else is stored. `kind` is that of the first failed one that waiting does not
 * repair; `wait` where all are postponed.
 */
export class UnfinishedError extends SyncError {
  readonly resources: readonly UnfinishedResource[];
}

/**
 * Makes of a connector's component the class that rawdash's registry holds. It
 * needs `@bytecodealliance/jco-transpile`, an optional peer.
 */
export function createConnector(
  component: string | URL | ArrayBuffer | Uint8Array,
  options?: ConnectorOptions,
): Promise<ConnectorClass>;

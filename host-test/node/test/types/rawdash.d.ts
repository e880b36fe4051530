// The types of rawdash's `@rawdash/core` that a connector and a dashboard meet,
// in our own words: its packages are not in the registry.

declare module '@rawdash/core' {
  import type { ZodObject, ZodRawShape, ZodType } from 'zod';

  type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
  type Attributes = Record<string, Json>;
  type Shape = 'event' | 'entity' | 'metric' | 'edge' | 'distribution';

  interface EventRow {
    name: string;
    start_ts: number;
    end_ts: number | null;
    attributes: Attributes;
  }
  interface EntityRow {
    type: string;
    id: string;
    attributes: Attributes;
    updated_at: number;
  }
  interface SampleRow {
    name: string;
    ts: number;
    value: number;
    attributes: Attributes;
  }
  interface EdgeRow {
    from_type: string;
    from_id: string;
    kind: string;
    to_type: string;
    to_id: string;
    attributes: Attributes;
    updated_at: number;
  }
  interface DistributionRow {
    name: string;
    ts: number;
    kind: 'histogram' | 'summary';
    data: object;
    attributes: Attributes;
  }
  interface Span {
    name?: string;
    start?: number;
    end?: number;
  }
  interface WindowScope {
    names?: string[];
    replaceWindow?: { start: number; end: number };
  }

  export interface StorageHandle {
    event(row: EventRow): Promise<void>;
    entity(row: EntityRow): Promise<void>;
    metric(row: SampleRow): Promise<void>;
    edge(row: EdgeRow): Promise<void>;
    distribution(row: DistributionRow): Promise<void>;
    events(rows: EventRow[], scope?: { names?: string[] }): Promise<void>;
    entities(rows: EntityRow[], scope?: { types?: string[] }): Promise<void>;
    metrics(rows: SampleRow[], scope?: WindowScope): Promise<void>;
    edges(rows: EdgeRow[], scope?: { kinds?: string[] }): Promise<void>;
    distributions(rows: DistributionRow[], scope?: WindowScope): Promise<void>;
    queryEvents(query: Span): Promise<EventRow[]>;
    getEntity(type: string, id: string): Promise<EntityRow | null>;
    queryEntities(query: { type: string }): Promise<EntityRow[]>;
    queryMetrics(query: Span): Promise<SampleRow[]>;
    queryDistributions(query: Span): Promise<DistributionRow[]>;
    traverse(query: {
      fromType?: string;
      fromId?: string;
      kind?: string;
      toType?: string;
      toId?: string;
    }): Promise<EdgeRow[]>;
    deleteOlderThan(
      shape: 'events' | 'metrics' | 'distributions',
      ts: number,
    ): Promise<{ rowsDeleted: number }>;
  }

  type FilterOperator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains';
  interface FilterCondition {
    field: string;
    op: FilterOperator;
    value: string | number | boolean;
  }
  type FilterClause = FilterCondition | { or: FilterCondition[] };

  interface SyncOptions {
    mode: 'full' | 'latest';
    since?: string;
    cursor?: unknown;
    resources?: ReadonlySet<string>;
    pageSize?: number;
    requiredWindowMs?: Record<string, number>;
    fetchSpecs?: Record<string, { filter?: FilterClause[]; requiredWindowMs?: number }[]>;
  }

  type CredentialsSchema = Record<
    string,
    { description: string; auth?: 'none' | 'optional' | 'required' }
  >;

  interface Connector {
    readonly id: string;
    readonly credentials?: CredentialsSchema;
    serializeConfig(): Record<string, unknown>;
    sync(
      options: SyncOptions,
      storage: StorageHandle,
      signal?: AbortSignal,
    ): Promise<{ done: boolean; cursor?: unknown; transientError?: unknown }>;
  }

  type LogFields = Record<string, string | number | boolean | null | undefined>;
  export interface ConnectorContext {
    observer?: (seen: {
      url: string;
      method: string;
      status: number;
      resource: string;
      requestId: string;
      body: unknown;
    }) => void | Promise<void>;
    secretsResolver?: { resolve(name: string): unknown };
    logger?: {
      info(event: string, fields?: LogFields): void;
      warn(event: string, fields?: LogFields): void;
    };
  }

  interface Field {
    name: string;
    description: string;
    unit?: string;
  }
  interface Described {
    description: string;
    endpoint?: string;
    notes?: string;
    dynamic?: boolean;
    responses?: Readonly<Record<string, ZodType>>;
  }
  interface Filterable {
    fields?: Field[];
    filterable: { field: string; ops: FilterOperator[]; values?: (string | number)[] }[];
  }
  type ResourceDefinition = Described &
    (
      | ({ shape: 'entity' } & Filterable)
      | ({ shape: 'event' } & Filterable)
      | {
          shape: 'metric';
          unit?: string;
          granularity?: string;
          dimensions?: Field[];
          measures?: Field[];
        }
      | { shape: 'distribution'; kind?: 'buckets' | 'quantiles'; unit?: string }
      | { shape: 'edge'; from?: string; to?: string }
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
    vendor: { name: string; domain: string; apiDocs?: string; website?: string };
    auth: { summary: string; setup: string[] };
    rateLimit?: string;
    limitations?: string[];
  }

  export interface ConnectorCost {
    recommendedInterval?: string;
    minInterval?: string;
    perSync?: string;
    warning?: string;
  }

  export interface ConnectorClass {
    new (settings: never, creds?: never, context?: ConnectorContext): Connector;
    readonly credentials?: CredentialsSchema;
    readonly schemas: Readonly<Record<string, ZodType>>;
    readonly resources?: ResourceDefinitions;
    readonly cost?: ConnectorCost;
  }
  export type ConnectorRegistry = Record<string, ConnectorClass>;
  export type ConfigFieldsSchema = ZodObject<ZodRawShape>;

  interface Metric {
    connector: { name: string };
    shape: Shape;
    name?: string;
    entityType?: string;
    field?: string;
    fn: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'latest' | 'first';
    window?: string;
    filter?: FilterClause[];
    groupBy?: { field: string; granularity: 'hour' | 'day' | 'week' | 'month' };
    label?: string;
  }
  interface ComputedMetric extends Omit<Metric, 'connector'> {
    connectorId: string;
  }
  interface Merged {
    title: string;
    metric: ComputedMetric | ComputedMetric[];
    aggregate?: { fn: 'count' | 'sum' | 'avg' | 'min' | 'max'; label?: string };
  }
  type Widget =
    | (Merged & { kind: 'stat'; window?: string; compare?: 'none' | 'previous-period' })
    | (Merged & { kind: 'timeseries'; window: string; granularity?: 'hour' | 'day' | 'week' })
    | (Merged & { kind: 'distribution'; window: string })
    | { kind: 'status'; title: string; source: string | string[] };
  interface Dashboard {
    widgets: Record<string, Widget>;
  }
  interface DashboardConfig {
    connectors: {
      name: string;
      connectorId: string;
      config: Record<string, unknown>;
      syncIntervalSeconds?: number;
      enabled?: boolean;
      displayName?: string;
    }[];
    dashboards: Record<string, Dashboard>;
  }

  export function secret(name: string): { $secret: string };
  export function defineMetric(metric: Metric): ComputedMetric;
  export function defineDashboard(dashboard: Dashboard): Dashboard;
  export function defineConfig(config: DashboardConfig): DashboardConfig;
}

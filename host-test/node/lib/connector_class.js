// A component as the class that rawdash's registry holds.

import { Clock } from './clock.js';
import { acceptedConfiguration } from './configuration.js';
import { isEqual } from './equality.js';
import { CHUNK_MS, FAILURES_IN_A_ROW, HTTP, LONGEST_WAIT_MS, SYNC_MS } from './limits.js';
import { Log } from './log.js';
import * as manifest from './manifest.js';
import { Egress } from './origins/egress.js';
import { Redaction } from './redaction.js';
import { isFullByHand, wantsOf } from './request.js';
import { resolveSecrets } from './secrets.js';
import { Session } from './session.js';
import { ConnectorStorage } from './storage/connector_storage.js';
import { Aborted, SyncError } from './sync_error.js';
import { UnfinishedError, goesOnLater } from './unfinished.js';

/** How long an instance waits for the engine's next call. */
const KEPT_MS = 60_000;
/** The pause after a failure that names none, and what it grows to. */
const PAUSE_MS = { first: 1000, longest: CHUNK_MS };

/** Anything else is a failure of the component. */
const asSyncError = (error) =>
  error instanceof SyncError
    ? error
    : new SyncError('component', String(error?.message ?? error), { cause: error });

/**
 * @param {import('./thread/component.js').ThreadComponent
 *   | import('./suspending/component.js').SuspendingComponent} component
 * @param {{routes?: Record<string, string>, clock?: Clock, http?: Partial<typeof HTTP>}} options
 * @param {ReturnType<typeof manifest.metadata>} metadata what its package exports
 */
export function connectorClass(component, options = {}, metadata = manifest.metadata(component.about)) {
  const { about } = component;
  const schema = JSON.parse(about.configurationSchema);
  const credentials = manifest.credentials(schema);
  const clock = options.clock ?? new Clock();
  const http = { ...HTTP, ...options.http };

  return class ComponentConnector {
    static id = about.id;
    static version = about.version;
    static credentials = credentials;
    static resources = metadata.resources;
    static schemas = metadata.schemas;
    static configFields = metadata.configFields;
    static doc = metadata.doc;
    static cost = metadata.cost;

    /** A connector with a configuration, which is checked. */
    static create(input, context) {
      const given = Object.entries(metadata.configFields.parse(input));
      const isCredential = ([name]) => Object.hasOwn(credentials, name);
      const settings = Object.fromEntries(given.filter((entry) => !isCredential(entry)));
      return new this(settings, Object.fromEntries(given.filter(isCredential)), context);
    }

    id = about.id;
    credentials = credentials;

    #settings;
    #creds;
    #context;
    #open;
    #failures = 0;
    #restUntil = -Infinity;
    /** @type {{signal: AbortSignal, at: number} | undefined} of the sync under way */
    #limit;

    /** As the engine calls it: settings, credentials, context. */
    constructor(settings = {}, creds = {}, context = {}) {
      this.#settings = settings;
      this.#creds = creds;
      this.#context = context;
    }

    /** The configuration, its secrets as references. */
    serializeConfig() {
      const given = Object.entries({ ...this.#settings, ...this.#creds });
      return Object.fromEntries(given.filter(([, value]) => value !== undefined));
    }

    /**
     * One call of the engine: about 30 seconds of a sync, or its rest. The
     * checkpoint in `storage` says where its runs are; the cursor is for people,
     * and says which full runs a person's `full` has begun.
     */
    async sync(engine, storage, signal) {
      const { cursor } = engine;
      if (signal?.aborted) return { done: false, cursor };
      const limit = this.#limitOf(signal);
      const until = Math.min(clock.now() + CHUNK_MS, limit);
      let open;
      try {
        open = await this.#session(engine, storage, signal);
        const { wants } = open.wanted;
        if (wants.length === 0) return this.#end({ done: true });
        await clock.sleep(Math.min(this.#restUntil, until) - clock.now(), signal);
        const before = open.session.progressed;
        const done = await open.session.advance(wants, until).finally(() => {
          if (open.session.progressed > before) this.#failures = 0;
        });
        if (done) return this.#end({ done: true });
        if (clock.now() >= limit) return this.#stop(open);
        open.log.paused();
        return this.#rest({ done: false, cursor: this.#cursor(open) });
      } catch (error) {
        return this.#failed(error, open, { cursor, until, limit, signal });
      }
    }

    /**
     * When the calls of this sync are to be over. The engine calls again until all
     * is done, and ends what takes too long as failed, by the signal of all calls.
     */
    #limitOf(signal) {
      if (signal === undefined) return Infinity;
      if (this.#limit?.signal !== signal) this.#limit = { signal, at: clock.now() + SYNC_MS };
      return this.#limit.at;
    }

    /** Ends a sync whose time is over. The next one carries on. */
    #stop(open) {
      const rest = open.session.rest ?? open.wanted.wants.map(({ resource }) => ({ name: resource }));
      const unfinished = goesOnLater(rest);
      // What a person must know is not passed over because others go on.
      if (rest.some(({ state }) => state !== undefined)) throw unfinished;
      open.log.warn('the next sync carries on', {
        resources: unfinished.resources.map(({ name }) => name).join(),
      });
      return this.#end({ done: true, unfinished: unfinished.resources });
    }

    /** Where the sync is. */
    #cursor({ log, session, wanted }) {
      // Refused by `configure`, it wants nothing yet.
      if (!wanted?.isFull) return log.last;
      return { ...log.last, begun: [...new Set([...wanted.begun, ...session.begun])] };
    }

    /** The session under way, or one that carries on from the checkpoint. */
    async #session(engine, handle, signal) {
      const { cursor, ...request } = engine;
      const open = this.#open;
      // A sync that requests something else is another sync.
      const goesOn = open && open.handle === handle && open.signal === signal;
      if (goesOn && isEqual(open.request, request)) {
        open.forget();
        return open;
      }
      this.#close();
      const given = this.serializeConfig();
      const known = await resolveSecrets(given, this.#context.secretsResolver);
      const { configuration, secrets, warnings } = acceptedConfiguration(given, schema, known);
      const redaction = new Redaction(known);
      const log = new Log(this.#context.logger, about, redaction);
      const kept = await ConnectorStorage.open(about.id, handle, signal);
      const instance = component.instantiate(clock, http);
      const session = new Session({
        instance,
        about,
        storage: kept,
        clock,
        log,
        redaction,
        signal,
      });
      const abort = () => session.close();
      signal?.addEventListener('abort', abort);
      this.#open = { session, log, redaction, request, handle, signal, abort, forget: () => {} };
      if (signal?.aborted) throw new Aborted();
      await session.configure(
        configuration,
        secrets,
        (origins) => new Egress(about.origins, configuration, origins, options.routes),
      );
      this.#open.wanted = this.#wantedOf(engine, session);
      if (cursor === undefined) this.#warn(warnings);
      return this.#open;
    }

    /** What a session reads. */
    #wantedOf(engine, { resources, bounds }) {
      const { begun: said } = engine.cursor ?? {};
      const begun = Array.isArray(said) ? said : [];
      const known = { now: clock.date(), bounds, begun };
      const { wants, unknown } = wantsOf(engine, resources, known);
      return { wants, unknown, begun, isFull: isFullByHand(engine) };
    }

    #warn(warnings) {
      const { log, wanted: { unknown } } = this.#open;
      warnings.forEach((warning) => log.warn(warning));
      if (unknown.length === 0) return;
      log.warn('resources that this connector does not have', { resources: unknown.join() });
    }

    #close() {
      if (!this.#open) return;
      const { session, log, signal, abort, forget } = this.#open;
      forget();
      signal?.removeEventListener('abort', abort);
      session.close();
      log.close();
      this.#open = undefined;
    }

    #end(result) {
      this.#close();
      this.#failures = 0;
      this.#limit = undefined;
      return result;
    }

    /** Keeps the instance for the engine's next call, and its token with it. */
    #rest(result) {
      this.#open.forget = clock.after(KEPT_MS, () => this.#close());
      return result;
    }

    /** What the engine's rules make of a failure. */
    async #failed(error, open, { cursor, until, limit, signal }) {
      const known = open ?? this.#open;
      const at = known ? this.#cursor(known) : cursor;
      if (signal?.aborted || error instanceof Aborted) {
        this.#close();
        return { done: false, cursor: at };
      }
      const failure = asSyncError(error);
      if (known) failure.message = known.redaction.apply(failure.message);
      // Of one that is unfinished every resource was reported as it ended.
      if (known && !(failure instanceof UnfinishedError)) known.log.failed(failure);
      this.#failures += 1;
      const pause =
        failure.retryAfter ?? Math.min(PAUSE_MS.first * 2 ** (this.#failures - 1), PAUSE_MS.longest);
      if (!failure.passes || this.#failures >= FAILURES_IN_A_ROW || pause > LONGEST_WAIT_MS) {
        this.#end();
        throw failure;
      }
      // The engine calls again at once, whatever failed: the pause is made here.
      this.#restUntil = clock.now() + pause;
      if (!known || known.session.ahead || failure.kind === 'storage') this.#close();
      await clock.sleep(Math.min(this.#restUntil, until) - clock.now(), signal);
      if (clock.now() >= limit && !signal?.aborted) {
        this.#end();
        throw failure;
      }
      const result = { done: false, cursor: at, transientError: failure };
      return this.#open ? this.#rest(result) : result;
    }
  };
}

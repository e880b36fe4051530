// An instance in the engine's own thread. WebAssembly's JavaScript Promise
// Integration suspends it while it waits; nothing can stop it while it computes.

import { Guest } from '../guest/guest.js';
import { fetchExchanges } from '../http/fetch_exchange.js';
import { Transport } from '../http/transport.js';
import { Instance } from '../instance.js';
import { imports } from '../wasi/imports.js';
import { Mail } from './mail.js';

export class SuspendingInstance extends Instance {
  /** @type {Promise<Guest>} */
  #guest;
  #mail;

  /** @param {() => Promise<import('./component.js').Build>} build */
  constructor(build, clock, http) {
    let mail;
    const exchanges = fetchExchanges((...request) => globalThis.fetch(...request));
    const transport = new Transport(http, clock, exchanges, (message) => mail.deliver(message));
    mail = new Mail(clock, (message) => transport.receive(message));
    super(transport, clock);
    this.#mail = mail;
    this.#guest = this.#start(build, mail);
    // The next call reports it.
    this.#guest.catch(() => {});
  }

  async #start(build, mail) {
    const { instantiate, modules } = await build();
    return new Guest(await instantiate((name) => modules[name], imports(mail)));
  }

  async enter(name, args) {
    return (await this.#guest).call(name, args);
  }

  close() {
    super.close();
    this.#mail.end();
  }
}

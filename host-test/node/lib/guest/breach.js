/** The first thing in a step that breaks the contract. */
export class Breach extends Error {}

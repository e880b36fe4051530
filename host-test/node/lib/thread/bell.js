// The numbers that a component's thread and the engine's share.

/** How often mail has arrived. */
export const RUNG = 0;
/** Whether the component's thread waits. */
export const WAITING = 1;

/**
 * Does `act` when all that had arrived has been read. In a turn of the event loop timers come before sockets: after a turn
 * that was long, or a moment without the processor, a deadline would be missed by what has been in a buffer in time, and a
 * circuit would open because of us. `act` looks again whether it is still needed.
 */
export function afterReading(act: () => void): void {
  setImmediate(act);
}

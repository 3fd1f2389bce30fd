import { access } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';

/** How much less urgent than the service this thread is: where both want all of a core, it gets a quarter. */
const NICENESS = 5;

/** Has the thread that ships wait for the service where both want the same core, and not the other way round. */
export async function giveWay(): Promise<void> {
  // Elsewhere a priority is one of the whole process.
  if (process.platform !== 'linux') return;
  try {
    // Threads that the service and this one share are made when they are first needed, as urgent as who makes them.
    await access('/');
    setPriority(getPriority() + NICENESS);
  } catch {
    // It ships all the same.
  }
}

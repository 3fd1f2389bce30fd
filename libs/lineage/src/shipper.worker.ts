import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PayloadControl } from './capture/payload-control';
import { PayloadRing } from './capture/payload-queue';
import { Control, ORDER } from './control';
import { giveWay } from './give-way';
import { SharedRing } from './shared-ring';
import { Shipping } from './shipping';
import type { ToRecorder, WorkerData } from './worker-host';

// The thread that ships, with an event loop of its own: it goes on while the service's never turns again. Whatever it
// has to know at once stands in shared memory; messages go to the service only, for its logger and `status()`.

/** Facts that come together are looked at together. */
const REST_MS = 10;
/** The longest it sleeps: what nobody woke it for is found then. */
const SLEEP_MS = 1_000;

const { settings, buffers, held } = workerData as WorkerData;
const shared = {
  control: new Control(buffers.control),
  ring: new SharedRing(settings.buffer, buffers.ring),
  losses: new SharedRing(settings.buffer, buffers.losses),
  payloads: {
    control: new PayloadControl(buffers.payloads),
    held: held && new PayloadRing(settings.buffer.maxBytes, held),
  },
};
const tell = (message: ToRecorder): void => parentPort?.postMessage(message);
const shipping = new Shipping(settings, shared, {
  logger: { log: (text) => tell({ kind: 'log', text }), warn: (text) => tell({ kind: 'warn', text }) },
  unavailable: (reason) => tell({ kind: 'unavailable', reason }),
  progress: () => undefined,
});

async function run(): Promise<void> {
  const { control } = shared;
  shipping.start();
  for (let seen = -1; ;) {
    await control.sleep(SLEEP_MS, () => control.word('facts') !== seen);
    seen = control.word('facts');
    switch (control.word('order')) {
      case ORDER.giveUp:
        shipping.giveUp();
        return control.orderIsDone();
      case ORDER.goodbye:
        await shipping.goodbye();
        control.setWord('order', ORDER.none);
        break;
      case ORDER.close:
        await shipping.close();
        return control.orderIsDone();
      default:
        shipping.tick();
    }
    await pause(REST_MS);
  }
}

// Keeps this thread running between two looks; the service does not wait for it.
const alive = setInterval(() => undefined, SLEEP_MS);
await giveWay();
await run();
clearInterval(alive);

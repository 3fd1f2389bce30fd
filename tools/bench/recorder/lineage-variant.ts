import { createLineageRecorder } from '@factflow/lineage';
import { join } from 'node:path';
import { ADAPTER, METADATA, ROUTE, type Invocation, type Task } from './task';

/** The recorder as a service has it: records registered as started and completed, both messages hashed. */
export function openLineage(task: Task): Invocation {
  const recorder = createLineageRecorder({
    endpoint: task.endpoint,
    service: 'bench',
    spoolDirectory: join(task.folder, 'spool'),
    structuredLog: join(task.folder, 'lineage.ndjson'),
    flushTimeoutMs: task.flushTimeoutMs,
    logger: { log: () => undefined, warn: () => undefined },
  });
  const execution = recorder.startExecution({ name: 'bench' });
  const parent = execution.register({ route: ROUTE, adapter: 'chunk' });
  return {
    invoke: (input, output) => {
      const record = execution.register({
        route: ROUTE,
        adapter: ADAPTER,
        parents: [parent],
        started: true,
        input,
        metadata: METADATA,
      });
      record.complete({ output });
    },
    settle: async () => {
      await recorder.flush();
    },
    close: async () => {
      await recorder.flush();
      const { acknowledged, lost, spooled, atRisk } = recorder.status();
      return `${acknowledged} events acknowledged, ${spooled} in the spool, ${atRisk} in memory, ${lost} in the structured log`;
    },
  };
}

import type { Row } from './row';
import { CLI_START } from './rows/cli-start';
import { DEEP_LINE } from './rows/deep-line';
import { HOT_PARENT } from './rows/hot-parent';
import { INGEST, INGEST_COPY_2 } from './rows/ingest';
import { INGEST_10M } from './rows/ingest-10m';
import { INGEST_NAIVE } from './rows/ingest-naive';
import { PEER_BULLMQ } from './rows/peer-bullmq';
import { READ_10M } from './rows/read-10m';
import { RECORDER, RECORDER_OTEL } from './rows/recorder';
import { RECORDER_MEMORY } from './rows/recorder-memory';
import { STATS_1M } from './rows/stats-1m';
import { TRACE_10K } from './rows/trace-10k';

/** Every row there is, in the order of the table; those that load much come last. */
export const ROWS: readonly Row[] = [
  INGEST,
  INGEST_COPY_2,
  INGEST_NAIVE,
  HOT_PARENT,
  DEEP_LINE,
  RECORDER,
  RECORDER_OTEL,
  RECORDER_MEMORY,
  TRACE_10K,
  CLI_START,
  PEER_BULLMQ,
  STATS_1M,
  READ_10M,
  INGEST_10M,
];

import type { Row } from './row';
import { CLI_START } from './rows/cli-start';
import { INGEST } from './rows/ingest';
import { INGEST_NAIVE } from './rows/ingest-naive';

/** Every row there is, in the order of the table. */
export const ROWS: readonly Row[] = [INGEST, INGEST_NAIVE, CLI_START];

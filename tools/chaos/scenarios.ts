import type { Scenario } from './scenario';
import { COMMAND_KILLED, CUT_ANSWERS, DATABASE_STOPPED } from './scenarios/away';
import { CORRUPTED, DISK_FULL, UNWRITABLE } from './scenarios/disk';
import { EXIT, SIGTERM, UNCAUGHT } from './scenarios/ends';
import { KILL } from './scenarios/kill';
import { SPIN } from './scenarios/spin';
import { CLOCK_BACK, TWO_PROCESSES } from './scenarios/together';

/** Every way to break it, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  KILL,
  SPIN,
  COMMAND_KILLED,
  DATABASE_STOPPED,
  CUT_ANSWERS,
  DISK_FULL,
  UNWRITABLE,
  CORRUPTED,
  TWO_PROCESSES,
  CLOCK_BACK,
  UNCAUGHT,
  EXIT,
  SIGTERM,
];

import type { Config } from 'jest';
import { getJestProjectsAsync } from '@nx/jest';

/** All projects in one run; `globalSetup` of the database projects is one file, so Jest runs it once. */
export default async (): Promise<Config> => ({
  projects: await getJestProjectsAsync(),
  // A hang is what this ends, not slowness. Here, because Jest ignores the timeout of a single project in such a run.
  testTimeout: 60_000,
});

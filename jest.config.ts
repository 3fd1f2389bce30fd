import type { Config } from 'jest';
import { getJestProjectsAsync } from '@nx/jest';

/** All projects in one run; `globalSetup` of the database projects is one file, so Jest runs it once. */
export default async (): Promise<Config> => ({
  projects: await getJestProjectsAsync(),
});

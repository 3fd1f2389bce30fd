// CommonJS: the Jest configuration of the specs that need a broker asks as well.
const { accessSync, constants } = require('node:fs');
const { delimiter, join } = require('node:path');

/** The suites that need a NATS server, as a pattern of paths. */
const BROKER_SUITES = '/nats\\.e2e\\.spec\\.ts$';

/**
 * Whether there is a NATS server to run those suites on: `NATS_URL`, or a `nats-server` on the PATH.
 * @param {NodeJS.ProcessEnv} env
 */
function hasBroker(env) {
  if (env.NATS_URL) return true;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.some((folder) => isProgram(join(folder, 'nats-server')));
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What `npm test` says in its last lines when a suite was left out.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
const leftOut = (env) =>
  hasBroker(env)
    ? []
    : [
        'Left out: the stories between processes over NATS (apps/e2e/src/nats.e2e.spec.ts).',
        'They need NATS_URL, or a nats-server on the PATH: apt-get install nats-server',
      ];

module.exports = { BROKER_SUITES, hasBroker, leftOut };

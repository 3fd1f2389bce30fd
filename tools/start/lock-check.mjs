// Checks package-lock.json: complete, without registry addresses, and installable on the oldest Node of "engines".
// usage: node tools/start/lock-check.mjs [package-lock.json]
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minVersion, satisfies } from 'semver';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {{ node?: string } | string[]} [engines] a list in some packages of old
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/**
 * Every place where Node would look for a dependency of the package at `path`, nearest first.
 * @param {string} path key in the lock, such as `node_modules/a/node_modules/b`
 * @param {string} dependency
 */
function lookups(path, dependency) {
  const parts = path === '' ? [] : path.split('/node_modules/');
  const folders = parts.map((_, index) => parts.slice(0, parts.length - index).join('/node_modules/'));
  return [...folders.map((folder) => `${folder}/node_modules/${dependency}`), `node_modules/${dependency}`];
}

/**
 * npm leaves an optional package it cannot find out of the lock without a word, and then every `npm ci` refuses it.
 * @param {Lock} lock
 */
const missing = ({ packages }) =>
  Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((dependency) => !lookups(path, dependency).some((place) => packages[place]))
      .map(
        (dependency) => `${path || 'package.json'}: its optional dependency ${dependency} is not in the lock`,
      ),
  );

/**
 * @param {Lock} lock
 */
const addresses = ({ packages }) =>
  Object.entries(packages)
    .filter(([, { resolved }]) => resolved !== undefined)
    .map(([path]) => `${path}: has a "resolved" address; npm install with this folder's .npmrc writes none`);

/**
 * @param {Lock} lock
 */
function engines({ packages }) {
  const own = packages['']?.engines;
  const range = own && !Array.isArray(own) ? own.node : undefined;
  const oldest = range && minVersion(range)?.version;
  if (!oldest) return ['package.json: no engines.node'];
  return Object.entries(packages).flatMap(([path, { version, engines: needs }]) => {
    const needed = needs && !Array.isArray(needs) ? needs.node : undefined;
    return needed === undefined || satisfies(oldest, needed)
      ? []
      : [`${path}@${version}: needs Node ${needed}, the oldest supported one is ${oldest}`];
  });
}

/**
 * What is wrong with a lock file, one line each; nothing when it is sound.
 * @param {Lock} lock
 * @returns {string[]}
 */
export const checkLock = (lock) => [...missing(lock), ...addresses(lock), ...engines(lock)];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = resolve(process.argv[2] ?? 'package-lock.json');
  const problems = checkLock(JSON.parse(readFileSync(file, 'utf8')));
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log('package-lock.json is sound');
  process.exitCode = problems.length === 0 ? 0 : 1;
}

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFree, ownerFile, ownerRecord, Ownership, presentOwner } from './ownership';
import { thisProcess } from './process-ref';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'factflow-spec-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (number: number, content: object): void =>
  writeFileSync(ownerFile(folder, number), JSON.stringify(content));

test('a directory without an owner is free, and the first claim wins', () => {
  const nobody = presentOwner(folder);
  expect(isFree(nobody, folder)).toBe(true);
  expect(Ownership.claim(folder, nobody)).toMatchObject({ number: 1 });
  expect(Ownership.claim(folder, nobody)).toBeUndefined();
  expect(isFree(presentOwner(folder), folder)).toBe(false);
});

test.each([
  ['has released it', { state: 'released' }],
  ['has died, though its number lives on', { started: 'long ago' }],
  ['has died', { pid: 2 ** 30 }],
  ['owned what this is a copy of', { folder: '/somewhere/else' }],
])('it is free once its owner %s', (_, difference) => {
  write(7, { ...ownerRecord(folder, 'running', thisProcess()), ...difference });
  expect(isFree(presentOwner(folder), folder)).toBe(true);
  expect(Ownership.claim(folder, presentOwner(folder))).toMatchObject({ number: 8 });
  expect(readdirSync(folder)).toEqual(['owner-8.json']);
});

test('it is free when a power failure left its record empty', () => {
  writeFileSync(ownerFile(folder, 3), '');
  expect(isFree(presentOwner(folder), folder)).toBe(true);
});

test('who looked before others came and went does not win with a number of old', () => {
  const seenLongAgo = presentOwner(folder);
  Ownership.claim(folder, seenLongAgo)?.mark('released');
  Ownership.claim(folder, presentOwner(folder))?.mark('released');
  expect(presentOwner(folder).number).toBe(2);
  expect(Ownership.claim(folder, seenLongAgo)).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['owner-2.json']);
});

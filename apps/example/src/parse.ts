import { Injectable } from '@nestjs/common';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Adapter } from './adapter';
import { ManifestBroken, ManifestUnreadable } from './findings';

/** What the audit needs of a `package.json`. */
export interface Manifest {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  readonly license: unknown;
  /** the form of old packages */
  readonly licenses: unknown;
}

const MAX_BYTES = 1024 * 1024;

/** Reads the `package.json` of a package's folder. */
@Injectable()
export class Parse implements Adapter<string, Manifest> {
  readonly name = 'parse';

  async process(directory: string): Promise<Manifest> {
    const text = await readManifest(join(directory, 'package.json'));
    const fields = parseObject(text);
    const { name, version, license, licenses } = fields;
    if (typeof name !== 'string' || name === '') throw new ManifestBroken('package.json has no name');
    return { directory, name, version: typeof version === 'string' ? version : '', license, licenses };
  }
}

async function readManifest(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const file = await open(path);
    try {
      // One byte more than allowed tells a file that is too long, without reading all of it.
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_BYTES + 1) });
      bytes = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new ManifestUnreadable('package.json cannot be read', { cause: error });
  }
  if (bytes.length > MAX_BYTES) throw new ManifestBroken('package.json is longer than 1 MiB');
  return bytes.toString().replace(/^\ufeff/, '');
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ManifestBroken('package.json is not JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ManifestBroken('package.json is not an object');
  return value as Record<string, unknown>;
}

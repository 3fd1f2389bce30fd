import { Injectable } from '@nestjs/common';
import { readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, normalize, relative } from 'node:path';
import type { Adapter } from './adapter';
import type { LicensedPackage } from './check-licence';
import { LicenceTextMissing } from './findings';

/** A package whose licence came with its text. */
export interface CompletePackage extends LicensedPackage {
  /** within the package's folder */
  readonly text: { readonly file: string; readonly bytes: number };
}

const TEXT_NAME = /(^|[-_.])(un)?(licen[cs]es?|copying)([-_.]|$)/i;
/** Programs about licences are not their text. */
const SOURCE_NAME = /\.([cm]?[jt]sx?|json|map|py|sh)$/i;

/** Finds the licence's text in the package's folder: whoever redistributes the package must pass it on. */
@Injectable()
export class FindText implements Adapter<LicensedPackage, CompletePackage> {
  readonly name = 'find-text';

  async process(found: LicensedPackage): Promise<CompletePackage> {
    const { directory, name, version, textFile, licence } = found;
    for (const file of textFile === null ? await candidates(directory) : [textFile]) {
      const bytes = isWithin(directory, file) ? await textBytes(join(directory, file)) : 0;
      if (bytes > 0) return { ...found, text: { file: normalize(file), bytes } };
    }
    throw new LicenceTextMissing(
      `"${name}@${version}" comes without ${textFile === null ? `a text of ${licence}` : textFile}`,
    );
  }
}

const candidates = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => TEXT_NAME.test(name) && !SOURCE_NAME.test(name)).sort();

const isWithin = (directory: string, file: string): boolean => {
  const path = relative(directory, join(directory, file));
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
};

/** The size of a file, or of the first file in a folder such as `LICENSES`; 0 when there is none. */
async function textBytes(path: string, isInFolder = false): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
    if (!found.isDirectory() || isInFolder || !TEXT_NAME.test(basename(path))) return 0;
    for (const name of (await readdir(path)).sort()) {
      const bytes = await textBytes(join(path, name), true);
      if (bytes > 0) return bytes;
    }
  } catch {
    // A link that leads nowhere, or a file nobody may read: no text for whoever gets the package.
  }
  return 0;
}

import { Injectable } from '@nestjs/common';
import parse from 'spdx-expression-parse';
import type { Adapter } from './adapter';
import { LicenceInvalid, LicenceMissing, LicenceRefused } from './findings';
import type { Manifest } from './parse';

/** A package whose licence is known. */
export interface LicensedPackage {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  /** an SPDX expression, or `SEE LICENSE IN …` */
  readonly licence: string;
  /** the file the package names itself as holding the licence's text */
  readonly textFile: string | null;
}

const SEE_FILE = /^SEE LICEN[CS]E IN (.+)$/i;

/** Checks that the licence a package names is one: an SPDX expression, or a file of its own. */
@Injectable()
export class CheckLicence implements Adapter<Manifest, LicensedPackage> {
  readonly name = 'check-licence';

  async process({ directory, name, version, license, licenses }: Manifest): Promise<LicensedPackage> {
    const licence = namedLicence(license) ?? namedLicence(licenses);
    if (licence === undefined) throw new LicenceMissing('package.json names no licence');
    if (licence === 'UNLICENSED') throw new LicenceRefused('UNLICENSED: no rights are granted');
    const textFile = SEE_FILE.exec(licence)?.[1]?.trim() ?? null;
    if (textFile === null) checkExpression(licence);
    return { directory, name, version, licence, textFile };
  }
}

/** The licence as text; old packages have `{ "type": … }`, or lists whose reader may choose. */
function namedLicence(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (Array.isArray(value)) {
    const choices = value.map(namedLicence).filter((licence) => licence !== undefined);
    return choices.length > 1 ? `(${choices.join(' OR ')})` : choices[0];
  }
  return typeof value === 'object' && value !== null
    ? namedLicence((value as { type?: unknown }).type)
    : undefined;
}

function checkExpression(licence: string): void {
  try {
    parse(licence);
  } catch (error) {
    throw new LicenceInvalid(`${JSON.stringify(licence.slice(0, 200))} is no SPDX expression`, {
      cause: error,
    });
  }
}

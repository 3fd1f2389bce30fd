import { Injectable } from '@nestjs/common';
import { CheckLicence, type LicensedPackage } from './check-licence';
import { LicenceInvalid } from './findings';
import type { Manifest } from './parse';

/** Letters, and perhaps a version behind them: what somebody thought a licence is called who had seen `MIT` and `Apache-2.0`. */
const LOOKS_LIKE_A_NAME = /^[a-z]+(-\d+(\.\d+)*)?$/i;

/**
 * What `--break` puts in the place of {@link CheckLicence}: somebody has put a quick look at the name before the parser. It
 * refuses `BSD-3-Clause`, `0BSD` and every expression of several licences, and is right about all others, which is why
 * nobody has seen it.
 */
@Injectable()
export class BrokenCheckLicence extends CheckLicence {
  override process(manifest: Manifest): Promise<LicensedPackage> {
    const { license } = manifest;
    if (typeof license === 'string' && !/^(SEE|UNLICENSED)/.test(license) && !LOOKS_LIKE_A_NAME.test(license))
      return Promise.reject(new LicenceInvalid(`${JSON.stringify(license)} is no SPDX expression`));
    return super.process(manifest);
  }
}

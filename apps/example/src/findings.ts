// What an audit finds. The name of the class is the reason in records, in the summary and in the report.

/** A package that may not be redistributed as it is. */
export abstract class Finding extends Error {}

/** `package.json` is there but cannot be read. */
export class ManifestUnreadable extends Finding {}

/** `package.json` is no JSON object with a name, or far too long for one. */
export class ManifestBroken extends Finding {}

/** No licence is named at all. */
export class LicenceMissing extends Finding {}

/** What is named is no SPDX expression, nor one of npm's own words. */
export class LicenceInvalid extends Finding {}

/** `UNLICENSED`: nobody is granted any rights. */
export class LicenceRefused extends Finding {}

/** A licence is named, but its text is not in the package's folder. */
export class LicenceTextMissing extends Finding {}

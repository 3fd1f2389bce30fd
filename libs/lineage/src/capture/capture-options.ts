import { property } from '../facts';

// What is kept of messages, as the service says it: for the whole recorder, for an adapter, and at a call. The more
// special goes before the more general, each of the three settings by itself.

/** Which of its messages an adapter keeps. */
export type CaptureLevel = 'none' | 'input' | 'both';

/** Which of an adapter's messages it is. */
export type PayloadSide = 'input' | 'output';

/** Where a message is. */
export interface CapturePlace {
  readonly route: string;
  readonly adapter: string;
  readonly side: PayloadSide;
}

/**
 * Takes out of a message what must not leave the process, before anything of it does. It is given a copy: bytes, text, or
 * data as JSON has it, and answers with what to keep. Where it answers nothing, answers later (a promise) or throws, nothing is kept.
 */
export type Redact = (message: unknown, place: CapturePlace) => unknown;

/** What is kept of an adapter's messages. */
export interface AdapterCapture {
  readonly capture?: CaptureLevel;
  /** the most bytes of one message; of a larger one nothing is kept */
  readonly maxBytes?: number;
  readonly redact?: Redact;
}

/** What is kept of messages beside their hash. Without it nothing is. */
export interface CaptureOptions {
  /** of adapters that are not named below. Default `none` */
  readonly default?: CaptureLevel;
  /** by `<route>/<adapter>`, or by `<adapter>` in any route */
  readonly adapters?: Readonly<Record<string, CaptureLevel | AdapterCapture>>;
  /** the most bytes of one message, 64 MiB at most. Default 1 MiB */
  readonly maxBytes?: number;
  readonly redact?: Redact;
  /** the most that may wait for the command app: in the spool (default 1 GiB) */
  readonly spool?: { readonly maxBytes?: number };
}

/** What a call or a decorator may say of the messages it is given; before what the recorder's options say. */
export interface CallCapture {
  /** which messages are kept, beside their hash. Default: what the recorder's options say */
  readonly capture?: CaptureLevel;
  /** takes out of a message what must not leave the process */
  readonly redact?: Redact;
  /** the most bytes of a message that are kept */
  readonly maxPayloadBytes?: number;
}

/** Settings checked, as far as they are given. */
export interface CaptureRule {
  readonly level?: CaptureLevel;
  readonly maxBytes?: number;
  readonly redact?: Redact;
}

/** Options checked and completed. */
export interface CaptureSettings {
  readonly general: Required<Omit<CaptureRule, 'redact'>> & Pick<CaptureRule, 'redact'>;
  readonly adapters: ReadonlyMap<string, CaptureRule>;
  readonly spool: { readonly maxBytes: number };
}

const MEBIBYTE = 1024 * 1024;
/** The most bytes of one message, whoever asks for more. */
const MAX_PAYLOAD_BYTES = 64 * MEBIBYTE;
const DEFAULT_PAYLOAD_BYTES = MEBIBYTE;
const DEFAULT_SPOOL_BYTES = 1024 * MEBIBYTE;
const LEVELS: readonly unknown[] = ['none', 'input', 'both'] satisfies CaptureLevel[];
const LEVELS_TOLD = 'none, input or both';

/** Reads options. Never throws: what is wrong is told, and keeps nothing rather than too much. */
export function readCapture(options: unknown, problems: string[]): CaptureSettings {
  const given = property(options, 'capture');
  const tell = (problem: string): void => void problems.push(`capture${problem}`);
  if (given !== undefined && given !== null && typeof given !== 'object') tell(' must be an object');
  const general = readRule(given, 'default', 'maxBytes', (problem) => tell(`.${problem}`));
  const spoolBytes = property(property(given, 'spool'), 'maxBytes') ?? DEFAULT_SPOOL_BYTES;
  const isFine = typeof spoolBytes === 'number' && spoolBytes >= 1 && spoolBytes <= Number.MAX_SAFE_INTEGER;
  if (!isFine) tell('.spool.maxBytes must be a number from 1, 1 GiB is used');
  return {
    general: {
      ...general,
      level: general.level ?? 'none',
      maxBytes: general.maxBytes ?? DEFAULT_PAYLOAD_BYTES,
    },
    adapters: readAdapters(property(given, 'adapters'), tell),
    spool: { maxBytes: isFine ? Math.floor(spoolBytes) : DEFAULT_SPOOL_BYTES },
  };
}

function readAdapters(value: unknown, tell: (problem: string) => void): Map<string, CaptureRule> {
  const rules = new Map<string, CaptureRule>();
  if (value === undefined || value === null) return rules;
  if (typeof value !== 'object') tell('.adapters must be an object');
  else
    for (const name of Object.keys(value)) {
      const given = property(value, name);
      const rule = typeof given === 'string' ? { capture: given } : given;
      const problem = (text: string): void => tell(`.adapters[${JSON.stringify(name)}].${text}`);
      rules.set(name, readRule(rule, 'capture', 'maxBytes', problem));
    }
  return rules;
}

/** What a call or a decorator says. @returns undefined where it says nothing */
export function readCallRule(options: unknown, tell: (problem: string) => void): CaptureRule | undefined {
  const says = ['capture', 'redact', 'maxPayloadBytes'].some((name) => property(options, name) !== undefined);
  return says ? readRule(options, 'capture', 'maxPayloadBytes', tell) : undefined;
}

/** A hook that is none must not mean that messages are kept as they are. */
function readRule(
  given: unknown,
  levelName: string,
  bytesName: string,
  tell: (problem: string) => void,
): CaptureRule {
  const [level, maxBytes, redact] = [levelName, bytesName, 'redact'].map(
    (name) => property(given, name) ?? undefined,
  );
  const rule: { -readonly [Key in keyof CaptureRule]: CaptureRule[Key] } = {};
  const keepNothing = (problem: string): void => {
    rule.level = 'none';
    tell(`${problem}: nothing is kept`);
  };
  if (maxBytes !== undefined) {
    if (typeof maxBytes === 'number' && maxBytes >= 0 && maxBytes <= MAX_PAYLOAD_BYTES)
      rule.maxBytes = Math.floor(maxBytes);
    else tell(`${bytesName} must be a number from 0 to ${MAX_PAYLOAD_BYTES}, and is left out`);
  }
  if (level !== undefined) {
    if (LEVELS.includes(level)) rule.level = level as CaptureLevel;
    else keepNothing(`${levelName} must be ${LEVELS_TOLD}`);
  }
  if (typeof redact === 'function') rule.redact = redact as Redact;
  else if (redact !== undefined) keepNothing('redact must be a function');
  return rule;
}

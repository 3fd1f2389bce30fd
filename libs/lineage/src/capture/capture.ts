import type { PayloadRef } from '@factflow/domain';
import { contentTypeOf } from '@factflow/journal';
import { isPromise } from 'node:util/types';
import { property } from '../facts';
import { fingerprint } from '../fingerprint';
import type { Announcer } from '../logger';
import type { Marks } from '../metadata';
import { shortenName } from '../shorten';
import {
  readCallRule,
  type CapturePlace,
  type CaptureRule,
  type CaptureSettings,
  type PayloadSide,
} from './capture-options';
import { messageBytes, type MessageBytes, type NoBytes } from './message-bytes';
import type { PayloadControl } from './payload-control';
import type { PayloadIntake } from './payload-intake';
import * as say from './payload-messages';

/** Adapters whose rules are remembered. */
const MAX_REMEMBERED = 1_000;

/** What was made of a message. */
export interface Taken {
  readonly hash?: string | undefined;
  /** names the bytes that were kept */
  readonly payload?: PayloadRef | undefined;
}

/** Keeps the messages of one adapter, as far as its rule says. */
export interface AdapterMessages {
  /**
   * The hash of a message, and its bytes kept. Never throws.
   * @param marks told why nothing was kept, if something was to be
   */
  take(side: PayloadSide, message: unknown, marks: Marks): Taken;
}

type Rule = Required<Pick<CaptureRule, 'level' | 'maxBytes'>> & Pick<CaptureRule, 'redact'>;
type Names = Omit<CapturePlace, 'side'>;

/** Decides what is kept of messages beside their hash, and hands it over, on the caller's thread. Nothing here throws. */
export class Capture {
  readonly #configured: boolean;
  readonly #remembered = new Map<string, AdapterMessages | undefined>();

  constructor(
    private readonly settings: CaptureSettings,
    private readonly intake: PayloadIntake,
    private readonly control: PayloadControl,
    private readonly announcer: Announcer,
  ) {
    this.#configured = settings.general.level !== 'none' || settings.adapters.size > 0;
  }

  /** @param options what the call says itself @returns undefined where nothing is kept, which costs next to nothing to find out */
  of(options: unknown): AdapterMessages | undefined {
    if (!this.#configured && property(options, 'capture') === undefined) return undefined;
    const given = namesOf(options);
    const call = readCallRule(options, (problem) =>
      this.announcer.warn('capture', () => say.wrongCall(problem, given)),
    );
    return call ? this.#messages(given, this.#ruleOf(given, call)) : this.#configuredFor(given);
  }

  #configuredFor(names: Names): AdapterMessages | undefined {
    const name = `${names.route}/${names.adapter}`;
    if (this.#remembered.has(name)) return this.#remembered.get(name);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    const messages = this.#messages(names, this.#ruleOf(names, {}));
    this.#remembered.set(name, messages);
    return messages;
  }

  #ruleOf({ route, adapter }: Names, call: CaptureRule): Rule {
    const { general, adapters } = this.settings;
    return { ...general, ...adapters.get(adapter), ...adapters.get(`${route}/${adapter}`), ...call };
  }

  #messages(names: Names, rule: Rule): AdapterMessages | undefined {
    if (rule.level === 'none') return undefined;
    return { take: (side, message, marks) => this.#take(rule, { ...names, side }, message, marks) };
  }

  #take(rule: Rule, place: CapturePlace, message: unknown, marks: Marks): Taken {
    if (message === undefined) return {};
    if (place.side === 'output' && rule.level !== 'both') return { hash: fingerprint(message) };
    if (rule.redact === undefined && isLonger(message, rule.maxBytes))
      return { hash: this.#skip(place, tooLarge(rule), marks, fingerprint(message)) };
    const found = messageBytes(message);
    const kept = rule.redact && 'bytes' in found ? this.#redacted(rule.redact, found, place) : found;
    const reason = 'bytes' in kept ? this.#keep(rule, kept) : kept.reason;
    if (reason !== undefined || !('bytes' in kept))
      return { hash: this.#skip(place, reason ?? '', marks, found.hash) };
    const payload = {
      key: kept.hash,
      redacted: kept.hash !== found.hash,
      contentType: contentTypeOf(kept.kind),
    };
    return { hash: found.hash, payload };
  }

  /** @returns why it was not kept */
  #keep(rule: Rule, { hash, kind, bytes }: MessageBytes): string | undefined {
    return bytes.length > rule.maxBytes ? tooLarge(rule) : this.intake.push(hash, kind, bytes);
  }

  #redacted(
    redact: NonNullable<Rule['redact']>,
    found: MessageBytes,
    place: CapturePlace,
  ): MessageBytes | NoBytes {
    const nothing = (reason: string): NoBytes => {
      this.announcer.warn('redaction', () => say.notRedacted(reason, place));
      return { hash: undefined, reason };
    };
    try {
      const kept = redact(found.copy(), place);
      if (isPromise(kept)) {
        // Nobody else will ever look at what becomes of it.
        kept.then(undefined, () => undefined);
        return nothing('the redaction hook answers with a promise');
      }
      return kept === undefined
        ? { hash: undefined, reason: 'the redaction hook keeps nothing of it' }
        : messageBytes(kept);
    } catch (error) {
      return nothing(
        `the redaction hook threw ${property(error, 'name') === undefined ? 'something' : String(property(error, 'name'))}`,
      );
    }
  }

  #skip({ side }: CapturePlace, reason: string, marks: Marks, hash: string | undefined): string | undefined {
    this.control.add('skipped', 1);
    marks.set(`${side}_payload`, `not kept: ${reason}`);
    return hash;
  }
}

const namesOf = (options: unknown): Names => ({
  route: shortenName(property(options, 'route'), 'route'),
  adapter: shortenName(property(options, 'adapter'), 'adapter'),
});

const tooLarge = ({ maxBytes }: Rule): string => `over ${maxBytes.toLocaleString('en')} bytes`;

/** Whether a message is certainly longer: one that is need not be copied. */
const isLonger = (message: unknown, bytes: number): boolean =>
  typeof message === 'string'
    ? message.length > bytes
    : ArrayBuffer.isView(message) && message.byteLength > bytes;

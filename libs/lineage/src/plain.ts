import type { Json } from '@factflow/domain';
import { hashOf } from '@factflow/domain';
import { shortenCharacters } from './shorten';

/** How far a value is looked into. */
export interface PlainBounds {
  /** objects inside each other */
  readonly depth: number;
  /** values in all */
  readonly nodes: number;
  /** characters of one text or key */
  readonly characters: number;
}

/** A value as JSON can say it. */
export interface Plain {
  readonly value: Json;
  /** false when something had to be left out, shortened or replaced: a mark such as `[circular]` stands in its place */
  readonly exact: boolean;
  /** it takes no more bytes than this as JSON */
  readonly maxBytes: number;
}

/**
 * A copy of any value that is JSON, whatever the value is: cycles, getters and proxies that throw, functions, streams,
 * bytes and numbers that JSON does not know become marks. Every property is read once. Never throws.
 */
export function toPlain(value: unknown, bounds: PlainBounds): Plain {
  const walk = new Walk(bounds);
  const plain = walk.visit(value, 0);
  return { value: plain, exact: walk.exact, maxBytes: walk.maxBytes };
}

/** The most that JSON makes of one UTF-16 unit, and of anything else with the punctuation around it. */
const CHARACTER_BYTES = 6;
const SCALAR_BYTES = 32;

class Walk {
  exact = true;
  maxBytes = 0;
  #nodes = 0;
  readonly #path = new Set<object>();

  constructor(private readonly bounds: PlainBounds) {}

  visit(value: unknown, depth: number): Json {
    this.#nodes += 1;
    this.maxBytes += SCALAR_BYTES;
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? value : this.#mark(String(value));
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : this.#object(value, depth);
      case 'bigint':
        return this.#mark(`${value}n`);
      default:
        return this.#mark(`[${typeof value}]`);
    }
  }

  #text(text: string): string {
    this.maxBytes += Math.min(text.length, this.bounds.characters) * CHARACTER_BYTES;
    const wellFormed = text.isWellFormed() ? text : this.#mark(text.toWellFormed());
    return wellFormed.length > this.bounds.characters
      ? this.#mark(shortenCharacters(wellFormed, this.bounds.characters) + ` [${text.length} characters]`)
      : wellFormed;
  }

  #mark(mark: string): string {
    this.exact = false;
    this.maxBytes += mark.length * CHARACTER_BYTES;
    return mark;
  }

  #object(value: object, depth: number): Json {
    if (this.#path.has(value)) return this.#mark('[circular]');
    if (depth >= this.bounds.depth) return this.#mark('[nested deeper]');
    if (this.#nodes > this.bounds.nodes) return this.#mark('[too much]');
    this.#path.add(value);
    try {
      return this.#members(value, depth);
    } catch {
      return this.#mark('[unreadable]');
    } finally {
      this.#path.delete(value);
    }
  }

  #members(value: object, depth: number): Json {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return this.#mark(describeBytes(value));
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.visit(toJSON.call(value, ''), depth + 1);
    if (Array.isArray(value)) return this.#items(value, value.length, depth);
    if (value instanceof Map || value instanceof Set) return this.#collection(value, depth);
    if (value instanceof Error) return this.#mark(`[${String(value)}]`.slice(0, 1000).toWellFormed());
    if (!isData(value)) return this.#mark(Object.prototype.toString.call(value).slice(0, 100).toWellFormed());
    return this.#properties(value, depth);
  }

  #items(items: Iterable<unknown>, length: number, depth: number): Json[] {
    const result: Json[] = [];
    for (const item of items) {
      if (this.#nodes > this.bounds.nodes) {
        result.push(this.#mark(`[${length - result.length} more]`));
        break;
      }
      result.push(this.visit(item, depth + 1));
    }
    return result;
  }

  #collection(value: Map<unknown, unknown> | Set<unknown>, depth: number): Json {
    this.exact = false;
    return this.#items(value, value.size, depth);
  }

  #properties(value: object, depth: number): Json {
    const copy: Record<string, Json> = {};
    const keys = Object.keys(value);
    let copied = 0;
    for (const key of keys) {
      if (this.#nodes > this.bounds.nodes) {
        copy['[more]'] = this.#mark(`${keys.length - copied} keys left out`);
        break;
      }
      const property = this.#property(value, key, depth);
      if (property === undefined) continue;
      define(copy, this.#text(key), property);
      copied += 1;
    }
    return copy;
  }

  /** Absent is absent, as in JSON. A getter that throws spoils its own property only. */
  #property(value: object, key: string, depth: number): Json | undefined {
    let property: unknown;
    try {
      property = (value as Record<string, unknown>)[key];
    } catch {
      return this.#mark('[unreadable]');
    }
    return property === undefined ? undefined : this.visit(property, depth + 1);
  }
}

/** A key named __proto__ stays a key. */
function define(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Objects whose properties are what they hold; not streams, promises and other things that only stand for data. */
function isData(value: object): boolean {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const { pipe, then, next } = value as Record<string, unknown>;
  return typeof pipe !== 'function' && typeof then !== 'function' && typeof next !== 'function';
}

/** The bytes behind a view or a buffer, not copied. */
export const bytesOf = (value: ArrayBufferView | ArrayBufferLike): Uint8Array =>
  ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);

const describeBytes = (value: ArrayBufferView | ArrayBuffer): string =>
  `[${value.byteLength} bytes, ${hashOf(bytesOf(value))}]`;

import { Inject, Optional } from '@nestjs/common';
import type { CallCapture } from './capture/capture-options';
import { context } from './context';
import { defaultRecorder } from './default-recorder';
import { property } from './facts';
import { follow } from './follow';
import { LiveRecord } from './live-record';
import type { LineageRecord } from './record';
import { LineageRecorder } from './recorder';
import { markTraced } from './replay-handler';
import { RunScope, type RunOptions } from './run';

/** Which adapter of which route a method is. */
export interface TracedAdapterOptions extends CallCapture {
  readonly route: string;
  readonly adapter: string;
}

type Method = (this: unknown, ...input: unknown[]) => unknown;
type TypedMethodDecorator = <T extends (...input: never[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

const RECORDER = Symbol('lineage recorder');

/**
 * Makes every call of a method one record: registered and started at the call, its input (the argument, or the list
 * of several) and output hashed, and kept where `capture` says so, completed or failed with the method, whether it answers with a value, a promise, a
 * generator or a Node stream. The parent is the record whose work the call is part of; without one the call gets an
 * execution of its own. The method keeps its name, its metadata, `this`, its result and its errors; without a
 * recorder it is only called. Other results that are worked on later, such as observables, count as complete when
 * they are returned.
 */
export const TracedAdapter = (options: TracedAdapterOptions): TypedMethodDecorator => {
  return (target, _key, descriptor) => {
    const method = descriptor.value as Method | undefined;
    if (typeof method !== 'function') return;
    injectRecorder(target);
    const traced: Method = function (this: unknown, ...input) {
      const recorder = recorderOf(this);
      if (!recorder) return Reflect.apply(method, this, input);
      const replayed = replayedRecord(recorder, options);
      if (replayed) return follow(new RunScope(recorder, replayed), () => Reflect.apply(method, this, input));
      return recorder.run(runOptionsOf(options, messageOf(input)), () => Reflect.apply(method, this, input));
    };
    descriptor.value = likeOriginal(traced, method) as unknown as typeof descriptor.value;
    markTraced(traced, options);
  };
};

/** Has Nest put the recorder on instances it makes, where it knows one. */
function injectRecorder(target: object): void {
  Inject(LineageRecorder)(target, RECORDER);
  Optional()(target, RECORDER);
}

/** The record of a message that is replayed: its adapter, called by the handler or being it, makes no second one. */
function replayedRecord(recorder: LineageRecorder, options: TracedAdapterOptions): LineageRecord | undefined {
  const around = context.getStore();
  const replay = around?.replay;
  if (!replay || replay.taken || around.recorder !== recorder) return undefined;
  if (replay.adapter !== options.adapter || replay.route !== options.route) return undefined;
  replay.taken = true;
  // Resumed from headers, which say nothing of what is kept.
  if (around.record instanceof LiveRecord) around.record.keepAs(options);
  return around.record;
}

/** The instance's own, that of the work around, or that of the application. */
function recorderOf(instance: unknown): LineageRecorder | undefined {
  const injected = property(instance, RECORDER as unknown as string);
  if (injected instanceof LineageRecorder) return injected;
  const around = context.getStore()?.recorder;
  return around instanceof LineageRecorder ? around : defaultRecorder();
}

/** Adapters that say nothing of their messages are the many. */
const runOptionsOf = (options: TracedAdapterOptions, input: unknown): RunOptions => {
  const { route, adapter, capture } = options;
  if (capture === undefined && options.redact === undefined && options.maxPayloadBytes === undefined)
    return { route, adapter, input };
  return { ...options, input };
};

const messageOf = (input: readonly unknown[]): unknown => (input.length > 1 ? input : input[0]);

/** Name, length and whatever other decorators have put on the method. */
function likeOriginal(traced: Method, method: Method): Method {
  for (const name of Reflect.ownKeys(method)) {
    const own = Reflect.getOwnPropertyDescriptor(method, name);
    if (own && name !== 'prototype') Reflect.defineProperty(traced, name, own);
  }
  for (const name of Reflect.getOwnMetadataKeys(method) as unknown[])
    Reflect.defineMetadata(name, Reflect.getOwnMetadata(name, method), traced);
  return traced;
}

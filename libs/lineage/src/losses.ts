import { toOutgoing } from './backlog';
import type { Announcer } from './logger';
import * as say from './messages';
import { SequenceRanges } from './ranges';
import type { Shared } from './shipping-settings';
import { StructuredLog } from './structured-log';

/**
 * Events that the recorder's thread could not take in. Each is counted and told by its sequence. While the recorder is
 * open, the shipping side writes them to the structured log; after that there is nobody any more to write for this thread.
 */
export class Losses {
  readonly #ranges = new SequenceRanges();
  #log: StructuredLog | undefined;
  #abandoned = false;

  constructor(
    private readonly shared: Pick<Shared, 'control' | 'losses'>,
    private readonly structuredLog: string,
    private readonly announcer: Announcer,
  ) {}

  /** whether this thread writes the structured log by itself */
  get isWriting(): boolean {
    return this.#log !== undefined;
  }

  /** One more, for the shipping side to write. */
  add(sequence: number, line: string): void {
    this.#count(sequence);
    if (!this.shared.losses.push(line)) this.shared.control.add('unlogged', 1);
  }

  /** One more after the shipping side has ended. */
  addLate(sequence: number, line: string): void {
    this.#count(sequence);
    if (this.#abandoned) return this.shared.control.add('unlogged', 1);
    this.#log ??= new StructuredLog(this.structuredLog, (events, reason) => {
      this.shared.control.add('unlogged', events);
      this.announcer.warn('unlogged', () => say.unlogged(events, this.structuredLog, reason));
    });
    this.#log.write(toOutgoing(line));
  }

  /** Later ones are only counted: the shipping side is stuck in something that this thread must not wait for as well. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Says that there are more events than can be taken in. @param sequence of the last one */
  sayOverflow(sequence: number): void {
    const { control } = this.shared;
    this.announcer.warn('lost', () =>
      say.overflow(
        control.get('lost'),
        control.allUnlogged,
        this.#ranges.last ?? [sequence, sequence],
        this.structuredLog,
      ),
    );
  }

  drainSync(): void {
    this.#log?.drainSync();
  }

  #count(sequence: number): void {
    const { control } = this.shared;
    control.add('lost', 1);
    this.#ranges.add(sequence);
    if (this.#ranges.last) control.publishRange(this.#ranges.length, this.#ranges.last);
  }
}

import { sizeOf, subtract, unite } from '@factflow/domain';
import type { Control } from './control';
import { SequenceRanges, type SequenceRange } from './ranges';
import type { OutgoingEvent } from './sink';

/**
 * Which facts of the recorder will never be answered, as the shipping side finds out: those that vanished from the spool,
 * and those that are left when the recorder ends. Facts are answered in the order of their sequence, so that one that is
 * passed over, and that the recorder did not lose itself, is gone. Kept in shared memory, for the thread that follows one
 * that broke.
 */
export class GivenUp {
  readonly #ranges = new SequenceRanges();

  constructor(private readonly control: Control) {
    this.#ranges.addAll(control.givenUpRanges());
  }

  /** Facts that are not gone, but go elsewhere. */
  add(events: readonly OutgoingEvent[]): void {
    for (const { sequence } of events) this.#ranges.add(sequence);
    this.control.publishGivenUp(this.#ranges.toArray());
  }

  /** Notes what was answered. @returns how many facts before or between these are gone */
  answered(events: readonly OutgoingEvent[]): number {
    const passed: SequenceRange[] = [];
    let last = this.control.get('answered');
    for (const { sequence } of events) {
      if (sequence > last + 1) passed.push([last + 1, sequence - 1]);
      last = Math.max(last, sequence);
    }
    this.control.set('answered', last);
    return passed.length === 0 ? 0 : this.#gone(passed);
  }

  /** All that is neither answered nor lost up to this sequence is gone. */
  upTo(sequence: number): void {
    const last = this.control.get('answered');
    if (last >= sequence) return;
    this.control.set('answered', sequence);
    this.#gone([[last + 1, sequence]]);
  }

  #gone(passed: readonly SequenceRange[]): number {
    const gone = subtract(passed, unite(this.control.lostRanges(), this.#ranges.toArray()));
    this.#ranges.addAll(gone);
    this.control.publishGivenUp(this.#ranges.toArray());
    return sizeOf(gone);
  }
}

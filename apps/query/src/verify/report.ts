import {
  FINDING_KINDS,
  isDifference,
  type Checked,
  type FindingKind,
  type VerifyFinding,
  type VerifyLine,
  type VerifySummary,
} from './finding';

/** What a finding says beside its kind; what is left out is null. */
export type Found = Partial<Omit<VerifyFinding, 'type' | 'kind' | 'difference' | 'message'>> &
  Pick<VerifyFinding, 'message'>;

const PROGRESS_EVERY_MS = 500;
/** Sentences about what could not be checked. */
const MOST_UNCHECKED = 100;
/** Characters of a value that a finding shows. */
const SHOWN_CHARACTERS = 200;

const NOTHING_FOUND = {
  execution_id: null,
  record_id: null,
  parent_id: null,
  event_id: null,
  recorder_id: null,
  route_id: null,
  adapter_name: null,
  key: null,
  field: null,
  stored: null,
  expected: null,
  advice: null,
} as const;

/** Counts what a verification has looked at and found, and writes the lines of its answer. */
export class Report {
  readonly checked: Checked = {
    executions: 0,
    pruned: 0,
    events: 0,
    records: 0,
    counters: 0,
    joins: 0,
    statistics: 0,
    inputs: 0,
    payloads: 0,
    recorders: 0,
    recorders_compared: 0,
    recorders_pruned: 0,
  };
  private readonly found = new Map<FindingKind, number>();
  private readonly unchecked: string[] = [];
  private differences = 0;
  private lastProgress = performance.now();

  /** @param limit findings of one kind that are told */
  constructor(
    private readonly limit: number,
    private readonly write: (line: string, isProgress: boolean) => void,
  ) {}

  find(kind: FindingKind, found: Found): void {
    const before = this.found.get(kind) ?? 0;
    this.found.set(kind, before + 1);
    const difference = isDifference(kind);
    if (difference) this.differences += 1;
    if (before >= this.limit) return;
    const { stored = null, expected = null } = found;
    this.line({
      type: 'finding',
      kind,
      difference,
      ...NOTHING_FOUND,
      ...found,
      stored: shown(stored),
      expected: shown(expected),
    });
  }

  /** Says what could not be looked at. */
  leaveOut(sentence: string): void {
    if (this.unchecked.length < MOST_UNCHECKED) this.unchecked.push(sentence);
  }

  /** Says how far it is, unless that was said just now. */
  progress(): void {
    const now = performance.now();
    if (now - this.lastProgress < PROGRESS_EVERY_MS) return;
    this.lastProgress = now;
    this.sayProgress();
  }

  sayProgress(): void {
    const { checked, differences } = this;
    this.line({ type: 'progress', checked, differences });
  }

  finish(executionId: string | undefined): void {
    const summary: VerifySummary = {
      type: 'summary',
      execution_id: executionId ?? null,
      checked: this.checked,
      findings: FINDING_KINDS.flatMap((kind) => {
        const found = this.found.get(kind);
        return found === undefined ? [] : { kind, found, told: Math.min(found, this.limit) };
      }),
      differences: this.differences,
      unchecked: this.unchecked,
    };
    this.line(summary);
  }

  private line(line: VerifyLine): void {
    this.write(`${JSON.stringify(line)}\n`, line.type === 'progress');
  }
}

const shown = (text: string | null): string | null =>
  text === null || text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;

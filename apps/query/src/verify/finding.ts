import { ApiProperty } from '@nestjs/swagger';
import { Count, Flag, Id, Text, Word } from '../http/response-fields';

/** What a verification can find. Words are part of the contract: add, never rename. */
export const FINDING_KINDS = [
  'execution_differs',
  'execution_missing',
  'execution_unexpected',
  'record_differs',
  'record_missing',
  'record_unexpected',
  'counter_differs',
  'statistics_differ',
  'statistics_missing',
  'statistics_unexpected',
  'join_missing',
  'join_unexpected',
  'event_invalid',
  'input_changed',
  'payload_missing',
  'payload_corrupt',
  'payload_unreadable',
  'payload_mismatch',
  'payload_awaited',
  'gap_lost',
  'gap_rejected',
  'gap_missing',
  'gap_vanished',
  'gap_awaited',
  'sequence_unknown',
  'sequence_awaited',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Kinds that say what is still to come: nothing is wrong. */
const NOTICES: ReadonlySet<FindingKind> = new Set(['gap_awaited', 'sequence_awaited', 'payload_awaited']);
/** Whether a finding makes a verification end with a difference. */
export const isDifference = (kind: FindingKind): boolean => !NOTICES.has(kind);

/** One thing that is not as it should be. */
export class VerifyFinding {
  @ApiProperty({ type: String, enum: ['finding'] })
  readonly type!: 'finding';

  @Word(FINDING_KINDS, 'FindingKind')
  readonly kind!: FindingKind;

  @Flag('Whether something is wrong; false for what is still to come')
  readonly difference!: boolean;

  @Id({ nullable: true, description: 'null: of no single execution' })
  readonly execution_id!: string | null;

  @Id({ nullable: true, description: 'The record; of a join the child' })
  readonly record_id!: string | null;

  @Id({ nullable: true, description: 'Of a join, the parent' })
  readonly parent_id!: string | null;

  @Id({ nullable: true })
  readonly event_id!: string | null;

  @Id({ nullable: true })
  readonly recorder_id!: string | null;

  @Text({ nullable: true, description: 'Of statistics' })
  readonly route_id!: string | null;

  @Text({ nullable: true, description: 'Of statistics' })
  readonly adapter_name!: string | null;

  @Text({ nullable: true, description: 'Of a payload, its key' })
  readonly key!: string | null;

  @Text({ nullable: true, description: 'The column of the row, or what else differs' })
  readonly field!: string | null;

  @Text({ nullable: true, description: 'What is stored, as text; long text is cut' })
  readonly stored!: string | null;

  @Text({ nullable: true, description: 'What should be, as text; long text is cut' })
  readonly expected!: string | null;

  @Text({ description: 'What it means, as sentences' })
  readonly message!: string;

  @Text({ nullable: true, description: 'A command to type next' })
  readonly advice!: string | null;
}

/** What has been looked at. */
export class VerifyCounts {
  @Count()
  readonly executions!: number;

  @Count('Executions that were pruned, and left out')
  readonly pruned!: number;

  @Count('Events that were folded')
  readonly events!: number;

  @Count('Rows of records')
  readonly records!: number;

  @Count('Counts of children, and of records in executions')
  readonly counters!: number;

  @Count('Rows of joins')
  readonly joins!: number;

  @Count('Rows of statistics')
  readonly statistics!: number;

  @Count('Records whose input was told both at the registration and at the start')
  readonly inputs!: number;

  @Count('Payloads that were read and held against their digests, each once')
  readonly payloads!: number;

  @Count('Recorders whose sequences were looked through')
  readonly recorders!: number;

  @Count(
    'Recorders whose sequences in the log were held against what is known to have been accepted of them; only of all executions',
  )
  readonly recorders_compared!: number;

  @Count('Recorders that were not, for executions they were seen in were pruned')
  readonly recorders_pruned!: number;
}

export type Checked = { -readonly [Name in keyof VerifyCounts]: number };

/** How far a verification is. */
export class VerifyProgress {
  @ApiProperty({ type: String, enum: ['progress'] })
  readonly type!: 'progress';

  @ApiProperty({ type: () => VerifyCounts })
  readonly checked!: VerifyCounts;

  @Count('Differences found so far')
  readonly differences!: number;
}

/** Findings of one kind. */
export class FindingTotal {
  @Word(FINDING_KINDS, 'FindingKind')
  readonly kind!: FindingKind;

  @Count('How many there are')
  readonly found!: number;

  @Count('How many of them were told')
  readonly told!: number;
}

/** The last line: what was checked, and what was found. */
export class VerifySummary {
  @ApiProperty({ type: String, enum: ['summary'] })
  readonly type!: 'summary';

  @Id({ nullable: true, description: 'The execution that was verified; null: all' })
  readonly execution_id!: string | null;

  @ApiProperty({ type: () => VerifyCounts })
  readonly checked!: VerifyCounts;

  @ApiProperty({ type: () => [FindingTotal], description: 'Kinds that were found' })
  readonly findings!: FindingTotal[];

  @Count('Findings that say that something is wrong')
  readonly differences!: number;

  @ApiProperty({ type: [String], description: 'What could not be checked, as sentences' })
  readonly unchecked!: string[];
}

export type VerifyLine = VerifyProgress | VerifyFinding | VerifySummary;

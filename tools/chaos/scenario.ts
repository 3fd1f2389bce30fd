import type { Bout } from './bout';

/** One way to break a system under load. */
export interface Scenario {
  readonly name: string;
  /** what is done, and what must hold */
  readonly breaks: string;
  /** Breaks something while pipelines run, and ends all that record; the rest is healed and judged afterwards. */
  run(bout: Bout): Promise<Findings>;
}

/** What a scenario found beside the account of its events. */
export interface Findings {
  /** for people */
  readonly notes?: readonly string[];
  /** what should not be so; empty when all is well */
  readonly problems?: readonly string[];
  /** sequences of events whose bytes the scenario itself destroyed on disk */
  readonly destroyed?: readonly number[];
  /** places the scenario damaged, each of which whoever reads the spool must count */
  readonly damagedPlaces?: number;
  /** pipelines that ran at once; the run without lineage is like that. Default 1 */
  readonly atOnce?: number;
}

/** What became of the events of calls that had returned. */
export interface Account {
  readonly returned: number;
  /** of them in the database at the end */
  readonly stored: number;
  /** rows beyond one for each event */
  readonly duplicates: number;
  /** counted as given up, as GET /recorders told before the import */
  readonly lost: number;
  /** put back from the structured log, through POST /api/v1/events */
  readonly imported: number;
  /** whose bytes the scenario destroyed on disk */
  readonly destroyed: number;
  /** neither stored nor destroyed */
  readonly unaccounted: number;
  /** missing, as GET /recorders tells in the end */
  readonly gaps: number;
  readonly problems: readonly string[];
}

/** What came of a scenario. */
export interface Outcome extends Account {
  readonly name: string;
  /** messages a second with lineage while things broke, and of the same work without */
  readonly throughput: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly seconds: number;
  readonly held: boolean;
  readonly notes: readonly string[];
}

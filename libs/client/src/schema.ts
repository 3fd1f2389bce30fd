// Generated from the OpenAPI document of the query app by `npm run openapi`. Changes belong there.

export interface paths {
    readonly "/api/v1/lineage/verify": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Holds rows, counters, statistics and joins against the events, and looks for gaps in the log
         * @description Reads only, and sees each execution as it is at one moment. One document per line: findings as they come, now and then how far it is, and a VerifySummary last; an answer without a summary is not whole.
         */
        readonly get: operations["verifyLineage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Registered records that match all filters */
        readonly get: operations["listRecords"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/failures": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Failed records that match all filters, the latest failure first, with what was tried since
         * @description With group=true: what went wrong, how often, and how much of it a retry or replay has fixed.
         */
        readonly get: operations["listFailures"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Counts and durations of an execution: totals, then by route and adapter */
        readonly get: operations["getStats"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One record */
        readonly get: operations["getRecord"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/{id}/children": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Direct children of a record, joins included, oldest first */
        readonly get: operations["getChildren"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Events of a record in the order in which they decide, conflicts marked */
        readonly get: operations["listEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/lineage/{id}/chain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A record with all its ancestors and descendants
         * @description Paged: ancestors before descendants. As application/x-ndjson the whole chain comes unpaged, one ChainLine per line, the record itself first; a chain that is not whole ends with a ChainTruncation.
         */
        readonly get: operations["getChain"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/executions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Executions that match all filters, the latest start first */
        readonly get: operations["listExecutions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/executions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One execution with the counts of its records, what failed in it and what was replayed from it */
        readonly get: operations["getExecution"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/executions/{a}/diff/{b}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of the messages of one execution in another: totals first, then the messages, the worst first
         * @description Paged. As application/x-ndjson everything comes unpaged: a DiffSummary on the first line, then one DiffRow per line.
         */
        readonly get: operations["getDiff"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/recorders": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Recorders that match all filters, the last one first
         * @description What services say of themselves, and what has arrived of what they recorded.
         */
        readonly get: operations["listRecorders"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/recorders/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One recorder */
        readonly get: operations["getRecorder"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/storage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The payloads that the records of an execution name, by record */
        readonly get: operations["listPayloads"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/storage/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The bytes of a message, to be saved
         * @description The digest is verified: an answer that comes to its end is right. Up to 1 MiB, damage is told as a problem; a larger answer breaks off before its end. Ranges are verified as well, by reading all of the bytes.
         */
        readonly get: operations["getPayload"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        /** Whether the store has bytes, how many, and of what type; they are not read */
        readonly head: operations["headPayload"];
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly FieldErrorDto: {
            /** @description Path of the field, as in the request */
            readonly field: string;
            readonly message: string;
        };
        readonly ProblemDto: {
            /** @example urn:factflow:problem:invalid_request */
            readonly type: string;
            /** @example Bad Request */
            readonly title: string;
            /** @example 400 */
            readonly status: number;
            /** @description What happened, and what to do about it */
            readonly detail: string;
            /** @description Stable name of the problem */
            readonly code?: string;
            readonly errors?: readonly components["schemas"]["FieldErrorDto"][];
        };
        /** @enum {string} */
        readonly FindingKind: "execution_differs" | "execution_missing" | "execution_unexpected" | "record_differs" | "record_missing" | "record_unexpected" | "counter_differs" | "statistics_differ" | "statistics_missing" | "statistics_unexpected" | "join_missing" | "join_unexpected" | "event_invalid" | "input_changed" | "payload_missing" | "payload_corrupt" | "payload_unreadable" | "payload_mismatch" | "payload_awaited" | "gap_lost" | "gap_rejected" | "gap_missing" | "gap_vanished" | "gap_awaited" | "sequence_unknown" | "sequence_awaited";
        readonly VerifyFinding: {
            /** @enum {string} */
            readonly type: "finding";
            readonly kind: components["schemas"]["FindingKind"];
            /** @description Whether something is wrong; false for what is still to come */
            readonly difference: boolean;
            /**
             * Format: uuid
             * @description null: of no single execution
             */
            readonly execution_id: string | null;
            /**
             * Format: uuid
             * @description The record; of a join the child
             */
            readonly record_id: string | null;
            /**
             * Format: uuid
             * @description Of a join, the parent
             */
            readonly parent_id: string | null;
            /** Format: uuid */
            readonly event_id: string | null;
            /** Format: uuid */
            readonly recorder_id: string | null;
            /** @description Of statistics */
            readonly route_id: string | null;
            /** @description Of statistics */
            readonly adapter_name: string | null;
            /** @description Of a payload, its key */
            readonly key: string | null;
            /** @description The column of the row, or what else differs */
            readonly field: string | null;
            /** @description What is stored, as text; long text is cut */
            readonly stored: string | null;
            /** @description What should be, as text; long text is cut */
            readonly expected: string | null;
            /** @description What it means, as sentences */
            readonly message: string;
            /** @description A command to type next */
            readonly advice: string | null;
        };
        readonly VerifyCounts: {
            readonly executions: number;
            /** @description Executions that were pruned, and left out */
            readonly pruned: number;
            /** @description Events that were folded */
            readonly events: number;
            /** @description Rows of records */
            readonly records: number;
            /** @description Counts of children, and of records in executions */
            readonly counters: number;
            /** @description Rows of joins */
            readonly joins: number;
            /** @description Rows of statistics */
            readonly statistics: number;
            /** @description Records whose input was told both at the registration and at the start */
            readonly inputs: number;
            /** @description Payloads that were read and held against their digests, each once */
            readonly payloads: number;
            /** @description Recorders whose sequences were looked through */
            readonly recorders: number;
            /** @description Recorders whose sequences in the log were held against what is known to have been accepted of them; only of all executions */
            readonly recorders_compared: number;
            /** @description Recorders that were not, for executions they were seen in were pruned */
            readonly recorders_pruned: number;
        };
        readonly VerifyProgress: {
            /** @enum {string} */
            readonly type: "progress";
            readonly checked: components["schemas"]["VerifyCounts"];
            /** @description Differences found so far */
            readonly differences: number;
        };
        readonly FindingTotal: {
            readonly kind: components["schemas"]["FindingKind"];
            /** @description How many there are */
            readonly found: number;
            /** @description How many of them were told */
            readonly told: number;
        };
        readonly VerifySummary: {
            /** @enum {string} */
            readonly type: "summary";
            /**
             * Format: uuid
             * @description The execution that was verified; null: all
             */
            readonly execution_id: string | null;
            readonly checked: components["schemas"]["VerifyCounts"];
            /** @description Kinds that were found */
            readonly findings: readonly components["schemas"]["FindingTotal"][];
            /** @description Findings that say that something is wrong */
            readonly differences: number;
            /** @description What could not be checked, as sentences */
            readonly unchecked: readonly string[];
        };
        /** @enum {string} */
        readonly RecordStatusFilter: "pending" | "completed" | "failed" | "cancelled";
        /** @enum {string} */
        readonly CompletionFilter: "pending" | "awaiting_children" | "done" | "failed" | "cancelled";
        /**
         * @description What became of the record itself; `unknown` for a placeholder: mentioned but not registered
         * @enum {string}
         */
        readonly RecordStatus: "pending" | "completed" | "failed" | "cancelled" | "unknown";
        readonly Payload: {
            /** @description The digest of the bytes: `GET /api/v1/storage/{key}` answers them */
            readonly key: string;
            /** @description Whether something was taken out of the message before it left the service: then it is never replayed */
            readonly redacted: boolean;
            /** @description As the service says */
            readonly content_type: string;
            /** @description Whether the bytes have arrived in the payload store and have not been removed */
            readonly stored: boolean;
        };
        readonly ErrorDetails: {
            /** @description Name of the exception class */
            readonly class: string;
            readonly message: string;
            readonly traceback: string | null;
        };
        /**
         * @description What the record amounts to with everything below it; `done` is the only word for done
         * @enum {string}
         */
        readonly Completion: "pending" | "awaiting_children" | "done" | "failed" | "cancelled" | "unknown";
        readonly LineageRecord: {
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            readonly execution_id: string;
            /** @description null for placeholders only */
            readonly route_id: string | null;
            /** @description null for placeholders only */
            readonly adapter_name: string | null;
            /** Format: uuid */
            readonly parent_id: string | null;
            /** @description What became of the record itself; `unknown` for a placeholder: mentioned but not registered */
            readonly status: components["schemas"]["RecordStatus"];
            readonly input_hash: string | null;
            readonly output_hash: string | null;
            /** @description The bytes that went in; null: not captured */
            readonly input_payload: components["schemas"]["Payload"] | null;
            /** @description The bytes that came out; null: not captured */
            readonly output_payload: components["schemas"]["Payload"] | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: date-time
             * @description null for placeholders only
             */
            readonly started_at: string | null;
            /** Format: date-time */
            readonly completed_at: string | null;
            /** Format: uuid */
            readonly batch_id: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered children that have not settled */
            readonly pending_children: number;
            /** @description What the record amounts to with everything below it; `done` is the only word for done */
            readonly completion: components["schemas"]["Completion"];
            /** @description Parents of a join */
            readonly joined_parent_ids: readonly string[] | null;
            /**
             * Format: date-time
             * @description null: the record is a placeholder
             */
            readonly registered_at: string | null;
            /** @description Whether the adapter began; `started_at` of a record that did not is `registered_at` */
            readonly started: boolean;
            readonly cancel_reason: string | null;
            /**
             * Format: uuid
             * @description The attempt this one repeats
             */
            readonly retry_of: string | null;
            /**
             * Format: uuid
             * @description The record of another execution this one replays
             */
            readonly replay_of_record: string | null;
            /** @description Facts that contradict the ones that decided; see the events of the record */
            readonly conflicts: number;
            /** @description Whether it is pending under a recorder that is gone: nothing may ever end it */
            readonly stalled: boolean;
        };
        readonly RecordPage: {
            readonly items: readonly components["schemas"]["LineageRecord"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        readonly Attempt: {
            /**
             * Format: uuid
             * @description The record of the attempt
             */
            readonly id: string;
            /** Format: uuid */
            readonly execution_id: string;
            readonly status: components["schemas"]["RecordStatus"];
            readonly completion: components["schemas"]["Completion"];
        };
        readonly FailedRecord: {
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            readonly execution_id: string;
            /** @description null for placeholders only */
            readonly route_id: string | null;
            /** @description null for placeholders only */
            readonly adapter_name: string | null;
            /** Format: uuid */
            readonly parent_id: string | null;
            /** @description What became of the record itself; `unknown` for a placeholder: mentioned but not registered */
            readonly status: components["schemas"]["RecordStatus"];
            readonly input_hash: string | null;
            readonly output_hash: string | null;
            /** @description The bytes that went in; null: not captured */
            readonly input_payload: components["schemas"]["Payload"] | null;
            /** @description The bytes that came out; null: not captured */
            readonly output_payload: components["schemas"]["Payload"] | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: date-time
             * @description null for placeholders only
             */
            readonly started_at: string | null;
            /** Format: date-time */
            readonly completed_at: string | null;
            /** Format: uuid */
            readonly batch_id: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered children that have not settled */
            readonly pending_children: number;
            /** @description What the record amounts to with everything below it; `done` is the only word for done */
            readonly completion: components["schemas"]["Completion"];
            /** @description Parents of a join */
            readonly joined_parent_ids: readonly string[] | null;
            /**
             * Format: date-time
             * @description null: the record is a placeholder
             */
            readonly registered_at: string | null;
            /** @description Whether the adapter began; `started_at` of a record that did not is `registered_at` */
            readonly started: boolean;
            readonly cancel_reason: string | null;
            /**
             * Format: uuid
             * @description The attempt this one repeats
             */
            readonly retry_of: string | null;
            /**
             * Format: uuid
             * @description The record of another execution this one replays
             */
            readonly replay_of_record: string | null;
            /** @description Facts that contradict the ones that decided; see the events of the record */
            readonly conflicts: number;
            /** @description Whether it is pending under a recorder that is gone: nothing may ever end it */
            readonly stalled: boolean;
            /** @description Of the retries of the same message (`retry_of` this record, the one it retries itself, or a retry of these) one that completed, else the latest; null: there is no other */
            readonly retry: components["schemas"]["Attempt"] | null;
            /** @description Of the replays of this record (`replay_of_record`) one that completed, else the latest; null: there is none */
            readonly replay: components["schemas"]["Attempt"] | null;
        };
        readonly FailurePage: {
            readonly items: readonly components["schemas"]["FailedRecord"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        readonly FailureGroup: {
            readonly route_id: string;
            readonly adapter_name: string;
            /** @description Name of the exception class */
            readonly error_class: string;
            /** @description The message with <id>, <n>, <hex>, <time>, <path>, <url> and <text> in place of what differs from one to the next */
            readonly message: string;
            /** @description Failed records */
            readonly count: number;
            /** @description Of these, those that have a retry or replay that is done */
            readonly fixed: number;
            /** @description Of these, those that were tried again and are not fixed */
            readonly tried_again: number;
            /**
             * Format: date-time
             * @description When the first of them failed
             */
            readonly first_at: string;
            /**
             * Format: date-time
             * @description When the last of them failed
             */
            readonly last_at: string;
            /**
             * Format: uuid
             * @description One of them: the last that is not fixed, else the last
             */
            readonly sample_id: string;
            /**
             * Format: uuid
             * @description The execution of that one
             */
            readonly sample_execution_id: string;
        };
        readonly FailureGroups: {
            /** @description Those with most that is not fixed first, then the largest, then the latest */
            readonly groups: readonly components["schemas"]["FailureGroup"][];
            /** @description Groups found, those beyond `limit` included */
            readonly total_groups: number;
            /** @description Failed records looked at */
            readonly failures: number;
            /** @description Failed records of no group, because there were 10000 already */
            readonly ungrouped: number;
            /** @description Whether failures were left out: looking took too long, and these are the latest ones */
            readonly truncated: boolean;
        };
        readonly StatusCounts: {
            readonly pending: number;
            readonly completed: number;
            readonly failed: number;
            readonly cancelled: number;
        };
        readonly CompletionCounts: {
            readonly pending: number;
            readonly awaiting_children: number;
            readonly done: number;
            readonly failed: number;
            readonly cancelled: number;
        };
        readonly Durations: {
            readonly count: number;
            readonly sum: number;
            readonly mean: number;
            readonly min: number;
            readonly max: number;
            readonly p50: number;
            readonly p90: number;
            readonly p99: number;
        };
        readonly Totals: {
            readonly records: number;
            readonly by_status: components["schemas"]["StatusCounts"];
            readonly by_completion: components["schemas"]["CompletionCounts"];
            /** @description Pending ones whose recorder is gone: nothing may ever end them */
            readonly stalled: number;
            /** @description null: no record has ended */
            readonly duration_ms: components["schemas"]["Durations"] | null;
        };
        readonly AdapterTotals: {
            readonly records: number;
            readonly by_status: components["schemas"]["StatusCounts"];
            readonly by_completion: components["schemas"]["CompletionCounts"];
            /** @description Pending ones whose recorder is gone: nothing may ever end them */
            readonly stalled: number;
            /** @description null: no record has ended */
            readonly duration_ms: components["schemas"]["Durations"] | null;
            readonly route_id: string;
            readonly adapter_name: string;
        };
        readonly Stats: {
            /** Format: uuid */
            readonly execution_id: string;
            /** @description All of the execution, on whatever page */
            readonly totals: components["schemas"]["Totals"];
            /** @description By route and adapter, in the order of their names */
            readonly adapters: readonly components["schemas"]["AdapterTotals"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        /** @enum {string} */
        readonly RecordEventType: "record.registered" | "record.started" | "record.completed" | "record.failed" | "record.cancelled";
        readonly EventSource: {
            /** Format: uuid */
            readonly recorder_id: string;
            /** @description The event's place in the recorder's sequence, from 1 */
            readonly sequence: number;
        };
        /**
         * @description earlier_event_decided: an earlier event of its kind decided, this one contributed nothing; input_hash_differs, input_payload_differs: it started the record with another input than was registered
         * @enum {string}
         */
        readonly ConflictReason: "earlier_event_decided" | "input_hash_differs" | "input_payload_differs";
        readonly RecordEvent: {
            /** Format: uuid */
            readonly event_id: string;
            readonly type: components["schemas"]["RecordEventType"];
            /** Format: uuid */
            readonly execution_id: string;
            /** Format: uuid */
            readonly record_id: string;
            /** Format: date-time */
            readonly occurred_at: string;
            readonly source: components["schemas"]["EventSource"] | null;
            /** @description What the type of event tells, as it was sent */
            readonly data: {
                readonly [key: string]: unknown;
            };
            /** @description Whether the event counts in `conflicts` of the record */
            readonly conflict: boolean;
            /** @description earlier_event_decided: an earlier event of its kind decided, this one contributed nothing; input_hash_differs, input_payload_differs: it started the record with another input than was registered */
            readonly conflict_reason: components["schemas"]["ConflictReason"] | null;
        };
        readonly EventPage: {
            readonly items: readonly components["schemas"]["RecordEvent"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        readonly ChainRecord: {
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            readonly execution_id: string;
            /** @description null for placeholders only */
            readonly route_id: string | null;
            /** @description null for placeholders only */
            readonly adapter_name: string | null;
            /** Format: uuid */
            readonly parent_id: string | null;
            /** @description What became of the record itself; `unknown` for a placeholder: mentioned but not registered */
            readonly status: components["schemas"]["RecordStatus"];
            readonly input_hash: string | null;
            readonly output_hash: string | null;
            /** @description The bytes that went in; null: not captured */
            readonly input_payload: components["schemas"]["Payload"] | null;
            /** @description The bytes that came out; null: not captured */
            readonly output_payload: components["schemas"]["Payload"] | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: date-time
             * @description null for placeholders only
             */
            readonly started_at: string | null;
            /** Format: date-time */
            readonly completed_at: string | null;
            /** Format: uuid */
            readonly batch_id: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered children that have not settled */
            readonly pending_children: number;
            /** @description What the record amounts to with everything below it; `done` is the only word for done */
            readonly completion: components["schemas"]["Completion"];
            /** @description Parents of a join */
            readonly joined_parent_ids: readonly string[] | null;
            /**
             * Format: date-time
             * @description null: the record is a placeholder
             */
            readonly registered_at: string | null;
            /** @description Whether the adapter began; `started_at` of a record that did not is `registered_at` */
            readonly started: boolean;
            readonly cancel_reason: string | null;
            /**
             * Format: uuid
             * @description The attempt this one repeats
             */
            readonly retry_of: string | null;
            /**
             * Format: uuid
             * @description The record of another execution this one replays
             */
            readonly replay_of_record: string | null;
            /** @description Facts that contradict the ones that decided; see the events of the record */
            readonly conflicts: number;
            /** @description Whether it is pending under a recorder that is gone: nothing may ever end it */
            readonly stalled: boolean;
            /** @description Fewest steps from the record asked for; 1 is next to it */
            readonly depth: number;
        };
        readonly Chain: {
            readonly record: components["schemas"]["LineageRecord"];
            /** @description By depth, start and id, placeholders last in their depth; each record once */
            readonly ancestors: readonly components["schemas"]["ChainRecord"][];
            /** @description In the same order */
            readonly descendants: readonly components["schemas"]["ChainRecord"][];
            /** @description What the record amounts to, with everything below it */
            readonly completion: components["schemas"]["Completion"];
            /** @description Whether there are more records than a trace holds: the ones furthest away are left out */
            readonly truncated: boolean;
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        /**
         * @description `self` (depth 0) is the record asked for and comes first, then its ancestors, then its descendants
         * @enum {string}
         */
        readonly ChainDirection: "self" | "ancestors" | "descendants";
        readonly ChainLine: {
            /** Format: uuid */
            readonly id: string;
            /** Format: uuid */
            readonly execution_id: string;
            /** @description null for placeholders only */
            readonly route_id: string | null;
            /** @description null for placeholders only */
            readonly adapter_name: string | null;
            /** Format: uuid */
            readonly parent_id: string | null;
            /** @description What became of the record itself; `unknown` for a placeholder: mentioned but not registered */
            readonly status: components["schemas"]["RecordStatus"];
            readonly input_hash: string | null;
            readonly output_hash: string | null;
            /** @description The bytes that went in; null: not captured */
            readonly input_payload: components["schemas"]["Payload"] | null;
            /** @description The bytes that came out; null: not captured */
            readonly output_payload: components["schemas"]["Payload"] | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: date-time
             * @description null for placeholders only
             */
            readonly started_at: string | null;
            /** Format: date-time */
            readonly completed_at: string | null;
            /** Format: uuid */
            readonly batch_id: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered children that have not settled */
            readonly pending_children: number;
            /** @description What the record amounts to with everything below it; `done` is the only word for done */
            readonly completion: components["schemas"]["Completion"];
            /** @description Parents of a join */
            readonly joined_parent_ids: readonly string[] | null;
            /**
             * Format: date-time
             * @description null: the record is a placeholder
             */
            readonly registered_at: string | null;
            /** @description Whether the adapter began; `started_at` of a record that did not is `registered_at` */
            readonly started: boolean;
            readonly cancel_reason: string | null;
            /**
             * Format: uuid
             * @description The attempt this one repeats
             */
            readonly retry_of: string | null;
            /**
             * Format: uuid
             * @description The record of another execution this one replays
             */
            readonly replay_of_record: string | null;
            /** @description Facts that contradict the ones that decided; see the events of the record */
            readonly conflicts: number;
            /** @description Whether it is pending under a recorder that is gone: nothing may ever end it */
            readonly stalled: boolean;
            /** @description Fewest steps from the record asked for; 1 is next to it */
            readonly depth: number;
            /** @description `self` (depth 0) is the record asked for and comes first, then its ancestors, then its descendants */
            readonly direction: components["schemas"]["ChainDirection"];
        };
        readonly ChainTruncation: {
            /** @enum {boolean} */
            readonly truncated: true;
        };
        /** @enum {string} */
        readonly ExecutionStatusFilter: "running" | "completed" | "failed" | "cancelled";
        /** @enum {string} */
        readonly ExecutionCompletionFilter: "running" | "awaiting_records" | "done" | "failed" | "cancelled";
        /** @enum {string} */
        readonly ExecutionStatus: "running" | "completed" | "failed" | "cancelled";
        /**
         * @description What the execution amounts to, its records considered; `done` is the only word for done
         * @enum {string}
         */
        readonly ExecutionCompletion: "running" | "awaiting_records" | "done" | "failed" | "cancelled";
        /**
         * @description `proven`: it has ended, all has settled, and every recorder seen in it has since reported with nothing missing; `open`: more is to come; `lossy`: events were lost or rejected; `unknown`: events came without sequences, or with one that another has
         * @enum {string}
         */
        readonly CompletenessState: "proven" | "open" | "lossy" | "unknown";
        readonly MissingSequences: {
            /** Format: uuid */
            readonly recorder_id: string;
            readonly from: number;
            readonly to: number;
        };
        readonly Completeness: {
            /** @description `proven`: it has ended, all has settled, and every recorder seen in it has since reported with nothing missing; `open`: more is to come; `lossy`: events were lost or rejected; `unknown`: events came without sequences, or with one that another has */
            readonly state: components["schemas"]["CompletenessState"];
            /** @description What the state means here, as sentences */
            readonly reason: string;
            /** @description Records that have not settled, or are mentioned and not registered */
            readonly pending: number;
            /** @description What was lost or rejected and may be of the execution; the first 100 ranges */
            readonly ranges: readonly components["schemas"]["MissingSequences"][];
            /** @description A command to type next */
            readonly advice: string | null;
        };
        readonly Execution: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string | null;
            readonly status: components["schemas"]["ExecutionStatus"];
            /** @description What the execution amounts to, its records considered; `done` is the only word for done */
            readonly completion: components["schemas"]["ExecutionCompletion"];
            /**
             * Format: date-time
             * @description Without a start of its own, the time of its earliest event
             */
            readonly started_at: string;
            /** Format: date-time */
            readonly completed_at: string | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: uuid
             * @description The execution this one replays
             */
            readonly replay_of: string | null;
            /** @description The adapter the replay starts from */
            readonly from_stage: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered records by status */
            readonly counts: components["schemas"]["StatusCounts"];
            /** @description Registered records that have not settled */
            readonly unsettled: number;
            /** @description Records that others mention and nobody has registered */
            readonly placeholders: number;
            /** @description Whether it is kept, however old it is */
            readonly pinned: boolean;
            /** @description Whether everything recorded of it has arrived */
            readonly completeness: components["schemas"]["Completeness"];
        };
        readonly ExecutionPage: {
            readonly items: readonly components["schemas"]["Execution"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        readonly FailingAdapter: {
            readonly route_id: string;
            readonly adapter_name: string;
            /** @description Records of it that failed, whatever became of later attempts */
            readonly failed: number;
            /**
             * Format: uuid
             * @description The record that failed last; null: none of its failures is among the latest 10000 of the execution
             */
            readonly sample_record_id: string | null;
        };
        readonly Replay: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string | null;
            readonly status: components["schemas"]["ExecutionStatus"];
            /** @description What the execution amounts to, its records considered; `done` is the only word for done */
            readonly completion: components["schemas"]["ExecutionCompletion"];
            readonly from_stage: string | null;
            /** Format: date-time */
            readonly started_at: string;
        };
        readonly ExecutionDetails: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string | null;
            readonly status: components["schemas"]["ExecutionStatus"];
            /** @description What the execution amounts to, its records considered; `done` is the only word for done */
            readonly completion: components["schemas"]["ExecutionCompletion"];
            /**
             * Format: date-time
             * @description Without a start of its own, the time of its earliest event
             */
            readonly started_at: string;
            /** Format: date-time */
            readonly completed_at: string | null;
            readonly error: components["schemas"]["ErrorDetails"] | null;
            /**
             * Format: uuid
             * @description The execution this one replays
             */
            readonly replay_of: string | null;
            /** @description The adapter the replay starts from */
            readonly from_stage: string | null;
            readonly metadata: {
                readonly [key: string]: unknown;
            } | null;
            /** @description Registered records by status */
            readonly counts: components["schemas"]["StatusCounts"];
            /** @description Registered records that have not settled */
            readonly unsettled: number;
            /** @description Records that others mention and nobody has registered */
            readonly placeholders: number;
            /** @description Whether it is kept, however old it is */
            readonly pinned: boolean;
            /** @description Whether everything recorded of it has arrived */
            readonly completeness: components["schemas"]["Completeness"];
            /** @description Adapters with failed records, the most first; at most 20 */
            readonly failing_adapters: readonly components["schemas"]["FailingAdapter"][];
            /** @description Whether there are more failing adapters: the statistics have them all */
            readonly more_failing_adapters: boolean;
            /** @description What was replayed from it, the latest first; at most 20 */
            readonly replays: readonly components["schemas"]["Replay"][];
            /** @description Whether there are more replays: the list of executions with `replay_of` has them all */
            readonly more_replays: boolean;
        };
        readonly DiffExecution: {
            /** Format: uuid */
            readonly id: string;
            readonly name: string | null;
            readonly status: components["schemas"]["ExecutionStatus"];
            /** @description What the execution amounts to, its records considered; `done` is the only word for done */
            readonly completion: components["schemas"]["ExecutionCompletion"];
            /** Format: uuid */
            readonly replay_of: string | null;
            /** @description Messages that are compared */
            readonly compared: number;
            /** @description Messages that are not, because the other execution replays a part only: neither replayed nor below what was */
            readonly outside: number;
        };
        readonly DiffCounts: {
            /** @description Done in a, failed in b */
            readonly newly_failing: number;
            /** @description In a alone, and b has ended */
            readonly missing: number;
            /** @description Cancelled in b, and not in a, where it was done, failed or left unfinished; nobody knows how it would have ended */
            readonly newly_cancelled: number;
            /** @description Failed in b, and in a failed with another error class or normalised message, or was cancelled or left unfinished; or cancelled in both, for another reason */
            readonly failing_differently: number;
            /** @description Failed in both with the same error class and normalised message */
            readonly failing_same: number;
            /** @description Not finished in b, or not yet there, or not finished in a while a goes on */
            readonly pending: number;
            /** @description Done in both, with different output hashes */
            readonly output_changed: number;
            /** @description In b alone */
            readonly extra: number;
            /** @description Failed, cancelled or left unfinished in a, done in b */
            readonly fixed: number;
            /** @description Done in both with the same output hash */
            readonly identical: number;
            /** @description Of those with the same outcome in both: took more than 2 times as long, and at least 100 ms longer */
            readonly slower: number;
            /** @description Of the extra ones: failed or cancelled, and not below a fixed one */
            readonly extra_failing: number;
            /** @description Of the extra ones: failed or cancelled below a fixed one, which got further than before */
            readonly failing_further: number;
        };
        readonly DiffAdapter: {
            /** @description Done in a, failed in b */
            readonly newly_failing: number;
            /** @description In a alone, and b has ended */
            readonly missing: number;
            /** @description Cancelled in b, and not in a, where it was done, failed or left unfinished; nobody knows how it would have ended */
            readonly newly_cancelled: number;
            /** @description Failed in b, and in a failed with another error class or normalised message, or was cancelled or left unfinished; or cancelled in both, for another reason */
            readonly failing_differently: number;
            /** @description Failed in both with the same error class and normalised message */
            readonly failing_same: number;
            /** @description Not finished in b, or not yet there, or not finished in a while a goes on */
            readonly pending: number;
            /** @description Done in both, with different output hashes */
            readonly output_changed: number;
            /** @description In b alone */
            readonly extra: number;
            /** @description Failed, cancelled or left unfinished in a, done in b */
            readonly fixed: number;
            /** @description Done in both with the same output hash */
            readonly identical: number;
            /** @description Of those with the same outcome in both: took more than 2 times as long, and at least 100 ms longer */
            readonly slower: number;
            /** @description Of the extra ones: failed or cancelled, and not below a fixed one */
            readonly extra_failing: number;
            /** @description Of the extra ones: failed or cancelled below a fixed one, which got further than before */
            readonly failing_further: number;
            readonly route_id: string;
            readonly adapter_name: string;
        };
        /** @enum {string} */
        readonly DiffClass: "newly_failing" | "missing" | "newly_cancelled" | "failing_differently" | "failing_same" | "pending" | "output_changed" | "extra" | "fixed" | "identical";
        /**
         * @description `replay`: by replay_of_record; `parents`: the same input below paired messages; `input`: the same adapter and input
         * @enum {string}
         */
        readonly PairedBy: "replay" | "parents" | "input";
        readonly DiffError: {
            readonly class: string;
            /** @description Cut to 1000 characters */
            readonly message: string;
        };
        readonly DiffAttempt: {
            /**
             * Format: uuid
             * @description The record of the last attempt
             */
            readonly id: string;
            /** @description How many attempts there were */
            readonly attempts: number;
            readonly status: components["schemas"]["RecordStatus"];
            readonly completion: components["schemas"]["Completion"];
            readonly input_hash: string | null;
            readonly output_hash: string | null;
            readonly error: components["schemas"]["DiffError"] | null;
            readonly cancel_reason: string | null;
            /** @description null: it has not ended */
            readonly duration_ms: number | null;
        };
        readonly DiffRow: {
            readonly class: components["schemas"]["DiffClass"];
            readonly slower: boolean;
            /** @description As in a, if it is there */
            readonly route_id: string;
            readonly adapter_name: string;
            /** @description `replay`: by replay_of_record; `parents`: the same input below paired messages; `input`: the same adapter and input */
            readonly paired_by: components["schemas"]["PairedBy"] | null;
            readonly a: components["schemas"]["DiffAttempt"] | null;
            readonly b: components["schemas"]["DiffAttempt"] | null;
        };
        readonly Diff: {
            readonly a: components["schemas"]["DiffExecution"];
            readonly b: components["schemas"]["DiffExecution"];
            /** @description Whether b has ended and nothing that is compared is unfinished in it: what is told is final */
            readonly finished: boolean;
            /** @description Whether something is newly failing, missing, newly cancelled, or extra and failing */
            readonly worse: boolean;
            readonly totals: components["schemas"]["DiffCounts"];
            /** @description By route and adapter, in the order of their names; the first 1000 */
            readonly adapters: readonly components["schemas"]["DiffAdapter"][];
            /** @description Adapters that are left out */
            readonly more_adapters: number;
            /** @description The worst class first, then by route, adapter and id */
            readonly items: readonly components["schemas"]["DiffRow"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        readonly DiffSummary: {
            readonly a: components["schemas"]["DiffExecution"];
            readonly b: components["schemas"]["DiffExecution"];
            /** @description Whether b has ended and nothing that is compared is unfinished in it: what is told is final */
            readonly finished: boolean;
            /** @description Whether something is newly failing, missing, newly cancelled, or extra and failing */
            readonly worse: boolean;
            readonly totals: components["schemas"]["DiffCounts"];
            /** @description By route and adapter, in the order of their names; the first 1000 */
            readonly adapters: readonly components["schemas"]["DiffAdapter"][];
            /** @description Adapters that are left out */
            readonly more_adapters: number;
        };
        /** @enum {string} */
        readonly DiffClassFilter: "newly_failing" | "missing" | "newly_cancelled" | "failing_differently" | "failing_same" | "pending" | "output_changed" | "extra" | "fixed" | "identical" | "slower";
        /** @enum {string} */
        readonly RecorderStateFilter: "alive" | "stuck" | "gone" | "closed" | "silent";
        /**
         * @description `stuck`: its main thread has not been at work for 5 s; `gone`: no heartbeat for 30 s and not closed, or its process has died; `silent`: its events came, but never a heartbeat
         * @enum {string}
         */
        readonly RecorderState: "alive" | "stuck" | "gone" | "closed" | "silent";
        readonly SequenceSpan: {
            readonly from: number;
            readonly to: number;
        };
        readonly Recorder: {
            /** Format: uuid */
            readonly id: string;
            /** @description null, as all it says of itself, until a heartbeat has come */
            readonly service: string | null;
            readonly host: string | null;
            readonly pid: number | null;
            /** @description `stuck`: its main thread has not been at work for 5 s; `gone`: no heartbeat for 30 s and not closed, or its process has died; `silent`: its events came, but never a heartbeat */
            readonly state: components["schemas"]["RecorderState"];
            /**
             * Format: date-time
             * @description By its own clock
             */
            readonly started_at: string | null;
            /**
             * Format: date-time
             * @description When its last heartbeat came
             */
            readonly heartbeat_at: string | null;
            /** @description How long ago its main thread was last at work, as of the heartbeat */
            readonly main_thread_age_ms: number | null;
            /** @description Sequence of the last event it has recorded */
            readonly highest_sequence: number;
            /** @description Events of it that have arrived */
            readonly received: number;
            /** @description Events it had not been rid of, as of the heartbeat */
            readonly queued: number;
            /** @description Those of them on its disk, as of the heartbeat */
            readonly spooled: number;
            /** @description Payloads that waited in its process, as of the heartbeat, those it took over from dead processes among them; null: not known */
            readonly payloads: number | null;
            /** @description Events it has given up, and that were not imported since */
            readonly lost: number;
            /** @description Their sequences; the first 100 ranges */
            readonly lost_ranges: readonly components["schemas"]["SequenceSpan"][];
            /** @description Events that were rejected */
            readonly rejected: number;
            /** @description Their sequences; the first 100 ranges */
            readonly rejected_ranges: readonly components["schemas"]["SequenceSpan"][];
            /** @description Sequences that more than one of its events has: what it numbers proves nothing */
            readonly repeated: number;
            /** @description Those sequences; the first 100 ranges */
            readonly repeated_ranges: readonly components["schemas"]["SequenceSpan"][];
            /** @description Events that are missing: neither received, rejected nor lost, nor still in its hands */
            readonly gaps: number;
            /** @description Sequences that are missing, those still in its hands among them; the first 100 ranges */
            readonly gap_ranges: readonly components["schemas"]["SequenceSpan"][];
        };
        readonly RecorderPage: {
            readonly items: readonly components["schemas"]["Recorder"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
        /**
         * @description Whether they went in or came out
         * @enum {string}
         */
        readonly PayloadSide: "input" | "output";
        readonly NamedPayload: {
            /** Format: uuid */
            readonly record_id: string;
            /** Format: uuid */
            readonly execution_id: string;
            /** @description null for placeholders only */
            readonly route_id: string | null;
            /** @description null for placeholders only */
            readonly adapter_name: string | null;
            /** @description Whether they went in or came out */
            readonly side: components["schemas"]["PayloadSide"];
            readonly key: string;
            /** @description Whether something was taken out of the message before it left the service */
            readonly redacted: boolean;
            readonly content_type: string;
            /** @description null while they are not stored */
            readonly bytes: number | null;
            /** @description Whether they are in the payload store */
            readonly stored: boolean;
        };
        readonly NamedPayloadPage: {
            readonly items: readonly components["schemas"]["NamedPayload"][];
            /** @description `cursor` of the request for what follows; null: nothing follows */
            readonly next_cursor: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly verifyLineage: {
        readonly parameters: {
            readonly query?: {
                /** @description The execution to verify; default: all, one after another */
                readonly execution_id?: string;
                /** @description How many findings of one kind are told; the summary counts all */
                readonly limit?: number;
                /** @description Whether payloads are read as well; default: true */
                readonly payloads?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Findings and a summary, line by line */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/x-ndjson": components["schemas"]["VerifyFinding"] | components["schemas"]["VerifyProgress"] | components["schemas"]["VerifySummary"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or as many verifications as may are at work already; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listRecords: {
        readonly parameters: {
            readonly query?: {
                /** @description Records of this execution */
                readonly execution_id?: string;
                /** @description Records with one of these statuses, separated by commas */
                readonly status?: readonly components["schemas"]["RecordStatusFilter"][];
                /** @description Records with one of these completions, separated by commas */
                readonly completion?: readonly components["schemas"]["CompletionFilter"][];
                /** @description Records of this route */
                readonly route_id?: string;
                /** @description Records of this adapter */
                readonly adapter_name?: string;
                /** @description Records of this batch */
                readonly batch_id?: string;
                /** @description Records whose `parent_id` is this; joins only count where it is the first of their parents */
                readonly parent_id?: string;
                /** @description Records whose input has this hash */
                readonly input_hash?: string;
                /** @description Records whose output has this hash */
                readonly output_hash?: string;
                /** @description Records started at this time or later */
                readonly started_after?: string;
                /** @description Records started before this time */
                readonly started_before?: string;
                /** @description Records that are pending under a recorder that is gone (true), or all others (false) */
                readonly stalled?: boolean;
                /** @description Oldest first, or newest first (-); records of one time by id, in the same direction */
                readonly sort?: "started_at" | "-started_at";
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of records */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listFailures: {
        readonly parameters: {
            readonly query?: {
                /** @description Records of this execution */
                readonly execution_id?: string;
                /** @description Records with one of these statuses, separated by commas */
                readonly status?: readonly components["schemas"]["RecordStatusFilter"][];
                /** @description Records with one of these completions, separated by commas */
                readonly completion?: readonly components["schemas"]["CompletionFilter"][];
                /** @description Records of this route */
                readonly route_id?: string;
                /** @description Records of this adapter */
                readonly adapter_name?: string;
                /** @description Records of this batch */
                readonly batch_id?: string;
                /** @description Records whose `parent_id` is this; joins only count where it is the first of their parents */
                readonly parent_id?: string;
                /** @description Records whose input has this hash */
                readonly input_hash?: string;
                /** @description Records whose output has this hash */
                readonly output_hash?: string;
                /** @description Records started at this time or later */
                readonly started_after?: string;
                /** @description Records started before this time */
                readonly started_before?: string;
                /** @description Records that are pending under a recorder that is gone (true), or all others (false) */
                readonly stalled?: boolean;
                /** @description Groups by adapter, error class and message instead of records; without pages */
                readonly group?: boolean;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of failed records, or groups of them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["FailurePage"] | components["schemas"]["FailureGroups"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getStats: {
        readonly parameters: {
            readonly query: {
                /** @description The execution */
                readonly execution_id: string;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The counts */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Stats"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getRecord: {
        readonly parameters: {
            readonly query?: {
                /** @description The execution of the record; needed when its id is found in several */
                readonly execution_id?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LineageRecord"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The id is found in several executions, one entry of `errors` each: name one with execution_id */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getChildren: {
        readonly parameters: {
            readonly query?: {
                /** @description The execution of the record; needed when its id is found in several */
                readonly execution_id?: string;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of records */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecordPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The id is found in several executions, one entry of `errors` each: name one with execution_id */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The execution of the record; needed when its id is found in several */
                readonly execution_id?: string;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The id is found in several executions, one entry of `errors` each: name one with execution_id */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getChain: {
        readonly parameters: {
            readonly query?: {
                /** @description The execution of the record; needed when its id is found in several */
                readonly execution_id?: string;
                /** @description Which way to go; the other list is empty */
                readonly direction?: "both" | "ancestors" | "descendants";
                /** @description How many steps to go at most; default: all the way */
                readonly depth?: number;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: {
                readonly Accept?: "application/json" | "application/x-ndjson";
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record and a page of its chain, or all of it line by line */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Chain"];
                    readonly "application/x-ndjson": components["schemas"]["ChainLine"] | components["schemas"]["ChainTruncation"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The id is found in several executions, one entry of `errors` each: name one with execution_id */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listExecutions: {
        readonly parameters: {
            readonly query?: {
                /** @description Executions with one of these statuses, separated by commas */
                readonly status?: readonly components["schemas"]["ExecutionStatusFilter"][];
                /** @description Executions with one of these completions, separated by commas */
                readonly completion?: readonly components["schemas"]["ExecutionCompletionFilter"][];
                /** @description Executions of this name */
                readonly name?: string;
                /** @description Executions that replay this one */
                readonly replay_of?: string;
                /** @description Executions started at this time or later */
                readonly started_after?: string;
                /** @description Executions started before this time */
                readonly started_before?: string;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of executions */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExecutionPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getExecution: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The execution */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExecutionDetails"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getDiff: {
        readonly parameters: {
            readonly query?: {
                /** @description Rows of one of these classes, separated by commas; `slower` stands for the rows that are, whatever their class */
                readonly class?: readonly components["schemas"]["DiffClassFilter"][];
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: {
                readonly Accept?: "application/json" | "application/x-ndjson";
            };
            readonly path: {
                /** @description The execution that is judged, such as its replay */
                readonly b: string;
                /** @description The execution that is compared with, such as the one that failed */
                readonly a: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The comparison and a page of its rows, or all of it line by line */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Diff"];
                    readonly "application/x-ndjson": components["schemas"]["DiffSummary"] | components["schemas"]["DiffRow"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description One of the executions has more records than are compared; `detail` says how many */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listRecorders: {
        readonly parameters: {
            readonly query?: {
                /** @description Recorders of this service */
                readonly service?: string;
                /** @description Recorders in one of these states, separated by commas */
                readonly state?: readonly components["schemas"]["RecorderStateFilter"][];
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of recorders */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecorderPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getRecorder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The recorder */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Recorder"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such recorder */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly listPayloads: {
        readonly parameters: {
            readonly query: {
                /** @description The execution */
                readonly execution_id: string;
                /** @description How many items the answer holds at most */
                readonly limit?: number;
                /** @description `next_cursor` of an earlier answer to the same question */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of payloads */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NamedPayloadPage"];
                };
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There is no such record or execution, or it was pruned; `detail` says which, and when */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly getPayload: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description `bytes=0-99` */
                readonly Range?: string;
            };
            readonly path: {
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them, under their content type */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/octet-stream": string;
                };
            };
            /** @description Those of the range */
            readonly 206: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/octet-stream": string;
                };
            };
            /** @description If-None-Match names their ETag */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The store has no such bytes; `detail` says whether it had */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description There are no bytes in this range */
            readonly 416: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The bytes are damaged: their digest is not the key; or they cannot be read, though the store can */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database or the payload store is away; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
    readonly headPayload: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It has them */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description If-None-Match names their ETag */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is unknown, given twice or not valid; `errors` names it */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The store has no such bytes; `detail` says whether it had */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The server listens on loopback, and the `Host` of the request is another one */
            readonly 421: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The bytes cannot be read, though the store can */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
            /** @description The database or the payload store is away; `detail` says which */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemDto"];
                };
            };
        };
    };
}

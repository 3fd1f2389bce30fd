/** Why an event was not stored. Codes are part of the contract: add, never rename. */
export type RejectionCode =
  /** the line or element is not JSON */
  | 'malformed_json'
  /** a field is missing, of the wrong kind, or against a rule; the message names it */
  | 'invalid_event'
  /** the event or one of its fields is over its limit; the message names it */
  | 'too_large'
  /** `type` is none of ours */
  | 'unknown_type'
  /** an event of that id with other content is stored already */
  | 'event_id_conflict'
  /** PostgreSQL refuses this event, whatever it is sent with */
  | 'unstorable'
  /** the execution was pruned: it is gone, and events of it that come late stay out */
  | 'pruned';

export interface Problem {
  readonly code: RejectionCode;
  /** what is wrong, beginning with the field as a dotted path where there is one */
  readonly message: string;
}

/** Why the event at one place of a batch was not stored. */
export interface Rejection extends Problem {
  /** place in the request, from 0; blank lines count */
  readonly index: number;
  /** as sent, null when it could not be read */
  readonly eventId: string | null;
}

// What the OpenAPI document says of problems.
export const INVALID = 'A parameter is unknown, given twice or not valid; `errors` names it';
export const NOT_FOUND =
  'There is no such record or execution, or it was pruned; `detail` says which, and when';
export const SEVERAL =
  'The id is found in several executions, one entry of `errors` each: name one with execution_id';
export const UNAVAILABLE =
  'The database is away, or too much is asked at once, or the question takes longer than it may; `detail` says which';
export const TOO_LARGE = 'One of the executions has more records than are compared; `detail` says how many';

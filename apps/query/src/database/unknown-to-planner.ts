/**
 * A parameter whose value the planner does not look at. For an execution that began after the last ANALYZE it would
 * find the value among no statistics and expect one row: then every index that begins with `execution_id` seems as good
 * as the right one, and a look-up reads the whole execution. Not knowing the value it expects an average execution.
 * @param place such as `$1::uuid`
 */
export const unknownToPlanner = (place: string): string => `(SELECT ${place})`;

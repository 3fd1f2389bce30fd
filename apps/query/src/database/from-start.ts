/** A time and an id that come before all others, for statements that go on behind a time and an id. */
export const FROM_START = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;

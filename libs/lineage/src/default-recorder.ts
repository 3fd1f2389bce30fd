import type { LineageRecorder } from './recorder';

// Objects made without Nest cannot have a recorder injected: they use that of the module started last.
const recorders: LineageRecorder[] = [];

/** The recorder of the lineage module started last and not yet stopped. */
export const defaultRecorder = (): LineageRecorder | undefined => recorders.at(-1);

/** Called when a module starts. */
export const addDefaultRecorder = (recorder: LineageRecorder): void => {
  recorders.push(recorder);
};

/** Called when it stops, in whatever order modules do. */
export const removeDefaultRecorder = (recorder: LineageRecorder): void => {
  const at = recorders.lastIndexOf(recorder);
  if (at >= 0) recorders.splice(at, 1);
};

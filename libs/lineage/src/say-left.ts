import type { Control } from './control';
import type { Announcer } from './logger';
import * as say from './messages';
import type { ShippingSettings } from './shipping-settings';

/** What a recorder had counted before it ended. */
export interface Counted {
  readonly givenUp: number;
  readonly unlogged: number;
}

export const countedOf = (control: Control): Counted => ({
  givenUp: control.get('givenUp'),
  unlogged: control.allUnlogged,
});

/** Says what became of events without an answer when the recorder ended: how many went where, or nowhere. */
export function sayLeft(
  announcer: Announcer,
  control: Control,
  before: Counted,
  { structuredLog, spool }: Pick<ShippingSettings, 'structuredLog' | 'spool'>,
): void {
  const givenUp = control.get('givenUp') - before.givenUp;
  const unwritten = Math.min(givenUp, control.allUnlogged - before.unlogged);
  if (givenUp > 0) announcer.say(say.left(givenUp, unwritten, structuredLog));
  if (spool && control.queued > 0) announcer.say(say.leftInSpool(control.queued, spool.shared));
}

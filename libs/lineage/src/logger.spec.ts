import { Announcer, WARN_EVERY_MS } from './logger';
import { RememberingLogger } from './testing/outgoing';

describe('Announcer', () => {
  it('repeats a warning of one kind once per 30 seconds, with what is true by then', () => {
    const logger = new RememberingLogger();
    let now = 1000;
    let lost = 0;
    const announcer = new Announcer(logger, () => now);
    for (const step of [0, 1, WARN_EVERY_MS - 2, 1, WARN_EVERY_MS]) {
      now += step;
      lost += 1;
      announcer.warn('lost', () => `${lost} lost`);
    }
    announcer.warn('rejected', () => 'another kind');
    expect(logger.messages).toEqual(['1 lost', '4 lost', '5 lost', 'another kind']);
  });

  it('does not pass on what the logger throws', () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const announcer = new Announcer({ log: broken, warn: broken });
    expect(() => announcer.say('hello')).not.toThrow();
    expect(() => announcer.warn('kind', broken)).not.toThrow();
  });
});

import { isRecordEvent, parseEvent, type LineageEvent } from '@factflow/domain';
import { makeTraffic } from './requests';

const traffic = makeTraffic({ seed: 7, startMs: Date.UTC(2026, 0, 5), records: 12_000 });
const wires = traffic.shipments.map(({ bodies }) =>
  bodies.map((body) =>
    body
      .toString()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ),
);
const eventsOf = (wire: readonly unknown[]): LineageEvent[] =>
  wire.map((value) => parseEvent(value).event as LineageEvent);
const all = wires.flat().flatMap(eventsOf);

describe('the traffic', () => {
  it('is valid, event by event, and as much as it says', () => {
    expect(all.every((event) => event !== undefined)).toBe(true);
    expect(all).toHaveLength(traffic.events);
    expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(traffic.events);
    expect(new Set(all.map(({ executionId }) => executionId)).size).toBe(traffic.executions);
  });

  it('is the same for the same seed', () => {
    const again = makeTraffic({ seed: 7, startMs: Date.UTC(2026, 0, 5), records: 12_000 });
    expect(again.shipments[3]?.bodies[0]?.equals(traffic.shipments[3]?.bodies[0] as Buffer)).toBe(true);
    const other = makeTraffic({ seed: 8, startMs: Date.UTC(2026, 0, 5), records: 12_000 });
    expect(other.shipments[3]?.bodies[0]?.equals(traffic.shipments[3]?.bodies[0] as Buffer)).toBe(false);
  });

  it('comes from each service in the order of time, numbered without gaps', () => {
    for (const shipment of wires) {
      const events = eventsOf(shipment.flat());
      expect(events.map(({ source }) => source?.sequence)).toEqual(events.map((_, n) => n + 1));
      expect(events.every((event, n) => event.occurredAt >= (events[n - 1]?.occurredAt ?? 0))).toBe(true);
    }
  });

  it('has every kind of fact a pipeline has: joins, failures, records registered ahead', () => {
    const registered = all.filter((event) => event.type === 'record.registered');
    const share = (count: number): number => count / registered.length;
    expect(registered.length).toBeGreaterThanOrEqual(12_000 * 0.9);
    expect(share(registered.filter(({ data }) => data.joinedParentIds).length)).toBeGreaterThan(0.02);
    expect(share(registered.filter(({ data }) => data.parentId).length)).toBeGreaterThan(0.8);
    expect(share(registered.filter(({ data }) => data.started).length)).toBeGreaterThan(0.2);
    expect(share(all.filter(({ type }) => type === 'record.failed').length)).toBeGreaterThan(0.01);
  });

  it('ends every record it registers, and registers children before their parent ends', () => {
    const registered = new Set<string>();
    const ended = new Set<string>();
    for (const event of all.filter(isRecordEvent)) {
      if (event.type === 'record.registered') registered.add(event.recordId);
      else expect(registered.has(event.recordId)).toBe(true);
      if (event.type !== 'record.completed' && event.type !== 'record.failed') continue;
      ended.add(event.recordId);
    }
    expect(ended).toEqual(registered);
  });

  it('often has the start and the end of a record in different requests', () => {
    const requests = wires.flat().map(eventsOf);
    const apart = requests.reduce((sum, events) => {
      const here = new Set(events.flatMap((e) => (e.type === 'record.registered' ? [e.recordId] : [])));
      return sum + events.filter((e) => e.type === 'record.completed' && !here.has(e.recordId)).length;
    }, 0);
    expect(apart / all.length).toBeGreaterThan(0.01);
  });
});

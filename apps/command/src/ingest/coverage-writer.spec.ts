import { anId } from '@factflow/domain/testing';
import { ArrivedSequences } from '@factflow/store';
import { CoverageWriter } from './coverage-writer';

const recorderId = anId();
const executionId = anId();
const arrived = (sequence: number): ArrivedSequences => {
  const one = new ArrivedSequences();
  one.add({ executionId, type: 'record.started', source: { recorderId, sequence } }, 'new');
  return one;
};

describe('the coverage writer', () => {
  it('lets requests share the next write while one is under way', async () => {
    const writes: { json: string; end: (error?: Error) => void }[] = [];
    const writer = new CoverageWriter(
      (all) =>
        new Promise((resolve, reject) => {
          const end = (error?: Error): void => (error ? reject(error) : resolve());
          writes.push({ json: all.recordersJson(), end });
        }),
    );
    const first = writer.add(arrived(1));
    await Promise.resolve();
    const later = [2, 3, 4].map((sequence) => writer.add(arrived(sequence)));
    expect(writes).toHaveLength(1);
    writes[0]?.end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await new Promise(setImmediate);
    expect(writes).toHaveLength(2);
    expect(writes[1]?.json).toContain('{[2,5)}');
    const last = writer.add(arrived(5));
    writes[1]?.end();
    await Promise.all(later);
    await new Promise(setImmediate);
    writes[2]?.end();
    await last;
    expect(writes[2]?.json).toContain('{[5,6)}');
  });

  it('writes nothing where nothing arrived', async () => {
    const writer = new CoverageWriter(() => Promise.reject(new Error('written')));
    await expect(writer.add(new ArrivedSequences())).resolves.toBeUndefined();
  });
});

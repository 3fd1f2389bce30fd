import { recorderOf, ThreadChoice } from './thread-choice';

const [a, b, c, d] = ['a', 'b', 'c', 'd'] as const;

describe('the thread of a request', () => {
  it('is the one that has least to do, for a recorder that is new', () => {
    expect(new ThreadChoice().choose(a, [2, 1, 3])).toBe(1);
    expect(new ThreadChoice().choose(undefined, [1, 1, 0])).toBe(2);
  });

  it('is the one of the recorder’s last request', () => {
    const choice = new ThreadChoice();
    expect(choice.choose(a, [1, 0])).toBe(1);
    expect(choice.choose(a, [0, 0])).toBe(1);
    expect(choice.choose(a, [0, 1])).toBe(1);
  });

  it('is another one, from then on, when that has far more to do', () => {
    const choice = new ThreadChoice();
    choice.choose(a, [1, 0]);
    expect(choice.choose(a, [0, 2])).toBe(0);
    expect(choice.choose(a, [1, 0])).toBe(0);
  });

  it('changes until recorders that send all the time share the threads', () => {
    const choice = new ThreadChoice();
    for (const recorder of [a, b, c, d]) choice.choose(recorder, [0, 1]);
    const atWork = [0, 0];
    for (const recorder of [a, b, c, d]) (atWork[choice.choose(recorder, atWork)] as number) += 1;
    expect(atWork).toEqual([2, 2]);
  });
});

describe('the recorder of a request', () => {
  const of = (text: string): string | undefined => recorderOf(new TextEncoder().encode(text));
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';

  it('is that of its first event', () => {
    expect(of(`{"source":{"recorder_id":"${id}","sequence":1}}\n{"source":{"recorder_id":"x"}}`)).toBe(id);
    expect(of(`[ { "source" : { "recorder_id" : "${id}" } } ]`)).toBe(id);
  });

  it('is none where a glance shows none', () => {
    for (const text of ['', '{}', '{"recorder_id"', '{"recorder_id":"short"}', `{"a":"${'x'.repeat(5000)}"}`])
      expect(of(text)).toBeUndefined();
  });
});

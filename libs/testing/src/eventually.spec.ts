import { eventually } from './eventually';

test('gives the answer of the first check that passes', async () => {
  let asked = 0;
  const answer = await eventually(() => {
    asked += 1;
    if (asked < 3) throw new Error('too early');
    return `at the ${asked}rd`;
  }, 'the third time');
  expect(answer).toBe('at the 3rd');
});

test('goes on while the answer is false, and takes a check without an answer as passed', async () => {
  const answers = [false, false, true];
  await expect(eventually(() => answers.shift(), 'a true one')).resolves.toBe(true);
  await expect(eventually(() => expect(1).toBe(1), 'an assertion')).resolves.toBeUndefined();
});

test('says what it waited for and what was wrong last', async () => {
  const waiting = eventually(() => Promise.reject(new Error('still pending')), 'the row of the child', {
    timeoutMs: 50,
  });
  await expect(waiting).rejects.toThrow('Waited 50 ms for the row of the child; last: still pending');
});

test('ends even when the check never answers', async () => {
  const waiting = eventually(() => new Promise(() => undefined), 'an answer', { timeoutMs: 50 });
  await expect(waiting).rejects.toThrow('Waited 50 ms for an answer; last: the check did not answer');
});

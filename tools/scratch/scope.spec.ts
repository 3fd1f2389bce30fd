import { Scope } from './scope';

function scene() {
  const done: string[] = [];
  const said: string[] = [];
  return { done, said, scope: new Scope((message) => said.push(message)) };
}

describe('a scope', () => {
  it('undoes the last thing first, each once', async () => {
    const { done, scope } = scene();
    scope.defer('stop the server', () => done.push('server'));
    scope.defer('stop the app', () => done.push('app'));
    await scope.close();
    await scope.close();
    expect(done).toEqual(['app', 'server']);
  });

  it('goes on when something cannot be undone, and says so', async () => {
    const { done, said, scope } = scene();
    scope.defer('stop the server', () => done.push('server'));
    scope.defer('stop the app', () => Promise.reject(new Error('no such process')));
    await scope.close();
    expect(done).toEqual(['server']);
    expect(said).toEqual(['could not stop the app: no such process']);
  });

  it('undoes at once what comes after its end', async () => {
    const { done, scope } = scene();
    await scope.close();
    scope.defer('stop the app', () => done.push('app'));
    expect(done).toEqual(['app']);
  });
});

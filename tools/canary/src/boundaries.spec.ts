import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Boundaries {
  readonly canaries: readonly { readonly file: string; readonly failing: readonly number[] }[];
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly constrained: readonly string[];
}

/** Lines are counted from 1. */
const forbiddenLines = (file: string): number[] =>
  readFileSync(join(__dirname, file), 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.endsWith('// forbidden') ? [index + 1] : []));

describe('boundaries between projects', () => {
  let boundaries: Boundaries;
  beforeAll(() => {
    boundaries = JSON.parse(
      execFileSync(process.execPath, [join(__dirname, 'boundaries.mjs')], { encoding: 'utf8' }),
    );
  }, 60_000);

  it('refuse every forbidden import of every canary, and no other', () => {
    expect(boundaries.canaries).toEqual(
      boundaries.canaries.map(({ file }) => ({ file, failing: forbiddenLines(file) })),
    );
  });

  it('have a canary with forbidden imports in every project', () => {
    const withForbidden = boundaries.canaries.filter(({ file }) => forbiddenLines(file).length > 0);
    expect(withForbidden.map(({ file }) => file).sort()).toEqual(
      Object.keys(boundaries.tags)
        .map((project) => `${project}.canary.ts`)
        .sort(),
    );
  });

  it('know each project by exactly one tag, which has one constraint', () => {
    const constraintsOf = (tag: string) => boundaries.constrained.filter((known) => known === tag).length;
    for (const [project, tags] of Object.entries(boundaries.tags)) {
      expect({ project, tags, constraints: tags.map(constraintsOf) }).toEqual({
        project,
        tags: [expect.stringMatching(/^type:/)],
        constraints: [1],
      });
    }
  });
});

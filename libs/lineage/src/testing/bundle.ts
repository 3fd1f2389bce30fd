import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

// In a process of its own: rolldown is an ES module with a binary, which Jest does not load.
const PROGRAM = `
import { rolldown } from 'rolldown';
const [input, file, tsconfig] = process.argv.slice(1);
const bundle = await rolldown({ input, platform: 'node', tsconfig, onLog: () => {} });
await bundle.write({ file, format: 'esm' });
`;

/** Bundles a TypeScript file, with everything it imports, into one file that node runs. */
export function bundle(input: string, file: string): void {
  const root = join(__dirname, '../../../..');
  const tsconfig = join(root, 'libs/lineage/tsconfig.json');
  execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM, input, file, tsconfig], {
    cwd: root,
  });
}

/**
 * Bundles the thread that ships into a folder, beside whatever program is bundled there.
 * @returns where it is, for the option `workerFile`
 */
export function bundleWorker(folder: string): string {
  const file = join(folder, 'shipper.worker.mjs');
  bundle(join(__dirname, '../shipper.worker.ts'), file);
  return file;
}

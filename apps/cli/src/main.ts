import { processContext } from './context';
import { run } from './cli';

// A reader that has seen enough (`| head`) is no failure, and whom nobody reads needs no message.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}
process.exitCode = await run(processContext(), process.argv.slice(2));

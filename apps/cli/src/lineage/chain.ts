import { EXIT } from '../cli-error';
import type { Action, Session } from '../session';
import { drawChain } from './draw-chain';
import { readPagedChain, readWholeChain, streamChain, type ReadChain } from './read-chain';

/** `lineage chain`: a record with its ancestors and descendants, drawn as a tree. */
export const showChain: Action = async (session, id) => {
  const { options, printer, settings } = session;
  if (settings.output === 'jsonl' && options.limit === undefined) {
    for await (const line of streamChain(session, id)) await printer.jsonLine(line);
    return EXIT.fine;
  }
  const chain = await (options.limit === undefined
    ? readWholeChain(session, id)
    : readPagedChain(session, id, options.limit));
  if (settings.output === 'json') await printer.json(chain);
  else if (settings.output === 'jsonl') await printLines(session, chain);
  else {
    for (const line of drawChain(chain, printer, { fold: options.fold !== false })) await printer.line(line);
  }
  tellCuts(session, chain);
  return EXIT.fine;
};

/** The lines of a chain that was paged, as those of one that is streamed. */
async function printLines(
  { printer }: Session,
  { record, ancestors, descendants }: ReadChain,
): Promise<void> {
  await printer.jsonLine({ direction: 'self', depth: 0, ...record });
  for (const ancestor of ancestors) await printer.jsonLine({ direction: 'ancestors', ...ancestor });
  for (const descendant of descendants) await printer.jsonLine({ direction: 'descendants', ...descendant });
}

function tellCuts({ printer, options }: Session, chain: ReadChain): void {
  if (chain.truncated)
    printer.remark('The chain is longer than the server follows: what is furthest away is missing.');
  if (chain.next_cursor !== null) {
    printer.remark(`The chain is longer: --limit ${options.limit} left records out.`);
  }
}

import type { ExecutionDetails } from '@factflow/client';
import { EXIT } from '../cli-error';
import type { Action, Session } from '../session';
import { showExecution } from './show-execution';

/** `execution get`: one execution with its counts, what failed in it and what was replayed from it. */
export const getExecution: Action = async (session, id) => {
  await showExecution(session, await readExecution(session, id));
  return EXIT.fine;
};

export const readExecution = ({ api }: Session, id: string): Promise<ExecutionDetails> =>
  api.ask((client) => client.GET('/api/v1/executions/{id}', { params: { path: { id } } }));

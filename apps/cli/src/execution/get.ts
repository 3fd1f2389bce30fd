import type { Execution } from '@factflow/client';
import { EXIT } from '../cli-error';
import type { Action, Session } from '../session';
import { showExecution } from './show-execution';

/** `execution get`: one execution with the counts of its records. */
export const getExecution: Action = async (session, id) => {
  await showExecution(session, await readExecution(session, id));
  return EXIT.fine;
};

export const readExecution = ({ api }: Session, id: string): Promise<Execution> =>
  api.ask((client) => client.GET('/api/v1/executions/{id}', { params: { path: { id } } }));

import { runMain } from '@factflow/server';
import { readQueryConfig } from './config';
import { startServer } from './server';

void runMain(() => startServer(readQueryConfig(process.env)));

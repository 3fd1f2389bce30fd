import { runMain } from '@factflow/server';
import { readCommandConfig } from './config';
import { startServer } from './server';

void runMain(() => startServer(readCommandConfig(process.env)));

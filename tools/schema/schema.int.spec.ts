import { migratedDatabase } from '@factflow/store/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSchema } from './dump-schema';

it('libs/store/schema.sql is what the migrations make (if not: npm run schema)', async () => {
  const database = await migratedDatabase();
  try {
    const committed = readFileSync(join(__dirname, '../../libs/store/schema.sql'), 'utf8');
    expect(await dumpSchema(database.dataSource)).toBe(committed);
  } finally {
    await database.drop();
  }
});

import { statisticsKey, type AdapterStatistics } from '@factflow/domain';
import { columnsOf, differencesOf, STATISTICS, type RowTexts, type Statement } from '@factflow/store';
import type { Reader } from '../database/database';
import { rebuild } from './check-records';
import { Pages, rowsOf, textBytes } from './pages';
import type { Report } from './report';
import type { SumTable } from './sum-table';

const [ROUTE, ADAPTER] = ['route_id', 'adapter_name'].map((name) =>
  Object.keys(STATISTICS.columns).indexOf(name),
) as [number, number];

// Served by the primary key, in its order. No name is empty.
const ROWS: Statement = {
  name: 'verify_statistics',
  sql: `
  SELECT ${columnsOf(STATISTICS, 's')} FROM lineage_statistics s
  WHERE s.execution_id = $1 AND (s.route_id, s.adapter_name) > ($2::text, $3::text)
  ORDER BY s.route_id, s.adapter_name LIMIT $4`,
};

/** Holds the rows of an execution's statistics against a sum of what its records contribute. */
export async function checkStatistics(
  reader: Reader,
  executionId: string,
  sums: SumTable,
  report: Report,
): Promise<void> {
  if (sums.isCut) {
    report.leaveOut(
      `Statistics of execution ${executionId}: it has more adapters than are summed up at once.`,
    );
    return;
  }
  const expected = sums.results();
  const about = (routeId: string, adapterName: string) => ({
    execution_id: executionId,
    route_id: routeId,
    adapter_name: adapterName,
    advice: rebuild(executionId),
  });
  const stored = new Pages<RowTexts>(
    (after, limit) => reader.texts(ROWS, [executionId, after?.[ROUTE] ?? '', after?.[ADAPTER] ?? '', limit]),
    textBytes,
  );
  for await (const row of rowsOf(stored)) {
    report.checked.statistics += 1;
    const [routeId, adapterName] = [row[ROUTE] ?? '', row[ADAPTER] ?? ''];
    const key = statisticsKey({ executionId, routeId, adapterName });
    const sum = expected.get(key);
    expected.delete(key);
    if (sum) compare(row, sum, about(routeId, adapterName), report);
    else {
      const message = 'There is a row of statistics, and no record contributes to it.';
      report.find('statistics_unexpected', { ...about(routeId, adapterName), message });
    }
  }
  for (const { routeId, adapterName } of expected.values()) {
    const message = 'Records contribute to statistics that have no row.';
    report.find('statistics_missing', { ...about(routeId, adapterName), message });
  }
}

function compare(row: RowTexts, sum: AdapterStatistics, about: object, report: Report): void {
  for (const difference of differencesOf(STATISTICS, row, sum)) {
    const message = `The row of statistics has another ${difference.field} than its records add up to.`;
    report.find('statistics_differ', { ...about, ...difference, message });
  }
}

import { Injectable } from '@nestjs/common';
import { TracedAdapter } from '@factflow/lineage/nest';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ranked, type Summary } from './summary';

export const REPORT_ROUTE = 'report';

/** Writes the report: JSON into a file that ends so, else Markdown. */
@Injectable()
export class WriteReport {
  /** @returns the number of bytes written */
  @TracedAdapter({ route: REPORT_ROUTE, adapter: 'write-report' })
  async write(summary: Summary, file: string): Promise<number> {
    const text = file.endsWith('.json') ? `${JSON.stringify(summary, null, 2)}\n` : markdown(summary);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return Buffer.byteLength(text);
  }
}

function markdown({ packages, fine, licences, findings }: Summary): string {
  const sections = ranked(findings, ({ count }) => count).map(([reason, { count, packages: named }]) => [
    `## ${reason} (${count})`,
    '',
    ...named.map(({ path, message }) => `- ${code(path)}: ${escaped(message)}`),
    ...(count > named.length ? [`- and ${count - named.length} more`] : []),
    '',
  ]);
  return [
    '# Licence audit',
    '',
    `${packages} packages: ${fine} fine, ${packages - fine} with a finding.`,
    '',
    ...sections.flat(),
    '## Licences',
    '',
    ...ranked(licences, (count) => count).map(([licence, count]) => `- ${code(licence)}: ${count}`),
    '',
  ].join('\n');
}

/** Names of packages and licences are other people's text. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
const code = (text: string): string => `\`${oneLine(text).replaceAll('`', "'")}\``;
const escaped = (text: string): string => oneLine(text).replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&');

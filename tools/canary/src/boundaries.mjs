// Makes the project graph, without which the boundary rule skips itself silently, then lints every canary as if it
// stood in its project. Prints { canaries: [{ file, failing: [line] }], tags: { project: [tag] }, constrained: [tag] }.
// A process of its own, because Jest cannot load ESLint's configuration, which is an ES module.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint } from 'eslint';
import { depConstraints } from '../../../eslint.config.mjs';

const root = resolve(import.meta.dirname, '../../..');
const graph = await createProjectGraphAsync();
const projects = Object.values(graph.nodes).map(({ name, data }) => ({ name, ...data }));

const RULES = ['@nx/enforce-module-boundaries', 'no-restricted-imports'];
const eslint = new ESLint({
  cwd: root,
  // A file that exists in the canary's imagination only has no types: only the two rules, which need none, run.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => RULES.includes(ruleId),
});

/** @param {string} file named after the project it is linted in */
async function lint(file) {
  const project = projects.find(({ name }) => name === basename(file, '.canary.ts'));
  if (!project) throw new Error(`${file}: there is no such project`);
  const filePath = join(root, project.root, 'src/canary.ts');
  const results = await eslint.lintText(readFileSync(join(import.meta.dirname, file), 'utf8'), { filePath });
  const messages = results.flatMap((result) => result.messages);
  const stray = messages.find(({ ruleId }) => !ruleId || !RULES.includes(ruleId));
  if (stray) throw new Error(`${file}:${stray.line} ${stray.message}`);
  return { file, failing: [...new Set(messages.map(({ line }) => line))].sort((a, b) => a - b) };
}

const canaries = [];
for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.canary.ts'))) {
  canaries.push(await lint(file));
}
const tags = Object.fromEntries(projects.map((project) => [project.name, project.tags ?? []]));
const constrained = depConstraints.map(({ sourceTag }) => sourceTag);
console.log(JSON.stringify({ canaries, tags, constrained }));

/**
 * Recomputes every per-tensor value of a study with an independent float64 program (reference.py: NumPy, nothing shared) and compares.
 *
 *   npm run bench -- reference [STUDY]
 *
 * Without STUDY the demo study is run first, with the optional measures too. Needs python3 with NumPy.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoStudy } from '../../src-main/api/demoStudy.ts';
import { projectRoot } from '../../src-main/api/projectRoot.ts';
import { Kernels } from '../../src-main/kernels/Kernels.ts';
import { measureInfo } from '../../src-main/measures/registry.ts';
import { Study } from '../../src-main/study/Study.ts';

/** The demo study with every optional measure, run. */
async function demo(out: string): Promise<Study> {
  const { folder, file } = demoStudy(projectRoot(), out);
  const also = measureInfo(file.options).flatMap(({ id, optional }) => (optional ? [id] : []));
  const study = Study.create(folder, { ...file, options: { ...file.options, also } });
  using kernels = new Kernels({ threads: availableParallelism() });
  await study.run(kernels, { limits: { memoryBytes: 2 ** 30, threads: availableParallelism() } });
  return study;
}

const folder = mkdtempSync(join(tmpdir(), 'polarimeter-reference-'));
try {
  const given = process.argv[2];
  using study = given === undefined ? await demo(join(folder, 'demo')) : Study.open(given);
  const rows = join(folder, 'rows.json');
  writeFileSync(rows, JSON.stringify({ rows: study.rows({ level: ['tensor'] }) }));
  const run = spawnSync('python3', [join(import.meta.dirname, 'reference.py'), study.folder, rows], {
    stdio: 'inherit',
  });
  if (run.error) throw run.error;
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

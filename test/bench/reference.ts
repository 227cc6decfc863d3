/**
 * Recomputes every per-tensor value of a study with an independent float64 program (reference.py: NumPy, nothing shared) and compares.
 *
 *   npm run bench -- reference [STUDY]
 *
 * Without STUDY the demo study is run first. Needs python3 with NumPy.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src-main/cli/main.ts';
import { Study } from '../../src-main/study/Study.ts';

const folder = mkdtempSync(join(tmpdir(), 'polarimeter-reference-'));
try {
  const given = process.argv[2];
  if (given === undefined) await main(['demo', '--out', join(folder, 'demo')]);
  const place = given ?? join(folder, 'demo');
  using study = Study.open(place);
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

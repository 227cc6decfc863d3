import type { ClaimEvidence } from '../../contract/claim.ts';
import { notApplicable, type Claim } from '../Claim.ts';
import { evidence, type ClaimRows } from '../ClaimRows.ts';
import { SECTIONS } from '../sections.ts';
import { sides, SIDES_RULE } from '../sides.ts';
import { runsText, spanText } from '../spanText.ts';

const ROWS = 'stripes.rows';
const COLUMNS = 'stripes.columns';
const LEAST = 1.5;
/** Modules of which the rows, or the columns, are head channels. */
const BY_ROWS = /(^|\.)[qkv]_proj$/;
const BY_COLUMNS = /(^|\.)o_proj$/;

/** Per matrix: the index along the head channels, along the other axis, and what chance gives. */
interface Run {
  readonly label: string;
  readonly along: number;
  readonly across: number;
  readonly above: number;
  readonly of: number;
  readonly isStriped: boolean;
}

export const stripesAlongHeads: Claim = {
  info: {
    id: 'stripes-along-heads',
    title: 'RL changes come in stripes: rows of Q, K and V, columns of O',
    statement:
      'The weights that RL changes cluster in whole rows of the query, key and value projections and in whole columns of the output projection.',
    citations: [{ arxiv: '2511.08567', where: 'consensus maps, row and column ratios' }],
    definition:
      'The paper draws the ratio of changed weights per row and per column. The study measures how uneven these are: Pearson dispersion of the counts, 1 when the same number of changes falls anywhere (own index). Rows of Q, K and V and columns of O are both channels of attention heads. The index grows with the length of the line that is counted over.',
    conflict: null,
    section: SECTIONS.pathNotTaken,
    published: [],
    chance:
      'About 1, for as many changes placed at random. Channels with smaller weights have finer bf16 steps and change more in any update, which makes stripes as well; SFT is shown beside RL for that.',
    rule: `Over the last checkpoints of all RL runs and the matrices q_proj, k_proj, v_proj and o_proj. A run is striped when the mean index along the head channels is at least 1.5, larger than along the other axis, and ${SIDES_RULE}. Supported: every RL run is striped. Contradicted: in no RL run is the index along the head channels above 1 in two thirds of the matrices. Open: otherwise.`,
    needs: 'weights',
    measures: [ROWS, COLUMNS],
  },
  perTensor: [ROWS, COLUMNS],
  judge: (rows) => {
    const found = rows.perRun(ROWS, 'rl');
    if (typeof found === 'string') return notApplicable(found);
    const runs = found.flatMap(({ variant }) => runOf(rows, variant) ?? []);
    if (runs.length === 0) return notApplicable('no matrix is called q_proj, k_proj, v_proj or o_proj');
    const striped = runs.filter(({ isStriped }) => isStriped).length;
    const anyAbove = runs.some(({ above, of }) => 3 * above >= 2 * of);
    const sft = rows.ends('sft').flatMap(({ label }) => runOf(rows, label) ?? []);
    const span = (all: readonly Run[], of: (run: Run) => number): string => spanText(all.map(of), 'ratio');
    const beside = sft.length === 0 ? '' : ` SFT: ${span(sft, ({ along }) => along)} along them.`;
    return {
      verdict: striped === runs.length ? 'supported' : anyAbove ? 'open' : 'contradicted',
      because: `${runsText(runs.length, 'rl')}: index ${span(runs, ({ along }) => along)} along the head channels and ${span(runs, ({ across }) => across)} across them, where chance gives 1; above it in ${span(runs, ({ above }) => above)} of ${span(runs, ({ of }) => of)} matrices.${beside}`,
      evidence: [...runs, ...sft].flatMap(({ label }) => meanEvidence(rows, label)),
    };
  },
};

/** Mean index of each axis over the query, key and value projections, and over the output projections. */
function meanEvidence(rows: ClaimRows, label: string): ClaimEvidence[] {
  return [ROWS, COLUMNS].flatMap((measure) => {
    const whole = rows.overall(measure, label);
    return [BY_ROWS, BY_COLUMNS].flatMap((modules) => {
      const found = rows.tensors(measure, label).filter(({ module }) => modules.test(module ?? ''));
      if (!whole || found.length === 0) return [];
      const value = mean(found.map((row) => row.value));
      const module = modules === BY_ROWS ? 'q, k, v' : 'o';
      return [
        { ...evidence(whole, `mean over ${found.length} matrices`), module, value, level: 'module' as const },
      ];
    });
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function runOf(rows: ClaimRows, label: string): Run | null {
  const values = (measure: string, modules: RegExp): number[] =>
    rows.tensors(measure, label).flatMap(({ module, value }) => (modules.test(module ?? '') ? value : []));
  const along = [...values(ROWS, BY_ROWS), ...values(COLUMNS, BY_COLUMNS)];
  const across = [...values(COLUMNS, BY_ROWS), ...values(ROWS, BY_COLUMNS)];
  if (along.length === 0 || across.length === 0) return null;
  const counted = sides(along.map((value) => value - 1));
  const isStriped = counted.side === 'above' && mean(along) >= LEAST && mean(along) > mean(across);
  return {
    label,
    along: mean(along),
    across: mean(across),
    above: counted.above,
    of: counted.above + counted.below,
    isStriped,
  };
}

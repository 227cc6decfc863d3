import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inkFor } from '../../src-main/cli/ink.ts';
import { renderTable, type Table, type TableColumn } from '../../src-main/cli/table.ts';

const column = (name: string, align: 'left' | 'right' = 'right'): TableColumn => ({
  header: name.split('/'),
  align,
});

const TABLE: Table = {
  columns: [column('measure', 'left'), column('SFT/sft/from base'), column('RL/rl-seed1/from sft')],
  lines: [
    { cells: ['Weights unchanged', '3.3 %', '31.5 %'], emphasis: 'strong' },
    { cells: ['  changed', '96.7 %', '68.5 %'] },
    { cells: ['  isotropic update', '', '0.19 %'], emphasis: 'faint' },
  ],
};

describe('renderTable', () => {
  it('aligns numbers right under headers of several lines', () => {
    expect(renderTable(TABLE, { width: 80 })).toBe(`\
                          SFT        RL
                          sft  rl-seed1
measure             from base  from sft
──────────────────  ─────────  ────────
Weights unchanged       3.3 %    31.5 %
  changed              96.7 %    68.5 %
  isotropic update               0.19 %
`);
  });

  it('continues in further tables what does not fit beside the first column', () => {
    expect(renderTable(TABLE, { width: 30 })).toBe(`\
                          SFT
                          sft
measure             from base
──────────────────  ─────────
Weights unchanged       3.3 %
  changed              96.7 %
  isotropic update

                          RL
                    rl-seed1
measure             from sft
──────────────────  ────────
Weights unchanged     31.5 %
  changed             68.5 %
  isotropic update    0.19 %
`);
  });

  it('wraps a long first column at spaces, else after dots', () => {
    const table: Table = {
      columns: [column('tensor', 'left'), column('value')],
      lines: [
        { cells: ['model.layers.10.self_attn.q_proj.weight', '1'] },
        { cells: ['a word and more words', '2'] },
      ],
    };
    expect(renderTable(table, { width: 25 })).toBe(`\
tensor              value
──────────────────  ─────
model.layers.10.        1
  self_attn.q_
  proj.weight
a word and more         2
  words
`);
  });

  it('repeats several key columns', () => {
    const table: Table = {
      keys: 2,
      columns: [column('module', 'left'), column('chance'), column('a'), column('b')],
      lines: [{ cells: ['q_proj', '0.19 %', '1.00 %', '2.00 %'] }],
    };
    expect(renderTable(table, { width: 24 })).toBe(`\
module  chance       a
──────  ──────  ──────
q_proj  0.19 %  1.00 %

module  chance       b
──────  ──────  ──────
q_proj  0.19 %  2.00 %
`);
  });

  it('paints lines only with ink, and never inside the padding', () => {
    const painted = renderTable(TABLE, { width: 80, ink: inkFor(true) });
    expect(painted).toContain('\u001b[1mWeights unchanged       3.3 %    31.5 %\u001b[22m\n');
    expect(painted).toContain('\u001b[2m  isotropic update               0.19 %\u001b[22m\n');
    expect(renderTable(TABLE, { width: 80, ink: inkFor(false) })).not.toContain('\u001b');
  });

  it('shows control characters of hostile names instead of sending them', () => {
    const table: Table = {
      columns: [column('tensor', 'left')],
      lines: [{ cells: ['a\u001b[2Jb\r\nc\u202e'] }],
    };
    expect(renderTable(table, { width: 80 })).toContain('a\\x1b[2Jb\\x0d\\x0ac\\u202e');
  });

  it('loses no character of any cell and keeps to the width where the columns allow it', () => {
    const word = fc.stringMatching(/^[a-z0-9._ /-]{0,30}$/);
    const lines = fc.array(
      fc.tuple(word, fc.stringMatching(/^[0-9.%]{0,9}$/), fc.stringMatching(/^[0-9.%]{0,9}$/)),
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 40, max: 120 }), (cells, width) => {
        const text = renderTable(
          {
            columns: [column('k', 'left'), column('x'), column('y')],
            lines: cells.map((line) => ({ cells: line })),
          },
          { width },
        );
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        const letters = (value: string): string => [...value.replace(/[\s─]/g, '')].sort().join('');
        const once = letters(`kxy${cells.flat().join('')}`);
        const twice = letters(`kxky${cells.flat().join('')}${cells.map(([key]) => key).join('')}`);
        expect([once, twice]).toContain(letters(text));
      }),
    );
  });
});

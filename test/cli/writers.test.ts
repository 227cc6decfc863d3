import { describe, expect, it } from 'vitest';
import { writeJson, writeRowsJson } from '../../src-main/cli/writeJson.ts';
import { writeRowsCsv } from '../../src-main/cli/writeRowsCsv.ts';
import { type Row, RowsDocument } from '../../src-main/contract/rows.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';

const ROW: Row = {
  variant: 'rl',
  role: 'rl',
  reference: 'sft',
  level: 'tensor',
  tensor: 'a,"b"\nc',
  layer: 3,
  module: 'q_proj',
  measure: 'spectrum.nss',
  value: 0.1 + 0.2,
  unit: 'ratio',
  baseline: 'NaN',
  method: 'svd_gram_f64 (cpu)',
  parameters: { k: 128 },
  dtype: 'F32 vs BF16',
  source: 'arXiv:2511.08567',
  tensors: 1,
  spread: null,
  residual: 1e-16,
  reason: null,
};

describe('JSON', () => {
  it('is one document with non-finite numbers as words', () => {
    const terminal = new MemoryTerminal();
    writeJson(terminal, { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: [1e300], d: null });
    expect(JSON.parse(terminal.stdout)).toEqual({ a: 'NaN', b: '-Infinity', c: [1e300], d: null });
    expect(terminal.stdout.endsWith('}\n')).toBe(true);
  });

  it.each([0, 1, 999, 1000, 1001, 2500])('writes a rows document of %i rows in pieces', (size) => {
    const terminal = new MemoryTerminal();
    const rows = Array.from({ length: size }, (_, layer) => ({ ...ROW, layer }));
    writeRowsJson(terminal, { schema: 'polarimeter.rows/1', study: 'a "name"', rows });
    const document = RowsDocument.parse(JSON.parse(terminal.stdout));
    expect(document).toEqual({ schema: 'polarimeter.rows/1', study: 'a "name"', rows });
  });
});

describe('CSV', () => {
  it('quotes, keeps full precision, and never leaves a value blank', () => {
    const terminal = new MemoryTerminal();
    writeRowsCsv(terminal, [ROW, { ...ROW, tensor: 't', value: null, baseline: null, reason: 'zero' }]);
    expect(terminal.stdout).toBe(`\
variant,role,reference,level,tensor,layer,module,measure,value,unit,baseline,method,parameters,dtype,source,tensors,q1,median,q3,residual,reason
rl,rl,sft,tensor,"a,""b""
c",3,q_proj,spectrum.nss,0.30000000000000004,ratio,NaN,svd_gram_f64 (cpu),"{""k"":128}",F32 vs BF16,arXiv:2511.08567,1,,,,1e-16,
rl,rl,sft,tensor,t,3,q_proj,spectrum.nss,NA,ratio,NA,svd_gram_f64 (cpu),"{""k"":128}",F32 vs BF16,arXiv:2511.08567,1,,,,1e-16,zero
`);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstMatches } from '../../src-main/checkpoint/adapter/firstMatches.ts';
import type { AdapterConfig } from '../../src-main/checkpoint/adapter/parseAdapterConfig.ts';
import { parseAdapterConfig } from '../../src-main/checkpoint/adapter/parseAdapterConfig.ts';
import { parseAdapterKey } from '../../src-main/checkpoint/adapter/parseAdapterKey.ts';
import { PolarimeterError } from '../../src-main/contract/errors.ts';

const FILE = '/somewhere/adapter_config.json';
const FIELDS = [
  'peft_type',
  'base_model_name_or_path',
  'revision',
  'r',
  'lora_alpha',
  'rank_pattern',
  'alpha_pattern',
  'use_rslora',
  'fan_in_fan_out',
  'modules_to_save',
  'init_lora_weights',
  '__proto__',
];

function parseIfSound(text: string): AdapterConfig | null {
  try {
    return parseAdapterConfig(text, FILE);
  } catch (error) {
    if (!(error instanceof PolarimeterError)) throw error;
    expect(['adapter-invalid', 'adapter-unsupported']).toContain(error.code);
    expect(error.message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    return null;
  }
}

const module = fc
  .array(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), { minLength: 1, maxLength: 5 })
  .filter((parts) => {
    const special =
      /^(?:base_model|base_layer|modules_to_save|original_module|lora_|ia3_|oft_|boft_|vera_|hra_|bone_|hada_|lokr_|shira_)/;
    return !parts.some(
      (part) => special.test(part) || part === 'token_adapter' || part.startsWith('trainable_tokens'),
    );
  });

describe('the configuration of an adapter under random input', () => {
  it('is read soundly or refused in words', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('LORA', 'pissa', 8, -1, 0.5, 2 ** 60, true));
    const object = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), value);
    fc.assert(
      fc.property(object, fc.boolean(), (fields, isLora) => {
        const text = JSON.stringify(isLora ? { r: 8, lora_alpha: 16, ...fields, peft_type: 'LORA' } : fields);
        const config = parseIfSound(text);
        if (config === null) return;
        expect(Number.isInteger(config.rank) && config.rank > 0).toBe(true);
        for (const rank of config.rankPatterns.values())
          expect(Number.isInteger(rank) && rank > 0).toBe(true);
        for (const alpha of [config.alpha, ...config.alphaPatterns.values()])
          expect(Number.isFinite(alpha)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is never anything but refused when it is cut off', () => {
    const text = JSON.stringify({ peft_type: 'LORA', r: 8, lora_alpha: 16, rank_pattern: { q_proj: 4 } });
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), (end) => {
        expect(parseIfSound(text.slice(0, end))).toBeNull();
      }),
    );
  });
});

describe('the names in an adapter under random input', () => {
  it('never end in anything but a key or null', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'base_model',
        'model',
        'lora_A',
        'lora_B',
        'lora_embedding_A',
        'weight',
        'bias',
        'default',
      ),
      fc.constantFrom(
        'modules_to_save',
        'original_module',
        'base_layer',
        '_orig_mod',
        '__proto__',
        'toString',
        '',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const key = parseAdapterKey(parts.join('.'));
        if (key === null) return;
        expect(key.module).not.toBe('');
        expect(key.parameter).not.toBe('');
        expect(key.module.split('.').every((segment) => segment !== '')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('give back the module that PEFT wrote, with and without the name of the adapter', () => {
    const matrix = fc.constantFrom(
      ['lora_A', 'down', '.weight'] as const,
      ['lora_B', 'up', '.weight'] as const,
      ['lora_embedding_A', 'embedding-down', ''] as const,
      ['lora_embedding_B', 'embedding-up', ''] as const,
    );
    fc.assert(
      fc.property(module, matrix, fc.option(fc.constantFrom('default', 'sft')), (parts, written, adapter) => {
        const [name, part, end] = written;
        const middle = adapter === null ? '' : `.${adapter}`;
        const key = parseAdapterKey(`base_model.model.${parts.join('.')}.${name}${middle}${end}`);
        expect(key).toEqual({ module: parts.join('.'), part, parameter: 'weight', adapter });
      }),
    );
  });

  it('match a pattern that is a name exactly where the name ends in it, written as a name or as an expression', () => {
    const pattern = fc.array(fc.stringMatching(/^[a-c_]{1,2}$/), { minLength: 1, maxLength: 2 });
    const names = fc.array(pattern, { minLength: 1, maxLength: 6 });
    const patterns = fc.array(fc.tuple(pattern, fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(names, patterns, (all, given) => {
        const expected = all.map((name) =>
          given.findIndex(([own]) => `.${name.join('.')}`.endsWith(`.${own.join('.')}`)),
        );
        const written = given.map(([own, isName]) => (isName ? own.join('.') : `(${own.join('\\.')})`));
        const found = firstMatches(
          all.map((name) => name.join('.')),
          written,
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functionLengths } from './functionLengths.ts';
import { readSources } from './readSources.ts';

const MOST_LINES = 500;
const MOST_FUNCTION_LINES = 60;

const native = readSources(['native'], /\.(cpp|h)$/);
const script = readSources(['src-main', 'src-renderer', 'scripts', 'bin', 'test'], /\.(ts|mjs|svelte)$/);
/** Names that say nothing about what is inside. */
const EMPTY_NAME =
  /(^|[a-z_.-])(utils?|helpers?|common|managers?|misc)($|[A-Z_.-])|(Utils?|Helpers?|Common|Managers?|Misc)($|[A-Z_.-])/;

describe('C++', () => {
  it(`has no file of more than ${MOST_LINES} lines`, () => {
    const long = [...native]
      .filter(([, text]) => text.split('\n').length > MOST_LINES + 1)
      .map(([file]) => file);
    expect(long).toEqual([]);
  });

  it(`has no function of more than ${MOST_FUNCTION_LINES} lines outside tests`, () => {
    const sources = [...native].filter(([file]) => !file.startsWith('native/test/'));
    const long = sources.flatMap(([file, text]) =>
      functionLengths(text)
        .filter(({ lines }) => lines > MOST_FUNCTION_LINES)
        .map(({ name, line, lines }) => `${file}:${line} ${name}: ${lines} lines`),
    );
    expect(long).toEqual([]);
  });

  it('names files in snake_case', () => {
    const wrong = [...native.keys()].filter((file) => !/^[a-z0-9_]+\.(cpp|h)$/.test(basename(file)));
    expect(wrong).toEqual([]);
  });

  it('leaves nothing to do', () => {
    const open = [...native].filter(([, text]) => /\b(TODO|FIXME|XXX)\b/.test(text)).map(([file]) => file);
    expect(open).toEqual([]);
  });
});

describe('TypeScript', () => {
  it('names files after what is in them: camelCase, or PascalCase for classes and components', () => {
    const name = /^[A-Za-z][A-Za-z0-9]*(\.(svelte|test|spec|bench))?\.(ts|mjs)$|^[A-Z][A-Za-z0-9]*\.svelte$/;
    const wrong = [...script.keys()].filter((file) => !name.test(basename(file)));
    expect(wrong).toEqual([]);
  });

  it('uses no name that says nothing', () => {
    const paths = [...native.keys(), ...script.keys()];
    const empty = (path: string): boolean =>
      [basename(path), ...dirname(path).split('/')].some((part) => EMPTY_NAME.test(part));
    expect(paths.filter(empty)).toEqual([]);
    expect(['src/utils.ts', 'src/helpers/a.ts', 'src/StudyManager.ts', 'src/fileUtil.ts'].every(empty)).toBe(
      true,
    );
    expect(['src/commonality.ts', 'src/communal.ts', 'src/Utility.ts'].some(empty)).toBe(false);
  });
});

describe('functionLengths', () => {
  it('measures functions, not scopes, tables or text', () => {
    const source = [
      'namespace a {',
      'struct S { int x{0}; int get() const { return x; } };',
      'constexpr int kTable[] = {',
      '  1, 2,',
      '};',
      '// void comment() {',
      'template <typename T>',
      'T twice(T value, const char* text = "{") noexcept {',
      '  const auto half = [](int n) { return n / 2; };',
      "  if (value == '{') {",
      '    return half(1);',
      '  }',
      "  return value + 1'000;",
      '}',
      'S::S() : x(1) {',
      '}',
      '}  // namespace a',
    ].join('\n');
    expect(functionLengths(source).map(({ line, lines }) => [line, lines])).toEqual([
      [2, 1],
      [8, 7],
      [15, 2],
    ]);
  });
});

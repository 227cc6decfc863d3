import { describe, expect, it } from 'vitest';
import { ErrorDocument } from '../../src-main/cli/documents.ts';
import { reportError } from '../../src-main/cli/reportError.ts';
import { ERROR_KINDS, type ErrorCode, PolarimeterError } from '../../src-main/contract/errors.ts';
import { MemoryTerminal } from './MemoryTerminal.ts';
import { runCommand } from './runCommand.ts';

describe('reportError', () => {
  it.each(Object.keys(ERROR_KINDS) as ErrorCode[])('%s: exit code, text and document', (code) => {
    const terminal = new MemoryTerminal();
    const exit = reportError(terminal, new PolarimeterError(code, 'what happened', '/where'), true);
    expect(exit).toBe(ERROR_KINDS[code].exit);
    expect(terminal.stderr).toContain('what happened');
    if (code !== 'cancelled') {
      expect(terminal.stderr).toContain('/where');
      expect(terminal.stderr).toContain(ERROR_KINDS[code].cause);
      expect(terminal.stderr).toContain(ERROR_KINDS[code].remedy);
    }
    expect(ErrorDocument.parse(JSON.parse(terminal.stdout)).error.code).toBe(code);
  });

  it('says a bug apart from everything a user can mend, and never with the exit code of "differ"', () => {
    const terminal = new MemoryTerminal();
    expect(reportError(terminal, new TypeError('x is undefined'), false)).toBe(70);
    expect(terminal.stderr).toContain('internal error');
    expect(terminal.stderr).toContain('TypeError: x is undefined');
    expect(terminal.stdout).toBe('');
  });

  it('gives the advice of the error where the usual one does not fit', () => {
    const terminal = new MemoryTerminal();
    const error = new PolarimeterError('output-exists', 'this is no folder', '/where', 'choose another path');
    reportError(terminal, error, true);
    expect(terminal.stderr).toContain('  remedy: choose another path\n');
    expect(terminal.stderr).not.toContain('--force');
    expect(ErrorDocument.parse(JSON.parse(terminal.stdout)).error).toMatchObject({
      cause: ERROR_KINDS['output-exists'].cause,
      remedy: 'choose another path',
    });
  });

  it('shows control characters of a path instead of sending them', () => {
    const terminal = new MemoryTerminal();
    reportError(terminal, new PolarimeterError('path-not-found', 'no \u001b[31mred', 'a\u0007b'), false);
    expect(terminal.stderr).toContain('no \\x1b[31mred');
    expect(terminal.stderr).toContain('a\\x07b');
  });
});

describe('usage errors', () => {
  it.each<[string[], RegExp]>([
    [['compare', 'x', '--stf', 'y'], /unknown option '--stf' \(Did you mean --sft\?\)/],
    [['inspct', 'x'], /unknown command 'inspct' \(Did you mean inspect\?\)/],
    [['study', 'shwo', 'x'], /unknown command 'shwo' \(Did you mean show\?\)/],
    [['compare'], /missing required argument 'base'/],
    [['diff', 'a'], /missing required argument 'b'/],
    [['diff', 'a', 'b', 'c'], /too many arguments/],
    [['compare', 'x', '--memory', 'much'], /Write a size such as 8GiB/],
    [['compare', 'x', '--k', '0'], /whole number from 1 to 4096/],
    [['compare', '.'], /nothing to compare the base with/],
    [
      ['compare', '.', '--sft', '.', '--measures', 'angels'],
      /no measure "angels" here; did you mean angles\?/,
    ],
    [['measures', 'update.unchangd'], /did you mean update\.unchanged\?/],
    [['serve', '--port', '70000'], /port from 0 to 65535/],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await runCommand('/', ...argv);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
    const json = await runCommand('/', ...argv, '--json');
    expect(json.code).toBe(2);
    expect(ErrorDocument.parse(JSON.parse(json.stdout)).error.message).toMatch(message);
  });

  it('without a command shows the help on stderr', async () => {
    const { code, stdout, stderr } = await runCommand('/');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: polarimeter');
  });
});

describe('help', () => {
  it.each([
    [],
    ['inspect'],
    ['diff'],
    ['compare'],
    ['study', 'run'],
    ['study', 'resume'],
    ['study', 'show'],
    ['study', 'rows'],
    ['demo'],
    ['measures'],
    ['doctor'],
    ['serve'],
  ])('%s %s is on stdout, with examples, and fits the terminal', async (...command) => {
    const { code, stdout, stderr } = await runCommand('/', ...command.filter(Boolean), '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: polarimeter${command[0] === undefined ? '' : ` ${command.join(' ')}`}`);
    if (command.length > 0) expect(stdout).toContain('Examples:\n  $ polarimeter');
  });

  it('states the exit codes', async () => {
    const { stdout } = await runCommand('/', '--help');
    expect(stdout).toContain('0 done, 1 the models differ (diff only), 2 usage or input, 3 not comparable');
  });
});

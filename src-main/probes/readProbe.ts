import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { issueWords } from '../base/issueWords.ts';
import { fileError } from '../checkpoint/fileErrors.ts';
import { quoteName } from '../checkpoint/quoteName.ts';
import { readTextFile } from '../checkpoint/readTextFile.ts';
import { Problem, type ProbeChoice, type ProbeKind } from '../contract/probe.ts';
import { problemFault } from './problemFault.ts';

/** Problems of a file, ready to be answered. */
export interface Probe {
  readonly name: string;
  readonly kind: ProbeKind;
  readonly problems: readonly Problem[];
  /** Content of the problems: 32 hex digits. */
  readonly fingerprint: string;
}

const LARGEST_FILE = 64 * 1024 * 1024;
const LONGEST_LINE = 1024 * 1024;
const MOST_PROBLEMS = 100_000;

/** The problems of a JSONL file, `limit` of them; every line is checked, empty ones are skipped. `folder` is where relative paths begin. fails probe-invalid with the line */
export function readProbe({ name, kind, path, limit }: ProbeChoice, folder: string): Probe {
  const file = resolve(folder, path);
  const all = readProblems(file);
  const problems = limit === null ? all : all.slice(0, limit);
  return { name, kind, problems, fingerprint: problemsFingerprint(problems) };
}

function readProblems(file: string): Problem[] {
  const problems: Problem[] = [];
  const lineOf = new Map<string, number>();
  const text = readTextFile(file, LARGEST_FILE, 'probe-invalid');
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fault = (what: string): Error => fileError('probe-invalid', file, `line ${index + 1}: ${what}`);
    if (problems.length === MOST_PROBLEMS) throw fault(`there are more than ${MOST_PROBLEMS} problems`);
    const problem = readProblem(line, fault);
    const earlier = lineOf.get(problem.id);
    if (earlier !== undefined) {
      throw fault(`the id ${quoteName(problem.id)} is that of line ${earlier}; every problem needs its own`);
    }
    lineOf.set(problem.id, index + 1);
    problems.push(problem);
  }
  if (problems.length === 0) throw fileError('probe-invalid', file, 'holds no problem');
  checkTwins(problems, (id, what) =>
    fileError('probe-invalid', file, `line ${lineOf.get(id) ?? 0}: ${what}`),
  );
  return problems;
}

function readProblem(line: string, fault: (what: string) => Error): Problem {
  if (line.length > LONGEST_LINE) throw fault(`is longer than ${LONGEST_LINE} characters`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw fault(`is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const read = Problem.safeParse(value);
  if (!read.success) throw fault(firstIssue(read.error));
  const what = problemFault(read.data);
  if (what !== null) throw fault(what);
  return read.data;
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  return `${field === '' ? '' : `${quoteName(field)}: `}${issueWords(issue?.message ?? 'does not follow the schema')}`;
}

function checkTwins(problems: readonly Problem[], fault: (id: string, what: string) => Error): void {
  const byId = new Map(problems.map((problem) => [problem.id, problem]));
  for (const { id, twin } of problems) {
    if (twin === undefined) continue;
    const original = byId.get(twin);
    if (!original) throw fault(id, `is a twin of ${quoteName(twin)}, which is not in the file`);
    if (original.twin !== undefined) {
      throw fault(id, `is a twin of ${quoteName(twin)}, which is a twin itself`);
    }
  }
}

/** 32 hex digits over the problems in their order, whatever the order of their fields. */
export function problemsFingerprint(problems: readonly Problem[]): string {
  const hash = createHash('sha256');
  for (const problem of problems) hash.update(`${JSON.stringify(problem, sortedKeys)}\n`);
  return hash.digest('hex').slice(0, 32);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

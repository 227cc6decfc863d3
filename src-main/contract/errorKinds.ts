/** The closed list of errors that a user can meet, as data. Exit codes and HTTP statuses follow from it in one place. */

import { EXIT, kind, type ErrorKind } from './errorKind.ts';
import { EXPERIMENT_ERROR_KINDS } from './experimentErrorKinds.ts';
import { FILE_ERROR_KINDS } from './fileErrorKinds.ts';

export { EXIT } from './errorKind.ts';

export const ERROR_KINDS = {
  usage: kind(EXIT.input, 400, 'the request is incomplete or contradicts itself', 'see --help'),
  ...FILE_ERROR_KINDS,
  ...EXPERIMENT_ERROR_KINDS,
  'not-comparable': kind(
    EXIT.notComparable,
    409,
    'the checkpoints share no tensor of the same name and shape',
    'check that both come from the same model family and size',
  ),
  'file-open': kind(
    EXIT.input,
    422,
    'missing permission, or too many open files',
    'check permissions and `ulimit -n`',
  ),
  'file-too-short': kind(
    EXIT.input,
    422,
    'the file was truncated after it was inspected',
    'wait until the writer is done; run again',
  ),
  'file-changed': kind(
    EXIT.input,
    409,
    'training or a download is still writing to the checkpoint',
    'wait until the writer is done; run again',
  ),
  'read-failed': kind(
    EXIT.input,
    500,
    'a failing disk or a lost network mount',
    'check the disk and the mount',
  ),
  'not-finite': kind(
    EXIT.input,
    422,
    'training diverged, or the file is damaged',
    'see the invalid counts of `update.unchanged`',
  ),
  'no-convergence': kind(
    EXIT.verification,
    500,
    'LAPACK gave up on this matrix',
    'report the tensor and the checkpoint',
  ),
  'invalid-argument': kind(EXIT.input, 400, 'a request that contradicts itself', 'see --help'),
  'library-missing': kind(
    EXIT.resource,
    500,
    'no BLAS/LAPACK library could be loaded',
    'install OpenBLAS (Debian: apt-get install libopenblas0) or set POLARIMETER_BLAS',
  ),
  'engine-missing': kind(
    EXIT.resource,
    500,
    'the native core is not built for this platform',
    'run `npm run setup`',
  ),
  'engine-stopped': kind(
    EXIT.resource,
    503,
    'the process that computes ended unexpectedly',
    'start Polarimeter again; a run resumes where it was',
  ),
  'run-interrupted': kind(
    EXIT.resource,
    503,
    'the process was killed, crashed or ran out of memory, or the machine went down',
    'resume the study: what was finished is kept',
  ),
  'run-keeps-ending': kind(
    EXIT.resource,
    503,
    'the native core crashes on one of these tensors, or the machine runs out of memory there',
    'resume with less --memory: these tensors are then computed last, one at a time. If it ends again, leave them out with --modules or --layers and report run.log',
  ),
  'out-of-memory': kind(
    EXIT.resource,
    507,
    'the machine has less free memory than the budget',
    'lower --memory or --threads',
  ),
  'memory-budget': kind(
    EXIT.resource,
    507,
    'one matrix needs more workspace than the budget',
    'raise --memory, or leave this tensor out with --modules or --layers',
  ),
  'disk-full': kind(
    EXIT.resource,
    507,
    'no space left on the disk of the study, or of the work folder',
    'free some space, e.g. with `polarimeter cache prune`; then go on',
  ),
  'study-not-found': kind(
    EXIT.input,
    404,
    'the folder holds no study.json',
    'create the study with `polarimeter compare`',
  ),
  'study-invalid': kind(
    EXIT.input,
    422,
    'study.json was edited by hand or is damaged',
    'fix the field that is named, or create the study again',
  ),
  'study-version': kind(EXIT.input, 409, 'the study was made by a newer Polarimeter', 'update Polarimeter'),
  'study-read-only': kind(
    EXIT.resource,
    403,
    'the study folder cannot be written',
    'choose another folder with --out',
  ),
  'study-busy': kind(
    EXIT.resource,
    409,
    'another process is running this study',
    'wait for it, or cancel it',
  ),
  'study-changed': kind(
    EXIT.input,
    409,
    'another window or the command line was faster',
    'look at the study as it is now, and edit it again',
  ),
  'study-mismatch': kind(
    EXIT.input,
    409,
    'the study folder already holds a study of other checkpoints',
    'choose another folder with --out',
  ),
  'source-folder': kind(
    EXIT.input,
    409,
    'the study folder lies inside a checkpoint',
    'choose another folder with --out',
  ),
  'not-found': kind(EXIT.input, 404, 'the address is wrong or out of date', 'go back to the start page'),
  'not-authorised': kind(
    EXIT.input,
    401,
    'the token is missing or from an earlier start',
    'open the address that `polarimeter serve` prints',
  ),
  'origin-refused': kind(
    EXIT.input,
    403,
    'another web page tried to reach this server',
    'open the address that `polarimeter serve` prints',
  ),
  'payload-too-large': kind(EXIT.input, 413, 'the request is larger than 1 MiB', 'send less'),
  cancelled: kind(EXIT.cancelled, 499, 'it was asked for', 'resume the study to go on'),
} as const satisfies Record<string, ErrorKind>;

/** The closed list of errors that a user can meet, as data. Exit codes and HTTP statuses follow from it in one place. */

/** Process exit codes. 1 belongs to `diff` alone: the models differ. */
export const EXIT = {
  done: 0,
  differ: 1,
  input: 2,
  notComparable: 3,
  resource: 4,
  verification: 5,
  /** A bug in Polarimeter itself. */
  bug: 70,
  cancelled: 130,
} as const;

interface ErrorKind {
  /** Process exit code. */
  readonly exit: number;
  /** HTTP status. */
  readonly http: number;
  /** The usual reason. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
}

const kind = (exit: number, http: number, cause: string, remedy: string): ErrorKind => ({
  exit,
  http,
  cause,
  remedy,
});

export const ERROR_KINDS = {
  usage: kind(EXIT.input, 400, 'the request is incomplete or contradicts itself', 'see --help'),
  'path-not-found': kind(
    EXIT.input,
    404,
    'the path is misspelled or on a disk that is not mounted',
    'check the path',
  ),
  'path-not-readable': kind(EXIT.input, 403, 'missing permission', 'make the path readable for this user'),
  'not-a-checkpoint': kind(
    EXIT.input,
    422,
    'the folder holds no safetensors files',
    'name the folder that holds model.safetensors or model.safetensors.index.json',
  ),
  'unsupported-format': kind(
    EXIT.input,
    422,
    'only safetensors can be read so far',
    'save the model as safetensors, e.g. with `save_pretrained`',
  ),
  'ambiguous-folder': kind(
    EXIT.input,
    422,
    'several safetensors files and no index that joins them',
    'name one of the files, or move the others away',
  ),
  'incomplete-download': kind(
    EXIT.input,
    422,
    'a download was interrupted or is still running',
    'finish the download',
  ),
  'git-lfs-pointer': kind(
    EXIT.input,
    422,
    'the repository was cloned without Git LFS',
    'run `git lfs pull` in the repository',
  ),
  'directory-loop': kind(
    EXIT.input,
    422,
    'a symbolic link leads back to one of its parents',
    'remove the link',
  ),
  'header-too-short': kind(
    EXIT.input,
    422,
    'an incomplete download or an empty file',
    'download the file again',
  ),
  'header-too-large': kind(
    EXIT.input,
    422,
    'the file is not safetensors, or it is damaged',
    'check that the file is safetensors; download it again',
  ),
  'header-not-json': kind(
    EXIT.input,
    422,
    'the file is not safetensors, or it is damaged',
    'download the file again',
  ),
  'header-invalid': kind(
    EXIT.input,
    422,
    'a faulty or hostile writer',
    'write the file again with the safetensors library',
  ),
  'tensor-out-of-bounds': kind(
    EXIT.input,
    422,
    'an incomplete download (truncated file)',
    'download the file again',
  ),
  'tensor-overlap': kind(
    EXIT.input,
    422,
    'a faulty or hostile writer',
    'write the file again with the safetensors library',
  ),
  'tensor-hole': kind(
    EXIT.input,
    422,
    'a faulty writer, or bytes appended to the file',
    'write the file again with the safetensors library',
  ),
  'tensor-size-mismatch': kind(
    EXIT.input,
    422,
    'shape, dtype and byte range disagree',
    'write the file again with the safetensors library',
  ),
  'index-invalid': kind(
    EXIT.input,
    422,
    'the index is damaged or names files outside its folder',
    'download the index again',
  ),
  'shard-missing': kind(EXIT.input, 422, 'an incomplete download', 'download the missing shard'),
  'shard-mismatch': kind(
    EXIT.input,
    422,
    'index and shards come from different models',
    'download index and shards together',
  ),
  'duplicate-tensor': kind(
    EXIT.input,
    422,
    'two shards hold the same tensor',
    'remove the folder of mixed files',
  ),
  'config-invalid': kind(EXIT.input, 422, 'config.json is damaged', 'download config.json again'),
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
    'no space left on the disk of the study folder',
    'free some space; resume the study',
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

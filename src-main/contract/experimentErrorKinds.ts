/** Errors of recipes, inference, probes and sweeps. */
import { EXIT, kind, type ErrorKind } from './errorKind.ts';

export const EXPERIMENT_ERROR_KINDS = {
  'recipe-invalid': kind(
    EXIT.input,
    422,
    'the recipe does not follow the schema, or its edits contradict its inputs',
    'fix the field that is named; `polarimeter recipe --help` shows an example',
  ),
  'recipe-input-changed': kind(
    EXIT.verification,
    409,
    'an input of the recipe is not the checkpoint that it was pinned to',
    'restore that checkpoint, or pin the recipe again with `polarimeter recipe pin`',
  ),
  'recipe-not-made': kind(
    EXIT.input,
    409,
    'the tensors that the recipe changes were not computed yet, or were removed from the work folder',
    'make them with `polarimeter recipe make`, or run the study',
  ),
  'output-exists': kind(
    EXIT.input,
    409,
    'there is something at this path already',
    'choose another path, or replace it with --force',
  ),
  'disk-space': kind(
    EXIT.resource,
    507,
    'the disk has less free space than the result needs',
    'free some space, or write to another disk',
  ),
  'write-failed': kind(EXIT.resource, 500, 'the folder cannot be written', 'check permissions and the disk'),
  'write-not-verified': kind(
    EXIT.verification,
    500,
    'the disk did not keep what was written, or a source changed meanwhile',
    'nothing was put in place; check the disk, and write again',
  ),
  'model-unsupported': kind(
    EXIT.input,
    422,
    'models of this architecture cannot be run here',
    'serve it with another program and give its address with --endpoint',
  ),
  'tokenizer-missing': kind(
    EXIT.input,
    422,
    'the checkpoint has no tokenizer.json',
    'copy the tokenizer files of its base into its folder',
  ),
  'tokenizer-unsupported': kind(
    EXIT.input,
    422,
    'the tokenizer does something that llama.cpp cannot do',
    'serve the model with another program and give its address with --endpoint',
  ),
  'inference-missing': kind(
    EXIT.resource,
    500,
    'llama.cpp could not be loaded on this machine',
    'run `npm run setup`, or give an address with --endpoint',
  ),
  'model-too-large': kind(
    EXIT.resource,
    507,
    'the converted model and its context need more memory than there is',
    'evaluate on a larger machine, with fewer problems side by side (--batch), or with --endpoint',
  ),
  'model-busy': kind(
    EXIT.resource,
    409,
    'another process computes with the converted model in this folder',
    'wait for it, or cancel it',
  ),
  'inference-failed': kind(
    EXIT.resource,
    500,
    'llama.cpp gave up',
    'try --device cpu; report the message with `polarimeter doctor`',
  ),
  'context-too-short': kind(
    EXIT.input,
    422,
    'a prompt and its answer are longer than the context of the model',
    'shorten the problem, or lower --max-tokens',
  ),
  'not-supported': kind(EXIT.input, 422, 'this evaluator cannot do that', 'use the embedded evaluator'),
  'endpoint-unreachable': kind(
    EXIT.resource,
    502,
    'nothing answers at that address, or not in time',
    'check the address and that the server runs; what was answered is kept, run again to go on',
  ),
  'endpoint-refused': kind(
    EXIT.input,
    502,
    'the server refused the request: a wrong key, model or parameter',
    'check the key variable and the name of the model',
  ),
  'endpoint-busy': kind(
    EXIT.resource,
    503,
    'the server limits the rate of requests',
    'wait, or lower --batch; what was answered is kept, run again to go on',
  ),
  'endpoint-invalid': kind(
    EXIT.input,
    502,
    'the server answered something that is not the OpenAI format',
    'check that the address ends where the server expects it, usually /v1',
  ),
  'probe-invalid': kind(
    EXIT.input,
    422,
    'a line of the probe file does not follow the schema',
    'fix the line that is named; `polarimeter probe --help` shows the format',
  ),
  'results-invalid': kind(
    EXIT.input,
    422,
    'the folder does not hold results of lm-evaluation-harness that can be paired',
    'give folders that hold results_*.json and samples_*.jsonl of the same tasks',
  ),
  'sweep-invalid': kind(
    EXIT.input,
    422,
    'the sweep does not follow the schema, or contradicts its models',
    'fix the field that is named; `polarimeter sweep --help` shows an example',
  ),
  'sweep-busy': kind(
    EXIT.resource,
    409,
    'another process is running this sweep',
    'wait for it, or cancel it',
  ),
} as const satisfies Record<string, ErrorKind>;

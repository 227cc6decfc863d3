import type { Command } from 'commander';
import { resolve } from 'node:path';
import { editOf } from '../contract/editStudy.ts';
import { editStudy } from '../study/editStudy.ts';
import { Study } from '../study/Study.ts';
import { type EditOptions, editedStudy } from './editedStudy.ts';
import { repeated } from './optionValues.ts';
import { printable } from './printable.ts';
import type { Session } from './Session.ts';
import { examples, withOutputOptions } from './sharedOptions.ts';
import type { Terminal } from './Terminal.ts';
import { writeJson } from './writeJson.ts';

const ORDER_HELP = `
Order: variants are removed, then added, then changed, then renamed, so that every option speaks of the labels as they
are before this command. Results are kept: they belong to the weights, not to labels. No file of a checkpoint is touched.
`;

/** `study edit STUDY`: labels, roles, references, variants, name and notes of a study. Computes nothing. */
export function studyEditCommand(study: Command, { terminal }: Session): void {
  withOutputOptions(study.command('edit'))
    .argument('<study>', 'the study folder, or its study.json')
    .description('change labels, roles, what is compared with what, variants, name or notes of a study')
    .option('--rename <label=new>', 'give a variant another label; repeatable', repeated)
    .option('--role <label=role>', 'say what a variant is: sft, rl or other; repeatable', repeated)
    .option('--from <label=parent>', 'compare LABEL with PARENT, or with base; repeatable', repeated)
    .option('--add <label=path>', 'add a checkpoint; its role is told by its names; repeatable', repeated)
    .option('--remove <label>', 'take a variant out of the study; repeatable', repeated)
    .option('--name <name>', 'name of the study')
    .option('--notes <text>', 'replace the notes; repeatable, one note each; "" removes them', repeated)
    .addHelpText('after', ORDER_HELP)
    .addHelpText(
      'after',
      examples([
        'study edit ./base.polarimeter --rename rl=grpo-7b --role grpo=rl --from grpo=sft',
        'study edit ./base.polarimeter --add rl-2=./runs/grpo-2 --from rl-2=sft --remove draft',
        'study edit ./base.polarimeter --name "Qwen 7B" --notes "seed 1 of 3"',
      ]),
    )
    .action((path: string, options: EditOptions) => {
      const opened = Study.open(resolve(terminal.folder, path));
      using edited = edit(opened, options, terminal.folder);
      print(terminal, edited, options.json ?? false);
    });
}

function edit(study: Study, options: EditOptions, folder: string): Study {
  try {
    return editStudy(study, editedStudy(editOf(study.file), options, folder));
  } catch (error) {
    study[Symbol.dispose]();
    throw error;
  }
}

function print(terminal: Terminal, { folder, file }: Study, json: boolean): void {
  if (json) {
    writeJson(terminal, { schema: 'polarimeter.edited/1', folder, study: file });
    return;
  }
  terminal.out(`${printable(file.name)} in ${printable(folder)}\n`);
  for (const { label, role, from, path } of file.variants)
    terminal.out(`  ${label} (${role}, compared with ${from}): ${printable(path)}\n`);
}

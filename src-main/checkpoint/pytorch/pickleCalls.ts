import { quoteName } from '../quoteName.ts';
import { damaged, refused } from './PickleFault.ts';
import type { PickleMachine } from './PickleMachine.ts';
import type { PickleValue } from './pickleValues.ts';
import { PickleDict, PickleGlobal, PickleInert, PickleList, StorageRef } from './pickleValues.ts';
import { REBUILDERS } from './rebuildTensor.ts';

/** Adds to a dictionary. Python writes no key twice; a file that does means something else to another reader. */
export function addEntry(dict: PickleDict, key: PickleValue, value: PickleValue): void {
  if (dict.add(key, value)) return;
  const shown = typeof key === 'object' ? 'of a dictionary' : quoteName(String(key));
  throw damaged(`the key ${shown} appears twice`);
}

function callable(value: PickleValue, verb: string): PickleGlobal {
  if (value instanceof PickleGlobal) return value;
  const what = value instanceof PickleInert ? `the result of ${value.name}` : 'a value that is no class';
  throw refused(`would ${verb} ${what}`);
}

/** A dictionary from nothing, from pairs, or from another dictionary; the class does not matter. */
function makeDict(machine: PickleMachine, args: readonly PickleValue[]): void {
  const dict = machine.pushDict();
  const source = args.find((arg) => !(arg instanceof PickleGlobal) && arg !== null);
  if (source === undefined) return;
  if (source instanceof PickleDict) {
    machine.copied(source.entries.size);
    for (const [key, value] of source.entries) addEntry(dict, key, value);
    return;
  }
  if (!(source instanceof PickleList))
    throw damaged('makes a dictionary of something that is no list of pairs');
  machine.copied(source.items.length);
  for (const pair of source.items) {
    if (!(pair instanceof PickleList) || pair.items.length !== 2)
      throw damaged('makes a dictionary of something that is no list of pairs');
    addEntry(dict, pair.items[0] ?? null, pair.items[1] ?? null);
  }
}

function makeSequence(machine: PickleMachine, name: string, args: readonly PickleValue[]): void {
  const [items] = args;
  if (items === undefined) machine.pushList('tuple', []);
  else if (items instanceof PickleList && args.length === 1) machine.push(items);
  else throw damaged(`${name} is made of something that is no list`);
}

function call(machine: PickleMachine, made: PickleGlobal, args: readonly PickleValue[]): void {
  const { name, role } = made;
  if (role.kind === 'rebuild') {
    const rebuild = REBUILDERS.get(name);
    if (!rebuild) throw refused(`would call ${name}`);
    machine.pushTensor(rebuild(args));
  } else if (role.kind === 'dict') makeDict(machine, args);
  else if (role.kind === 'sequence') makeSequence(machine, name, args);
  else if (role.kind === 'inert' || role.kind === 'array') machine.pushInert(name, role.kind === 'array');
  else throw refused(`would call ${name}`);
}

function popArguments(machine: PickleMachine): readonly PickleValue[] {
  const args = machine.pop();
  if (args instanceof PickleList && args.kind === 'tuple') return args.items;
  throw damaged('calls with arguments that are no tuple');
}

/** Function and arguments give way to what the function stands for. */
export function reduce(machine: PickleMachine): void {
  const args = popArguments(machine);
  call(machine, callable(machine.pop(), 'call'), args);
}

/** As a call, for the classes that are made without one. */
export function newObject(machine: PickleMachine): void {
  const args = popArguments(machine);
  const made = callable(machine.pop(), 'build');
  if (!['dict', 'sequence', 'inert', 'array'].includes(made.role.kind))
    throw refused(`would build ${made.name}`);
  call(machine, made, args);
}

/** The attributes of a dictionary or of something that is passed over; they are dropped. */
export function build(machine: PickleMachine): void {
  machine.pop();
  const object = machine.top();
  if (object instanceof PickleDict || object instanceof PickleInert) return;
  throw refused('would set the state of a value that has none');
}

function size(value: PickleValue | undefined, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged(`${what} of a storage is no count`);
}

/** A storage that is part of another one, as torch before 1.6 wrote it: (key, first element, elements). */
function viewOf(value: PickleValue | undefined, elements: number): StorageRef['view'] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof PickleList) || value.items.length !== 3)
    throw damaged('a storage is a part of another one, but it does not say which');
  const view = {
    start: size(value.items[1], 'the first element'),
    elements: size(value.items[2], 'the length of a part'),
  };
  if (view.start + view.elements > elements)
    throw damaged(
      `a part of a storage ends at element ${String(view.start + view.elements)} of ${String(elements)}`,
    );
  return view;
}

/** ('storage', class, key, device, elements) or, before 1.6, with a part behind it. */
export function persistent(machine: PickleMachine): void {
  const id = machine.pop();
  if (!(id instanceof PickleList)) throw damaged('refers to something outside that is no tuple');
  const [kind, type, key, , elements, view] = id.items;
  if (kind !== 'storage') {
    if (kind === 'module') throw refused('would build a module with its source code');
    throw damaged('refers to something outside that is no storage');
  }
  if (!(type instanceof PickleGlobal) || type.role.kind !== 'storage')
    throw damaged('a storage has no element type');
  if (typeof key !== 'string') throw damaged('a storage has no key');
  const count = size(elements, 'the number of elements');
  machine.addStorage(new StorageRef(key, type.role.dtype, count, viewOf(view, count)));
}

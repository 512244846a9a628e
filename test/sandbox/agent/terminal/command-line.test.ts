import assert from 'node:assert/strict';
import { join } from 'node:path';
import { help, readCommandLine } from '../../../../sandbox/agent/terminal/command-line.ts';

const root = join(import.meta.dirname, '..');
const read = (...words: string[]) => readCommandLine(words, root);

describe('the words of the command line', () => {
  it('of run have defaults', () => {
    assert.deepEqual(read('run', 'p.yml'), {
      command: 'run',
      given: {
        ...{ pipeline: 'p.yml', host: 'build', taskFolders: [], variables: {}, json: false },
        ...{ world: undefined, node: undefined, workFolder: undefined },
      },
    });
  });

  it('of run may say everything', () => {
    const words = [
      '--host=release',
      '--tasks',
      'a',
      '--tasks',
      'b',
      '--world',
      'w',
      '--node',
      'n',
      '--work',
      'd',
    ];
    const variables = ['--variable', 'A=x=y', '--variable', 'B=', '--secret', 'C=c', '--json'];
    assert.deepEqual(read('run', ...words, 'p.yml', ...variables), {
      command: 'run',
      given: {
        ...{
          pipeline: 'p.yml',
          host: 'release',
          taskFolders: ['a', 'b'],
          world: 'w',
          node: 'n',
          workFolder: 'd',
        },
        variables: { A: 'x=y', B: '', C: { value: 'c', secret: true } },
        json: true,
      },
    });
  });

  it('of serve name the quick start’s world by default', () => {
    const world = join(root, 'examples', 'quickstart', 'world.yml');
    assert.deepEqual(read('serve', '--json'), { command: 'serve', given: { world, json: true } });
  });

  it('may ask for help, which names every option', () => {
    for (const word of ['--help', '-h', 'help']) assert.deepEqual(read(word), { command: 'help' });
    const options = ['--world', '--host', '--tasks', '--node', '--work', '--variable', '--secret', '--json'];
    assert.deepEqual(
      options.filter((option) => !help.includes(option)),
      [],
    );
  });

  const faults: [words: string[], message: RegExp][] = [
    [[], /write run or serve/],
    [['walk'], /there is no command 'walk'; write run or serve/],
    [['run'], /run takes one pipeline file/],
    [['run', 'a.yml', 'b.yml'], /run takes one pipeline file/],
    [['run', 'a.yml', '--host', 'moon'], /--host is 'moon'; write build or release/],
    [['run', 'a.yml', '--nope'], /Unknown option '--nope'/],
    [['run', 'a.yml', '--variable', 'x'], /'x' sets no variable; write NAME=VALUE/],
    [['run', 'a.yml', '--secret', '=x'], /'=x' sets no variable/],
    [['serve', 'x'], /serve takes options only/],
  ];
  for (const [words, message] of faults) {
    it(`cannot be ${words.join(' ') || 'none'}`, () =>
      assert.throws(
        () => read(...words),
        (error: Error) => error.name === 'UsageFault' && message.test(error.message),
      ));
  }
});

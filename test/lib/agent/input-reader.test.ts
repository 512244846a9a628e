import assert from 'node:assert/strict';
import { listOf, readInputs } from '../../../lib/agent/index.ts';
import { DeliveryError } from '../../../lib/errors/index.ts';
import { agentOf } from './job-environment.ts';

const readerOf = (inputs: Record<string, string>) => readInputs(agentOf({ inputs }));

describe('inputs', () => {
  it('are read trimmed, and absent when empty', () => {
    const inputs = readerOf({ name: ' a b ', empty: '  ' });
    assert.equal(inputs.text('name'), 'a b');
    assert.equal(inputs.text('empty'), undefined);
    inputs.finish();
  });

  it('may be flags in any letter case, with a value of their own when empty', () => {
    const inputs = readerOf({ on: 'TRUE', off: 'False' });
    assert.deepEqual(
      [
        inputs.flag('on', false),
        inputs.flag('off', true),
        inputs.flag('absent', true),
        inputs.flag('absent', false),
      ],
      [true, false, true, false],
    );
    inputs.finish();
  });

  it('may be one of several choices', () => {
    const inputs = readerOf({ mode: 'b' });
    assert.equal(inputs.choice('mode', ['a', 'b'], 'a'), 'b');
    assert.equal(inputs.choice('absent', ['a', 'b'], 'a'), 'a');
    inputs.finish();
  });

  it('may be several of the choices, in the order of the choices', () => {
    const inputs = readerOf({ several: 'c, a\na', none: ' , ' });
    assert.deepEqual(inputs.choices('several', ['a', 'b', 'c'], ['b']), ['a', 'c']);
    assert.deepEqual(inputs.choices('none', ['a', 'b'], ['b']), ['b']);
    assert.deepEqual(inputs.choices('absent', ['a', 'b'], []), []);
    inputs.finish();
  });

  it('that name no choice are told each', () => {
    const inputs = readerOf({ several: 'a, x, A' });
    inputs.choices('several', ['a', 'b'], ['a']);
    assert.throws(
      () => inputs.finish(),
      ({ fault }: DeliveryError) =>
        /input several names "x": write any of a, b\./.test(fault.why ?? '') &&
        /names "A"/.test(fault.why ?? ''),
    );
  });

  it('with one fault name it in the sentence that the step ends with', () => {
    const inputs = readerOf({ flag: 'yes' });
    inputs.flag('flag', true);
    assert.throws(
      () => inputs.finish(),
      ({ code, fault }: DeliveryError) =>
        code === 'INPUT_INVALID' && fault.what.includes('input flag is "yes": write true or false.'),
    );
  });

  it('with several faults name all of them in one error', () => {
    const inputs = readerOf({ flag: 'yes', mode: 'c' });
    inputs.flag('flag', true);
    inputs.choice('mode', ['a', 'b'], 'a');
    inputs.fault('no region is named.');
    assert.throws(
      () => inputs.finish(),
      (error) => {
        assert(error instanceof DeliveryError);
        assert.equal(error.code, 'INPUT_INVALID');
        const text = `${error.fault.what}\n${error.fault.why}`;
        assert.match(text, /^3 settings/);
        for (const fault of [
          'input flag is "yes"',
          'input mode is "c": write one of a, b.',
          'no region is named.',
        ]) {
          assert(text.includes(fault), fault);
        }
        return true;
      },
    );
  });
});

describe('a list', () => {
  it('has items on lines or between commas', () => {
    assert.deepEqual(listOf(' a\r\n\n b ,c,, '), ['a', 'b', 'c']);
  });

  it('may have one separator only', () => {
    assert.deepEqual(listOf('a,b\nc', /\n/), ['a,b', 'c']);
  });

  it('is empty without a text', () => {
    assert.deepEqual(listOf(undefined), []);
    assert.deepEqual(listOf(' \n,'), []);
  });
});

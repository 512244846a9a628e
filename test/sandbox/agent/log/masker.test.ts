import assert from 'node:assert/strict';
import { SecretMasker } from '../../../../sandbox/agent/log/masker.ts';

function maskerOf(...secrets: string[]): SecretMasker {
  const masker = new SecretMasker();
  for (const secret of secrets) masker.add(secret);
  return masker;
}

describe('the secret masker', () => {
  it('masks every place of a secret, and counts them', () => {
    assert.deepEqual(maskerOf('abc').mask('abc abcabc ab'), { text: '*** *** ab', count: 2 });
  });

  it('leaves other text alone', () => {
    assert.deepEqual(maskerOf('abc').mask('ABC a.c'), { text: 'ABC a.c', count: 0 });
    assert.deepEqual(maskerOf().mask('anything'), { text: 'anything', count: 0 });
  });

  it('makes one mask of secrets that overlap or touch', () => {
    assert.equal(maskerOf('abcd', 'cdef').mask('xabcdefx').text, 'x***x');
    assert.equal(maskerOf('ab', 'cd').mask('abcd').text, '***');
    assert.equal(maskerOf('aa').mask('xaaax').text, 'x***x');
    assert.equal(maskerOf('long secret', 'secret').mask('a long secret here').text, 'a *** here');
  });

  it('masks the JSON, URI and backslash forms as well', () => {
    const masker = maskerOf('a"b/c d', 'x\\"y');
    assert.equal(masker.mask('{"k":"a\\"b/c d"}').text, '{"k":"***"}');
    assert.equal(masker.mask('?k=a%22b%2Fc%20d').text, '?k=***');
    assert.equal(masker.mask('x"y').text, '***');
  });

  it('masks each line of a secret that has several', () => {
    const masker = maskerOf('first line\nsecond line\r\n\r\nlast');
    assert.equal(masker.mask('the second line and the last').text, 'the *** and the ***');
  });

  it('knows no empty or blank secret', () => {
    assert.equal(maskerOf('', '   ', '\n').mask('a   b').text, 'a   b');
  });

  it('masks the forms in which tools print the secret variables that a job is given', () => {
    const masker = new SecretMasker();
    masker.addVariable('"p%w"');
    masker.addVariable(' q%w\n');
    assert.equal(masker.mask('quotes stripped: p%w').text, 'quotes stripped: ***');
    assert.equal(masker.mask('escaped: "p%AZP25w"').text, 'escaped: ***');
    assert.equal(masker.mask('escaped: q%w%0A').text, 'escaped:***');
    assert.equal(masker.mask('trimmed: <q%w>').text, 'trimmed: <***>');
    assert.equal(masker.mask(`base64: ${Buffer.from(' q%w\n').toString('base64')}`).text, 'base64: ***');
  });

  it('masks a password in any URL', () => {
    assert.equal(maskerOf().mask('to https://user:p%40ss@host/x').text, 'to https://user:***@host/x');
    assert.equal(maskerOf().mask('https://host:8080/a@b').count, 0);
  });

  it('can leave out secrets shorter than a length, six at most', () => {
    const masker = maskerOf('12345', '123456');
    masker.ignoreShorterThan(100);
    assert.equal(masker.mask('a12345b').count, 0);
    assert.equal(masker.mask('a123456b').text, 'a***b');
  });
});

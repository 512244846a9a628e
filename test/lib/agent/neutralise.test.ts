import assert from 'node:assert/strict';
import { neutralise } from '../../../lib/agent/neutralise.ts';

describe('text from outside', () => {
  const cases: Record<string, [text: string, neutral: string]> = {
    'is left alone when it is plain': ['Rôle 部署 ✅ #1 [a] # [b]\tc', 'Rôle 部署 ✅ #1 [a] # [b]\tc'],
    'keeps its line feeds': ['one\ntwo\n', 'one\ntwo\n'],
    'cannot begin a command': ['##vso[task.complete]', '# #vso[task.complete]'],
    'cannot begin a command inside a line': ['x ##vso[task.debug]y', 'x # #vso[task.debug]y'],
    'cannot begin a command in other letter case': ['##VsO[task.debug]', '# #VsO[task.debug]'],
    'cannot begin a format mark': ['##[error]no', '# #[error]no'],
    'cannot hide the prefix in a row of number signs': ['####vso[a.b]', '### #vso[a.b]'],
    'cannot nest one prefix in another': ['##vso[##vso[a.b]', '# #vso[# #vso[a.b]'],
    'keeps what only resembles a prefix': ['## vso[ #vso[ ##vs[ ##', '## vso[ #vso[ ##vs[ ##'],
    'cannot return the carriage': ['safe\rgone\r\nnext', 'safe\ngone\nnext'],
    'cannot break lines in other alphabets': ['a\u2028b\u2029c\u0085d', 'a\nb\nc\nd'],
    'cannot send escape sequences': ['\u001b[2K\u001b]8;;x\u0007\u009b31m', '�[2K�]8;;x��31m'],
    'cannot reverse the direction of reading': ['a\u202eb\u2066c\u200fd', 'a�b�c�d'],
    'cannot hide characters': ['a\u200bb\u00adc\ufeffd\u{e0041}e\u0000f', 'a�b�c�d�e�f'],
    'cannot split the prefix by what a culture ignores': ['#\u200d#vso[a.b]', '# �#vso[a.b]'],
    // Marks that are neither control nor format characters, and are ignored all the same.
    'cannot split the prefix by a variation selector': ['##v\ufe0fso[a.b]', '# #v\ufe0fso[a.b]'],
    'cannot split the prefix by a grapheme joiner': ['##vso\u034f[a.b]', '# #vso\u034f[a.b]'],
    'cannot split a mark by a variation selector of a higher plane': [
      '#\u{e0100}#[error]',
      '# \u{e0100}#[error]',
    ],
  };
  for (const [what, [text, neutral]] of Object.entries(cases)) {
    it(what, () => assert.equal(neutralise(text), neutral));
  }

  it('is read in time that grows with its length alone', () => {
    const started = performance.now();
    for (const text of ['#', '##', '##v', '#é', '##vso', '#\ufe0f'])
      neutralise(text.repeat(1_000_000 / text.length));
    assert(performance.now() - started < 1500);
  });
});

import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { bundleTask } from '../../scripts/bundle.ts';
import { withRepository } from './small-repository.ts';

describe('the door in front of a task', () => {
  it('lets Node.js 20 and later in', async () => {
    for (const version of ['20.0.0', '20.20.2', '24.18.0', '100.1.0']) {
      assert.deepEqual(await openDoor('main.js', version), { required: ['./task.js'], printed: [] }, version);
    }
    assert.deepEqual((await openDoor('post-job.js', '20.0.0')).required, ['./post-job-task.js']);
  });

  it('fails the step before anything loads on an older one, and says what to do', async () => {
    for (const version of ['6.17.1', '16.20.2', '19.9.0']) {
      const { required, printed } = await openDoor('main.js', version);
      assert.deepEqual(required, []);
      const [issue = '', result = ''] = printed;
      assert.match(
        issue,
        /^##vso\[task\.logissue type=error;code=NODE_TOO_OLD;\]NODE_TOO_OLD: Sample@1 needs Node\.js 20/,
      );
      assert(issue.includes(`ran it with Node.js ${version}. Update the agent`));
      assert.match(result, /^##vso\[task\.complete result=Failed;\]NODE_TOO_OLD/);
      assert.equal(printed.length, 2);
    }
  });

  it('holds nothing that an old Node.js cannot parse', async () => {
    const door = await builtDoor('main.js');
    assert.doesNotMatch(door, /=>|`|\b(?:let|const|class|async|import)\b|\?\.|\?\?|\.\.\./);
  });
});

function builtDoor(file: string): Promise<string> {
  return withRepository(
    { 'tasks/Sample/SampleV1/main.ts': '', 'tasks/Sample/SampleV1/post-job.ts': '' },
    async (small) => {
      const { files } = await bundleTask(small.task, small.root);
      return Buffer.from(files.get(file) ?? '').toString();
    },
  );
}

async function openDoor(file: string, version: string): Promise<{ required: string[]; printed: string[] }> {
  const required: string[] = [];
  const printed: string[] = [];
  runInNewContext(await builtDoor(file), {
    process: { versions: { node: version } },
    console: { log: (line: string) => printed.push(line) },
    require: (module: string) => required.push(module),
  });
  return { required, printed };
}

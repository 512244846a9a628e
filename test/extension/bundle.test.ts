import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTasks } from '../../scripts/build-tasks.ts';
import { bundleTask } from '../../scripts/bundle.ts';
import { withRepository } from './small-repository.ts';

const sources = {
  'tasks/Sample/SampleV1/main.ts': `import { greet } from 'greeter'; import { name } from '../../../lib/name.ts'; console.log(greet(name));`,
  'tasks/Sample/SampleV1/post-job.ts': 'console.log(1);',
  'tasks/Sample/SampleV1/credential-process.ts': 'console.log(2);',
  'tasks/Sample/SampleV1/icon.png': 'an icon',
  'tasks/Sample/SampleV1/Strings/resources.resjson/en-US/resources.resjson': '{}',
  'tasks/Sample/SampleV1/parts/inner.ts': 'export {};',
  'lib/name.ts': `export const name: string = 'World';`,
};

/** An npm package with an ES module beside its CommonJS one, and one it does not use. */
const packages = {
  'node_modules/greeter/package.json': JSON.stringify({
    name: 'greeter',
    version: '1.2.3',
    license: 'MIT',
    main: 'common.js',
    module: 'module.js',
    repository: { url: 'https://example.com/greeter.git' },
  }),
  'node_modules/greeter/common.js': `exports.greet = () => 'from CommonJS';`,
  'node_modules/greeter/module.js': `import { unused } from 'unused'; export const greet = (name) => 'Hello ' + name;`,
  'node_modules/greeter/LICENSE': 'Take it.\r\nUse it.\r\n',
  'node_modules/unused/package.json': JSON.stringify({
    name: 'unused',
    version: '1.0.0',
    license: 'MIT',
    sideEffects: false,
    module: 'module.js',
  }),
  'node_modules/unused/module.js': 'export const unused = 1;',
};

describe('building a task', () => {
  it('gives doors and bundles for its handlers, bundles for other programs, and the rest as it is', async () => {
    await withRepository({ ...sources, ...packages }, async ({ root, task }) => {
      const { files } = await bundleTask(task, root);
      assert.deepEqual(
        [...files.keys()],
        [
          'Strings/resources.resjson/en-US/resources.resjson',
          'credential-process.js',
          'icon.png',
          'main.js',
          'package.json',
          'post-job-task.js',
          'post-job.js',
          'task.js',
          'task.json',
        ],
      );
      const text = (path: string) => Buffer.from(files.get(path) ?? '').toString();
      assert.equal(text('icon.png'), 'an icon');
      assert.deepEqual(JSON.parse(text('package.json')), { type: 'commonjs' });
      assert.match(text('task.js'), /Hello /, 'the ES module, which can be tree-shaken');
      assert.doesNotMatch([...files.values()].map(String).join(), /sourceMappingURL/);
    });
  });

  it('fails by name when a handler has no source', async () => {
    const { 'tasks/Sample/SampleV1/main.ts': _, ...others } = sources;
    await withRepository(others, async ({ root, task }) => {
      await assert.rejects(
        bundleTask(task, root),
        /SampleV1\/task\.json starts main\.js, but there is no main\.ts/,
      );
    });
  });

  it('fails when a package is missing', async () => {
    await withRepository(sources, async ({ root, task }) => {
      await assert.rejects(bundleTask(task, root), /Could not resolve "greeter"/);
    });
  });

  it('fails when esbuild has a doubt', async () => {
    const doubtful = {
      ...sources,
      'tasks/Sample/SampleV1/main.ts': 'console.log(require.resolve("./nowhere"));',
    };
    await withRepository(doubtful, async ({ root, task }) => {
      await assert.rejects(bundleTask(task, root), /"\.\/nowhere" should be marked as external/);
    });
  });

  it('collects the licences of what is in the bundles, and of nothing else', async () => {
    await withRepository({ ...sources, ...packages }, async ({ root }) => {
      await buildTasks(root, join(root, 'dist'));
      const notices = await readFile(join(root, 'dist/ThirdPartyNotices.txt'), 'utf8');
      assert.match(notices, /\ngreeter 1\.2\.3 \(MIT\)\n-+\n\nTake it\.\nUse it\.\n$/);
      assert.doesNotMatch(notices, /unused/);
    });
  });

  it('fails when a bundled package comes without a licence', async () => {
    const { 'node_modules/greeter/LICENSE': _, ...unlicensed } = packages;
    await withRepository({ ...sources, ...unlicensed }, async ({ root }) => {
      await assert.rejects(
        buildTasks(root, join(root, 'dist')),
        /greeter 1\.2\.3 \(MIT\) is bundled, but comes without/,
      );
    });
  });

  it('takes the licence of a bundled sibling from the same repository, but of no other', async () => {
    const sibling = (url: string) => ({
      ...sources,
      ...packages,
      'tasks/Sample/SampleV1/post-job.ts': `import 'sibling';`,
      'node_modules/sibling/package.json': JSON.stringify({
        name: 'sibling',
        version: '4.5.6',
        license: 'MIT',
        main: 'index.js',
        repository: { url },
      }),
      'node_modules/sibling/index.js': 'console.log(3);',
    });
    await withRepository(sibling('https://example.com/greeter.git'), async ({ root }) => {
      await buildTasks(root, join(root, 'dist'));
      const notices = await readFile(join(root, 'dist/ThirdPartyNotices.txt'), 'utf8');
      assert.match(notices, /\ngreeter 1\.2\.3 \(MIT\)\nsibling 4\.5\.6 \(MIT\)\n-+\n\nTake it\./);
    });
    await withRepository(sibling('https://example.com/other.git'), async ({ root }) => {
      await assert.rejects(buildTasks(root, join(root, 'dist')), /sibling 4\.5\.6 \(MIT\) is bundled/);
    });
  });

  it('leaves right files alone, mends wrong ones and removes what no task has any more', async () => {
    await withRepository({ ...sources, ...packages }, async ({ root }) => {
      const out = await mkdtemp(join(tmpdir(), 'built '));
      try {
        const built = join(out, 'tasks/Sample/SampleV1');
        await buildTasks(root, out);
        const [before, bytes] = [
          await stat(join(built, 'task.js')),
          await readFile(join(built, 'post-job.js')),
        ];
        await writeFile(join(built, 'post-job.js'), 'old');
        await writeFile(join(built, 'old.js'), 'old');
        await buildTasks(root, out);
        assert.equal((await stat(join(built, 'task.js'))).mtimeMs, before.mtimeMs);
        assert(bytes.equals(await readFile(join(built, 'post-job.js'))));
        assert(!(await readdir(built)).includes('old.js'));
      } finally {
        await rm(out, { recursive: true, force: true });
      }
    });
  });
});

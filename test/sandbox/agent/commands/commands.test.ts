import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { productionId } from '../../contoso.ts';
import { localRuns, outputOf } from '../local-runs.ts';

const reference = 'Please reference documentation (http://go.microsoft.com/fwlink/?LinkId=817296)';

/** A bash step that prints lines, each as it is. */
const printing = (...lines: string[]): string =>
  `- bash: |\n    cat <<'LINES'\n${lines.map((line) => `    ${line}\n`).join('')}    LINES\n`;

describe('logging commands', () => {
  const { suite, run } = localRuns();

  /** What a step said that printed these lines, and how it ended. */
  async function said(lines: string[], options: Parameters<typeof run>[1] = {}) {
    const { step, job } = await run(printing(...lines), options);
    const { issues, result, commands } = step('Bash');
    return { issues: issues.map(({ type, message }) => `${type}: ${message}`), result, commands, job };
  }

  it('are obeyed anywhere in a line, on both streams, and not printed', async () => {
    const { step } = await run(
      '- bash: |\n    echo "now ##vso[task.logissue type=warning]one"\n    echo "##vso[task.logissue type=warning]two" >&2\n    echo three\n',
    );
    assert.deepEqual(
      step('Bash')
        .issues.map(({ message }) => message)
        .sort(),
      ['one', 'two'],
    );
    assert.deepEqual(
      outputOf(step('Bash')).filter((line) => !line.startsWith('##[warning]')),
      ['three'],
    );
  });

  it('are recorded with what they ask', async () => {
    const { commands } = await said([
      '##vso[task.setvariable variable=a;isOutput=true]b%3Bc',
      '##vso[task.logissue type=odd]x',
    ]);
    assert.deepEqual(commands, [
      {
        area: 'task',
        event: 'setvariable',
        properties: { variable: 'a', isoutput: 'true' },
        data: 'b;c',
        outcome: 'done',
      },
      { area: 'task', event: 'logissue', properties: { type: 'odd' }, data: 'x', outcome: 'refused' },
    ]);
  });

  it('that cannot be read are printed, with a warning', async () => {
    const { issues, result } = await said(['##vso[task.debug']);
    assert.deepEqual(issues, [
      "warning: '##vso[task.debug' contains logging command keyword '##vso', but it's not a legal command. Please see " +
        'the list of accepted commands: https://go.microsoft.com/fwlink/?LinkId=817296',
    ]);
    assert.equal(result, 'Succeeded');
  });

  it('of an unknown area are a warning, of an unknown name a failure', async () => {
    const { issues, result } = await said(['##vso[foo.bar]x', '##vso[task.constructor]x']);
    assert.deepEqual(issues, [
      `warning: Cannot find command extension for ##vso[foo.command]. ${reference}`,
      `error: Unable to process command '##vso[task.constructor]x' successfully. ${reference}`,
      `error: ##vso[task.constructor] is not a recognized command for task command extension. ${reference}.`,
    ]);
    assert.equal(result, 'Failed');
  });

  it('for releases fail in a build, and are printed', async () => {
    const { step } = await run(printing('##vso[release.updatereleasename]x'));
    assert.deepEqual(step('Bash').issues, [
      { type: 'error', message: `release commands are not supported for Build flow. ${reference}` },
    ]);
    assert.ok(outputOf(step('Bash')).includes('##vso[release.updatereleasename]x'));
    assert.equal(step('Bash').result, 'Failed');
  });

  describe('that fail their step, each with the agent’s words:', () => {
    const missing =
      'Cannot upload task attachment file, attachment file location is not specified or attachment file does not exist on disk.';
    const detail = '##vso[task.logdetail';
    const id = 'id=1a2b3c4d-0000-4000-8000-000000000001';
    const failures: [line: string, message: string][] = [
      [
        '##vso[task.setvariable]x',
        "Required field 'variable' is missing in ##vso[task.setvariable] command.",
      ],
      [
        '##vso[task.settaskvariable]x',
        "Required field 'variable' is missing in ##vso[task.settaskvariable] command.",
      ],
      ['##vso[task.setvariable variable=a;issecret=true]one%0Atwo', 'Secrets cannot contain multiple lines'],
      [
        '##vso[task.settaskvariable variable=a;issecret=true]one%0Atwo',
        'Secrets cannot contain multiple lines',
      ],
      [
        '##vso[task.setvariable variable=Build.SourcesDirectory]/tmp',
        "Overwriting readonly variable 'Build.SourcesDirectory' is not permitted. See https://github.com/microsoft/azure-pipelines-yaml/blob/master/design/readonly-variables.md for details.",
      ],
      ['##vso[task.complete result=failed]', "Command doesn't have valid result value."],
      ['##vso[task.complete]', "Command doesn't have valid result value."],
      ['##vso[task.logissue type=fatal]x', 'issue type fatal is not an expected issue type.'],
      ['##vso[task.prependpath]', "Value cannot be null. (Parameter 'prependpath')"],
      ['##vso[task.addattachment name=n]/tmp', "Can't add task attachment, attachment type is not provided."],
      ['##vso[task.addattachment type=t]/tmp', "Can't add task attachment, attachment name is not provided."],
      ['##vso[task.addattachment type=t;name=n]', missing],
      ['##vso[task.addattachment type=t;name=n]/does/not/exist', missing],
      ['##vso[task.addattachment type=t;name=n]/tmp', missing],
      ['##vso[task.uploadsummary]', 'Cannot upload summary file, summary file location is not specified.'],
      ['##vso[task.uploadfile]', 'Cannot upload file because file location is not specified.'],
      [
        '##vso[results.publish type=JUnit]x',
        'test results are kept by the service; the local agent cannot publish them',
      ],
      ['##vso[build.addbuildtag] ', 'Build tag is required.'],
      ['##vso[build.updatebuildnumber]', 'Build number is required.'],
      ['##vso[build.uploadlog]/none', "Log file path is not provided or file doesn't exist: '/none'"],
      ['##vso[build.uploadsummary]', "Markdown summary file path is not provided or file doesn't exist: ''"],
      ['##vso[artifact.upload]/tmp', 'Artifact Name is required.'],
      ['##vso[artifact.upload artifactname=a]', 'Artifact location is required.'],
      ['##vso[artifact.upload artifactname=a]/none', 'Path does not exist: /none'],
      ['##vso[task.setendpoint field=url]', 'Enter a valid value for setendpoint.'],
      ['##vso[task.setendpoint]x', "Required field 'field' is missing in ##vso[task.setendpoint] command."],
      [
        '##vso[task.setendpoint field=url]x',
        "Required field 'id' is missing in ##vso[task.setendpoint] command.",
      ],
      ['##vso[task.setendpoint field=url;id=x]x', 'Invalid endpoint id.'],
      [
        `##vso[task.setendpoint field=url;id=${productionId}]https://x`,
        `Service connection with id '${productionId}' is not declared in the pipeline job and therefore can't be referenced in task.setendpoint commands.`,
      ],
      [`${detail}]x`, "Can't update timeline record, timeline record id is not provided."],
      [`${detail} ${id};type=t]x`, 'Name is required for this new timeline record.'],
      [`${detail} ${id};name=n]x`, 'Type is required for this new timeline record.'],
      [
        `${detail} ${id};name=n;type=t;parentid=1a2b3c4d-0000-4000-8000-000000000002]x`,
        'Parent timeline record has not been created for this new timeline record.',
      ],
    ];
    for (const [line, message] of failures) {
      it(line, async () => {
        const { issues, result } = await said([line]);
        assert.deepEqual(issues, [
          `error: Unable to process command '${line}' successfully. ${reference}`,
          `error: ${message}`,
        ]);
        assert.equal(result, 'Failed');
      });
    }
  });

  it('about builds fail in a release that has none, and those about releases work', async () => {
    const { issues, result, job } = await said(
      [
        '##vso[build.addbuildtag]x',
        '##vso[artifact.upload artifactname=a]/tmp',
        '##vso[release.updatereleasename]R-2',
      ],
      { host: 'release' },
    );
    const messages = issues.filter((issue) => !issue.includes('Unable to process'));
    assert.deepEqual(messages, Array(2).fill("error: Value cannot be null. (Parameter 'buildId')"));
    assert.deepEqual([result, job.runName], ['Failed', 'R-2']);
  });

  it('tag and number a build', async () => {
    const { job } = await run(
      printing(
        '##vso[build.addbuildtag]a ',
        '##vso[build.addbuildtag]b',
        '##vso[build.addbuildtag]a',
        '##vso[build.updatebuildnumber]1.2',
      ),
    );
    assert.deepEqual([job.buildTags, job.runName], [['a', 'b'], '1.2']);
  });

  it('report issues, about a line of source as compilers do', async () => {
    const { issues, result } = await said([
      '##vso[task.logissue type=error]bad',
      '##vso[task.issue type=Warning;sourcepath=a.ts;linenumber=3;columnnumber=4;code=X1]odd',
      '##vso[task.logissue]no type',
    ]);
    assert.deepEqual(issues, [
      'error: bad',
      'warning: a.ts(3,4): warning X1: odd',
      "warning: Can't create TaskIssue from logging event.",
    ]);
    assert.equal(result, 'Succeeded', 'an issue alone fails nothing');
  });

  it('show debug lines where System.Debug asks for them, and then say what was processed', async () => {
    const lines = printing('##vso[task.debug]looking', '##vso[task.setvariable variable=a]b');
    const quiet = await run(lines);
    assert.ok(!quiet.printed.some((line) => line.startsWith('##[debug]')));
    const loud = await run(`variables: { system.debug: true }\nsteps:\n${lines}`);
    assert.ok(loud.printed.includes('##[debug]looking'));
    assert.ok(loud.printed.includes('##[debug]Processed: ##vso[task.setvariable variable=a]b'));
  });

  it('leave %AZP25 alone where the job says so', async () => {
    const step = `${printing('##vso[task.setvariable variable=a]50%AZP25')}- bash: echo "$A"\n`;
    assert.deepEqual(outputOf((await run(step)).step('Bash2')), ['50%']);
    const kept = await run(`variables: { DECODE_PERCENTS: false }\nsteps:\n${step}`);
    assert.deepEqual(outputOf(kept.step('Bash2')), ['50%AZP25']);
  });

  it('keep timeline records of their own', async () => {
    const parent = 'id=1a2b3c4d-0000-4000-8000-000000000001';
    const child = 'id=1a2b3c4d-0000-4000-8000-000000000002;parentid=1a2b3c4d-0000-4000-8000-000000000001';
    const { issues, result } = await said([
      `##vso[task.logdetail ${parent};name=p;type=build]new`,
      `##vso[task.logdetail ${child};name=c;type=build]new`,
      `##vso[task.logdetail ${child};progress=50]half`,
      '##vso[task.setprogress value=90]nearly',
    ]);
    assert.deepEqual([issues, result], [[], 'Succeeded']);
  });

  it('change a connection for the steps after them', async () => {
    const out = join(suite.folder, 'settings.json');
    const settings = `- task: Settings@1\n  inputs: { out: ${out}, connection: aws-production }\n`;
    const lines = [
      `##vso[task.setendpoint id=${productionId};field=dataParameter;key=region]eu-central-1`,
      `##vso[task.setendpoint id=${productionId};field=authParameter;key=token]brand-new`,
      `##vso[task.setendpoint id=${productionId};field=url]https://changed.example/`,
      'brand-new',
    ];
    const { step } = await run(`${settings}${printing(...lines)}${settings}`);
    assert.deepEqual(outputOf(step('Bash')), ['***']);
    const { environment } = JSON.parse(await readFile(out, 'utf8')) as {
      environment: Record<string, string>;
    };
    assert.equal(environment[`ENDPOINT_URL_${productionId}`], 'https://changed.example/');
    assert.equal(environment[`ENDPOINT_DATA_${productionId}_REGION`], 'eu-central-1');
    assert.equal(environment[`ENDPOINT_AUTH_PARAMETER_${productionId}_TOKEN`], 'brand-new');
  });

  it('cannot change the system’s own connection', async () => {
    const nil = '00000000-0000-0000-0000-000000000000';
    const { issues, result } = await said([`##vso[task.setendpoint id=${nil};field=url]https://x`]);
    assert.deepEqual(issues, [
      "warning: Modification of system endpoint 'SystemVssConnection' is not allowed via setendpoint command.",
    ]);
    assert.equal(result, 'Succeeded');
  });

  describe('of a restricted task', () => {
    const code = (...lines: string[]) =>
      `- task: Restricted@1\n  name: r\n  inputs:\n    code: |\n${lines.map((line) => `      console.log(${JSON.stringify(line)});\n`).join('')}`;

    it('are obeyed where they are harmless, refused with a warning where not', async () => {
      const { step, result } = await run(
        code(
          '##vso[task.logissue type=warning]may',
          '##vso[task.setsecret]hidden',
          '##vso[task.setprogress value=1]',
          '##vso[task.settaskvariable variable=v]x',
          '##vso[task.addattachment type=t;name=n]/etc/hostname',
          '##vso[task.uploadsummary]/etc/hostname',
          '##vso[task.uploadfile]/etc/hostname',
          '##vso[task.setendpoint field=url]x',
          '##vso[build.addbuildtag]t',
          '##vso[artifact.upload artifactname=a]/etc',
        ),
      );
      const refused = [
        ...['task.addattachment', 'task.uploadsummary', 'task.uploadfile', 'task.setendpoint'],
        ...['build.addbuildtag', 'artifact.upload'],
      ];
      assert.deepEqual(
        step('r').issues.map(({ message }) => message),
        [
          'may',
          ...refused.map(
            (name) => `##vso[${name}] is not allowed in this step due to policy restrictions. ${reference}`,
          ),
        ],
      );
      assert.equal(result, 'Succeeded');
      assert.deepEqual(
        step('r').commands.map(({ event, outcome }) => `${event} ${outcome}`),
        [
          ...[
            'logissue done',
            'setsecret done',
            'setprogress done',
            'settaskvariable done',
            'addattachment refused',
          ],
          ...[
            'uploadsummary refused',
            'uploadfile refused',
            'setendpoint refused',
            'addbuildtag refused',
            'upload refused',
          ],
        ],
      );
    });

    it('set only what is listed, outputs and PATH among it; the rest is gone, and a secret still masked', async () => {
      const { step, job } = await run(
        `${code(
          '##vso[task.setvariable variable=listed]1',
          '##vso[task.setvariable variable=unlisted]2',
          '##vso[task.setvariable variable=aws_region]3',
          '##vso[task.setvariable variable=token;issecret=true]s3cr3t',
          '##vso[task.setvariable variable=other;isoutput=true]4',
          '##vso[task.prependpath]/nowhere',
          's3cr3t',
        )}- bash: echo "$AWS_REGION [$UNLISTED$TOKEN$R_OTHER$R_UNLISTED] $R_LISTED $PATH"\n`,
        { environment: { PATH: '/usr/bin:/bin' } },
      );
      assert.deepEqual(
        step('r').issues.map(({ message }) => message),
        ['unlisted', 'token', 'other', 'PATH'].map(
          (name) => `Setting variable '${name}' has been disabled by the task or build definition.`,
        ),
      );
      assert.deepEqual(outputOf(step('Bash')), ['3 [] 1 /usr/bin:/bin']);
      assert.deepEqual(job.outputs, { 'r.listed': '1' });
      assert.equal(step('r').log.at(-2), '***');
    });
  });

  it('of a step can be restricted by the pipeline, too', async () => {
    const { step } = await run(
      `${printing('##vso[build.addbuildtag]t', '##vso[task.setvariable variable=a]1', '##vso[task.setvariable variable=b]2')}  target:\n    commands: restricted\n    settableVariables: [a]\n- bash: echo "$A$B"\n`,
    );
    assert.equal(step('Bash').issues.length, 2);
    assert.deepEqual(outputOf(step('Bash2')), ['1']);
  });
});

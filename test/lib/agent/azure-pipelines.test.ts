import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { azurePipelinesAgent } from '../../../lib/agent/azure-pipelines.ts';
import type { Agent } from '../../../lib/agent/index.ts';
import { readAsAgent } from './agent-parser.ts';
import { agentOf, type Job, jobEnvironment } from './job-environment.ts';

type TaskLibrary = typeof import('azure-pipelines-task-lib/task.js');

const id = '6c9a4a70-58d7-4ae8-a3a1-2a1d6b9c9e01';

const job: Job = {
  inputs: { region: '  eu-west-1\n', 'role Arn': 'arn', empty: '', blank: '  ' },
  variables: { 'System.HostType': 'release', 'My.Plain Name': 'plain', empty: '' },
  secrets: { 'Agent.ProxyPassword': 's3cret', 'shared.name': 'the secret one' },
  taskVariables: { profileName: 'deployer' },
  connections: {
    [id]: {
      scheme: 'None',
      data: { roleArn: ' arn:aws:iam::111122223333:role/deployer ', region: '' },
      parameters: { 'Access Token': 'x', externalId: '42 ' },
    },
  },
};

const environment = { ...jobEnvironment(job), SHARED_NAME: "the machine's own" };

describe("the agent's contract", () => {
  let folder: string;
  let library: TaskLibrary;
  /** The environment that Microsoft's library was loaded in and has emptied of what is confidential. */
  const itsEnvironment: Record<string, string> = { ...environment, AGENT_VERSION: '4.260.0' };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    itsEnvironment.AGENT_TEMPDIRECTORY = folder;
    inTaskLibrary(() => {
      library = createRequire(import.meta.url)('azure-pipelines-task-lib/task.js');
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs something with the library's own environment and gives back what it printed. */
  function inTaskLibrary(work: () => void): string {
    const { env } = process;
    const { write } = process.stdout;
    const printed: string[] = [];
    process.env = itsEnvironment;
    process.stdout.write = (text) => printed.push(String(text)) > 0;
    try {
      work();
      return printed.join('');
    } finally {
      process.env = env;
      process.stdout.write = write;
    }
  }

  const readings: Record<
    string,
    [ours: (agent: Agent) => unknown, theirs: (library: TaskLibrary) => unknown, value: unknown]
  > = {
    'an input': [(a) => a.input('region'), (l) => l.getInput('region')?.trim(), 'eu-west-1'],
    'an input with a space in its name': [(a) => a.input('role Arn'), (l) => l.getInput('role Arn'), 'arn'],
    'an empty input': [(a) => a.input('empty'), (l) => l.getInput('empty'), undefined],
    'an absent input': [(a) => a.input('absent'), (l) => l.getInput('absent'), undefined],
    'a variable': [(a) => a.variable('my.plain name'), (l) => l.getVariable('My.Plain Name'), 'plain'],
    'a secret variable': [
      (a) => a.variable('Agent.ProxyPassword'),
      (l) => l.getVariable('Agent.ProxyPassword'),
      's3cret',
    ],
    'a secret variable whose name the machine uses too': [
      (a) => a.variable('shared.name'),
      (l) => l.getVariable('shared.name'),
      'the secret one',
    ],
    'an absent variable': [(a) => a.variable('absent'), (l) => l.getVariable('absent'), undefined],
    'a variable of the task': [
      (a) => a.taskVariable('profileName'),
      (l) => l.getTaskVariable('profileName'),
      'deployer',
    ],
    "a connection's scheme": [
      (a) => a.endpoint(id).scheme,
      (l) => l.getEndpointAuthorizationScheme(id, true),
      'None',
    ],
    "a connection's field": [
      (a) => a.endpoint(id).data('roleArn'),
      (l) => l.getEndpointDataParameter(id, 'roleArn', true)?.trim(),
      'arn:aws:iam::111122223333:role/deployer',
    ],
    "a connection's absent field": [
      (a) => a.endpoint(id).data('absent'),
      (l) => l.getEndpointDataParameter(id, 'absent', true),
      undefined,
    ],
    'a field of its authorization': [
      (a) => a.endpoint(id).parameter('externalId'),
      (l) => l.getEndpointAuthorizationParameter(id, 'externalId', true)?.trim(),
      '42',
    ],
    'an absent connection': [
      (a) => a.endpoint('other').scheme,
      (l) => l.getEndpointAuthorizationScheme('other', true),
      undefined,
    ],
  };
  for (const [what, [ours, theirs, value]] of Object.entries(readings)) {
    it(`reads ${what} as Microsoft's library does`, () => {
      assert.equal(ours(azurePipelinesAgent({ ...environment }, () => {})), value);
      inTaskLibrary(() => assert.equal(theirs(library) || undefined, value));
    });
  }

  const awkward = 'a]b;c=d%AZP25 e%0Af\r\ng ##vso[task.debug]h';
  const sayings: Record<string, [ours: (agent: Agent) => void, theirs: (library: TaskLibrary) => void]> = {
    'sets a variable': [(a) => a.setVariable('NAME', awkward), (l) => l.setVariable('NAME', awkward)],
    'sets an output': [
      (a) => a.setOutput('name', awkward),
      (l) => l.setVariable('name', awkward, false, true),
    ],
    'sets a variable of the task': [
      (a) => a.setTaskVariable('name', awkward),
      (l) => l.setTaskVariable('name', awkward),
    ],
    'attaches a file': [
      (a) => a.attach('type', awkward, '/a b/c'),
      (l) => l.addAttachment('type', awkward, '/a b/c'),
    ],
    'uploads a summary': [(a) => a.uploadSummary(awkward), (l) => l.uploadSummary(awkward)],
    'masks a secret': [(a) => a.maskSecret('s3cret-with-%25;]'), (l) => l.setSecret('s3cret-with-%25;]')],
    'ends the step': [
      (a) => a.complete('Failed', awkward),
      (l) => l.command('task.complete', { result: 'Failed' }, awkward),
    ],
  };
  for (const [what, [ours, theirs]] of Object.entries(sayings)) {
    it(`${what} by the command that Microsoft's library prints`, () => {
      const lines: string[] = [];
      ours(azurePipelinesAgent(jobEnvironment(job), (line) => lines.push(line)));
      const theirCommands = readAsAgent(inTaskLibrary(() => theirs(library))).commands.filter(
        ({ name }) => name !== 'task.debug',
      );
      const withoutDefaults = theirCommands.map(({ properties, ...rest }) => ({
        ...rest,
        properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== 'false')),
      }));
      const { commands } = readAsAgent(lines.join('\n'));
      assert.equal(withoutDefaults.length, 1);
      assert.deepEqual(commands[0], withoutDefaults[0]);
    });
  }

  it('masks every form of a secret, and nothing else', () => {
    const lines: string[] = [];
    azurePipelinesAgent({}, (line) => lines.push(line)).maskSecret('pa ss/wörd?');
    const { commands, plain, marked } = readAsAgent(lines.join('\n'));
    assert.deepEqual([...plain, ...marked], []);
    assert(commands.every(({ name }) => name === 'task.setsecret'));
    const masked = commands.map(({ data }) => data);
    assert(masked.includes('pa ss/wörd?'));
    assert(masked.includes(encodeURIComponent('pa ss/wörd?')));
    assert(masked.includes(Buffer.from('pa ss/wörd?').toString('base64')));
  });

  it('takes what is confidential out of the environment, and leaves the rest', () => {
    const given = jobEnvironment(job);
    azurePipelinesAgent(given, () => {});
    assert.deepEqual(
      Object.keys(given).sort(),
      [
        `ENDPOINT_DATA_${id}_REGION`,
        `ENDPOINT_DATA_${id}_ROLEARN`,
        'EMPTY',
        'MY_PLAIN_NAME',
        'SYSTEM_HOSTTYPE',
        'VSTS_PUBLIC_VARIABLES',
        'VSTS_SECRET_VARIABLES',
      ].sort(),
    );
  });

  it('knows its host: a build unless it says release', () => {
    const hostType = (value: string) => agentOf({ variables: { 'System.HostType': value } }).hostType;
    assert.deepEqual(['release', 'build', 'deployment', ''].map(hostType), [
      'release',
      'build',
      'build',
      'build',
    ]);
  });

  it('knows its temp folder', () => {
    assert.equal(
      agentOf({ variables: { 'Agent.TempDirectory': '/agent/_temp' } }).tempFolder,
      '/agent/_temp',
    );
  });

  it("marks issues as the task's own", () => {
    const agent = azurePipelinesAgent({ COMMAND_CORRELATION_ID: 'abc' }, () => {});
    assert.deepEqual(agent.issueProperties, { source: 'TaskInternal', correlationId: 'abc' });
  });
});

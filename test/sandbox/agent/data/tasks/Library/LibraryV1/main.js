// Reads everything a task reads through Microsoft's own task library.
const task = require('azure-pipelines-task-lib/task');

task.assertAgent('2.115.0');
const connection = task.getInput('connection', true);
task.setVariable(
  'said',
  JSON.stringify({
    url: task.getEndpointUrl(connection, false),
    scheme: task.getEndpointAuthorizationScheme(connection, false),
    authorization: task.getEndpointAuthorization(connection, false),
    user: task.getEndpointAuthorizationParameter(connection, 'username', false),
    region: task.getEndpointDataParameter(connection, 'region', false),
    plain: task.getVariable('some.plain'),
    secret: task.getVariable('some.secret') === 'hush-hush',
    names: task.getVariables().filter(({ secret }) => secret).map(({ name }) => name),
    token: task.getEndpointAuthorizationParameter('SystemVssConnection', 'AccessToken', false).length > 100,
    proxy: task.getHttpProxyConfiguration().proxyUrl,
    bypassed: task.getHttpProxyConfiguration('https://localhost/x'),
    ca: task.getHttpCertConfiguration().caFile,
    seen: ['INPUT_CONNECTION', 'SECRET_SOME_SECRET'].filter((name) => name in process.env),
  }),
);
task.setVariable('next', 'semi;colon]and%percent\nline', false);
task.setSecret('made-up-secret');
console.log('made-up-secret');
task.setResult(task.TaskResult.SucceededWithIssues, 'done; [with] issues');

import { writeSession } from '../../../../lib/identity/renewal/session-cache.ts';

// Writes sessions of different lengths over each other: `session-writer.mjs FILE TIMES`.
const [, , file = '', times] = process.argv;
for (let time = 0; time < Number(times); time++) {
  const credentials = {
    accessKeyId: 'ASIA',
    secretAccessKey: 'secret',
    sessionToken: 'x'.repeat((time % 7) * 20_000),
    expiration: new Date('2099-01-01T00:00:00Z'),
  };
  writeSession(file, credentials, new Date());
}

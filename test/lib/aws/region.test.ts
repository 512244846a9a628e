import assert from 'node:assert/strict';
import { isRegionName, partitionOf } from '../../../lib/aws/index.ts';
import { regions } from './regions.ts';

describe('a region', () => {
  for (const [partition, names] of Object.entries(regions)) {
    it(`of the partition ${partition} is known as such`, () => {
      for (const name of names) {
        assert(isRegionName(name), name);
        assert.equal(partitionOf(name), partition, name);
      }
    });
  }

  it('that is new belongs to the partition of its kind', () => {
    assert.equal(partitionOf('eu-west-9'), 'aws');
    assert.equal(partitionOf('cn-south-1'), 'aws-cn');
  });

  const wrong = [
    '',
    'Ireland',
    'eu-west',
    'EU-WEST-1',
    'eu-west-1a',
    'eu_west_1',
    ' eu-west-1',
    'eu-west-1.evil.example',
    'eu-west-1/',
    'aws-global',
  ];
  for (const name of wrong) {
    it(`is not ${JSON.stringify(name)}`, () => assert(!isRegionName(name)));
  }
});

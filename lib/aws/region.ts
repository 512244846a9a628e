import { partition } from '@aws-sdk/core/client';

const regionName = /^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/;

/** Whether a text has the form of a region's code, such as `eu-central-1`. */
export function isRegionName(text: string): boolean {
  return regionName.test(text);
}

/** The partition (`aws`, `aws-cn`, …) a region belongs to, by the SDK's own table. */
export function partitionOf(region: string): string {
  return partition(region).name;
}

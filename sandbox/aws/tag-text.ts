/** Characters of session tags (https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html). */
export const tagText = {
  key: { expression: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
  value: { expression: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, shown: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
} as const;

// Names keep their places when other tokens are taken out from between them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onlyNames } from '../../src/semanticTokens';

const TYPES = ['keyword', 'class', 'string', 'event'];

test('what is left stands where it stood', () => {
  // train fit = xgboost("1.7-1") {
  //   in
  // train x
  const data = [0, 0, 5, 0, 0, 0, 6, 3, 3, 1, 0, 6, 7, 1, 2, 0, 8, 7, 2, 0, 1, 2, 2, 0, 0, 1, 0, 5, 0, 0, 0, 6, 1, 3, 1];
  assert.deepEqual([...onlyNames(Uint32Array.from(data), TYPES)], [0, 6, 3, 3, 1, 0, 6, 7, 1, 2, 2, 6, 1, 3, 1]);
});

test('nothing but names is kept as it is, and nothing gives nothing', () => {
  const data = [0, 6, 3, 3, 1, 2, 2, 2, 1, 0];
  assert.deepEqual([...onlyNames(Uint32Array.from(data), TYPES)], data);
  assert.deepEqual([...onlyNames(Uint32Array.from([]), TYPES)], []);
});

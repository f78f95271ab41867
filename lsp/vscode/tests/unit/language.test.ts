// What the language configuration says about brackets, new lines and indentation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const configuration = JSON.parse(readFileSync('language-configuration.json', 'utf8'));
const pattern = (of: string | { pattern: string; flags?: string }) => (typeof of === 'string' ? new RegExp(of) : new RegExp(of.pattern, of.flags));

function onEnter(before: string, after = ''): { indent: string; appendText?: string } | undefined {
  return configuration.onEnterRules.find(
    (rule: { beforeText: { pattern: string }; afterText?: { pattern: string } }) =>
      pattern(rule.beforeText).test(before) && (!rule.afterText || pattern(rule.afterText).test(after)),
  )?.action;
}

test('a doc comment goes on on the next line, until a line of it is empty', () => {
  assert.equal(onEnter('  /// Prepares the data.')?.appendText, '/// ');
  assert.equal(onEnter('/// Prepares', ' the data.')?.appendText, '/// ');
  assert.equal(onEnter('  /// ')?.appendText, undefined);
  assert.equal(onEnter('  // plain'), undefined);
  assert.equal(onEnter('  // plain', ' text')?.appendText, '// ');
});

test('a block opens between its braces', () => {
  assert.equal(onEnter('workflow a {', '}')?.indent, 'indentOutdent');
  assert.equal(onEnter('let a = {%', ' %}'), undefined);
});

test('lines after an opening are indented, closings are not', () => {
  const { increaseIndentPattern, decreaseIndentPattern } = configuration.indentationRules;
  for (const line of ['workflow a {', '  Inputs = [', '  in { // what it reads', '  f(', '  run pipeline if a == b {', '  } else {']) {
    assert.match(line, pattern(increaseIndentPattern), line);
  }
  for (const line of ['  in { a }', '// like this: {', '  a = [1, 2]', '  a = f(b)', '  text = "{"']) {
    assert.doesNotMatch(line, pattern(increaseIndentPattern), line);
  }
  for (const line of ['}', '  ]', '  } else {', '  )']) assert.match(line, pattern(decreaseIndentPattern), line);
});

test('a word is a name, or a number with its unit', () => {
  const word = new RegExp(configuration.wordPattern.pattern, `${configuration.wordPattern.flags}g`);
  assert.deepEqual('train größe = 30GB + 2.5h, x_1 20%'.match(word), ['train', 'größe', '30GB', '2.5h', 'x_1', '20%']);
});

import fc from 'fast-check';

/** What people who mean harm put into a title or a chat line. */
const HOSTILE = [
  ...['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '![x](http://evil.example/x.png)'],
  ...['[x](javascript:alert(1))', 'http://evil.example', 'www.evil.example', 'me@evil.example'],
  ...['| a | b |', '\n# head', '`code`', '~~~', '&lt;b&gt;', '&#60;b&#62;'],
  ...['\u001b[2J', '\u001b]8;;http://evil.example\u0007x\u001b]8;;\u0007', '\u001b]52;c;ZXZpbA==\u0007'],
  ...['\u001b[8m', '\u001b[31;8m', '\u009b31m', '\u0090q\u009c', '\u0007', '\r', '\b\b\b', '\u007f'],
  ...['\u202e', '\u2066', '\u200f', '\u061c', '\u2028', '\u2029', '\u0085', '\ud800', '\u0000', '\ufeff', '👩‍👩‍👧'],
  ...['{"level":"error"}', '"', '\\', '//user:pass@', '@', '\u0301'.repeat(40), '\u{e0041}'],
];

/** These, and anything at all, in any order. */
export const hostileText = fc
  .array(
    fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ maxLength: 20 })),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
